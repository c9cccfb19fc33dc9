"""Sample size and its allocation to strata."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.errors import MethodError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.edition import Sampling

    Floats = NDArray[np.float64]

_ROUNDING = 1e-9
"""Slack before rounding up, so that 400.0000000001 interviews are 400."""


@dataclass(frozen=True)
class SampleSize:
    """Interviews needed, with every step of the calculation; `attainable`: enough people exist to invite."""

    confidence: float
    z: float
    margin: float
    standard_deviation: float
    n0: float
    design_effect: float
    n_design: float
    population: int | None
    n_finite: float
    n: int
    response_rate: float
    invitations: int
    attainable: bool

    def table(self) -> pd.DataFrame:
        """The audit trail as rows quantity, value; `population` only when one is known."""
        steps: dict[str, float] = {
            "z": self.z,
            "margin": self.margin,
            "standard_deviation": self.standard_deviation,
            "n0": self.n0,
            "design_effect": self.design_effect,
            "n_design": self.n_design,
        }
        if self.population is not None:
            steps["population"] = self.population
        steps |= {
            "n_finite": self.n_finite,
            "n": self.n,
            "response_rate": self.response_rate,
            "invitations": self.invitations,
        }
        return pd.DataFrame({"quantity": list(steps), "value": [float(value) for value in steps.values()]})

    def record(self) -> dict[str, float | int | bool | None]:
        """What the report says of the sample: plain values by name; population None when it is not known."""
        return {
            "n": self.n,
            "margin": self.margin,
            "confidence": self.confidence,
            "design_effect": self.design_effect,
            "population": self.population,
            "response_rate": self.response_rate,
            "invitations": self.invitations,
            "attainable": self.attainable,
        }


@dataclass(frozen=True)
class Allocation:
    """Interviews per stratum, their sum `n`, and `needed`, the sum of the minima that the strata have."""

    strata: pd.DataFrame
    n: int
    needed: int

    def table(self) -> pd.DataFrame:
        """Rows category, population, share (of the population), n, margin (half width in index points)."""
        return self.strata.copy()


def sample_size(*, sampling: Sampling, population: int | None) -> SampleSize:
    """Return the number of interviews that estimates the mean index within `sampling.margin` points.

    n0 = (z·sd/margin)², times the design effect, then n = n_design / (1 + n_design/N) when the population N is
    known, rounded up; invitations = n / response rate. Raises MethodError for a population below 1.
    Source: Cochran 1977, Sampling Techniques, §4.6 (eq. 4.6–4.7); design effect: Kish 1965, §8.2.
    """
    if population is not None and population < 1:
        raise MethodError("The population is empty.", expected="at least 1 person", got=str(population))
    z = _z(sampling.confidence)
    n0 = (z * sampling.standard_deviation / sampling.margin) ** 2
    n_design = n0 * sampling.design_effect
    n_finite = n_design if population is None else n_design / (1 + n_design / population)
    n = max(2, _up(n_finite)) if population is None else min(population, max(2, _up(n_finite)))
    invitations = _up(n / sampling.response_rate)
    return SampleSize(
        confidence=sampling.confidence,
        z=z,
        margin=sampling.margin,
        standard_deviation=sampling.standard_deviation,
        n0=n0,
        design_effect=sampling.design_effect,
        n_design=n_design,
        population=population,
        n_finite=n_finite,
        n=n,
        response_rate=sampling.response_rate,
        invitations=invitations,
        attainable=population is None or invitations <= population,
    )


def allocate(population: pd.DataFrame, *, n: int, sampling: Sampling) -> Allocation:
    """Share `n` interviews among the strata of `population` (columns category, population).

    n_h ∝ N_h^a with a = 1 (proportional), 0 (equal) or `sampling.power` (Bankier 1988, The American Statistician
    42, 174–177), but never below the larger of `min_per_stratum` and what `stratum_margin` needs (half width in
    index points, with design effect and finite population correction), and never above N_h. When the minima
    together exceed `n`, the sample grows to hold them; one above the whole population is cut to it. Whole numbers
    by largest remainder, ties to the stratum listed first. margin = z·sd·√(deff/n_h·(1 − n_h/N_h)), in points.
    Raises MethodError for no stratum, a stratum named twice, or a population that is not a positive whole number.
    """
    sizes = _sizes(population)
    if n < 1:
        raise MethodError("There is nothing to allocate.", expected="at least 1 interview", got=str(n))
    z = _z(sampling.confidence)
    needed = (z * sampling.standard_deviation / sampling.stratum_margin) ** 2 * sampling.design_effect
    for_margin = np.ceil(needed / (1 + needed / sizes) - _ROUNDING)
    lower = np.minimum(np.maximum(for_margin, sampling.min_per_stratum), sizes)
    total = int(min(max(n, lower.sum()), sizes.sum()))
    exponent = {"proportional": 1.0, "equal": 0.0, "power": sampling.power}[sampling.allocation]
    counts = _whole(_bounded(sizes**exponent, lower, sizes, total), lower, sizes, total)
    margin = z * sampling.standard_deviation * np.sqrt(sampling.design_effect / counts * (1 - counts / sizes))
    strata = pd.DataFrame(
        {
            "category": population["category"].astype(str).to_numpy(),
            "population": sizes.astype(np.int64),
            "share": sizes / sizes.sum(),
            "n": counts,
            "margin": margin,
        }
    )
    return Allocation(strata=strata, n=total, needed=int(lower.sum()))


def _z(confidence: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(0.5 + confidence / 2))


def _up(value: float) -> int:
    return math.ceil(value - _ROUNDING)


def _sizes(population: pd.DataFrame) -> Floats:
    if population.empty:
        raise MethodError("There is no stratum to allocate to.", hint="check sampling.stratum and the population table")
    names = population["category"].astype(str)
    if names.duplicated().any():
        raise MethodError("A stratum is listed twice.", where=", ".join(sorted(set(names[names.duplicated()]))))
    sizes = population["population"].to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~np.isfinite(sizes) | (sizes < 1) | (sizes != np.floor(sizes))
    if wrong.any():
        raise MethodError(
            "The population of a stratum is not a count.",
            where=", ".join(names[wrong]),
            expected="a whole number of at least 1",
            got=", ".join(str(size) for size in sizes[wrong]),
        )
    return sizes


def _bounded(claims: Floats, lower: Floats, upper: Floats, total: int) -> Floats:
    """Shares clip(λ·claim, lower, upper) that add up to `total`; λ is found by bisection, the sum rises with it."""
    low, high = 0.0, float((upper / claims).max())
    for _ in range(200):
        middle = (low + high) / 2
        if np.clip(middle * claims, lower, upper).sum() < total:
            low = middle
        else:
            high = middle
    return np.clip(high * claims, lower, upper)


def _whole(shares: Floats, lower: Floats, upper: Floats, total: int) -> NDArray[np.int64]:
    """Round to whole numbers that add up to `total`, the largest remainders first, inside the bounds."""
    counts = np.clip(np.floor(shares + _ROUNDING), lower, upper)
    order = np.argsort(-np.round(shares - counts, 9), kind="stable")
    open_strata = [int(i) for i in order if counts[i] < upper[i]]
    for i in open_strata[: int(total - counts.sum())]:
        counts[i] += 1
    return counts.astype(np.int64)
