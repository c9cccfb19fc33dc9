"""The index and the dimensions by every profile question, and by two of them at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.satisfaction.customers import customers_only, without_items
from analysis.satisfaction.segments import asked, ordered_answers
from analysis.survey.design.survey_design import design_of
from analysis.survey.estimation.concentration import TOP, concentration
from analysis.survey.estimation.estimates import means

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from analysis.edition.instrument import Instrument
    from analysis.edition.sections.index import Index
    from analysis.survey.design.survey_design import SurveyDesign

GROUP_COLUMNS = ("question", "category", "other", "other_category", "group")
ESTIMATE_COLUMNS = ("score", "se", "ci_low", "ci_high", "n", "n_eff", "deff", *TOP)
MOST_ANSWERS = 12
"""Categories of a profile question that groups are told for; more are a list of places or products."""


@dataclass(frozen=True)
class GroupResult:
    """Estimates by group with design-based intervals on 0–100, one row per group (and construct).

    Both tables: question, category; other, other_category of a second question (missing: by the first alone); group,
    the answers spelled out (region=east; age=60+); score, se, ci_low, ci_high, n, n_eff, deff, top_1, top_2
    (`concentration` of those with an index). index: the index; dimensions: each dimension, named in construct.
    """

    index: pd.DataFrame
    dimensions: pd.DataFrame


def index_by_groups(
    responses: pd.DataFrame,
    scores: pd.DataFrame,
    *,
    instrument: Instrument,
    index: Index,
    design: SurveyDesign | None = None,
) -> GroupResult:
    """Estimate index and dimensions by each profile question, and by each of `index.segments` crossed with the others.

    A question that all answered alike, or nobody, or in more than `MOST_ANSWERS` ways, is left out. A group is a domain
    of the whole sample, drawn as `satisfaction_index` says; one that nobody belongs to has no row.
    Raises MethodError when rows of responses, scores and design do not belong together.
    """
    responses, scores = customers_only(without_items(responses, instrument), scores, index=index)
    design = design_of(design, len(scores))
    questions = [ordered_answers(responses[key], instrument) for key in asked(instrument.profile_keys, responses)]
    questions = [answers for answers in questions if 1 < len(answers.dropna().unique()) <= MOST_ANSWERS]
    keys = ["csi", *(construct.key for construct in instrument.dimensions)]
    options: dict[str, Any] = {"design": design, "confidence": index.confidence}
    tables = [_estimates(scores[keys], groups, options) for groups in _groupings(questions, index.segments)]
    columns = [*GROUP_COLUMNS, "construct", *ESTIMATE_COLUMNS]
    table = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)
    is_index = table["construct"] == "csi"
    return GroupResult(
        index=table.loc[is_index, [*GROUP_COLUMNS, *ESTIMATE_COLUMNS]].reset_index(drop=True),
        dimensions=table.loc[~is_index, columns].reset_index(drop=True),
    )


def _groupings(questions: Sequence[pd.Series[Any]], segments: Sequence[str]) -> Iterator[tuple[pd.Series[Any], ...]]:
    """Each question alone; then each segment with the others, two segments once."""
    yield from ((answers,) for answers in questions)
    by_name = {str(answers.name): answers for answers in questions}
    first = [key for key in segments if key in by_name]
    for place, key in enumerate(first):
        yield from ((by_name[key], other) for name, other in by_name.items() if name not in first[: place + 1])


def _estimates(values: pd.DataFrame, groups: tuple[pd.Series[Any], ...], options: dict[str, Any]) -> pd.DataFrame:
    """Every column of `values` in every group that anybody belongs to."""
    size = [len(answers.cat.categories) for answers in groups]
    codes = [answers.cat.codes.to_numpy() for answers in groups]
    belongs = np.logical_and.reduce([code >= 0 for code in codes])
    place = np.where(belongs, np.ravel_multi_index([np.maximum(code, 0) for code in codes], size), -1)
    domain = pd.Series(pd.Categorical.from_codes(place.tolist(), categories=pd.RangeIndex(math.prod(size))))
    table = means(values, domain=domain, **options).rename(columns={"variable": "construct", "estimate": "score"})
    found = table["category"].astype(int).to_numpy()
    shares = concentration(values.iloc[:, :1], design=options["design"], domain=domain)
    table[list(TOP)] = np.tile(shares, (values.shape[1], 1))
    told: list[pd.Series[Any]] = []
    for names, answers, code in zip(
        (("question", "category"), ("other", "other_category")), groups, np.unravel_index(found, size), strict=False
    ):
        table[names[0]], table[names[1]] = str(answers.name), answers.cat.categories.astype(object).to_numpy()[code]
        told.append(table[names[0]] + "=" + table[names[1]].astype(str))
    if len(groups) == 1:
        table[["other", "other_category"]] = None
    table["group"] = told[0] if len(told) == 1 else told[0] + "; " + told[1]
    kept = table.loc[table["n"] > 0, [*GROUP_COLUMNS, "construct", *ESTIMATE_COLUMNS]]
    return kept.astype(dict.fromkeys(GROUP_COLUMNS, object))
