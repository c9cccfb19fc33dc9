"""Every dimension compared between every pair of categories of the first segment, all comparisons allowed for at once.

A pair that is ahead on one dimension and behind on another is only told where both differences stand up, so that the
p values of all pairs and dimensions are one family: with Holm's adjustment the chance of telling of any such reversal
where there is none stays below 1 − confidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.satisfaction.customers import customers_only, without_items
from analysis.satisfaction.segments import asked, ordered_answers
from analysis.survey.estimation.differences import adjust_p_values, compare_estimates, estimate_jointly

if TYPE_CHECKING:
    from analysis.edition.instrument import Instrument
    from analysis.edition.sections.index import Index
    from analysis.survey.design.survey_design import SurveyDesign

PAIR_COLUMNS = (
    *("segment", "a", "b", "construct", "difference", "se", "ci_low", "ci_high", "p", "p_adjusted", "n_a", "n_b"),
)


def dimension_pairs(
    responses: pd.DataFrame,
    scores: pd.DataFrame,
    *,
    instrument: Instrument,
    index: Index,
    design: SurveyDesign | None = None,
) -> pd.DataFrame | None:
    """Differences a − b of every dimension between two categories of the first of `index.segments`.

    Arguments as in `segment_index`. Columns: segment, a, b, construct, difference, se, ci_low, ci_high, p, p_adjusted
    over all rows (`index.adjustment`), n_a, n_b: those with a score. None without a segment of two categories or
    without dimensions. Raises MethodError when rows of responses, scores and design do not belong together.
    """
    responses, scores = customers_only(without_items(responses, instrument), scores, index=index)
    keys = [construct.key for construct in instrument.dimensions]
    segments = asked(index.segments, responses)
    if not segments or not keys:
        return None
    segment = ordered_answers(responses[segments[0]], instrument)
    tables = [_pairs(scores[key], segment, index, design) for key in keys]
    table = pd.concat(tables, ignore_index=True)
    if table.empty:
        return None
    table["segment"] = segments[0]
    table["p_adjusted"] = adjust_p_values(table["p"].to_numpy(dtype=float), method=index.adjustment)
    return table[list(PAIR_COLUMNS)]


def _pairs(
    values: pd.Series[float], segment: pd.Series[str], index: Index, design: SurveyDesign | None
) -> pd.DataFrame:
    joint = estimate_jointly(values.to_frame(), domain=segment, design=design)
    table = compare_estimates(joint, adjustment="none", confidence=index.confidence)
    counts = segment[values.notna()].value_counts()
    for side in ("a", "b"):
        table[side] = table[f"category_{side}"].astype(object)
        table[f"n_{side}"] = table[side].map(counts).astype("int64")
    return table.assign(construct=str(values.name))
