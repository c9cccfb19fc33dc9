"""Calibration by a distance: R survey's weights, bounds, missing answers, replicates, and what has no solution."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from analysis.edition.sections.weighting import Calibration, Replicates, Weighting
from analysis.errors import MethodError
from analysis.survey.weighting.replicates import replicate_weights
from analysis.survey.weighting.stages import rake

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "weighting.json").read_text())
SCHOOLS = {"stype": {"E": 4421.0, "H": 755.0, "M": 1018.0}, "sch.wide": {"No": 1072.0, "Yes": 5122.0}}
BOUNDS = (0.4, 1.6)
RULES = {
    "linear": Calibration(method="linear"),
    "linear_bounded": Calibration(method="linear", bounds=BOUNDS),
    "logit_bounded": Calibration(method="logit", bounds=BOUNDS),
    "raking_bounded": Calibration(bounds=BOUNDS),
}
SHOWN = [0, 1, 9, 15, 28, 32]
"""One school of each combination of the two margins, as in the golden file."""


@pytest.mark.parametrize("name", RULES)
def test_r_survey_calibrates_to_the_same_weights(name: str, shared: Path) -> None:
    data = pd.read_csv(shared / "data" / "survey_api" / "apiclus1.csv")
    found = rake(data, margins=SCHOOLS, base=data["pw"], calibration=RULES[name], tolerance=1e-12)
    weights = found.weights.to_numpy() * 6194 / len(data)
    assert found.converged
    assert weights[SHOWN] == pytest.approx(GOLDEN[name]["weights"], rel=1e-7)
    assert np.average(data["api00"], weights=weights) == pytest.approx(GOLDEN[name]["mean"][0], rel=1e-9)


def test_every_replicate_is_calibrated_like_the_sample(shared: Path) -> None:
    data = pd.read_csv(shared / "data" / "survey_api" / "apiclus1.csv")
    wanted = Replicates(method="jackknife")
    rule = Weighting(psu="dnum", tolerance=1e-12, calibration=RULES["linear"], replicates=wanted)
    options: dict[str, Any] = {"rule": rule, "margins": SCHOOLS, "nonresponse": None, "seed": 1}
    drawn = replicate_weights(data, base=data["pw"].to_numpy(), **options).replicates
    golden, score = GOLDEN["linear_jackknife"], data["api00"].to_numpy()
    weights = drawn.weights.astype(float)
    means = (score @ weights) / weights.sum(axis=0)
    error = np.sqrt((drawn.factors * (means - golden["mean"][0]) ** 2).sum())
    assert error == pytest.approx(golden["se"][0], rel=1e-6)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), kind=st.sampled_from(["linear", "logit", "raking"]), missing=st.floats(0, 0.3))
def test_margins_are_met_among_those_who_answered_within_the_bounds(seed: int, kind: Any, missing: float) -> None:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"sex": rng.choice(["f", "m"], 400), "region": rng.choice(["n", "s", "w"], 400)})
    frame = frame.mask(rng.random(frame.shape) < missing)
    base = rng.uniform(0.5, 2, len(frame))
    margins = {"sex": {"f": 0.55, "m": 0.45}, "region": {"n": 0.3, "s": 0.4, "w": 0.3}}
    found = rake(frame, margins=margins, base=base, calibration=Calibration(method=kind, bounds=(0.2, 4.0)))
    assert found.converged
    ratio = found.weights.to_numpy() / (base / base.mean())
    assert ratio.min() >= 0.2 - 1e-12
    assert ratio.max() <= 4.0 + 1e-12
    for name, targets in margins.items():
        reached = found.weights.groupby(frame[name]).sum() / found.weights[frame[name].notna()].sum()
        assert reached.to_dict() == pytest.approx(targets, abs=1e-7)


@pytest.mark.parametrize("kind", ["linear", "logit", "raking"])
def test_bounds_that_leave_no_solution_say_which_would(kind: Any) -> None:
    frame = pd.DataFrame({"sex": ["f"] * 90 + ["m"] * 10})
    margins = {"sex": {"f": 0.5, "m": 0.5}}
    with pytest.raises(MethodError, match="No weights within the bounds") as caught:
        rake(frame, margins=margins, calibration=Calibration(method=kind, bounds=(0.5, 2.0)))
    told = str(caught.value)
    assert "sex = f: 80.0% of the weight where 50.0% are wanted" in told
    # 10 of 100 need a ratio of 5, four times as far from 1 as the bound of 2; the 90 need 5/9, above 0.
    assert "bounds of [0, 5] or wider" in told
    assert rake(frame, margins=margins, calibration=Calibration(method=kind, bounds=(0.0, 5.01))).converged


def test_a_linear_calibration_without_bounds_may_not_turn_weights_negative() -> None:
    frame = pd.DataFrame({"a": ["x"] * 50 + ["y"] * 50, "b": ["u"] * 49 + ["v"] * 50 + ["u"]})
    margins = {"a": {"x": 0.05, "y": 0.95}, "b": {"u": 0.9, "v": 0.1}}
    with pytest.raises(MethodError, match="negative") as caught:
        rake(frame, margins=margins, calibration=Calibration(method="linear"))
    assert "weighting.calibration.bounds" in str(caught.value)


def test_what_can_not_go_together_is_refused() -> None:
    with pytest.raises(ValidationError, match="needs bounds"):
        Calibration(method="logit")
    both = Weighting.model_validate({"calibration": {"bounds": [0, 3]}, "trim": {"upper": 3.0}})
    assert Weighting(calibration=RULES["linear"]).trimming is None
    assert Weighting().trimming is not None
    assert both.trimming is None
