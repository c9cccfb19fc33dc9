"""Share of customers who are served in a given way, beside a published share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.survey.estimation.estimates import proportions
from analysis.survey.estimation.fixed import compare_with_fixed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.edition.standards import Benchmark
    from analysis.survey.design.survey_design import SurveyDesign

SHARE_COLUMNS = ("question", "n", "share", "ci_low", "ci_high", "benchmark", "year", "p")


def share_served(
    profile: pd.DataFrame,
    *,
    treatment: str,
    treated: Sequence[str],
    benchmark: Benchmark | None = None,
    design: SurveyDesign | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Weighted share of those who answered `treatment` with one of `treated`, among all who answered it.

    One row: question, n, share with interval (0–1), benchmark (0–1; missing), year (text), p of the difference from it.
    A benchmark in another unit than percent is left out. Raises MethodError where nobody was asked.
    """
    if treatment not in profile:
        raise MethodError("Nobody was asked how they are served.", expected=f"answers to {treatment!r}")
    answered = profile[treatment].notna()
    flag = profile[treatment].astype(object).isin(list(treated)).astype(float).where(answered)
    values = pd.DataFrame({"share": flag.to_numpy()})
    known = benchmark if benchmark is not None and benchmark.unit == "percent" else None
    if known is None:
        found = proportions(values, design=design, confidence=confidence).assign(p=np.nan)
    else:
        found = compare_with_fixed(values, [known.value / 100], shares=True, design=design, confidence=confidence)
    table = found.rename(columns={"estimate": "share"}).assign(question=treatment)
    table["benchmark"] = np.nan if known is None else known.value / 100
    table["year"] = "" if known is None or known.year is None else str(known.year)
    return table[list(SHARE_COLUMNS)].reset_index(drop=True)
