"""Who leaves: planted ratios found again, what was foretold against what came, registers that show nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.data.simulation.planted import load_planted
from analysis.data.simulation.relationships import draw_customers
from analysis.edition import load_edition
from analysis.errors import MethodError
from analysis.project import ROOT
from analysis.service.churn import Churn, _by_chance, _shares_to_go, model_churn
from analysis.service.loyalty import joined, stage_of

EDITION = load_edition(ROOT / "params" / "2025.yml")
PLANTED = load_planted(EDITION)
LAST = EDITION.publication.fieldwork.end


@pytest.fixture(scope="module")
def register() -> pd.DataFrame:
    frame = draw_customers(EDITION, PLANTED)
    dates = {name: pd.to_datetime(frame[name].replace("", None)) for name in ("opened_on", "closed_on")}
    return frame.assign(**dates)


@pytest.fixture(scope="module")
def foretold(register: pd.DataFrame) -> Churn:
    """Who leaves by kind of customer and number of products."""
    return model_churn(register, as_of=LAST, covariates={"products": "number"})


def test_the_planted_ratios_are_recovered(register: pd.DataFrame) -> None:
    plan = PLANTED.customers
    found = model_churn(register, as_of=LAST, covariates={"products": "number"}, confidence=0.99)
    table = found.hazards.set_index(["question", "category"])
    planted = {("products", ""): np.exp(plan.products.hazard), ("customer_type", "corporate"): 1.0}
    for tier in ("high", "middle"):
        ratio = plan.tiers[tier].lifetime / plan.tiers["standard"].lifetime
        planted["value_tier", tier] = ratio**-plan.shape
    for key, ratio in planted.items():
        assert table.loc[key, "ci_low"] < ratio < table.loc[key, "ci_high"], key


def test_what_is_foretold_comes(foretold: Churn) -> None:
    found = foretold
    quality, bands = found.quality.iloc[0], found.calibration
    assert quality["brier"] < quality["brier_plain"]
    assert quality["concordance"] > 0.55
    inside = (bands["ci_low"] < bands["expected"]) & (bands["expected"] < bands["ci_high"])
    assert inside.mean() >= 0.8
    whole = found.risk.iloc[0]
    for name in ("expected", "revenue"):
        assert (found.risk[f"{name}_low"] < found.risk[name]).all()
        assert (found.risk[name] < found.risk[f"{name}_high"]).all()
    tiers = found.risk.iloc[1:]
    assert tiers["of_revenue"].sum() == pytest.approx(1.0)
    assert ((tiers["of_revenue_low"] < tiers["of_revenue"]) & (tiers["of_revenue"] < tiers["of_revenue_high"])).all()
    assert whole["of_revenue"] == 1.0
    assert np.isnan(whole["of_revenue_low"])


def test_the_chance_of_who_leaves_is_that_of_many_draws() -> None:
    """Who leaves drawn 20,000 times with the chances as they are: the spread of the three shares of each group."""
    rng = np.random.default_rng(3)
    n = 400
    members = np.vstack([np.ones(n), rng.random(n) < 0.3, rng.random(n) < 0.6])
    chance, revenue = rng.uniform(0.05, 0.4, n), rng.lognormal(3, 0.5, n)
    found = _shares_to_go(members, chance, np.ones(n), revenue)
    drawn = [
        _shares_to_go(members, left.astype(np.float64), np.ones(n), revenue)
        for left in rng.random((20_000, n)) < chance
    ]
    assert np.mean(drawn, axis=0) == pytest.approx(found, rel=0.01)
    assert _by_chance(members, chance, revenue, found) == pytest.approx(np.var(drawn, axis=0), rel=0.06, abs=1e-12)


def test_without_revenues_it_is_told_how_many_will_go_and_no_share_of_money(register: pd.DataFrame) -> None:
    risk = model_churn(register.drop(columns="annual_revenue"), as_of=LAST).risk
    assert (risk["expected_low"] < risk["expected_high"]).all()
    assert risk[["revenue", "revenue_low", "of_revenue", "of_revenue_high"]].isna().all(axis=None)


def test_one_tier_all_running_and_few_ends_say_why_there_is_no_model(register: pd.DataFrame) -> None:
    alike = register.assign(value_tier="standard", institution_type="bank", customer_type="individual")
    with pytest.raises(MethodError, match="tells customers apart"):
        model_churn(alike, as_of=LAST)
    with pytest.raises(MethodError, match=r"tells customers apart|Too few"):
        model_churn(register.assign(closed_on=pd.NaT), as_of=LAST)


def test_those_most_likely_to_leave_are_at_risk(register: pd.DataFrame, foretold: Churn) -> None:
    chance = foretold.probability
    stage = stage_of(register, as_of=LAST, probability=chance, at_risk=0.2)
    settled = stage.isin(["established", "at_risk"])
    assert (stage == "at_risk").sum() == pytest.approx(0.2 * settled.sum(), abs=1)
    assert chance[stage == "at_risk"].min() >= chance[stage == "established"].max()
    assert (stage == "at_risk").any()
    assert not (stage_of(register, as_of=LAST) == "at_risk").any()


def test_answers_meet_their_customers_and_none_without_a_number() -> None:
    customers = pd.DataFrame({"customer_id": ["a", "b"], "value_tier": ["high", "standard"]})
    answers = pd.DataFrame({"customer_id": ["b", None, "x", "a"]})
    found = joined(answers, customers, customers["value_tier"])
    assert found is not None
    assert found.fillna("").tolist() == ["standard", "", "", "high"]
    assert joined(answers.drop(columns="customer_id"), customers, customers["value_tier"]) is None
