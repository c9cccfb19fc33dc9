"""Standardised total effects on one construct, and what they are with the weights of every replicate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import MethodError
from analysis.sem.fit.estimate import fit_maximum_likelihood
from analysis.sem.inference.bootstrap import refitted
from analysis.sem.inference.effects import all_effects
from analysis.sem.model.reader import check_model
from analysis.sem.moments.rows import usable_rows
from analysis.sem.moments.sample import replicate_moments

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from analysis.edition.instrument import Instrument
    from analysis.sem.model.syntax import ModelSyntax
    from analysis.survey.design.survey_design import SurveyDesign

Array = NDArray[Any]
_STD_TOTAL = 5
"""Place of the standardised total effects in `all_effects`."""


def check_explained(syntax: ModelSyntax, *, outcome: str, predictors: Sequence[str]) -> None:
    """Raise MethodError unless the model explains `outcome` and has every one of the `predictors`."""
    absent = [key for key in (outcome, *predictors) if key not in syntax.latents]
    if absent or outcome not in syntax.endogenous:
        raise MethodError(
            "The structural model does not say how the dimensions bear on satisfaction.",
            where="index.weights",
            expected=f"a line {outcome} ~ … and every dimension in the model",
            got=f"no {', '.join(absent)}" if absent else f"nothing explains {outcome}",
            hint="complete the model, or set index.weights to importance",
        )


def replicate_effects(
    responses: pd.DataFrame,
    *,
    model: str,
    instrument: Instrument,
    outcome: str,
    predictors: Sequence[str],
    design: SurveyDesign,
) -> tuple[Array, Array, int]:
    """Total effects of the `predictors` on `outcome` in standard deviations: p, R × p for the replicates; rows fitted.

    The model (lavaan syntax) is fitted by maximum likelihood to the complete rows, with the weights of the design, and
    anew with those of each of its replicates; a replicate without a minimum has NaN. Without replicates R is 0.
    Raises MethodError where the model does not have the constructs, and as `fit_structural` and `usable_rows` do.
    """
    syntax = check_model(model, instrument=instrument, where="model", pooled=True)
    check_explained(syntax, outcome=outcome, predictors=predictors)
    sample, used = usable_rows(responses, syntax, missing="listwise", design=design)
    solution = fit_maximum_likelihood(sample, syntax)
    if not solution.converged:
        raise MethodError("The structural model that the index takes its weights from did not converge.")
    place = solution.structure.latents
    rows, columns = place[outcome], [place[key] for key in predictors]

    def effects(theta: Array) -> Array:
        return np.asarray(all_effects(solution.structure.matrices(theta))[..., _STD_TOTAL, rows, columns])

    estimate = effects(solution.theta)
    if design.replicates is None:
        return estimate, np.empty((0, len(columns))), sample.n
    theta, settled = refitted(solution, *replicate_moments(sample, design.replicates.weights[used]))
    each = effects(theta)
    each[~settled] = np.nan
    return estimate, each, sample.n
