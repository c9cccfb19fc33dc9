"""Fit of a model to moments: χ², CFI, TLI, RMSEA, SRMR, GFI and information criteria as lavaan defines them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.sem.fit.categorical import CategoricalSolution
from analysis.sem.fit.constrained import equations
from analysis.sem.fit.estimate import Solution, degrees_of_freedom
from analysis.sem.fit.likelihood import Point
from analysis.sem.inference.corrected import Corrected, corrected_for_categories
from analysis.sem.inference.robust import Robust
from analysis.sem.moments.sample import univariate

_RMSEA_CONFIDENCE = 0.90
_CLOSE_FIT = 0.05


@dataclass(frozen=True)
class RobustFit:
    """Fit by the scaled χ² (chi2, pvalue), with CFI, TLI and RMSEA, its 90 % interval and its p of close fit.

    chi2 = T / scaling + shift. The indices are the robust ones throughout, which estimate what the plain ones would be
    of complete and normal answers (Brosseau-Liard, Savalei & Li 2012; Brosseau-Liard & Savalei 2014; Zhang & Savalei
    2023; Savalei 2021; lavaan's `cfi.robust` and kin), but for WLSMV where these are not known. NaN where there
    are none.
    """

    scaling: float
    chi2: float
    pvalue: float
    cfi: float
    tli: float
    rmsea: float
    rmsea_low: float
    rmsea_high: float
    rmsea_pvalue: float
    shift: float = 0.0


@dataclass(frozen=True)
class FitIndices:
    """Global fit of one model; `rmsea_low` to `rmsea_high` is the 90 % interval, `rmsea_pvalue` tests RMSEA ≤ 0.05.

    `robust` is there when the inference is. Without a likelihood (WLSMV) logl, aic and bic are NaN.
    """

    n: int
    parameters: int
    chi2: float
    df: int
    pvalue: float
    baseline_chi2: float
    baseline_df: int
    cfi: float
    tli: float
    rmsea: float
    rmsea_low: float
    rmsea_high: float
    rmsea_pvalue: float
    srmr: float
    gfi: float
    logl: float
    aic: float
    bic: float
    robust: RobustFit | None = None


@dataclass(frozen=True)
class Statistics:
    """What the indices are made of: χ² of the model and of items that have nothing in common, with their degrees of
    freedom, the log-likelihood, the number of parameters, SRMR and GFI; of `groups` groups together.
    """

    n: int
    parameters: int
    chi2: float
    df: int
    baseline: float
    baseline_df: int
    logl: float
    srmr: float
    gfi: float
    groups: int = 1


def fit_indices(solution: Solution, robust: Robust | None = None) -> FitIndices:
    """Fit indices of an ML solution; the baseline is the independence model, on the same rows."""
    n = solution.moments.n
    statistics = Statistics(
        n=n,
        parameters=len(solution.theta) - equations(solution.objective.bounds, solution.theta),
        chi2=max(n * solution.minimum, 0.0),
        df=degrees_of_freedom(solution),
        baseline=n * baseline_minimum(solution),
        baseline_df=solution.structure.syntax.correlations,
        logl=solution.loglikelihood - covariates_loglikelihood(solution),
        srmr=srmr(solution),
        gfi=_gfi(solution),
    )
    return indices_of(statistics, robust)


def indices_of(found: Statistics, robust: Robust | None) -> FitIndices:
    """Fit indices from the statistics of a fit.

    Formulas: χ² = n F; CFI and TLI after Bentler (1990), RMSEA after Steiger (1990) with the noncentral χ² interval of
    Browne & Cudeck (1993), its square times the number of groups (Steiger 1998), SRMR over all p(p + 1)/2 moments, and
    the p means where they have a structure, after Bentler (1995). GFI = 1 − tr[(Σ⁻¹(S − Σ))²] / tr[(Σ⁻¹S)²] after
    Tanaka & Huba (1985), over the covariances alone: lavaan adds the raw means where they have a structure, and its GFI
    then changes with the zero of the scale.
    """
    chi2, df, per_group = found.chi2, found.df, found.n / found.groups
    cfi, tli = _incremental(chi2, df, found.baseline, found.baseline_df)
    low, high, close = _rmsea_interval(chi2, df, per_group)
    scaled = robust is not None and df and not math.isnan(robust.scaling)
    return FitIndices(
        n=found.n,
        parameters=found.parameters,
        chi2=chi2,
        df=df,
        pvalue=_upper_tail(chi2, df),
        baseline_chi2=found.baseline,
        baseline_df=found.baseline_df,
        cfi=cfi,
        tli=tli,
        rmsea=_rmsea(chi2, df, per_group),
        rmsea_low=low,
        rmsea_high=high,
        rmsea_pvalue=close,
        srmr=found.srmr,
        gfi=found.gfi,
        logl=found.logl,
        aic=-2 * found.logl + 2 * found.parameters,
        bic=-2 * found.logl + math.log(found.n) * found.parameters,
        robust=_robust_fit(found, per_group, robust) if robust is not None and scaled else None,
    )


def categorical_fit_indices(solution: CategoricalSolution) -> FitIndices:
    """Fit indices of a WLSMV solution, plain and by its scaled and shifted χ² (`robust`)."""
    levels = 0 if solution.moments.located else int(np.isfinite(solution.moments.thresholds).sum())
    return _response_indices([solution], len(solution.theta) + levels)


def joint_response_indices(parts: Sequence[CategoricalSolution]) -> FitIndices:
    """The same for several groups together."""
    return _response_indices(parts, len(parts[0].whole.theta))


def _response_indices(parts: Sequence[CategoricalSolution], parameters: int) -> FitIndices:
    """Formulas as for ML with n − 1 for the n of each group; SRMR over the p(p + 1)/2 covariances, the diagonal among
    them, as in lavaan.
    """
    test, baseline, total = parts[0].test, parts[0].baseline, sum(part.moments.n for part in parts)
    n = (total - len(parts)) / len(parts)
    cfi, tli = _incremental(test.chi2, test.df, baseline.chi2, baseline.df)
    low, high, close = _rmsea_interval(test.chi2, test.df, n)
    unknown = float("nan")
    return FitIndices(
        n=total,
        parameters=parameters,
        chi2=test.chi2,
        df=test.df,
        pvalue=_upper_tail(test.chi2, test.df),
        baseline_chi2=baseline.chi2,
        baseline_df=baseline.df,
        cfi=cfi,
        tli=tli,
        rmsea=_rmsea(test.chi2, test.df, n),
        rmsea_low=low,
        rmsea_high=high,
        rmsea_pvalue=close,
        srmr=sum(part.moments.n * categorical_srmr(part) for part in parts) / total,
        gfi=unknown,
        logl=unknown,
        aic=unknown,
        bic=unknown,
        robust=_shifted_fit(parts, n) if test.df else None,
    )


def categorical_srmr(solution: CategoricalSolution) -> float:
    """SRMR over the p(p + 1)/2 covariances that covariates leave, in standard deviations of the sample.

    Of variances, which are 1 or free, nothing is counted, as in lavaan (which counts the covariates among the p).
    """
    observed, implied = solution.moments.covariance, solution.structure.response_covariance(solution.matrices)
    deviations = np.sqrt(np.diag(observed))
    residual = (observed - implied) / np.outer(deviations, deviations)
    p = len(residual)
    return float(np.sqrt((residual[np.tril_indices(p, -1)] ** 2).sum() / (p * (p + 1) / 2)))


def _shifted_fit(parts: Sequence[CategoricalSolution], n: float) -> RobustFit:
    """Fit by the scaled and shifted χ² of ordered answers; `n`: rows of a group, less one.

    Where no corrected χ² is known, CFI, TLI and RMSEA are those of the scaled and shifted one (lavaan's `cfi.scaled`).
    """
    test, chi2, baseline = parts[0].test, parts[0].test.chi2_scaled, parts[0].baseline.chi2_scaled
    corrected = corrected_for_categories(parts) or Corrected(chi2, 1.0, baseline, 1.0)
    indices = _corrected_indices(corrected, test.df, parts[0].baseline.df, n)
    return RobustFit(test.scaling, chi2, _upper_tail(chi2, test.df), **indices, shift=test.shift)


def _robust_fit(found: Statistics, n: float, robust: Robust) -> RobustFit:
    """Fit by the scaled χ² of a likelihood; `n`: rows of a group."""
    divisor, shift = robust.adjusted or (robust.scaling, 0.0)
    tested = found.chi2 / divisor + shift
    plain = Corrected(found.chi2, robust.scaling, found.baseline, robust.baseline_scaling)
    indices = _corrected_indices(robust.corrected or plain, found.df, found.baseline_df, n)
    return RobustFit(divisor, tested, _upper_tail(tested, found.df), **indices, shift=shift)


def _corrected_indices(found: Corrected | None, df: int, baseline_df: int, n: float) -> dict[str, float]:
    """CFI, TLI, RMSEA with interval and p of close fit, from a χ² whose mean is c df where the model holds."""
    names = ("cfi", "tli", "rmsea", "rmsea_low", "rmsea_high", "rmsea_pvalue")
    if found is None or not found.scaling > 0:
        return dict.fromkeys(names, float("nan"))
    c, scaled = found.scaling, found.chi2 / found.scaling
    excess = (found.baseline - found.baseline_scaling * baseline_df) / c
    cfi, tli = _incremental(scaled, df, excess + baseline_df, baseline_df)
    low, high, _ = _rmsea_interval(scaled, df, n)
    rmsea = (_rmsea(scaled, df, n) * math.sqrt(c), low * math.sqrt(c), high * math.sqrt(c))
    return dict(zip(names, (cfi, tli, *rmsea, _close_fit(scaled, df, n, scaling=c)), strict=True))


def baseline_minimum(solution: Solution) -> float:
    """Minimum of F for items that have nothing in common, but for what covariates have between them."""
    patterns, moments = solution.objective.patterns, solution.moments
    mean, variance = univariate(patterns)
    covariance, given = np.diag(variance), solution.structure.syntax.placed_covariates
    covariance[np.ix_(given, given)] = moments.covariance[np.ix_(given, given)]
    alone = Point(patterns, mean, covariance)
    return 2 * (alone.value - Point(patterns, moments.mean, moments.covariance).value)


def covariates_loglikelihood(solution: Solution) -> float:
    """Log-likelihood of the covariates, of which the model says nothing: all rows have them."""
    given, total = solution.structure.syntax.placed_covariates, solution.objective.patterns.total
    if not given:
        return 0.0
    own = solution.moments.covariance[np.ix_(given, given)]
    return -0.5 * total * (len(given) * (math.log(2 * math.pi) + 1) + float(np.linalg.slogdet(own)[1]))


def _rmsea(chi2: float, df: int, n: float) -> float:
    return math.sqrt(max(chi2 - df, 0.0) / (n * df)) if df else 0.0


def _upper_tail(chi2: float, df: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(df, chi2)) if df else 1.0


def _incremental(chi2: float, df: int, baseline: float, baseline_df: int) -> tuple[float, float]:
    excess, baseline_excess = max(chi2 - df, 0.0), max(chi2 - df, baseline - baseline_df, 0.0)
    cfi = 1.0 - excess / baseline_excess if baseline_excess > 0 else 1.0
    if df == 0 or baseline_df in {0, baseline}:
        return cfi, 1.0
    ratio = baseline / baseline_df
    return cfi, (ratio - chi2 / df) / (ratio - 1.0)


def _rmsea_interval(chi2: float, df: float, n: float) -> tuple[float, float, float]:
    """Lower and upper 90 % limit of RMSEA and the p-value of close fit."""
    from scipy.special import chndtr

    if df == 0:
        return 0.0, 0.0, 1.0
    tail = (1 - _RMSEA_CONFIDENCE) / 2

    def limit(probability: float) -> float:
        noncentrality = _decreasing_root(lambda nc: float(chndtr(chi2, df, nc)) - probability, start=chi2)
        return math.sqrt(noncentrality / (n * df))

    return limit(1 - tail), limit(tail), _close_fit(chi2, df, n)


def _close_fit(chi2: float, df: float, n: float, *, scaling: float = 1.0) -> float:
    """p-value of RMSEA ≤ 0.05, for an RMSEA whose square is `scaling` times that of χ²."""
    from scipy.special import chndtr

    return 1.0 - float(chndtr(chi2, df, n * df * _CLOSE_FIT**2 / scaling))


def _decreasing_root(function: Callable[[float], float], *, start: float) -> float:
    """Root of a decreasing function on [0, ∞); 0 when it starts below zero, NaN where it is not known."""
    from scipy.optimize import brentq

    if function(0.0) <= 0:
        return 0.0
    upper = max(start, 1.0)
    while function(upper) > 0:
        upper *= 2
    if math.isnan(function(upper)):
        return float("nan")
    return float(brentq(function, 0.0, upper, xtol=1e-10, rtol=1e-14))


def srmr(solution: Solution) -> float:
    """Standardised root mean square residual over covariances, and means where they have a structure."""
    moments, point = solution.moments, solution.point
    deviations = np.sqrt(np.diag(moments.covariance))
    residual = (moments.covariance - point.covariance) / np.outer(deviations, deviations)
    squares = residual[np.tril_indices_from(residual)] ** 2
    if solution.structure.means:
        squares = np.concatenate([squares, ((moments.mean - point.mean) / deviations) ** 2])
    return float(np.sqrt(squares.mean()))


def _gfi(solution: Solution) -> float:
    precision = np.linalg.inv(solution.point.covariance)
    sample = precision @ solution.moments.covariance
    residual = sample - np.eye(len(sample))
    return float(1.0 - np.einsum("ij,ji->", residual, residual) / np.einsum("ij,ji->", sample, sample))
