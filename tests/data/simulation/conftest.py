"""The simulated editions, the default one and a small one: what is planted in them, their people, their wording."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.data.simulation.drawing import draw_codes
from analysis.data.simulation.planted import Planted, load_planted
from analysis.data.simulation.responses import StoredInterviews, draw_interviews
from analysis.data.simulation.texts import Texts, load_texts
from analysis.edition import Edition, load_edition


@pytest.fixture(scope="session")
def edition(root: Path) -> Edition:
    """The default edition."""
    return load_edition(root / "params" / "2025.yml")


@pytest.fixture(scope="session")
def planted(edition: Edition) -> Planted:
    """What is planted in it."""
    return load_planted(edition)


@pytest.fixture(scope="session")
def draw_people(planted: Planted) -> Callable[..., pd.DataFrame]:
    """Draw the profile of people from the population itself, without design or nonresponse.

    `served`: those with a digital channel (False: those without); other names are questions that all answer alike.
    """

    def draw(size: int, seed: int, *, served: bool | None = None, **fixed: str) -> pd.DataFrame:
        random, profile, digital = np.random.default_rng(seed), planted.survey.profile, planted.digital
        assert digital is not None
        answers = {key: np.full(size, code, dtype=object) for key, code in fixed.items()}
        for key, margin in profile.items():
            if key not in answers and margin.shares:
                answers[key] = draw_codes(random, margin.shares, size)
        for key, margin in profile.items():
            if not margin.given:
                continue
            sided = served is not None and key == digital.question
            answers[key] = np.empty(size, dtype=object)
            for group, shares in margin.by.items():
                members = np.flatnonzero(answers[margin.given] == group)
                kept = {code: p for code, p in shares.items() if not sided or (code in digital.answers) == served}
                answers[key][members] = draw_codes(random, kept, len(members))
        return pd.DataFrame({key: answers[key] for key in profile}).astype("category")  # looked up by code, not by row

    return draw


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
