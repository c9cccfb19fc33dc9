"""The weights of the dimensions in the index: given, or found in the sample together with their error.

Weights from the sample are estimates like the scores that they weigh. Every replicate of the design finds its own
weights and makes its own index with them, so that the variance Σ_r f_r (θ_r − θ)² of whatever is estimated from the
index (level, group, difference, distance from a benchmark) holds the error of the scores and of the weights together,
with their covariance (Wolter 2007, §4.2: any estimate is repeated as a whole).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.drivers.importance import lmg, weighted_covariances
from analysis.errors import MethodError
from analysis.satisfaction.customers import check_rows, customers_only
from analysis.satisfaction.index import weighted_scores
from analysis.survey.estimation.linearisation import deviations

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.edition.instrument import Instrument
    from analysis.edition.sections.index import Index
    from analysis.survey.design.survey_design import SurveyDesign

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

NO_SPREAD = 1e-9
"""Variance of scores on 0–100 below which all are alike, up to rounding."""
WEIGHT_COLUMNS = ("construct", "weight", "se", "ci_low", "ci_high", "n")


@dataclass(frozen=True)
class WeightedIndex:
    """The index with the weights that it was made with.

    weights: construct, weight (they add up to 1), se, ci_low, ci_high (missing where the weights are given), n
    (interviews that they were found in). scores: those of `score_respondents` with the index as `csi`. design: the
    design whose replicates know the weights that each of them found. against: dimensions whose effect is below zero, so
    that they have no weight. failed: replicates without weights of their own, which are left out of the variance.
    """

    weights: pd.DataFrame
    scores: pd.DataFrame
    design: SurveyDesign
    against: tuple[str, ...] = ()
    failed: int = 0

    def record(self) -> dict[str, Any]:
        """Plain values by name; weights by dimension."""
        found = zip(self.weights["construct"], self.weights["weight"], strict=True)
        return {
            "weights": {str(key): float(weight) for key, weight in found},
            "against": list(self.against),
            "failed_weights": self.failed,
        }


def weigh_dimensions(
    responses: pd.DataFrame,
    scores: pd.DataFrame,
    *,
    instrument: Instrument,
    index: Index,
    design: SurveyDesign,
    model: str | None = None,
) -> WeightedIndex:
    """Give the index the weights of `index.weights`.

    importance: LMG of the dimensions for satisfaction, over the customers with all these scores; model: standardised
    total effects of the dimensions on satisfaction in `model`, over the customers with complete answers. Both are
    divided by their sum; an effect below zero counts as zero, in the sample and in every replicate. Interval: t with
    the degrees of freedom of the design, cut off at 0 and 1. Without replicates the weights have no error, and the
    index none from them. Raises MethodError where nothing bears on satisfaction, and where rows don't belong together.
    """
    keys = [construct.key for construct in instrument.dimensions]
    if not index.estimated:
        check_rows(responses, scores)
        given = np.array([index.fixed_weights.get(key, 1.0) for key in keys])
        return WeightedIndex(_table(keys, given / given.sum(), n=len(scores)), scores, design)
    customers = customers_only(responses, scores, index=index)
    options: dict[str, Any] = {"keys": keys, "instrument": instrument, "design": design}
    if index.weights == "model":
        found = _effects(customers[0], model=model, **options)
    else:
        found = _shares(customers[1], **options)
    weights, each = _adding_up(found.estimate), _adding_up(found.each)
    known = np.asarray(np.isfinite(each).all(axis=1))
    if not np.isfinite(weights).all() or 2 * known.sum() < len(known):
        raise MethodError(
            "The weights of the index can't be found in this sample.",
            where="index.weights",
            expected="dimensions that bear on satisfaction, in the sample and in most of its replicates",
            got="none" if not np.isfinite(weights).all() else f"{int(known.sum())} of {len(known)} replicates",
            hint="give the weights, or leave index.weights empty for equal ones",
        )
    values = scores[keys].to_numpy(dtype=np.float64)
    csi = weighted_scores(values, weights[None])[:, 0]
    design = _knowing(design, values, csi, each, known)
    table = _table(
        keys, weights, n=found.n, free=(_relative(found.estimate), _relative(found.each)), index=index, design=design
    )
    against = tuple(key for key, effect in zip(keys, found.estimate, strict=True) if effect < 0)
    return WeightedIndex(table, scores.assign(csi=csi), design, against, int((~known).sum()))


@dataclass(frozen=True)
class _Found:
    """How much each dimension matters (d), in every replicate too (R × d), and the interviews that say so."""

    estimate: Floats
    each: Floats
    n: int


def _shares(scores: pd.DataFrame, *, keys: list[str], instrument: Instrument, design: SurveyDesign) -> _Found:
    """Shares of the explained variance of satisfaction."""
    outcome = instrument.satisfaction
    values = scores[[*keys, *([outcome.key] if outcome else [])]].to_numpy(dtype=np.float64)
    complete = ~np.isnan(values).any(axis=1)
    drawn = [design.weights] if design.replicates is None else [design.weights, design.replicates.weights]
    filled = np.where(complete[:, None], values, 0.0)
    covariance = np.concatenate([weighted_covariances(filled, weights, used=complete) for weights in drawn])
    varies = covariance[:, -1, -1] > NO_SPREAD
    found = lmg(np.where(varies[:, None, None], covariance, np.eye(len(keys) + 1)))
    found[~varies] = np.nan
    return _Found(found[0], found[1:], int((complete & (design.weights > 0)).sum()))


def _effects(
    responses: pd.DataFrame, *, keys: list[str], instrument: Instrument, design: SurveyDesign, model: str | None
) -> _Found:
    """Standardised total effects on satisfaction in the structural model."""
    from analysis.sem.inference.replicate_effects import replicate_effects

    outcome = instrument.satisfaction
    if model is None or outcome is None:
        raise MethodError("There is no structural model of satisfaction to take weights from.", where="index.weights")
    return _Found(
        *replicate_effects(
            responses, model=model, instrument=instrument, outcome=outcome.key, predictors=keys, design=design
        )
    )


def _adding_up(effects: Floats) -> Floats:
    """Effects (… × d) as weights, those below zero as zero; missing where none is above."""
    return np.maximum(_relative(effects), 0.0)


def _relative(effects: Floats) -> Floats:
    """Effects (… × d) divided by the sum of those above zero."""
    total = np.maximum(effects, 0.0).sum(axis=-1, keepdims=True)
    return np.asarray(effects / np.where(total > 0, total, np.nan), dtype=np.float64)


def _knowing(design: SurveyDesign, values: Floats, csi: Floats, each: Floats, known: Mask) -> SurveyDesign:
    """The design that knows the index of every replicate; replicates without weights count through the others."""
    if design.replicates is None:
        return design
    index = np.repeat(csi[:, None], len(known), axis=1)
    index[:, known] = weighted_scores(values, each[known])
    index = np.where(np.isnan(index), csi[:, None], index)
    factors = np.where(known, design.replicates.factors * len(known) / known.sum(), 0.0)
    replicates = replace(design.replicates, factors=factors)
    return replace(design, replicates=replicates, estimated={**design.estimated, "csi": index})


def _table(
    keys: list[str],
    weights: Floats,
    *,
    n: int,
    free: tuple[Floats, Floats] | None = None,
    index: Index | None = None,
    design: SurveyDesign | None = None,
) -> pd.DataFrame:
    """Weights with their intervals, where replicates tell their error.

    `free`: the weights, and those of every replicate, before what lies below zero was cut off. Intervals come from
    these: a weight that is cut off in most replicates would look certain.
    """
    from scipy.special import stdtrit

    middle, error, half = weights, *(np.full(len(keys), np.nan) for _ in range(2))
    if free is not None and index is not None and design is not None and design.replicates is not None:
        middle = free[0]
        error = np.sqrt((deviations(free[1].T, middle, design.replicates) ** 2).sum(axis=-1))
        half = stdtrit(design.limit, 0.5 + index.confidence / 2) * error
    ends = {"ci_low": np.clip(middle - half, 0.0, 1.0), "ci_high": np.clip(middle + half, 0.0, 1.0)}
    return pd.DataFrame({"construct": keys, "weight": weights, "se": error, **ends, "n": n})[list(WEIGHT_COLUMNS)]
