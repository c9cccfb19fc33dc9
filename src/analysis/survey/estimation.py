"""Design-based estimates by Taylor linearisation: means, proportions, ratios and totals, overall and by domain.

A mean is the ratio of Σw·y to Σw; its linearised score is u = w·(y − r·x) / Σw·x with x = 1, and its variance that of
the total of u over the primary sampling units (PSU) of each stratum:
V = Σ_h (1 − n_h/N_h) · n_h/(n_h − 1) · Σ_j (u_hj − ū_h)².
A domain, and the rows where an answer is present, are subpopulations of the whole design: rows outside have u = 0
but their PSU still count in n_h. Sources: Woodruff 1971; Särndal, Swensson & Wretman 1992, §5.5; Lumley 2010, §2.
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

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

COLUMNS = ("variable", "category", "estimate", "se", "ci_low", "ci_high", "n", "n_eff", "deff")
Interval = Literal["t", "logit"]
Kind = Literal["ratio", "total"]


@dataclass(frozen=True)
class Design:
    """One-stage design as integer codes: stratum of each row and of each PSU, PSU of each row, sampling fractions."""

    weights: Floats
    stratum: Codes
    psu: Codes | None
    psu_stratum: Codes
    sizes: Codes
    fractions: Floats
    finite: bool


@dataclass(frozen=True)
class Domains:
    """Domain of each row as a code (-1: in none) and the names of the domains."""

    codes: Codes
    names: tuple[str | None, ...]

    @property
    def count(self) -> int:
        """Number of domains."""
        return len(self.names)


def means(
    values: pd.DataFrame,
    *,
    weights: ArrayLike | None = None,
    domain: pd.Series[Any] | None = None,
    strata: ArrayLike | None = None,
    psu: ArrayLike | None = None,
    fpc: ArrayLike | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate the weighted mean of every column of `values` in every category of `domain`.

    `weights` (any positive scale; none: all equal), `domain`, `strata`, `psu` and `fpc` (number of PSU in the
    population of the row's stratum) have one entry per row and are matched by position. Returns the columns
    variable, category (None without a domain), estimate, se, ci_low, ci_high, n (answers), n_eff and deff.

    The interval is estimate ± t·se with the degrees of freedom of the domain, PSU − strata (Korn & Graubard 1999,
    §5.2). deff is the variance over that of a simple random sample of the same n; that one is drawn without
    replacement when `fpc` is given (weights then add up to the population) and with replacement otherwise, when
    the scale of the weights says nothing. n_eff = n / deff, or Kish's (Σw)²/Σw² where deff is 0 or not defined.
    An estimate from fewer than two answers has no se. Raises MethodError for lengths that differ, values that
    are not numbers, negative weights, or a stratum with a single PSU.
    """
    design = _design(len(values), weights=weights, strata=strata, psu=psu, fpc=fpc)
    columns = [(str(name), _numbers(values[name], str(name)), None) for name in values.columns]
    return _table(columns, design, _domains(domain, len(values)), kind="ratio", interval="t", confidence=confidence)


def proportions(
    values: pd.DataFrame,
    *,
    weights: ArrayLike | None = None,
    domain: pd.Series[Any] | None = None,
    strata: ArrayLike | None = None,
    psu: ArrayLike | None = None,
    fpc: ArrayLike | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate the weighted share (0–1) of ones in every 0/1 column of `values`, as `means` does.

    The interval is built on the logit scale and stays inside 0–1: logit p ± t·se/(p(1−p)) (Korn & Graubard 1999,
    §3.2; R survey, svyciprop). A share of exactly 0 or 1 gets the exact binomial bound for Kish's effective n.
    Raises MethodError, besides the reasons of `means`, for a value other than 0, 1 or missing.
    """
    design = _design(len(values), weights=weights, strata=strata, psu=psu, fpc=fpc)
    columns = [(str(name), _binary(_numbers(values[name], str(name)), str(name)), None) for name in values.columns]
    domains = _domains(domain, len(values))
    return _table(columns, design, domains, kind="ratio", interval="logit", confidence=confidence)


def ratios(
    numerator: pd.DataFrame,
    denominator: pd.Series[Any],
    *,
    weights: ArrayLike | None = None,
    domain: pd.Series[Any] | None = None,
    strata: ArrayLike | None = None,
    psu: ArrayLike | None = None,
    fpc: ArrayLike | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate Σw·y / Σw·x for every column y of `numerator` over x = `denominator`; columns and errors as `means`."""
    design = _design(len(numerator), weights=weights, strata=strata, psu=psu, fpc=fpc)
    _same_length(len(denominator), len(numerator), "denominator")
    x = _numbers(denominator, str(denominator.name))
    columns = [(str(name), _numbers(numerator[name], str(name)), x) for name in numerator.columns]
    domains = _domains(domain, len(numerator))
    return _table(columns, design, domains, kind="ratio", interval="t", confidence=confidence)


def totals(
    values: pd.DataFrame,
    *,
    weights: ArrayLike | None = None,
    domain: pd.Series[Any] | None = None,
    strata: ArrayLike | None = None,
    psu: ArrayLike | None = None,
    fpc: ArrayLike | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate the population total Σw·y of every column of `values`; columns and errors as `means`."""
    design = _design(len(values), weights=weights, strata=strata, psu=psu, fpc=fpc)
    columns = [(str(name), _numbers(values[name], str(name)), None) for name in values.columns]
    return _table(columns, design, _domains(domain, len(values)), kind="total", interval="t", confidence=confidence)


def _table(
    columns: Sequence[tuple[str, Floats, Floats | None]],
    design: Design,
    domains: Domains,
    *,
    kind: Kind,
    interval: Interval,
    confidence: float,
) -> pd.DataFrame:
    """One row per variable and domain; each variable is one pass over the rows for all domains at once."""
    if not 0 < confidence < 1:
        raise MethodError("The confidence must lie between 0 and 1.", expected="such as 0.95", got=str(confidence))
    parts = []
    for name, y, x in columns:
        part = _estimate(y, x, design, domains, kind=kind)
        low, high = _interval(part, interval=interval, confidence=confidence)
        shown = {key: part[key] for key in ("estimate", "se", "n", "n_eff", "deff")}
        parts.append(
            pd.DataFrame({"variable": name, "category": list(domains.names), **shown, "ci_low": low, "ci_high": high})
        )
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    table = pd.concat(parts, ignore_index=True)[list(COLUMNS)]
    return table.astype({"category": object, "n": np.int64})


def _estimate(y: Floats, x: Floats | None, design: Design, domains: Domains, *, kind: Kind) -> dict[str, Any]:
    """Estimate, se, degrees of freedom, n, n_eff and deff of one variable in every domain (arrays of length D)."""
    count = domains.count
    present = ~np.isnan(y) & (domains.codes >= 0)
    if x is not None:
        present &= ~np.isnan(x)
    rows = np.flatnonzero(present)
    code, w, value = domains.codes[rows], design.weights[rows], y[rows]

    def add(amounts: Floats) -> Floats:
        return np.bincount(code, weights=amounts, minlength=count).astype(np.float64)

    base = np.ones_like(value) if x is None else x[rows]
    weight_sum, square_sum = add(w), add(w**2)
    n = np.bincount(code[w > 0], minlength=count)
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind == "total":
            scale, residual = np.ones(count), value
            estimate = np.where(n > 0, add(w * value), np.nan)
        else:
            scale = add(w * base)
            estimate = add(w * value) / scale
            residual = value - estimate[code] * base
        variance, degrees = _variance(w * residual / scale[code], w=w, code=code, rows=rows, design=design, count=count)
        variance = np.where(n > 1, variance, np.nan)
        centre = add(w * residual) / weight_sum
        spread = add(w * (residual - centre[code]) ** 2) / weight_sum * n / (n - 1)
        simple = spread / n * (weight_sum / scale) ** 2
        if design.finite:
            simple = np.where(weight_sum > n, simple * (weight_sum - n) / weight_sum, np.nan)
        deff = np.where(simple > 0, variance / simple, np.nan)
        kish = weight_sum**2 / square_sum
        n_eff = np.where(deff > 0, n / deff, kish)
    return {
        "estimate": estimate,
        "se": np.sqrt(variance),
        "degrees": degrees,
        "n": n,
        "n_eff": np.where(n > 0, n_eff, 0.0),
        "deff": deff,
        "kish": kish,
    }


def _variance(
    score: Floats, *, w: Floats, code: Codes, rows: Codes, design: Design, count: int
) -> tuple[Floats, Floats]:
    """Variance of the total of `score` and degrees of freedom, per domain.

    Σ_j (u_j − ū)² = Σ_j u_j² − (Σ_j u_j)²/n_h needs only sums per stratum × domain, so that PSU without a row in
    the domain, whose u is 0, never have to be written out.
    """
    strata = len(design.sizes)
    counted = w > 0
    if design.psu is None:
        cell = design.stratum[rows] * count + code
        totals, squares = score, np.bincount(cell, weights=score**2, minlength=strata * count)
        members = np.bincount(cell[counted], minlength=strata * count)
        sums = np.bincount(cell, weights=totals, minlength=strata * count)
    else:
        unit_cell = design.psu[rows] * count + code
        units = len(design.psu_stratum)
        per_unit = np.bincount(unit_cell, weights=score, minlength=units * count)
        seen = np.bincount(unit_cell[counted], minlength=units * count) > 0
        cell = (design.psu_stratum[:, None] * count + np.arange(count)[None, :]).ravel()
        squares = np.bincount(cell, weights=per_unit**2, minlength=strata * count)
        sums = np.bincount(cell, weights=per_unit, minlength=strata * count)
        members = np.bincount(cell[seen], minlength=strata * count)
    squares, sums, members = (part.reshape(strata, count) for part in (squares, sums, members))
    size = design.sizes[:, None].astype(np.float64)
    factor = np.where(size > 1, (1 - design.fractions[:, None]) * size / np.maximum(size - 1, 1), 0.0)
    variance = (factor * np.maximum(squares - sums**2 / size, 0.0)).sum(axis=0)
    return variance, (members.sum(axis=0) - (members > 0).sum(axis=0)).astype(np.float64)


def _interval(part: dict[str, Any], *, interval: Interval, confidence: float) -> tuple[Floats, Floats]:
    """Confidence bounds; missing where there is no se or no degree of freedom."""
    from scipy.special import expit, logit, stdtrit

    estimate, se = part["estimate"], part["se"]
    degrees = np.where(part["degrees"] > 0, part["degrees"], np.nan)
    t = stdtrit(degrees, 0.5 + confidence / 2)
    if interval == "t":
        return estimate - t * se, estimate + t * se
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = (estimate > 0) & (estimate < 1)
        p = np.where(inside, estimate, 0.5)
        half = t * se / (p * (1 - p))
        bound = (0.5 - confidence / 2) ** (1 / part["kish"])
    low = np.where(inside, expit(logit(p) - half), np.where(estimate >= 1, bound, 0.0))
    high = np.where(inside, expit(logit(p) + half), np.where(estimate <= 0, 1 - bound, 1.0))
    known = ~np.isnan(se)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def _design(
    rows: int,
    *,
    weights: ArrayLike | None,
    strata: ArrayLike | None,
    psu: ArrayLike | None,
    fpc: ArrayLike | None,
) -> Design:
    """Check the design variables and turn them into codes."""
    if rows == 0:
        raise MethodError("There is no interview to estimate from.", hint="check the cleaning rules and filters")
    w = _column(weights, rows, "weights") if weights is not None else np.ones(rows)
    if (w < 0).any() or not w.any():
        raise MethodError(
            "The weights must not be negative, and not all zero.",
            expected="positive numbers",
            got=f"{int((w < 0).sum())} negative among {rows}",
        )
    stratum, stratum_names = _codes(strata, rows, "strata")
    unit: Codes | None = None
    if psu is None:
        unit_stratum = stratum
    else:
        unit, _ = _codes(psu, rows, "psu")
        # The same PSU code in two strata means two PSU.
        pairs, unit = np.unique(unit * len(stratum_names) + stratum, return_inverse=True)
        unit_stratum = pairs % len(stratum_names)
    sizes = np.bincount(unit_stratum, minlength=len(stratum_names))
    fractions = np.zeros(len(sizes)) if fpc is None else _fractions(_column(fpc, rows, "fpc"), stratum, sizes)
    single = np.flatnonzero((sizes < 2) & (fractions < 1))
    if len(single):
        raise MethodError(
            "A stratum has a single primary sampling unit: its variance can't be estimated.",
            where=", ".join(str(stratum_names[i]) for i in single[:10]),
            expected="at least two units in every stratum",
            hint="merge it with a similar stratum",
        )
    return Design(w, stratum, unit, unit_stratum, sizes, fractions, finite=fpc is not None)


def _fractions(population: Floats, stratum: Codes, sizes: Codes) -> Floats:
    """Sampled share of the PSU of each stratum."""
    first = np.zeros(len(sizes))
    first[stratum] = population
    if not np.array_equal(first[stratum], population):
        raise MethodError("fpc differs within a stratum.", expected="one number of units per stratum")
    if (first < sizes).any():
        raise MethodError(
            "fpc is smaller than the sample.", expected="the number of units in the population of each stratum"
        )
    return np.asarray(sizes / first, dtype=np.float64)


def _codes(values: ArrayLike | None, rows: int, name: str) -> tuple[Codes, Sequence[Any]]:
    if values is None:
        return np.zeros(rows, dtype=np.int64), ["(all)"]
    series = pd.Series(np.asarray(values))
    _same_length(len(series), rows, name)
    if series.isna().any():
        raise MethodError(f"{name} has missing values.", got=f"{int(series.isna().sum())} of {rows} rows")
    codes, names = pd.factorize(series, sort=True)
    return codes.astype(np.int64), list(names)


def _domains(domain: pd.Series[Any] | None, rows: int) -> Domains:
    """Codes of the categories, in the order of a categorical, else sorted; missing belongs to no domain."""
    if domain is None:
        return Domains(np.zeros(rows, dtype=np.int64), (None,))
    _same_length(len(domain), rows, "domain")
    if isinstance(domain.dtype, pd.CategoricalDtype):
        used = domain.cat.remove_unused_categories()
        return Domains(used.cat.codes.to_numpy().astype(np.int64), tuple(str(name) for name in used.cat.categories))
    codes, names = pd.factorize(domain, sort=True)
    return Domains(codes.astype(np.int64), tuple(str(name) for name in names))


def _column(values: ArrayLike, rows: int, name: str) -> Floats:
    column = _numbers(pd.Series(np.asarray(values)), name)
    _same_length(len(column), rows, name)
    if not np.isfinite(column).all():
        raise MethodError(f"{name} has missing or infinite values.", got=f"{int((~np.isfinite(column)).sum())} rows")
    return column


def _numbers(values: pd.Series[Any], name: str) -> Floats:
    try:
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise MethodError(f"{name!r} is not numeric.", expected="numbers", got=str(values.dtype)) from None


def _binary(values: Floats, name: str) -> Floats:
    if not (np.isnan(values) | (values == 0) | (values == 1)).all():
        raise MethodError(f"{name!r} is not an indicator.", expected="only 0, 1 or missing")
    return values


def _same_length(got: int, rows: int, name: str) -> None:
    if got != rows:
        raise MethodError(f"{name} does not match the data.", expected=f"{rows} entries", got=str(got))
