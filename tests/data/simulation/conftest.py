"""The small simulated edition, what is planted in it, and its wording."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.data.simulation.planted import Planted, load_planted
from analysis.data.simulation.responses import StoredInterviews, draw_interviews
from analysis.data.simulation.texts import Texts, load_texts
from analysis.edition import Edition, load_edition


@pytest.fixture(scope="session")
def simulated(root: Path) -> Edition:
    """The default edition with 1,200 interviews."""
    return load_edition(root / "tests" / "editions" / "small.yml")


@pytest.fixture(scope="session")
def truth(simulated: Edition) -> Planted:
    """What is planted in it."""
    return load_planted(simulated)


@pytest.fixture(scope="session")
def wording(truth: Planted) -> Texts:
    """What its customers write."""
    return load_texts(truth)


@pytest.fixture(scope="session")
def stored(simulated: Edition, truth: Planted, wording: Texts) -> StoredInterviews:
    """Its interviews as the file holds them."""
    return draw_interviews(simulated, truth, wording)
