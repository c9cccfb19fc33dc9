"""Small files on which the intake once went wrong, as they lie outside the project; made-up twins stand elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.errors import SourceError


def _question(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "name": {"zh": key, "en": key}, "question": {"zh": key, "en": key}, **more}


def _asked(scale: int, **more: Any) -> dict[str, Any]:
    def item(key: str) -> dict[str, Any]:
        return {"key": key, "zh": key, "en": key}

    text, ends = {"zh": "t", "en": "t"}, {"min": 1, "max": scale}
    parts = [
        {"key": f"c{key}", "role": role, "name": text, "items": [item(key)]}
        for key, role in (("q1", "dimension"), ("q2", "satisfaction"))
    ]
    instrument = {"scale": ends, "constructs": parts, "profile": [], "attention": None, "open": []} | more
    return {"instrument": instrument, "index": {"csat": {"construct": "cq2", "satisfied_from": 4}}}


@pytest.fixture
def cases(shared: Path) -> Path:
    folder = shared / "cases" / "intake"
    if not folder.is_dir():
        pytest.skip("the cases are not on this machine")
    return folder


def _load(survey: Any, path: Path, **options: Any) -> pd.DataFrame:
    frame: pd.DataFrame = survey.load(path.read_bytes(), **options).frame
    return frame


def test_joined_answers_are_a_question_of_several_choices(survey: Any, cases: Path) -> None:
    sections = _asked(5, multiple=[_question("g", options=["A", "B", "C"])])
    frame = _load(survey, cases / "multi.csv", sections=sections)
    assert len(frame) == 90
    assert frame[["g.A", "g.B", "g.C"]].sum().tolist() == [60, 60, 30]


def test_the_mark_of_a_missing_value_is_none(survey: Any, cases: Path) -> None:
    frame = _load(survey, cases / "nullmark.csv", sections=_asked(5, profile=[_question("g")]))
    assert (len(frame), int(frame["q1"].isna().sum())) == (60, 20)


def test_labels_at_the_ends_of_a_scale_are_scores(survey: Any, cases: Path) -> None:
    frame = _load(survey, cases / "label.csv", sections=_asked(9, profile=[_question("g")]))
    assert (len(frame), frame["q1"].min(), frame["q1"].max()) == (90, 1, 9)


def test_korean_asks_for_its_encoding_and_is_read_with_it(survey: Any, cases: Path) -> None:
    sections = _asked(5, profile=[_question("g")])
    with pytest.raises(SourceError, match="encoding: cp949"):
        _load(survey, cases / "cp949.csv", sections=sections)
    assert set(_load(survey, cases / "cp949.csv", sections=sections, encoding="cp949")["g"]) == {"남", "여"}


def test_the_month_comes_first_where_a_column_shows_it(survey: Any, cases: Path) -> None:
    frame = _load(survey, cases / "fb.csv", table="feedback")
    assert frame["received_at"].dt.strftime("%Y-%m-%d").tolist() == ["2023-03-22", "2023-12-01"]
