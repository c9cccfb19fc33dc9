"""Classes of like response: counted by hand, put together where thin, and a propensity as R and the scores have it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import MethodError
from analysis.survey.weighting.response_classes import (
    Tally,
    collapse,
    design_matrix,
    fit_propensity,
    propensity_strata,
)

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "weighting.json").read_text())


def test_propensity_agrees_with_r() -> None:
    golden = GOLDEN["propensity"]
    pairs = [(kind, poor) for kind in "EHM" for poor in ("high", "low")]
    design = design_matrix(pd.DataFrame(pairs, columns=["stype", "poor"]))
    fitted = fit_propensity(design, np.array(golden["yes"], float), np.array(golden["no"], float))
    assert fitted.tolist() == pytest.approx(golden["fitted"], rel=1e-9)


def _members(*pairs: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["type", "channel"])


def test_a_thin_class_joins_the_nearest_rate_among_its_own_kind() -> None:
    members = _members(("a", "app"), ("a", "phone"), ("a", "web"), ("b", "app"))
    kept = np.array([50.0, 5.0, 60.0, 40.0])
    silent = np.array([50.0, 15.0, 240.0, 120.0])
    tally = Tally(kept, silent, kept, silent)  # rates .5, .25, .2, .25: b·app is as near, but of another type
    assert collapse(tally, members, min_class=10, max_factor=9).tolist() == [0, 1, 1, 2]
    assert collapse(tally, members, min_class=1, max_factor=9).tolist() == [0, 1, 2, 3]


def test_a_class_with_an_extreme_factor_is_put_together_too() -> None:
    members = _members(("a", "app"), ("a", "phone"), ("b", "app"))
    kept, silent = np.array([100.0, 40.0, 100.0]), np.array([100.0, 760.0, 100.0])
    tally = Tally(kept, silent, kept, silent)
    assert collapse(tally, members, min_class=10, max_factor=2).tolist() == [0, 0, 1]


def test_a_tally_counts_interviews_first_and_silent_cases_by_their_share() -> None:
    cells, weights = np.array([0, 2, 0, 2, 1]), np.array([2.0, 1.0, 3.0, 4.0, 5.0])
    tally = Tally.count(cells, 3, weights, np.array([0.5, 1.0]))
    assert tally.interviews.tolist() == [2, 0, 1]
    assert tally.silent.tolist() == [0, 1, 0.5]
    assert tally.rates == pytest.approx([1, 0, 1 / 5])
    both = tally.within(np.array([0, 0, 1]))
    assert (both.interviews.tolist(), both.silent_weight.tolist()) == ([2, 1], [5, 4])
    assert both.rates == pytest.approx([5 / 10, 1 / 5])


def test_classes_that_stay_thin_end_as_one() -> None:
    tally = Tally(*(np.array([1.0, 2.0, 3.0]) for _ in range(4)))
    assert (
        collapse(tally, _members(("a", "x"), ("b", "y"), ("c", "z")), min_class=100, max_factor=9).tolist() == [0] * 3
    )


def test_the_class_with_the_fewest_interviews_joins_first() -> None:
    kept, rates = np.array([1.0, 2.0, 50.0]), np.array([0.30, 0.20, 0.38])
    tally = Tally(kept, kept / rates - kept, kept, kept / rates - kept)
    # The first joins the third, which leaves the second alone; had the second begun, it would have joined the first.
    assert collapse(tally, pd.DataFrame({"type": list("abc")}), min_class=3, max_factor=9).tolist() == [0, 0, 0]


def test_a_class_begun_in_joins_any_whose_rate_is_nearest() -> None:
    members = _members(("a", "x"), ("a", "y"), ("b", "x"), ("b", "y"))
    kept, silent = np.array([2.0, 50, 40, 60]), np.array([8.0, 50, 160, 40])
    tally = Tally(kept, silent, kept, silent)
    found = collapse(tally, members, start=np.array([7, 8, 9, 9]), min_class=5, max_factor=99)
    assert found.tolist() == [1, 0, 1, 1]  # .5 and 100 of 300 are left: a third is nearer to .2


def test_a_matrix_has_a_dummy_for_every_value_but_the_first() -> None:
    members = _members(("b", "x"), ("a", "x"), ("c", "x"))
    assert design_matrix(members).tolist() == [[1, 1, 0], [1, 0, 0], [1, 0, 1]]


def test_a_fitted_propensity_gives_every_group_as_many_responses_as_it_had() -> None:
    rng = np.random.default_rng(5)
    design = design_matrix(_members(*((kind, channel) for kind in "abc" for channel in "xy")))
    responses, silent = rng.integers(1, 40, 6).astype(float), rng.integers(1, 40, 6).astype(float)
    fitted = fit_propensity(design, responses, silent)
    np.testing.assert_allclose(design.T @ ((responses + silent) * fitted), design.T @ responses, rtol=1e-9)


def test_a_group_that_never_answers_has_no_propensity_to_speak_of() -> None:
    fitted = fit_propensity(np.array([[1.0, 0], [1, 1]]), np.array([20.0, 0]), np.array([20.0, 30]))
    assert fitted[0] == pytest.approx(0.5)
    assert fitted[1] < 1e-9


def test_a_search_without_an_end_is_told() -> None:
    with pytest.raises(MethodError, match="did not converge"):
        fit_propensity(np.ones((2, 1)), np.array([9.0, 1]), np.array([1.0, 9]), max_iterations=1)


def test_strata_go_from_the_lowest_propensity_up_with_like_numbers_of_cases() -> None:
    members = pd.DataFrame({"region": list("abcdef")})
    rates = np.array([0.6, 0.1, 0.4, 0.2, 0.5, 0.3])
    tally = Tally(100 * rates, 100 * (1 - rates), 100 * rates, 100 * (1 - rates))
    assert propensity_strata(members, tally, 3).tolist() == [2, 0, 1, 0, 2, 1]
    assert propensity_strata(members, tally, 1).tolist() == [0] * 6
