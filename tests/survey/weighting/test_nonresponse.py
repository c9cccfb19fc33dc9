"""Nonresponse: classes against R, unknown eligibility, tables that do not fit together."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.edition.sections.weighting import Nonresponse
from analysis.errors import MethodError
from analysis.survey.weighting.nonresponse import adjust_nonresponse, sampled_cases

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "weighting.json").read_text())


def _survey(seed: int, rows: int = 800) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Interviews (some of which were not kept) and all cases, response depending on both variables."""
    rng = np.random.default_rng(seed)
    cases = pd.DataFrame({"type": rng.choice(["a", "b"], rows), "channel": rng.choice(["app", "phone", "web"], rows)})
    chance = 0.3 + 0.2 * (cases["type"] == "b") + 0.2 * (cases["channel"] == "app")
    answered = rng.random(rows) < chance
    silent = rng.choice(["2.1", "2.2", "3.1", "4.1"], rows, p=[0.4, 0.4, 0.15, 0.05])
    cases["disposition"] = np.where(answered, "1.1", silent)
    kept = cases[answered & (rng.random(rows) < 0.95)].drop(columns="disposition").reset_index(drop=True)
    return kept, cases


def test_classes_agree_with_r(shared: Path) -> None:
    data = pd.read_csv(shared / "data" / "survey_api" / "apistrat.csv")
    cases = data.assign(disposition=np.where(data["awards"] == "Yes", "1.1", "2.1"))
    kept = data[data["awards"] == "Yes"].reset_index(drop=True)
    rule = Nonresponse(variables=("stype",), min_class=1, max_factor=100)
    found = adjust_nonresponse(kept, cases, base=kept["pw"].to_numpy(), rule=rule, stratum="stype")
    golden = GOLDEN["classes"]
    assert found.classes["factor"].tolist() == pytest.approx(golden["factors"], rel=1e-12)
    weights = kept["pw"] * found.factors
    assert weights.sum() == pytest.approx(golden["total"][0], rel=1e-12)
    assert np.average(kept["api00"], weights=weights) == pytest.approx(golden["mean"][0], rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), method=st.sampled_from(["classes", "propensity"]))
def test_interviews_carry_the_weight_of_all_eligible_cases(seed: int, method: str) -> None:
    kept, cases = _survey(seed)
    base = np.where(kept["type"] == "a", 3.0, 5.0)
    rule = Nonresponse(method=method, variables=("type", "channel"), groups=3)  # type: ignore[arg-type]
    found = adjust_nonresponse(kept, cases, base=base, rule=rule, stratum="type")
    kinds = cases["disposition"].str[0]
    share = kinds.map({"1": 1.0, "2": 1.0, "3": found.eligible, "4": 0.0})
    expected = (share * np.where(cases["type"] == "a", 3.0, 5.0)).sum()
    assert (base * found.factors).sum() == pytest.approx(expected)
    assert found.classes["cases"].sum() == pytest.approx(share.sum())
    assert found.classes["n"].sum() == len(kept)
    assert found.classes["n"].min() >= min(rule.min_class, len(kept))
    assert found.factors.min() >= 1
    assert found.unmatched == 0
    order = np.random.default_rng(seed).permutation(len(kept))
    again = adjust_nonresponse(kept.iloc[order], cases[::-1], base=base[order] * 7, rule=rule, stratum="type")
    np.testing.assert_allclose(again.factors, found.factors[order], rtol=1e-10)


def test_the_share_of_eligible_cases_is_taken_for_the_unknown_ones() -> None:
    kept = pd.DataFrame({"type": ["a"] * 4})
    codes = ["1.1"] * 4 + ["2.1"] * 2 + ["3.1"] * 4 + ["4.1"] * 2
    cases = pd.DataFrame({"type": "a", "disposition": codes})
    found = adjust_nonresponse(kept, cases, base=np.ones(4), rule=Nonresponse(variables=("type",), min_class=1))
    assert found.eligible == pytest.approx(6 / 8)
    assert found.factors.tolist() == pytest.approx([(4 + 2 + 4 * 0.75) / 4] * 4)
    assert found.record()["cases"] == 9


def test_interviews_of_other_cases_are_refused() -> None:
    kept, cases = _survey(1)
    with pytest.raises(MethodError, match="not those of the sampled cases"):
        adjust_nonresponse(
            kept.assign(channel="web"), cases, base=np.ones(len(kept)), rule=Nonresponse(variables=("type", "channel"))
        )


def test_a_variable_that_the_dispositions_lack_is_named() -> None:
    kept, cases = _survey(1)
    rule = Nonresponse(variables=("type",))
    with pytest.raises(MethodError, match=r"'type'.*\n.*table of dispositions"):
        adjust_nonresponse(kept, cases.drop(columns="type"), base=np.ones(len(kept)), rule=rule)
    with pytest.raises(MethodError, match="no eligible case"):
        adjust_nonresponse(kept, cases.assign(disposition="4.1"), base=np.ones(len(kept)), rule=rule)


def test_the_stratum_of_the_dispositions_goes_by_the_name_of_the_question() -> None:
    cases = pd.DataFrame({"stratum": ["a"], "disposition": ["1.1"]})
    assert list(sampled_cases(cases, stratum="type")) == ["type", "disposition"]
    assert list(sampled_cases(cases, stratum=None)) == ["stratum", "disposition"]


def test_a_customer_called_again_is_one_case_with_the_outcome_that_tells_most() -> None:
    cases = pd.DataFrame(
        {
            "customer_id": ["k1", "k2", "k1", "k3", "k3", None, "k4", "k4"],
            "channel": ["app", "web", "phone", "web", "phone", "app", "phone", "app"],
            "disposition": ["2.2", "2.1", "1.1", "2.2", "2.1", "3.1", "3.1", "2.2"],
            "contacted_on": pd.to_datetime(["2025-09-01"] * 2 + ["2025-09-05"] * 4 + ["2025-09-09", "2025-09-02"]),
        }
    )
    found = sampled_cases(cases, stratum=None)
    assert len(found) == 5
    known = found.set_index("customer_id")
    assert known.loc["k1", ["channel", "disposition"]].tolist() == ["app", "1.1"]
    assert known.loc["k3", ["channel", "disposition"]].tolist() == ["web", "2.1"]
    assert known.loc["k4", ["channel", "disposition"]].tolist() == ["app", "2.2"]
    assert sorted(found["disposition"]) == ["1.1", "2.1", "2.1", "2.2", "3.1"]


def test_columns_held_as_codes_give_what_texts_give() -> None:
    rng, rows = np.random.default_rng(7), 900
    cases = pd.DataFrame({"stratum": rng.choice(["b", "a"], rows), "channel": rng.choice(["web", "app", None], rows)})
    cases["customer_id"] = rng.integers(0, 700, rows).astype(str)
    cases["disposition"] = rng.choice(["1.1", "2.1", "3.1", "4.0"], rows, p=[0.4, 0.3, 0.2, 0.1])
    texts = sampled_cases(cases, stratum="type")
    codes = sampled_cases(
        cases.astype(dict.fromkeys(("stratum", "channel", "disposition"), "category")), stratum="type"
    )
    kept = texts[texts["disposition"] == "1.1"].iloc[5:].reset_index(drop=True)
    held = kept.astype({"type": "category", "channel": "category"})
    rule = Nonresponse(variables=("type", "channel"), min_class=5)
    options = {"base": np.where(kept["type"] == "a", 2.0, 1.0), "rule": rule, "stratum": "type"}
    plain = adjust_nonresponse(kept, texts, **options)  # type: ignore[arg-type]
    coded = adjust_nonresponse(held, codes, **options)  # type: ignore[arg-type]
    np.testing.assert_array_equal(coded.factors, plain.factors)
    np.testing.assert_array_equal(coded.silent_weights, plain.silent_weights)
    pd.testing.assert_frame_equal(coded.classes, plain.classes)
    assert plain.unmatched == 0
    assert (plain.silent["share"] == 1).sum() == (texts["disposition"] == "2.1").sum() + 5
