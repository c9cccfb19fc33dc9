"""The sampling design an estimate rests on: weights, strata, sampling units of one or several stages, their number.

Units are drawn at every stage within the strata of that stage; from the second stage on each unit of the stage before
is a stratum of its own. The variance of stage s counts with the product of the sampled shares of the stages before
it, so that without population sizes (`fpc`) only the first stage counts: the "ultimate cluster" estimator. Sources:
Särndal, Swensson & Wretman 1992, §4.3; Lumley 2010, §3.1; R survey, svyrecvar.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from analysis.errors import MethodError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from analysis.survey.design.calibration import Calibration

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

Singleton = Literal["error", "centred", "certainty"]
SINGLETONS: tuple[Singleton, ...] = ("error", "centred", "certainty")


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


@dataclass(frozen=True)
class Design:
    """A sample of `rows` interviews: weights, stratum of each row, stages, whether population sizes are known."""

    weights: Floats
    stratum: Codes
    stages: tuple[Stage, ...]
    finite: bool
    calibration: Calibration | None = None

    @property
    def rows(self) -> int:
        """Number of interviews."""
        return len(self.weights)

    @property
    def degrees(self) -> int:
        """Degrees of freedom: first-stage units − strata, counted over the rows with a weight."""
        first, counted = self.stages[0], self.weights > 0
        units = counted.sum() if first.unit is None else len(np.unique(first.unit[counted]))
        return int(units) - len(np.unique(self.stratum[counted]))


@dataclass(frozen=True)
class Domains:
    """Domain of each row as a code (-1: in none) and the names of the domains."""

    codes: Codes
    names: tuple[str | None, ...]

    @property
    def count(self) -> int:
        """Number of domains."""
        return len(self.names)


def specify_design(
    rows: int,
    *,
    weights: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    psu: ArrayLike | pd.DataFrame | None = None,
    fpc: ArrayLike | pd.DataFrame | None = None,
    singleton: Singleton = "error",
    calibration: Calibration | None = None,
) -> Design:
    """Check the design variables of `rows` interviews and turn them into codes.

    One entry per row in each: `weights` (none: all 1), `strata` of the first stage, `psu` and `fpc`. For a draw in
    several stages `psu` has one column per stage (unit codes; without `fpc` the stages after the first add nothing)
    and `fpc`, where given, one column per stage with the number of units in the population of the row's stratum.
    `singleton` says what a stratum with one drawn unit of several does: "error" refuses it, "certainty" gives it no
    variance, "centred" takes its squared score around 0, the mean of linearised scores over the whole sample (R:
    survey.lonely.psu "fail", "certainty", "adjust"). `calibration`: what the weights were fitted to. Raises
    MethodError for lengths that differ, missing or negative values and for population sizes below the sample.
    """
    if rows == 0:
        raise MethodError("There is no interview to estimate from.", hint="check the cleaning rules and filters")
    if singleton not in SINGLETONS:
        raise MethodError("Unknown treatment of single units.", expected=", ".join(SINGLETONS), got=str(singleton))
    w = numeric_column(weights, rows, "weights") if weights is not None else np.ones(rows)
    if (w < 0).any() or not w.any():
        raise MethodError(
            "The weights must not be negative, and not all zero.",
            expected="positive numbers",
            got=f"{int((w < 0).sum())} negative among {rows}",
        )
    units, sizes = _per_stage(psu), _per_stage(fpc)
    if sizes and len(sizes) != max(len(units), 1):
        raise MethodError(
            "fpc and psu do not have the same stages.", expected=f"{max(len(units), 1)} columns", got=str(len(sizes))
        )
    stratum, names = category_codes(strata, rows, "strata")
    stages = _stages(rows, stratum, names, units, sizes, singleton)
    return Design(w, stratum, stages, finite=bool(sizes), calibration=calibration)


def domain_codes(domain: pd.Series[Any] | None, rows: int) -> Domains:
    """Codes of the categories, in the order of a categorical, else sorted; missing belongs to no domain."""
    if domain is None:
        return Domains(np.zeros(rows, dtype=np.int64), (None,))
    same_length(len(domain), rows, "domain")
    if isinstance(domain.dtype, pd.CategoricalDtype):
        used = domain.cat.remove_unused_categories()
        return Domains(used.cat.codes.to_numpy().astype(np.int64), tuple(str(name) for name in used.cat.categories))
    codes, names = pd.factorize(domain, sort=True)
    return Domains(codes.astype(np.int64), tuple(str(name) for name in names))


def _stages(
    rows: int,
    stratum: Codes,
    names: Sequence[Any],
    units: list[ArrayLike],
    sizes: list[ArrayLike],
    singleton: Singleton,
) -> tuple[Stage, ...]:
    """The stages that add to the variance, each with what its strata count."""
    stages: list[Stage] = []
    within, share = stratum, np.ones(len(names))
    for level in range(len(units) or 1):
        label = "psu" if level == 0 else f"psu of stage {level + 1}"
        unit, parent = _nested(category_codes(units[level], rows, label)[0], within) if units else (None, within)
        drawn = np.bincount(parent, minlength=len(names) if level == 0 else len(share))
        population = numeric_column(sizes[level], rows, "fpc") if sizes else None
        fractions = np.zeros(len(drawn)) if population is None else _fractions(population, within, drawn)
        single = (drawn < 2) & (fractions < 1)
        if singleton == "error" and single.any():
            raise MethodError(
                "A stratum has a single primary sampling unit: its variance can't be estimated."
                if level == 0
                else f"A unit of stage {level} has a single unit of stage {level + 1}.",
                where=", ".join(str(names[i]) for i in np.flatnonzero(single)[:10]) if level == 0 else None,
                expected="at least two units in every stratum",
                hint="merge it with a similar stratum, or choose singleton='centred' or 'certainty'",
            )
        # One unit drawn: no spread to be seen, so it counts nothing, or (centred) its square alone.
        spread = np.where(drawn > 1, drawn / np.maximum(drawn - 1, 1), 1.0 if singleton == "centred" else 0.0)
        stages.append(Stage(unit, parent, drawn, fractions, share * (1 - fractions) * spread, drawn < 2))
        if population is None or unit is None:
            break
        within, share = unit, (share * fractions)[parent]
    return tuple(stages)


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


def _per_stage(values: ArrayLike | pd.DataFrame | None) -> list[ArrayLike]:
    """The columns of `values`, first stage first."""
    if values is None:
        return []
    if isinstance(values, pd.DataFrame):
        return [values[name] for name in values.columns]
    array = np.asarray(values)
    return [values] if array.ndim == 1 else list(array.T)


def category_codes(values: ArrayLike | None, rows: int, name: str) -> tuple[Codes, Sequence[Any]]:
    """Codes 0 … K − 1 of `values` in sorted order and the K values; none: one category for all rows."""
    if values is None:
        return np.zeros(rows, dtype=np.int64), ["(all)"]
    series = pd.Series(np.asarray(values))
    same_length(len(series), rows, name)
    if series.isna().any():
        raise MethodError(f"{name} has missing values.", got=f"{int(series.isna().sum())} of {rows} rows")
    codes, names = pd.factorize(series, sort=True)
    return codes.astype(np.int64), list(names)


def numeric_column(values: ArrayLike, rows: int, name: str) -> Floats:
    """`values` as `rows` finite numbers."""
    column = numbers(pd.Series(np.asarray(values)), name)
    same_length(len(column), rows, name)
    if not np.isfinite(column).all():
        raise MethodError(f"{name} has missing or infinite values.", got=f"{int((~np.isfinite(column)).sum())} rows")
    return column


def numbers(values: pd.Series[Any], name: str) -> Floats:
    """A column as floats, missing as NaN."""
    try:
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise MethodError(f"{name!r} is not numeric.", expected="numbers", got=str(values.dtype)) from None


def same_length(got: int, rows: int, name: str) -> None:
    """Raise MethodError unless `name` has one entry per row."""
    if got != rows:
        raise MethodError(f"{name} does not match the data.", expected=f"{rows} entries", got=str(got))
