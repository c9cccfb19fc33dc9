"""Which differences in satisfaction are more than sampling error: dimensions, segments and levels, pair by pair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analysis.satisfaction.customers import customers_only, without_items
from analysis.satisfaction.segments import asked, ordered_answers
from analysis.survey.design.codes import categorical
from analysis.survey.estimation.crosstabs import association_test
from analysis.survey.estimation.differences import adjust_p_values, compare_estimates, estimate_jointly

if TYPE_CHECKING:
    from analysis.edition.instrument import Instrument
    from analysis.edition.sections.index import Index
    from analysis.survey.design.survey_design import SurveyDesign

PAIR_COLUMNS = ("measure", "segment", "a", "b", "difference", "se", "ci_low", "ci_high", "df", "p", "p_adjusted")
ASSOCIATION_COLUMNS = ("segment", "cramers_v", "f", "df1", "df2", "p", "p_adjusted", "n")
DIMENSIONS = "dimensions"
"""Measure of the pairs of dimensions."""


@dataclass(frozen=True)
class ComparisonResult:
    """Differences of estimates of the one sample, with their covariance, and tests of cross tables.

    pairs: measure (`dimensions`: a and b are dimensions; else csi or a construct, and a and b are categories of the
    segment), segment, a, b, difference (a − b), se, ci_low, ci_high, df, p, p_adjusted within measure and segment.
    associations: segment (a profile question), cramers_v, f, df1, df2, p, p_adjusted over all of them, n: whether
    being satisfied depends on the answer.
    """

    pairs: pd.DataFrame
    associations: pd.DataFrame


def compare_satisfaction(
    responses: pd.DataFrame,
    scores: pd.DataFrame,
    *,
    instrument: Instrument,
    index: Index,
    design: SurveyDesign | None = None,
) -> ComparisonResult:
    """Compare every pair of dimensions, of categories of each segment, and of levels by the first segment.

    Arguments as in `segment_index`; p values are adjusted by `index.adjustment`. Cross tables are those of being
    satisfied with every profile question somebody answered. Raises MethodError when rows of responses, scores and
    design do not belong together.
    """
    responses, scores = customers_only(without_items(responses, instrument), scores, index=index)
    parts = [_pairs(scores[[construct.key for construct in instrument.dimensions]], None, index, design)]
    outcomes = [construct.key for construct in instrument.constructs if construct.role != "dimension"]
    for place, key in enumerate(asked(index.segments, responses)):
        segment = ordered_answers(responses[key], instrument)
        measures = ["csi", *outcomes] if place == 0 else ["csi"]
        parts += [_pairs(scores[[measure]], segment, index, design) for measure in measures]
    filled = [part for part in parts if len(part)]
    return ComparisonResult(
        pairs=pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=list(PAIR_COLUMNS)),
        associations=_associations(responses, scores, instrument, index, design),
    )


def _pairs(
    values: pd.DataFrame, segment: pd.Series[str] | None, index: Index, design: SurveyDesign | None
) -> pd.DataFrame:
    joint = estimate_jointly(values, domain=segment, design=design)
    table = compare_estimates(joint, adjustment=index.adjustment, confidence=index.confidence)
    side = "variable" if segment is None else "category"
    table["a"], table["b"] = table[f"{side}_a"], table[f"{side}_b"]
    table["measure"] = DIMENSIONS if segment is None else values.columns[0]
    table["segment"] = "" if segment is None else str(segment.name)
    return table[list(PAIR_COLUMNS)]


def _associations(
    responses: pd.DataFrame, scores: pd.DataFrame, instrument: Instrument, index: Index, design: SurveyDesign | None
) -> pd.DataFrame:
    """One row per profile question with two answers or more."""
    rows = []
    for key in asked(instrument.profile_keys, responses):
        answers = categorical(responses[key], ())
        if not (answers.notna() & scores["satisfied"].notna()).any():
            continue
        test = association_test(answers, scores["satisfied"], design=design)
        if test.rows > 1:
            names = ("cramers_v", "f", "df1", "df2", "p", "n")
            rows.append({"segment": key} | {name: getattr(test, name) for name in names})
    table = pd.DataFrame(rows, columns=[name for name in ASSOCIATION_COLUMNS if name != "p_adjusted"])
    table["p_adjusted"] = adjust_p_values(table["p"].to_numpy(dtype=float), method=index.adjustment)
    return table[list(ASSOCIATION_COLUMNS)]
