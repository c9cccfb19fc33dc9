"""Loyalty and index of the customers that register and survey both know, as the edition asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.errors import MethodError
from analysis.service.loyalty import (
    index_by_stage,
    joined,
    loyalty_indicators,
    loyalty_levels,
    stage_of,
    value_by_loyalty,
)

if TYPE_CHECKING:
    from analysis.edition import Edition
    from analysis.survey.design.survey_design import SurveyDesign


@dataclass(frozen=True)
class Loyalty:
    """levels: as `loyalty_levels`; matrix: as `value_by_loyalty`, None where no question tells customers apart."""

    levels: pd.DataFrame
    matrix: pd.DataFrame | None


def study_loyalty(
    responses: pd.DataFrame,
    scores: pd.DataFrame,
    *,
    edition: Edition,
    design: SurveyDesign,
    customers: pd.DataFrame | None,
) -> Loyalty:
    """Levels of loyalty of all customers, and by value tier where interviews can be joined to the register.

    responses and scores: as `customers_only` leaves them. Without a register or a join the rows of the matrix are the
    answers to the first segment. Raises MethodError where the survey does not ask for loyalty.
    """
    instrument, index = edition.instrument, edition.index
    key = next((one.key for one in instrument.constructs if one.role == "loyalty"), None)
    if key is None:
        raise MethodError("The survey does not ask for loyalty.", expected="a construct with the role loyalty")
    loyal = float(instrument.scale_of(key).score(index.high_answer(key, instrument)))
    shares = loyalty_indicators(scores[key], loyal=loyal, highly=edition.relationships.highly_loyal)
    known = {one.key: one for one in edition.benchmarks.benchmarks} if edition.benchmarks else {}
    quoted = known.get(edition.relationships.benchmark)
    benchmark = (quoted.value, quoted.year) if quoted is not None and quoted.unit == "percent" else None
    options: dict[str, Any] = {"design": design, "confidence": index.confidence}
    tier = None
    if customers is not None and "value_tier" in customers:
        tier = joined(responses, customers, customers["value_tier"])
    levels = loyalty_levels(shares, benchmark=benchmark, **options)
    options["top"] = edition.relationships.top_tier
    if tier is not None:
        return Loyalty(levels, value_by_loyalty(shares, tier, question="value_tier", of_register=True, **options))
    segment = next((name for name in index.segments if name in responses), None)
    if segment is None:
        return Loyalty(levels, None)
    group = responses[segment].astype(object)
    return Loyalty(levels, value_by_loyalty(shares, group, question=segment, of_register=False, **options))


def study_stages(
    customers: pd.DataFrame,
    responses: pd.DataFrame | None,
    scores: pd.DataFrame | None,
    *,
    edition: Edition,
    design: SurveyDesign | None,
    probability: pd.Series[float] | None,
) -> pd.DataFrame:
    """Stages of the register with the index of those who were interviewed (None: nobody was), as `index_by_stage`."""
    rules = edition.relationships
    stage = stage_of(customers, as_of=edition.service.as_of, probability=probability, at_risk=rules.at_risk)
    asked = None if responses is None else joined(responses, customers, stage)
    options: dict[str, Any] = {"confidence": edition.index.confidence, "adjustment": edition.index.adjustment}
    return index_by_stage(stage, asked, None if scores is None else scores[["csi"]], design=design, **options)
