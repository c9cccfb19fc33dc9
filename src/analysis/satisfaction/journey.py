"""Satisfaction along the customer journey: each stage by the items that rate it, and where it falls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.edition.scales import aligned
from analysis.satisfaction.customers import answers_of_customers
from analysis.satisfaction.index import at_least
from analysis.survey.estimation.concentration import TOP, concentration
from analysis.survey.estimation.differences import adjust_p_values, compare_estimates, estimate_jointly
from analysis.survey.estimation.estimates import means, proportions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.edition.instrument import Instrument
    from analysis.edition.sections.index import Index
    from analysis.survey.design.survey_design import SurveyDesign

STAGE_COLUMNS = (
    *("stage", "n", "score", "ci_low", "ci_high", "share", "share_low", "share_high"),
    *("step", "step_low", "step_high", "p_adjusted", *TOP),
)
MODE_COLUMNS = (
    *("stage", "mode", "n", "score", "ci_low", "ci_high", "difference", "difference_low", "difference_high"),
    *("p_adjusted", "group", *TOP),
)
MODES = ("treated", "others")


@dataclass(frozen=True)
class Journey:
    """Stages in the order in which customers pass them.

    stages: stage, n, score (0–100) with interval, share satisfied with interval, step (score less that of the stage
    before) with interval and p_adjusted over all steps. modes: the same score of the treated and of the
    others, difference (treated less others) with interval and p_adjusted over all stages in the rows of the treated;
    None where the edition does not tell the two apart. Both have top_1 and top_2.
    """

    stages: pd.DataFrame
    modes: pd.DataFrame | None


def rate_journey(
    responses: pd.DataFrame,
    *,
    instrument: Instrument,
    index: Index,
    design: SurveyDesign,
    served: tuple[str, Sequence[str]] | None = None,
) -> Journey:
    """Rate the stages of `instrument.journey` by the customers' answers.

    The score of a stage is that of a construct of its items. `served`: the profile question and its answers that make
    the treated, whose effect `drivers.effect` asks for; the others gave another answer.
    """
    customers = answers_of_customers(responses, index=index)
    scores = stage_scores(customers, instrument=instrument, index=index)
    options: dict[str, Any] = {"design": design, "confidence": index.confidence}
    table = means(scores, **options).rename(columns={"variable": "stage", "estimate": "score"})
    rated = {
        stage.key: at_least(scores[stage.key].to_numpy(dtype=np.float64), stage.items[0], instrument, index)
        for stage in instrument.journey
    }
    high = pd.DataFrame(rated, index=scores.index)
    share = proportions(high, **options)
    table[["share", "share_low", "share_high"]] = share[["estimate", "ci_low", "ci_high"]].to_numpy()
    pairs = [(place, place - 1) for place in range(1, scores.shape[1])]
    joint = estimate_jointly(scores, design=design)
    steps = compare_estimates(joint, pairs=pairs, adjustment=index.adjustment, confidence=index.confidence)
    shown = ["step", "step_low", "step_high", "p_adjusted"]
    table[shown] = np.nan
    table.loc[1:, shown] = steps[["difference", "ci_low", "ci_high", "p_adjusted"]].to_numpy()
    table[list(TOP)] = concentration(scores, design=design)
    modes = None if served is None else _by_mode(scores, customers, served, index, design)
    return Journey(table[list(STAGE_COLUMNS)], modes)


def stage_scores(responses: pd.DataFrame, *, instrument: Instrument, index: Index) -> pd.DataFrame:
    """Score (0–100) of every stage of the journey for every row; missing where too few of its items are answered."""
    scales, scores = instrument.scales, {}
    for stage in instrument.journey:
        own = {key: scales[key] for key in stage.items}
        answers = aligned(responses[list(own)], own).astype(np.float64)
        enough = answers.notna().mean(axis=1) >= index.min_answered_share
        scores[stage.key] = scales[stage.items[0]].score(answers.mean(axis=1)).where(enough)
    return pd.DataFrame(scores, index=responses.index)


def _by_mode(
    scores: pd.DataFrame,
    responses: pd.DataFrame,
    served: tuple[str, Sequence[str]],
    index: Index,
    design: SurveyDesign,
) -> pd.DataFrame | None:
    question, answers = served
    if question not in responses:
        return None
    told = responses[question].astype(object)
    mode = pd.Series(np.where(told.isin(list(answers)), *MODES), index=responses.index).where(told.notna())
    domain = pd.Series(pd.Categorical(mode, categories=list(MODES)), index=responses.index)
    if domain.nunique() < len(MODES):
        return None
    table = means(scores, domain=domain, design=design, confidence=index.confidence)
    table = table.rename(columns={"variable": "stage", "category": "mode", "estimate": "score"})
    table[list(TOP)] = concentration(scores, design=design, domain=domain)
    joint = estimate_jointly(scores, domain=domain, design=design)
    pairs = [(2 * place, 2 * place + 1) for place in range(scores.shape[1])]
    found = compare_estimates(joint, pairs=pairs, adjustment="none", confidence=index.confidence)
    found["p_adjusted"] = adjust_p_values(found["p"].to_numpy(dtype=float), method=index.adjustment)
    shown = ["difference", "difference_low", "difference_high", "p_adjusted"]
    table[shown] = np.nan
    table.loc[table["mode"] == MODES[0], shown] = found[["difference", "ci_low", "ci_high", "p_adjusted"]].to_numpy()
    table["group"] = "served=" + table["mode"]
    return table[list(MODE_COLUMNS)]
