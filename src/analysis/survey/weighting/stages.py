"""Weighting in its order: design weights, nonresponse, raking, trimming, with diagnostics after each stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.survey.weighting.distance import fit_cells
from analysis.survey.weighting.feasible import check_feasible
from analysis.survey.weighting.known_means import Mean, known_means
from analysis.survey.weighting.raking import Cells, Margin, build_margin, deviations, margins_of
from analysis.survey.weighting.trimming import fit_trimmed, trim_weights, weight_bounds

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from analysis.edition.sections.weighting import Calibration, Trim
    from analysis.survey.weighting.nonresponse import NonresponseResult
    from analysis.survey.weighting.raking import Constraint, Floats

QUANTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
MARGIN_COLUMNS = ("margin", "category", "n", "target_share", "sample_share", "weighted_share")


@dataclass(frozen=True)
class BaseWeights:
    """Design weight of every interview, and where it comes from: given, strata or equal."""

    weights: Floats
    source: str


@dataclass(frozen=True)
class RakingResult:
    """Weights (mean 1, index of the frame), margins and diagnostics before and after, and whether it converged.

    margins: margin, category, n, target_share, sample_share (base weights), nonresponse_share (where adjusted),
    raked_share (before trimming), weighted_share (final).
    diagnostics: stage (base, nonresponse, raked, trimmed), n, min, max, cv, deff, n_eff, iterations, max_deviation,
    converged, and quantiles of the weights (p05 … p95). trimmed: interviews whose weight a bound held in the end;
    upper: the upper bound. means: variable, n, target, sample_mean (base weights), weighted_mean (final), largest
    (answer), of the numeric questions that weights were fitted to.
    """

    weights: pd.Series[float]
    margins: pd.DataFrame
    diagnostics: pd.DataFrame
    iterations: int
    converged: bool
    trimmed: int = 0
    upper: float | None = None
    means: pd.DataFrame | None = None

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
            "trimmed": self.trimmed,
            "upper": self.upper,
            "negative": int((self.weights < 0).sum()),
        }


def base_weights(
    frame: pd.DataFrame,
    *,
    stratum: str | None = None,
    population: pd.DataFrame | None = None,
    cases: pd.DataFrame | None = None,
) -> BaseWeights:
    """Design weights of the interviews, from the best that is known.

    The column `weight` of `frame` where there is one; else N_h / n_h of the design `stratum`, N_h from `population`
    (variable, category, population) and n_h the sampled cases (interviews, where `cases` has no such column); else
    all equal to 1. Raises MethodError for a stratum that is missing in an interview or has no population.
    """
    if "weight" in frame:
        return BaseWeights(_positive(frame["weight"], len(frame)), "given")
    sizes = _stratum_sizes(population, stratum)
    if stratum is None or sizes is None:
        return BaseWeights(np.ones(len(frame)), "equal")
    if stratum not in frame:
        raise MethodError(
            f"The design stratum {stratum!r} is not a column of the data.", hint="check weighting.stratum"
        )
    sampled = cases if cases is not None and stratum in cases and cases[stratum].notna().any() else frame
    weights = frame[stratum].map(sizes / sampled[stratum].value_counts())
    if weights.isna().any():
        lacking = frame.loc[weights.isna(), stratum].astype(object).fillna("(missing)")
        raise MethodError(
            f"An interview has no design weight: its stratum of {stratum!r} is missing or has no population.",
            where=", ".join(f"{stratum} = {value} (n = {n})" for value, n in lacking.value_counts().items()),
            expected=f"one of {', '.join(map(str, sizes.index))}",
        )
    return BaseWeights(_positive(weights, len(frame)), "strata")


def _stratum_sizes(population: pd.DataFrame | None, stratum: str | None) -> pd.Series[float] | None:
    if population is None or stratum is None:
        return None
    rows = population[population["variable"] == stratum]
    return rows.set_index("category")["population"].astype(float) if len(rows) else None


def rake(
    frame: pd.DataFrame,
    *,
    margins: Mapping[str, Mapping[str, float]],
    base: ArrayLike | None = None,
    nonresponse: NonresponseResult | None = None,
    max_iterations: int = 200,
    tolerance: float = 1e-8,
    calibration: Calibration | None = None,
    trim: Trim | None = None,
) -> RakingResult:
    """Adjust the base weights of `frame` for nonresponse, rake them to the margins and trim them.

    `margins` gives per variable the share or total of each category (only their proportions matter; without any, the
    weights are not raked); `base` are weights on any positive scale, one per row (none: all equal); `nonresponse` holds
    the factors of that stage (none: not applied); `calibration` measures how near the weights stay to those before, may
    bound their ratio, and may name means and totals of numeric columns. By default, classical iterative proportional
    fitting: w ← w · target/current, margin by margin, until no weighted share is further than `tolerance` from its
    target. A row with a missing answer keeps its weight in that margin, so that the missing keep their share and the
    others meet the targets among themselves. With `trim`, raking and cutting to [lower, upper] × mean weight take turns
    until both hold; without margins it is cut once. Bounds always hold in the end; when the margins can't be met as
    well within `max_iterations`, `converged` is False and max_deviation says by how much.

    deff = 1 + cv² and n_eff = n / deff (Kish 1965, §11.7). Raises MethodError for a target category nobody in the
    sample has, a sample category without a target, targets or base weights that are not positive, for a linear
    calibration whose weights come out negative where `calibration` does not allow it, and for bounds within which no
    weights meet the margins and means.
    Sources: Deming & Stephan 1940; Deville, Särndal & Sautory 1993 (bounded weights).
    """
    start = _base(base, len(frame))
    fitted = build_constraints(frame, margins, calibration)
    stages: dict[str, tuple[Floats, int]] = {"base": (start, 0)}
    if nonresponse is not None:
        adjusted = start * nonresponse.factors
        stages["nonresponse"] = (adjusted / adjusted.mean(), 0)
    options: dict[str, Any] = {"max_iterations": max_iterations, "tolerance": tolerance}
    if fitted:
        stages["raked"] = _raked(_last(stages), fitted, calibration=calibration, **options)
    upper = None
    if trim is not None:
        weights, rounds, upper = _trimmed(_last(stages), fitted, trim=trim, **options)
        if fitted or rounds:
            stages["trimmed"] = (weights, rounds)
    return _result(frame, stages, fitted, tolerance=tolerance, trim=trim, upper=upper)


def build_constraints(
    frame: pd.DataFrame, margins: Mapping[str, Mapping[str, float]], calibration: Calibration | None
) -> list[Constraint]:
    """What the weights of `frame` are fitted to: the margins, and what `calibration` knows of numeric columns."""
    fitted = [build_margin(frame, name, targets) for name, targets in margins.items()]
    return [*fitted, *known_means(frame, calibration, margins)]


def _last(stages: Mapping[str, tuple[Floats, int]]) -> Floats:
    return list(stages.values())[-1][0]


def _raked(
    weights: Floats, fitted: list[Constraint], *, calibration: Calibration | None, tolerance: float, max_iterations: int
) -> tuple[Floats, int]:
    """Calibrated weights of mean 1, and the rounds it took; the work is done on the cells of the margins."""
    cells = Cells.cross([constraint.codes for constraint in fitted])
    mass, like = cells.sums(weights[:, None]), [constraint.at(cells.first) for constraint in fitted]
    options: dict[str, Any] = {"max_iterations": max_iterations, "tolerance": tolerance}
    factors, rounds = fit_cells(mass, like, calibration=calibration, **options)
    nearest = calibration is not None and not calibration.plain
    allowed = calibration is not None and calibration.negative
    if calibration is not None and nearest and not allowed and deviations(mass * factors, like)[0] > tolerance:
        check_feasible(mass, like, calibration)
    if factors.min() < 0 and not allowed:
        raise MethodError(
            "The linear calibration makes weights negative.",
            where=", ".join(constraint.name for constraint in fitted),
            got=f"{float((factors[cells.of, 0] < 0).mean()):.1%} of the interviews",
            hint="set weighting.calibration.bounds, as in [0.2, 5], calibrate by raking, or allow them by "
            "weighting.calibration.negative: true",
        )
    raked = weights * factors[cells.of, 0]
    return raked / raked.mean(), int(rounds[0])


def _trimmed(weights: Floats, fitted: list[Constraint], *, trim: Trim, **options: Any) -> tuple[Floats, int, float]:
    """Trimmed weights, rounds and upper bound; the work is done on rows of like margins and like weight."""
    margins = margins_of(fitted)
    column, ones = weights[:, None], np.ones((len(weights), 1))
    lower, upper = weight_bounds(column, ones, trim)
    if column.min() >= lower[0] and column.max() <= upper[0]:
        return weights, 0, float(upper[0])
    if not margins:
        return trim_weights(column, ones, lower=lower, upper=upper)[:, 0], 1, float(upper[0])
    cells = Cells.cross([*(margin.codes for margin in margins), pd.factorize(weights)[0].astype(np.int64)])
    like = [margin.at(cells.first) for margin in margins]
    cut, rounds, bound = fit_trimmed(column[cells.first], cells.sums(ones), like, trim=trim, **options)
    return cut[cells.of, 0], int(rounds[0]), float(bound[0])


def _result(
    frame: pd.DataFrame,
    stages: Mapping[str, tuple[Floats, int]],
    fitted: list[Constraint],
    *,
    tolerance: float,
    trim: Trim | None,
    upper: float | None,
) -> RakingResult:
    final = _last(stages)
    diagnostics = pd.DataFrame([_diagnosis(name, *stage, fitted, tolerance) for name, stage in stages.items()])
    diagnostics["converged"] = diagnostics["converged"].astype("boolean")
    cut = 0
    if trim is not None and upper is not None:
        cut = int(((final >= upper * (1 - 1e-9)) | (final <= trim.lower * (1 + 1e-9))).sum())
    return RakingResult(
        weights=pd.Series(final, index=frame.index, name="weight"),
        margins=_stacked([_margin_table(margin, stages) for margin in margins_of(fitted)]),
        diagnostics=diagnostics,
        iterations=sum(rounds for _, rounds in stages.values()),
        converged=not fitted or bool(_deviation(final, fitted) <= tolerance),
        trimmed=cut,
        upper=upper,
        means=_mean_table([constraint for constraint in fitted if isinstance(constraint, Mean)], stages),
    )


def _mean_table(means: list[Mean], stages: Mapping[str, tuple[Floats, int]]) -> pd.DataFrame | None:
    """Target and weighted means of every numeric question that weights were fitted to; None where there is none."""
    first, last = stages["base"][0][:, None], _last(stages)[:, None]
    rows = [
        {
            "variable": mean.name,
            "n": int((mean.codes >= 0).sum()),
            "target": mean.target,
            "sample_mean": mean.mean(first),
            "weighted_mean": mean.mean(last),
            "largest": float(mean.target + mean.scale * mean.away[mean.codes >= 0].max()),
        }
        for mean in means
    ]
    return pd.DataFrame(rows) if rows else None


def _deviation(weights: Floats, fitted: list[Constraint]) -> float:
    return float(deviations(weights[:, None], fitted)[0])


def _base(base: ArrayLike | None, rows: int) -> Floats:
    if rows == 0:
        raise MethodError("There is no interview to weight.", hint="check the cleaning rules and filters")
    if base is None:
        return np.ones(rows)
    weights = _positive(base, rows)
    return np.asarray(weights / weights.mean(), dtype=np.float64)


def _positive(base: ArrayLike | pd.Series[Any], rows: int) -> Floats:
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
    return np.asarray(weights, dtype=np.float64)


def _stacked(tables: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(MARGIN_COLUMNS))


def _margin_table(margin: Margin, stages: Mapping[str, tuple[Floats, int]]) -> pd.DataFrame:
    shares = {name: margin.shares(weights[:, None])[:, 0] for name, (weights, _) in stages.items()}
    counts = np.bincount(margin.codes[margin.codes >= 0], minlength=len(margin.categories))
    return pd.DataFrame(
        {
            "margin": margin.name,
            "category": list(margin.categories),
            "n": counts,
            "target_share": margin.targets,
            "sample_share": shares["base"],
            "nonresponse_share": shares.get("nonresponse", np.full(len(counts), np.nan)),
            "raked_share": shares["raked"],
            "weighted_share": list(shares.values())[-1],
        }
    )


def _diagnosis(stage: str, weights: Floats, rounds: int, fitted: list[Constraint], tolerance: float) -> dict[str, Any]:
    """One row of the diagnostics; weights before raking are not meant to meet the margins: converged is empty."""
    squared_cv = float(weights.var() / weights.mean() ** 2)
    deviation = _deviation(weights, fitted)
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
        "converged": None if stage in {"base", "nonresponse"} else deviation <= tolerance,
        **dict(zip(QUANTILES, np.quantile(weights, list(QUANTILES.values())).tolist(), strict=True)),
    }
