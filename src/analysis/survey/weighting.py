"""Raking to known population margins (iterative proportional fitting) with bounded weights and diagnostics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from analysis.edition import Trim

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]


MARGIN_COLUMNS = ("margin", "category", "n", "target_share", "sample_share", "weighted_share")


@dataclass(frozen=True)
class RakingResult:
    """Weights (mean 1, index of the frame), margins and diagnostics before and after, and whether it converged.

    margins: margin, category, n, target_share, sample_share (base weights), weighted_share.
    diagnostics: stage (base, raked, trimmed), n, min, max, cv, deff, n_eff, iterations, max_deviation, converged.
    """

    weights: pd.Series[float]
    margins: pd.DataFrame
    diagnostics: pd.DataFrame
    iterations: int
    converged: bool

    def record(self) -> dict[str, float | int | bool | None]:
        """What the report says of the final weights: plain values by name; max_deviation None without margins."""
        last = self.diagnostics.iloc[-1]
        numbers = {name: float(last[name]) for name in ("deff", "n_eff", "min", "max", "cv")}
        deviation = float(last["max_deviation"])
        return {
            **numbers,
            "iterations": self.iterations,
            "converged": self.converged,
            "max_deviation": None if np.isnan(deviation) else deviation,
        }


@dataclass(frozen=True)
class Margin:
    """One margin as codes (-1: missing) with the target share of each category present."""

    name: str
    categories: tuple[str, ...]
    codes: Codes
    targets: Floats

    def shares(self, weights: Floats) -> Floats:
        """Weighted share of each category among the rows that answered."""
        known = self.codes >= 0
        sums = np.bincount(self.codes[known], weights=weights[known], minlength=len(self.categories))
        return np.asarray(sums / sums.sum(), dtype=np.float64)

    def adjust(self, weights: Floats) -> Floats:
        """Weights scaled to the targets; the rows that did not answer keep theirs, and the total stays."""
        factors = np.append(self.targets / self.shares(weights), 1.0)
        return np.asarray(weights * factors[self.codes], dtype=np.float64)


def rake(
    frame: pd.DataFrame,
    *,
    margins: Mapping[str, Mapping[str, float]],
    base: ArrayLike | None = None,
    max_iterations: int = 200,
    tolerance: float = 1e-8,
    trim: Trim | None = None,
) -> RakingResult:
    """Adjust the base weights of `frame` until every margin has its target shares.

    `margins` gives per variable the share or total of each category (only their proportions matter; without any,
    the base weights are returned with mean 1); `base` are
    weights on any positive scale, one per row (none: all equal). Classical iterative proportional fitting:
    w ← w · target/current, margin by margin, until no weighted share is further than `tolerance` from its
    target. A row with a missing answer keeps its weight in that margin, so that the missing keep their share and
    the others meet the targets among themselves. With `trim`, raking and cutting to [lower, upper] × mean weight
    take turns until both hold. Bounds always hold in the end; when the margins can't be met as well within
    `max_iterations`, `converged` is False and max_deviation says by how much.

    deff = 1 + cv² and n_eff = n / deff (Kish 1965, §11.7). Raises MethodError for a target category nobody in the
    sample has, a sample category without a target, targets or base weights that are not positive.
    Sources: Deming & Stephan 1940; Deville, Särndal & Sautory 1993 (bounded weights).
    """
    start = _base(base, len(frame))
    fitted = [_margin(frame, name, targets) for name, targets in margins.items()]
    final = start
    stages = [("base", start, 0)]
    if fitted:
        final, steps = _fit(start, fitted, max_iterations=max_iterations, tolerance=tolerance)
        stages.append(("raked", final, steps))
    if fitted and trim is not None:
        final, steps = _fit_bounded(final, fitted, max_iterations=max_iterations, tolerance=tolerance, trim=trim)
        stages.append(("trimmed", final, steps))
    diagnostics = pd.DataFrame([_diagnosis(*stage, fitted, tolerance) for stage in stages])
    diagnostics["converged"] = diagnostics["converged"].astype("boolean")
    return RakingResult(
        weights=pd.Series(final, index=frame.index, name="weight"),
        margins=_stacked([_margin_table(margin, start, final) for margin in fitted]),
        diagnostics=diagnostics,
        iterations=sum(stage[2] for stage in stages),
        converged=all(_deviation(final, [margin]) <= tolerance for margin in fitted),
    )


def _fit(weights: Floats, margins: list[Margin], *, max_iterations: int, tolerance: float) -> tuple[Floats, int]:
    """Plain raking; returns weights of mean 1 and the number of rounds."""
    rounds = 0
    while rounds < max_iterations and _deviation(weights, margins) > tolerance:
        for margin in margins:
            weights = margin.adjust(weights)
        rounds += 1
    return weights / weights.mean(), rounds


def _fit_bounded(
    weights: Floats, margins: list[Margin], *, max_iterations: int, tolerance: float, trim: Trim
) -> tuple[Floats, int]:
    """Raking and cutting in turns; the last word has the cut, so that the bounds always hold."""
    weights = _cut(weights, trim)
    rounds = 0
    while rounds < max_iterations and _deviation(weights, margins) > tolerance:
        for margin in margins:
            weights = margin.adjust(weights)
        weights = _cut(weights, trim)
        rounds += 1
    return weights, rounds


def _cut(weights: Floats, trim: Trim) -> Floats:
    """Weights of mean 1 within the bounds: clip(λ·w, lower, upper), λ by bisection so that the mean is 1.

    Scaling before the cut gives what is cut off back to the weights inside the bounds, in proportion.
    """
    scaled = weights / weights.mean()
    if scaled.min() >= trim.lower and scaled.max() <= trim.upper:
        return np.asarray(scaled, dtype=np.float64)
    low, high = 0.0, trim.upper / float(scaled.min())
    for _ in range(100):
        middle = (low + high) / 2
        if np.clip(middle * scaled, trim.lower, trim.upper).mean() < 1:
            low = middle
        else:
            high = middle
    return np.asarray(np.clip(high * scaled, trim.lower, trim.upper), dtype=np.float64)


def _deviation(weights: Floats, margins: list[Margin]) -> float:
    """Largest distance of a weighted share from its target; missing when there is no margin."""
    return max((float(np.abs(margin.shares(weights) - margin.targets).max()) for margin in margins), default=np.nan)


def _base(base: ArrayLike | None, rows: int) -> Floats:
    if rows == 0:
        raise MethodError("There is no interview to weight.", hint="check the cleaning rules and filters")
    if base is None:
        return np.ones(rows)
    weights = pd.Series(np.asarray(base)).to_numpy(dtype=np.float64, na_value=np.nan)
    if len(weights) != rows:
        raise MethodError("The base weights do not match the data.", expected=f"{rows} weights", got=str(len(weights)))
    wrong = ~(np.isfinite(weights) & (weights > 0))
    if wrong.any():
        raise MethodError(
            "A base weight is missing, zero or negative.",
            where=f"{int(wrong.sum())} of {rows} rows, the first at position {int(np.flatnonzero(wrong)[0]) + 1}",
            expected="a positive number for every interview",
        )
    return np.asarray(weights / weights.mean(), dtype=np.float64)


def _margin(frame: pd.DataFrame, name: str, targets: Mapping[str, float]) -> Margin:
    """Codes and target shares of one margin, both sides holding the same categories."""
    if name not in frame:
        raise MethodError(f"The margin {name!r} is not a column of the data.", hint="check weighting.margins")
    positive = {str(category): float(value) for category, value in targets.items()}
    wrong = sorted(category for category, value in positive.items() if not (np.isfinite(value) and value > 0))
    if wrong or not positive:
        raise MethodError(
            f"The targets of the margin {name!r} are not usable.",
            where=", ".join(wrong) or name,
            expected="a positive share or total for each category",
            hint="correct the population table; merge a category that nobody is in with another",
        )
    answers = frame[name].astype(object)
    answers = answers.where(answers.isna(), answers.astype(str))
    counts = answers.value_counts()
    empty = [category for category in positive if category not in counts]
    if empty:
        raise MethodError(
            f"Nobody in the sample belongs to a category of the margin {name!r}.",
            where=", ".join(f"{name} = {category} (n = 0)" for category in empty),
            expected="at least one interview in every category that has a target",
            hint="merge the category with a similar one in data and population, or drop the margin",
        )
    extra = [str(category) for category in counts.index if category not in positive]
    if extra:
        raise MethodError(
            f"The sample has a category of the margin {name!r} without a population target.",
            where=", ".join(f"{name} = {category} (n = {int(counts[category])})" for category in sorted(extra)),
            expected=f"one of {', '.join(positive)}",
            hint="add the category to the population table, or map the answer to one it has",
        )
    categories = tuple(positive)
    codes = pd.Categorical(answers, categories=list(categories)).codes.astype(np.int64)
    shares = np.array(list(positive.values()))
    return Margin(name, categories, codes, shares / shares.sum())


def _stacked(tables: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(MARGIN_COLUMNS))


def _margin_table(margin: Margin, start: Floats, final: Floats) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "margin": margin.name,
            "category": list(margin.categories),
            "n": np.bincount(margin.codes[margin.codes >= 0], minlength=len(margin.categories)),
            "target_share": margin.targets,
            "sample_share": margin.shares(start),
            "weighted_share": margin.shares(final),
        }
    )


def _diagnosis(stage: str, weights: Floats, rounds: int, margins: list[Margin], tolerance: float) -> dict[str, Any]:
    """One row of the diagnostics; base weights are not meant to meet the margins, so converged is empty there."""
    squared_cv = float(weights.var() / weights.mean() ** 2)
    deviation = _deviation(weights, margins)
    return {
        "stage": stage,
        "n": len(weights),
        "min": float(weights.min()),
        "max": float(weights.max()),
        "cv": squared_cv**0.5,
        "deff": 1 + squared_cv,
        "n_eff": len(weights) / (1 + squared_cv),
        "iterations": rounds,
        "max_deviation": deviation,
        "converged": None if stage == "base" else deviation <= tolerance,
    }
