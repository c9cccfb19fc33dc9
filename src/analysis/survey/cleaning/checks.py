"""The cleaning rules on the interviews of an edition: which ones break a rule, by what value, against which limit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.edition.scales import aligned
from analysis.survey.cleaning.attentive import attentive_share
from analysis.survey.cleaning.missingness import asked_items
from analysis.survey.cleaning.moments import normal_moments, squared_distances
from analysis.survey.cleaning.screening import closest_match, even_odd, longest_runs, sd_within

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from analysis.edition.instrument import Instrument
    from analysis.edition.sections.cleaning import Cleaning, Rule

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]

LONG_INSTRUMENT = 20
"""Answered items from which equal answers throughout can't be chance."""

MIN_RATED_ITEMS = 10
"""Items below which the same answer to all of them is no sign of carelessness."""

MIN_ROWS_PER_ITEM = 5
"""Interviews per item that a covariance matrix needs before distances are taken from it."""


@dataclass(frozen=True)
class Finding:
    """One rule on all interviews: who breaks it, the value held against `limit`, and the other interview of a pair.

    `certain`: who breaks it in a way that hardly has an innocent reading (None: whoever breaks it).
    """

    broken: Mask
    value: Floats
    limit: float
    other: Ints | None = None
    certain: Mask | None = None


@dataclass(frozen=True)
class Interviews:
    """Accepted interviews with what every rule needs of them."""

    responses: pd.DataFrame
    instrument: Instrument
    cleaning: Cleaning

    @cached_property
    def answers(self) -> Floats:
        """Rated answers (rows × items), a higher one better."""
        return self.responses[self.instrument.item_keys].to_numpy(dtype=np.float64, na_value=np.nan)

    @cached_property
    def ends(self) -> Ints:
        """Lowest and highest answer of the scale of every rated item (2 × items)."""
        return np.array([scale.ends for scale in self.instrument.scales.values()], dtype=np.int64).reshape(-1, 2).T

    @cached_property
    def given(self) -> Floats:
        """Rated answers as they were given: reverse items turned back."""
        if not self.reversed.any():
            return self.answers
        return np.where(self.reversed, self.ends.sum(axis=0) - self.answers, self.answers)

    @cached_property
    def comparable(self) -> Floats:
        """Rated answers, those of other scales put on the scale of the first item."""
        scales = self.instrument.scales
        if len({scale.ends for scale in scales.values()}) <= 1:
            return self.answers
        return aligned(self.responses[list(scales)], scales).to_numpy(dtype=np.float64, na_value=np.nan)

    @cached_property
    def blocks(self) -> list[Ints]:
        """Places of the items that share a scale, in blocks of two or more, each in questionnaire order."""
        place = {key: number for number, key in enumerate(self.instrument.item_keys)}
        return [np.array([place[key] for key in block]) for block in self.instrument.blocks if len(block) > 1]

    @cached_property
    def reversed(self) -> Mask:
        """Rated items where a low answer is good."""
        return np.array([item.reverse for construct in self.instrument.constructs for item in construct.items])

    @cached_property
    def contradicted(self) -> Mask:
        """Interviews whose usual answer, not the middle of its scale, was given to most of the reversed items too."""
        if not self.reversed.any() or self.reversed.all():
            return np.zeros(len(self.given), dtype=bool)
        usual = np.full(self.given.shape, np.nan)
        for block in self.blocks:
            usual[:, block] = _most_frequent(self.given[:, block])[:, None]
        alike = (self.given == usual) & (usual != self.ends.mean(axis=0))
        return np.asarray(alike[:, self.reversed].mean(axis=1) > 0.5, dtype=bool)

    @cached_property
    def asked(self) -> Mask:
        """Which of the rated items each interview was asked."""
        return asked_items(self.responses, self.instrument.item_keys)

    @cached_property
    def answered(self) -> Ints:
        """Rated items answered in each interview."""
        return np.asarray((~np.isnan(self.answers)).sum(axis=1), dtype=np.int64)

    @cached_property
    def telling(self) -> Mask:
        """Interviews with at least 20 answered items that are not all alike: two people would not agree in them."""
        return np.asarray((self.answered >= LONG_INSTRUMENT) & (_distinct(self.answers) > 1), dtype=bool)

    @cached_property
    def copies(self) -> Finding | None:
        """Later copies of an earlier interview; None where the data can't tell them from chance."""
        return _copies(self)


def _copies(interviews: Interviews) -> Finding | None:
    responses, instrument = interviews.responses, interviews.instrument
    keys = [*instrument.item_keys, *instrument.profile_keys, *(question.key for question in instrument.open)]
    keys += [instrument.attention.key] if instrument.attention else []
    keys = [key for key in keys if key in responses]
    groups = responses.groupby(keys, dropna=False, sort=False)
    place = groups.cumcount().to_numpy()
    copied = (place > 0) & interviews.telling
    stamp = _time_stamp(responses)
    if stamp:
        same_time = responses.groupby([*keys, *stamp], dropna=False, sort=False).cumcount().to_numpy()
        copied |= (same_time > 0) & responses[stamp[0]].notna().to_numpy()
    elif len(instrument.item_keys) < LONG_INSTRUMENT:
        return None
    rows = pd.Series(np.arange(len(responses)), index=responses.index)
    first = rows.groupby(groups.ngroup()).transform("first").to_numpy(dtype=np.int64)
    return Finding(np.asarray(copied, dtype=bool), (place + 1).astype(np.float64), 1.0, first)


def _time_stamp(responses: pd.DataFrame) -> list[str]:
    """Columns that pin an interview to a moment: only when the submission has a time of day."""
    if "submitted_at" not in responses:
        return []
    submitted = pd.to_datetime(responses["submitted_at"])
    if not (submitted.dropna() != submitted.dropna().dt.normalize()).any():
        return []
    return ["submitted_at", *(["duration_s"] if "duration_s" in responses else [])]


def _duplicates(interviews: Interviews) -> Finding | None:
    return interviews.copies if interviews.cleaning.duplicates else None


def _near_duplicates(interviews: Interviews) -> Finding | None:
    limit, instrument = interviews.cleaning.max_match_share, interviews.instrument
    if limit is None or len(instrument.item_keys) < LONG_INSTRUMENT:
        return None
    compared = interviews.telling & (True if interviews.copies is None else ~interviews.copies.broken)
    keys = [key for key in [*instrument.item_keys, *instrument.profile_keys] if key in interviews.responses]
    rows = np.flatnonzero(compared)
    codes = np.column_stack([pd.factorize(interviews.responses[key])[0] for key in keys]).astype(np.int64)
    found = closest_match(codes[rows], min_share=limit) if len(rows) else None
    if found is None:
        return None
    value, other = np.full(len(compared), np.nan), np.full(len(compared), -1, dtype=np.int64)
    value[rows] = found[0]
    other[rows] = np.where(found[1] >= 0, rows[found[1]], -1)
    return Finding(~np.isnan(value), value, limit, other)


def _impossible(interviews: Interviews) -> Finding | None:
    responses = interviews.responses
    asked = [
        (number, combination)
        for number, combination in enumerate(interviews.cleaning.impossible, start=1)
        if all(key in responses for key in combination)
    ]
    if not asked:
        return None
    first = np.zeros(len(responses))
    for number, combination in asked:
        hit = np.logical_and.reduce(
            [responses[key].astype("str").isin(codes).to_numpy() for key, codes in combination.items()]
        )
        first = np.where((first == 0) & hit, number, first)
    return Finding(first > 0, np.where(first > 0, first, np.nan), np.nan)


def _speeders(interviews: Interviews) -> Finding | None:
    limit = interviews.cleaning.min_duration_share
    if limit is None or "duration_s" not in interviews.responses:
        return None
    duration = interviews.responses["duration_s"].to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isnan(duration).all():
        return None
    median = float(np.nanmedian(duration))
    if median <= 0:
        return None
    pace = np.asarray(duration / median, dtype=np.float64)
    return Finding(pace < limit, pace, limit)


def _straightlining(interviews: Interviews) -> Finding | None:
    limit, blocks = interviews.cleaning.max_longstring_share, interviews.blocks
    items = sum(map(len, blocks))
    if limit is None or items < MIN_RATED_ITEMS:
        return None
    share = longest_runs(interviews.given, blocks) / items
    broken = np.asarray(share >= limit, dtype=bool)
    return Finding(broken, share, limit, certain=_certain(interviews, broken, limit))


def _certain(interviews: Interviews, broken: Mask, limit: float) -> Mask:
    """Who gave one answer throughout and hardly can have meant it.

    Reversed items were answered like the others, and not by the middle of the scale; or the questionnaire is so long
    and varied that hardly any attentive respondent answers it so.
    """
    if not broken.any():
        return broken
    against = interviews.contradicted & broken
    wronged = attentive_share(interviews.given, limit=limit, blocks=interviews.blocks)
    if against.all() or wronged <= interviews.cleaning.max_wronged:
        return broken
    return np.asarray(against, dtype=bool)


def _attention(interviews: Interviews) -> Finding | None:
    check = interviews.instrument.attention
    if not interviews.cleaning.attention_check or check is None or check.key not in interviews.responses:
        return None
    answer = interviews.responses[check.key].to_numpy(dtype=np.float64, na_value=np.nan)
    failed = ~np.isnan(answer) & (answer != check.expected)
    return Finding(np.asarray(failed, dtype=bool), answer, float(check.expected))


def _missing(interviews: Interviews) -> Finding | None:
    limit, asked = interviews.cleaning.max_missing_share, interviews.asked
    share = (np.isnan(interviews.answers) & asked).sum(axis=1) / np.maximum(asked.sum(axis=1), 1)
    return Finding(share > limit, share, limit)


def _low_variance(interviews: Interviews) -> Finding | None:
    limit, blocks = interviews.cleaning.min_response_sd, interviews.blocks
    if limit is None or sum(map(len, blocks)) < MIN_RATED_ITEMS:
        return None
    share = sd_within(interviews.given, blocks, spans=interviews.ends[1] - interviews.ends[0])
    return Finding((share < limit) & (interviews.answered >= MIN_RATED_ITEMS), share, limit)


def _inconsistent(interviews: Interviews) -> Finding | None:
    limit = interviews.cleaning.min_even_odd
    if limit is None:
        return None
    consistency = even_odd(interviews.comparable, [len(c.items) for c in interviews.instrument.constructs])
    return None if np.isnan(consistency).all() else Finding(consistency < limit, consistency, limit)


def _outlying(interviews: Interviews) -> Finding | None:
    from scipy.stats import chi2

    limit, answers = interviews.cleaning.min_mahalanobis_p, interviews.comparable
    rows, items = answers.shape
    if limit is None or items < MIN_RATED_ITEMS or rows < MIN_ROWS_PER_ITEM * items:
        return None
    moments = normal_moments(answers)
    if moments is None:
        return None
    distance = squared_distances(answers, moments.mean, moments.covariance)
    p = np.where(interviews.answered > 0, chi2.sf(distance, np.maximum(interviews.answered, 1)), np.nan)
    return Finding(p < limit, p, limit)


def _most_frequent(answers: Floats) -> Floats:
    """The answer that each row gives most often; NaN where it gives none."""
    codes = np.unique(answers[~np.isnan(answers)])
    if not len(codes):
        return np.full(len(answers), np.nan)
    counts = np.stack([(answers == code).sum(axis=1) for code in codes], axis=1)
    return np.where(counts.max(axis=1) > 0, codes[counts.argmax(axis=1)], np.nan)


def _distinct(answers: Floats) -> Ints:
    """Number of different answers in each row."""
    ordered = np.sort(answers, axis=1)
    steps = (np.diff(ordered, axis=1) > 0).sum(axis=1)
    return np.asarray(steps + (~np.isnan(answers)).any(axis=1), dtype=np.int64)


CHECKS: dict[Rule, Callable[[Interviews], Finding | None]] = {
    "duplicates": _duplicates,
    "near_duplicates": _near_duplicates,
    "impossible": _impossible,
    "speeders": _speeders,
    "straightlining": _straightlining,
    "attention": _attention,
    "missing": _missing,
    "low_variance": _low_variance,
    "inconsistent": _inconsistent,
    "outlying": _outlying,
}
"""How each rule is checked; None: switched off, or the data can't answer it."""
