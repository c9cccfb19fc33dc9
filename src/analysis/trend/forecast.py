"""The forecast of the index: ten ways of continuing the series, judged from every origin and combined by it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.trend import arima, evaluation, learned, smoothing, structural
from analysis.trend.evaluation import Record
from analysis.trend.gaussian import Mixture, Observed, mixed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis.edition.sections.trend import Trend
    from analysis.trend.series import WaveSeries

    Floats = NDArray[np.float64]

MIN_WAVES = 12
"""Measured waves below which no forecast is attempted: ten to learn from and two to be tested on."""
PERCENTILES = tuple(np.arange(1, 100) / 100)
COMBINED = "combined"
"""Name of the combined forecast among the candidates."""


@dataclass(frozen=True)
class TrendResult:
    """The forecast, what it was made of, and how well it would have done.

    forecast: wave, date, estimate, ci_low, ci_high, above (probability that the wave comes out higher than the last
    one): of the figure that the wave will report, its own sampling error included. candidates: candidate, mase, mae,
    score, coverage, tested, weight, the combined forecast among them. arima: order, parameters, loglik, aicc, delta,
    chosen. order: the ARIMA candidate, such as "(1,1,0)". smoothing: kind of the exponential smoothing, such as "AAN".
    combined, naive: rolling-origin record of the combined forecast and of the last value. steps: ahead, mae,
    naive_mae, coverage, tested, for each horizon.
    """

    forecast: pd.DataFrame
    candidates: pd.DataFrame
    arima: pd.DataFrame
    steps: pd.DataFrame
    order: str
    smoothing: str
    first: str
    last: str
    waves: int
    origins: int

    def record(self) -> dict[str, str | float | int | None]:
        """What the report says of the forecast: plain values by name; what could not be tested is None."""
        rows = {str(row["candidate"]): row for row in self.candidates.to_dict("records")}
        combined = rows[COMBINED]
        return {
            "order": self.order,
            "smoothing": self.smoothing,
            "horizon": len(self.forecast),
            "first": self.first,
            "last": self.last,
            "waves": self.waves,
            "origins": self.origins,
            "model_mae": float(combined["mae"]),
            "naive_mae": float(rows["naive"]["mae"]),
            "held": round(float(combined["coverage"]) * int(combined["tested"])),
            "tested": int(combined["tested"]),
            "leading": str(self.candidates.sort_values("weight", ascending=False, kind="stable")["candidate"].iloc[0]),
        }


def forecast_series(series: WaveSeries, *, trend: Trend) -> TrendResult:
    """Forecast the next `trend.horizon` waves by candidates that are judged on the latest `trend.origins` origins.

    Candidates: structural models that know the waves' sampling errors (level, trend, damped, reverting, seasonal),
    ARIMA and exponential smoothing of the kind with the smallest AICc, the last value (naive), the last value with
    the mean change (drift), and a learned regression where the series is long enough. Parameters are integrated
    over, not plugged in. Every test forecast knows only what came before its origin, kinds and orders included.
    The quantiles of the combined forecast are the means of theirs, with the weights of `evaluation.weights`: a mixture
    of honest intervals would be too wide (Lichtendahl, Grushka-Cockayne & Winkler 2013, Management Science 59).
    Raises MethodError for fewer than 12 measured waves, for waves without a common step and for an index that never
    changes.
    """
    _refuse_unusable(series)
    series.need_even_steps()
    observed = series.observed(trend.shared_respondents * trend.shared_correlation).last(structural.MOST_WAVES)
    origins = evaluation.rolling_origins(observed.index, trend.origins)
    orders = arima.search(observed.index, trend)
    kind = smoothing.choose(observed.index).kind
    made = candidates(observed, origins, trend, order=orders[0], kind=kind)
    records = {name: _record(found, origins, observed, trend) for name, found in made.items()}
    share = evaluation.weights(records, trend.confidence)
    final = {name: found[-1] for name, found in made.items() if share[name] > 0}
    records[COMBINED] = evaluation.combined(records, trend.confidence)
    measured = series.waves.dropna(subset=["csi"])
    return TrendResult(
        forecast=_table(final, share, series, trend, last=float(measured["csi"].iloc[-1])),
        candidates=evaluation.table(records, share, unit=_unit(observed, origins[0]), confidence=trend.confidence),
        arima=_orders(orders),
        steps=_steps(records),
        order=str(orders[0].order),
        smoothing=kind,
        first=str(measured["wave"].iloc[0]),
        last=str(measured["wave"].iloc[-1]),
        waves=series.measured,
        origins=len(origins),
    )


def _refuse_unusable(series: WaveSeries) -> None:
    if series.measured < MIN_WAVES:
        raise MethodError(
            "The tracking series is too short for a forecast.",
            expected=f"at least {MIN_WAVES} measured waves",
            got=str(series.measured),
            hint="wait for more waves; levels and changes are told without a forecast",
        )
    if series.waves["csi"].nunique() < 2:
        raise MethodError(
            "The index is the same in every wave, so that there is nothing to forecast from.",
            got=f"{series.waves['csi'].dropna().iloc[0]:g} in {series.measured} waves",
            hint="check the table of waves: one value may have been copied down",
        )


def candidates(
    series: Observed, origins: Sequence[int], trend: Trend, *, order: arima.ArimaFit, kind: str
) -> dict[str, list[Mixture]]:
    """Forecasts of every candidate, from each origin and then from the end of the series.

    `order` and `kind` are those chosen on the whole series; for the test both are chosen before the first origin.
    """
    ahead, end = trend.horizon, len(series)
    places = [*origins, end]
    made = {
        m: structural.forecasts(series, m, seasonal=False, origins=places, horizon=ahead) for m in structural.MODELS
    }
    if series.period > 1:
        parts = [
            structural.forecasts(series, m, seasonal=True, origins=places, horizon=ahead) for m in structural.MODELS
        ]
        made["seasonal"] = [mixed(one, np.full(len(one), 1 / len(one))) for one in zip(*parts, strict=True)]
    early = series.first(origins[0]).index
    tested = arima.search(early, trend)[0]
    made["arima"] = arima.forecasts(series, tested, origins=origins, horizon=ahead)
    made["arima"] += arima.forecasts(series, order, origins=[end], horizon=ahead)
    made["ets"] = smoothing.forecasts(series, smoothing.choose(early).kind, origins=origins, horizon=ahead)
    made["ets"] += smoothing.forecasts(series, kind, origins=[end], horizon=ahead)
    for name, drift in (("naive", False), ("drift", True)):
        made[name] = arima.forecasts(series, arima.naive(drift=drift), origins=places, horizon=ahead)
    if int((series.measured < origins[0]).sum()) >= learned.MIN_LEARNING:
        made["learned"] = learned.forecasts(series, origins=places, horizon=ahead)
    return made


def _record(found: Sequence[Mixture], origins: Sequence[int], series: Observed, trend: Trend) -> Record:
    return evaluation.record(found[: len(origins)], origins, series.index, trend.confidence)


def _unit(series: Observed, origin: int) -> float:
    """Mean absolute change from one measured wave to the next before the test: the unit of MASE."""
    known = series.index[series.measured[series.measured < origin]]
    return float(np.abs(np.diff(known)).mean())


def _table(
    final: dict[str, Mixture], share: dict[str, float], series: WaveSeries, trend: Trend, *, last: float
) -> pd.DataFrame:
    """The combined forecast: its quantiles are the weighted means of those of the candidates."""
    tails = ((1 - trend.confidence) / 2, (1 + trend.confidence) / 2)
    parts = [share[name] * one.quantiles(*tails, *PERCENTILES) for name, one in final.items()]
    low, high, *steps = np.sum(parts, axis=0)
    estimate = np.sum([share[name] * one.expected() for name, one in final.items()], axis=0)
    above = [1 - float(np.interp(last, step, PERCENTILES, left=0.0, right=1.0)) for step in np.transpose(steps)]
    return series.following(trend.horizon).assign(estimate=estimate, ci_low=low, ci_high=high, above=above)


def _orders(orders: Sequence[arima.ArimaFit]) -> pd.DataFrame:
    aicc = np.array([fit.aicc if math.isfinite(fit.aicc) else np.nan for fit in orders])
    return pd.DataFrame(
        {
            "order": [str(fit.order) for fit in orders],
            "parameters": [fit.parameters for fit in orders],
            "loglik": [fit.loglik for fit in orders],
            "aicc": aicc,
            "delta": aicc - aicc[0],
            "chosen": np.arange(len(orders)) == 0,
        }
    )


def _steps(records: dict[str, Record]) -> pd.DataFrame:
    """What the combined forecast was worth, by how far it looked ahead, beside the last value."""
    one, plain = records[COMBINED], records["naive"]
    rows = []
    for step in range(one.came.shape[1]):
        tested = int((~np.isnan(one.came[:, step])).sum())
        if tested:
            mae, naive, held = (float(np.nanmean(part[:, step])) for part in (one.errors, plain.errors, one.held))
            rows.append((step + 1, mae, naive, held, tested))
    return pd.DataFrame(rows, columns=["ahead", "mae", "naive_mae", "coverage", "tested"])
