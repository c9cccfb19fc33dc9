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

    from analysis.edition.scales import Scale
    from analysis.edition.sections.sampling import Sampling

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
    measure: str = "index"

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
class SampleSizes:
    """Sizes for the index, a share and the mean of an item, the audit trail side by side; the largest is planned."""

    sizes: tuple[SampleSize, ...]

    @property
    def governing(self) -> SampleSize:
        """The size that satisfies every target: the largest (the first of equals)."""
        return max(self.sizes, key=lambda size: size.n)

    def table(self) -> pd.DataFrame:
        """Rows quantity, one column per measure (index, share, item); margins and spread in the measure's own unit."""
        columns = {size.measure: size.table().set_index("quantity")["value"] for size in self.sizes}
        return pd.DataFrame(columns).reindex(self.sizes[0].table()["quantity"]).reset_index()

    def record(self) -> dict[str, float | int | bool | str | None]:
        """The record of the governing size, which measure governs, and the n of each."""
        needs = {f"n_{size.measure}": size.n for size in self.sizes}
        margins = {f"margin_{size.measure}": size.margin for size in self.sizes}
        return {**self.governing.record(), "governing": self.governing.measure, **needs, **margins}


@dataclass(frozen=True)
class Allocation:
    """Interviews per stratum, their sum `n`, and `needed`, the sum of the minima that the strata have."""

    strata: pd.DataFrame
    n: int
    needed: int

    def table(self) -> pd.DataFrame:
        """Rows category, population, share (of the population), n, invitations, margin (half width), cost.

        The margin is in index points; the cost is that of the stratum's interviews, missing when none is given.
        """
        return self.strata.copy()


def sample_size(*, sampling: Sampling, population: int | None) -> SampleSize:
    """Return the number of interviews that estimates the mean index within `sampling.margin` points.

    n0 = (z·sd/margin)², times the design effect, then n = n_design / (1 + n_design/N) when the population N is
    known, rounded up; invitations = n / response rate. Raises MethodError for a population below 1.
    Source: Cochran 1977, Sampling Techniques, §4.6 (eq. 4.6–4.7); design effect: Kish 1965, §8.2.
    """
    if population is not None and population < 1:
        raise MethodError("The population is empty.", expected="at least 1 person", got=str(population))
    return _size("index", sampling.standard_deviation, sampling.margin, sampling=sampling, population=population)


def sample_sizes(*, sampling: Sampling, population: int | None, scale: Scale) -> SampleSizes:
    """Return the sizes that the index, a share and the mean of one item need, by the steps of `sample_size`.

    A share p has the spread √(p(1 − p)) (Cochran 1977, §4.4), with p = `sampling.share`; an item of the answer scale
    the spread `item_standard_deviation`, or a quarter of the scale, and the margin `item_margin`, or 1/80 of it.
    """
    span = scale.max - scale.min
    share = math.sqrt(sampling.share * (1 - sampling.share))
    spread = sampling.item_standard_deviation or span / 4
    targets = (
        ("index", sampling.standard_deviation, sampling.margin),
        ("share", share, sampling.share_margin),
        ("item", spread, sampling.item_margin or span / 80),
    )
    if population is not None and population < 1:
        raise MethodError("The population is empty.", expected="at least 1 person", got=str(population))
    return SampleSizes(
        tuple(_size(name, sd, margin, sampling=sampling, population=population) for name, sd, margin in targets)
    )


def _size(measure: str, deviation: float, target: float, *, sampling: Sampling, population: int | None) -> SampleSize:
    z = normal_quantile(sampling.confidence)
    n0 = (z * deviation / target) ** 2
    n_design = n0 * sampling.design_effect
    n_finite = n_design if population is None else n_design / (1 + n_design / population)
    n = max(2, _up(n_finite)) if population is None else min(population, max(2, _up(n_finite)))
    invitations = _up(n / sampling.response_rate)
    return SampleSize(
        confidence=sampling.confidence,
        z=z,
        margin=target,
        standard_deviation=deviation,
        n0=n0,
        design_effect=sampling.design_effect,
        n_design=n_design,
        population=population,
        n_finite=n_finite,
        n=n,
        response_rate=sampling.response_rate,
        invitations=invitations,
        attainable=population is None or invitations <= population,
        measure=measure,
    )


def allocate(population: pd.DataFrame, *, n: int, sampling: Sampling) -> Allocation:
    """Share `n` interviews among the strata of `population` (columns category, population).

    n_h ∝ N_h^a with a = 1 (proportional), 0 (equal) or `sampling.power` (Bankier 1988, The American Statistician
    42, 174–177), or ∝ N_h·S_h/√c_h (neyman: Neyman's optimum, with cost c_h where one is given; Cochran 1977, §5.5),
    but never below the larger of `min_per_stratum` and what `stratum_margin` needs (half width in index points, with
    design effect and finite population correction), and never above N_h. When the minima together exceed `n`, the
    sample grows to hold them; one above the whole population is cut to it. Whole numbers by largest remainder, ties
    to the stratum listed first. margin = z·S_h·√(deff/n_h·(1 − n_h/N_h)), in points.
    Raises MethodError for no stratum, a stratum named twice, or a population that is not a positive whole number.
    """
    sizes = _sizes(population)
    if n < 1:
        raise MethodError("There is nothing to allocate.", expected="at least 1 interview", got=str(n))
    names = population["category"].astype(str).tolist()
    spread, cost = _spreads(names, sampling), _costs(names, sampling)
    z = normal_quantile(sampling.confidence)
    needed = (z * spread / sampling.stratum_margin) ** 2 * sampling.design_effect
    for_margin = np.ceil(needed / (1 + needed / sizes) - _ROUNDING)
    lower = np.minimum(np.maximum(for_margin, sampling.min_per_stratum), sizes)
    total = int(min(max(n, lower.sum()), sizes.sum()))
    if sampling.allocation == "neyman":
        claims = sizes * spread / np.sqrt(np.where(np.isnan(cost), 1.0, cost))
    else:
        claims = sizes ** {"proportional": 1.0, "equal": 0.0, "power": sampling.power}[sampling.allocation]
    counts = _whole(_bounded(claims, lower, sizes, total), lower, sizes, total)
    margin = z * spread * np.sqrt(sampling.design_effect / counts * (1 - counts / sizes))
    strata = pd.DataFrame(
        {
            "category": names,
            "population": sizes.astype(np.int64),
            "share": sizes / sizes.sum(),
            "n": counts,
            "invitations": np.ceil(counts / sampling.response_rate - _ROUNDING).astype(np.int64),
            "margin": margin,
            "cost": counts * cost,
        }
    )
    return Allocation(strata=strata, n=total, needed=int(lower.sum()))


def _spreads(names: list[str], sampling: Sampling) -> Floats:
    """Standard deviation of the index in every stratum."""
    given = sampling.stratum_deviation
    return np.array([given.get(name, sampling.standard_deviation) for name in names])


def _costs(names: list[str], sampling: Sampling) -> Floats:
    """Cost of an interview in every stratum; missing when none is given."""
    other = math.nan if sampling.cost is None else sampling.cost
    return np.array([sampling.stratum_cost.get(name, other) for name in names])


def normal_quantile(confidence: float) -> float:
    """z of a two-sided interval: 1.96 for 0.95."""
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
