"""The language of derived columns: what it understands, what it refuses and where, and what an expression comes to."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.data.expressions import Column, Evaluation
from analysis.edition.expressions import Name, names_in, parse
from analysis.errors import ContractError

DAYS = np.array(["2025-03-01T08:30", "1999-12-31T23:00", "NaT", "2024-02-29T00:00"], dtype="datetime64[us]")
COLUMNS = {
    "a": Column("number", np.array([1.0, 2.0, np.nan, 4.0])),
    "b": Column("number", np.array([4.0, np.nan, np.nan, 0.0])),
    "region": Column("text", np.array(["N", "south", None, "n"], dtype=object)),
    "edu": Column("text", np.array(["1", "2", "3", None], dtype=object)),
    "q.app": Column("number", np.array([1.0, 0.0, np.nan, 1.0])),
    "7、期望 值": Column("number", np.array([5.0, 5.0, 5.0, 5.0])),
    "day": Column("day", DAYS),
}


def _found(text: str) -> Column:
    def column(node: Name) -> Column:
        return COLUMNS[node.name]

    return Evaluation(rows=4, column=column, where="derive.x").of(parse(text))


def _values(text: str) -> list[Any]:
    return [None if pd.isna(value) else value for value in _found(text).cells.tolist()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + 2 * 3 - b / 2", [5, None, None, 10]),
        ("-(a - b)", [3, None, None, -4]),
        ("- - a", [1, 2, None, 4]),
        ("a / b", [0.25, None, None, None]),
        ("`7、期望 值` - a", [4, 3, None, 1]),
        ("sum(a, b)", [5, None, None, 4]),
        ("sum(a, b, at_least=1)", [5, 2, None, 4]),
        ("mean(a, b, 3, at_least=2)", [8 / 3, 2.5, None, 7 / 3]),
        ("min(a, b, at_least = 1)", [1, 2, None, 0]),
        ("max(a, b)", [4, None, None, 4]),
        ("count(a == 1, b == 4, missing(b))", [2, 1, 1, 0]),
        ("abs(a - b)", [3, None, None, 4]),
        ("round(a / 8, 2)", [0.13, 0.25, None, 0.5]),
        ("round(-2.5)", [-3, -3, -3, -3]),
        ("sqrt(a)", [1, 2**0.5, None, 2]),
        ("log(b)", [np.log(4), None, None, None]),
        ("missing(a) or answered(b)", [1, 0, 1, 1]),
        ("1 < a <= 4", [0, 1, None, 1]),
        ("a = 1", [1, 0, None, 0]),
        ("a <> 1", [0, 1, None, 1]),
        ("a ≥ 2 and b == 0", [0, None, None, 1]),
        ("a == 1 or b == 9", [1, None, None, 0]),
        ("not a == 1", [0, 1, None, 1]),
        ("q.app", [1, 0, None, 1]),
        ("region == 'n'", [1, 0, None, 1]),
        ("region in ('N', “South”)", [1, 1, None, 1]),
        ("region not in ('N')", [0, 1, None, 0]),
        ("edu in (1, 2)", [1, 1, 0, None]),
        ("edu >= 2", [0, 1, 1, None]),
        ("number(region)", [None, None, None, None]),
        ("year(day)", [2025, 1999, None, 2024]),
        ("month(day) + weekday(day) + hour(day)", [3 + 6 + 8, 12 + 5 + 23, None, 2 + 4 + 0]),
        ("day >= '2024-01-01'", [1, 0, None, 1]),
        ("if(a < 2, 10, a < 3, 20)", [10, 20, None, None]),
        ("if(a < 2, 'low', 'high')", ["low", "high", None, "high"]),
        ("if(q.app, a, NA)", [1, None, None, 4]),
        ("if(missing(a), 'none', a > 2, 'many', 'few')", ["few", "few", "none", "many"]),
        ("recode(region, 'N', 'north', 'other')", ["north", "other", None, "north"]),
        ("recode(region, ('N', 'S'), 'north')", ["north", "south", None, "north"]),
        ("recode(edu, (1, 2), 0, 3, 1)", ["0", "0", "1", None]),
        ("left(region, 1)", ["N", "s", None, "n"]),
        ("contains(region, 'OUT')", [0, 1, None, 0]),
        ("text(a)", ["1", "2", None, "4"]),
        ("if（a＜2，1，0）", [1, 0, None, 0]),
    ],
)
def test_expressions_come_to_what_they_say_and_heed_what_is_missing(text: str, expected: list[Any]) -> None:
    assert _values(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a +", r"character 4: the end where a column, a number, a text in quotes or `\(` should stand"),
        ("a b", r"character 3: 'b' where an operator or the end"),
        ("(a", r"character 3: the end where `\)`"),
        ("a & b", r"character 3: '& b' can't be read"),
        ("a + 'x", r"character 5: \"'x\" can't be read"),
        ("avg(a)", r"character 1: there is no function 'avg'"),
        ("maen(a)", r"no function 'maen'; did you mean 'mean'"),
        ("round(a, 1, 2)", r"character 1: round\(…\) takes 1 to 2 values and has 3"),
        ("if(a)", r"if\(…\) takes 2 or more values and has 1"),
        ("mean(a, at_least=x)", r"character 18: 'x' where a whole number"),
        ("(a, b)", r"several values in brackets stand only behind `in`"),
        ("12abc", r"character 1: '12abc' can't be read"),
        ("a.__class__()", r"there is no function 'a.__class__'"),
        ("column(a)", r"the name of a column in quotes, or its position"),
        ("(" * 200 + "a" + ")" * 200, r"60 inside one another"),
        ("a" * 5000, r"4000 characters; it has 5000"),
        ("", r"character 1: the end where a column"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_place(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a + region", r"(?s)The value 'region' is a text where a number.*derive.x, character 5.*such as 'N'"),
        ("if(a, 1, 2)", r"(?s)The condition is a number and not true or false.*character 4"),
        ("year(a)", r"(?s)year\(…\) takes a day.*character 6.*a number"),
        ("day == 5", r"(?s)A day is compared with something else.*character 5"),
        ("mean(a, b, at_least=3)", r"(?s)at_least is not among.*1 to 2"),
        ("if(a < 2, day, 5)", r"(?s)different kinds"),
        ("left(region, 'x')", r"(?s)how many characters"),
    ],
)
def test_what_has_no_value_is_told_by_its_place(text: str, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        _found(text)


def test_a_column_of_the_file_may_be_named_apart_from_ours() -> None:
    assert parse("column(8)") == Name("8", 1, of_file=True)
    assert parse('column("Q 8")') == Name("Q 8", 1, of_file=True)
    assert list(names_in(parse("a + if(b > 1, `c d`, column('e'))"))) == ["a", "b", "c d"]


def test_numbers_are_written_to_twelve_digits_and_days_as_days() -> None:
    assert _found("0.1 + 0.2 + a - a").texts.tolist() == ["0.3", "0.3", "", "0.3"]
    assert _found("a * 1000000").texts.tolist()[1] == "2000000"
    assert _found("day").texts.tolist()[0] == str(dt.datetime(2025, 3, 1, 8, 30))
    assert _found("a > 1").texts.tolist() == ["0", "1", "", "1"]


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab12 .,()+-*/<>=\"'`_[]{}:;@\\\n漢", max_size=30))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    with contextlib.suppress(ValueError):
        parse(text)
