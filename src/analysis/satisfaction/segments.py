"""Index, satisfied share and construct scores by segment (institution type, customer type, …)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.satisfaction.customers import customers_only, without_items
from analysis.satisfaction.index import construct_levels
from analysis.survey.design.codes import categorical
from analysis.survey.design.survey_design import design_of
from analysis.survey.estimation.concentration import TOP, concentration
from analysis.survey.estimation.estimates import means, proportions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.edition.instrument import Instrument
    from analysis.edition.sections.index import Index
    from analysis.survey.design.survey_design import SurveyDesign

SEGMENT_COLUMNS = (
    "segment",
    "category",
    "csi",
    "se",
    "ci_low",
    "ci_high",
    "csat",
    "csat_se",
    "csat_low",
    "csat_high",
    "n",
    "n_eff",
    "deff",
    *TOP,
)
DIMENSION_COLUMNS = (
    *("segment", "category", "construct", "score", "se", "ci_low", "ci_high", "n", "n_eff", "deff"),
    *TOP,
)


@dataclass(frozen=True)
class SegmentResult:
    """Estimates by segment category with design-based intervals; scores on 0–100, shares on 0–1.

    segments: segment, category, csi, se, ci_low, ci_high, csat, csat_se, csat_low, csat_high, n, n_eff, deff (those of
    the index), top_1 and top_2 (`concentration`). dimensions: segment, category, construct, score, se, ci_low, ci_high,
    n, n_eff, deff, top_1, top_2, for the first segment.
    levels: the other constructs overall (segment and category empty) and by the first segment; columns as
    `SatisfactionResult.levels`.
    """

    segments: pd.DataFrame
    dimensions: pd.DataFrame
    levels: pd.DataFrame


def segment_index(
    responses: pd.DataFrame,
    scores: pd.DataFrame,
    *,
    instrument: Instrument,
    index: Index,
    design: SurveyDesign | None = None,
) -> SegmentResult:
    """Estimate index and satisfied share in every category of the profile questions of `index.segments`.

    A segment that is not a column of `responses`, or that nobody answered, is left out. Categories come in the
    order of the instrument, answers it does not list after them. Each category is a domain of the whole sample, drawn
    as `satisfaction_index` says.
    Raises MethodError when rows of responses, scores and design do not belong together.
    """
    responses, scores = customers_only(without_items(responses, instrument), scores, index=index)
    design = design_of(design, len(scores))
    segments = [ordered_answers(responses[key], instrument) for key in asked(index.segments, responses)]
    levels = [construct_levels(scores, instrument=instrument, index=index, design=design)]
    tables, dimensions = [], pd.DataFrame(columns=list(DIMENSION_COLUMNS))
    for segment in segments:
        tables.append(_segment(scores, segment, index, design))
    if segments:
        dimensions = _dimensions(scores, segments[0], instrument, index, design)
        levels.append(construct_levels(scores, instrument=instrument, index=index, design=design, segment=segments[0]))
    return SegmentResult(
        segments=pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(SEGMENT_COLUMNS)),
        dimensions=dimensions,
        levels=_stacked(levels),
    )


def asked(questions: Sequence[str], responses: pd.DataFrame) -> list[str]:
    """Those of the `questions` that somebody answered."""
    return [key for key in questions if key in responses and responses[key].notna().any()]


def ordered_answers(answers: pd.Series[Any], instrument: Instrument) -> pd.Series[Any]:
    """Answers as a categorical in the order of the instrument."""
    return categorical(answers, [one.code for one in instrument.question(str(answers.name)).categories])


def _segment(scores: pd.DataFrame, segment: pd.Series[Any], index: Index, design: SurveyDesign) -> pd.DataFrame:
    options: dict[str, Any] = {"domain": segment, "confidence": index.confidence, "design": design}
    csi, csat = means(scores[["csi"]], **options), proportions(scores[["satisfied"]], **options)
    table = csi.rename(columns={"estimate": "csi"})
    table["segment"] = str(segment.name)
    table[list(TOP)] = concentration(scores[["csi"]], design=design, domain=segment)
    table[["csat", "csat_se", "csat_low", "csat_high"]] = csat[["estimate", "se", "ci_low", "ci_high"]].to_numpy()
    return table[list(SEGMENT_COLUMNS)]


def _dimensions(
    scores: pd.DataFrame,
    segment: pd.Series[Any],
    instrument: Instrument,
    index: Index,
    design: SurveyDesign,
) -> pd.DataFrame:
    keys = [construct.key for construct in instrument.dimensions]
    table = means(scores[keys], domain=segment, confidence=index.confidence, design=design)
    table = table.rename(columns={"variable": "construct", "estimate": "score"})
    table["segment"] = str(segment.name)
    table[list(TOP)] = concentration(scores[keys], design=design, domain=segment)
    return table[list(DIMENSION_COLUMNS)]


def _stacked(levels: list[pd.DataFrame]) -> pd.DataFrame:
    """The tables as one: construct by construct, the overall level before its categories."""
    filled = [level for level in levels if not level.empty]
    if not filled:
        return levels[0]
    order = {construct: place for place, construct in enumerate(filled[0]["construct"])}
    stacked = pd.concat(filled, ignore_index=True)
    return stacked.sort_values("construct", key=lambda keys: keys.map(order), kind="stable", ignore_index=True)
