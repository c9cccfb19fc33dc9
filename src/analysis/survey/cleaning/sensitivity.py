"""What cleaning does to the results: the same means with and without the interviews that were left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.survey.design.codes import Domains
from analysis.survey.design.survey_design import design_of
from analysis.survey.estimation.estimates import answers
from analysis.survey.estimation.linearisation import estimate_domains, scores_of_rows
from analysis.survey.estimation.sandwich import covariance_by_rows, covariance_of_scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.survey.design.survey_design import SurveyDesign

    Mask = NDArray[np.bool_]

COLUMNS = ("variable", "everyone", "subset", "difference", "se", "ci_low", "ci_high", "n", "n_everyone")


def compare_subset(
    values: pd.DataFrame, *, subset: Mask, design: SurveyDesign | None = None, confidence: float = 0.95
) -> pd.DataFrame:
    """Weighted mean of every column of `values` over all rows and over the rows of `subset`, with their difference.

    One row per column: variable, everyone, subset, difference (subset − everyone), se, ci_low, ci_high, n (answers in
    the subset), n_everyone. Missing values are left out; `design` says how the rows were drawn and weighted (none: a
    simple random sample). The subset is part of the whole, so that the difference is linearised as one statistic: with
    r̂ the two means, u_i = w_i d_i (y_i − r̂_s) / Σ_s w − w_i (y_i − r̂) / Σ w, and the variance is that of the total of
    u between the units of each stratum; interval by t on the degrees of freedom of the design. Raises MethodError when
    lengths differ or no row is left in the subset.
    Source: Woodruff 1971, JASA 66; Särndal, Swensson & Wretman 1992, §5.5 and 5.6; R survey, svyby(covmat = TRUE).
    """
    from scipy.special import stdtrit

    rows = len(values)
    if len(subset) != rows or not subset.any():
        raise MethodError(
            "The results with and without the excluded can't be compared.",
            expected=f"a mark for each of {rows} interviews, at least one of them in the subset",
            got=f"{len(subset)} marks, {int(np.sum(subset))} interviews",
        )
    chosen, columns = design_of(design, rows), answers(values)
    parts = [Domains(np.zeros(rows, dtype=np.int64), (None,)), Domains(np.where(subset, 0, -1), (None,))]
    whole, part = (estimate_domains(columns, None, design=chosen, domains=each, kind="ratio") for each in parts)
    all_rows, of_part = (scores_of_rows(columns, None, design=chosen, domains=each, kind="ratio") for each in parts)

    def scores(some: NDArray[np.int64]) -> NDArray[np.float64]:
        return of_part(some) - all_rows(some)

    if chosen.calibration is None:
        se = np.sqrt(covariance_by_rows(scores, columns.shape[1], chosen, diagonal=True))
    else:
        se = np.sqrt(covariance_of_scores(scores(np.arange(rows)), chosen, diagonal=True))
    gap = (part.estimate - whole.estimate)[0]
    half = float(stdtrit(max(chosen.degrees, 1), 0.5 + confidence / 2)) * se
    table = pd.DataFrame({"variable": [str(name) for name in values.columns], "everyone": whole.estimate[0]})
    table = table.assign(subset=part.estimate[0], difference=gap, se=se, ci_low=gap - half, ci_high=gap + half)
    return table.assign(n=part.n[0].astype(np.int64), n_everyone=whole.n[0].astype(np.int64))[list(COLUMNS)]
