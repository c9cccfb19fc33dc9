"""The estimators of the structural model: normal-theory likelihood and least squares of ordered answers."""

from __future__ import annotations

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
from analysis.sem.model.structure import Fitted
from analysis.sem.model.syntax import ModelSyntax
from analysis.sem.moments.ordinal import OrdinalMoments, ordinal_moments
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
    model was fitted to, p × p (polychoric correlations for WLSMV, which has them in `ordinal` with the thresholds),
    `drawn` the bootstrap of the complete rows.
    """

    estimator: str
    variance: str
    solution: Fitted
    observed: Array
    indices: FitIndices
    modification: pd.DataFrame
    drawn: Replicates | None = None
    semopy_difference: float = float("nan")
    failed_replicates: int = 0
    starts: int = 1
    minima: int = 1
    ordinal: OrdinalMoments | None = None


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
    return Estimation(
        estimator,
        variance,
        solution,
        solution.moments.covariance,
        fit_indices(solution, robust),
        modification_indices(solution),
        _bootstrap(solution, sample, syntax, structural, seed) if structural.bootstrap else None,
        _semopy_difference(solution, sample, syntax),
        failed,
        solution.starts,
        solution.minima,
    )


def check_ordered(syntax: ModelSyntax, instrument: Instrument) -> None:
    """Raise EditionError for an item of the model whose answers are no ordered categories, which WLSMV needs."""
    scales = instrument.scales
    for item in syntax.items:
        if not scales[item].ordered:
            raise not_ordered(f"structural.estimator: WLSMV, item {item}", item, scales[item])


def by_least_squares(sample: Sample, syntax: ModelSyntax) -> Estimation:
    """WLSMV of complete ordered answers; raises MethodError where the model has intercepts."""
    if syntax.means:
        raise MethodError(
            "WLSMV can't estimate the intercepts of ordered answers.",
            expected="a model without lines such as: x ~ 1",
            hint="remove them, or set structural.estimator to MLR",
        )
    if syntax.observed or syntax.constraints:
        raise MethodError(
            "WLSMV takes constructs and the ordered items that measure them, without constraints.",
            where=", ".join(syntax.observed) or ", ".join(one.text for one in syntax.constraints),
            hint="remove these from the model, or set structural.estimator to MLR",
        )
    moments = ordinal_moments(sample, syntax.items)
    solution = fit_categorical(moments, syntax)
    return Estimation(
        "WLSMV",
        "taylor",
        solution,
        moments.correlation,
        categorical_fit_indices(solution),
        categorical_modification_indices(solution),
        ordinal=moments,
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


def _semopy_difference(solution: Solution, sample: Sample, syntax: ModelSyntax) -> float:
    """Largest relative difference between semopy's ML and ours on the complete, unweighted rows.

    NaN where there are too few of them, and where the model is more than constructs, items and paths.
    """
    complete = sample.complete
    if complete.n < max(MIN_ROWS, len(syntax.free)) or syntax.means or not syntax.is_factor_model:
        return float("nan")
    plain = solution
    if complete.n < sample.n or sample.weighted:
        plain = fit_maximum_likelihood(
            Sample(complete.answers, np.ones(complete.n)), syntax, start=solution.theta[: solution.structure.k]
        )
    theirs, ours = semopy_estimates(syntax, plain.moments.covariance), plain.theta[: plain.structure.k]
    return float((np.abs(theirs - ours) / np.maximum(np.abs(ours), 0.1)).max())
