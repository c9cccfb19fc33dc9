"""Rows that break their contract are kept whole, each with every reason, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.data.columns import Contract, Field
from analysis.data.quarantine import Judged, check_refused, judge_rows, raw_titles
from analysis.data.rawtable import RawTable
from analysis.data.values import missing_codes
from analysis.errors import ContractError

FIELDS = (
    Field("id", "id", filled=True),
    Field("kind", "category", categories=("a", "b")),
    Field("score", "number", low=1, high=5),
    Field("opened", "datetime"),
    Field("closed", "datetime"),
)
CONTRACT = Contract("cases", FIELDS, unique=("id",), in_order=(("opened", "closed"),))


def _judge(*rows: tuple[str, ...], contract: Contract = CONTRACT, names: tuple[str, ...] = ()) -> Judged:
    names = names or tuple(field.name for field in contract.fields)
    frame = pd.DataFrame(rows, columns=pd.RangeIndex(len(names)), dtype="str")
    raw = RawTable(Path("cases.csv"), names, frame, np.arange(2, 2 + len(rows)), 0)
    columns = {field.name: position for position, field in enumerate(contract.fields)}
    return judge_rows(raw, contract=contract, columns=columns, values={}, missing=missing_codes(()))


GOOD = ("1", "a", "3", "2025-01-01", "2025-01-02")


def test_a_row_in_order_is_typed_and_nothing_is_set_aside() -> None:
    judged = _judge(GOOD)
    assert judged.frame.loc[0, "score"] == 3.0
    assert judged.frame.loc[0, "closed"] == pd.Timestamp("2025-01-02")
    assert judged.quarantine.empty


def test_a_row_keeps_every_reason_and_its_raw_cells() -> None:
    judged = _judge(GOOD, ("2", "c", "9", "", ""))
    assert judged.frame["id"].tolist() == ["1"]
    told = judged.quarantine.iloc[0]
    assert (told["row"], told["column"], told["value"]) == (3, "kind; score", "c; 9")
    assert told["reason"] == "kind is not one of a, b; score is outside 1 to 5"
    assert (told["kind"], told["score"]) == ("c", "9")


def test_the_first_row_of_a_key_stays_unless_it_is_faulty_itself() -> None:
    judged = _judge(("1", "c", "3", "", ""), ("1", "a", "2", "", ""), ("1", "b", "4", "", ""))
    assert judged.frame["score"].tolist() == [2.0]
    assert judged.quarantine["reason"].tolist() == ["kind is not one of a, b", "id is used before, in row 3"]


def test_an_end_without_a_clock_may_lie_on_the_day_of_its_start_but_not_before() -> None:
    judged = _judge(
        ("1", "a", "3", "2025-01-01 10:00", "2025-01-01"),
        ("2", "a", "3", "2025-01-01 10:00", "2025-01-01 09:59"),
        ("3", "a", "3", "2025-01-02", "2025-01-01"),
    )
    assert judged.frame["id"].tolist() == ["1"]
    assert judged.quarantine["reason"].tolist() == ["closed is before opened"] * 2


def test_categories_may_depend_on_another_column() -> None:
    inner = {"a": Field("step", "category", categories=("x",)), "b": Field("step", "category", categories=("y",))}
    outer = Field("kind", "category", categories=("a", "b"))
    fields = (outer, Field("step", "category", depends_on="kind", within=inner))
    judged = _judge(("a", "x"), ("b", "x"), ("b", "y"), contract=Contract("log", fields, unique=()))
    assert judged.frame["step"].tolist() == ["x", "y"]
    assert judged.quarantine["row"].tolist() == [3]


def test_titles_of_raw_columns_are_never_ours_nor_twice_the_same() -> None:
    assert raw_titles(("row", "", "q1", "q1", "x")) == ["row [1]", "column [2]", "q1 [3]", "q1 [4]", "x"]


def test_a_table_without_one_good_row_is_an_error_that_counts_its_faults() -> None:
    with pytest.raises(ContractError, match=r"Not one of the 2 rows[\s\S]*score is outside 1 to 5 \(2 rows"):
        check_refused(Path("cases.csv"), CONTRACT, _judge(("1", "a", "9", "", ""), ("2", "a", "8", "", "")), most=1.0)
