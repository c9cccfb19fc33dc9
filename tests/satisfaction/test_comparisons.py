"""Comparisons of one sample's estimates: families, adjustment, strata and replicates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.index import Index
from analysis.satisfaction.comparisons import ASSOCIATION_COLUMNS, PAIR_COLUMNS, compare_satisfaction
from analysis.satisfaction.index import satisfaction_index, score_respondents
from analysis.satisfaction.segments import segment_index
from analysis.survey.design.replication import bootstrap
from analysis.survey.design.survey_design import specify_design
from analysis.survey.estimation.differences import adjust_p_values, compare_estimates, estimate_jointly


@pytest.fixture
def scores(responses: pd.DataFrame, instrument: Instrument, index: Index) -> pd.DataFrame:
    return score_respondents(responses, instrument=instrument, index=index)


def test_every_family_is_adjusted_by_itself(
    responses: pd.DataFrame, scores: pd.DataFrame, instrument: Instrument, index: Index
) -> None:
    result = compare_satisfaction(responses, scores, instrument=instrument, index=index)
    assert tuple(result.pairs.columns) == PAIR_COLUMNS
    families = result.pairs.groupby(["measure", "segment"], sort=False).size()
    assert families.to_dict() == {
        ("dimensions", ""): 3,
        ("csi", "type"): 3,
        ("sat", "type"): 3,
        ("loy", "type"): 3,
        ("csi", "region"): 1,
    }
    for _, family in result.pairs.groupby(["measure", "segment"], sort=False):
        np.testing.assert_allclose(family["p_adjusted"], adjust_p_values(family["p"].to_numpy(), method="holm"))
    expected = compare_estimates(estimate_jointly(scores[["a", "b", "c"]]))
    np.testing.assert_allclose(result.pairs["se"].iloc[:3], expected["se"])


def test_cross_tables_test_every_profile_question_and_need_two_answers(
    responses: pd.DataFrame, scores: pd.DataFrame, instrument: Instrument, index: Index
) -> None:
    satisfied = scores["satisfied"].map({1.0: "yes", 0.0: "no"})
    dependent = responses.assign(type=satisfied, region="n")
    result = compare_satisfaction(dependent, scores, instrument=instrument, index=index)
    assert tuple(result.associations.columns) == ASSOCIATION_COLUMNS
    assert result.associations["segment"].tolist() == ["type"]
    assert result.associations["cramers_v"].iloc[0] == pytest.approx(1)
    free = compare_satisfaction(responses, scores, instrument=instrument, index=index).associations
    assert free["segment"].tolist() == ["type", "region"]
    assert (free["p_adjusted"] >= free["p"]).all()
    assert (free["p"] > 0.01).all()


def test_strata_and_replicates_reach_every_table(
    responses: pd.DataFrame, scores: pd.DataFrame, instrument: Instrument, index: Index
) -> None:
    ordered = np.argsort(np.argsort(scores["csi"].fillna(0), kind="stable"), kind="stable")
    strata, weights = ordered // 50, np.linspace(0.5, 1.5, len(scores))
    drawn = bootstrap(weights, strata=strata, replicates=60, seed=1)
    common = {"instrument": instrument, "index": index}
    named: list[dict[str, Any]] = [{}, {"strata": strata}, {"strata": strata, "replicates": drawn}]
    ways = [{"design": specify_design(len(scores), weights=weights, **way)} for way in named]
    overall = [satisfaction_index(responses, scores, **common, **way).overall.set_index("measure") for way in ways]
    errors = [table.loc["csi", "se"] for table in overall]
    # Strata of like scores leave little variance within them.
    assert errors[1] < 0.7 * errors[0]
    assert errors[2] == pytest.approx(errors[1], rel=0.25)
    assert errors[2] != errors[1]
    tables = [segment_index(responses, scores, **common, **way) for way in ways]
    for name, error in (("segments", "se"), ("dimensions", "se"), ("levels", "se"), ("segments", "csat_se")):
        found = [getattr(table, name)[error].to_numpy() for table in tables]
        assert not np.allclose(found[0], found[1])
        assert not np.allclose(found[1], found[2])
        assert {"n", "n_eff", "deff", "ci_low", "ci_high"} <= set(getattr(tables[0], name).columns)
    pairs = [compare_satisfaction(responses, scores, **common, **way).pairs["se"].to_numpy() for way in ways]
    assert not np.allclose(pairs[0], pairs[1])
    assert not np.allclose(pairs[1], pairs[2])
