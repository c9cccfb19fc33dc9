"""Those who are no customers stand outside the index, and are compared with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.edition import Edition, load_edition
from analysis.edition.sections.index import Index
from analysis.measurement.confirmatory import confirm_constructs
from analysis.measurement.reliability import reliability
from analysis.satisfaction.benchmarks import compare_with_benchmarks
from analysis.satisfaction.comparisons import compare_satisfaction
from analysis.satisfaction.customers import answers_of_customers, outside_groups
from analysis.satisfaction.index import satisfaction_index, score_respondents
from analysis.satisfaction.segments import segment_index


@pytest.fixture(scope="module")
def edition(root: Path) -> Edition:
    return load_edition(root / "params" / "2025.yml")


@pytest.fixture(scope="module")
def responses(edition: Edition) -> pd.DataFrame:
    """Sixty customers and forty practitioners, these a step higher on the scale."""
    random = np.random.default_rng(3)
    kind = np.repeat(["individual", "corporate", "practitioner"], [40, 20, 40])
    mood = random.integers(2, 4, 100) + (kind == "practitioner")
    answers = {key: mood + random.integers(0, 2, 100) for key in edition.instrument.item_keys}
    frame = pd.DataFrame(answers).astype(float)
    frame.insert(0, "respondent_id", [str(number) for number in range(100)])
    institutions = random.choice(["bank", "fund"], 100)
    return frame.assign(customer_type=kind, institution_type=institutions)


def _index(edition: Edition, **change: object) -> Index:
    return edition.index.model_copy(update=change)


def test_results_are_those_of_the_customers_alone(edition: Edition, responses: pd.DataFrame) -> None:
    index = edition.index
    assert index.exclude == {"customer_type": ("practitioner",)}
    scores = score_respondents(responses, instrument=edition.instrument, index=index)
    mine = responses["customer_type"] != "practitioner"
    found = satisfaction_index(responses, scores, instrument=edition.instrument, index=index)
    alone = satisfaction_index(
        responses[mine].reset_index(drop=True),
        scores[mine].reset_index(drop=True),
        instrument=edition.instrument,
        index=_index(edition, exclude={}),
    )
    for name in ("overall", "dimensions", "items", "levels"):
        one, other = getattr(found, name), getattr(alone, name)
        value = "mean" if name == "items" else "estimate" if name == "overall" else "score"
        np.testing.assert_allclose(one[value], other[value])
        assert one["n"].tolist() == other["n"].tolist()
    assert found.items["missing_share"].max() == 0
    segments = segment_index(responses, scores, instrument=edition.instrument, index=index).segments
    assert "practitioner" not in set(segments["category"])
    pairs = compare_satisfaction(responses, scores, instrument=edition.instrument, index=index).pairs
    assert "practitioner" not in {*pairs["a"], *pairs["b"]}


def test_models_are_those_of_the_customers_alone(edition: Edition, responses: pd.DataFrame) -> None:
    """A step has one way to leave the others out; what it estimates is what the customers alone would give."""
    mine = responses["customer_type"] != "practitioner"
    masked, alone = answers_of_customers(responses, index=edition.index), responses[mine].reset_index(drop=True)
    assert masked["respondent_id"].tolist() == responses["respondent_id"].tolist()
    assert masked.loc[~mine].drop(columns="respondent_id").isna().all(axis=None)
    pd.testing.assert_frame_equal(masked[mine].reset_index(drop=True), alone)
    pd.testing.assert_frame_equal(
        reliability(masked, instrument=edition.instrument), reliability(alone, instrument=edition.instrument)
    )
    few = edition.instrument.model_copy(update={"constructs": edition.instrument.constructs[:2]})
    found, other = (confirm_constructs(frame, instrument=few) for frame in (masked, alone))
    pd.testing.assert_frame_equal(found.constructs, other.constructs, rtol=1e-6)
    everybody = _index(edition, exclude={})
    assert answers_of_customers(responses, index=everybody) is responses


def test_the_group_outside_is_compared_with_the_customers(edition: Edition, responses: pd.DataFrame) -> None:
    scores = score_respondents(responses, instrument=edition.instrument, index=edition.index)
    row = outside_groups(responses, scores, index=edition.index).iloc[0]
    mine = responses["customer_type"] != "practitioner"
    assert row["csi"] == pytest.approx(scores.loc[~mine, "csi"].mean())
    assert row["difference"] == pytest.approx(scores.loc[~mine, "csi"].mean() - scores.loc[mine, "csi"].mean())
    assert row["difference_low"] < row["difference"] < row["difference_high"]
    assert row["n"] == 40
    assert outside_groups(responses, scores, index=_index(edition, exclude={})).empty


def test_benchmarks_are_compared_with_the_same_quantity(edition: Edition, responses: pd.DataFrame) -> None:
    assert edition.benchmarks is not None
    scores = score_respondents(responses, instrument=edition.instrument, index=edition.index)
    found = compare_with_benchmarks(
        responses, scores, edition.benchmarks.benchmarks, instrument=edition.instrument, index=edition.index
    ).set_index("key")
    mine = responses["customer_type"] != "practitioner"
    share = lambda values: 100 * (values >= edition.index.csat.satisfied_from).mean()  # noqa: E731
    efficiency = responses.loc[mine, ["eff1", "eff2", "eff3", "eff4"]].mean(axis=1)
    assert found.loc["efficiency_level", "value"] == pytest.approx(share(efficiency))
    assert found.loc["efficiency_level", "gap_unit"] == "points"
    assert found.loc["response_efficiency", "value"] == pytest.approx(share(responses.loc[mine, "eff3"]))
    banks = mine & (responses["institution_type"] == "bank")
    assert found.loc["trust_bank", "value"] == pytest.approx(
        share(responses.loc[banks, ["tru1", "tru2", "tru3"]].mean(axis=1))
    )
    assert found.loc["trust_bank", "n"] == banks.sum()
    assert found.loc["satisfaction_level_outlook", "value"] == pytest.approx(scores.loc[mine, "csi"].mean())
    assert "trust_securities" not in found.index
    assert not {"complaint_days_feedback", "csat_kinds_first", "csat_kinds_second"} & set(found.index)
    assert (found["p_adjusted"] >= found["p"]).all()
