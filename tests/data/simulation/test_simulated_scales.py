"""A simulated survey with several scales: every item stays on its own, and levels and careless kinds are as planted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.data.simulation.planted import Planted
from analysis.data.simulation.relationships import draw_customers, join_customers
from analysis.data.simulation.responses import MISSING, StoredInterviews, draw_interviews, write_responses
from analysis.data.simulation.texts import load_texts
from analysis.edition import Edition
from analysis.edition.scales import Scale

SLIDER, TEN = Scale(min=0, max=100, continuous=True), Scale(min=1, max=10)


@pytest.fixture(scope="module")
def mixed(simulated: Edition) -> Edition:
    """The second construct on a slider, loyalty on 1–10, the attention check on the slider."""
    instrument, changed = simulated.instrument, []
    for place, construct in enumerate(instrument.constructs):
        scale = SLIDER if place == 1 else TEN if construct.role == "loyalty" else None
        changed.append(construct.model_copy(update={"scale": scale}))
    assert instrument.attention is not None
    attention = instrument.attention.model_copy(update={"scale": SLIDER, "expected": 75})
    own = instrument.model_copy(update={"constructs": tuple(changed), "attention": attention})
    return simulated.model_copy(update={"instrument": own})


@pytest.fixture(scope="module")
def held(mixed: Edition, truth: Planted) -> StoredInterviews:
    return draw_interviews(mixed, truth, load_texts(truth))


def test_answers_stay_on_the_scale_of_their_item(mixed: Edition, held: StoredInterviews) -> None:
    answers = np.where(held.interviews.answers == MISSING, np.nan, held.interviews.answers.astype(float))
    low, high = np.array([scale.ends for scale in mixed.instrument.scales.values()]).T
    assert (np.nanmin(answers, axis=0) >= low).all()
    assert (np.nanmax(answers, axis=0) <= high).all()
    assert np.nanmax(answers) > 90


def test_levels_are_those_of_one_scale(mixed: Edition, held: StoredInterviews, truth: Planted) -> None:
    answers = np.where(held.interviews.answers == MISSING, np.nan, held.interviews.answers.astype(float))
    careful = held.interviews.careless == ""
    keys = [(construct.key, item.key) for construct in mixed.instrument.constructs for item in construct.items]
    scores = {
        construct: float(
            np.nanmean(
                [
                    mixed.instrument.scales[item].score(answers[careful, place])
                    for place, (owner, item) in enumerate(keys)
                    if owner == construct
                ]
            )
        )
        for construct in truth.constructs
    }
    for key, planted in truth.constructs.items():
        assert scores[key] == pytest.approx(planted.level, abs=6), key


def test_straight_liners_stay_at_one_place_of_every_scale(mixed: Edition, held: StoredInterviews) -> None:
    lines = held.interviews.careless == "straightline"
    answers = held.interviews.answers[lines].astype(float)
    scales = list(mixed.instrument.scales.values())
    for row in answers:
        given = [(scale.score(value), scale) for value, scale in zip(row, scales, strict=True) if value != MISSING]
        first = given[0][0]
        assert all(abs(score - first) <= 50 / scale.span + 1e-9 for score, scale in given)


def test_the_file_and_the_register_of_customers_are_made(
    mixed: Edition, held: StoredInterviews, truth: Planted, tmp_path: Path
) -> None:
    behind = join_customers(mixed, truth, held.interviews, draw_customers(mixed, truth))
    assert (behind != "").any()
    path = write_responses(held, mixed.instrument, tmp_path / "responses.csv")
    written = pd.read_csv(path, dtype="str", keep_default_na=False)
    slider = mixed.instrument.constructs[1].items[0].key
    assert pd.to_numeric(written[slider], errors="coerce").max() > 90
