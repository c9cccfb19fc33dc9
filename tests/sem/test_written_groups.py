"""Models that the user writes for several groups, against lavaan on made-up answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_answers import made_answers

from analysis.edition.instrument import Instrument, ProfileQuestion
from analysis.edition.sections.structural import Structural
from analysis.errors import EditionError, MethodError
from analysis.sem.groups.joint import check_group_model
from analysis.sem.groups.written import GroupedResult, fit_groups
from analysis.sem.model.reader import check_model

GOLDEN = Path(__file__).parents[1] / "golden"
LAVAAN: dict[str, Any] = json.loads((GOLDEN / "sem_written_groups.json").read_text(encoding="utf-8"))
LAVAAN = {name: golden for name, golden in LAVAAN.items() if name != "made_with"}
BLOCKS = {
    "visual": ["x1", "x2", "x3"],
    "textual": ["x4", "x5", "x6"],
    "speed": ["x7", "x8", "x9"],
    "background": ["y1", "y2", "income"],
}


@pytest.fixture(scope="module")
def instrument(build_instrument: Callable[..., Instrument]) -> Instrument:
    asked = {"name": {"zh": "问", "en": "asked"}, "question": {"zh": "问", "en": "asked"}}
    questions = [
        ProfileQuestion.model_validate({"key": "sex", "categories": ["f", "m"], **asked}),
        ProfileQuestion.model_validate({"key": "age", **asked}),
    ]
    return build_instrument(BLOCKS).model_copy(update={"profile": tuple(questions)})


@pytest.fixture(scope="module")
def fitted(instrument: Instrument) -> Callable[[str], GroupedResult]:
    @cache
    def fit(case: str) -> GroupedResult:
        golden = LAVAAN[case]
        missing = "fiml" if golden["data"] == "gaps" else "listwise"
        given = {"estimator": golden["estimator"], "missing": missing, "group": golden["group"]}
        params = Structural.model_validate({**given, "group_equal": golden["equal"]})
        frame = made_answers(golden["data"])
        return fit_groups(frame, model=golden["model"], instrument=instrument, structural=params)

    return fit


@pytest.mark.parametrize("case", LAVAAN)
def test_estimates_and_errors_of_groups_equal_lavaan(case: str, fitted: Callable[[str], GroupedResult]) -> None:
    result = fitted(case)
    assert result.converged
    table = {(r["category"], r["lhs"], r["op"], r["rhs"]): r for r in result.parameters.to_dict("records")}
    for group, lhs, op, rhs, estimate, se, std in LAVAAN[case]["estimates"]:
        key = (group, lhs, op, "" if op == "~1" else rhs)
        if op == ":=":
            key = next(known for known in table if known[:3] == key[:3])
        row = table.get(key) or table[group, rhs, op, lhs]
        assert row["est"] == pytest.approx(estimate, abs=1e-5 * max(1, abs(estimate))), key
        assert np.nan_to_num(row["se"]) == pytest.approx(se, rel=1e-3, abs=1e-6), key
        if op != ":=":
            assert row["std_all"] == pytest.approx(std, abs=1e-5), key


@pytest.mark.parametrize("case", LAVAAN)
def test_tests_of_groups_equal_lavaan(case: str, fitted: Callable[[str], GroupedResult]) -> None:
    indices, golden = fitted(case).indices, LAVAAN[case]["fit"]
    names = {"chi2": "chisq", "df": "df", "pvalue": "pvalue", "baseline_chi2": "baseline.chisq", "cfi": "cfi"}
    names |= {"baseline_df": "baseline.df", "tli": "tli", "rmsea": "rmsea", "srmr": "srmr", "n": "ntotal"}
    names |= {"rmsea_low": "rmsea.ci.lower", "rmsea_high": "rmsea.ci.upper"}
    names |= {"logl": "logl", "aic": "aic", "bic": "bic", "parameters": "npar"}
    for ours, theirs in names.items():
        assert getattr(indices, ours) == pytest.approx(golden[theirs], rel=1e-5, abs=1e-6), ours
    if golden.get("chisq.scaled") is not None:
        assert indices.robust is not None
        assert indices.robust.chi2 == pytest.approx(golden["chisq.scaled"], rel=1e-3)
        assert indices.robust.scaling == pytest.approx(golden["chisq.scaling.factor"], rel=1e-3)
        assert indices.robust.cfi == pytest.approx(golden["cfi.robust"], abs=1e-5)
        assert indices.robust.rmsea == pytest.approx(golden["rmsea.robust"], abs=1e-5)


def test_what_is_shared_is_one_parameter(instrument: Instrument) -> None:
    model = "visual =~ x1 + x2 + a*x3\nvisual ~ c(b, d)*age"
    one, other = check_group_model(model, instrument=instrument, where="m", groups=2, equal=["loadings"])
    names = [{p.text: p.name for p in syntax.parameters} for syntax in (one, other)]
    same = {text for text, name in names[0].items() if name is not None and name == names[1][text]}
    assert same == {"visual =~ x2", "visual =~ x3"}


def test_a_modifier_needs_an_entry_for_each_group(instrument: Instrument) -> None:
    with pytest.raises(EditionError, match="one entry for each group") as caught:
        check_group_model("visual =~ x1 + c(a, b, c)*x2 + x3", instrument=instrument, where="m", groups=2)
    assert "m, line 1" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "options", "reason"),
    [
        ({}, {"group": "nothing"}, "has no column"),
        ({"sex": "f"}, {"group": "sex"}, "needs two of them"),
        ({"sex": ["m"] * 5 + ["f"] * 395}, {"group": "sex"}, "too few rows"),
    ],
)
def test_what_makes_no_groups_is_refused(
    change: dict[str, Any], options: dict[str, Any], reason: str, instrument: Instrument
) -> None:
    params = Structural.model_validate(options)
    frame = made_answers("complete").assign(**change)
    with pytest.raises(MethodError, match=reason):
        fit_groups(frame, model=LAVAAN["metric"]["model"], instrument=instrument, structural=params)


def test_the_model_of_all_groups_as_one_leaves_free_what_differs_between_them(instrument: Instrument) -> None:
    model = "visual =~ x1 + c(a, a)*x2 + c(1, 2)*x3\nvisual ~ c(b, d)*age\ntwice := 2*a\ngap := b - d\nb > 0\na > 0"
    with pytest.raises(EditionError, match=r"structural\.group"):
        check_model(model, instrument=instrument, where="m")
    pooled = check_model(model, instrument=instrument, where="m", pooled=True)
    said = {p.text: (p.label, p.value) for p in pooled.parameters}
    assert said["visual =~ x2"] == ("a", None)
    assert said["visual =~ x3"] == said["visual ~ age"] == (None, None)
    assert [one.name for one in pooled.defined] == ["twice"]
    assert [one.text for one in pooled.constraints] == ["a > 0"]


def test_what_is_published_of_groups_are_paths_means_and_what_they_define(instrument: Instrument) -> None:
    model = "visual =~ x1 + x2 + x3\nspeed =~ x7 + x8 + x9\nspeed ~ c(a, b)*visual\ngap := a - b"
    params = Structural.model_validate({"group": "sex", "group_equal": ["loadings", "intercepts"]})
    result = fit_groups(made_answers("complete"), model=model, instrument=instrument, structural=params)
    tables = result.tables()
    shown = tables["group_relations"]
    assert shown is not None
    assert [tuple(row) for row in shown[["lhs", "op", "category"]].to_numpy()] == [
        ("speed", "~", "f"),
        ("speed", "~", "m"),
        ("visual", "~1", "m"),  # 0 in the first group, free in the other
        ("speed", "~1", "m"),
    ]
    assert shown["n"].tolist() == [float((made_answers("complete")["sex"] == code).sum()) for code in "fmmm"]
    assert not shown["shared"].any()
    paths, gap = shown["est"][:2], tables["group_defined"]
    assert gap is not None
    assert gap["est"].item() == pytest.approx(paths[0] - paths[1])
    assert set(tables) == {"group_relations", "group_defined", "group_parameters", "group_fit"}
    unsound = pd.DataFrame({"category": ["f"], "verdict": ["negative_variance"], "subject": "x1", "value": -0.1})
    assert replace(result, findings=unsound).tables() == {}


def test_a_category_that_nobody_chose_is_named(instrument: Instrument) -> None:
    question = instrument.question("sex").model_validate(
        {**instrument.question("sex").model_dump(), "categories": ["f", "m", "other"]}
    )
    listed = instrument.model_copy(update={"profile": (question, instrument.question("age"))})
    params = Structural.model_validate({"group": "sex"})
    with pytest.raises(MethodError, match="too few rows") as caught:
        fit_groups(made_answers("complete"), model=LAVAAN["metric"]["model"], instrument=listed, structural=params)
    assert "other (0)" in str(caught.value)
