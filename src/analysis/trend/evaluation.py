"""What forecasts were worth: made anew from every origin, held against what came, and combined by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from analysis.trend.gaussian import Mixture

    Floats = NDArray[np.float64]

MIN_TRAINING = 8
"""Measured waves that every forecast under test must rest on."""
NEGLIGIBLE = 0.005
"""Weight below which a candidate is left out of the combined forecast."""


@dataclass(frozen=True)
class Record:
    """Forecasts of one candidate beside what came: origins × horizons, NaN where nothing was measured."""

    mean: Floats
    low: Floats
    high: Floats
    came: Floats

    @property
    def errors(self) -> Floats:
        """Absolute errors."""
        return np.abs(self.came - self.mean)

    def scores(self, confidence: float) -> Floats:
        """Interval scores: width and 2/α times the distance to a value that lies outside (Gneiting & Raftery 2007)."""
        outside = np.maximum(self.low - self.came, 0.0) + np.maximum(self.came - self.high, 0.0)
        return np.asarray(self.high - self.low + 2 / (1 - confidence) * outside + 0 * self.came)

    @property
    def held(self) -> Floats:
        """1 where the interval held what came, else 0."""
        inside = (self.low <= self.came) & (self.came <= self.high)
        return np.where(np.isnan(self.came), np.nan, inside)


def rolling_origins(values: Floats, count: int) -> list[int]:
    """The latest `count` numbers of waves after which a forecast can be tested: a measurement at each end."""
    measured = np.flatnonzero(~np.isnan(values))
    return [int(place) + 1 for place in measured[MIN_TRAINING - 1 : -1]][-count:]


def record(forecasts: Sequence[Mixture], origins: Sequence[int], values: Floats, confidence: float) -> Record:
    """Hold the forecasts of one candidate, one per origin, against the series."""
    horizon = forecasts[0].mean.shape[1]
    padded = np.concatenate([values, np.full(horizon, np.nan)])
    came = np.stack([padded[origin : origin + horizon] for origin in origins])
    bounds = np.stack([one.quantiles((1 - confidence) / 2, (1 + confidence) / 2) for one in forecasts])
    return Record(np.stack([one.expected() for one in forecasts]), bounds[:, 0], bounds[:, 1], came)


def weights(records: Mapping[str, Record], confidence: float, *, known: int | None = None) -> dict[str, float]:
    """Weight of each candidate: its mean interval score to the power of −m, m the number of origins tested.

    A score is a scale, so that its m-th power is what a likelihood of m waves would be. `known`: only what had come
    after that many origins; before anything came all weigh the same.
    """
    scored: dict[str, float] = {}
    origins = 0
    for name, one in records.items():
        scores = one.scores(confidence)
        if known is not None:
            place = np.arange(len(scores))[:, None] + np.arange(scores.shape[1])
            scores = np.where(place < known, scores, np.nan)
        seen = ~np.isnan(scores)
        origins = int(seen.any(axis=1).sum())
        scored[name] = float(np.log(max(scores[seen].mean(), 1e-12))) if origins else 0.0
    best = min(scored.values())
    raw = {name: np.exp(-origins * (score - best)) for name, score in scored.items()}
    total = sum(raw.values())
    kept = {name: weight / total if weight / total >= NEGLIGIBLE else 0.0 for name, weight in raw.items()}
    return {name: weight / sum(kept.values()) for name, weight in kept.items()}


def combined(records: Mapping[str, Record], confidence: float) -> Record:
    """The record of the combined forecast: from each origin with the weights that were known by then."""
    first = next(iter(records.values()))
    parts = {name: np.empty_like(first.mean) for name in ("mean", "low", "high")}
    for number in range(len(first.mean)):
        share = weights(records, confidence, known=number)
        for name, part in parts.items():
            part[number] = sum(share[key] * getattr(one, name)[number] for key, one in records.items())
    return Record(parts["mean"], parts["low"], parts["high"], first.came)


def table(records: Mapping[str, Record], share: Mapping[str, float], *, unit: float, confidence: float) -> pd.DataFrame:
    """What each candidate was worth, best interval score first.

    mase: mean absolute error over `unit`, the mean change from wave to wave before the test (Hyndman & Koehler 2006);
    mae, score (interval score), coverage (share of values that the interval held), tested (number of values), weight.
    """
    rows = []
    for name, one in records.items():
        scores, held = one.scores(confidence), one.held
        tested = int((~np.isnan(scores)).sum())
        mae, score, coverage = (float(np.nanmean(part)) if tested else np.nan for part in (one.errors, scores, held))
        mase = mae / unit if unit > 0 else np.nan
        rows.append((name, mase, mae, score, coverage, tested, share.get(name, np.nan)))
    names = ["candidate", "mase", "mae", "score", "coverage", "tested", "weight"]
    return pd.DataFrame(rows, columns=names).sort_values("score", kind="stable", ignore_index=True)
