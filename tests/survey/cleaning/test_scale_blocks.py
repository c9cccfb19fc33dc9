"""Cleaning of a questionnaire with several scales: what is looked for within blocks of one scale, what across them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.cleaning import Cleaning
from analysis.survey.cleaning.attentive import attentive_share
from analysis.survey.cleaning.checks import CHECKS, Finding, Interviews


def _instrument(*, reverse: tuple[str, ...] = ()) -> Instrument:
    """Eight items on 1–5, six on 0–100, and a lone one on 0–10."""

    def text(key: str) -> dict[str, str]:
        return {"zh": key, "en": key}

    def construct(key: str, count: int, scale: dict[str, Any] | None) -> dict[str, Any]:
        items = [{"key": f"{key}{k}", **text(f"{key}{k}"), "reverse": f"{key}{k}" in reverse} for k in range(count)]
        return {"key": key, "role": "dimension", "name": text(key), "items": items} | (
            {"scale": scale} if scale else {}
        )

    slider, lone = {"min": 0, "max": 100, "continuous": True}, {"min": 0, "max": 10}
    parts = [construct("l", 8, None), construct("s", 6, slider), construct("n", 1, lone)]
    return Instrument.model_validate({"name": text("t"), "scale": {"min": 1, "max": 5}, "constructs": parts})


def _check(rule: Any, answers: list[list[float]], instrument: Instrument | None = None) -> Finding:
    asked = instrument or _instrument()
    frame = pd.DataFrame(np.array(answers, dtype=float), columns=asked.item_keys)
    found = CHECKS[rule](Interviews(frame, asked, Cleaning()))
    assert found is not None
    return found


VARIED = [1.0, 3, 2, 5, 4, 2, 3, 1, 10, 90, 40, 70, 20, 55, 6]
LINES = [4.0] * 8 + [80.0] * 6 + [7.0]
ONE_LINE = [4.0] * 8 + [10.0, 90, 40, 70, 20, 55, 6]


def test_a_straight_line_is_one_in_every_block_and_a_lone_item_is_none() -> None:
    found = _check("straightlining", [VARIED, LINES, ONE_LINE])
    assert found.value == pytest.approx([2 / 14, 14 / 14, 9 / 14])
    assert found.broken.tolist() == [False, True, False]


def test_spread_is_that_within_blocks_as_a_share_of_each_scale() -> None:
    found = _check("low_variance", [VARIED, LINES, ONE_LINE])
    likert, slider = np.array(VARIED[:8]) / 4, np.array(VARIED[8:14]) / 100
    pooled = np.sqrt((7 * likert.var(ddof=1) + 5 * slider.var(ddof=1)) / 12)
    assert found.value[:2] == pytest.approx([pooled, 0])
    assert found.broken.tolist() == [False, True, False]


def test_reversed_items_contradict_the_usual_answer_of_their_own_scale() -> None:
    instrument = _instrument(reverse=("l7", "s5"))
    turned = LINES.copy()
    turned[7], turned[13] = 2.0, 20.0  # answered 4 and 80 as given
    honest = LINES.copy()
    middle = [3.0] * 8 + [50.0] * 6 + [7.0]
    frame = pd.DataFrame([turned, honest, middle], columns=instrument.item_keys)
    assert Interviews(frame, instrument, Cleaning()).contradicted.tolist() == [True, False, False]


def test_distances_and_halves_heed_no_unit() -> None:
    rng = np.random.default_rng(3)
    answers = rng.integers(1, 6, (200, 15)).astype(float)
    one = Instrument.model_validate(
        {
            "name": {"zh": "t", "en": "t"},
            "scale": {"min": 1, "max": 5},
            "constructs": [
                {
                    "key": c.key,
                    "role": "dimension",
                    "name": {"zh": "t", "en": "t"},
                    "items": [{"key": item.key, "zh": "t", "en": "t"} for item in c.items],
                }
                for c in _instrument().constructs
            ],
        }
    )
    mixed = answers.copy()
    mixed[:, 8:14] = (answers[:, 8:14] - 1) * 25
    mixed[:, 14] = (answers[:, 14] - 1) * 2.5
    same, other = _check("outlying", answers.tolist(), one), _check("outlying", mixed.tolist())
    np.testing.assert_allclose(same.value, other.value, rtol=1e-8)


def test_attentive_respondents_are_judged_by_the_same_blocks() -> None:
    rng = np.random.default_rng(1)
    factor = rng.standard_normal((400, 1))
    likert = np.clip(np.rint(4.5 + 0.7 * (factor + 0.3 * rng.standard_normal((400, 5)))), 1, 5)
    slider = np.clip(np.rint(60 + 15 * (factor + rng.standard_normal((400, 5)))), 0, 100)
    answers, blocks = np.hstack([likert, slider]), [np.arange(5), np.arange(5, 10)]
    alone = attentive_share(likert, limit=0.9)
    assert alone > 0.2
    assert attentive_share(answers, limit=0.9, blocks=blocks) < alone / 10
