"""What simulated customers write: about what they felt, in whole sentences, with a truth to each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analysis.data.simulation import texts as module
from analysis.data.simulation.planted import Planted
from analysis.data.simulation.texts import COMPLAINT, NEUTRAL, PRAISE, Texts, load_texts, write_comments, write_tickets
from analysis.edition.reading import read_yaml
from analysis.errors import EditionError


def _latents(truth: Planted, size: int, mood: float) -> dict[str, Any]:
    random = np.random.default_rng(1)
    return {key: random.normal(size=size) + (mood if key in truth.structure.paths else 0.0) for key in truth.constructs}


@pytest.mark.parametrize(("mood", "kind"), [(10.0, PRAISE), (-10.0, COMPLAINT)])
def test_the_pleased_praise_and_the_displeased_complain(truth: Planted, wording: Texts, mood: float, kind: str) -> None:
    written = write_comments(
        np.random.default_rng(2),
        _latents(truth, 500, mood),
        np.arange(500),
        planted=truth,
        texts=wording.comments,
    )
    assert set(written.polarity) == {kind, NEUTRAL}
    assert (written.polarity == NEUTRAL).mean() == pytest.approx(0.08, abs=0.04)


def test_a_comment_holds_a_sentence_about_its_theme(truth: Planted, wording: Texts) -> None:
    written = write_comments(
        np.random.default_rng(2), _latents(truth, 300, 0.0), np.arange(300), planted=truth, texts=wording.comments
    )
    phrases = {PRAISE: wording.comments.praise, COMPLAINT: wording.comments.complaint}
    for text, theme, polarity in zip(written.texts, written.themes, written.polarity, strict=True):
        known = wording.comments.neutral if polarity == NEUTRAL else phrases[polarity][theme]
        assert any(phrase in text for phrase in known)
        assert (theme == "") == (polarity == NEUTRAL)


def test_a_far_better_dimension_is_the_one_praised(truth: Planted, wording: Texts) -> None:
    latents = _latents(truth, 300, 10.0)
    best = truth.exogenous[-1]
    latents[best] = latents[best] + 20
    written = write_comments(np.random.default_rng(2), latents, np.arange(300), planted=truth, texts=wording.comments)
    assert set(written.themes[written.polarity == PRAISE]) == {best}


def test_tickets_have_their_planned_themes_and_no_gap_left_in_a_sentence(truth: Planted, wording: Texts) -> None:
    written = write_tickets(np.random.default_rng(3), 20_000, planted=truth, texts=wording.tickets)
    total = sum(truth.feedback.themes.values())
    for theme, share in truth.feedback.themes.items():
        assert (written.themes == theme).mean() == pytest.approx(share / total, abs=0.01)
    assert not any("{" in text or "}" in text for text in written.texts)
    class_of = {theme: name for name, clock in truth.feedback.classes.items() for theme in clock.themes}
    assert all(class_of[theme] == name for theme, name in zip(written.themes, written.polarity, strict=True))


@pytest.mark.parametrize(("part", "group"), [("comments", "praise"), ("comments", "complaint"), ("tickets", "themes")])
def test_something_planted_without_words_is_named(
    truth: Planted, monkeypatch: pytest.MonkeyPatch, part: str, group: str
) -> None:
    content = read_yaml(module.TEXTS_FILE)
    lost = next(iter(truth.feedback.themes if part == "tickets" else truth.exogenous))
    del content[part][group][lost]
    monkeypatch.setattr(module, "read_yaml", lambda _: content)
    with pytest.raises(EditionError, match=rf"{part}\.{group}[\s\S]*none for {lost}"):
        load_texts(truth)
