"""A Parquet file in batches: what it must hold, and that no row is lost or moved between them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.data import parquet
from analysis.data.parquet import ParquetTable
from analysis.errors import SourceError


@pytest.fixture
def table(tmp_path: Path) -> ParquetTable:
    frame = pd.DataFrame({"q1": np.arange(10), "q2": np.arange(10) / 2, "kind": list("ababababab")})
    frame.to_parquet(tmp_path / "answers.parquet")
    return ParquetTable(tmp_path / "answers.parquet")


@pytest.mark.parametrize("rows", [1, 3, 10, 99])
def test_batches_are_the_rows_in_their_order_whatever_their_size(
    table: ParquetTable, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(parquet, "_ROWS", rows)
    batches = list(table.batches(["q2", "q1"]))
    assert max(batch.num_rows for batch in batches) <= rows
    assert [value for batch in batches for value in batch.column("q1").to_pylist()] == list(range(10))
    assert batches[0].schema.names == ["q2", "q1"]


def test_a_file_that_holds_what_is_asked_passes(table: ParquetTable) -> None:
    table.check(["q1", "kind"], numeric=["q1", "q2"])


def test_an_absent_column_is_named_with_the_nearest_one(table: ParquetTable) -> None:
    with pytest.raises(SourceError, match=r"no kid[\s\S]*kind"):
        table.check(["q1", "kid"], numeric=[])


def test_text_where_numbers_should_be_is_refused(table: ParquetTable) -> None:
    with pytest.raises(SourceError, match="not numeric"):
        table.check(["kind"], numeric=["kind"])


def test_what_is_no_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "answers.parquet").write_text("q1\n1\n", encoding="utf-8")
    with pytest.raises(SourceError, match="can't be read"):
        ParquetTable(tmp_path / "answers.parquet").check(["q1"], numeric=[])
    with pytest.raises(SourceError, match="can't be read"):
        ParquetTable(tmp_path / "none.parquet").check(["q1"], numeric=[])
