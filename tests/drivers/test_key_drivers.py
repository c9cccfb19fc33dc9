"""Importance with its error and ranks: two ways to one variance, and coverage of what is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.drivers.importance import lmg
from analysis.drivers.key_drivers import key_drivers
from analysis.drivers.sampling_error import estimate_from_covariances
from analysis.errors import MethodError
from analysis.survey.design.replication import bootstrap, jackknife
from analysis.survey.design.survey_design import specify_design

TRUE = np.array([[1.0, 0.5, 0.3], [0.5, 1.0, 0.2], [0.3, 0.2, 1.0]])
SLOPES = np.array([0.6, 0.3, 0.1])


def survey(rows: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    x = random.multivariate_normal(np.zeros(3), TRUE, size=rows)
    frame = pd.DataFrame(x, columns=["a", "b", "c"])
    return frame.assign(y=x @ SLOPES + random.normal(size=rows))


def population() -> np.ndarray:
    whole = np.empty((4, 4))
    whole[:3, :3], whole[:3, 3] = TRUE, TRUE @ SLOPES
    whole[3, :3], whole[3, 3] = TRUE @ SLOPES, SLOPES @ TRUE @ SLOPES + 1
    return np.asarray(lmg(whole) / lmg(whole).sum())


def test_replicates_and_linearisation_find_the_same_error() -> None:
    frame, strata = survey(600, 3), np.arange(600) % 5
    weights = 1.0 + np.arange(600) % 3
    plain = specify_design(600, weights=weights, strata=strata)
    drawn = specify_design(600, weights=weights, strata=strata, replicates=jackknife(weights, strata=strata))
    values = frame.to_numpy()
    one, other = (estimate_from_covariances(values, lmg, design=design) for design in (plain, drawn))
    np.testing.assert_allclose(one.estimate, other.estimate, rtol=1e-12)
    np.testing.assert_allclose(np.diag(one.covariance), np.diag(other.covariance), rtol=0.03)
    assert one.degrees == 595


@pytest.mark.simulation
def test_intervals_hold_the_true_shares_and_ranks_are_sure_where_they_are_apart() -> None:
    inside = []
    for seed in range(200):
        found = key_drivers(survey(400, seed), outcomes=["y"], predictors=["a", "b", "c"], draws=1000).importance
        table = found.set_index("predictor").loc[["a", "b", "c"]]
        inside.append((table["share_low"] <= population()) & (population() <= table["share_high"]))
    assert 0.91 < np.mean(inside) < 0.98
    large = key_drivers(survey(5000, 1), outcomes=["y"], predictors=["a", "b", "c"])
    assert large.importance["predictor"].tolist() == ["a", "b", "c"]
    assert large.importance["first"].iloc[0] > 0.99
    assert large.importance["share"].sum() == pytest.approx(1)
    whole = large.importance["lmg"].sum()
    assert whole == pytest.approx(large.importance["r_squared"].iloc[0])
    ranks = large.ranks.pivot_table(index="predictor", columns="rank", values="probability")
    np.testing.assert_allclose(ranks.sum(axis=0), 1)
    np.testing.assert_allclose(ranks.sum(axis=1), 1)


def test_missing_answers_and_bootstrap_replicates_are_a_domain_of_the_design() -> None:
    frame = survey(500, 5)
    frame.loc[frame.index[::7], "b"] = np.nan
    weights, kept = np.ones(500), frame["b"].notna().to_numpy()
    drawn = bootstrap(weights, replicates=100, seed=1)
    design = specify_design(500, weights=weights, replicates=drawn)
    whole = key_drivers(frame, outcomes=["y"], predictors=["a", "b", "c"], design=design).importance
    part = key_drivers(
        frame[kept].reset_index(drop=True), outcomes=["y"], predictors=["a", "b", "c"], design=design.subset(kept)
    ).importance
    pd.testing.assert_frame_equal(whole, part)
    assert whole["n"].iloc[0] == kept.sum()


def test_too_few_complete_interviews_are_refused() -> None:
    with pytest.raises(MethodError, match="Too few interviews") as caught:
        key_drivers(survey(11, 1), outcomes=["y"], predictors=["a", "b", "c"])
    assert caught.value.expected == "12 or more"
