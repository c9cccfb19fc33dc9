"""Texts into values: every kind, its edges, and the reason of each refusal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.data.columns import Field
from analysis.data.values import Missing, as_number, convert, missing_codes

SCORE = Field("score", "number", low=1, high=5, answer=True)


def _typed(
    texts: list[str], field: Field, *, values: dict[str, str] | None = None, missing: Missing | None = None
) -> tuple[list[Any], list[str]]:
    codes = missing or missing_codes(())
    found = convert(pd.Series(texts, dtype="str"), field=field, values=values or {}, missing=codes)
    reasons = [""] * len(texts) if found.reasons is None else list(found.reasons)
    return found.typed.tolist(), reasons


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", 3.0),
        (" -2.5 ", -2.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("４", 4.0),  # full width
        ("\u22121", -1.0),  # a minus sign instead of a hyphen
        ("nan", None),
        ("inf", None),
        ("1,5", None),
        ("", None),
        ("1e9999", None),
    ],
)
def test_a_number_is_what_is_written_as_one(text: str, number: float | None) -> None:
    assert as_number(text) == number


def test_missing_codes_are_told_apart_into_texts_and_numbers() -> None:
    codes = missing_codes(["99", "不清楚", "-1"])
    assert codes.numbers == {99.0, -1.0}
    assert codes.texts == {"", "#null!", "不清楚"}


def test_a_numeric_missing_code_hides_no_genuine_number() -> None:
    """99 is no answer on a scale of five, but may be somebody's age."""
    codes = missing_codes(["99"])
    age = Field("age", "number", low=0, high=120)
    assert np.isnan(_typed(["99"], SCORE, missing=codes)[0][0])
    assert _typed(["99", "99.0"], age, missing=codes) == ([99.0, 99.0], ["", ""])
    small = Field("age", "number", low=0, high=90)
    assert np.isnan(_typed(["99"], small, missing=codes)[0][0])


def test_numbers_outside_their_range_say_which_one() -> None:
    values, reasons = _typed(["1", "5", "0", "6", "x"], SCORE)
    assert values[:2] == [1.0, 5.0]
    assert np.isnan(values[2:]).all()
    assert reasons == ["", "", "is outside 1 to 5", "is outside 1 to 5", "is not a number or a known label"]


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        (Field("w", "number", low=0, above=True), "0", "is not above 0"),
        (Field("w", "number", low=0), "-1", "is below 0"),
        (Field("w", "number", high=9), "10", "is above 9"),
        (Field("w", "number", whole=True), "2.5", "is not a whole number"),
        (Field("w", "number", filled=True), "", "has no value"),
        (Field("w", "category", categories=("a", "b")), "c", "is not one of a, b"),
        (Field("w", "category", pattern=r"\d\.\d", expected="a code such as 1.1"), "11", "is not a code such as 1.1"),
    ],
)
def test_every_refusal_has_its_reason(field: Field, text: str, reason: str) -> None:
    assert _typed([text], field)[1] == [reason]


def test_edges_of_a_range_belong_to_it_unless_it_is_open() -> None:
    assert _typed(["0"], Field("w", "number", low=0))[0] == [0.0]
    assert _typed(["0.001"], Field("w", "number", low=0, above=True))[0] == [0.001]


def test_a_reverse_item_is_recoded_after_its_range_was_checked() -> None:
    item = Field("q", "number", low=1, high=5, reverse_sum=6)
    values, reasons = _typed(["1", "5", "6"], item)
    assert values[:2] == [5.0, 1.0]
    assert reasons[2] == "is outside 1 to 5"


def test_categories_are_known_by_code_by_label_and_by_whole_number() -> None:
    field = Field("kind", "category", categories=("1", "bank"), labels={"银行": "bank", "one": "1"})
    assert _typed(["1", "1.0", "bank", "银行", "ONE"], field)[0] == ["1", "1", "bank", "bank", "1"]


def test_a_category_that_looks_like_a_missing_value_stays_one() -> None:
    assert _typed(["NA", "None", "02"], Field("kind", "category"))[0] == ["NA", "None", "02"]


def test_a_mapped_answer_is_judged_as_what_it_is_mapped_to() -> None:
    values, reasons = _typed(["good", "2.0", "bad"], SCORE, values={"good": "5", "2": "1", "bad": "9"})
    assert values[:2] == [5.0, 1.0]
    assert reasons == ["", "", "is outside 1 to 5"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("123", 123), ("2分3秒", 123), ("0:02:03", 123), ("1 h 1 min", 3660), ("1小时", 3600), ("3.5s", 3.5)],
)
def test_durations_are_seconds(text: str, seconds: float) -> None:
    assert _typed([text], Field("d", "duration"))[0] == [seconds]


def test_a_column_tells_day_and_month_apart_or_none_of_its_dates_is_read() -> None:
    field = Field("at", "datetime")
    clear, _ = _typed(["31/10/2025", "01/02/2025"], field)
    assert clear == [pd.Timestamp("2025-10-31"), pd.Timestamp("2025-02-01")]
    american, _ = _typed(["10/31/2025", "01/02/2025"], field)
    assert american == [pd.Timestamp("2025-10-31"), pd.Timestamp("2025-01-02")]
    unclear, reasons = _typed(["01/02/2025", "03/04/2025"], field)
    assert pd.isna(unclear).all()
    assert all("can't be told apart" in reason for reason in reasons)


def test_the_clock_of_the_place_counts() -> None:
    values, _ = _typed(["2025-10-31T14:05:00+08:00", "2025年10月31日 14:05", "20251031"], Field("at", "datetime"))
    assert values == [pd.Timestamp("2025-10-31 14:05"), pd.Timestamp("2025-10-31 14:05"), pd.Timestamp("2025-10-31")]


@pytest.mark.parametrize("text", ["2025-02-30", "1899-12-31", "2101-01-01", "2025-13-01", "yesterday"])
def test_days_that_are_none_are_refused(text: str) -> None:
    values, reasons = _typed([text], Field("at", "datetime"))
    assert pd.isna(values[0])
    assert reasons[0].startswith("is not a date")


def test_texts_keep_their_inside_and_lose_their_edges() -> None:
    values, reasons = _typed([" a  b ", "无", ""], Field("t", "text", filled=True), missing=missing_codes(["无"]))
    assert values[0] == "a  b"
    assert pd.isna(values[1:]).all()
    assert reasons == ["", "has no value", "has no value"]
