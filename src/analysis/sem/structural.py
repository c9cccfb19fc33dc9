"""The structural model of an edition: paths, effects, fit and everything that speaks against the solution."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import MethodError
from analysis.instrument import Instrument
from analysis.modelling import Structural
from analysis.sem import solution_tables as tables
from analysis.sem.bootstrap import bootstrap_effects
from analysis.sem.categorical import fit_categorical
from analysis.sem.effects import path_effects, standardised_loadings
from analysis.sem.estimate import Solution, fit_maximum_likelihood
from analysis.sem.fit import FitIndices, categorical_fit_indices, fit_indices
from analysis.sem.model import ModelSyntax, check_model
from analysis.sem.modification import categorical_modification_indices, modification_indices
from analysis.sem.moments import Sample
from analysis.sem.ordinal import ordinal_moments
from analysis.sem.robust import robust_inference
from analysis.sem.start import semopy_estimates
from analysis.sem.structure import Fitted
from analysis.sem.verdicts import find_faults

if TYPE_CHECKING:
    import pandas as pd

MIN_ROWS = 50
"""Fewer usable answers than this are never fitted."""
SHOWN_INDICES = 10
"""Modification indices that are kept."""


@dataclass(frozen=True)
class StructuralResult:
    """Structural model of one edition.

    `paths`, `effects`, `loadings`, `r_squared` and `fit` are tidy tables with unrounded numbers; `modification` lists
    the parameters left out that would improve the fit most, `bootstrap` the intervals of the effects by bootstrap of
    the complete rows (None without replicates). `n` rows were fitted, `complete` of them without a gap, and `dropped`
    rows could not be used. `verdicts` holds the codes of what speaks against the solution, `findings` the construct,
    item or path and the value behind each code. A fixed estimate has no standard error (NaN). `semopy_difference`:
    largest difference between semopy's and our ML estimates on the complete, unweighted rows, relative to the estimate
    (to 0.1 where that is smaller); NaN for WLSMV, which semopy doesn't have.
    """

    paths: pd.DataFrame
    effects: pd.DataFrame
    loadings: pd.DataFrame
    r_squared: pd.DataFrame
    fit: pd.DataFrame
    modification: pd.DataFrame
    bootstrap: pd.DataFrame | None
    indices: FitIndices
    estimator: str
    weighted: bool
    n: int
    complete: int
    dropped: int
    converged: bool
    semopy_difference: float
    verdicts: tuple[str, ...]
    findings: pd.DataFrame

    def record(self) -> dict[str, Any]:
        """The plain values that later steps and the report read; indices are the robust ones where there are."""
        shown = {row["index"]: row for row in self.fit.to_dict("records")}
        indices = {name: float(shown[name]["value"]) for name in ("pvalue", "cfi", "tli", "rmsea", "srmr")}
        return {
            "available": True,
            "estimator": self.estimator,
            "weighted": self.weighted,
            "n": self.n,
            "complete": self.complete,
            "dropped": self.dropped,
            **indices,
            "chi2": float(shown["chi2_scaled" if "chi2_scaled" in shown else "chi2"]["value"]),
            "df": self.indices.df,
            "rmsea_low": float(shown["rmsea"]["low"]),
            "rmsea_high": float(shown["rmsea"]["high"]),
            "converged": self.converged,
            "semopy_difference": self.semopy_difference,
            "verdicts": list(self.verdicts),
        }


def fit_structural(
    responses: pd.DataFrame,
    *,
    model: str,
    instrument: Instrument,
    structural: Structural,
    weights: pd.Series[float] | None = None,
    stratum: pd.Series[Any] | None = None,
    seed: int = 0,
) -> StructuralResult:
    """Fit the model (lavaan syntax over the instrument's constructs and items) to `responses`.

    `weights` (any positive scale; none: all equal) and `stratum` have one entry per row and are matched by position.
    `structural.missing` uses every row with an answer (fiml) or complete rows only (listwise); `structural.estimator`
    ML takes standard errors from the information, MLR from the sandwich over the design, with the scaled χ²; weights
    call for MLR; WLSMV fits the polychoric correlations of ordered answers and heeds weights and strata as well.
    Outcomes of the effects are the endogenous constructs with the role satisfaction or loyalty, else the last of the
    endogenous ones. `seed` starts the bootstrap. Raises EditionError (or Problems) for a faulty model and MethodError
    when the data can't carry it. Sources: Bollen (1989); Arbuckle (1996); Skinner (1989); Muthén (1984).
    """
    syntax = check_model(model, instrument=instrument, where="model")
    values = _answers(responses, syntax)
    sample, used = _sample(values, structural, weights, stratum)
    _check(sample.answers, syntax, rows=len(values))
    if structural.estimator == "WLSMV":
        estimation = _least_squares(sample, syntax)
    else:
        estimation = _likelihood(sample, syntax, instrument, structural, seed)
    solution, indices = estimation.solution, estimation.indices
    effects, loadings = path_effects(solution), standardised_loadings(solution)
    findings = find_faults(solution, effects, loadings, correlation=estimation.correlation)
    quantile = tables.normal_quantile(structural.confidence)
    return StructuralResult(
        paths=tables.paths_table(syntax, solution, effects, quantile),
        effects=tables.effects_table(syntax, solution, effects, instrument, quantile),
        loadings=tables.loadings_table(solution, loadings, quantile),
        r_squared=tables.r_squared_table(solution),
        fit=tables.fit_table(indices, structural),
        modification=estimation.modification.head(SHOWN_INDICES),
        bootstrap=estimation.bootstrap,
        indices=indices,
        estimator=estimation.estimator,
        weighted=sample.weighted,
        n=sample.n,
        complete=sample.complete.n,
        dropped=len(values) - int(used.sum()),
        converged=solution.converged,
        semopy_difference=estimation.semopy_difference,
        verdicts=tuple(dict.fromkeys(findings["verdict"])),
        findings=findings,
    )


@dataclass(frozen=True)
class _Estimation:
    """What each estimator finds in its own way; `correlation` are the polychoric correlations it was fitted to."""

    estimator: str
    solution: Fitted
    indices: FitIndices
    modification: pd.DataFrame
    bootstrap: pd.DataFrame | None = None
    semopy_difference: float = float("nan")
    correlation: NDArray[Any] | None = None


def _likelihood(
    sample: Sample, syntax: ModelSyntax, instrument: Instrument, structural: Structural, seed: int
) -> _Estimation:
    solution, robust = fit_maximum_likelihood(sample, syntax), None
    estimator = "MLR" if structural.estimator == "MLR" or sample.weighted or sample.stratum is not None else "ML"
    if estimator == "MLR":
        robust = robust_inference(solution, sample)
        solution = replace(solution, covariance=robust.covariance)
    return _Estimation(
        estimator,
        solution,
        fit_indices(solution, robust),
        modification_indices(solution),
        _bootstrap(solution, sample, instrument, structural, seed) if structural.bootstrap else None,
        _semopy_difference(solution, sample, syntax),
    )


def _least_squares(sample: Sample, syntax: ModelSyntax) -> _Estimation:
    moments = ordinal_moments(sample, syntax.items)
    solution = fit_categorical(moments, syntax)
    return _Estimation(
        "WLSMV",
        solution,
        categorical_fit_indices(solution),
        categorical_modification_indices(solution),
        correlation=moments.correlation,
    )


def _answers(responses: pd.DataFrame, syntax: ModelSyntax) -> NDArray[Any]:
    """Answers to the items of the model, n × p, NaN where there is none."""
    items = list(syntax.items)
    absent = [item for item in items if item not in responses.columns]
    if absent:
        raise MethodError(
            "Items of the structural model are not in the responses.", expected=", ".join(items), got=f"no {absent}"
        )
    return responses[items].to_numpy(dtype=float, na_value=np.nan)


def _sample(
    values: NDArray[Any],
    structural: Structural,
    weights: pd.Series[float] | None,
    stratum: pd.Series[Any] | None,
) -> tuple[Sample, NDArray[np.bool_]]:
    """The rows that the estimator uses, their weights scaled to mean 1, and which rows they are."""
    import pandas as pd

    answered = ~np.isnan(values)
    used = answered.any(axis=1) if structural.missing == "fiml" else answered.all(axis=1)
    weight = np.ones(len(values)) if weights is None else weights.to_numpy(dtype=float)
    if len(weight) != len(values) or not np.isfinite(weight).all() or (weight <= 0).any():
        raise MethodError("Weights must be given for every row.", expected=f"{len(values)} positive numbers")
    kept = weight[used]
    codes = None if stratum is None else pd.factorize(stratum)[0][used].astype(np.int64)
    return Sample(values[used], kept / kept.mean() if len(kept) else kept, codes), used


def _check(values: NDArray[Any], syntax: ModelSyntax, *, rows: int) -> None:
    """Raise MethodError when the answers can't carry the model."""
    needed = max(MIN_ROWS, len(syntax.free))
    if len(values) < needed:
        raise MethodError(
            "There are too few complete answers to fit the structural model.",
            expected=f"at least {needed} rows with all {len(syntax.items)} items ({len(syntax.free)} parameters)",
            got=f"{len(values)} of {rows} rows",
            hint="use a simpler model, collect more answers, or set structural.missing to fiml",
        )
    answered = ~np.isnan(values)
    thin = [item for item, count in zip(syntax.items, answered.sum(axis=0), strict=True) if count < MIN_ROWS]
    if thin:
        raise MethodError(
            "Items of the structural model have too few answers.",
            where=", ".join(thin),
            expected=f"at least {MIN_ROWS} answers to every item",
            hint="remove them from the model",
        )
    constant = [
        item for item, column in zip(syntax.items, values.T, strict=True) if np.nanmin(column) == np.nanmax(column)
    ]
    if constant:
        raise MethodError(
            "Items of the structural model have the same answer in every row.",
            got=", ".join(constant),
            hint="remove them from the model",
        )
    filled = np.where(answered, values, np.nanmean(values, axis=0))
    smallest, direction = (part[..., 0] for part in np.linalg.eigh(np.corrcoef(filled, rowvar=False)))
    if smallest < 1e-10:
        repeated = [item for item, weight in zip(syntax.items, direction, strict=True) if abs(weight) > 0.1]
        raise MethodError(
            "Some items of the structural model repeat each other exactly.",
            got=", ".join(repeated),
            hint="remove one of them from the model",
        )


def _bootstrap(
    solution: Solution, sample: Sample, instrument: Instrument, structural: Structural, seed: int
) -> pd.DataFrame | None:
    """Bootstrap intervals of the indirect and total effects; None when too few rows are complete."""
    syntax = solution.structure.syntax
    complete = sample.complete
    if complete.n < max(MIN_ROWS, 2 * len(syntax.free)):
        return None
    plain = fit_maximum_likelihood(complete, syntax, start=solution.theta)
    drawn = bootstrap_effects(
        plain, complete, replicates=structural.bootstrap, seed=seed, confidence=structural.confidence
    )
    return tables.bootstrap_table(syntax, plain, drawn, instrument, n=complete.n)


def _semopy_difference(solution: Solution, sample: Sample, syntax: ModelSyntax) -> float:
    """Largest relative difference between semopy's ML and ours on the complete, unweighted rows."""
    complete = sample.complete
    if complete.n < max(MIN_ROWS, len(syntax.free)):
        return float("nan")
    plain = solution
    if complete.n < sample.n or sample.weighted:
        plain = fit_maximum_likelihood(Sample(complete.answers, np.ones(complete.n)), syntax)
    theirs = semopy_estimates(syntax, plain.moments.covariance)
    return float((np.abs(theirs - plain.theta) / np.maximum(np.abs(plain.theta), 0.1)).max())
