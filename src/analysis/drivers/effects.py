"""What one point more of a dimension or a question does to an outcome, with the covariance of all these effects.

They are the total effects of the structural model, in points of the outcome for a point of the score. Where an edition
has no model (or none that explains the outcome), importance takes their place: the share in what the dimensions explain
(LMG), for single questions by Johnson's relative weights, which have no limit of their number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from analysis.drivers.importance import johnson_weights, lmg
from analysis.drivers.sampling_error import JointEstimate, estimate_from_covariances
from analysis.errors import MethodError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from analysis.survey.design.survey_design import SurveyDesign

    Floats = NDArray[np.float64]

Basis = Literal["model", "importance"]


@dataclass(frozen=True)
class OutcomeEffects:
    """Effects on one outcome: of each of the constructs, and of each of their items (None: not known).

    basis: model (points of the outcome for one point) or importance (shares of 0–1).
    """

    outcome: str
    basis: Basis
    constructs: JointEstimate
    items: JointEstimate | None


def outcome_effects(
    outcome: str,
    values: pd.DataFrame,
    *,
    predictors: Sequence[str],
    items: Sequence[str],
    design: SurveyDesign,
    model: pd.DataFrame | None,
) -> OutcomeEffects:
    """Effects of the predictors and their items on an outcome, all columns of `values` (0–100).

    `model`: total effects with their covariance, as the structural model leaves them (`sem.report.total_effects`); it
    is used where it explains the outcome by every predictor. Items are left out where too few interviews answer all of
    them. Raises MethodError where too few answer the constructs.
    """
    total = None if model is None else _of_model(model, outcome, predictors=predictors)
    if model is not None and total is not None:
        return OutcomeEffects(outcome, "model", total, _of_model(model, outcome, items=items))
    whole = values[[*predictors, outcome]].to_numpy(dtype=np.float64)
    try:
        answered = values[[*items, outcome]].to_numpy(dtype=np.float64)
        single = estimate_from_covariances(answered, lambda found: _shares(johnson_weights(found)), design=design)
    except MethodError:
        single = None
    joint = estimate_from_covariances(whole, lambda found: _shares(lmg(found)), design=design)
    return OutcomeEffects(outcome, "importance", joint, single)


def _of_model(
    model: pd.DataFrame, outcome: str, *, predictors: Sequence[str] = (), items: Sequence[str] = ()
) -> JointEstimate | None:
    """The model's total effects in the order of the predictors, or of the items; None where it lacks one of them."""
    own = model["outcome"] == outcome
    names = model["item"].where(own) if items else model["predictor"].where(own & model["item"].isna())
    place = {str(name): number for number, name in enumerate(names) if isinstance(name, str)}
    wanted = [*predictors, *items]
    if not set(wanted) <= place.keys():
        return None
    rows = [place[name] for name in wanted]
    covariance = model[[f"c{row}" for row in rows]].to_numpy(dtype=np.float64)[rows]
    return JointEstimate(model["effect"].to_numpy(dtype=np.float64)[rows], covariance, np.inf, 0)


def _shares(parts: Floats) -> Floats:
    return np.asarray(parts / parts.sum(axis=-1, keepdims=True), dtype=np.float64)
