"""The estimators of the structural model: normal-theory likelihood and least squares of ordered answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.edition.sections import not_ordered
from analysis.edition.sections.structural import Structural
from analysis.errors import MethodError
from analysis.sem.assess.indices import FitIndices, categorical_fit_indices, fit_indices
from analysis.sem.assess.modification import categorical_modification_indices, modification_indices
from analysis.sem.fit.categorical import fit_categorical
from analysis.sem.fit.estimate import Solution, fit_maximum_likelihood
from analysis.sem.fit.reference import semopy_estimates
from analysis.sem.inference.adjusted import adjusted_inference
from analysis.sem.inference.bootstrap import Replicates, bootstrap
from analysis.sem.inference.replication import replicate_variance
from analysis.sem.inference.robust import robust_inference
from analysis.sem.model.responses import ordered_names, with_thresholds
from analysis.sem.model.structure import Fitted
from analysis.sem.model.syntax import OF_ORDERED, ModelSyntax
from analysis.sem.model.theta import with_residuals
from analysis.sem.moments.mixed import response_moments
from analysis.sem.moments.ordinal import OrdinalMoments
from analysis.sem.moments.rows import MIN_ROWS
from analysis.sem.moments.sample import Sample

if TYPE_CHECKING:
    import pandas as pd

    from analysis.edition.instrument import Instrument
    from analysis.survey.design.replicate_weights import ReplicateWeights

Array = NDArray[Any]


@dataclass(frozen=True)
class Estimation:
    """What every estimator finds in its own way.

    `variance`: information, taylor (sandwich) or the method of the replicates. `observed` are the moments that the
    model was fitted to, p × p, of the `items`, and `implied` what the model says of them (polychoric correlations for
    WLSMV, which leaves out the covariates, and has thresholds that are no parameters in `ordinal`), `drawn` the
    bootstrap of the complete rows. `numbers`: items that WLSMV takes as numbers beside ordered ones.
    """

    estimator: str
    variance: str
    solution: Fitted
    observed: Array
    indices: FitIndices
    modification: pd.DataFrame
    drawn: Replicates | None = None
    semopy_difference: float = float("nan")
    semopy_excess: float = float("nan")
    failed_replicates: int = 0
    starts: int = 1
    minima: int = 1
    ordinal: OrdinalMoments | None = None
    implied: Array | None = None
    items: tuple[str, ...] | None = None
    numbers: tuple[str, ...] = ()


def by_likelihood(
    sample: Sample,
    syntax: ModelSyntax,
    structural: Structural,
    *,
    replicates: ReplicateWeights | None = None,
    seed: int = 0,
) -> Estimation:
    """ML; MLR, MLM or MLMV where they are asked for, and MLR wherever weights, strata or PSU call for it.

    `replicates`, whose weights stand in the order of the rows, take the place of the sandwich in the errors; the scaled
    χ² stays.
    """
    check_numbers([syntax])
    solution, robust, failed = fit_maximum_likelihood(sample, syntax), None, 0
    designed = sample.weighted or sample.designed or replicates is not None
    estimator = "MLR" if designed else structural.estimator
    variance = "information"
    if estimator in {"MLM", "MLMV"}:
        robust, variance = adjusted_inference(solution, sample, shifted=estimator == "MLMV"), "taylor"
        solution = replace(solution, covariance=robust.covariance)
    if estimator == "MLR":
        robust, variance = robust_inference(solution, sample), "taylor"
        solution = replace(solution, covariance=robust.covariance)
    if replicates is not None:
        drawn = replicate_variance(solution, sample, replicates)
        solution, failed, variance = replace(solution, covariance=drawn.covariance), drawn.failed, replicates.method
    difference, excess = _beside_semopy(solution, sample, syntax)
    return Estimation(
        estimator,
        variance,
        solution,
        solution.moments.covariance,
        fit_indices(solution, robust),
        modification_indices(solution),
        _bootstrap(solution, sample, syntax, structural, seed) if structural.bootstrap else None,
        difference,
        excess,
        failed,
        solution.starts,
        solution.minima,
    )


def check_numbers(syntaxes: Sequence[ModelSyntax]) -> None:
    """Raise MethodError for thresholds and scales, which items taken as numbers don't have."""
    found = next((p for syntax in syntaxes for p in syntax.parameters if p.op in OF_ORDERED), None)
    if found is not None:
        raise MethodError(
            "Only ordered items have thresholds and scales.",
            where=f"model, line {found.line}",
            got=found.text,
            hint="set structural.estimator to WLSMV, or remove the line",
        )


def ordered_items(syntax: ModelSyntax, instrument: Instrument, structural: Structural) -> NDArray[np.bool_]:
    """Which items of the model are taken as ordered categories: those of `structural.ordered`, or all whose scale has
    ordered answers; never a covariate.

    Raises EditionError for one of `structural.ordered` whose scale has not, MethodError where no item is left.
    """
    scales, named = instrument.scales, structural.ordered
    for item in named:
        if item in scales and not scales[item].ordered:
            raise not_ordered(f"structural.ordered: {item}", item, scales[item])
    chosen = {item for item in syntax.items if item in scales and scales[item].ordered} if not named else set(named)
    ordered = np.array([item in chosen and item not in syntax.covariates for item in syntax.items])
    if not ordered.any():
        raise MethodError(
            "No item of the model has ordered answers, which WLSMV is for.",
            where="structural.estimator",
            hint="set structural.estimator to MLR, or name ordered items in structural.ordered",
        )
    return ordered


def by_least_squares(
    sample: Sample, syntax: ModelSyntax, ordered: NDArray[np.bool_] | None = None, *, theta: bool = False
) -> Estimation:
    """WLSMV of ordered answers (`ordered` items; None: all) beside numbers, given covariates; `theta`: with residual
    variances of ordered items for parameters.
    """
    graded = np.ones(len(syntax.items), dtype=bool) if ordered is None else ordered
    given = np.array(syntax.placed_covariates, dtype=np.int64)
    syntax = syntax.with_means() if theta else syntax  # the unit of a threshold follows from the residual variance
    moments = response_moments(sample, syntax.items, ordered=graded, covariates=given, located=syntax.means)
    model = conditioned(syntax, sample)
    model = with_residuals(model, ordered_names(model, moments)) if theta else model
    solution = fit_categorical(moments, with_thresholds(model, moments) if syntax.means else model, theta=theta)
    structure = solution.structure
    return Estimation(
        "WLSMV",
        "taylor",
        solution,
        moments.covariance,
        categorical_fit_indices(solution),
        categorical_modification_indices(solution),
        ordinal=None if moments.located else moments,
        implied=structure.response_covariance(solution.matrices),
        items=tuple(syntax.items[place] for place in structure.responses),
        numbers=tuple(syntax.items[place] for place in structure.responses if not graded[place]),
    )


def conditioned(syntax: ModelSyntax, sample: Sample) -> ModelSyntax:
    """The model with the moments of the covariates, which every row has; lavaan standardises by those of n − 1, or of
    the weights.
    """
    if not syntax.covariates:
        return syntax
    known, share = np.nan_to_num(sample.in_double), sample.weights / sample.weights.sum()
    mean = share @ known
    away = known - mean
    return syntax.given(
        mean, away.T @ (share[:, None] * away) * (1.0 if sample.weighted else sample.n / (sample.n - 1))
    )


def _bootstrap(
    solution: Solution, sample: Sample, syntax: ModelSyntax, structural: Structural, seed: int
) -> Replicates | None:
    """Replicates of the fit to the complete rows; None when there are too few of them."""
    complete = sample.complete
    if complete.n < max(MIN_ROWS, 2 * len(syntax.free)):
        return None
    plain = fit_maximum_likelihood(complete, syntax, start=solution.theta)
    return bootstrap(plain, complete, replicates=structural.bootstrap, seed=seed)


def _beside_semopy(solution: Solution, sample: Sample, syntax: ModelSyntax) -> tuple[float, float]:
    """Largest relative difference between semopy's ML and ours on the complete, unweighted rows, and by how much its χ²
    is larger.

    NaN where there are too few of them, and where the model is more than constructs, items and paths.
    """
    complete = sample.complete
    if complete.n < max(MIN_ROWS, len(syntax.free)) or syntax.means or not syntax.is_factor_model:
        return float("nan"), float("nan")
    plain = solution
    if complete.n < sample.n or sample.weighted:
        plain = fit_maximum_likelihood(
            Sample(complete.answers, np.ones(complete.n)), syntax, start=solution.theta[: solution.structure.k]
        )
    theirs, ours = semopy_estimates(syntax, plain.moments.covariance), plain.theta[: plain.structure.k]
    apart = float((np.abs(theirs - ours) / np.maximum(np.abs(ours), 0.1)).max())
    full = np.concatenate([theirs, plain.theta[plain.structure.k :]])
    return apart, 2 * complete.n * (plain.objective.at(full).value - plain.point.value)
