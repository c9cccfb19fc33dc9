"""What customers say of a step beside what its log says of it: shares by hand, who is asked, and what was not asked."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.index import Csat, Index
from analysis.edition.standards import Standards
from analysis.service.compliance import Compliance
from analysis.service.perception import KIND_COLUMNS, STEP_COLUMNS, Perception, compare_perception
from analysis.survey.design.survey_design import specify_design

NAME = {"zh": "名", "en": "name"}
LIMIT = {"value": 24.0, "unit": "hours"}
INDEX = Index(csat=Csat(construct="sat", satisfied_from=4.0))


def _instrument() -> Instrument:
    def construct(key: str, role: str, items: list[str]) -> dict[str, object]:
        return {"key": key, "role": role, "name": NAME, "items": [{"key": item, **NAME} for item in items]}

    kinds = [{"code": code, "zh": code, "en": code} for code in ("bank", "fund")]
    asked = {"name": NAME, "question": NAME}
    return Instrument.model_validate(
        {
            "name": NAME,
            "scale": {"min": 1, "max": 5},
            "constructs": [construct("speed", "dimension", ["s1", "s2"]), construct("sat", "satisfaction", ["o1"])],
            "profile": [{"key": key, **asked, "categories": kinds} for key in ("institution_type", "served")],
        }
    )


def _standards(ratings: dict[tuple[str, str], dict[str, object]]) -> Standards:
    steps: list[dict[str, object]] = [
        {"key": key, "name": NAME, "owner": NAME, "rule": NAME, "rated": ratings.get(("help", key))}
        for key in ("take", "tell")
    ]
    steps[0]["limit"] = LIMIT
    scenario = {"key": "help", "name": NAME, "steps": steps, "rated": ratings.get(("help", ""))}
    return Standards.model_validate({"source": NAME, "scenarios": [scenario]})


RESPONSES = pd.DataFrame(
    {
        "institution_type": ["bank"] * 6 + ["fund"] * 4,
        "served": ["bank", "fund"] * 5,
        "s1": [5, 4, 4, 3, 2, np.nan, 5, 5, 1, 2],
        "s2": [5, 4, 3, 3, 2, np.nan, 5, 3, 1, 2],
        "o1": [5.0] * 10,
    }
)


@pytest.fixture
def compliance() -> Compliance:
    steps = pd.DataFrame(
        [("help", "take", 50, 0.8, 0.67, 0.89), ("help", "tell", np.nan, np.nan, np.nan, np.nan)],
        columns=["scenario", "step", "due", "on_time", "ci_low", "ci_high"],
    )
    scenarios = pd.DataFrame([("help", 40, 0.7, 0.55, 0.82)], columns=["scenario", "due", "kept", "ci_low", "ci_high"])
    rows = [("", kind, 20, kept, 0.5, 0.9, gap, 0.04) for kind, kept, gap in (("bank", 0.8, 0.2), ("fund", 0.6, -0.2))]
    names = ["scenario", "category", "due", "kept", "ci_low", "ci_high", "difference", "p_adjusted"]
    day = dt.date(2025, 3, 3)
    return Compliance(steps, pd.DataFrame(rows, columns=names), scenarios, pd.DataFrame(), day, day, 40)


def _found(compliance: Compliance, ratings: dict[tuple[str, str], dict[str, object]]) -> Perception:
    rules = {"standards": _standards(ratings), "instrument": _instrument(), "index": INDEX}
    return compare_perception(RESPONSES, compliance=compliance, design=specify_design(len(RESPONSES)), **rules)


def _rating(*by: str, **among: tuple[str, ...]) -> dict[str, object]:
    return {"by": by, "among": among}


def test_a_step_is_rated_by_the_mean_of_its_items_and_stands_beside_its_log(compliance: Compliance) -> None:
    found = _found(compliance, {("help", "take"): _rating("speed"), ("help", ""): _rating("o1")})
    assert found.steps.columns.tolist() == list(STEP_COLUMNS)
    rows = found.steps.set_index("step")
    assert (rows.loc["take", "n_rated"], rows.loc["take", "satisfied"]) == (9, pytest.approx(4 / 9))
    assert (rows.loc["take", "on_time"], rows.loc["take", "base"], rows.loc["take", "by"]) == (0.8, 50, "s1 s2")
    assert (rows.loc["", "satisfied"], rows.loc["", "on_time"], rows.loc["", "base"]) == (1.0, 0.7, 40)
    assert (rows.loc["take", "place"], rows.loc["", "place"]) == ("help.take", "help")
    assert found.dissatisfaction() == {("help", "take"): pytest.approx(5 / 9), ("help", ""): pytest.approx(0.0)}
    assert set(found.dissatisfaction(min_base=10)) == {("help", "")}


def test_only_those_are_asked_whom_a_rating_names(compliance: Compliance) -> None:
    rating = _rating("s1", served=("bank",))
    row = _found(compliance, {("help", "tell"): rating}).steps.iloc[0]
    own = RESPONSES[RESPONSES["served"] == "bank"]["s1"].dropna()
    assert (row["n_rated"], row["satisfied"]) == (len(own), pytest.approx((own >= 4).mean()))
    assert row["group"] == "served=bank"
    assert np.isnan(row["on_time"])


def test_what_was_not_asked_is_left_out_and_kinds_go_with_the_steps_that_have_a_limit(compliance: Compliance) -> None:
    found = _found(compliance, {("help", "take"): _rating("s1"), ("help", "tell"): _rating("absent")})
    assert found.steps["step"].tolist() == ["take"]
    assert found.institutions.columns.tolist() == list(KIND_COLUMNS)
    kinds = found.institutions.set_index("category")
    assert kinds["satisfied"].to_dict() == pytest.approx({"bank": 3 / 5, "fund": 2 / 4})
    assert kinds["rated_difference"].to_dict() == pytest.approx({"bank": 0.1, "fund": -0.1})
    assert kinds["kept"].to_dict() == {"bank": 0.8, "fund": 0.6}
    without = _found(compliance, {("help", "tell"): _rating("s1")})
    assert without.institutions.empty, "tell has no limit"
