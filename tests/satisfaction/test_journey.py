"""Stages of the journey by hand: scores, shares, steps between stages and digital against personal service."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.edition.instrument import Instrument
from analysis.edition.sections.index import Index
from analysis.satisfaction.journey import MODE_COLUMNS, STAGE_COLUMNS, rate_journey, stage_scores
from analysis.survey.design.survey_design import specify_design

NAME = {"zh": "段", "en": "stage"}


@pytest.fixture
def travelled(instrument: Instrument) -> Instrument:
    """The instrument of these tests with a journey of three stages."""
    stages = [("begin", ["a1", "a2"]), ("middle", ["b1"]), ("end", ["sat1", "sat2", "sat3"])]
    content = instrument.model_dump(mode="json", by_alias=True)
    content["journey"] = [{"key": key, "name": NAME, "items": items} for key, items in stages]
    return Instrument.model_validate(content)


def test_a_stage_is_scored_as_a_construct_of_its_items(
    travelled: Instrument, index: Index, responses: pd.DataFrame
) -> None:
    scores = stage_scores(responses, instrument=travelled, index=index)
    answers = responses[["a1", "a2"]]
    assert scores.columns.tolist() == ["begin", "middle", "end"]
    wanted = ((answers.mean(axis=1) - 1) / 4 * 100).where(answers.notna().sum(axis=1) >= 1)
    pd.testing.assert_series_equal(scores["begin"], wanted, check_names=False)
    thin = responses[["sat1", "sat2", "sat3"]].notna().sum(axis=1) < 2
    assert scores.loc[thin, "end"].isna().all()


def test_levels_and_steps_equal_means_and_paired_differences(
    travelled: Instrument, index: Index, responses: pd.DataFrame
) -> None:
    design = specify_design(len(responses))
    table = rate_journey(responses, instrument=travelled, index=index, design=design).stages.set_index("stage")
    assert [table.index.name, *table] == list(STAGE_COLUMNS)
    scores = stage_scores(responses, instrument=travelled, index=index)
    assert table["score"].tolist() == pytest.approx(scores.mean().tolist())
    assert table.loc["begin", "share"] == pytest.approx((scores["begin"].dropna() >= 62.5).mean())
    assert np.isnan(table.loc["begin", ["step", "step_low", "p_adjusted"]].astype(float)).all()
    steps = scores.mean().diff().dropna().tolist()
    assert table.loc[["middle", "end"], "step"].tolist() == pytest.approx(steps)
    whole = scores.dropna()
    paired = rate_journey(
        responses.loc[whole.index], instrument=travelled, index=index, design=specify_design(len(whole))
    ).stages.set_index("stage")
    own = whole["middle"] - whole["begin"]
    half = (paired.loc["middle", "step_high"] - paired.loc["middle", "step_low"]) / 2
    assert half == pytest.approx(stats.t.ppf(0.975, len(own) - 1) * own.std(ddof=1) / np.sqrt(len(own)), rel=1e-3)


def test_modes_are_compared_stage_by_stage(travelled: Instrument, index: Index, responses: pd.DataFrame) -> None:
    design = specify_design(len(responses))
    options = {"instrument": travelled, "index": index, "design": design}
    modes = rate_journey(responses, served=("type", ["fund"]), **options).modes
    assert modes is not None
    assert modes.columns.tolist() == list(MODE_COLUMNS)
    scores = stage_scores(responses, instrument=travelled, index=index)
    side = {"treated": responses["type"] == "fund", "others": responses["type"] != "fund"}
    rows = modes.set_index(["stage", "mode"])
    for (stage, mode), row in rows.iterrows():
        assert row["score"] == pytest.approx(scores.loc[side[mode], stage].mean())
        if mode == "treated":
            other = scores.loc[side["others"], stage].mean()
            assert row["difference"] == pytest.approx(row["score"] - other)
    assert rows.xs("others", level="mode")["difference"].isna().all()


@pytest.mark.parametrize("served", [None, ("absent", ["fund"]), ("type", ["fund", "bank", "new"])])
def test_where_modes_are_not_told_apart_there_is_no_table(
    travelled: Instrument, index: Index, responses: pd.DataFrame, served: tuple[str, list[str]] | None
) -> None:
    design = specify_design(len(responses))
    found = rate_journey(responses, instrument=travelled, index=index, design=design, served=served)
    assert found.modes is None
    assert len(found.stages) == 3
