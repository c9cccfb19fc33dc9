"""Small draws that every simulated table shares: generators, categories, clocks and files. NumPy and pandas only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.edition import Edition
from analysis.edition.sections.data import TABLES, TableName

Ints = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]


def generator(edition: Edition, table: TableName, *, stream: int = 0) -> np.random.Generator:
    """Random numbers of one table: another seed for each, so that one table's length changes no other.

    `stream`: further columns of a table have numbers of their own, which leave those of the others as they are.
    """
    return np.random.default_rng([edition.seed, TABLES.index(table), *([stream] if stream else [])])


def own_generator(edition: Edition, table: TableName, stream: int) -> np.random.Generator:
    """Random numbers (`stream` 1, 2, …) of some columns of a table alone: they change no other column."""
    return np.random.default_rng([edition.seed, TABLES.index(table), stream])


def draw_positions(rng: np.random.Generator, shares: Sequence[float] | Floats, size: int) -> Ints:
    """Positions 0…k-1 drawn with the given shares."""
    edges = np.cumsum(np.asarray(shares, dtype=float))
    return np.minimum(np.searchsorted(edges / edges[-1], rng.random(size), side="right"), len(edges) - 1)


def draw_codes(rng: np.random.Generator, shares: Mapping[str, float], size: int) -> npt.NDArray[np.object_]:
    """Codes drawn with the given shares."""
    return np.array(list(shares), dtype=object)[draw_positions(rng, list(shares.values()), size)]


def pick(rng: np.random.Generator, size: int, share: float) -> Ints:
    """`share` of the positions below `size`, in ascending order: the number is exact, the choice random."""
    return np.sort(rng.choice(size, size=round(size * share), replace=False))


def hours_within(
    rng: np.random.Generator, limit: float, on_time: Floats | float, size: int, spread: float = 0.9
) -> Floats:
    """Log-normal durations, `on_time` of which are at or below `limit` (in the unit of `limit`)."""
    quantile = np.vectorize(NormalDist().inv_cdf, otypes=[float])(on_time)
    return np.asarray(limit * np.exp(spread * (rng.standard_normal(size) - quantile)))


def stamps(times: npt.NDArray[np.datetime64], *, shown: npt.NDArray[np.bool_] | None = None) -> npt.NDArray[np.object_]:
    """Times as `2025-09-01 08:30:00`, empty where not `shown`."""
    text = np.char.replace(np.datetime_as_string(times.astype("datetime64[s]")), "T", " ").astype(object)
    return text if shown is None else np.where(shown, text, "")


def working_moments(rng: np.random.Generator, first: np.datetime64, days: int, size: int) -> npt.NDArray[np.datetime64]:
    """Moments spread over `days` from `first`, at waking hours (8 to 22 o'clock, most about 14)."""
    day = first + rng.integers(0, days, size).astype("timedelta64[D]")
    seconds = (8 + 14 * rng.beta(2.0, 2.0, size)) * 3600
    return np.asarray(day.astype("datetime64[s]") + seconds.astype("timedelta64[s]"))


def numbered(prefix: str, size: int, *, width: int = 6) -> npt.NDArray[np.object_]:
    """Identifiers such as R000001."""
    return np.array([f"{prefix}{number:0{width}d}" for number in range(1, size + 1)], dtype=object)


def write_table(frame: pd.DataFrame, path: Path) -> Path:
    """Write `frame` as UTF-8 csv with a header and LF line ends."""
    frame.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
    return path
