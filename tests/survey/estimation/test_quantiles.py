"""Quantiles and their Woodruff intervals against R survey's svyquantile."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import MethodError
from analysis.survey.design.replication import bootstrap
from analysis.survey.design.survey_design import SurveyDesign, specify_design
from analysis.survey.estimation.quantiles import QUANTILE_COLUMNS, quantiles

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "survey.json").read_text())
SHARES = [0.1, 0.25, 0.5, 0.75, 0.9]


def _agree(table: pd.DataFrame, name: str) -> None:
    for row in table.to_dict("records"):
        golden = GOLDEN[f"{name}_{row['probability']:g}"]
        for key in ("estimate", "ci_low", "ci_high", "se"):
            assert row[key] == pytest.approx(golden[key], rel=1e-6), (name, row["probability"], key)


@pytest.mark.parametrize(
    ("name", "data", "item"),
    [
        ("quantile_strat", "apistrat", "api00"),
        ("quantile_missing", "apistrat", "acs.46"),
        ("quantile_clus", "apiclus1", "api00"),
        ("quantile_two", "apiclus2", "api00"),
    ],
)
def test_r_survey_gives_the_same_for_strata_clusters_and_stages(
    name: str, data: str, item: str, api_design: Callable[..., tuple[pd.DataFrame, SurveyDesign]]
) -> None:
    frame, design = api_design(data)
    _agree(quantiles(frame[[item]], SHARES, design=design), name)


def test_r_survey_gives_the_same_by_domain(api_design: Callable[..., tuple[pd.DataFrame, SurveyDesign]]) -> None:
    data, design = api_design("apistrat")
    table = quantiles(data[["enroll", "api00"]], SHARES, design=design, domain=data["stype"])
    assert tuple(table.columns) == QUANTILE_COLUMNS
    assert len(table) == 2 * 3 * len(SHARES)
    for category in ("E", "H", "M"):
        part = table[(table["variable"] == "api00") & (table["category"] == category)]
        # The corners of the docstring: R's 90 % of 100 equal weights, its bounds below the first of 50 equal weights.
        _agree(part[part["probability"].between(0.2, 0.8)], f"quantile_strat_{category}")
    ends = table[table["variable"] == "api00"].set_index(["category", "probability"])
    api = data.groupby("stype")["api00"].apply(np.sort)
    assert ends.loc[("E", 0.9), "estimate"] == api["E"][89]
    assert GOLDEN["quantile_strat_E_0.9"]["estimate"] == api["E"][90]
    assert ends.loc[("H", 0.1), "ci_low"] == api["H"][0]
    assert GOLDEN["quantile_strat_H_0.1"]["ci_low"] == api["H"][1]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), share=st.floats(0.02, 0.98))
def test_a_whole_weight_counts_as_repeated_rows_and_the_quantile_is_an_answer(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    answers = pd.DataFrame({"y": rng.integers(0, 11, 40).astype(float)})
    answers.loc[rng.random(40) < 0.1, "y"] = np.nan
    copies, domain = rng.integers(1, 4, 40), pd.Series(rng.choice(["a", "b"], 40))
    rows = np.repeat(np.arange(40), copies)
    weighted = quantiles(answers, [share], design=specify_design(len(answers), weights=copies), domain=domain)[
        "estimate"
    ]
    repeated = quantiles(answers.iloc[rows], [share], domain=domain.iloc[rows])["estimate"]
    pd.testing.assert_series_equal(weighted, repeated)
    assert set(weighted).issubset(set(answers["y"]))


def test_a_quantile_below_the_first_share_is_the_smallest_answer_and_has_no_lower_bound() -> None:
    row = quantiles(pd.DataFrame({"y": [3.0, 1.0, 2.0, 4.0]}), [0.1]).iloc[0]
    assert row["estimate"] == 1.0
    assert np.isnan(row["ci_low"])
    assert np.isnan(row["se"])


def test_replicates_give_the_interval_its_width() -> None:
    rng = np.random.default_rng(8)
    answers = pd.DataFrame({"y": rng.normal(size=400)})
    drawn = bootstrap(np.ones(400), replicates=300, seed=2)
    taylor, resampled = (
        quantiles(answers, [0.5]),
        quantiles(answers, [0.5], design=specify_design(len(answers), replicates=drawn)),
    )
    assert resampled.loc[0, "estimate"] == taylor.loc[0, "estimate"]
    assert resampled.loc[0, "se"] == pytest.approx(taylor.loc[0, "se"], rel=0.2)
    assert resampled.loc[0, "se"] != taylor.loc[0, "se"]


def test_nobody_in_a_domain_gives_no_row_and_nobody_with_an_answer_no_estimate() -> None:
    answers = pd.DataFrame({"y": [1.0, 2.0, np.nan]})
    nowhere = quantiles(answers, [0.5], domain=pd.Series([None] * 3, dtype=object))
    assert tuple(nowhere.columns) == QUANTILE_COLUMNS
    assert nowhere.empty
    table = quantiles(answers, [0.5], domain=pd.Series(["a", "a", "b"])).set_index("category")
    assert table["n"].to_dict() == {"a": 2, "b": 0}
    assert np.isnan(table.loc["b", "estimate"])


def test_probabilities_outside_0_and_1_are_refused() -> None:
    with pytest.raises(MethodError, match="between 0 and 1"):
        quantiles(pd.DataFrame({"y": [1.0, 2.0]}), [0.0, 0.5])
    with pytest.raises(MethodError, match="between 0 and 1"):
        quantiles(pd.DataFrame({"y": [1.0, 2.0]}), [0.5], confidence=95)
