"""The index of every respondent by several ways of scoring and of treating answers that are missing.

Scores of items on 0–100 in, one column per way out. `available` scores a construct from the answered items as the
report does, `complete` only who answered every item of the index, `imputed` replaces a missing answer by what the
person and the item lead one to expect: item mean + mean deviation of the person from the means of the answered items
(two-way imputation without a random part: Bernaards & Sijtsma 2000, Multivariate Behavioral Research 35).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from analysis.drivers.importance import MOST_PREDICTORS, lmg, weighted_covariances
from analysis.errors import MethodError
from analysis.satisfaction.index import MIN_DIMENSION_SHARE, ROUNDING, weighted_scores

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from analysis.edition.instrument import Instrument
    from analysis.edition.sections.index import Index

    Floats = NDArray[np.float64]

AVAILABLE, COMPLETE, IMPUTED = MISSING = ("available", "complete", "imputed")
PUBLISHED, EQUAL, FACTOR, IMPORTANCE, HIGH = SCORED = ("published", "equal", "factor", "importance", "high")
"""Ways of scoring. published: as the report does; equal: dimensions alike; factor: items weigh as in a factor score;
importance: dimensions weigh by their share in the explained variance of satisfaction; high: share of high ratings.
"""
ALIKE = 1e-6
"""Largest difference of weights that are the same."""
BLOCK_ROWS = 4096
"""Rows whose items are looked at together: with 40 items 1.3 MB."""
ROUNDS, LEAST_ITEMS = 200, 3
"""Of the search for communalities; items below which one factor is not identified."""


@dataclass(frozen=True)
class Ratings:
    """Items of the index as rated.

    scores: rows × items on 0–100, missing where not answered; high: the score from which a rating is high, per item;
    groups: place of the dimension of each item; dimensions: their keys; least: share of the items of a dimension that
    must be answered.
    """

    scores: Floats
    high: Floats
    groups: NDArray[np.int64]
    dimensions: tuple[str, ...]
    least: float

    def at(self, rows: NDArray[np.bool_]) -> Ratings:
        """The ratings of some rows; these themselves where all are meant."""
        if rows.all():
            return self
        return Ratings(self.scores[rows], self.high, self.groups, self.dimensions, self.least)

    @property
    def complete(self) -> NDArray[np.bool_]:
        """Who answered every item."""
        return np.asarray(~np.isnan(self.scores).any(axis=1))

    @property
    def rated(self) -> NDArray[np.bool_]:
        """Who rated enough dimensions to have an index."""
        return np.asarray((~np.isnan(self.plain)).mean(axis=1) >= MIN_DIMENSION_SHARE)

    @cached_property
    def plain(self) -> Floats:
        """Score of every dimension as the report finds it (rows × dimensions)."""
        return self.of_dimensions()

    def treated(self, missing: str) -> Ratings:
        """The ratings after one of MISSING; imputed for those alone who have an index anyway."""
        if missing == IMPUTED:
            filled = np.where(self.rated[:, None], two_way(self.scores), np.nan)
            return Ratings(filled, self.high, self.groups, self.dimensions, self.least)
        if missing == COMPLETE:
            kept = np.where(self.complete[:, None], self.scores, np.nan)
            return Ratings(kept, self.high, self.groups, self.dimensions, self.least)
        return self

    def of_dimensions(self, weights: Floats | None = None, *, high: bool = False) -> Floats:
        """Score of every dimension (rows × dimensions): mean of its answered items, by `weights` where given."""
        member = (self.groups[:, None] == np.arange(len(self.dimensions))).astype(np.float64)
        weighing = member if weights is None else member * weights[:, None]
        found = np.empty((len(self.scores), len(self.dimensions)))
        for start in range(0, len(found), BLOCK_ROWS):
            part = slice(start, start + BLOCK_ROWS)
            values = self.scores[part]
            answered = ~np.isnan(values)
            if high:
                values = np.where(values >= self.high - ROUNDING, 100.0, 0.0)
            known = answered.astype(np.float64)
            count, total = known @ member, known @ weighing
            enough = (count > 0) & (count / member.sum(axis=0) >= self.least) & (total > 0)
            found[part] = (np.where(answered, values, 0.0) @ weighing) / np.where(enough, total, np.nan)
        return found


def ratings(responses: pd.DataFrame, *, instrument: Instrument, index: Index) -> Ratings:
    """The items of the dimensions as scores on 0–100. Raises MethodError for an instrument that rates no dimension."""
    if not instrument.dimensions:
        raise MethodError("no index in this edition")
    scales = instrument.scales
    keys = [item.key for construct in instrument.dimensions for item in construct.items]
    columns = [scales[key].score(responses[key].to_numpy(dtype=np.float64, na_value=np.nan)) for key in keys]
    high = np.array([float(scales[key].score(index.high_answer(key, instrument))) for key in keys])
    groups = np.repeat(np.arange(len(instrument.dimensions)), [len(one.items) for one in instrument.dimensions])
    names = tuple(one.key for one in instrument.dimensions)
    return Ratings(np.column_stack(columns), high, groups, names, index.min_answered_share)


def two_way(scores: Floats) -> Floats:
    """Missing scores (rows × items, 0–100) replaced by item mean + the person's mean deviation, within 0–100.

    Who answered nothing stays missing.
    """
    answered = ~np.isnan(scores)
    counts = np.maximum(answered.sum(axis=0), 1)
    item = np.where(answered, scores, 0.0).sum(axis=0) / counts
    given = answered.sum(axis=1)
    person = np.where(answered, scores - item, 0.0).sum(axis=1) / np.where(given > 0, given, np.nan)
    return np.where(answered, scores, np.clip(item + person[:, None], 0.0, 100.0))


@dataclass(frozen=True)
class Scoring:
    """One way of scoring: weights of the items within their dimension, of the dimensions, and whether ratings are only
    counted as high or not.
    """

    dimensions: Floats
    items: Floats | None = None
    high: bool = False

    def index(self, given: Ratings) -> Floats:
        """The index of every row, 0–100."""
        alike = self.items is None and not self.high
        scores = given.plain if alike else given.of_dimensions(self.items, high=self.high)
        return weighted_scores(scores, self.dimensions[None])[:, 0]


def scorings(
    given: Ratings, *, published: Mapping[str, float], satisfaction: Floats | None, weights: Floats
) -> dict[str, Scoring]:
    """The ways of scoring that differ from each other in this edition, by name, the published one first.

    `published`: weights of the dimensions in the report. `satisfaction`: score of each row, by which importance is
    found (none: it can't be). `weights`: survey weights of the rows, 0 for who is no customer. Weights found here are
    the same in all specifications: one choice is changed at a time, and not what it rests on.
    """
    own = np.array([published.get(key, 1.0) for key in given.dimensions])
    own = own / own.sum()
    equal = np.full(len(own), 1 / len(own))
    found = {PUBLISHED: Scoring(own)}
    if np.abs(own - equal).max() > ALIKE:
        found[EQUAL] = Scoring(equal)
    factor = factor_weights(given, weights)
    if factor is not None:
        found[FACTOR] = Scoring(own, factor)
    shares = None if satisfaction is None or len(own) < 2 else _importance(given, satisfaction, weights)
    if shares is not None and np.abs(shares - own).max() > ALIKE:
        found[IMPORTANCE] = Scoring(shares)
    return found | {HIGH: Scoring(own, high=True)}


def factor_weights(given: Ratings, weights: Floats) -> Floats | None:
    """Weight of each item in the score of its dimension's factor, λ/(1 − λ²), adding up to 1 in a dimension.

    None where no dimension has three items that go together. Loadings by principal axes, over complete rows.
    """
    found = np.ones(len(given.groups))
    known = False
    for place in range(len(given.dimensions)):
        own = np.flatnonzero(given.groups == place)
        values = given.scores[:, own]
        chosen = ~np.isnan(values).any(axis=1) & (weights != 0)
        if len(own) >= LEAST_ITEMS and chosen.sum() > len(own):
            loading = loadings(weighted_covariances(values[chosen], weights[chosen])[0])
            if loading is not None:
                found[own], known = loading / (1 - loading**2), True
        found[own] /= found[own].sum()
    return found if known else None


def loadings(covariance: Floats) -> Floats | None:
    """Loadings of one factor (k × k covariance in, k out); None where an item varies not, or not with the others."""
    spread = np.sqrt(np.diag(covariance))
    if not (spread > 0).all():
        return None
    correlation = covariance / np.outer(spread, spread)
    communality = np.abs(correlation - np.eye(len(spread))).max(axis=1)
    loading = np.zeros(len(spread))
    for _ in range(ROUNDS):
        values, vectors = np.linalg.eigh(correlation - np.diag(1 - communality))
        loading = vectors[:, -1] * np.sqrt(max(values[-1], 0.0))
        loading = loading * np.sign(loading.sum() or 1.0)
        moved, communality = communality, np.clip(loading**2, 0.0, 0.95)
        if np.abs(moved - communality).max() < ALIKE:
            break
    return np.clip(loading, 0.0, np.sqrt(0.95)) if (loading > 0).all() else None


def _importance(given: Ratings, satisfaction: Floats, weights: Floats) -> Floats | None:
    """Shares of the dimensions in the explained variance of satisfaction; None where there are none, or too many."""
    values = np.column_stack([given.plain, satisfaction])
    chosen = ~np.isnan(values).any(axis=1) & (weights != 0)
    if chosen.sum() <= values.shape[1] or len(given.dimensions) > MOST_PREDICTORS:
        return None
    covariance = weighted_covariances(values[chosen], weights[chosen])
    if not np.diagonal(covariance, axis1=1, axis2=2).all():
        return None
    shares = lmg(covariance)[0]
    return np.asarray(shares / shares.sum()) if shares.sum() > 0 else None
