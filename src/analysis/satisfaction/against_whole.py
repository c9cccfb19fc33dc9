"""A part of the respondents against all of them: differences whose intervals heed that the part is in the whole.

Part and whole are estimated from one sample with one set of weights, the part as a domain. Their difference is
d = θ_part − θ_whole with V(d) = V(part) + V(whole) − 2·C(part, whole), the covariance from the same linearised scores
or replicates: two intervals that overlap, or a test of two samples, would be wrong by what they share. Sources: Lumley
2010, §5; Särndal, Swensson & Wretman 1992, §5.6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.errors import MethodError
from analysis.satisfaction.customers import customers_only
from analysis.survey.estimation.concentration import TOP, concentration
from analysis.survey.estimation.differences import adjust_p_values, compare_estimates, estimate_jointly
from analysis.survey.estimation.estimates import means

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from analysis.edition.instrument import Instrument
    from analysis.edition.sections.index import Index
    from analysis.survey.design.survey_design import SurveyDesign

COLUMNS = (
    *("measure", "measured", "value", "se", "ci_low", "ci_high", "n", "whole"),
    *("difference", "difference_low", "difference_high", "p", "p_adjusted", *TOP),
)
_PART = "part "


def against_whole(
    responses: pd.DataFrame,
    scores: pd.DataFrame,
    *,
    inside: NDArray[np.bool_],
    instrument: Instrument,
    index: Index,
    design: SurveyDesign,
) -> pd.DataFrame:
    """Compare those `inside` with all respondents: index, share of satisfied customers and every construct, on 0–100.

    `responses`, `scores` (of `score_respondents`) and `design` are those of the whole, one row each. Returns a row per
    measure: measure (csi, csat or a construct), measured (what disclosure knows it as), value of the part with se,
    ci_low, ci_high and n; whole, difference (part − whole) with its interval, p and p_adjusted over all rows by
    `index.adjustment`; top_1 and top_2 of the part. What nobody of the part answered is left out. Raises MethodError
    when the rows do not belong together or the part is empty.
    """
    if len(inside) != len(responses) or not inside.any():
        raise MethodError("The part has no interviews of the whole.", expected=f"some of {len(responses)} rows")
    scores = customers_only(responses, scores, index=index)[1]
    rated = {construct.key: f"score {construct.key}" for construct in instrument.constructs}
    measured = {"csi": "csi", "csat": "csat"} | rated
    whole = scores[["csi", *rated]].assign(csat=scores["satisfied"] * 100)[list(measured)]
    part = whole.where(pd.Series(inside, index=whole.index), axis=0)
    answered = [name for name in measured if part[name].notna().any()]
    level = means(part[answered], design=design, confidence=index.confidence).set_index("variable")
    joint = estimate_jointly(
        pd.concat([part[answered].add_prefix(_PART), whole[answered]], axis=1).astype(float), design=design
    )
    pairs = [(place, place + len(answered)) for place in range(len(answered))]
    found = compare_estimates(joint, pairs=pairs, adjustment="none", confidence=index.confidence)
    table = level.loc[answered, ["estimate", "se", "ci_low", "ci_high", "n"]].reset_index(drop=True)
    table = table.rename(columns={"estimate": "value"}).assign(
        measure=answered,
        measured=[measured[name] for name in answered],
        whole=joint.estimate[len(answered) :],
        difference=found["difference"].to_numpy(),
        difference_low=found["ci_low"].to_numpy(),
        difference_high=found["ci_high"].to_numpy(),
        p=found["p"].to_numpy(),
        p_adjusted=adjust_p_values(found["p"].to_numpy(dtype=float), method=index.adjustment),
    )
    table[list(TOP)] = concentration(part[answered], design=design)
    return table[list(COLUMNS)]
