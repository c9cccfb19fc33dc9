"""A known mean of a numeric question as something weights are fitted to, beside margins.

Σ w·(x − t) = 0 over the rows that answered: the weighted mean of x is t, in the sample and in every replicate. A known
total is the mean times the number of people. NumPy and pandas only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.errors import MethodError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.edition.sections.weighting import Calibration
    from analysis.survey.weighting.raking import Codes, Floats


@dataclass(frozen=True)
class Mean:
    """One known mean: how far each row's answer is from `target`, in standard deviations `scale` (0: not answered).

    codes: rows of one number are alike; -1: not answered.
    """

    name: str
    target: float
    scale: float
    away: Floats
    codes: Codes

    def at(self, rows: NDArray[np.int64]) -> Mean:
        """The mean of the rows at these positions only."""
        return Mean(self.name, self.target, self.scale, self.away[rows], self.codes[rows])

    def columns(self, weights: Floats) -> Floats:  # noqa: ARG002 - a mean has no categories that may be empty
        """The one column that sums to 0 where the mean is met."""
        return self.away[:, None]

    def of(self, weights: Floats) -> Floats:
        """Per column: weighted mean, in standard deviations from the target; missing where nobody answered."""
        answered = (self.codes >= 0).astype(np.float64) @ weights
        off = np.divide(self.away @ weights, answered, out=np.full_like(answered, np.nan), where=answered != 0)
        return np.asarray(off, dtype=np.float64)

    def gaps(self, weights: Floats) -> Floats:
        """Per column: distance of the weighted mean from the target in standard deviations."""
        return np.abs(self.of(weights))

    def mean(self, weights: Floats) -> float:
        """Weighted mean by these weights (rows × 1)."""
        return float(self.target + self.scale * self.of(weights)[0])

    def furthest(self, weights: Floats) -> str:
        """The mean by these weights, and the one that is wanted."""
        return f"mean of {self.name}: {self.mean(weights):.6g} where {self.target:.6g} is wanted"


def known_means(
    frame: pd.DataFrame, calibration: Calibration | None, margins: Mapping[str, Mapping[str, float]]
) -> list[Mean]:
    """What is known of numeric questions; totals are of the people whom the first of `margins` counts.

    Raises MethodError without a margin, for a question that is no column or varies not, and for a mean
    that no weights above 0 can give the answers, unless negative ones are allowed.
    """
    if calibration is None or not calibration.numbers:
        return []
    if not margins:
        raise MethodError(
            "Known means and totals are met beside margins, which count the people they are of.",
            where="weighting.calibration",
            expected="a margin of the population",
            hint="add a population table, or leave means and totals out",
        )
    people = sum(next(iter(margins.values())).values())
    targets = {**calibration.means, **{name: total / people for name, total in calibration.totals.items()}}
    return [_build(frame, name, target, outside=calibration.negative) for name, target in targets.items()]


def _build(frame: pd.DataFrame, name: str, target: float, *, outside: bool) -> Mean:
    if name not in frame:
        raise MethodError(f"{name!r} is not a column of the data.", hint="check weighting.calibration")
    values = pd.to_numeric(frame[name]).to_numpy(dtype=np.float64, na_value=np.nan)
    known = values[~np.isnan(values)]
    if not len(known) or np.ptp(known) == 0:
        raise MethodError(
            f"Weights can't be fitted to the mean of {name!r}: its answers do not vary.",
            expected=f"answers on both sides of {target:.6g}",
            got=f"always {known[0]:.6g}" if len(known) else "no answer",
        )
    if not outside and not known.min() < target < known.max():
        raise MethodError(
            f"No weights above 0 give {name!r} the mean that is wanted.",
            expected=f"a mean between the answers, {known.min():.6g} and {known.max():.6g}",
            got=f"{target:.6g}",
            hint="check the unit of the number, and whether a total stands where a mean is meant",
        )
    scale = float(known.std())
    away = np.where(np.isnan(values), 0.0, (values - target) / scale)
    return Mean(name, target, scale, away, pd.factorize(values)[0].astype(np.int64))
