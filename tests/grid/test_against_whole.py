"""Part against whole: the interval of the difference heeds that one is in the other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t
from small_survey import Survey

from analysis.satisfaction.against_whole import against_whole
from analysis.satisfaction.index import score_respondents
from analysis.survey.design.survey_design import restore_design, specify_design
from analysis.survey.estimation.estimates import means


def _responses(n: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    kind = rng.choice(["bank", "fund"], n, p=[0.3, 0.7])
    level = 3 + (kind == "bank") * 0.6
    return pd.DataFrame(
        {
            "respondent_id": [f"r{k}" for k in range(n)],
            "kind": kind,
            **{key: np.clip(np.rint(level + rng.normal(0, 1, n)), 1, 5) for key in ("q1", "q2", "s1")},
        }
    )


@pytest.fixture
def compared(survey: Survey) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray, np.ndarray]:
    edition = survey.edition({})
    responses = _responses()
    scores = score_respondents(responses, instrument=edition.instrument, index=edition.index)
    inside = (responses["kind"] == "bank").to_numpy()
    weights = np.random.default_rng(1).uniform(0.5, 2, len(responses))
    design = specify_design(len(responses), weights=weights)
    options = {"instrument": edition.instrument, "index": edition.index, "design": design}
    return against_whole(responses, scores, inside=inside, **options), scores, inside, weights


def test_the_error_of_the_difference_is_that_of_its_linearised_scores(
    compared: tuple[pd.DataFrame, pd.DataFrame, np.ndarray, np.ndarray],
) -> None:
    """V(θ_part − θ_whole) = n/(n − 1) Σ d², d = w·1_part(y − θ_part)/W_part − w(y − θ_whole)/W: written out by hand."""
    table, scores, inside, w = compared
    y, row = scores["csi"].to_numpy(), table.set_index("measure").loc["csi"]
    part, whole = np.average(y[inside], weights=w[inside]), np.average(y, weights=w)
    d = w * inside * (y - part) / w[inside].sum() - w * (y - whole) / w.sum()
    se = np.sqrt(len(y) / (len(y) - 1) * (d**2).sum())
    assert row["difference"] == pytest.approx(part - whole)
    assert (row["difference_high"] - row["difference_low"]) / 2 == pytest.approx(
        t.ppf(0.975, inside.sum() - 1) * se, rel=1e-9
    )
    assert row["n"] == inside.sum()
    naive = np.hypot(row["se"], means(scores[["csi"]], design=specify_design(len(y), weights=w))["se"].iloc[0])
    assert se < 0.9 * naive


def test_every_measure_is_told_on_a_hundred_points(
    compared: tuple[pd.DataFrame, pd.DataFrame, np.ndarray, np.ndarray],
) -> None:
    table = compared[0]
    assert table["measure"].tolist() == ["csi", "csat", "service", "overall"]
    assert table["value"].between(0, 100).all()
    assert (table["p_adjusted"] >= table["p"]).all()


def test_a_saved_part_of_a_design_is_estimated_as_a_domain_of_the_whole() -> None:
    rng = np.random.default_rng(2)
    n = 300
    strata, psu = rng.integers(0, 3, n), rng.integers(0, 12, n)
    inside, y = rng.random(n) < 0.3, pd.DataFrame({"y": rng.normal(size=n)})
    design = specify_design(n, weights=rng.uniform(1, 3, n), strata=strata, psu=psu)
    domain = pd.Series(np.where(inside, "in", "out"))
    expected = means(y, design=design, domain=domain).set_index("category").loc["in"]
    saved = restore_design(design.frame().assign(inside=inside), design.record())
    found = means(y[inside], design=saved).iloc[0]
    assert saved.rows == inside.sum()
    for name in ("estimate", "se", "ci_low", "ci_high", "n"):
        assert found[name] == pytest.approx(expected[name], rel=1e-12)
    alone = specify_design(int(inside.sum()), weights=design.weights[inside], strata=strata[inside], psu=psu[inside])
    assert means(y[inside], design=alone).iloc[0]["se"] != pytest.approx(expected["se"], rel=1e-6)


def test_the_log_of_a_part_counts_the_decisions_of_the_whole_again() -> None:
    from analysis.survey.cleaning.of_part import recount_log

    log = pd.DataFrame(
        {
            "rule": ["raw", "contract", "speeders", "missing", "kept"],
            "action": [None, "exclude", "exclude", "flag", None],
            "limit": [np.nan, np.nan, 0.3, 0.2, np.nan],
            "flagged": pd.array([None, 3, 9, 8, None], dtype="Int64"),
            "excluded": pd.array([None, 3, 9, 0, None], dtype="Int64"),
            "remaining": [100, 97, 88, 88, 88],
            "share": [1.0, 0.03, 0.09, 0.0, 0.88],
            "applied": [True] * 5,
        }
    )
    decisions = pd.DataFrame(
        {
            "speeders": [True, False, False, False],
            "missing": [False, True, False, False],
            "first_reason": ["speeders", "", "", ""],
        }
    )
    found = recount_log(log, decisions).set_index("rule")
    assert found.index.tolist() == ["raw", "speeders", "missing", "kept"]
    assert found["remaining"].tolist() == [4, 3, 3, 3]
    assert found.loc["missing", "flagged"] == 1
    assert found.loc["kept", "share"] == 0.75


def test_a_part_that_nobody_belongs_to_is_an_error(survey: Survey) -> None:
    from analysis.errors import MethodError

    edition, responses = survey.edition({}), _responses(20)
    scores = score_respondents(responses, instrument=edition.instrument, index=edition.index)
    options = {"instrument": edition.instrument, "index": edition.index, "design": specify_design(20)}
    with pytest.raises(MethodError, match="no interviews"):
        against_whole(responses, scores, inside=np.zeros(20, dtype=bool), **options)
