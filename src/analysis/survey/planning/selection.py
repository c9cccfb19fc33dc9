"""Selecting the sample from a frame: simple, systematic, proportional to size, or in two stages; by stratum, seeded.

Every selection is without replacement and its inclusion probabilities are exact, so that 1/π is the base weight of
the Horvitz–Thompson estimator. Sources: Cochran 1977, ch. 8 and 11; Särndal, Swensson & Wretman 1992, §3.6, §4.3.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.edition.sections.sampling import Sampling

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

WHOLE = "(all)"
"""The only stratum of a frame that has none."""


@dataclass(frozen=True)
class Selection:
    """The selected sample.

    sample: case, stratum, unit_id, position (on the unit's list; two stages only), first_stage, second_stage,
    probability (their product), weight (its inverse); one row per case.
    strata: category, units and customers of the frame, asked (cases wanted), selected_units, cases, weight_low,
    weight_high, estimate (Σ weights × size: the frame's customers as the sample would estimate them).
    """

    sample: pd.DataFrame
    strata: pd.DataFrame
    method: str
    seed: int

    def record(self) -> dict[str, Any]:
        """Plain values: method, seed, cases, selected units and units of the frame."""
        return {
            "method": self.method,
            "seed": self.seed,
            "cases": len(self.sample),
            "selected_units": int(self.strata["selected_units"].sum()),
            "units": int(self.strata["units"].sum()),
            "customers": int(self.strata["customers"].sum()),
        }


def strata_population(
    population: pd.DataFrame | None, frame: pd.DataFrame | None, *, stratum: str | None
) -> pd.DataFrame | None:
    """Persons of every stratum (category, population): from the population table, else from the frame, else None."""
    if stratum is not None and population is not None:
        margins = population.loc[population["variable"].astype(str) == stratum, ["category", "population"]]
        if len(margins):
            return margins.reset_index(drop=True)
    if stratum is not None and frame is not None and "stratum" in frame and len(frame):
        return _frame_population(frame)
    return None


def _frame_population(frame: pd.DataFrame) -> pd.DataFrame:
    """Customers of every stratum of the frame, for want of better margins."""
    sizes = _sizes(frame)
    totals = pd.Series(sizes).groupby(_strata(frame), sort=False).sum()
    return pd.DataFrame({"category": totals.index.astype(str), "population": totals.to_numpy().astype(np.int64)})


def select_sample(frame: pd.DataFrame, *, asked: Mapping[str, int], sampling: Sampling, seed: int) -> Selection:
    """Select `asked` cases in every stratum of `frame` (unit_id, and optionally stratum, region, size).

    simple: random units without replacement. systematic: every N/n-th unit from a random start, in the order of
    region and number. pps: units with π = n·x/Σx by systematic selection in the same order; a unit with n·x/Σx ≥ 1
    is certain and the others are reckoned anew. two_stage: `per_unit` cases (more in a certain unit) from each of
    ⌈n/per_unit⌉ units chosen like pps, as random positions on the unit's list, at one sampling rate in the stratum.
    Each stratum has its own random numbers, so that one stratum's change leaves the others as they are. A stratum
    with fewer units than asked is taken whole. Raises MethodError for an empty frame, a size below 1, or strata of
    the frame and of `asked` that differ.
    """
    if frame.empty:
        raise MethodError("The sampling frame is empty.", expected="one row per unit")
    strata, sizes = _strata(frame), _sizes(frame)
    if set(asked) == {WHOLE}:
        strata = np.full(len(frame), WHOLE, dtype=object)
    names = list(dict.fromkeys(strata))
    if set(names) != set(asked):
        raise MethodError(
            "The strata of the frame are not those of the allocation.",
            expected=", ".join(sorted(asked)),
            got=", ".join(sorted(names)),
            hint="correct the column stratum of the frame or the population table",
        )
    ordered = frame.assign(_stratum=strata, _size=sizes)
    by = [name for name in ("region", "unit_id") if name in frame]
    ordered = ordered.sort_values(by, kind="stable") if by else ordered
    drawn, summaries = [], []
    for name in names:
        units = ordered[ordered["_stratum"] == name]
        rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
        cases = _select(units, int(asked[name]), sampling, rng)
        drawn.append(cases.assign(stratum=name))
        summaries.append(_summary(name, units, cases, int(asked[name])))
    sample = pd.concat(drawn, ignore_index=True)
    sample["probability"] = sample["first_stage"] * sample["second_stage"]
    sample["weight"] = 1 / sample["probability"]
    sample.insert(0, "case", np.arange(1, len(sample) + 1))
    head = ["case", "stratum", "unit_id", "position", "first_stage", "second_stage", "probability", "weight"]
    shown = [column for column in head if column in sample]
    return Selection(sample[shown], pd.DataFrame(summaries), method=sampling.selection, seed=seed)


def inclusion_probabilities(sizes: Floats, n: int) -> Floats:
    """π = n·x/Σx, with certain units (π = 1) set apart until every other π is below 1; Σπ = n."""
    n = min(n, len(sizes))
    probabilities = np.zeros(len(sizes))
    certain = np.zeros(len(sizes), dtype=bool)
    while True:
        left = n - int(certain.sum())
        rest = float(sizes[~certain].sum())
        probabilities[certain] = 1.0
        probabilities[~certain] = left * sizes[~certain] / rest if rest > 0 else 0.0
        new = ~certain & (probabilities >= 1 - 1e-12)
        if not new.any():
            return probabilities
        certain |= new


def systematic(probabilities: Floats, start: float) -> Ints:
    """Positions hit by start, start + 1, … on the cumulated probabilities; 0 ≤ start < 1.

    Over a uniform start every unit is hit with exactly its probability (Madow 1949).
    """
    edges = np.concatenate([[0.0], np.cumsum(probabilities)])
    edges[-1] = round(edges[-1]) if abs(edges[-1] - round(edges[-1])) < 1e-6 else edges[-1]
    hits = np.diff(np.ceil(edges - start))
    return np.flatnonzero(hits > 0).astype(np.int64)


def _select(units: pd.DataFrame, n: int, sampling: Sampling, rng: np.random.Generator) -> pd.DataFrame:
    sizes = units["_size"].to_numpy(dtype=np.float64)
    if sampling.selection == "two_stage":
        return _two_stage(units, sizes, n, sampling.per_unit, rng)
    n = min(n, len(units))
    if sampling.selection == "simple":
        chosen, probabilities = np.sort(rng.choice(len(units), n, replace=False)), np.full(len(units), n / len(units))
    else:
        weights = sizes if sampling.selection == "pps" else np.ones(len(units))
        probabilities = inclusion_probabilities(weights, n)
        chosen = systematic(probabilities, rng.random())
    names = units["unit_id"].to_numpy()[chosen]
    return pd.DataFrame({"unit_id": names, "first_stage": probabilities[chosen], "second_stage": 1.0})


def _two_stage(units: pd.DataFrame, sizes: Floats, n: int, per_unit: int, rng: np.random.Generator) -> pd.DataFrame:
    """Units by size, then positions on their lists; rate = n/N in the whole stratum, up to whole numbers."""
    n = int(min(n, sizes.sum()))
    first = inclusion_probabilities(sizes, min(len(units), -(-n // per_unit)))
    chosen = systematic(first, rng.random())
    rate = n / sizes.sum()
    takes = np.clip(np.rint(rate * sizes[chosen] / first[chosen]), 1, sizes[chosen]).astype(np.int64)
    lists = zip(sizes[chosen].astype(np.int64), takes, strict=True)
    positions = [np.sort(rng.choice(int(size), int(take), replace=False)) + 1 for size, take in lists]
    return pd.DataFrame(
        {
            "unit_id": np.repeat(units["unit_id"].to_numpy()[chosen], takes),
            "position": np.concatenate(positions),
            "first_stage": np.repeat(first[chosen], takes),
            "second_stage": np.repeat(takes / sizes[chosen], takes),
        }
    )


def _summary(name: str, units: pd.DataFrame, cases: pd.DataFrame, asked: int) -> dict[str, Any]:
    weights = 1 / (cases["first_stage"] * cases["second_stage"])
    sizes = units.set_index("unit_id")["_size"]
    per_case = 1.0 if "position" in cases else sizes.reindex(cases["unit_id"]).to_numpy(dtype=np.float64)
    return {
        "category": name,
        "units": len(units),
        "customers": int(sizes.sum()),
        "asked": asked,
        "selected_units": int(cases["unit_id"].nunique()),
        "cases": len(cases),
        "weight_low": float(weights.min()),
        "weight_high": float(weights.max()),
        "estimate": float((weights * per_case).sum()),
    }


def _strata(frame: pd.DataFrame) -> NDArray[np.object_]:
    if "stratum" not in frame:
        return np.full(len(frame), WHOLE, dtype=object)
    if frame["stratum"].isna().any():
        raise MethodError("Units of the frame have no stratum.", got=f"{int(frame['stratum'].isna().sum())} units")
    return frame["stratum"].astype(str).to_numpy(dtype=object)


def _sizes(frame: pd.DataFrame) -> Floats:
    """Customers of every unit; a frame without the column lists customers themselves."""
    sizes = frame["size"].to_numpy(dtype=np.float64) if "size" in frame else np.ones(len(frame))
    if not (sizes >= 1).all():
        raise MethodError("A unit of the frame has no customers.", expected="a size of at least 1")
    return sizes
