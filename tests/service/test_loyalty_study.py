"""Loyalty as the edition asks for it: joined to the register where interviews can be, by a segment where not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.edition import Edition, load_edition
from analysis.errors import MethodError
from analysis.project import ROOT
from analysis.service.loyalty import index_by_stage
from analysis.service.loyalty_study import study_loyalty, study_stages
from analysis.survey.design.survey_design import specify_design

N = 120


@pytest.fixture(scope="module")
def edition() -> Edition:
    return load_edition(ROOT / "params" / "2025.yml")


@pytest.fixture(scope="module")
def asked(edition: Edition) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(3)
    loyalty = next(one.key for one in edition.instrument.constructs if one.role == "loyalty")
    scores = pd.DataFrame({loyalty: rng.choice([40.0, 80.0, 95.0], N, p=[0.2, 0.5, 0.3]), "csi": rng.normal(80, 8, N)})
    segment = edition.index.segments[0]
    return pd.DataFrame({"customer_id": [f"K{i}" for i in range(N)], segment: ["x", "y"] * (N // 2)}), scores


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    """Every second interview is of a customer on record, one more is of nobody's."""
    opened = pd.to_datetime(["2020-01-01", "2025-05-01", "2019-06-01"] * 20 + ["2018-01-01"])
    closed = pd.to_datetime([None, None, "2025-08-01"] * 20 + [None])
    ids = [f"K{2 * i}" for i in range(60)] + ["K999"]
    tiers = ["high", "standard", "standard"] * 20 + ["high"]
    return pd.DataFrame({"customer_id": ids, "opened_on": opened, "closed_on": closed, "value_tier": tiers})


def test_levels_are_shares_of_all_and_the_matrix_of_those_who_are_on_record(
    edition: Edition, asked: tuple[pd.DataFrame, pd.DataFrame], customers: pd.DataFrame
) -> None:
    responses, scores = asked
    found = study_loyalty(responses, scores, edition=edition, design=specify_design(N), customers=customers)
    level = scores.iloc[:, 0]
    shares = found.levels.set_index("level")["share"]
    assert shares["highly"] == pytest.approx((level >= edition.relationships.highly_loyal).mean())
    assert shares.sum() == pytest.approx(1.0)
    assert found.matrix is not None
    high = found.matrix[found.matrix["category"] == "high"].set_index("level")
    joined = level[::2][[place % 3 == 0 for place in range(60)]]
    assert high.loc["highly", "share"] == pytest.approx((joined >= edition.relationships.highly_loyal).mean())
    assert high.loc["highly", "group"] == "joined.value_tier=high"
    assert high.loc["highly", "action"].endswith("_highly")


def test_without_a_register_the_rows_are_answers_and_say_nothing_of_value(
    edition: Edition, asked: tuple[pd.DataFrame, pd.DataFrame], customers: pd.DataFrame
) -> None:
    responses, scores = asked
    options = {"edition": edition, "design": specify_design(N)}
    stranger = customers.assign(customer_id="Z" + customers["customer_id"])
    for register in (None, stranger, customers.drop(columns="value_tier")):
        matrix = study_loyalty(responses, scores, customers=register, **options).matrix
        assert matrix is not None
        assert set(matrix["category"]) == {"x", "y"}
        assert set(matrix["action"]) == {""}
    bare = responses[["customer_id"]]
    assert study_loyalty(bare, scores, customers=None, **options).matrix is None


def test_a_survey_that_does_not_ask_for_loyalty_is_told(
    edition: Edition, asked: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    constructs = tuple(one for one in edition.instrument.constructs if one.role != "loyalty")
    other = edition.model_copy(update={"instrument": edition.instrument.model_copy(update={"constructs": constructs})})
    with pytest.raises(MethodError, match="does not ask for loyalty"):
        study_loyalty(*asked, edition=other, design=specify_design(N), customers=None)


def test_stages_of_the_register_carry_the_index_of_who_was_asked(
    edition: Edition, asked: tuple[pd.DataFrame, pd.DataFrame], customers: pd.DataFrame
) -> None:
    responses, scores = asked
    table = study_stages(
        customers, responses, scores, edition=edition, design=specify_design(N), probability=None
    ).set_index("stage")
    assert table["n"].to_dict() == {"new": 20, "established": 21, "lost": 20}
    assert table["joined"].to_dict() == {"new": 20, "established": 20, "lost": 20}
    own = scores["csi"][::2].reset_index(drop=True)
    assert table.loc["new", "csi"] == pytest.approx(own[1::3].mean())
    assert table.loc["lost", "difference"] == pytest.approx(own[2::3].mean() - own[0::3].mean())


def test_a_register_of_which_nothing_is_known_on_the_last_day_has_no_stages(
    edition: Edition, asked: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    table = index_by_stage(
        pd.Series([None, None], dtype=object),
        pd.Series([None] * N, dtype=object),
        asked[1][["csi"]],
        design=specify_design(N),
        confidence=0.95,
        adjustment="holm",
    )
    assert table.empty
    assert {"stage", "n", "csi", "group"} <= set(table)
