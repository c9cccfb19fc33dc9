"""The tracking series: wave labels, spacing, gaps, and the labels of the waves to come."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from analysis.errors import MethodError

if TYPE_CHECKING:
    from collections.abc import Sequence

Frequency = Literal["year", "half", "quarter", "month"]

MIN_WAVES = 12
"""Measured waves below which no forecast is attempted."""

_PATTERNS: dict[Frequency, re.Pattern[str]] = {
    "year": re.compile(r"(\d{4})()\Z"),
    "half": re.compile(r"(\d{4})H([12])\Z"),
    "quarter": re.compile(r"(\d{4})Q([1-4])\Z"),
    "month": re.compile(r"(\d{4})-(0[1-9]|1[0-2])\Z"),
}
_PER_YEAR: dict[Frequency, int] = {"year": 1, "half": 2, "quarter": 4, "month": 12}


@dataclass(frozen=True)
class WaveSeries:
    """A series of waves at equal steps; a wave that was skipped has its row with a missing index.

    waves: wave, date (period end), csi, se, n, source, ordered; `step` counts periods of `frequency` between waves.
    """

    waves: pd.DataFrame
    frequency: Frequency
    step: int

    def following(self, count: int) -> pd.DataFrame:
        """Labels and period ends (wave, date) of the next `count` waves."""
        last = _ordinal(str(self.waves["wave"].iloc[-1]), self.frequency)
        ordinals = [last + self.step * (i + 1) for i in range(count)]
        return pd.DataFrame(
            {
                "wave": [_label(ordinal, self.frequency) for ordinal in ordinals],
                "date": pd.to_datetime([_period_end(ordinal, self.frequency) for ordinal in ordinals]),
            }
        )


def wave_series(waves: pd.DataFrame) -> WaveSeries:
    """Check a table of waves (wave, csi; optional date, se, n, source) and lay it out at equal steps.

    Labels are 2025, 2025H1, 2025Q3 or 2025-09. The step is the greatest one that reaches every wave; a step without
    a row becomes a gap. Raises MethodError for a label that is none of these or of another kind than the
    first, a wave given twice, an index that is not a number, fewer than 12 measured waves or an index that never
    changes.
    """
    absent = [column for column in ("wave", "csi") if column not in waves]
    if absent:
        raise MethodError("The waves lack columns.", where=", ".join(absent), expected="wave, csi")
    labels = waves["wave"].astype(str).str.strip().tolist()
    frequency = _frequency(labels)
    ordinals = np.array([_ordinal(label, frequency) for label in labels], dtype=np.int64)
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice:
        raise MethodError("A wave is given twice.", where=", ".join(twice), expected="one row per wave")
    frame = _columns(waves, ordinals)
    measured = frame["csi"].notna()
    if int(measured.sum()) < MIN_WAVES:
        raise MethodError(
            "The tracking series is too short for a forecast.",
            expected=f"at least {MIN_WAVES} measured waves",
            got=str(int(measured.sum())),
            hint="leave the table `waves` out of the edition, or wait for more waves",
        )
    if frame["csi"].nunique() < 2:
        raise MethodError("The index is the same in every wave.", expected="a series that varies")
    # A model learns nothing from empty waves before the first and after the last measurement.
    frame = frame.loc[measured.idxmax() : measured[::-1].idxmax()]
    step = int(np.gcd.reduce(np.diff(frame.index.to_numpy())))
    full = frame.reindex(range(int(frame.index[0]), int(frame.index[-1]) + 1, step))
    full.insert(0, "wave", [_label(int(ordinal), frequency) for ordinal in full.index])
    ends = pd.Series(pd.to_datetime([_period_end(int(ordinal), frequency) for ordinal in full.index]), full.index)
    full["date"] = full["date"].fillna(ends)
    return WaveSeries(full.reset_index(drop=True), frequency, step)


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
    frame["source"] = waves["source"].astype(str).to_numpy() if "source" in waves else "measured"
    return frame.sort_index()


def _frequency(labels: Sequence[str]) -> Frequency:
    kinds = [next((name for name, pattern in _PATTERNS.items() if pattern.match(label)), None) for label in labels]
    unknown = [label for label, kind in zip(labels, kinds, strict=True) if kind is None]
    if unknown or not kinds:
        raise MethodError(
            "A wave label is not recognised.",
            where=", ".join(unknown[:5]) or "no wave",
            expected="2025, 2025H1, 2025Q3 or 2025-09",
        )
    first = kinds[0]
    other = [label for label, kind in zip(labels, kinds, strict=True) if kind != first]
    if first is None or other:
        raise MethodError(
            "The waves have labels of different kinds.",
            where=", ".join(other[:5]),
            expected=f"all like {labels[0]}",
        )
    return first


def _ordinal(label: str, frequency: Frequency) -> int:
    """Number of the period, counted from year 0."""
    found = _PATTERNS[frequency].match(label)
    if found is None:
        raise MethodError("A wave label is not recognised.", where=label, expected=f"a {frequency}")
    return int(found[1]) * _PER_YEAR[frequency] + (int(found[2]) - 1 if found[2] else 0)


def _label(ordinal: int, frequency: Frequency) -> str:
    year, part = divmod(ordinal, _PER_YEAR[frequency])
    return {
        "year": f"{year:04d}",
        "half": f"{year:04d}H{part + 1}",
        "quarter": f"{year:04d}Q{part + 1}",
        "month": f"{year:04d}-{part + 1:02d}",
    }[frequency]


def _period_end(ordinal: int, frequency: Frequency) -> dt.date:
    year, part = divmod(ordinal, _PER_YEAR[frequency])
    next_month = (part + 1) * (12 // _PER_YEAR[frequency])
    return dt.date(year + next_month // 12, next_month % 12 + 1, 1) - dt.timedelta(days=1)
