"""Replicate weights: the survey drawn again from itself, so that any estimate shows how much it would have moved.

V(θ) = Σ_r factors_r · (θ_r − θ)², where θ_r is the same estimate with the weights of replicate r. A weighting stage
that adjusts every replicate as it adjusts the weights themselves puts its own share into that variance.

Around what the replicates are squared is a convention: around θ (`centre="estimate"`: Wolter 2007, §4.2; R survey with
mse = TRUE) or around their own mean (`centre="mean"`: R's default, mse = FALSE in svrVar). On apiclus1 JK1 gives an SE
of 26.334858 with the first and 26.329361 with the second; the first is never the smaller and is the default here.
Sources: Rust & Rao 1996 (JK1, JKn); Rao, Wu & Yue 1992 and Rao & Wu 1988, §4 (rescaled bootstrap).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from analysis.errors import MethodError
from analysis.survey.design.design import specify_design

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from analysis.survey.design.design import Singleton, Stage

    Floats = NDArray[np.float64]

Centre = Literal["estimate", "mean"]


@dataclass(frozen=True)
class ReplicateWeights:
    """Weights of every replicate and how to sum them up.

    weights: rows × replicates; factors: one per replicate, V(θ) = Σ_r factors_r (θ_r − θ)²; degrees of freedom;
    method: JK1, JKn or bootstrap; centre: θ is the estimate, or the mean of the replicates.
    """

    weights: Floats
    factors: Floats
    degrees: int
    method: str
    centre: Centre = "estimate"


def jackknife(
    base: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    psu: ArrayLike | None = None,
    fpc: ArrayLike | None = None,
    singleton: Singleton = "error",
    centre: Centre = "estimate",
) -> ReplicateWeights:
    """Leave out one sampling unit at a time: JK1 without `strata`, JKn with them.

    `base`: one weight per row. Replicate r gives unit j of stratum h no weight and the other units of h theirs times
    n_h/(n_h − 1); factors_r = (1 − f_h)(n_h − 1)/n_h with f_h = n_h/`fpc` (0 without `fpc`). A stratum of one unit is
    refused, or with another `singleton` makes no replicate. Raises MethodError as `specify_design` does.
    """
    weights = np.asarray(base, dtype=np.float64)
    design = specify_design(len(weights), weights=weights, strata=strata, psu=psu, fpc=fpc, singleton=singleton)
    stage = design.stages[0]
    unit = np.arange(design.rows) if stage.unit is None else stage.unit
    size = stage.sizes[stage.parent].astype(np.float64)
    left_out = np.flatnonzero((size > 1) & (stage.fractions[stage.parent] < 1))
    if not len(left_out):
        raise MethodError("No sampling unit can be left out.", expected="two units or more in a stratum")
    same_stratum = stage.parent[unit][:, None] == stage.parent[left_out][None, :]
    multiplier = np.where(same_stratum, size[left_out] / (size[left_out] - 1), 1.0)
    multiplier[unit[:, None] == left_out[None, :]] = 0.0
    factors = (1 - stage.fractions[stage.parent[left_out]]) * (size[left_out] - 1) / size[left_out]
    method = "JK1" if strata is None else "JKn"
    return ReplicateWeights(weights[:, None] * multiplier, factors, design.degrees, method, centre)


def bootstrap(
    base: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    psu: ArrayLike | None = None,
    fpc: ArrayLike | None = None,
    replicates: int = 200,
    seed: int,
    singleton: Singleton = "error",
) -> ReplicateWeights:
    """Draw n_h − 1 of the n_h sampling units of every stratum again, with replacement, `replicates` times.

    With t the times a unit was drawn, its rows get their `base` weight times 1 + λ(t · n_h/(n_h − 1) − 1),
    λ = √(1 − f_h) (Rao, Wu & Yue 1992; λ = 1 without `fpc`); factors are 1/replicates. Degrees of freedom are those
    of the design, at most replicates − 1. The same seed and row order give the same weights. A stratum of one unit is
    refused, or with another `singleton` keeps its weight. Raises MethodError for fewer than two replicates.
    """
    if replicates < 2:
        raise MethodError("The bootstrap needs replicates.", expected="2 or more", got=str(replicates))
    weights = np.asarray(base, dtype=np.float64)
    design = specify_design(len(weights), weights=weights, strata=strata, psu=psu, fpc=fpc, singleton=singleton)
    stage = design.stages[0]
    multiplier = _times_drawn(stage, replicates, np.random.default_rng(seed))
    rows = multiplier if stage.unit is None else multiplier[stage.unit]
    degrees = min(design.degrees, replicates - 1)
    return ReplicateWeights(weights[:, None] * rows, np.full(replicates, 1 / replicates), degrees, method="bootstrap")


def _times_drawn(stage: Stage, replicates: int, rng: np.random.Generator) -> Floats:
    """Rescaled times each unit was drawn, units × replicates."""
    multiplier = np.ones((len(stage.parent), replicates))
    order = np.argsort(stage.parent, kind="stable")
    ends = np.cumsum(stage.sizes)
    for stratum, size in enumerate(stage.sizes):
        if size < 2:
            continue
        members = order[ends[stratum] - size : ends[stratum]]
        times = rng.multinomial(int(size) - 1, np.full(size, 1 / size), size=replicates).T
        scale = np.sqrt(1 - stage.fractions[stratum])
        multiplier[members] = 1 + scale * (times * size / (size - 1) - 1)
    return multiplier
