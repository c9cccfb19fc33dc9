"""Clocks of tickets by hand, the planted shares of simulated ones, and tables at the edge."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from analysis.data.simulation.planted import load_planted
from analysis.data.simulation.service import draw_feedback
from analysis.data.simulation.texts import load_texts
from analysis.edition import load_edition
from analysis.edition.sections.service import Service
from analysis.errors import MethodError
from analysis.project import ROOT
from analysis.service.tickets import measure_tickets

EDITION = load_edition(ROOT / "params" / "2025.yml")
SERVICE = Service(as_of=dt.date(2025, 3, 16))
MOMENTS = ["received_at", "first_response_at", "handled_at", "closed_at"]


def _tickets(*rows: tuple[str, str | None, str | None, str | None, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=[*MOMENTS, "channel"])
    for name in MOMENTS:
        frame[name] = pd.to_datetime(frame[name])
    return frame


SMALL = _tickets(
    ("2025-03-03 10:00", "2025-03-04 10:00", "2025-03-05 10:00", "2025-03-07 10:00", "phone"),
    ("2025-03-04 10:00", "2025-03-05 10:01", "2025-03-06 10:00", "2025-03-12 10:00", "phone"),
    ("2025-03-10 10:00", None, None, None, "mail"),  # missed on both clocks
    ("2025-03-15 10:00", "2025-03-15 11:00", None, None, "mail"),  # the second limit has not passed
    ("2025-03-16 20:00", None, None, None, "mail"),  # none has
)


def test_a_few_tickets_by_hand() -> None:
    found = measure_tickets(SMALL, standards=EDITION.standards, service=SERVICE)
    shares = found.shares.set_index(["clock", "category"])
    assert shares.loc[("first_response_at", ""), ["n", "on_time"]].tolist() == [4, 0.5]
    assert shares.loc[("handled_at", ""), ["n", "on_time"]].tolist() == pytest.approx([3, 2 / 3])
    assert shares.loc[("first_response_at", "mail"), ["on_time", "others"]].tolist() == [0.5, 0.5]
    assert found.closing.iloc[0][["n", "open", "median"]].tolist() == [5, 3, 8.0]
    assert found.backlog[["week", "received", "closed", "open"]].to_numpy().tolist() == [
        ["2025-03-03", 2, 1, 1],
        ["2025-03-10", 3, 1, 3],
    ]
    lately = {"weeks": 2, "received": 5, "closed": 2, "flow": "steady"}
    assert found.record() == {"as_of": "2025-03-16", "tickets": 5, "open": 3, **lately}


def test_without_standards_there_are_no_shares_and_the_times_stay() -> None:
    found = measure_tickets(SMALL, standards=None, service=SERVICE)
    assert found.shares.empty
    assert len(found.closing) == 3


def test_without_moments_there_is_nothing_to_time() -> None:
    found = measure_tickets(SMALL[["received_at", "channel"]], standards=EDITION.standards, service=SERVICE)
    assert (found.shares.empty, found.closing.empty, found.backlog.empty) == (True, True, True)


def test_no_ticket_up_to_the_last_day_is_an_error() -> None:
    with pytest.raises(MethodError, match="No ticket"):
        measure_tickets(SMALL, standards=None, service=Service(as_of=dt.date(2025, 1, 1)))


def test_the_planted_share_is_recovered() -> None:
    """First response: the planted share, or a little more, since who is handled in time is answered in time too."""
    planted = load_planted(EDITION)
    frame, _ = draw_feedback(EDITION, planted, load_texts(planted))
    for name in MOMENTS:
        frame[name] = pd.to_datetime(frame[name])
    service = Service(as_of=EDITION.publication.fieldwork.end, confidence=0.999)
    found = measure_tickets(frame, standards=EDITION.standards, service=service)
    first = found.shares.set_index(["clock", "category"]).loc[("first_response_at", "")]
    plan = planted.feedback
    answered = 1 - plan.unanswered
    late_handling = sum(
        sum(plan.themes[theme] for theme in group.themes) * (1 - group.on_time) for group in plan.classes.values()
    )
    assert first["ci_high"] > answered * plan.first_response.on_time
    assert first["ci_low"] < answered * (1 - (1 - plan.first_response.on_time) * late_handling)
    assert np.isfinite(found.closing["mean"]).all()
