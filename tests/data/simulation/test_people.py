"""Who is surveyed: margins that add up, a design and a willingness that leave their mark, and weights that mend it."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.data.simulation.people import (
    base_weights,
    draw_frame,
    draw_profiles,
    invited_shares,
    population_shares,
    population_table,
    response_rates,
)
from analysis.data.simulation.planted import Planted
from analysis.edition import Edition


def test_shares_of_every_question_add_up_to_one(planted: Planted) -> None:
    for key, shares in population_shares(planted).items():
        assert sum(shares.values()) == pytest.approx(1), key


def test_every_margin_counts_the_same_population(planted: Planted) -> None:
    totals = population_table(planted).groupby("variable")["population"].sum()
    assert set(totals) == {planted.survey.population}


def test_a_power_below_one_evens_the_strata_out(planted: Planted) -> None:
    shares, invited = population_shares(planted)[planted.survey.design.stratum], invited_shares(planted)
    assert sum(invited.values()) == pytest.approx(1)
    assert max(invited.values()) / min(invited.values()) < max(shares.values()) / min(shares.values())


def test_response_averages_to_the_planted_rate_over_the_invited(planted: Planted) -> None:
    invited, rates = invited_shares(planted), response_rates(planted)
    assert sum(invited[code] * rates[code] for code in invited) == pytest.approx(planted.survey.response_rate)


def test_respondents_are_the_invited_who_were_willing(planted: Planted) -> None:
    stratum = planted.survey.design.stratum
    profiles = draw_profiles(np.random.default_rng(1), planted, 100_000)
    invited, rates = invited_shares(planted), response_rates(planted)
    total = sum(invited[code] * rates[code] for code in invited)
    found = profiles[stratum].value_counts(normalize=True)
    for code in invited:
        assert found[code] == pytest.approx(invited[code] * rates[code] / total, abs=0.01)


def test_weighted_strata_are_those_of_the_population_where_all_respond_alike(planted: Planted) -> None:
    even = planted.survey.model_copy(update={"response": {}})
    alike = planted.model_copy(update={"survey": even})
    profiles = draw_profiles(np.random.default_rng(1), alike, 100_000)
    weights = base_weights(alike, profiles)
    found = weights.groupby(profiles[even.design.stratum]).sum() / weights.sum()
    shares = population_shares(alike)[even.design.stratum]
    assert found.to_dict() == pytest.approx(shares, abs=0.01)


def test_the_frame_lists_the_covered_customers_of_every_stratum(edition: Edition, planted: Planted) -> None:
    frame = draw_frame(edition, planted)
    assert frame["unit_id"].is_unique
    assert (frame["size"] >= 1).all()
    shares = population_shares(planted)[planted.survey.design.stratum]
    for code, size in frame.groupby("stratum")["size"].sum().items():
        listed = planted.survey.population * shares[str(code)] * planted.frame.coverage.get(str(code), 1.0)
        assert size == pytest.approx(listed, abs=1)
