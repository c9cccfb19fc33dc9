"""The cleaning rules on the interviews of an edition: which ones break a rule, by what value, against which limit.

What a rule says of an interview by itself is found block by block. Of the whole, rules need: codes of the answers, of a
byte each (copies and near copies), one column (the median duration), moments in one pass with the rows that have gaps
(distances), and interviews taken evenly over the file (what attentive respondents would do).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.edition.scales import aligned
from analysis.survey.cleaning.attentive import attentive_share, thinning
from analysis.survey.cleaning.like_rows import like_columns
from analysis.survey.cleaning.missingness import asked_items
from analysis.survey.cleaning.moments import normal_moments, squared_distances
from analysis.survey.cleaning.screening import closest_match, even_odd, longest_runs, sd_within

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

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

BLOCK = 4096
"""Interviews whose answers are held in double precision at a time."""

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

    def blocks_of_rows(self) -> Iterator[Interviews]:
        """Some interviews at a time; all where they are few."""
        rows = len(self.responses)
        if rows <= BLOCK:
            yield self
            return
        for start in range(0, rows, BLOCK):
            yield Interviews(self.responses.iloc[start : start + BLOCK], self.instrument, self.cleaning)

    def each(self, judged: Callable[[Interviews], NDArray[Any]]) -> NDArray[Any]:
        """What `judged` finds of every interview by itself, block by block."""
        return np.concatenate([judged(block) for block in self.blocks_of_rows()])

    def evenly(self) -> Interviews:
        """Interviews evenly over the file, as many as correlations are taken from."""
        return Interviews(self.responses.iloc[:: thinning(len(self.responses))], self.instrument, self.cleaning)

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
        return self.each(lambda some: (~np.isnan(some.answers)).sum(axis=1))

    @cached_property
    def telling(self) -> Mask:
        """Interviews with at least 20 answered items that are not all alike: two people would not agree in them."""
        varied = self.each(lambda some: _distinct(some.answers) > 1)
        return np.asarray((self.answered >= LONG_INSTRUMENT) & varied, dtype=bool)

    @cached_property
    def asked_of_all(self) -> list[str]:
        """Columns of the rated items and of the background questions that are there."""
        return [k for k in [*self.instrument.item_keys, *self.instrument.profile_keys] if k in self.responses]

    @cached_property
    def codes(self) -> NDArray[Any]:
        """Their answers as whole numbers (rows × questions) in as few bytes as these need, −1 for none."""
        kind, found = np.dtype(np.int8), np.empty((len(self.asked_of_all), len(self.responses)), dtype=np.int8)
        for place, key in enumerate(self.asked_of_all):
            codes, values = pd.factorize(self.responses[key])
            kind = np.promote_types(kind, np.min_scalar_type(-len(values) - 1))
            found = found.astype(kind, copy=False)
            found[place] = codes
        return found.T

    @cached_property
    def copies(self) -> Finding | None:
        """Later copies of an earlier interview; None where the data can't tell them from chance."""
        return _copies(self)


def _copies(interviews: Interviews) -> Finding | None:
    responses, instrument, rows = interviews.responses, interviews.instrument, len(interviews.responses)
    keys = [question.key for question in instrument.open]
    keys += [instrument.attention.key] if instrument.attention else []
    first, group = like_columns(chain(_from_zero(interviews.codes.T), _coded(responses, keys)), rows=rows)
    place = _place_within(group)
    copied = (place > 0) & interviews.telling
    stamp = _time_stamp(responses)
    if stamp:
        earliest, at_once = like_columns([group, *_coded(responses, stamp)], rows=rows)
        copied |= (earliest[at_once] != np.arange(rows)) & responses[stamp[0]].notna().to_numpy()
    elif len(instrument.item_keys) < LONG_INSTRUMENT:
        return None
    return Finding(np.asarray(copied, dtype=bool), (place + 1).astype(np.float64), 1.0, first[group])


def _coded(responses: pd.DataFrame, keys: list[str]) -> Iterator[Ints]:
    """Values of the columns that are there as whole numbers, 0 for none."""
    yield from _from_zero(pd.factorize(responses[key])[0] for key in keys if key in responses)


def _from_zero(columns: Iterable[NDArray[Any]]) -> Iterator[Ints]:
    """Codes from −1 up as codes from 0 up."""
    for column in columns:
        yield column.astype(np.int64) + 1


def _place_within(group: Ints) -> Ints:
    """How many rows of its group come before each row."""
    order = np.argsort(group, kind="stable")
    sizes, place = np.bincount(group), np.empty_like(group)
    place[order] = np.arange(len(group)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return place


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
    rows = np.flatnonzero(compared)
    found = closest_match(interviews.codes[rows], min_share=limit) if len(rows) else None
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
        parts = [(responses[key], codes) for key, codes in combination.items()]
        hit = np.logical_and.reduce([_is_one_of(given, codes) for given, codes in parts])
        first = np.where((first == 0) & hit, number, first)
    return Finding(first > 0, np.where(first > 0, first, np.nan), np.nan)


def _is_one_of(given: pd.Series[Any], codes: Collection[str]) -> Mask:
    """Which answers are, as text, one of the codes."""
    place, values = pd.factorize(given)
    told = np.array([str(value) in codes for value in values] + [False], dtype=bool)
    return np.asarray(told[place], dtype=bool)


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
    share = interviews.each(lambda some: longest_runs(some.given, blocks)) / items
    broken = np.asarray(share >= limit, dtype=bool)
    return Finding(broken, share, limit, certain=_certain(interviews, broken, limit))


def _certain(interviews: Interviews, broken: Mask, limit: float) -> Mask:
    """Who gave one answer throughout and hardly can have meant it.

    Reversed items were answered like the others, and not by the middle of the scale; or the questionnaire is so long
    and varied that hardly any attentive respondent answers it so.
    """
    if not broken.any():
        return broken
    against = interviews.each(lambda some: some.contradicted) & broken
    wronged = attentive_share(interviews.evenly().given, limit=limit, blocks=interviews.blocks)
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
    def share_of(some: Interviews) -> Floats:
        missing = (np.isnan(some.answers) & some.asked).sum(axis=1)
        return np.asarray(missing / np.maximum(some.asked.sum(axis=1), 1))

    limit, share = interviews.cleaning.max_missing_share, interviews.each(share_of)
    return Finding(share > limit, share, limit)


def _low_variance(interviews: Interviews) -> Finding | None:
    limit, blocks = interviews.cleaning.min_response_sd, interviews.blocks
    if limit is None or sum(map(len, blocks)) < MIN_RATED_ITEMS:
        return None
    spans = interviews.ends[1] - interviews.ends[0]
    share = interviews.each(lambda some: sd_within(some.given, blocks, spans=spans))
    return Finding((share < limit) & (interviews.answered >= MIN_RATED_ITEMS), share, limit)


def _inconsistent(interviews: Interviews) -> Finding | None:
    limit = interviews.cleaning.min_even_odd
    if limit is None:
        return None
    sizes = [len(construct.items) for construct in interviews.instrument.constructs]
    consistency = interviews.each(lambda some: even_odd(some.comparable, sizes))
    return None if np.isnan(consistency).all() else Finding(consistency < limit, consistency, limit)


def _outlying(interviews: Interviews) -> Finding | None:
    from scipy.stats import chi2

    limit = interviews.cleaning.min_mahalanobis_p
    rows, items = len(interviews.responses), len(interviews.instrument.item_keys)
    if limit is None or items < MIN_RATED_ITEMS or rows < MIN_ROWS_PER_ITEM * items:
        return None
    moments = normal_moments(some.comparable for some in interviews.blocks_of_rows())
    if moments is None:
        return None
    distance = interviews.each(lambda some: squared_distances(some.comparable, moments.mean, moments.covariance))
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
