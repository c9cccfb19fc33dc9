"""Necessity beside sufficiency: which level of a predictor nobody goes without who reaches a level of the outcome.

Necessary condition analysis (Dul 2016, Organizational Research Methods 19, 10–52) looks at the empty corner of the
plot of outcome y on predictor x: high y with low x. Its edge is the ceiling CE-FDH, the staircase C(x) = max{y : x' ≤
x}. The effect size d is the area above the staircase over the scope, (x_max − x_min)·(y_max − y_min): below 0.1
small, to 0.3 medium, to 0.5 large. p is the share of permutations of y with as large a d (Dul, van der Laan & Kuik
2020). The ceiling is made of extremes, so that weights play no part, and it describes this sample: with correlated
scores some corner is always empty, and a larger sample fills it. Knows NumPy and pandas only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

EFFECT_COLUMNS = ("construct", "effect", "p", "size", "ceiling_zone", "scope", "n")
BOTTLENECK_COLUMNS = ("level", "construct", "required", "percent", "n")
SIZES = ((0.1, "small"), (0.3, "medium"), (0.5, "large"), (1.01, "very_large"))
"""Dul's names of effect sizes by their upper bounds."""
_MOST_PERMUTED, _FEW = 50_000, 200
"""Interviews that are permuted one by one, and different scores that are few."""
_BATCH = 4_000_000
"""Numbers that the permutations hold at a time."""


@dataclass(frozen=True)
class Necessity:
    """Necessary conditions of one outcome.

    effects: construct, effect (d), p, size, ceiling_zone and scope (areas in squared points), n. bottleneck: level of
    the outcome, construct, required (lowest score of those who reach the level, missing where it is the lowest of
    all: not necessary), percent of the range of the score, n who reach the level.
    """

    effects: pd.DataFrame
    bottleneck: pd.DataFrame

    @property
    def summary(self) -> pd.DataFrame:
        """The effects with level, the highest of the bottleneck, and required for it; without one where none is."""
        level = self.bottleneck["level"].max()
        highest = self.bottleneck.loc[self.bottleneck["level"] == level, ["construct", "level", "required"]]
        return self.effects.merge(highest, on="construct", how="left")


def necessary_conditions(
    scores: pd.DataFrame,
    outcome: pd.Series[Any],
    *,
    levels: Sequence[float],
    permutations: int,
    seed: int,
    min_n: int = 1,
) -> Necessity:
    """Effect size, permutation p and bottleneck of every column of `scores` for `outcome`.

    Over the interviews with the outcome and all scores; `levels` of the outcome in its own points, of which those
    that fewer than `min_n` reach are left out. Permutations are shared by the predictors; p = (1 + those with as
    large a d) / (1 + permutations). Raises MethodError without scores, for fewer than two interviews and for an outcome
    or a score that is the same for all.
    """
    if scores.shape[1] == 0:
        raise MethodError(
            "No construct is left that could be necessary for the outcome.", expected="one besides it", got="none"
        )
    used = scores.notna().all(axis=1).to_numpy() & outcome.notna().to_numpy()
    x, y = scores.to_numpy(dtype=np.float64)[used], outcome.to_numpy(dtype=np.float64)[used]
    constant = [
        str(name) for name, column in zip(scores.columns, x.T, strict=True) if len(y) < 2 or np.ptp(column) == 0
    ]
    if len(y) < 2 or np.ptp(y) == 0 or constant:
        raise MethodError(
            "Nothing is necessary where nothing varies.",
            where=", ".join(constant) or str(outcome.name),
            expected="two different scores or more",
            got=f"{len(y)} interviews",
        )
    plots = [_Plot.of(column) for column in x.T]
    found = np.array([plot.zone(y[None, :])[0] for plot in plots])
    beaten = _permuted(plots, y, found, permutations, np.random.default_rng(seed))
    scope = np.ptp(x, axis=0) * np.ptp(y)
    effect = found / scope
    effects = pd.DataFrame({"construct": [str(name) for name in scores.columns], "effect": effect})
    effects["p"] = (1 + beaten) / (1 + permutations)
    effects["size"] = [next(name for bound, name in SIZES if value < bound) for value in effect]
    effects["ceiling_zone"], effects["scope"], effects["n"] = found, scope, len(y)
    return Necessity(effects[list(EFFECT_COLUMNS)], _bottleneck(scores.loc[used], y, levels, min_n))


@dataclass(frozen=True)
class _Plot:
    """Rows in the order of x, where each value of x begins among them, and the width from it to the next."""

    order: Codes
    first: Codes
    width: Floats

    @staticmethod
    def of(x: Floats) -> _Plot:
        order = np.argsort(x, kind="stable")
        values, first = np.unique(x[order], return_index=True)
        return _Plot(order, first, np.diff(values))

    def zone(self, y: Floats) -> Floats:
        """Area above the staircase for each row of `y` (rows × interviews): Σ (y_max − C(x_k))·(x_{k+1} − x_k)."""
        highest = np.maximum.reduceat(y[:, self.order], self.first, axis=1)
        ceiling = np.maximum.accumulate(highest, axis=1)
        return np.asarray((ceiling[:, -1:] - ceiling[:, :-1]) @ self.width, dtype=np.float64)

    def tabled(self, y: Floats, permutations: int, rng: np.random.Generator) -> Floats:
        """Zones of as many permutations of `y`.

        How often each value of y then stands at each value of x is a table with the margins of this one, whose columns
        are drawn one after another from what is left (multivariate hypergeometric).
        """
        values, counts = np.unique(y, return_counts=True)
        sizes = np.diff(self.first, append=len(self.order))
        highest = np.empty((permutations, len(sizes)))
        for row in highest:
            left = counts.copy()
            for place, size in enumerate(sizes):
                drawn = rng.multivariate_hypergeometric(left, int(size), method="marginals")
                row[place], left = values[np.flatnonzero(drawn)[-1]], left - drawn
        ceiling = np.maximum.accumulate(highest, axis=1)
        return np.asarray((ceiling[:, -1:] - ceiling[:, :-1]) @ self.width, dtype=np.float64)


def _permuted(plots: list[_Plot], y: Floats, found: Floats, permutations: int, rng: np.random.Generator) -> Codes:
    """How many permutations give each predictor as large a zone as was found.

    Of many interviews with few different scores the tables are drawn in which a permutation leaves them.
    """
    beaten, step = np.zeros(len(plots), dtype=np.int64), max(1, _BATCH // len(y))
    tolerance = 1e-9 * np.maximum(found, 1.0)
    if len(y) > _MOST_PERMUTED and max(len(plot.first) for plot in plots) <= _FEW:
        zones = [plot.tabled(y, permutations, rng) for plot in plots]
        return np.array([int((zone >= bound).sum()) for zone, bound in zip(zones, found - tolerance, strict=True)])
    for start in range(0, permutations, step):
        drawn = rng.permuted(np.tile(y.astype(np.float32), (min(step, permutations - start), 1)), axis=1)
        for place, plot in enumerate(plots):
            beaten[place] += int((plot.zone(drawn) >= found[place] - tolerance[place]).sum())
    return beaten


def _bottleneck(scores: pd.DataFrame, y: Floats, levels: Sequence[float], min_n: int) -> pd.DataFrame:
    """For each level the lowest score of those who reach it."""
    rows = []
    for level in levels:
        reached = scores[y >= level]
        for name in scores.columns if len(reached) >= max(min_n, 1) else ():
            low, range_low, range_high = reached[name].min(), scores[name].min(), scores[name].max()
            percent = float((low - range_low) / (range_high - range_low))
            rows.append((float(level), str(name), float(low) if low > range_low else np.nan, percent, len(reached)))
    return pd.DataFrame(rows, columns=list(BOTTLENECK_COLUMNS))
