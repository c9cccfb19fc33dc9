"""Index, levels, items and alpha under several scales, against R survey with strata and clusters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.index import Index
from analysis.measurement.reliability import item_statistics, reliability
from analysis.satisfaction.index import SatisfactionResult, satisfaction_index, score_respondents
from analysis.satisfaction.journey import stage_scores
from analysis.survey.design.survey_design import specify_design

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "mixed_scales.json").read_text(encoding="utf-8"))
INDEX = Index.model_validate({"csat": {"construct": "sat", "satisfied_from": 7.5}})


def _instrument() -> Instrument:
    def text(key: str) -> dict[str, str]:
        return {"zh": key, "en": key}

    ten = {"min": 1, "max": 10}
    slider = {"min": 0, "max": 100, "continuous": True}
    parts: list[dict[str, Any]] = [
        {"key": "a", "role": "dimension", "items": [{"key": "a1"}, {"key": "a2"}, {"key": "a3", "scale": slider}]},
        {"key": "sat", "role": "satisfaction", "scale": ten, "items": [{"key": "sat1"}, {"key": "sat2"}]},
    ]
    for part in parts:
        part |= {"name": text(part["key"]), "items": [item | text(item["key"]) for item in part["items"]]}
    stage = {"key": "visit", "name": text("visit"), "items": ["a3", "a1"]}
    content = {"name": text("t"), "scale": {"min": 1, "max": 5}, "constructs": parts, "journey": [stage]}
    return Instrument.model_validate(content)


@pytest.fixture(scope="module")
def responses() -> pd.DataFrame:
    frame = pd.DataFrame(GOLDEN["data"]).astype(float)
    return frame.assign(respondent_id=[f"r{row}" for row in range(len(frame))])


@pytest.fixture(scope="module")
def result(responses: pd.DataFrame) -> SatisfactionResult:
    instrument = _instrument()
    design = specify_design(
        len(responses),
        weights=responses["weight"],
        strata=responses["stratum"].astype(str),
        psu=responses["psu"].astype(str),
    )
    scores = score_respondents(responses, instrument=instrument, index=INDEX)
    return satisfaction_index(responses, scores, instrument=instrument, index=INDEX, design=design)


def test_levels_and_shares_are_those_of_r_survey(result: SatisfactionResult) -> None:
    found, overall = GOLDEN["found"], result.overall.set_index("measure")
    dimension, level = result.dimensions.iloc[0], result.levels.iloc[0]
    assert overall.loc["csi", ["estimate", "se"]].tolist() == pytest.approx(found["a"], rel=1e-6)
    assert overall.loc["csat", ["estimate", "se"]].tolist() == pytest.approx(found["satisfied"], rel=1e-6)
    assert dimension["satisfied_share"] == pytest.approx(found["high_a"][0], rel=1e-6)
    assert [level["score"], level["se"]] == pytest.approx(found["sat"], rel=1e-6)
    assert 0.1 < found["high_a"][0] < 0.9


def test_items_stay_on_their_own_scale(result: SatisfactionResult) -> None:
    row = result.items.set_index("item").loc["a3"]
    assert row[["mean", "se"]].tolist() == pytest.approx(GOLDEN["found"]["a3"], rel=1e-6)
    assert row["satisfied_share"] == pytest.approx(GOLDEN["found"]["high_a3"][0], rel=1e-6)


def test_alpha_weighs_a_slider_like_the_answers_beside_it(responses: pd.DataFrame) -> None:
    instrument = _instrument()
    table = reliability(responses, instrument=instrument).set_index("construct")
    assert table.loc["a", "alpha"] == pytest.approx(GOLDEN["found"]["alpha_a"], rel=1e-6)
    own = item_statistics(responses, instrument=instrument).set_index("item").loc["a3"]
    complete = responses[["a1", "a2", "a3"]].dropna()
    assert [own["mean"], own["sd"]] == pytest.approx([complete["a3"].mean(), complete["a3"].std()])


def test_an_answer_off_its_own_scale_is_named(responses: pd.DataFrame) -> None:
    wrong = responses.assign(sat1=np.where(responses.index == 3, 11.0, responses["sat1"]))
    with pytest.raises(Exception, match=r"(?s)sat1.*1 to 10"):
        score_respondents(wrong, instrument=_instrument(), index=INDEX)


def test_a_stage_of_several_scales_is_scored_by_place(responses: pd.DataFrame) -> None:
    found = stage_scores(responses, instrument=_instrument(), index=INDEX)["visit"]
    slider, likert = responses["a3"], (responses["a1"] - 1) / 4 * 100
    expected = pd.concat([slider, likert], axis=1).mean(axis=1)
    np.testing.assert_allclose(found, expected)
