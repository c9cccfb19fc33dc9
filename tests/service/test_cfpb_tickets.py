"""Complaints of a public register go through the clocks by params alone: two dates, a channel, no texts, no classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.edition import load_edition
from analysis.edition.sections.service import Service
from analysis.edition.sections.text import TextReading
from analysis.errors import MethodError
from analysis.project import ROOT
from analysis.service.tickets import measure_tickets
from analysis.text.analysis import analyse_texts

ROWS = "Date received,Submitted via,Date sent,Narrative\n" + "".join(
    f"2023-02-{day:02d},{'Web' if day % 3 else 'Phone'},2023-02-{min(day + day % 4, 28):02d},\n" for day in range(1, 28)
)
COLUMNS = {"received_at": "Date received", "channel": "Submitted via", "first_response_at": "Date sent"}


def _through(frame: pd.DataFrame, expected: int) -> None:
    edition = load_edition(ROOT / "params" / "2025.yml")
    found = measure_tickets(frame, standards=edition.standards, service=Service())
    whole = found.shares[found.shares["category"] == ""].set_index("clock")
    assert 0 < whole.loc["first_response_at", "n"] <= expected
    assert 0 < whole.loc["first_response_at", "on_time"] < 1
    assert found.classes.empty
    assert set(found.shares["question"]) == {"", "channel"}
    options: dict[str, Any] = {"dictionary": edition.dictionary, "rules": TextReading(), "constructs": []}
    with pytest.raises(MethodError, match="no row holds a text"):
        analyse_texts(frame, columns=["text"], ids="ticket_id", **options)


def test_a_register_without_texts_is_timed(survey: Any) -> None:
    columns = {**COLUMNS, "text": "Narrative"}
    _through(survey.load(ROWS, table="feedback", columns=columns).frame, 27)


def test_the_real_register_is_timed(survey: Any, shared: Path) -> None:
    path = shared / "data" / "cfpb" / "cfpb_sample_1000.csv"
    if not path.exists():
        pytest.skip("the register is not on this machine")
    columns = {**COLUMNS, "first_response_at": "Date sent to company", "text": "Consumer complaint narrative"}
    frame = survey.load(path.read_text(encoding="utf-8"), table="feedback", columns=columns).frame
    assert len(frame) >= 990
    _through(frame.assign(text=None), 1000)
