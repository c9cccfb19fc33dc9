"""ARIMA forecast of the index: order chosen by KPSS and AICc, accuracy against the naive forecast."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.survey.estimation.overlap import Estimate, differ
from analysis.trend.series import wave_series

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.edition.sections.trend import Trend

    Floats = NDArray[np.float64]

KPSS_CRITICAL = 0.463
"""5 % point of the KPSS statistic around a level (Kwiatkowski et al. 1992, table 1)."""

MIN_TRAINING = 8
"""Waves that must remain for training when the last ones are held out."""

MIN_ROOT = 1.01
"""Modulus below which a root of the AR or MA polynomial counts as a unit root; such a candidate is not chosen."""


MAX_STEPS = 500
"""Steps of the optimiser; the default of 50 leaves models with several MA terms short of their maximum."""


@dataclass(frozen=True, order=True)
class Order:
    """ARIMA(p, d, q): with a mean when d = 0; `drift` (a constant change per wave) is possible when d = 1."""

    p: int
    d: int
    q: int
    drift: bool = False

    def __str__(self) -> str:
        return f"({self.p},{self.d},{self.q})" + ("+drift" if self.drift else "")

    @property
    def trend(self) -> str:
        """The deterministic part, as statsmodels names it."""
        if self.d == 0:
            return "c"
        return "t" if self.drift else "n"


@dataclass(frozen=True)
class ArimaFit:
    """One fitted model: parameters by name, log-likelihood, AICc, and statsmodels' result for what follows."""

    order: Order
    parameters: dict[str, float]
    loglik: float
    aicc: float
    result: Any

    @property
    def proper(self) -> bool:
        """Whether the model is stationary and invertible with some distance, and its likelihood finite."""
        roots = np.concatenate([np.abs(self.result.arroots), np.abs(self.result.maroots)])
        return math.isfinite(self.aicc) and bool((roots > MIN_ROOT).all())


@dataclass(frozen=True)
class TrendResult:
    """The series, the forecast, what it was chosen from, and how well it would have done.

    waves: wave, date, csi, se, ci_low, ci_high, n, source (sampling error of the wave, where se is known).
    forecast: wave, date, estimate, ci_low, ci_high. candidates: order, parameters (number), loglik, aicc, delta,
    chosen; a candidate too close to a unit root, or that could not be fitted, has no aicc.
    order: such as "(1,1,0)" or "(0,1,1)+drift". model_mae, naive_mae: mean absolute error of one-step forecasts over
    the held-out waves (missing when there are none). past: last wave against the first (up, down, same, unknown).
    line: slope per wave of a straight line through the measured waves, and the share of their variance it explains.
    diagnostics: holdout (waves tested), kpss, kpss_critical, sigma2, ljung_box_lag, ljung_box_pvalue and
    `parameter:<name>` for each parameter.
    """

    waves: pd.DataFrame
    forecast: pd.DataFrame
    candidates: pd.DataFrame
    order: str
    model_mae: float
    naive_mae: float
    past: str
    line: tuple[float, float]
    diagnostics: dict[str, float]

    def record(self) -> dict[str, str | float | int | None]:
        """What the report says of the trend: plain values by name; an error that could not be tested is None."""
        return {
            "order": self.order,
            "horizon": len(self.forecast),
            "model_mae": None if math.isnan(self.model_mae) else self.model_mae,
            "naive_mae": None if math.isnan(self.naive_mae) else self.naive_mae,
            "first": str(self.waves["wave"].iloc[0]),
            "past": self.past,
            "line_slope": self.line[0],
            "line_share": None if math.isnan(self.line[1]) else self.line[1],
            "last": str(self.waves["wave"].iloc[-1]),
            "waves": int(self.waves["csi"].notna().sum()),
        }


def forecast_series(waves: pd.DataFrame, *, trend: Trend) -> TrendResult:
    """Forecast the next `trend.horizon` waves of the index and test the model on the last `trend.holdout` waves.

    The series is differenced until the KPSS test (level, 5 %) no longer rejects, at most `max_difference` times; among
    p ≤ `max_ar`, q ≤ `max_ma`, with and without drift when d = 1, the smallest AICc wins (Hyndman & Khandakar
    2008, J. Statistical Software 27/3). Maximum likelihood through the Kalman filter, gaps allowed. The test is
    honest: order and parameters come from the waves before each forecast wave; the naive forecast is the last
    measured value. Intervals reflect the model's innovations, not the choice of the order.
    Raises MethodError for a series that `wave_series` refuses, or when no candidate can be fitted.
    """
    series = wave_series(waves)
    values = series.waves["csi"].to_numpy(dtype=np.float64)
    candidates = _candidates(values, trend)
    best = _best(candidates)
    ahead = best.result.get_forecast(trend.horizon)
    bounds = np.asarray(ahead.conf_int(alpha=1 - trend.confidence))
    forecast = series.following(trend.horizon).assign(
        estimate=np.asarray(ahead.predicted_mean), ci_low=bounds[:, 0], ci_high=bounds[:, 1]
    )
    model_mae, naive_mae, tested = _accuracy(values, trend)
    return TrendResult(
        waves=_with_intervals(series.waves, trend.confidence),
        forecast=forecast,
        candidates=_candidate_table(candidates, best),
        order=str(best.order),
        model_mae=model_mae,
        naive_mae=naive_mae,
        past=_past(series.waves, trend.confidence),
        line=straight_line(values),
        diagnostics=_diagnostics(values, best, tested),
    )


def fit_order(values: Floats, order: Order) -> ArimaFit:
    """Fit one ARIMA model to `values` (NaN where a wave is missing) by maximum likelihood.

    The parameter `const` is the mean of the series (R: intercept), `x1` the drift per wave. AICc counts every
    parameter with the variance, and the measured waves less d. Raises MethodError when the fit fails.
    """
    from statsmodels.tsa.arima.model import ARIMA

    values = values[int(np.argmax(~np.isnan(values))) :]
    try:
        with _quiet_fit():
            result = ARIMA(values, order=(order.p, order.d, order.q), trend=order.trend).fit(
                method_kwargs={"maxiter": MAX_STEPS}, cov_type="none"
            )
    except (np.linalg.LinAlgError, ValueError) as error:
        raise MethodError("An ARIMA model could not be fitted.", where=f"ARIMA{order}", got=str(error)) from None
    size = int((~np.isnan(values)).sum()) - order.d
    count = len(result.params)
    loglik = float(result.llf)
    spare = size - count - 1
    aicc = -2 * loglik + 2 * count + 2 * count * (count + 1) / spare if spare > 0 else math.inf
    names = [str(name) for name in result.model.param_names]
    return ArimaFit(order, dict(zip(names, map(float, result.params), strict=True)), loglik, aicc, result)


@contextmanager
def _quiet_fit() -> Iterator[None]:
    """Silence what statsmodels says about starting values and about a candidate that stops early.

    Starting values do not matter once the likelihood is at its maximum, and a candidate that did not get
    there has a smaller likelihood, so that it loses by AICc.
    """
    from statsmodels.tools.sm_exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", message="Non-stationary starting autoregressive", category=UserWarning)
        warnings.filterwarnings("ignore", message="Non-invertible starting MA", category=UserWarning)
        warnings.filterwarnings("ignore", message="Too few observations to estimate starting", category=UserWarning)
        yield


def _candidates(values: Floats, trend: Trend) -> list[ArimaFit]:
    """Every order of the grid that could be fitted, in the order of the grid."""
    d = _differences(values, trend.max_difference)
    grid = product(range(trend.max_ar + 1), range(trend.max_ma + 1), (False, True) if d == 1 else (False,))
    fits = []
    for p, q, drift in grid:
        try:
            fits.append(fit_order(values, Order(p, d, q, drift)))
        except MethodError:
            continue
    return fits


def _best(candidates: list[ArimaFit]) -> ArimaFit:
    proper = [fit for fit in candidates if fit.proper]
    if not proper:
        raise MethodError(
            "No ARIMA model fits the tracking series.",
            where="trend",
            got=f"{len(candidates)} candidates, none with a finite likelihood away from a unit root",
            hint="allow other orders (trend.max_ar, max_difference, max_ma), or check the values of the waves",
        )
    return min(proper, key=lambda fit: (fit.aicc, fit.order))


def _differences(values: Floats, most: int) -> int:
    """Number of differences after which the KPSS test no longer rejects a stable level."""
    current = values
    for d in range(most):
        if kpss_statistic(current) <= KPSS_CRITICAL:
            return d
        current = np.diff(current)
    return most


def kpss_statistic(values: Floats) -> float:
    """KPSS statistic around a level, Bartlett window of trunc(3·√n/13) lags; 0 for a series that does not vary.

    η = n⁻² Σ S_t² / s², S_t the partial sums of the deviations from the mean; missing waves are closed up.
    Source: Kwiatkowski, Phillips, Schmidt & Shin 1992; lags as in Hyndman & Khandakar 2008.
    """
    deviations = values[~np.isnan(values)]
    deviations = deviations - deviations.mean()
    size = len(deviations)
    lags = int(3 * math.sqrt(size) / 13)
    variance = float(deviations @ deviations) / size
    for lag in range(1, lags + 1):
        variance += 2 / size * (1 - lag / (lags + 1)) * float(deviations[lag:] @ deviations[:-lag])
    if variance <= 1e-12:
        return 0.0
    return float((np.cumsum(deviations) ** 2).sum() / size**2 / variance)


def straight_line(values: Floats) -> tuple[float, float]:
    """Slope per wave of the least-squares line through the measured waves, and R² (missing where they don't vary)."""
    place = np.flatnonzero(~np.isnan(values)).astype(np.float64)
    measured = values[~np.isnan(values)]
    away, rest = place - place.mean(), measured - measured.mean()
    spread, total = float(away @ away), float(rest @ rest)
    slope = float(away @ rest) / spread if spread > 0 else 0.0
    return slope, slope**2 * spread / total if total > 0 else math.nan


def _accuracy(values: Floats, trend: Trend) -> tuple[float, float, int]:
    """Mean absolute one-step errors of the model and the naive forecast, and the number of waves tested.

    The order is chosen once, before the first held-out wave; the parameters are estimated anew before each.
    """
    measured = np.flatnonzero(~np.isnan(values))
    tested = measured[MIN_TRAINING:][-trend.holdout :]
    if len(tested) == 0:
        return math.nan, math.nan, 0
    try:
        order = _best(_candidates(values[: tested[0]], trend)).order
    except MethodError:
        return math.nan, math.nan, 0
    model, naive = [], []
    for wave in tested:
        past = values[:wave]
        predicted = float(np.asarray(fit_order(past, order).result.forecast(1))[0])
        model.append(abs(values[wave] - predicted))
        naive.append(abs(values[wave] - past[~np.isnan(past)][-1]))
    return float(np.mean(model)), float(np.mean(naive)), len(tested)


def _candidate_table(candidates: list[ArimaFit], best: ArimaFit) -> pd.DataFrame:
    aicc = np.array([fit.aicc if fit.proper else math.nan for fit in candidates])
    table = pd.DataFrame(
        {
            "order": [str(fit.order) for fit in candidates],
            "parameters": [len(fit.parameters) for fit in candidates],
            "loglik": [fit.loglik for fit in candidates],
            "aicc": aicc,
            "delta": aicc - best.aicc,
            "chosen": [fit is best for fit in candidates],
        }
    )
    return table.sort_values(["aicc", "parameters"], kind="stable", ignore_index=True)


def _diagnostics(values: Floats, best: ArimaFit, tested: int) -> dict[str, float]:
    """Numbers that say whether the chosen model left something out."""
    from statsmodels.stats.diagnostic import acorr_ljungbox

    residuals = np.asarray(best.result.resid)[best.order.d :]
    residuals = residuals[~np.isnan(residuals)]
    fitted = best.order.p + best.order.q
    lag = min(max(min(10, len(residuals) // 5), fitted + 3), len(residuals) - 1)
    tests = acorr_ljungbox(residuals, lags=[lag], model_df=fitted)
    return {
        "holdout": float(tested),
        "kpss": kpss_statistic(values),
        "kpss_critical": KPSS_CRITICAL,
        "sigma2": best.parameters["sigma2"],
        "ljung_box_lag": float(lag),
        "ljung_box_pvalue": float(tests["lb_pvalue"].iloc[0]),
        **{f"parameter:{name}": value for name, value in best.parameters.items()},
    }


def _past(waves: pd.DataFrame, confidence: float) -> str:
    """Whether the last wave lies above (up), below (down) or level with (same) the first; unknown without errors."""
    measured = _with_intervals(waves.dropna(subset=["csi"]), confidence)
    ends = [measured.iloc[place] for place in (0, -1)]
    first, last = (Estimate(str(e["wave"]), float(e["csi"]), float(e["ci_low"]), float(e["ci_high"])) for e in ends)
    if math.isnan(first.low) or math.isnan(last.low):
        return "unknown"
    if not differ(first, last, confidence=confidence):
        return "same"
    return "up" if last.value > first.value else "down"


def _with_intervals(waves: pd.DataFrame, confidence: float) -> pd.DataFrame:
    from scipy.special import ndtri

    half = float(ndtri(0.5 + confidence / 2)) * waves["se"]
    shown = waves.assign(ci_low=waves["csi"] - half, ci_high=waves["csi"] + half)
    return shown[["wave", "date", "csi", "se", "ci_low", "ci_high", "n", "source"]]
