"""Whether two published estimates differ, and by how much, judged by their intervals and what their samples share.

What the respondents of one sample said is compared by `differences`, which knows their covariance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True)
class Estimate:
    """A named estimate with its interval."""

    name: str
    value: float
    low: float
    high: float

    def error(self, confidence: float) -> float:
        """Standard error implied by the width of the interval."""
        return (self.high - self.low) / (2 * NormalDist().inv_cdf(0.5 + confidence / 2))


def differ(one: Estimate, other: Estimate, *, confidence: float, pairs: int = 1) -> bool:
    """Whether the difference of two estimates exceeds sampling error.

    |a − b| > z·√(se_a² + se_b²), the estimates taken as independent, with z for an error of (1 − confidence) shared
    among `pairs` comparisons (Bonferroni). Source: Schenker & Gentleman 2001, The American Statistician 55.
    """
    critical = NormalDist().inv_cdf(1 - (1 - confidence) / (2 * max(pairs, 1)))
    error = math.hypot(one.error(confidence), other.error(confidence))
    return abs(one.value - other.value) > critical * error


def change(later: Estimate, earlier: Estimate, *, confidence: float, shared: float = 0.0) -> Estimate:
    """The difference later − earlier with its interval, named as the later one.

    `shared` is the correlation of the two sampling errors: the share of respondents that both samples have times the
    correlation of their two answers. Var = se_a² + se_b² − 2·shared·se_a·se_b (Kish 1965, §12.4); 0: separate samples.
    """
    one, other = later.error(confidence), earlier.error(confidence)
    error = math.sqrt(max(one**2 + other**2 - 2 * shared * one * other, 0.0))
    half = NormalDist().inv_cdf(0.5 + confidence / 2) * error
    value = later.value - earlier.value
    return Estimate(later.name, value, value - half, value + half)
