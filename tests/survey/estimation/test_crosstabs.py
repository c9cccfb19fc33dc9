"""Cross tables under a design against R survey's svychisq."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import MethodError
from analysis.survey.design.survey_design import SurveyDesign
from analysis.survey.estimation.crosstabs import association_test

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "survey.json").read_text())


@pytest.mark.parametrize(
    ("golden", "data", "row", "column"),
    [
        ("chisq_strat", "apistrat", "stype", "sch.wide"),
        ("chisq_clus", "apiclus1", "stype", "sch.wide"),
        ("chisq_two", "apiclus2", "stype", "awards"),
        ("chisq_wide", "apistrat", "cnum", "comp.imp"),
        ("chisq_subset", "apistrat", "awards", "comp.imp"),
    ],
)
def test_r_survey_gives_the_same_test_of_a_cross_table(
    golden: str, data: str, row: str, column: str, api_design: Callable[..., tuple[pd.DataFrame, SurveyDesign]]
) -> None:
    frame, design = api_design(data)
    answers = frame[column].where(frame["acs.46"].notna()) if golden == "chisq_subset" else frame[column]
    test = association_test(frame[row], answers, design=design)
    for key in ("f", "df1", "df2"):
        assert getattr(test, key) == pytest.approx(GOLDEN[golden][key], rel=1e-6), key
    # R's upper tail keeps its digits; ours too.
    assert test.p == pytest.approx(GOLDEN[golden]["p"], rel=1e-6)


def test_without_a_design_the_test_is_pearsons() -> None:
    from scipy.stats import chi2_contingency

    rng = np.random.default_rng(6)
    row, column = pd.Series(rng.choice(list("abc"), 3000)), pd.Series(rng.choice(list("xy"), 3000))
    test = association_test(row, column)
    plain = chi2_contingency(pd.crosstab(row, column), correction=False)
    assert test.f * 2 == pytest.approx(plain.statistic, rel=0.02)
    assert test.p == pytest.approx(plain.pvalue, rel=0.05)
    assert test.cramers_v == pytest.approx(np.sqrt(plain.statistic / 3000), rel=1e-9)


def test_a_table_of_one_row_has_nothing_to_test_and_an_empty_one_is_refused() -> None:
    test = association_test(pd.Series(["a"] * 4), pd.Series(["x", "y", "x", None]))
    assert np.isnan(test.p)
    assert (test.n, test.rows, test.columns) == (3, 1, 2)
    with pytest.raises(MethodError, match="Nobody answered both"):
        association_test(pd.Series(["a", None], name="q1"), pd.Series([None, "x"], name="q2"))
