"""The index and the dimensions by every profile question, and by two of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.satisfaction.customers import customers_only
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

    A question that nobody answered, or with more than `MOST_ANSWERS` categories, is left out. A group is a domain of
    the whole sample, drawn as `satisfaction_index` says; one that nobody belongs to has no row.
    Raises MethodError when rows of responses, scores and design do not belong together.
    """
    responses, scores = customers_only(responses, scores, index=index)
    design = design_of(design, len(scores))
    questions = [ordered_answers(responses[key], instrument) for key in asked(instrument.profile_keys, responses)]
    questions = [answers for answers in questions if len(answers.cat.categories) <= MOST_ANSWERS]
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
    named = pd.MultiIndex.from_product([list(answers.cat.categories) for answers in groups])
    place = pd.Series(0, index=values.index)
    for answers in groups:
        codes = answers.cat.codes.astype("int64")
        place = (place * len(answers.cat.categories) + codes).where((place >= 0) & (codes >= 0), -1)
    domain = pd.Series(pd.Categorical.from_codes(place.to_numpy(), categories=range(len(named))), index=values.index)
    table = means(values, domain=domain, **options).rename(columns={"variable": "construct", "estimate": "score"})
    shares = concentration(values.iloc[:, :1], design=options["design"], domain=domain)
    codes = pd.Series(range(len(shares)), index=domain.cat.remove_unused_categories().cat.categories.astype(str))
    table[list(TOP)] = shares[table["category"].map(codes).to_numpy()]
    answers = named[table["category"].astype(int)].to_frame(index=False).astype(object)
    table["question"], table["category"] = str(groups[0].name), answers.iloc[:, 0]
    crossed = len(groups) > 1
    table["other"] = str(groups[1].name) if crossed else None
    table["other_category"] = answers.iloc[:, 1] if crossed else None
    spelled = table["question"] + "=" + table["category"].astype(str)
    table["group"] = spelled + "; " + table["other"] + "=" + table["other_category"].astype(str) if crossed else spelled
    kept = table["n"] > 0
    return table.loc[kept, [*GROUP_COLUMNS, "construct", *ESTIMATE_COLUMNS]].astype({"other": object})
