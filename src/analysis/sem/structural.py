"""The structural model of an edition: paths, effects, fit and everything that speaks against the solution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analysis.edition.instrument import Instrument
from analysis.edition.sections.structural import Structural
from analysis.errors import MethodError
from analysis.sem.assess.indices import FitIndices
from analysis.sem.assess.residuals import LARGE_RESIDUAL, residual_correlations
from analysis.sem.assess.verdicts import find_faults
from analysis.sem.estimators import by_least_squares, by_likelihood, ordered_items
from analysis.sem.inference.effects import path_effects, standardised_loadings
from analysis.sem.model.reader import check_model
from analysis.sem.moments.rows import usable_rows
from analysis.sem.report import solution as tables
from analysis.sem.report.mediation import bootstrap_routes, mediation_table, mediators_table
from analysis.sem.report.parameters import defined_table, parameter_table
from analysis.sem.report.total_effects import total_effects

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from analysis.sem.estimators import Estimation
    from analysis.sem.inference.effects import Derived, Effects
    from analysis.sem.model.syntax import ModelSyntax
    from analysis.survey.design.replicate_weights import ReplicateWeights
    from analysis.survey.design.survey_design import SurveyDesign

SHOWN_INDICES = 10
"""Modification indices that are kept."""


@dataclass(frozen=True)
class StructuralResult:
    """Structural model of one edition.

    `parameters` is lavaan's parameter table; `paths`, `effects`, `loadings`, `r_squared` and `fit` are tidy tables with
    unrounded numbers; `modification` lists the parameters left out that would improve the fit most and `residuals`
    every pair of items by its residual correlation. `total_effects` are those of constructs and items in points of the
    scores, with their covariance, for what is computed from several of them. `mediation` splits the effects by route,
    `mediators` by what the routes touch; `defined` are the quantities that the model defines (None without).
    `bootstrap` and `mediation_bootstrap` are the intervals of effects and routes by bootstrap of the complete rows
    (None without). `variance` says where the errors come from: information, taylor or the method of the `replicates`,
    of which `failed_replicates` found no minimum. `numbers` are the items that WLSMV takes as numbers beside ordered
    ones. `n` rows were fitted, `complete` of them without a gap, and `dropped`
    rows could not be used. `verdicts` holds the codes of what speaks against the solution, `findings` the construct,
    item or path and the value behind each code. `starts` were tried and led to so many different `minima`, of which
    this is the best. A fixed estimate has no standard error (NaN). `semopy_difference`:
    largest difference between semopy's and our ML estimates on the complete, unweighted rows, relative to the estimate
    (to 0.1 where that is smaller), and by how much χ² is larger at semopy's (`semopy_excess`); NaN where semopy has no
    such model.
    """

    parameters: pd.DataFrame
    paths: pd.DataFrame
    effects: pd.DataFrame
    total_effects: pd.DataFrame
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
    numbers: tuple[str, ...]
    n: int
    complete: int
    dropped: int
    converged: bool
    starts: int
    minima: int
    semopy_difference: float
    semopy_excess: float
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
            "numbers": list(self.numbers),
            "n": self.n,
            "complete": self.complete,
            "dropped": self.dropped,
            **indices,
            "chi2": float(shown["chi2_scaled" if "chi2_scaled" in shown else "chi2"]["value"]),
            "df": self.indices.df,
            "rmsea_low": float(shown["rmsea"]["low"]),
            "rmsea_high": float(shown["rmsea"]["high"]),
            "converged": self.converged,
            "starts": self.starts,
            "minima": self.minima,
            "semopy_difference": self.semopy_difference,
            "semopy_excess": self.semopy_excess,
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
    design: SurveyDesign | None = None,
    seed: int = 0,
) -> StructuralResult:
    """Fit the model (lavaan syntax over the instrument's constructs and items) to `responses`.

    A model of several groups (`structural.group`) is fitted to all of them as one; `fit_groups` tells them apart.
    `design` (none: a simple random sample) has the rows of `responses`. `structural.missing` uses every row with an
    answer (fiml) or complete rows only (listwise); `structural.estimator` ML takes standard errors from the
    information, MLR from the sandwich over the design, with the scaled χ², MLM and MLMV from complete rows of equal
    chances; a design calls for MLR; with
    `structural.variance` the replicates of the design take the place of the sandwich. WLSMV fits the polychoric
    correlations of ordered answers and heeds weights, strata and PSU as well. Outcomes of the effects are the
    endogenous constructs with the role satisfaction or loyalty, else the last of the endogenous ones. `seed` starts the
    bootstrap. Raises EditionError (or Problems) for a faulty model and MethodError when the data can't carry it.
    Sources: Bollen (1989); Arbuckle (1996); Skinner (1989); Muthén (1984).
    """
    syntax = check_model(model, instrument=instrument, where="model", pooled=structural.group is not None)
    ordered = ordered_items(syntax, instrument, structural) if structural.estimator == "WLSMV" else None
    sample, used = usable_rows(responses, syntax, missing=structural.missing, design=design)
    replicates = _replicates(design, structural, used)
    if ordered is not None:
        estimation = by_least_squares(sample, syntax, ordered, theta=structural.parameterization == "theta")
    else:
        estimation = by_likelihood(sample, syntax, structural, replicates=replicates, seed=seed)
    solution = estimation.solution
    effects, loadings = path_effects(solution), standardised_loadings(solution)
    findings = find_faults(
        solution,
        effects,
        loadings,
        observed=estimation.observed,
        independent=sample.independent,
        rows=float(sample.n),
    )
    return StructuralResult(
        **_tables(syntax, estimation, effects, loadings, instrument, structural),
        **_intervals(syntax, estimation, instrument, structural, complete=sample.complete.n),
        indices=estimation.indices,
        estimator=estimation.estimator,
        variance=estimation.variance,
        replicates=0 if replicates is None else replicates.count,
        failed_replicates=estimation.failed_replicates,
        weighted=sample.weighted,
        numbers=estimation.numbers,
        n=sample.n,
        complete=sample.complete.n,
        dropped=len(responses) - sample.n,
        converged=solution.converged,
        starts=estimation.starts,
        minima=estimation.minima,
        semopy_difference=estimation.semopy_difference,
        semopy_excess=estimation.semopy_excess,
        verdicts=tuple(dict.fromkeys(findings["verdict"])),
        findings=findings,
    )


def _replicates(
    design: SurveyDesign | None, structural: Structural, used: NDArray[np.bool_]
) -> ReplicateWeights | None:
    """The replicate weights of the rows that are fitted, where the errors are to come from them."""
    if structural.variance != "replicates":
        return None
    if design is None or design.replicates is None:
        raise MethodError(
            "There are no replicate weights to take the errors of the structural model from.",
            where="structural.variance",
            hint="set weighting.replicates, or structural.variance to taylor",
        )
    return design.replicates.at(used)


def _tables(
    syntax: ModelSyntax,
    estimation: Estimation,
    effects: Effects,
    loadings: Derived,
    instrument: Instrument,
    structural: Structural,
) -> dict[str, pd.DataFrame]:
    """What was estimated, as tables, and what the model leaves out."""
    solution, quantile = estimation.solution, tables.normal_quantile(structural.confidence)
    return {
        "paths": tables.paths_table(syntax, solution, effects, quantile),
        "effects": tables.effects_table(syntax, solution, effects, instrument, quantile),
        "total_effects": total_effects(syntax, solution, instrument),
        "mediation": mediation_table(solution, instrument, quantile),
        "mediators": mediators_table(solution, instrument, quantile),
        "loadings": tables.loadings_table(solution, loadings, quantile),
        "r_squared": tables.r_squared_table(solution),
        "fit": tables.fit_table(estimation.indices, structural),
        "modification": estimation.modification.head(SHOWN_INDICES),
        "residuals": residual_correlations(
            syntax.items if estimation.items is None else estimation.items,
            estimation.observed,
            solution.matrices.implied if estimation.implied is None else estimation.implied,
        ),
    }


def _intervals(
    syntax: ModelSyntax, estimation: Estimation, instrument: Instrument, structural: Structural, *, complete: int
) -> dict[str, Any]:
    """All parameters, and what the bootstrap of the complete rows says of effects, routes and defined quantities."""
    drawn, confidence = estimation.drawn, structural.confidence
    parameters = parameter_table(estimation.solution, tables.normal_quantile(confidence), estimation.ordinal)
    found: dict[str, Any] = {"parameters": parameters, "bootstrap": None, "mediation_bootstrap": None}
    found["defined"] = defined_table(parameters, drawn, confidence=confidence) if syntax.defined else None
    if drawn:
        found["bootstrap"] = tables.bootstrap_table(syntax, drawn, instrument, n=complete, confidence=confidence)
        found["mediation_bootstrap"] = bootstrap_routes(drawn, instrument, confidence=confidence)
    return found
