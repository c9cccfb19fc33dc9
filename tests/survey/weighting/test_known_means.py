"""Known means and totals of numbers, and negative weights: R survey's answers, closed forms, what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from analysis.edition.sections.weighting import Calibration, Replicates, Weighting
from analysis.errors import MethodError
from analysis.survey.design.calibration import regression_calibration
from analysis.survey.design.survey_design import drawn_design, restore_design, specify_design
from analysis.survey.estimation.concentration import concentration
from analysis.survey.estimation.estimates import means, totals
from analysis.survey.estimation.quantiles import quantiles
from analysis.survey.weighting.replicates import replicate_weights
from analysis.survey.weighting.stages import RakingResult, build_constraints, rake

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "weighting.json").read_text())
SCHOOLS = {"stype": {"E": 4421.0, "H": 755.0, "M": 1018.0}, "sch.wide": {"No": 1072.0, "Yes": 5122.0}}
CROSSED = {"E_No": 500.0, "H_No": 255.0, "M_No": 317.0, "E_Yes": 3921.0, "H_Yes": 500.0, "M_Yes": 701.0}
NEAR, FAR = {"api99": 3914069.0}, {"api99": 4500000.0}
BOUNDS = (0.4, 2.5)
SHOWN = [0, 1, 9, 15, 28, 32]
RULES = {
    "number_linear": Calibration(method="linear", totals=NEAR),
    "number_raking": Calibration(totals=NEAR),
    "number_logit_bounded": Calibration(method="logit", bounds=BOUNDS, totals=NEAR),
    "number_linear_bounded": Calibration(method="linear", bounds=BOUNDS, totals=NEAR),
    "negative": Calibration(method="linear", negative=True, totals=FAR),
    "crossed": Calibration(method="linear", totals=NEAR),
}


def _read(shared: Path) -> pd.DataFrame:
    data = pd.read_csv(shared / "data" / "survey_api" / "apiclus1.csv")
    return data.assign(crossed=data["stype"] + "_" + data["sch.wide"])


@pytest.mark.parametrize("name", RULES)
def test_r_survey_calibrates_to_the_same_weights_and_errors(name: str, shared: Path) -> None:
    data, rule, golden = _read(shared), RULES[name], GOLDEN[name]
    margins = {"crossed": CROSSED} if name == "crossed" else SCHOOLS
    found = rake(data, margins=margins, base=data["pw"], calibration=rule, tolerance=1e-12)
    assert found.converged
    weights = found.weights.to_numpy() * 6194 / len(data)
    assert weights[SHOWN] == pytest.approx(golden["weights"], rel=1e-7)
    ones = np.ones((len(data), 1))
    columns = [constraint.columns(ones) for constraint in build_constraints(data, margins, rule)]
    calibration = regression_calibration(data["pw"], np.hstack([ones, *columns]))
    options: dict[str, Any] = {"psu": data["dnum"], "fpc": data["fpc"], "negative": rule.negative}
    design = specify_design(len(data), weights=weights, calibration=calibration, **options)
    mean = means(data[["api00"]], design=design).iloc[0]
    assert mean[["estimate", "se"]].tolist() == pytest.approx([golden["mean"][0], golden["se"][0]], rel=1e-7)
    assert (weights < 0).sum() == golden.get("negative", [0])[0]
    if name == "negative":
        total = totals(data[["enroll"]], design=design).iloc[0]
        assert total[["estimate", "se"]].tolist() == pytest.approx(
            [golden["total"][0], golden["total_se"][0]], rel=1e-7
        )


@pytest.mark.parametrize("name", ["number_linear", "number_raking", "negative"])
def test_every_replicate_meets_the_known_total(name: str, shared: Path) -> None:
    data, golden = _read(shared), GOLDEN[f"{name}_jackknife"]
    rule = Weighting(psu="dnum", tolerance=1e-11, calibration=RULES[name], replicates=Replicates(method="jackknife"))
    options: dict[str, Any] = {"margins": SCHOOLS, "nonresponse": None, "seed": 1}
    adjusted = replicate_weights(data, base=data["pw"].to_numpy(), rule=rule, **options)
    drawn = adjusted.replicates
    assert adjusted.unconverged == 0
    mean = (data["api00"].to_numpy() @ drawn.weights) / drawn.weights.sum(axis=0, dtype=np.float64)
    assert np.sqrt((drawn.factors * (mean - golden["mean"][0]) ** 2).sum()) == pytest.approx(golden["se"][0], rel=1e-6)


def _frame(rows: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"sex": rng.choice(["f", "m"], rows), "income": rng.gamma(2.0, 20.0, rows).round()})
    return frame.assign(score=0.3 * frame["income"] + rng.normal(0, 5, rows))


MARGIN = {"sex": {"f": 520.0, "m": 480.0}}


def _fitted(frame: pd.DataFrame, **rule: Any) -> RakingResult:
    return rake(frame, margins=MARGIN, calibration=Calibration(**rule))


def test_linear_weights_are_those_of_the_generalised_regression_estimator() -> None:
    frame = _frame()
    found = _fitted(frame, method="linear", means={"income": 45.0})
    x = np.column_stack([frame["sex"] == "f", frame["sex"] == "m", frame["income"]]).astype(float)
    base, wanted = np.full(len(frame), 1000 / len(frame)), np.array([520.0, 480.0, 45_000.0])
    slope = np.linalg.solve((x * base[:, None]).T @ x, wanted - base @ x)
    expected = base * (1 + x @ slope)
    assert found.weights.to_numpy() == pytest.approx(expected * len(frame) / 1000, rel=1e-9)


@pytest.mark.parametrize("rule", [{}, {"method": "linear"}, {"method": "logit", "bounds": (0.3, 3)}])
def test_a_total_is_the_mean_times_the_people_and_gaps_are_left_out(rule: dict[str, Any]) -> None:
    frame = _frame()
    frame.loc[::7, "income"] = np.nan
    found, same = (
        _fitted(frame, **rule, **known) for known in ({"means": {"income": 44}}, {"totals": {"income": 44e3}})
    )
    answered = frame["income"].notna()
    reached = np.average(frame["income"][answered], weights=found.weights[answered])
    assert reached == pytest.approx(44.0, abs=1e-6)
    assert found.weights.to_numpy() == pytest.approx(same.weights.to_numpy(), rel=1e-9)
    assert found.means is not None
    row = found.means.iloc[0]
    assert (row["variable"], row["n"], row["target"]) == ("income", answered.sum(), 44.0)
    assert row["sample_mean"] == pytest.approx(frame["income"].mean())
    assert row["weighted_mean"] == pytest.approx(44.0, abs=1e-6)
    assert row["largest"] == pytest.approx(frame["income"].max())


def test_negative_weights_go_through_the_design_estimates_and_disclosure() -> None:
    frame = _frame()
    with pytest.raises(MethodError, match="negative: true"):
        _fitted(frame, method="linear", means={"income": 90.0})
    found = _fitted(frame, method="linear", means={"income": 90.0}, negative=True)
    rule = Weighting.model_validate({"calibration": {"method": "linear", "negative": True}})
    assert found.record()["negative"] == (found.weights < 0).sum() > 0
    design = drawn_design(frame, weighting=rule, weights=found.weights)
    again = restore_design(design.frame(), design.record())
    assert again.weights == pytest.approx(found.weights.to_numpy())
    assert again.degrees == len(frame) - 1
    estimate = means(frame[["score"]], design=again).iloc[0]
    w = found.weights.to_numpy()
    assert estimate["estimate"] == pytest.approx(w @ frame["score"] / w.sum())
    assert estimate["n"] == len(frame)
    residual = w * (frame["score"] - estimate["estimate"]) / w.sum()
    assert estimate["se"] == pytest.approx(np.sqrt(len(w) / (len(w) - 1) * (residual**2).sum()))
    largest = np.sort(np.abs(w))[::-1]
    assert concentration(frame[["score"]], design=again)[0] == pytest.approx(
        [largest[0] / largest.sum(), largest[:2].sum() / largest.sum()]
    )
    with pytest.raises(MethodError, match="not be negative"):
        specify_design(len(frame), weights=w)
    with pytest.raises(MethodError, match="not be negative"):
        specify_design(2, weights=[1.0, -2.0], negative=True)


def test_a_quantile_of_negative_weights_is_where_the_share_is_first_reached() -> None:
    values = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]})
    weights = np.array([2.0, 2.0, -1.0, -0.5, 2.5, 1.0])
    design = specify_design(6, weights=weights, negative=True)
    found = quantiles(values, (0.5, 0.6), design=design)["estimate"].tolist()
    shares = np.cumsum(weights) / weights.sum()
    assert found == [values["x"][int(np.argmax(shares >= p))] for p in (0.5, 0.6)] == [2.0, 2.0]


def test_what_can_not_be_met_is_said_with_numbers() -> None:
    frame = _frame()
    with pytest.raises(MethodError, match="No weights above 0") as caught:
        _fitted(frame, means={"income": 45_000.0})
    assert f"and {frame['income'].max():g}" in str(caught.value)
    with pytest.raises(MethodError, match="No weights within the bounds") as caught:
        _fitted(frame, method="linear", bounds=(0.8, 1.2), means={"income": 60.0})
    told = str(caught.value)
    assert "mean of income" in told
    low, high = (float(bound) for bound in re.findall(r"bounds of \[(\S+), (\S+)\]", told)[0])
    assert _fitted(frame, method="linear", bounds=(low, high), means={"income": 60.0}).converged
    nearly = (1 - 0.98 * (1 - low), 1 + 0.98 * (high - 1))
    with pytest.raises(MethodError, match="No weights within the bounds"):
        _fitted(frame, method="linear", bounds=nearly, means={"income": 60.0})
    apart = frame.assign(income=np.where(frame["sex"] == "f", 10.0, frame["income"] + 10))
    with pytest.raises(MethodError, match="No positive weights meet"):
        _fitted(apart, means={"income": 10.5})
    with pytest.raises(MethodError, match="do not vary"):
        _fitted(frame.assign(income=3.0), means={"income": 4.0})
    with pytest.raises(MethodError, match="not a column"):
        _fitted(frame, means={"wealth": 4.0})
    with pytest.raises(MethodError, match="beside margins"):
        rake(frame, margins={}, calibration=Calibration(means={"income": 45.0}))


def test_params_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValidationError, match="leave negative out"):
        Calibration(method="linear", bounds=(0.3, 3), negative=True)
    with pytest.raises(ValidationError, match="leave negative out"):
        Calibration(negative=True)
    with pytest.raises(ValidationError, match="not both"):
        Calibration(means={"income": 4}, totals={"income": 5})
    rule = Calibration(means={"income": 4}, totals={"visits": 5})
    assert not rule.plain
    assert rule.known({"visits"}).numbers == ("visits",)
