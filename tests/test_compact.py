"""Frames in few bytes: the same answers as in the file, and rows copied without a change."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import compact
from analysis.compact import compact_frame, copy_rows, write_array

NUMBERS, TEXTS = ("q1", "q2", "slider", "whole"), ("region", "age")


def _frame(rows: int = 500) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "respondent_id": [f"r{number}" for number in range(rows)],
            "q1": rng.choice([1.0, 5.0, np.nan], rows),
            "region": rng.choice(["south", "north", None], rows),
            "slider": rng.uniform(0, 1, rows),
            "q2": pd.array(rng.integers(1, 8, rows), "Int64"),
            "weight": rng.uniform(0.5, 2, rows),
            "age": rng.choice(["60+", "18-29"], rows),
            "whole": rng.integers(0, 2**25, rows).astype(float),
            "submitted_at": pd.Timestamp("2025-10-01 10:00") + pd.to_timedelta(rng.integers(0, 9999, rows), "s"),
        }
    )


def test_answers_are_those_of_the_file_in_few_bytes(tmp_path: Path) -> None:
    frame = _frame()
    frame.to_parquet(tmp_path / "t.parquet", index=False)
    names = [name for name in frame if name != "submitted_at"]
    found = compact_frame(tmp_path / "t.parquet", names, numbers=NUMBERS, texts=TEXTS)
    assert set(found) == set(names)
    assert [str(found[name].dtype) for name in ("q1", "q2", "slider", "whole")] == ["float32"] * 2 + ["float64"] * 2
    for name in NUMBERS:
        np.testing.assert_array_equal(found[name].to_numpy(float), frame[name].to_numpy(float, na_value=np.nan))
    assert found["region"].cat.categories.tolist() == ["north", "south"]
    for name in ("respondent_id", "weight", "region", "age"):
        assert found[name].astype(object).where(found[name].notna(), None).tolist() == (
            frame[name].astype(object).where(frame[name].notna(), None).tolist()
        )


def test_marked_rows_are_copied_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame, source, target = _frame(), tmp_path / "s.parquet", tmp_path / "t.parquet"
    frame.to_parquet(source, index=False)
    marked = np.random.default_rng(2).random(len(frame)) < 0.3
    marked[100:300] = False
    monkeypatch.setattr(compact, "ROWS", 100)
    copy_rows(source, target, marked)
    pd.testing.assert_frame_equal(pd.read_parquet(target), pd.read_parquet(source)[marked].reset_index(drop=True))
    copy_rows(source, target, np.zeros(len(frame), dtype=bool))
    pd.testing.assert_frame_equal(pd.read_parquet(target), pd.read_parquet(source)[:0])


def test_a_row_of_answers_takes_four_bytes_an_item(tmp_path: Path) -> None:
    rows, items = 40_000, [f"i{number}" for number in range(40)]
    answers: Any = np.random.default_rng(3).integers(1, 6, (rows, 40)).astype(float)
    pd.DataFrame(answers, columns=items).to_parquet(tmp_path / "t.parquet", index=False)
    tracemalloc.start()
    found = compact_frame(tmp_path / "t.parquet", items, numbers=items, texts=())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.shape == (rows, 40)
    assert peak < rows * (40 * 4 + 40)


def test_an_array_is_written_as_numpy_saves_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compact, "ARRAY_ROWS", 7)
    for array in (np.random.default_rng(1).random((30, 4)).astype(np.float32), np.zeros((0, 3))):
        write_array(tmp_path / "a.npy", array)
        np.save(tmp_path / "b.npy", array, allow_pickle=False)
        assert (tmp_path / "a.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()
