"""Times to an end that not every case has reached: Kaplan and Meier's product limit, its quantiles and intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[Any]


@dataclass(frozen=True)
class ProductLimit:
    """Share still open after each of the `times` at which a case ended, with its log–log interval, and how many were at
    risk and ended there (k each).

    Kaplan & Meier (1958); variance of Greenwood (1926), interval on the scale of log(−log S) (Kalbfleisch & Prentice
    1980), which stays between 0 and 1.
    """

    times: Floats
    survival: Floats
    low: Floats
    high: Floats
    at_risk: Floats
    events: Floats

    def restricted_mean(self, horizon: float) -> tuple[float, float]:
        """Mean time up to `horizon`, the area below the curve, with its standard error (Irwin 1949; Klein &
        Moeschberger 2003, §4.5).
        """
        inside = self.times < horizon
        times, survival = self.times[inside], self.survival[inside]
        areas = np.concatenate([[1.0], survival]) * np.diff(np.concatenate([[0.0], times, [horizon]]))
        beyond = areas[::-1].cumsum()[::-1][1:]  # area from each time on to the horizon
        events, at_risk = self.events[inside], self.at_risk[inside]
        with np.errstate(divide="ignore", invalid="ignore"):
            parts = np.where(beyond > 0, beyond**2 * events / (at_risk * (at_risk - events)), 0.0)
        return float(areas.sum()), float(np.sqrt(parts.sum()))

    def quantile(self, share: float) -> tuple[float, float, float]:
        """Time by which `share` of the cases have ended, with its interval (Brookmeyer & Crowley 1982).

        NaN where so many have not ended. Where the curve lies flat at 1 − share, the middle of that stretch.
        """
        return self._reached(self.survival, share), self._reached(self.low, share), self._reached(self.high, share)

    def _reached(self, curve: Floats, share: float) -> float:
        below = np.flatnonzero(curve <= 1 - share + 1e-12)
        if not len(below):
            return float("nan")
        at = below[0]
        flat = abs(curve[at] - (1 - share)) <= 1e-12 and at + 1 < len(self.times)
        return float((self.times[at] + self.times[at + 1]) / 2 if flat else self.times[at])


def product_limit(
    duration: Floats, ended: NDArray[np.bool_], *, entry: Floats | None = None, confidence: float = 0.95
) -> ProductLimit:
    """The curve of cases with their `duration` so far (n), of which some have `ended` (n) and others are open still.

    `entry` (n): the age at which a case came under observation, for those who can be seen from a date on only: before
    it they could not have been seen to end, and are not at risk.
    """
    from scipy.special import ndtri

    times, place = np.unique(duration, return_inverse=True)
    events = np.bincount(place, weights=ended, minlength=len(times))
    leaving = np.bincount(place, minlength=len(times))
    at_risk = leaving[::-1].cumsum()[::-1].astype(np.float64)
    if entry is not None:
        at_risk -= len(entry) - np.searchsorted(np.sort(entry), times, side="left")
    happened = events > 0
    times, events, at_risk = times[happened], events[happened], at_risk[happened]
    survival = np.cumprod(1 - events / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(events / (at_risk * (at_risk - events)))
        logarithm = np.log(survival)
        half = ndtri(0.5 + confidence / 2) * np.sqrt(greenwood) / np.abs(logarithm)
        low, high = survival ** np.exp(half), survival ** np.exp(-half)
    unknown = survival <= 0  # the last case has ended: R's survfit gives no interval there either
    low, high = np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)
    return ProductLimit(times, survival, low, high, at_risk, events)
