"""A table that passed disclosure is written again only where its content, or what stands there, is another."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis.pipeline.release import _written
from analysis.results import Store


def test_a_table_that_stands_is_left_alone_and_one_that_was_touched_is_not(tmp_path: Path) -> None:
    store, table = Store(tmp_path), pd.DataFrame({"n": [1, 2], "name": ["a", None]})
    noted = _written(store, "scores", table, None)
    told = tmp_path / "tables" / "scores.csv"
    before, text = told.stat().st_ino, told.read_text(encoding="utf-8")
    assert _written(store, "scores", table.copy(), noted) == noted
    assert told.stat().st_ino == before
    told.write_text("other\n", encoding="utf-8")
    assert _written(store, "scores", table, noted) == noted
    assert told.read_text(encoding="utf-8") == text
    told.unlink()
    assert _written(store, "scores", table, noted) == noted
    assert told.read_text(encoding="utf-8") == text
    other = _written(store, "scores", table.assign(n=[1, 3]), noted)
    assert other != noted
    assert pd.read_csv(told)["n"].tolist() == [1, 3]
    assert _written(store, "scores", table.astype({"n": float}), noted)[0] not in {noted[0], other[0]}
