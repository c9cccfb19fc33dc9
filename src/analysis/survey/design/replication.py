"""Replicates of a draw: units left out one at a time, or drawn again with replacement.

Sources: Rust & Rao 1996 (JK1, JKn); Rao, Wu & Yue 1992 and Rao & Wu 1988, §4 (rescaled bootstrap). A stratum of one
unit (of several in the population) is treated as linearisation treats it, by `singleton`: "error" refuses it;
"certainty" gives it no share of the variance; "centred" lets the square of its score count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.errors import MethodError
from analysis.survey.design.replicate_weights import ReplicateWeights, Replication
from analysis.survey.design.survey_design import specify_design

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from analysis.survey.design.replicate_weights import Behind, Centre
    from analysis.survey.design.sampling_stages import Singleton, Stage
    from analysis.survey.design.survey_design import SurveyDesign

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

MANY = 50_000
"""Units of a stratum from which on they are drawn one by one."""


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
    refused ("error"), makes no replicate ("certainty"), or ("centred") is left out while all others keep their weights,
    with the factor 1 − f_h: of a total that gives the square of its score, as linearisation does. R survey's jknweights
    does the first two ("fail", "certainty"); its "adjust" spreads the sample over the other H − 1 strata with the
    factor (H − 1)/H instead, which for means comes to the same but for the factor, and for totals is another measure
    (2569.8 where linearisation has 726.9 in tests/golden/survey_designs.R). Raises MethodError as `specify_design`.
    """
    weights = np.asarray(base, dtype=np.float64)
    design = specify_design(len(weights), weights=weights, strata=strata, psu=psu, fpc=fpc, singleton=singleton)
    return _multiplied(weights, jackknife_of(design, stratified=strata is not None, centre=centre))


def jackknife_of(
    design: SurveyDesign, *, stratified: bool, centre: Centre = "estimate", behind: Behind | None = None
) -> Replication:
    """The `jackknife` of the first stage of a design."""
    stage = design.stages[0]
    unit = np.arange(design.rows) if stage.unit is None else stage.unit
    left_out = _left_out(stage, design.singleton)
    stratum = stage.parent[left_out]
    size = stage.sizes[stratum].astype(np.float64)
    spread = np.where(size > 1, size / np.maximum(size - 1, 1), 1.0)

    def multipliers(some: slice, rows: slice) -> Floats:
        own = unit[rows]
        made = np.where(stage.parent[own][:, None] == stratum[None, some], spread[some], 1.0)
        made[own[:, None] == left_out[None, some]] = 0.0
        return made

    def sums(some: slice) -> Floats:
        made = multipliers(some, slice(0 if behind is None else behind.rows, None))
        return np.stack([_by_code(behind, column) for column in made.T], axis=1)

    factors = (1 - stage.fractions[stratum]) / spread
    return Replication(multipliers, sums, factors, design.degrees, "JKn" if stratified else "JK1", centre)


def _by_code(behind: Behind | None, multipliers: Floats, members: Codes | slice = slice(None)) -> Floats:
    """Σ weight · multiplier of (the `members` of) the rows behind by their code."""
    if behind is None:
        return np.zeros(0)
    sums = np.bincount(behind.code[members], behind.weights[members] * multipliers, behind.count)
    return np.asarray(sums, dtype=np.float64)


def _left_out(stage: Stage, singleton: Singleton) -> Codes:
    """Units that are left out, one in each replicate; those of strata drawn in full only where there are no others."""
    size, fraction = stage.sizes[stage.parent], stage.fractions[stage.parent]
    possible = size >= (1 if singleton == "centred" and len(stage.sizes) > 1 else 2)
    if not possible.any():
        raise MethodError("No sampling unit can be left out.", expected="two units or more in a stratum")
    left_out = np.flatnonzero(possible & (fraction < 1))
    return left_out if len(left_out) else np.flatnonzero(possible)


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
    refused ("error"), keeps its weight ("certainty"), or ("centred") gets it times 1 − λ or 1 + λ with equal chance,
    which has the mean 1 and the variance 1 − f_h; R survey has no such option. Raises MethodError for fewer than two
    replicates.
    """
    weights = np.asarray(base, dtype=np.float64)
    design = specify_design(len(weights), weights=weights, strata=strata, psu=psu, fpc=fpc, singleton=singleton)
    return _multiplied(weights, bootstrap_of(design, replicates=replicates, seed=seed))


def bootstrap_of(design: SurveyDesign, *, replicates: int, seed: int, behind: Behind | None = None) -> Replication:
    """The `bootstrap` of the first stage of a design; what is held is how often each unit was drawn, a byte each.

    Of rows `behind`, which must be units themselves, their sums are held.
    """
    if replicates < 2:
        raise MethodError("The bootstrap needs replicates.", expected="2 or more", got=str(replicates))
    stage = design.stages[0]
    scale = np.sqrt(1 - stage.fractions)
    slope = np.where(stage.sizes > 1, scale * stage.sizes / np.maximum(stage.sizes - 1, 1), scale)
    fixed = (stage.sizes == 1) & (design.singleton != "centred")
    level, slope = np.where(fixed, 1.0, 1 - scale), np.where(fixed, 0.0, slope)
    units = len(stage.parent) if behind is None else behind.rows
    drawn, beyond = np.zeros((replicates, units), dtype=np.uint8), np.zeros((behind.count if behind else 0, replicates))
    for place, members, times in _times_drawn(stage, replicates, seed, centred=design.singleton == "centred"):
        held = np.searchsorted(members, units)
        drawn[place, members[:held]] = times[:held]
        stratum = stage.parent[members[0]]
        beyond[:, place] += _by_code(behind, times[held:] * slope[stratum] + level[stratum], members[held:] - units)
    level, slope = level[stage.parent[:units]], slope[stage.parent[:units]]

    def multipliers(some: slice, rows: slice) -> Floats:
        own = rows if stage.unit is None else stage.unit[rows]
        made = drawn[some, own] * slope[own]
        made += level[own]
        return np.asarray(made.T)

    degrees, factors = min(design.degrees, replicates - 1), np.full(replicates, 1 / replicates)
    return Replication(multipliers, lambda some: beyond[:, some], factors, degrees, method="bootstrap")


def _times_drawn(stage: Stage, replicates: int, seed: int, *, centred: bool) -> Iterator[tuple[int, Codes, Codes]]:
    """How often the units of a stratum (in ascending order) were drawn in a replicate: replicate, units, times.

    Once is expected, and more than 255 times, which a byte does not hold, has a chance below 10⁻⁵⁰⁰. A single unit
    that is to be centred is drawn 0 or 2 times, one that is not always once.
    """
    rng, order, ends = np.random.default_rng(seed), np.argsort(stage.parent, kind="stable"), np.cumsum(stage.sizes)
    for stratum, size in enumerate(stage.sizes):
        members = order[ends[stratum] - size : ends[stratum]]
        either = 1 + rng.choice([-1, 1], size=replicates) if centred and size == 1 else np.ones(replicates, np.int64)
        for replicate in range(replicates if size else 0):
            yield replicate, members, _drawn_again(int(size), rng) if size > 1 else either[[replicate]]


def _drawn_again(size: int, rng: np.random.Generator) -> Codes:
    """How often each of `size` units is among size − 1 that are drawn with replacement.

    Many are drawn one by one and counted, which has the same law and takes a fifth of the time.
    """
    if size > MANY:
        return np.bincount(rng.integers(0, size, size - 1), minlength=size)
    return np.asarray(rng.multinomial(size - 1, np.full(size, 1 / size)))


def _multiplied(weights: Floats, drawn: Replication) -> ReplicateWeights:
    """All replicates of `weights`, one per row."""
    rows = drawn.multipliers(slice(None), slice(None))
    rows *= weights[:, None]  # in place: there are as many numbers as rows times replicates
    return drawn.of(rows)
