"""WLSMV of ordered items beside numbers, given covariates, and in several groups, against lavaan on made-up answers."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_answers import made_answers

from analysis.edition.instrument import Instrument, ProfileQuestion
from analysis.edition.sections.structural import Structural
from analysis.errors import MethodError
from analysis.sem.assess.indices import FitIndices
from analysis.sem.groups.ordered import equal_of_ordered
from analysis.sem.groups.written import fit_groups
from analysis.sem.structural import fit_structural
from analysis.survey.design.survey_design import specify_design

GOLDEN = Path(__file__).parents[1] / "golden"
LAVAAN: dict[str, Any] = json.loads((GOLDEN / "sem_responses.json").read_text(encoding="utf-8"))
LAVAAN = {name: golden for name, golden in LAVAAN.items() if name != "made_with"}
ITEMS = [*(f"{kind}{number}" for kind in "ox" for number in range(1, 10)), "y1", "y2", "y3", "income"]
ORDERED = tuple(f"o{number}" for number in range(1, 10))


@cache
def answers(kind: str) -> pd.DataFrame:
    """Made-up answers, with ordered items cut as the R script cuts them."""
    frame = made_answers(kind)
    frame["age"] = (frame["age"] - 40) / 10
    for number in range(1, 10):
        values = frame[f"x{number}"].to_numpy()
        cuts = np.array([0.5] if number == 4 else [-1.0, 0.0, 1.0])
        ends = np.nanmean(values) + cuts * np.nanstd(values, ddof=1)
        frame[f"o{number}"] = np.where(np.isnan(values), np.nan, 1 + (values[:, None] > ends).sum(axis=1))
    return frame


@pytest.fixture(scope="module")
def instrument(build_instrument: Callable[..., Instrument]) -> Instrument:
    asked = {"name": {"zh": "问", "en": "asked"}, "question": {"zh": "问", "en": "asked"}}
    questions = [
        ProfileQuestion.model_validate({"key": "sex", "categories": ["f", "m"], **asked}),
        ProfileQuestion.model_validate({"key": "city", "categories": ["north", "south", "west"], **asked}),
        ProfileQuestion.model_validate({"key": "age", **asked}),
    ]
    return build_instrument({"everything": ITEMS}).model_copy(update={"profile": tuple(questions)})


@pytest.fixture(scope="module")
def fitted(instrument: Instrument) -> Callable[[str], tuple[pd.DataFrame, FitIndices, bool]]:
    @cache
    def fit(case: str) -> tuple[pd.DataFrame, FitIndices, bool]:
        golden, frame = LAVAAN[case], answers(LAVAAN[case]["data"])
        given = {"estimator": "WLSMV", "missing": "pairwise" if golden["data"] == "gaps" else "listwise"}
        params = Structural.model_validate(
            {
                **given,
                "ordered": ORDERED,
                "parameterization": golden["parameterization"],
                "group": golden["group"],
                "group_equal": golden["equal"],
            }
        )
        design = specify_design(len(frame), weights=frame["w"]) if golden["weights"] else None
        options: dict[str, Any] = {"model": golden["model"], "instrument": instrument, "structural": params}
        if golden["group"] is None:
            one = fit_structural(frame, design=design, **options)
            return one.parameters.assign(category=""), one.indices, one.converged
        several = fit_groups(frame, design=design, **options)
        return several.parameters, several.indices, several.converged

    return fit


def lavaan_counts_covariates(model: str) -> float:
    """What lavaan's SRMR has to be multiplied by where it counts the covariates among the items."""
    p = len(set(re.findall(r"[oxy]\d", model)))
    c = len({name for name in ("age", "income", "sex.m", "city.south", "city.west") if name in model})
    return float(np.sqrt((p * (p + 1) / 2 + c) / (p * (p + 1) / 2)))


@pytest.mark.parametrize("case", LAVAAN)
def test_estimates_and_errors_equal_lavaan(case: str, fitted: Callable[[str], Any]) -> None:
    table, _, converged = fitted(case)
    assert converged
    golden = {(row[0], *row[1:4]): row[4:] for row in LAVAAN[case]["estimates"]}
    seen = 0
    for row in table.to_dict("records"):
        key = (row["category"], row["lhs"], row["op"], row["rhs"])
        turned = (row["category"], row["rhs"], row["op"], row["lhs"])
        if row["op"] == ":=":
            key = next(known for known in golden if known[1:3] == key[1:3])
        estimate, se, std = golden[key] if key in golden else golden[turned]
        se = se or 0.0  # none where an equation leaves a parameter no choice
        stops = max(1e-5 * max(1, abs(estimate)), 1e-3 * se)  # lavaan's own minimum may be so far
        assert row["est"] == pytest.approx(estimate, abs=stops), key
        assert np.nan_to_num(row["se"]) == pytest.approx(se, rel=1e-3, abs=1e-6), key
        if row["op"] not in {":=", "~*~"}:
            known = np.nan if std is None else std  # of a negative variance
            assert row["std_all"] == pytest.approx(known, abs=max(3e-5, 1e-3 * se), nan_ok=True), key
        seen += row["free"] > 0
    assert seen


@pytest.mark.parametrize("case", LAVAAN)
def test_tests_and_indices_equal_lavaan(case: str, fitted: Callable[[str], Any]) -> None:
    _, indices, _ = fitted(case)
    golden = dict(LAVAAN[case]["fit"])
    golden["srmr"] *= lavaan_counts_covariates(LAVAAN[case]["model"])
    names = {"chi2": "chisq", "df": "df", "pvalue": "pvalue", "baseline_chi2": "baseline.chisq", "cfi": "cfi"}
    names |= {"baseline_df": "baseline.df", "tli": "tli", "rmsea": "rmsea", "srmr": "srmr"}
    names |= {"rmsea_low": "rmsea.ci.lower", "rmsea_high": "rmsea.ci.upper"}
    for ours, theirs in names.items():
        if golden["df"] == 0 and ours in {"pvalue", "rmsea_low", "rmsea_high"}:
            continue
        assert getattr(indices, ours) == pytest.approx(golden[theirs], rel=1e-3, abs=1e-4), ours
    if golden["df"] > 0:
        assert indices.robust is not None
        scaled = {"chi2": "chisq.scaled", "pvalue": "pvalue.scaled", "scaling": "chisq.scaling.factor"}
        kind = "scaled" if golden.get("cfi.robust") is None else "robust"
        scaled |= {"cfi": f"cfi.{kind}", "tli": f"tli.{kind}", "rmsea": f"rmsea.{kind}"}
        scaled |= {"rmsea_low": f"rmsea.ci.lower.{kind}", "rmsea_high": f"rmsea.ci.upper.{kind}"}
        for ours, theirs in scaled.items():
            assert getattr(indices.robust, ours) == pytest.approx(golden[theirs], rel=1e-3, abs=1e-4), ours


MIXED = "visual =~ o1 + o2 + x3\nspeed =~ x7 + x8 + o9\nspeed ~ visual + age + sex.m\n"
GROUPS = "visual =~ o1 + o2 + x3\n"
Change = Callable[[pd.DataFrame], Any]


def _as_they_are(frame: pd.DataFrame) -> None:
    """Spoil nothing."""


def _spoilt(change: Change) -> pd.DataFrame:
    frame = answers("complete").copy()
    change(frame)
    return frame


def _fit(frame: pd.DataFrame, instrument: Instrument, model: str = MIXED, **given: Any) -> Any:
    asked = {"estimator": "WLSMV", "missing": "listwise", "ordered": ORDERED, **given}
    params = Structural.model_validate(asked)
    fit = fit_structural if params.group is None else fit_groups
    return fit(frame, model=model, instrument=instrument, structural=params)


@pytest.mark.parametrize(
    ("change", "model", "given", "reason"),
    [
        (lambda f: f.update({"x3": 0 * f["x3"] + 4}), MIXED, {}, "same answer in every row"),
        (lambda f: f.update({"o1": 0 * f["o1"] + 4}), MIXED, {}, "same answer in every row"),
        (lambda f: f.update({"age": 0 * f["age"] + 4}), MIXED, {}, "same answer in every row"),
        (
            lambda f: f.update({"age": 2.0 * (f["sex"] == "m") + (f["city"] == "west")}),
            f"{MIXED}visual ~ sex.m + city\n",
            {},
            "repeat each other",
        ),
        (lambda f: f.update({"x8": 2 * f["x7"] + 1}), MIXED, {}, "repeat each other"),
        (lambda f: f.update({"o2": f["o1"] * 1.0, "o1": f["o1"] * 1.0}), "visual =~ o1 + o2 + x3\n", {}, "repeat"),
        (
            lambda f: f.update({"o1": f["o1"].where((f["sex"] == "m") | (f["o1"] < 4), 3)}),
            GROUPS,
            {"group": "sex"},
            "Nobody",
        ),
        (lambda f: f.update({"x3": f["x3"].where(f["sex"] == "m", 2.0)}), GROUPS, {"group": "sex"}, "no variance"),
        (_as_they_are, "visual =~ o1 + o2 + o3\nvisual ~ 1\no1 ~ 0*1\n", {}, "not identified"),
        (_as_they_are, f"{GROUPS}visual ~ sex.m\n", {"group": "sex"}, "one value only"),
        (_as_they_are, "visual =~ x1 + x2 + x3\n", {}, "No item of the model has ordered answers"),
        (_as_they_are, "visual =~ o1 + o2 + o3\no1 | 0*t4\nvisual ~ 1\n", {}, "a threshold or a scale"),
        (_as_they_are, "visual =~ o1 + o2 + x3\nx3 | 0*t1\n", {}, "a threshold or a scale"),
        (_as_they_are, "visual =~ o1 + o2 + o3\no1 ~~ a*o1\na > 0\n", {}, "restrict the residual variance"),
        (_as_they_are, "visual =~ o1 + o2 + o3\no2 ~*~ o2\n", {"parameterization": "theta"}, "Scales of latent"),
        (_as_they_are, "visual =~ o1 + o2 + o3\no1 | t1\n", {"estimator": "MLR"}, "Only ordered items"),
    ],
)
def test_data_that_carry_no_such_model_are_told(
    change: Change, model: str, given: dict[str, Any], reason: str, instrument: Instrument
) -> None:
    with pytest.raises(MethodError, match=reason):
        _fit(_spoilt(change), instrument, model, **given)


@pytest.mark.parametrize(
    ("change", "model", "given"),
    [
        (lambda f: f.update({"x3": 1e9 * f["x3"]}), MIXED, {}),
        (lambda f: f.update({"age": 1e6 + 1e-3 * f["age"]}), MIXED, {}),
        (lambda f: f.update({"age": 1.0 * (f["o1"] > 2)}), MIXED, {}),
        (
            lambda f: f.update({"x7": f["x7"].where(f.index % 2 == 0), "x8": f["x8"].where(f.index % 2 == 1)}),
            MIXED,
            {"missing": "pairwise"},
        ),
        (lambda f: f.update({"x8": f["x7"] + 1e-6 * f["x8"]}), MIXED, {}),
    ],
)
def test_odd_data_end_in_a_verdict_or_an_error(
    change: Change, model: str, given: dict[str, Any], instrument: Instrument
) -> None:
    """Warnings are errors in the tests: huge units, covariates that decide an answer, pairs that nobody answered."""
    with contextlib.suppress(MethodError):
        result = _fit(_spoilt(change), instrument, model, **given)
        assert result.converged or result.verdicts


def test_a_unit_changes_estimates_by_its_factor_alone(instrument: Instrument) -> None:
    one = _fit(answers("complete"), instrument)
    other = _fit(_spoilt(lambda f: f.update({"x3": 1000 * f["x3"] + 7})), instrument)
    assert other.parameters["std_all"].to_numpy() == pytest.approx(
        one.parameters["std_all"].to_numpy(), abs=1e-6, nan_ok=True
    )
    assert other.indices.chi2 == pytest.approx(one.indices.chi2, rel=1e-6)


def test_clusters_widen_the_errors_of_mixed_items(instrument: Instrument) -> None:
    frame = pd.concat([answers("complete")] * 2, ignore_index=True)
    params = Structural.model_validate({"estimator": "WLSMV", "missing": "listwise", "ordered": ORDERED})
    options: dict[str, Any] = {"model": MIXED, "instrument": instrument, "structural": params}
    half = len(frame) // 2
    design = specify_design(len(frame), psu=pd.Series(np.arange(len(frame)) % half))
    clustered, alone = fit_structural(frame, design=design, **options), fit_structural(frame, **options)
    free = (alone.parameters["free"] > 0).to_numpy()
    ratio = (clustered.parameters["se"] / alone.parameters["se"]).to_numpy()[free]
    assert ratio == pytest.approx(np.sqrt(2), rel=0.01)


def test_equal_thresholds_are_equal_intercepts_of_numbers() -> None:
    assert equal_of_ordered(("loadings", "thresholds")) == ("loadings", "thresholds", "intercepts")
    assert equal_of_ordered(("intercepts",)) == ("intercepts", "thresholds")
    assert equal_of_ordered(("loadings",)) == ("loadings",)


def test_what_is_taken_as_numbers_is_recorded(instrument: Instrument) -> None:
    result = _fit(answers("complete"), instrument)
    assert result.record()["numbers"] == ["x3", "x7", "x8"]
    assert set(result.residuals["item"]) | set(result.residuals["other"]) == {"o1", "o2", "x3", "x7", "x8", "o9"}
    assert _fit(answers("complete"), instrument, "visual =~ o1 + o2 + o3\n").record()["numbers"] == []
