"""Satisfaction index (CSI, 0–100) and share of satisfied customers (CSAT), overall, by construct and by item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.edition.scales import aligned
from analysis.errors import MethodError
from analysis.satisfaction.customers import customers_only, is_customer
from analysis.survey.estimation.concentration import TOP, concentration
from analysis.survey.estimation.estimates import means, proportions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from analysis.edition.instrument import Instrument
    from analysis.edition.scales import Scale
    from analysis.edition.sections.index import Index
    from analysis.survey.design.survey_design import SurveyDesign

    Floats = NDArray[np.float64]

MIN_DIMENSION_SHARE = 0.5
"""Share of the dimensions a respondent must have a score for, else there is no index for that respondent."""

BLOCK = 4096
"""Respondents whose answers are held in double precision at a time."""

ROUNDING = 1e-9
"""By how much a mean of answers may miss a threshold that it reaches but for the rounding of numbers."""

LEVEL_COLUMNS = (
    "construct",
    "segment",
    "category",
    "score",
    "se",
    "ci_low",
    "ci_high",
    "high_share",
    "high_low",
    "high_high",
    "n",
    "n_eff",
    "deff",
    *TOP,
)


@dataclass(frozen=True)
class SatisfactionResult:
    """Estimates with design-based intervals; scores on 0–100, shares on 0–1.

    overall: measure (csi, csat), estimate, se, ci_low, ci_high, n, n_eff, deff.
    dimensions: construct, score, se, ci_low, ci_high, satisfied_share, satisfied_low, satisfied_high, n, n_eff, deff.
    items: item, construct, mean (on its scale), se, ci_low, ci_high, satisfied_share, n, n_eff, deff, missing_share.
    levels: construct, segment, category, score, se, ci_low, ci_high, high_share, high_low, high_high, n, n_eff, deff;
    one row per construct that is not a dimension, segment and category empty. n_eff and deff are the score's.
    All have top_1 and top_2 besides (`survey.estimation.concentration`).
    """

    overall: pd.DataFrame
    dimensions: pd.DataFrame
    items: pd.DataFrame
    levels: pd.DataFrame


def score_respondents(responses: pd.DataFrame, *, instrument: Instrument, index: Index) -> pd.DataFrame:
    """Return respondent_id, csi, one 0–100 score per construct, and satisfied (1, 0 or missing) per respondent.

    Score of a construct = (mean of its answered items − min) / (max − min) · 100, items of another scale first put on
    that of its first item; missing when fewer than
    `min_answered_share` of its items are answered. csi = Σ w_d·score_d / Σ w_d over the dimensions with a score
    (`index.weights`, or all equal), missing when fewer than half of the dimensions have one; where the weights come
    from the sample it is made from these scores (`satisfaction.weights`), and missing here. satisfied = the
    mean answer to the items of `index.csat.construct` is at or above `satisfied_from`; missing where nobody was asked.
    Raises MethodError for an instrument that rates no dimension, for an item that is not a column, and for an answer
    outside the scale.
    """
    if not instrument.dimensions:
        raise MethodError("no index in this edition")
    absent = [key for key in ["respondent_id", *instrument.item_keys] if key not in responses]
    if absent:
        raise MethodError(
            "The responses lack columns.", where=", ".join(absent), expected="every item of the instrument"
        )
    names = ["csi", *(construct.key for construct in instrument.constructs), "satisfied"]
    found = np.empty((len(names), len(responses)))
    for start in range(0, len(responses), BLOCK):
        some = slice(start, start + BLOCK)
        found[:, some] = _scores(responses.iloc[some], instrument, index)
    scores = pd.DataFrame(found.T, columns=names, index=responses.index, copy=False)
    return pd.concat([responses[["respondent_id"]], scores], axis=1)


def _scores(responses: pd.DataFrame, instrument: Instrument, index: Index) -> Floats:
    """Index, score of every construct, and whether satisfied, of some respondents: so many rows × respondents."""
    scores = _construct_scores(responses, instrument, index)
    nobody = np.full(len(responses), np.nan)
    csi, key = nobody, index.csat.construct_key
    if not index.estimated:
        dimensions = [construct.key for construct in instrument.dimensions]
        weights = np.array([index.fixed_weights.get(one, 1.0) for one in dimensions])
        csi = weighted_scores(np.column_stack([scores[one] for one in dimensions]), weights[None])[:, 0]
    satisfied = at_least(scores[key], key, instrument, index) if key in scores else nobody
    return np.stack([csi, *scores.values(), satisfied])


def weighted_scores(scores: Floats, weights: Floats) -> Floats:
    """The index of every row of `scores` (n × dimensions) under each of `weights` (sets × dimensions): n × sets.

    Missing where fewer than half of the dimensions have a score, or none that has a weight.
    """
    if not scores.shape[1]:
        return np.full((len(scores), len(weights)), np.nan)
    present = ~np.isnan(scores)
    divisor = present.astype(np.float64) @ weights.T
    divisor[present.mean(axis=1) < MIN_DIMENSION_SHARE] = np.nan
    divisor[divisor == 0] = np.nan
    return np.asarray((np.where(present, scores, 0.0) @ weights.T) / divisor, dtype=np.float64)


def satisfaction_index(
    responses: pd.DataFrame,
    scores: pd.DataFrame,
    *,
    instrument: Instrument,
    index: Index,
    design: SurveyDesign | None = None,
) -> SatisfactionResult:
    """Estimate index, satisfied share, dimensions, items and the levels of the other constructs, of customers only.

    `scores` are those of `score_respondents` for the same rows, and `design` says how these were drawn and weighted
    (none: a simple random sample). Variance by linearisation over the design, or that of its replicates, which carries
    what weighting did to them. Raises MethodError when rows of responses, scores and design do not belong together.
    """
    customers = is_customer(responses, index=index)
    responses, scores = customers_only(responses, scores, index=index)
    confidence = index.confidence
    csi = means(scores[["csi"]], confidence=confidence, design=design)
    csat = proportions(scores[["satisfied"]], confidence=confidence, design=design)
    overall = pd.concat([csi, csat], ignore_index=True).drop(columns="category")
    overall["variable"] = ["csi", "csat"]
    overall[list(TOP)] = concentration(scores[["csi", "satisfied"]], design=design)
    return SatisfactionResult(
        overall=overall.rename(columns={"variable": "measure"}),
        dimensions=_dimensions(scores, instrument, index, design),
        items=_items(responses, customers, instrument, index, design),
        levels=construct_levels(scores, instrument=instrument, index=index, design=design),
    )


def construct_levels(
    scores: pd.DataFrame,
    *,
    instrument: Instrument,
    index: Index,
    design: SurveyDesign | None,
    segment: pd.Series[str] | None = None,
) -> pd.DataFrame:
    """Score and share of high answers of every construct that is not a dimension, overall or by one segment.

    high = the mean item answer is at or above `index.high_answer`. `segment` is a profile column, its name
    is shown. Columns as `SatisfactionResult.levels`.
    """
    keys = [construct.key for construct in instrument.constructs if construct.role != "dimension"]
    if not keys:
        return pd.DataFrame(columns=list(LEVEL_COLUMNS))
    options: dict[str, Any] = {"domain": segment, "confidence": index.confidence, "design": design}
    level = means(scores[keys], **options)
    high = proportions(_high(scores[keys], instrument, index), **options)
    table = level.rename(columns={"variable": "construct", "estimate": "score"})
    table["segment"] = None if segment is None else str(segment.name)
    table = table.astype({"segment": object})
    table[list(TOP)] = concentration(scores[keys], design=design, domain=segment)
    table[["high_share", "high_low", "high_high"]] = high[["estimate", "ci_low", "ci_high"]].to_numpy()
    return table[list(LEVEL_COLUMNS)]


def _construct_scores(responses: pd.DataFrame, instrument: Instrument, index: Index) -> dict[str, Floats]:
    scales, scores = instrument.scales, {}
    for construct in instrument.constructs:
        keys = [item.key for item in construct.items]
        _check_inside(responses, {key: scales[key] for key in keys})
        scale = scales[keys[0]]
        comparable = aligned(responses[keys], {key: scales[key] for key in keys})
        answers = comparable.to_numpy(dtype=np.float64, na_value=np.nan)
        answered = ~np.isnan(answers)
        count = answered.sum(axis=1)
        enough = (count > 0) & (count / len(keys) >= index.min_answered_share)
        mean = np.where(answered, answers, 0.0).sum(axis=1) / np.where(enough, count, np.nan)
        scores[construct.key] = scale.score(mean)
    return scores


def _check_inside(responses: pd.DataFrame, scales: Mapping[str, Scale]) -> None:
    """Raise MethodError for an answer off its scale."""
    for key, scale in scales.items():
        answers = responses[key].to_numpy(dtype=np.float64, na_value=np.nan)
        if ((answers < scale.min) | (answers > scale.max)).any():
            raise MethodError(
                "An answer lies outside the scale.",
                where=key,
                expected=f"{scale.min} to {scale.max}",
                hint="load the responses through the intake, which puts such rows in quarantine",
            )


def at_least(score: Floats, key: str, instrument: Instrument, index: Index) -> Floats:
    """1 where the 0–100 score of a construct or item means a high answer (`index.high_answer`), 0 below, or missing."""
    threshold = instrument.scale_of(key).score(index.high_answer(key, instrument))
    return np.where(np.isnan(score), np.nan, (score >= threshold - ROUNDING).astype(np.float64))


def high_answers(
    responses: pd.DataFrame, scores: pd.DataFrame, *, instrument: Instrument, index: Index
) -> pd.DataFrame:
    """Whether each construct and item was rated high (`index.high_answer`; 1, 0 or missing), a column each."""
    keys = [construct.key for construct in instrument.constructs]
    return pd.concat([_high(scores[keys], instrument, index), _high_items(responses, instrument, index)], axis=1)


def _high_items(responses: pd.DataFrame, instrument: Instrument, index: Index) -> pd.DataFrame:
    found = np.empty((len(instrument.item_keys), len(responses)), dtype=np.float32)
    for high, key in zip(found, instrument.item_keys, strict=True):
        answer = responses[key].to_numpy(dtype=np.float64, na_value=np.nan)
        high[:] = np.where(np.isnan(answer), np.nan, answer >= index.high_answer(key, instrument) - ROUNDING)
    return pd.DataFrame(found.T, columns=instrument.item_keys, index=responses.index, copy=False)


def _high(scores: pd.DataFrame, instrument: Instrument, index: Index) -> pd.DataFrame:
    found = np.empty((scores.shape[1], len(scores)), dtype=np.float32)
    for high, key in zip(found, map(str, scores), strict=True):
        high[:] = at_least(scores[key].to_numpy(dtype=np.float64), key, instrument, index)
    return pd.DataFrame(found.T, columns=scores.columns, index=scores.index, copy=False)


def _dimensions(
    scores: pd.DataFrame, instrument: Instrument, index: Index, design: SurveyDesign | None
) -> pd.DataFrame:
    keys = [construct.key for construct in instrument.dimensions]
    score = means(scores[keys], confidence=index.confidence, design=design)
    satisfied = proportions(_high(scores[keys], instrument, index), confidence=index.confidence, design=design)
    table = score.rename(columns={"variable": "construct", "estimate": "score"})
    shown = ["satisfied_share", "satisfied_low", "satisfied_high"]
    table[shown] = satisfied[["estimate", "ci_low", "ci_high"]].to_numpy()
    table[list(TOP)] = concentration(scores[keys], design=design)
    return table[["construct", "score", "se", "ci_low", "ci_high", *shown, "n", "n_eff", "deff", *TOP]]


def _items(
    responses: pd.DataFrame,
    customers: pd.Series[bool],
    instrument: Instrument,
    index: Index,
    design: SurveyDesign | None,
) -> pd.DataFrame:
    keys = instrument.item_keys
    answers = responses[keys]
    mean = means(answers, confidence=index.confidence, design=design)
    satisfied = _high_items(responses, instrument, index)
    share = proportions(satisfied, confidence=index.confidence, design=design)
    table = mean.rename(columns={"variable": "item", "estimate": "mean"})
    table["construct"] = [construct.key for construct in instrument.constructs for _ in construct.items]
    table["satisfied_share"] = share["estimate"]
    table["missing_share"] = answers.isna().to_numpy()[customers.to_numpy()].mean(axis=0)
    table[list(TOP)] = concentration(answers, design=design)
    bases = ["n", "n_eff", "deff", "missing_share", *TOP]
    return table[["item", "construct", "mean", "se", "ci_low", "ci_high", "satisfied_share", *bases]]
