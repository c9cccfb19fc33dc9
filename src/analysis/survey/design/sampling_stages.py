"""Stages of a draw: the units of each, their strata, and what the spread of a stratum's units counts.

Units are drawn at every stage within the strata of that stage; from the second stage on each unit of the stage before
is a stratum of its own. The variance of stage s counts with the product of the sampled shares of the stages before
it, so that without population sizes (`fpc`) only the first stage counts: the "ultimate cluster" estimator. Sources:
Särndal, Swensson & Wretman 1992, §4.3; Lumley 2010, §3.1; R survey, svyrecvar.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from analysis.errors import MethodError
from analysis.survey.design.codes import category_codes, numeric_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

Singleton = Literal["centred", "certainty", "error"]
SINGLETONS: tuple[Singleton, ...] = ("centred", "certainty", "error")


@dataclass(frozen=True)
class Stage:
    """Units of one stage of the draw.

    unit: the unit of each row (None: every row is its own unit); parent: stratum of each unit; sizes: units drawn
    per stratum; fractions: drawn share of the stratum's units; factors: what Σ(u − ū)² of the stratum counts, i.e.
    (1 − f) · n/(n − 1) times the shares of the stages before; centred: strata of one unit, whose u counts as it is.
    """

    unit: Codes | None
    parent: Codes
    sizes: Codes
    fractions: Floats
    factors: Floats
    centred: NDArray[np.bool_]

    def at(self, rows: NDArray[Any]) -> Stage:
        """The same draw seen in some of its rows: units and strata without one of them still count."""
        if self.unit is None:
            return replace(self, parent=self.parent[rows])
        return replace(self, unit=self.unit[rows])


def spread_factors(sizes: Codes, fractions: Floats, singleton: Singleton) -> Floats:
    """(1 − f) · n/(n − 1) of strata with n units drawn, a share f of theirs; 1 − f, or 0, for a single unit.

    A single unit shows no spread. "certainty" gives it no variance; "centred" counts its square around 0, the mean of
    linearised scores over the whole sample; so does "error", for strata that the rows used left with one unit.
    """
    single = 0.0 if singleton == "certainty" else 1.0
    spread = np.where(sizes > 1, sizes / np.maximum(sizes - 1, 1), single)
    return np.asarray((1 - fractions) * spread, dtype=np.float64)


def draw_stages(
    stratum: Codes, names: Sequence[Any], *, units: list[ArrayLike], sizes: list[ArrayLike], singleton: Singleton
) -> tuple[Stage, ...]:
    """The stages that add to the variance, each with what its strata count.

    `stratum`: codes of the rows in `names`; `units` and `sizes`: unit and number of units in the row's stratum, one
    column per stage. Raises MethodError for sizes below the sample, and for single units where `singleton` is "error".
    """
    rows = len(stratum)
    stages: list[Stage] = []
    within, share = stratum, np.ones(len(names))
    for level in range(len(units) or 1):
        label = "psu" if level == 0 else f"psu of stage {level + 1}"
        unit, parent = _nested(category_codes(units[level], rows, label)[0], within) if units else (None, within)
        drawn = np.bincount(parent, minlength=len(share))
        population = numeric_column(sizes[level], rows, "fpc") if sizes else None
        fractions = np.zeros(len(drawn)) if population is None else _fractions(population, within, drawn)
        if singleton == "error":
            _refuse_single((drawn < 2) & (fractions < 1), level, names)
        factors = share * spread_factors(drawn, fractions, singleton)
        stages.append(Stage(unit, parent, drawn, fractions, factors, drawn < 2))
        if population is None or unit is None:
            break
        within, share = unit, (share * fractions)[parent]
    return tuple(stages)


def _refuse_single(single: NDArray[np.bool_], level: int, names: Sequence[Any]) -> None:
    if single.any():
        raise MethodError(
            "A stratum has a single primary sampling unit: its variance can't be estimated."
            if level == 0
            else f"A unit of stage {level} has a single unit of stage {level + 1}.",
            where=", ".join(str(names[i]) for i in np.flatnonzero(single)[:10]) if level == 0 else None,
            expected="at least two units in every stratum",
            hint="merge it with a similar stratum, or set weighting.singleton to centred or certainty",
        )


def _nested(unit: Codes, within: Codes) -> tuple[Codes, Codes]:
    """Unit codes that differ between strata (the same code in two strata means two units), and their stratum."""
    width = int(within.max()) + 1
    pairs, codes = np.unique(unit * width + within, return_inverse=True)
    return codes.astype(np.int64), (pairs % width).astype(np.int64)


def _fractions(population: Floats, stratum: Codes, sizes: Codes) -> Floats:
    """Drawn share of the units of each stratum."""
    first = np.zeros(len(sizes))
    first[stratum] = population
    if not np.array_equal(first[stratum], population):
        raise MethodError("fpc differs within a stratum.", expected="one number of units per stratum")
    if (first < sizes).any():
        raise MethodError(
            "fpc is smaller than the sample.", expected="the number of units in the population of each stratum"
        )
    return np.asarray(sizes / first, dtype=np.float64)
