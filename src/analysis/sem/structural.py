"""The structural model of an edition: paths, effects, fit and everything that speaks against the solution."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from analysis.edition.instrument import Instrument
from analysis.edition.sections.structural import Structural
from analysis.sem.assess.indices import FitIndices
from analysis.sem.assess.residuals import LARGE_RESIDUAL, residual_correlations
from analysis.sem.assess.verdicts import find_faults
from analysis.sem.fit.estimators import by_least_squares, by_likelihood
from analysis.sem.inference.effects import path_effects, standardised_loadings
from analysis.sem.model.reader import check_model
from analysis.sem.moments.rows import usable_rows
from analysis.sem.report import solution as tables
from analysis.sem.report.mediation import bootstrap_routes, mediation_table, mediators_table
from analysis.sem.report.parameters import defined_table, parameter_table

if TYPE_CHECKING:
    import pandas as pd

    from analysis.survey.design.replication import ReplicateWeights

SHOWN_INDICES = 10
"""Modification indices that are kept."""


@dataclass(frozen=True)
class StructuralResult:
    """Structural model of one edition.

    `parameters` is lavaan's parameter table; `paths`, `effects`, `loadings`, `r_squared` and `fit` are tidy tables with
    unrounded numbers; `modification` lists the parameters left out that would improve the fit most and `residuals`
    every pair of items by its residual correlation. `mediation` splits the effects by route, `mediators` by what the
    routes touch; `defined` are the quantities that the model defines (None without). `bootstrap` and
    `mediation_bootstrap` are the intervals of effects and routes by bootstrap of the complete rows (None without).
    `variance` says where the errors come from: information, taylor or the method of the `replicates`, of which
    `failed_replicates` found no minimum. `n` rows were fitted, `complete` of them without a gap, and `dropped` rows
    could not be used. `verdicts` holds the codes of what speaks against the solution, `findings` the construct,
    item or path and the value behind each code. A fixed estimate has no standard error (NaN). `semopy_difference`:
    largest difference between semopy's and our ML estimates on the complete, unweighted rows, relative to the estimate
    (to 0.1 where that is smaller); NaN where semopy has no such model.
    """

    parameters: pd.DataFrame
    paths: pd.DataFrame
    effects: pd.DataFrame
    mediation: pd.DataFrame
    mediators: pd.DataFrame
    loadings: pd.DataFrame
    r_squared: pd.DataFrame
    fit: pd.DataFrame
    modification: pd.DataFrame
    residuals: pd.DataFrame
    bootstrap: pd.DataFrame | None
    mediation_bootstrap: pd.DataFrame | None
    defined: pd.DataFrame | None
    indices: FitIndices
    estimator: str
    variance: str
    replicates: int
    failed_replicates: int
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
            "variance": self.variance,
            "replicates": self.replicates,
            "failed_replicates": self.failed_replicates,
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
            "pairs": len(self.residuals),
            "large_residuals": int((self.residuals["residual"].abs() > LARGE_RESIDUAL).sum()),
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
    psu: pd.Series[Any] | None = None,
    replicates: ReplicateWeights | None = None,
    seed: int = 0,
) -> StructuralResult:
    """Fit the model (lavaan syntax over the instrument's constructs and items) to `responses`.

    `weights` (any positive scale; none: all equal), `stratum`, `psu` and the rows of `replicates` have one entry per
    row and are matched by position. `structural.missing` uses every row with an answer (fiml) or complete rows only
    (listwise); `structural.estimator` ML takes standard errors from the information, MLR from the sandwich over the
    design, with the scaled χ²; a design calls for MLR; `replicates` take the place of the sandwich. WLSMV fits the
    polychoric correlations of ordered answers and heeds weights, strata and PSU as well. Outcomes of the effects are
    the endogenous constructs with the role satisfaction or loyalty, else the last of the endogenous ones. `seed` starts
    the bootstrap. Raises EditionError (or Problems) for a faulty model and MethodError when the data can't carry it.
    Sources: Bollen (1989); Arbuckle (1996); Skinner (1989); Muthén (1984).
    """
    syntax = check_model(model, instrument=instrument, where="model")
    design = {"weights": weights, "stratum": stratum, "psu": psu}
    sample, used = usable_rows(responses, syntax, missing=structural.missing, **design)
    if structural.estimator == "WLSMV":
        estimation = by_least_squares(sample, syntax)
    else:
        rows = None if replicates is None else replace(replicates, weights=replicates.weights[used])
        estimation = by_likelihood(sample, syntax, structural, replicates=rows, seed=seed)
    solution, drawn, confidence = estimation.solution, estimation.drawn, structural.confidence
    effects, loadings = path_effects(solution), standardised_loadings(solution)
    findings = find_faults(solution, effects, loadings, observed=estimation.observed)
    quantile, complete = tables.normal_quantile(confidence), sample.complete.n
    parameters = parameter_table(solution, quantile, estimation.ordinal)
    return StructuralResult(
        parameters=parameters,
        paths=tables.paths_table(syntax, solution, effects, quantile),
        effects=tables.effects_table(syntax, solution, effects, instrument, quantile),
        mediation=mediation_table(solution, instrument, quantile),
        mediators=mediators_table(solution, instrument, quantile),
        loadings=tables.loadings_table(solution, loadings, quantile),
        r_squared=tables.r_squared_table(solution),
        fit=tables.fit_table(estimation.indices, structural),
        modification=estimation.modification.head(SHOWN_INDICES),
        residuals=residual_correlations(syntax.items, estimation.observed, solution.matrices.implied),
        bootstrap=tables.bootstrap_table(syntax, drawn, instrument, n=complete, confidence=confidence)
        if drawn
        else None,
        mediation_bootstrap=bootstrap_routes(drawn, instrument, confidence=confidence) if drawn else None,
        defined=defined_table(parameters, drawn, confidence=confidence) if syntax.defined else None,
        indices=estimation.indices,
        estimator=estimation.estimator,
        variance=estimation.variance,
        replicates=0 if replicates is None else replicates.weights.shape[1],
        failed_replicates=estimation.failed_replicates,
        weighted=sample.weighted,
        n=sample.n,
        complete=complete,
        dropped=len(responses) - sample.n,
        converged=solution.converged,
        semopy_difference=estimation.semopy_difference,
        verdicts=tuple(dict.fromkeys(findings["verdict"])),
        findings=findings,
    )
