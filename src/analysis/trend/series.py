"""The tracking series: wave labels, spacing, gaps, and the labels of the waves to come."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.periods import PER_YEAR, WAVES, frequency_of, label_of, last_day, number_of, read_waves
from analysis.survey.estimation.overlap import Estimate, differ
from analysis.trend.gaussian import Observed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis.periods import Frequency


MIN_MEASURED = 0.75
"""Share of the waves at equal steps that were measured, below which the waves have no common step."""


@dataclass(frozen=True)
class OwnIndex:
    """The index that this edition measured itself: of the wave in which its fieldwork began."""

    day: dt.date
    csi: float
    se: float
    n: float


@dataclass(frozen=True)
class WaveSeries:
    """A series of waves, at equal steps where they are `even`: one that was skipped has its row with a missing index.

    waves: wave, date (period end), csi, se, n, source, ordered; `step` counts periods of `frequency` between waves.
    even: whether the waves have a common step. estimated: whether they come from the interviews of this edition's
    data, which know of no wave that was planned and not measured.
    own: what became of the index that the edition measured itself: "same" (it stands in the series in place of the
    wave of its period, from which it does not differ beyond sampling error), "differs" (it does, and the wave stays),
    "added" (the series had no such wave), "apart" (the period lies between the waves, or before the last) or "" (none
    known). tracked: value, lower and upper bound of the wave of that period as the series came, where there was one.
    """

    waves: pd.DataFrame
    frequency: Frequency
    step: int
    own: str = ""
    tracked: tuple[float, float, float] | None = None
    even: bool = True
    estimated: bool = False

    def following(self, count: int) -> pd.DataFrame:
        """Labels and period ends (wave, date) of the next `count` waves."""
        last = number_of(str(self.waves["wave"].iloc[-1]), self.frequency)
        ordinals = [last + self.step * (i + 1) for i in range(count)]
        return pd.DataFrame(
            {
                "wave": [label_of(ordinal, self.frequency) for ordinal in ordinals],
                "date": _ends(ordinals, self.frequency),
            }
        )

    @property
    def has_years(self) -> bool:
        """Whether a year is a whole number of steps."""
        return self.frequency in PER_YEAR and PER_YEAR[self.frequency] % self.step == 0

    @property
    def period(self) -> int:
        """Waves in a year; 1 where a year is no whole number of steps."""
        return PER_YEAR[self.frequency] // self.step if self.has_years else 1

    @property
    def season(self) -> NDArray[np.int64]:
        """Part of the year in which each wave lies, from 0."""
        ordinals = np.array([number_of(str(wave), self.frequency) for wave in self.waves["wave"]], dtype=np.int64)
        return ordinals % PER_YEAR[self.frequency] // self.step

    @property
    def measured(self) -> int:
        """Number of waves that were measured."""
        return int(self.waves["csi"].notna().sum())

    def need_even_steps(self) -> None:
        """Raise MethodError unless the waves have a common step, which models of the course count by."""
        if not self.even:
            raise MethodError(
                "The waves have no common step, so that their course can't be modelled.",
                expected=f"waves at equal steps, of which at least {MIN_MEASURED:.0%} were measured",
                got=", ".join(self.waves.dropna(subset=["csi"])["wave"].astype(str)),
                hint="levels and changes are told without a course and a forecast",
            )

    def observed(self, shared: float = 0.0) -> Observed:
        """The series for the models; a wave without a known error has the typical one of the others."""
        se = self.waves["se"].to_numpy(dtype=np.float64)
        typical = float(np.sqrt(np.nanmean(se**2))) if np.isfinite(se).any() else 0.0
        values = self.waves["csi"].to_numpy(dtype=np.float64)
        return Observed(values, np.where(np.isnan(se), typical, se), typical, self.period, shared)

    def record(self) -> dict[str, str | float | int | None]:
        """What the report says of the series: ends, measured waves, and what became of the edition's own index."""
        named = self.waves.dropna(subset=["csi"])["wave"]
        value, low, high = self.tracked or (None, None, None)
        ends = {"first": str(named.iloc[0]), "last": str(named.iloc[-1])}
        return {
            **ends,
            "waves": self.measured,
            "even": self.even,
            "own": self.own,
            "tracked": value,
            "tracked_low": low,
            "tracked_high": high,
        }

    def table(self, confidence: float) -> pd.DataFrame:
        """The waves with the interval of each: wave, date, csi, se, ci_low, ci_high, n, source."""
        if self.estimated:
            shown = self.waves.dropna(subset=["csi"])
        else:
            half = NormalDist().inv_cdf(0.5 + confidence / 2) * self.waves["se"]
            shown = self.waves.assign(ci_low=self.waves["csi"] - half, ci_high=self.waves["csi"] + half)
        return shown[["wave", "date", "csi", "se", "ci_low", "ci_high", "n", "source"]]


def own_index(overall: pd.DataFrame, *, started: dt.date) -> OwnIndex | None:
    """The edition's index from its table of results (measure, estimate, se, n); None where it has no error."""
    row = overall[overall["measure"] == "csi"].dropna(subset=["estimate", "se"])
    if row.empty:
        return None
    return OwnIndex(started, *(float(row[name].iloc[0]) for name in ("estimate", "se", "n")))


def wave_series(
    waves: pd.DataFrame, *, own: OwnIndex | None = None, confidence: float = 0.95, estimated: bool = False
) -> WaveSeries:
    """Check a table of waves (wave, csi; optional date, se, n, source) and lay it out at equal steps.

    Labels are those of `periods.read_waves`. The step is the greatest one that reaches every wave; a step without
    a row becomes a gap, unless the waves are too uneven to have a step. `own` takes its place in the series, as
    `WaveSeries` says, by a test at `confidence`; `estimated`: the waves come from interviews, with ci_low and ci_high.
    Raises MethodError for a label that is none of these or of another kind than the first, a wave given
    twice, an index that is not a number, and a table without any measured wave.
    """
    absent = [column for column in ("wave", "csi") if column not in waves]
    if absent:
        raise MethodError("The waves lack columns.", where=", ".join(absent), expected="wave, csi")
    written = waves["wave"].astype(str).str.strip().tolist()
    read = read_waves(written)
    labels = [read[text] for text in written]
    frequency = frequency_of(labels, kinds=WAVES)
    ordinals = np.array([number_of(label, frequency) for label in labels], dtype=np.int64)
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice:
        raise MethodError("A wave is given twice.", where=", ".join(twice), expected="one row per wave")
    frame = _columns(waves, ordinals)
    measured = frame["csi"].notna()
    if not measured.any():
        raise MethodError("No wave of the tracking series has an index.", expected="a number in at least one wave")
    # A model learns nothing from empty waves before the first and after the last measurement.
    frame = frame.loc[measured.idxmax() : measured[::-1].idxmax()]
    frame, fate, tracked = _with_own(frame, frequency, own, confidence)
    step = max(int(np.gcd.reduce(np.diff(frame.index.to_numpy()))), 1) if len(frame) > 1 else 1
    laid_out = range(int(frame.index[0]), int(frame.index[-1]) + 1, step)
    even = int(frame["csi"].notna().sum()) >= MIN_MEASURED * len(laid_out)
    full = frame.reindex(laid_out) if even or (frequency in PER_YEAR and not estimated) else frame.copy()
    full.insert(0, "wave", [label_of(int(ordinal), frequency) for ordinal in full.index])
    full["date"] = full["date"].fillna(pd.Series(_ends(list(full.index), frequency), full.index))
    return WaveSeries(full.reset_index(drop=True), frequency, step, fate, tracked, even, estimated)


def _ends(ordinals: Sequence[int], frequency: Frequency) -> pd.DatetimeIndex:
    """Last day of every period; waves that are only numbered have none."""
    if frequency == "number":
        return pd.DatetimeIndex([pd.NaT] * len(ordinals))
    return pd.to_datetime([last_day(int(one), frequency) for one in ordinals])


def _with_own(
    frame: pd.DataFrame, frequency: Frequency, own: OwnIndex | None, confidence: float
) -> tuple[pd.DataFrame, str, tuple[float, float, float] | None]:
    """The waves with the edition's own index in its place, what became of it, and the wave that was there."""
    if own is None:
        return frame, "", None
    if frequency not in PER_YEAR:
        return frame, "apart", None
    per_year = PER_YEAR[frequency]
    place = own.day.year * per_year + (own.day.month - 1) * per_year // 12
    last, steps = int(frame.index[-1]), np.diff(frame.index.to_numpy())
    between = place > last and len(steps) > 0 and (place - last) % int(np.gcd.reduce(steps)) != 0
    if place < last or between:
        return frame, "apart", None
    row = pd.DataFrame({"csi": own.csi, "se": own.se, "n": own.n, "source": "this_edition"}, index=[place])
    extended = pd.concat([frame.drop(index=place, errors="ignore"), row.assign(date=pd.Series(pd.NaT, row.index))])
    extended["date"] = pd.to_datetime(extended["date"].fillna(frame["date"]))
    if place > last:
        return extended, "added", None
    there = Estimate("wave", *_bounds(frame["csi"].loc[place], frame["se"].loc[place], confidence))
    if math.isnan(there.low):
        return extended, "same", None
    mine = Estimate("own", *_bounds(own.csi, own.se, confidence))
    apart = differ(mine, there, confidence=confidence)
    found = (there.value, there.low, there.high)
    return (frame, "differs", found) if apart else (extended, "same", found)


def _bounds(value: float, error: float, confidence: float) -> tuple[float, float, float]:
    half = NormalDist().inv_cdf(0.5 + confidence / 2) * error
    return float(value), float(value - half), float(value + half)


def _columns(waves: pd.DataFrame, ordinals: Any) -> pd.DataFrame:
    """The columns of a wave, indexed and ordered by period number; what is not in the table is empty."""
    frame = pd.DataFrame(index=pd.Index(ordinals))
    dates = waves["date"] if "date" in waves else pd.Series(pd.NaT, index=waves.index)
    frame["date"] = pd.to_datetime(dates).to_numpy()
    for name in ("csi", "se", "n"):
        column = waves[name] if name in waves else pd.Series(np.nan, index=waves.index)
        try:
            frame[name] = column.to_numpy(dtype=np.float64, na_value=np.nan)
        except (TypeError, ValueError):
            raise MethodError(f"{name!r} of the waves is not numeric.", got=str(column.dtype)) from None
    if np.isinf(frame["csi"]).any():
        raise MethodError("The index of a wave is infinite.", expected="a number or empty")
    for name in {"ci_low", "ci_high"} & set(waves):
        frame[name] = waves[name].to_numpy(dtype=np.float64)
    frame["source"] = waves["source"].astype(str).to_numpy() if "source" in waves else "measured"
    return frame.sort_index()
