"""Questions of several choices: the share of those who gave each answer, for everybody and by segment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.satisfaction.segments import asked, ordered_answers
from analysis.survey.estimation.crosstabs import association_test
from analysis.survey.estimation.differences import adjust_p_values
from analysis.survey.estimation.estimates import proportions

if TYPE_CHECKING:
    from analysis.edition.instrument import Instrument, MultipleQuestion
    from analysis.edition.sections.index import Index
    from analysis.survey.design.survey_design import SurveyDesign

CHOICE_COLUMNS = ("question", "option", "segment", "category", "share", "ci_low", "ci_high", "n", "p_adjusted")


def choice_shares(
    responses: pd.DataFrame, *, instrument: Instrument, index: Index, design: SurveyDesign | None = None
) -> pd.DataFrame | None:
    """Share (0–1) of those asked who gave each answer, which may add to more than 1; None without such a question.

    `responses` have the rows of the design. Columns: `CHOICE_COLUMNS`; a row for everybody (segment and category
    missing) and for every category of `index.segments`. Shares and intervals as in `proportions`; p_adjusted tests
    whether giving the answer depends on the segment (Rao & Scott 1984), adjusted within the question and the segment.
    """
    tables = []
    for question in instrument.multiple:
        columns = {question.column(option): option.code for option in question.options}
        chosen = responses[[name for name in columns if name in responses]].rename(columns=columns)
        if chosen.empty or not chosen.notna().any(axis=None):
            continue
        tables.append(_shares(question, chosen, None, index, design))
        for key in asked(index.segments, responses):
            tables.append(_shares(question, chosen, ordered_answers(responses[key], instrument), index, design))
    return pd.concat(tables, ignore_index=True)[list(CHOICE_COLUMNS)] if tables else None


def _shares(
    question: MultipleQuestion,
    chosen: pd.DataFrame,
    segment: pd.Series[str] | None,
    index: Index,
    design: SurveyDesign | None,
) -> pd.DataFrame:
    table = proportions(chosen, design=design, domain=segment, confidence=index.confidence)
    table = table.rename(columns={"variable": "option", "estimate": "share"})
    table["question"], table["segment"] = question.key, None if segment is None else str(segment.name)
    table["p_adjusted"] = np.nan
    if segment is not None:
        tests = [association_test(segment, chosen[option], design=design).p for option in chosen]
        adjusted = adjust_p_values(np.array(tests, dtype=float), method=index.adjustment)
        table["p_adjusted"] = table["option"].map(dict(zip(chosen.columns, adjusted, strict=True)))
    return table.astype({"segment": object, "category": object})
