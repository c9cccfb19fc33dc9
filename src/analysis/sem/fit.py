"""Fit of a covariance structure: χ², CFI, TLI, RMSEA, SRMR and information criteria as lavaan defines them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.sem.estimate import Moments, Solution

_RMSEA_CONFIDENCE = 0.90
_CLOSE_FIT = 0.05


@dataclass(frozen=True)
class FitIndices:
    """Global fit of one model; `rmsea_low` to `rmsea_high` is the 90 % interval, `rmsea_pvalue` tests RMSEA ≤ 0.05."""

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
    logl: float
    aic: float
    bic: float


def fit_indices(solution: Solution) -> FitIndices:
    """Fit indices of an ML solution without mean structure; the baseline is the independence model.

    Formulas: χ² = n F; CFI and TLI after Bentler (1990), RMSEA after Steiger (1990) with the noncentral χ² interval of
    Browne & Cudeck (1993), SRMR over all p(p + 1)/2 moments after Bentler (1995).
    """
    moments, q = solution.moments, len(solution.theta)
    n, p = moments.n, moments.covariance.shape[0]
    chi2, df = max(n * solution.minimum, 0.0), p * (p + 1) // 2 - q
    log_sample = float(np.linalg.slogdet(moments.covariance)[1])
    baseline = n * (float(np.log(np.diag(moments.covariance)).sum()) - log_sample)
    baseline_df = p * (p - 1) // 2
    cfi, tli = _incremental(chi2, df, baseline, baseline_df)
    low, high, close = _rmsea_interval(chi2, df, n)
    logl = -0.5 * n * (p * math.log(2 * math.pi) + solution.minimum + log_sample + p)
    return FitIndices(
        n=n,
        parameters=q,
        chi2=chi2,
        df=df,
        pvalue=_upper_tail(chi2, df),
        baseline_chi2=baseline,
        baseline_df=baseline_df,
        cfi=cfi,
        tli=tli,
        rmsea=math.sqrt(max(chi2 - df, 0.0) / (n * df)) if df else 0.0,
        rmsea_low=low,
        rmsea_high=high,
        rmsea_pvalue=close,
        srmr=_srmr(solution.matrices.implied, moments),
        logl=logl,
        aic=-2 * logl + 2 * q,
        bic=-2 * logl + math.log(n) * q,
    )


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


def _rmsea_interval(chi2: float, df: int, n: int) -> tuple[float, float, float]:
    """Lower and upper 90 % limit of RMSEA and the p-value of close fit."""
    from scipy.special import chndtr

    if df == 0:
        return 0.0, 0.0, 1.0
    tail = (1 - _RMSEA_CONFIDENCE) / 2

    def limit(probability: float) -> float:
        noncentrality = _decreasing_root(lambda nc: float(chndtr(chi2, df, nc)) - probability, start=chi2)
        return math.sqrt(noncentrality / (n * df))

    return limit(1 - tail), limit(tail), 1.0 - float(chndtr(chi2, df, n * df * _CLOSE_FIT**2))


def _decreasing_root(function: Callable[[float], float], *, start: float) -> float:
    """Root of a decreasing function on [0, ∞); 0 when it starts below zero."""
    from scipy.optimize import brentq

    if function(0.0) <= 0:
        return 0.0
    upper = max(start, 1.0)
    while function(upper) > 0:
        upper *= 2
    return float(brentq(function, 0.0, upper, xtol=1e-10, rtol=1e-14))


def _srmr(implied: NDArray[Any], moments: Moments) -> float:
    deviations = np.sqrt(np.diag(moments.covariance))
    residual = (moments.covariance - implied) / np.outer(deviations, deviations)
    return float(np.sqrt((residual[np.tril_indices_from(residual)] ** 2).mean()))
