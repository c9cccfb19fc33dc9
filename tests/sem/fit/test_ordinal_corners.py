"""Ordered answers of which some are missing, and constructs with one ordered item, against lavaan."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_answers import made_answers

from analysis.edition.instrument import Instrument
from analysis.edition.sections.structural import Structural
from analysis.errors import MethodError
from analysis.sem.structural import StructuralResult, fit_structural
from analysis.survey.design.survey_design import specify_design

GOLDEN = Path(__file__).parents[2] / "golden"
LAVAAN: dict[str, Any] = json.loads((GOLDEN / "sem_ordinal_corners.json").read_text(encoding="utf-8"))
CASES = [name for name in LAVAAN if name != "made_with"]
BLOCKS = {
    "visual": ["x1", "x2", "x3"],
    "textual": ["x4", "x5", "x6"],
    "speed": ["x8"],
    "first": ["x7"],
    "again": ["x9"],
}


@cache
def _answers(kind: str) -> pd.DataFrame:
    """Four categories of every item, cut as the R script cuts them."""
    frame = made_answers(kind)
    for name in (f"x{number}" for number in range(1, 10)):
        values = frame[name].to_numpy()
        ends = np.nanmean(values) + np.array([-1.0, 0.0, 1.0]) * np.nanstd(values, ddof=1)
        frame[name] = np.where(np.isnan(values), np.nan, 1 + (values[:, None] > ends).sum(axis=1))
    return frame


@pytest.fixture(scope="module")
def instrument(build_instrument: Callable[..., Instrument]) -> Instrument:
    return build_instrument(BLOCKS)


@pytest.fixture(scope="module")
def fitted(instrument: Instrument) -> Callable[[str], StructuralResult]:
    @cache
    def fit(case: str) -> StructuralResult:
        golden = LAVAAN[case]
        frame = _answers(golden["data"])
        missing = "pairwise" if golden["data"] == "gaps" else "listwise"
        params = Structural.model_validate({"estimator": "WLSMV", "missing": missing})
        design = specify_design(len(frame), weights=frame["w"]) if golden["weights"] else None
        return fit_structural(frame, model=golden["model"], instrument=instrument, structural=params, design=design)

    return fit


def _known(case: str, part: str) -> dict[tuple[str, str, str], tuple[float, float]]:
    return {(row[0], row[1], row[2]): (row[3], row[4]) for row in LAVAAN[case][part]}


@pytest.mark.parametrize("case", CASES)
def test_estimates_and_errors_equal_lavaan(case: str, fitted: Callable[[str], StructuralResult]) -> None:
    result, plain, std = fitted(case), _known(case, "estimates"), _known(case, "standardized")
    assert result.converged
    compared = 0
    for row in result.parameters.to_dict("records"):
        key = (row["lhs"], row["op"], row["rhs"])
        if key not in plain and row["op"] == "~~":
            key = (row["rhs"], "~~", row["lhs"])
        estimate, se = plain[key]
        assert row["est"] == pytest.approx(estimate, abs=1e-5), key
        if se:
            assert row["se"] == pytest.approx(se, rel=1e-3), key
        assert row["std_all"] == pytest.approx(std[key][0], abs=1e-5), key
        if std[key][1] and row["op"] != "|":
            assert row["std_se"] == pytest.approx(std[key][1], rel=1e-3), key
        compared += 1
    assert compared >= len(plain) - 3  # of a construct with one item lavaan reports the variance as well


@pytest.mark.parametrize("case", CASES)
def test_fit_equals_lavaan(case: str, fitted: Callable[[str], StructuralResult]) -> None:
    indices, golden = fitted(case).indices, LAVAAN[case]["fit"]
    plain = {
        "n": "ntotal",
        "chi2": "chisq",
        "df": "df",
        "baseline_chi2": "baseline.chisq",
        "baseline_df": "baseline.df",
    }
    for ours, theirs in (plain | {name: name for name in ("cfi", "tli", "rmsea", "srmr")}).items():
        assert getattr(indices, ours) == pytest.approx(golden[theirs], rel=1e-4, abs=1e-6), ours
    assert indices.robust is not None
    scaled = {"chi2": "chisq.scaled", "pvalue": "pvalue.scaled", "scaling": "chisq.scaling.factor"}
    scaled |= {name: f"{name}.robust" for name in ("cfi", "tli", "rmsea")}
    scaled |= {"rmsea_low": "rmsea.ci.lower.robust", "rmsea_high": "rmsea.ci.upper.robust"}
    scaled |= {"rmsea_pvalue": "rmsea.pvalue.robust"}
    for ours, theirs in scaled.items():
        assert getattr(indices.robust, ours) == pytest.approx(golden[theirs], rel=1e-3, abs=1e-5), ours


def test_rows_without_any_answer_change_nothing(instrument: Instrument) -> None:
    model, params = LAVAAN["pairwise"]["model"], Structural(estimator="WLSMV", missing="pairwise")
    frame = _answers("gaps")
    silent = pd.concat([frame, frame.head(5).assign(**{f"x{number}": np.nan for number in range(1, 10)})])
    one, other = (
        fit_structural(rows, model=model, instrument=instrument, structural=params) for rows in (frame, silent)
    )
    pd.testing.assert_frame_equal(one.parameters, other.parameters)
    assert (other.n, other.dropped) == (one.n, one.dropped + 5)
    assert one.complete < one.n


def test_pairwise_deletion_of_complete_answers_is_none(instrument: Instrument) -> None:
    one, other = (
        fit_structural(
            _answers("complete"),
            model=LAVAAN["complete"]["model"],
            instrument=instrument,
            structural=Structural.model_validate({"estimator": "WLSMV", "missing": missing}),
        )
        for missing in ("pairwise", "listwise")
    )
    pd.testing.assert_frame_equal(one.parameters, other.parameters)


def test_a_construct_with_one_item_is_the_response_itself(fitted: Callable[[str], StructuralResult]) -> None:
    result = fitted("single")
    loadings = result.loadings.set_index("item")["std"]
    assert loadings[["x7", "x9"]].to_numpy() == pytest.approx([1.0, 1.0], abs=1e-12)
    explained = result.r_squared.set_index("construct")["r_squared"]
    paths = {(row["outcome"], row["predictor"]): row["std"] for row in result.paths.to_dict("records")}
    by_visual, by_first, between = paths["again", "visual"], paths["again", "first"], paths["visual", "first"]
    assert explained["again"] == pytest.approx(by_visual**2 + by_first**2 + 2 * by_visual * by_first * between)


@pytest.mark.parametrize("line", ["again ~~ 0.5*again", "x9 ~~ 0.3*x9", "first ~~ k*first\nagain ~~ k*again"])
def test_what_one_ordered_item_cannot_tell_is_refused(line: str, instrument: Instrument) -> None:
    params, model = Structural(estimator="WLSMV", missing="listwise"), f"{LAVAAN['single']['model']}{line}"
    with pytest.raises(MethodError, match="single item"):
        fit_structural(_answers("complete"), model=model, instrument=instrument, structural=params)


@pytest.mark.parametrize(("estimator", "missing"), [("WLSMV", "fiml"), ("MLR", "pairwise"), ("MLM", "pairwise")])
def test_every_estimator_has_its_ways_with_missing_answers(estimator: str, missing: str) -> None:
    with pytest.raises(ValueError, match=f"estimator {estimator}"):
        Structural.model_validate({"estimator": estimator, "missing": missing})
