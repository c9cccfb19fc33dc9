"""What simulated customers write: comments of the survey, tickets, and the register's measures, from `texts.yml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import Field

from analysis.data.simulation.drawing import Floats, Ints, draw_codes
from analysis.data.simulation.planted import PLANTED_FILE, Planted
from analysis.edition.params import Names, Params, Text, validate
from analysis.edition.reading import read_yaml
from analysis.errors import EditionError

TEXTS_FILE = PLANTED_FILE.with_name("texts.yml")
PRAISE, COMPLAINT, NEUTRAL = "praise", "complaint", "neutral"
_NEUTRAL_SHARE = 0.08

Strings = npt.NDArray[np.object_]


class CommentTexts(Params):
    """Parts of a comment; praise and complaint are keyed by the construct they are about."""

    openings: Names
    praise_closings: Names
    complaint_closings: Names
    neutral: Names
    praise: dict[str, Names]
    complaint: dict[str, Names]


class TicketTexts(Params):
    """Parts of a ticket; a theme's sentences may hold {product} and {time}."""

    products: Names
    times: Names
    closings: Names
    themes: dict[str, Names]


class Action(Params):
    """One improvement measure of the register."""

    measure: Text
    indicator: str
    dimension: str
    owner: Text
    baseline: float
    target: float
    actual: float | None
    due_in_days: int
    baseline_n: int | None = None
    actual_n: int | None = None
    baseline_se: float | None = None
    actual_se: float | None = None
    unit: str | None = None
    recommendation: str | None = None


class Promise(Params):
    """One recommendation of the last edition."""

    id: str
    text: Text
    indicator: str
    dimension: str
    target: float
    due_in_days: int


class Texts(Params):
    """All wording of the simulation."""

    comments: CommentTexts
    tickets: TicketTexts
    actions: Annotated[tuple[Action, ...], Field(strict=False, min_length=1)]
    promises: Annotated[tuple[Promise, ...], Field(strict=False)] = ()


@dataclass(frozen=True)
class Written:
    """Texts with what they were made of: polarity (or class) and theme, one entry per text."""

    texts: Strings
    themes: Strings
    polarity: Strings


def load_texts(planted: Planted) -> Texts:
    """Read the wording; raises EditionError when a planted construct or ticket theme has no words."""
    texts = validate(Texts, read_yaml(TEXTS_FILE), path=TEXTS_FILE)
    for where, wanted, known in (
        ("comments.praise", planted.exogenous, texts.comments.praise),
        ("comments.complaint", planted.exogenous, texts.comments.complaint),
        ("tickets.themes", list(planted.feedback.themes), texts.tickets.themes),
    ):
        missing = [key for key in wanted if not known.get(key)]
        if missing:
            raise EditionError(
                "The simulation has no words for everything it plants.",
                where=f"{TEXTS_FILE}: {where}",
                expected=f"at least one sentence for {', '.join(wanted)}",
                got=f"none for {', '.join(missing)}",
                hint="add sentences",
            )
    return texts


def write_comments(
    rng: np.random.Generator, latents: Mapping[str, Floats], writers: Ints, *, planted: Planted, texts: CommentTexts
) -> Written:
    """Comments of the respondents at positions `writers`.

    Satisfied respondents praise their best dimension, dissatisfied ones complain about their worst, as they see it:
    latent value plus the dimension's level, plus noise.
    """
    size, keys = len(writers), planted.exogenous
    levels = np.array([planted.constructs[key].level for key in keys])
    seen = np.column_stack([latents[key][writers] for key in keys]) + (levels - levels.mean()) / 8
    seen += 0.4 * rng.standard_normal(seen.shape)
    mood = np.mean([latents[key][writers] for key in planted.structure.paths], axis=0)
    pleased = rng.random(size) < 1 / (1 + np.exp(-2.0 * mood))
    polarity = np.where(pleased, PRAISE, COMPLAINT).astype(object)
    polarity[rng.random(size) < _NEUTRAL_SHARE] = NEUTRAL
    names = np.array(keys, dtype=object)
    themes = np.where(pleased, names[seen.argmax(axis=1)], names[seen.argmin(axis=1)])
    themes[polarity == NEUTRAL] = ""
    written = one_of(rng, texts.openings, size)
    for kind, phrases, closings in (
        (PRAISE, texts.praise, texts.praise_closings),
        (COMPLAINT, texts.complaint, texts.complaint_closings),
    ):
        for key in keys:
            about = np.flatnonzero((polarity == kind) & (themes == key))
            written[about] += one_of(rng, phrases[key], len(about)) + one_of(rng, closings, len(about))
    neutral = np.flatnonzero(polarity == NEUTRAL)
    written[neutral] = one_of(rng, texts.neutral, len(neutral)) + "。"
    return Written(written, themes, polarity)


def write_tickets(rng: np.random.Generator, size: int, *, planted: Planted, texts: TicketTexts) -> Written:
    """Ticket texts with the planted shares of themes; `polarity` holds the class of each ticket's theme."""
    class_of = {theme: name for name, clock in planted.feedback.classes.items() for theme in clock.themes}
    themes = draw_codes(rng, planted.feedback.themes, size)
    sentences = np.empty(size, dtype=object)
    for theme in planted.feedback.themes:
        about = np.flatnonzero(themes == theme)
        sentences[about] = one_of(rng, texts.themes[theme], len(about))
    products, times = one_of(rng, texts.products, size), one_of(rng, texts.times, size)
    closings = one_of(rng, texts.closings, size)
    written = [
        sentence.format(product=product, time=time) + closing
        for sentence, product, time, closing in zip(sentences, products, times, closings, strict=True)
    ]
    classes = np.array([class_of[theme] for theme in themes], dtype=object)
    return Written(np.array(written, dtype=object), themes, classes)


def one_of(rng: np.random.Generator, phrases: Sequence[str], size: int) -> Strings:
    """`size` phrases drawn with equal chances."""
    return np.array(phrases, dtype=object)[rng.integers(0, len(phrases), size)]
