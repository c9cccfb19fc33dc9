"""Estimates against values that carry no error: a published level, a target, a norm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.errors import MethodError
from analysis.survey.design.codes import domain_codes
from analysis.survey.design.survey_design import design_of
from analysis.survey.estimation.estimates import answers, checked_indicators, estimates_table
from analysis.survey.estimation.linearisation import estimate_domains

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from analysis.survey.design.survey_design import SurveyDesign
    from analysis.survey.estimation.estimates import Interval

    Floats = NDArray[np.float64]


def compare_with_fixed(
    values: pd.DataFrame,
    fixed: ArrayLike,
    *,
    shares: bool = False,
    design: SurveyDesign | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate every column as `means` does (`shares`: 0/1 columns, as `proportions`) and test it against its value.

    `fixed` has one value per column, shares on 0–1. Returns the columns of `means` and p (two-sided, not adjusted),
    which is below 1 − `confidence` exactly where the interval leaves the value out: a t test on the scale of the
    interval, the logit for a share (Korn & Graubard 1999, §3.2), or for a share of 0 or 1 the exact binomial
    probability of nobody (everybody) among Kish's effective n. p is missing where there is no se.
    Raises MethodError for another number of values than columns, and for a share to compare with outside 0–1.
    """
    levels = np.asarray(fixed, dtype=np.float64)
    if len(levels) != values.shape[1]:
        raise MethodError(
            "Every estimate needs one value to compare it with.", expected=str(values.shape[1]), got=str(len(levels))
        )
    if shares and not ((levels > 0) & (levels < 1)).all():
        raise MethodError("A share to compare with must lie between 0 and 1.", got=str(levels))
    chosen, part = design_of(design, len(values)), domain_codes(None, len(values))
    columns = checked_indicators(answers(values), values.columns) if shares else answers(values)
    each = () if shares else chosen.in_replicates(values.columns)
    found = estimate_domains(columns, None, design=chosen, domains=part, kind="ratio", each=each)
    interval: Interval = "logit" if shares else "t"
    table = estimates_table(values.columns, part, found, interval=interval, confidence=confidence)
    return table.assign(
        p=_p_values(
            table["estimate"].to_numpy(), table["se"].to_numpy(), levels, found.degrees[0], found.kish[0], shares=shares
        )
    )


def _p_values(estimate: Floats, se: Floats, fixed: Floats, degrees: Floats, kish: Floats, *, shares: bool) -> Floats:
    from scipy.special import logit, stdtr

    df = np.where(degrees > 0, degrees, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        if not shares:
            return np.asarray(2 * stdtr(df, -np.abs((estimate - fixed) / se)), dtype=np.float64)
        inside = (estimate > 0) & (estimate < 1)
        middle = np.where(inside, estimate, 0.5)
        t = (logit(middle) - logit(fixed)) * middle * (1 - middle) / se
        chance = np.where(estimate >= 1, fixed, 1 - fixed) ** kish
    p = np.where(inside, 2 * stdtr(df, -np.abs(t)), np.minimum(2 * chance, 1.0))
    return np.where(np.isnan(se), np.nan, p)
