"""Weighted moments of complete answers, which every method of this room starts from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import MethodError

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[Any]
BLOCK = 8192
"""Rows whose answers are in double precision at a time."""


@dataclass(frozen=True)
class Answers:
    """Rows that answered all of some items: values (n × k) and weights (n) that sum to one.

    Values are in single precision where that is exact; moments take them in double precision, block by block.
    """

    items: tuple[str, ...]
    values: Array
    weights: Array

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.values)

    @property
    def n_eff(self) -> float:
        """Kish's effective number of rows, 1 / Σw²: n for equal weights."""
        return 1 / float((self.weights**2).sum()) if self.n else 0.0

    @cached_property
    def means(self) -> Array:
        """Weighted mean of each item; NaN without rows."""
        if not self.n:
            return np.full(self.values.shape[1], np.nan)
        return np.asarray(sum(weights @ values for values, weights in self.blocks()))

    def blocks(self) -> Iterator[tuple[Array, Array]]:
        """Some rows at a time, in double precision, with their weights."""
        for start in range(0, self.n, BLOCK):
            yield self.values[start : start + BLOCK].astype(np.float64), self.weights[start : start + BLOCK]

    @cached_property
    def covariance(self) -> Array:
        """Covariance with the factor 1/(1 − Σw²), which is n/(n − 1) for equal weights; NaN for fewer than two rows."""
        freedom = 1 - float((self.weights**2).sum())
        if self.n < 2 or freedom <= 0:
            return np.full((self.values.shape[1], self.values.shape[1]), np.nan)
        # an item without variation must have none, not the rounding error of its mean
        varied, total = np.ptp(self.values, axis=0) > 0, np.zeros((self.values.shape[1],) * 2)
        for values, weights in self.blocks():
            centred = np.where(varied, values - self.means, 0.0)
            total += (weights[:, None] * centred).T @ centred
        return total / freedom

    @cached_property
    def correlation(self) -> Array:
        """Correlations; NaN throughout where an item does not vary."""
        return correlation_of(self.covariance)


def correlation_of(covariance: Array) -> Array:
    """Correlations of a covariance matrix; NaN throughout where a variance is not positive."""
    deviations = np.sqrt(np.diag(covariance))
    if not (deviations > 0).all():
        return np.full_like(covariance, np.nan)
    return np.asarray(covariance / np.outer(deviations, deviations))


def complete_answers(responses: pd.DataFrame, items: Sequence[str], weights: pd.Series | None = None) -> Answers:
    """Complete answers to `items`; `weights` are indexed like `responses` and of any positive scale.

    Raises MethodError for a missing item or a weight that is no weight.
    """
    absent = [item for item in items if item not in responses.columns]
    if absent:
        raise MethodError("Items of the instrument are not in the responses.", got=f"no {', '.join(absent)}")
    complete = responses[list(items)].notna().all(axis=1).to_numpy()
    values: Array = np.zeros((len(items), int(complete.sum())), dtype=np.float32).T
    for place, item in enumerate(items):
        column = responses[item][complete].to_numpy(dtype=float)
        if values.dtype == np.float32 and not np.array_equal(column.astype(np.float32), column):
            values = values.astype(np.float64)
        values[:, place] = column
    if weights is None:
        return Answers(tuple(items), values, np.full(len(values), 1 / max(len(values), 1)))
    weight = weights.reindex(responses.index[complete]).to_numpy(dtype=float)
    if not np.isfinite(weight).all() or (weight < 0).any() or (len(weight) and weight.sum() == 0):
        raise MethodError(
            "Weights must be given for every row.",
            expected="numbers ≥ 0, not all zero, indexed like the responses",
            got=f"{int((weight < 0).sum())} negative",
            hint="after a calibration with negative: true, set measurement.weighted: false",
        )
    return Answers(tuple(items), values, weight / weight.sum() if len(weight) else weight)


def check_usable(answers: Answers, *, least: int) -> None:
    """Raise MethodError when the answers can't carry a correlation matrix of their items."""
    if answers.n < least:
        raise MethodError(
            "There are too few complete answers for the analysis of the items.",
            expected=f"at least {least} rows with all {len(answers.items)} items",
            got=str(answers.n),
        )
    constant = [item for item, spread in zip(answers.items, np.ptp(answers.values, axis=0), strict=True) if not spread]
    if constant:
        raise MethodError("Items have the same answer in every row.", got=", ".join(constant))
    values, vectors = np.linalg.eigh(answers.correlation)
    if values[0] < 1e-10:
        repeated = [item for item, part in zip(answers.items, vectors[:, 0], strict=True) if abs(part) > 0.1]
        raise MethodError("Some items repeat each other exactly.", got=", ".join(repeated), hint="remove one of them")
