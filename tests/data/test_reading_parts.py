"""Dates, columns, filters and routing by themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.data.columns import Contract, Field
from analysis.data.dates import read_dates
from analysis.data.filtering import filter_rows
from analysis.data.picking import pick_columns, shown_names
from analysis.data.rawtable import RawTable
from analysis.data.routing import mark_not_asked
from analysis.edition.instrument import NOT_ASKED, Instrument
from analysis.edition.sections.data import Filter, TableSource
from analysis.errors import ContractError, SourceError

CONTRACT = Contract("responses", (Field("age", "number"), Field("region", "id")), unique=())


def _raw(columns: Mapping[str, list[str]] | list[tuple[str, list[str]]]) -> RawTable:
    named = list(columns.items()) if isinstance(columns, Mapping) else columns
    frame = pd.DataFrame({place: pd.Series(cells, dtype="str") for place, (_, cells) in enumerate(named)})
    return RawTable(Path("a.csv"), tuple(name for name, _ in named), frame, np.arange(2, 2 + len(frame)), 0)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-03-02 14:05", "2026-03-02 14:05"),
        ("20260302", "2026-03-02"),
        ("2026年3月2日 下午2:05", "2026-03-02 14:05"),
        ("22-Mar-2026", "2026-03-22"),
        ("3/22/2026 2:05 PM", "2026-03-22 14:05"),
        ("22/3/2026", "2026-03-22"),
        ("46083", "2026-03-02"),
    ],
)
def test_a_date_is_read_however_it_is_written(written: str, read: str) -> None:
    found, reasons = read_dates([written])
    assert (found[0], reasons[0]) == (pd.Timestamp(read), "")


def test_an_order_that_a_column_does_not_show_is_asked_for() -> None:
    found, reasons = read_dates(["01/02/23", "03/04/23"])
    assert found.isna().all()
    assert all(reasons)
    assert read_dates(["01/02/23"], order="day_first")[0][0] == pd.Timestamp("2023-02-01")
    assert read_dates(["01/02/23", "01/22/23"])[0][0] == pd.Timestamp("2023-01-02")


def test_a_text_that_is_no_date_is_told() -> None:
    found, reasons = read_dates(["2026-02-30", "soon", "2026-03-02"])
    assert found.isna().tolist() == [True, True, False]
    assert [bool(reason) for reason in reasons] == [True, True, False]


def test_columns_are_those_of_the_params_then_those_of_our_names() -> None:
    raw = _raw({"Alter": ["30"], "region": ["n"], "x": [""]})
    assert pick_columns(raw, TableSource(path="a.csv", columns={"age": "Alter"}), CONTRACT) == {"age": 0, "region": 1}
    assert pick_columns(raw, TableSource(path="a.csv", columns={"age": 1}), CONTRACT)["age"] == 0
    with pytest.raises(ContractError, match="no column 'Altre'"):
        pick_columns(raw, TableSource(path="a.csv", columns={"age": "Altre"}), CONTRACT)
    with pytest.raises(SourceError):
        pick_columns(_raw([("age", ["1"]), ("age", ["2"])]), TableSource(path="a.csv"), CONTRACT)
    assert shown_names([f"q{number}" for number in range(40)]).endswith("(40 columns)")


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        (Filter(column="age", min=18, max=64), [0, 2]),
        (Filter(column=2, drop=("n",)), [1, 2]),
        (Filter(column="region", keep=("n", "s")), [0, 1]),
    ],
)
def test_a_filter_keeps_a_range_or_a_list(rule: Filter, kept: list[int]) -> None:
    raw = _raw({"age": ["30", "70", "18"], "region": ["n", "s", ""]})
    source = TableSource(path="a.csv", filters=(rule,))
    left = filter_rows(raw, source=source, contract=CONTRACT, columns={"age": 0, "region": 1}, values={})
    assert (left.rows - 2).tolist() == kept


def test_a_filter_that_leaves_nobody_is_an_error() -> None:
    source = TableSource(path="a.csv", filters=(Filter(column="age", min=100),))
    with pytest.raises(ContractError, match="leave none of the 1 rows"):
        filter_rows(_raw({"age": ["30"]}), source=source, contract=CONTRACT, columns={"age": 0}, values={})


def test_a_question_that_was_skipped_is_not_one_that_was_refused(build_instrument: Callable[..., Instrument]) -> None:
    instrument = build_instrument({"speed": ["s1", "s2"]})
    texts = pd.DataFrame({0: ["-77", "", "4"], 1: ["5", "-77", ""]}, dtype="str")
    frame = pd.DataFrame({"s1": [np.nan, np.nan, 4.0], "s2": [5.0, np.nan, np.nan]})
    marked = mark_not_asked(frame, texts, instrument=instrument, columns={"s1": 0, "s2": 1}, codes=["-77"])
    assert marked[NOT_ASKED].tolist() == ["s1", "s2", ""]
    assert NOT_ASKED not in mark_not_asked(frame, texts, instrument=instrument, columns={"s1": 0, "s2": 1}, codes=[])
