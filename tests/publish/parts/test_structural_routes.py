"""Sentences on faults, residuals, routes and recovery say what the tables allow, in both languages."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from printing import SPECS

from analysis.edition import load_edition
from analysis.publish.parts.structural import findings as structural
from analysis.publish.parts.structural import routes as told
from analysis.publish.parts.structural.cells import PARAMETER
from analysis.publish.tables.printed import cells
from analysis.publish.tables.spec import Column
from analysis.publish.words.escape import as_markdown
from analysis.publish.words.labels import Labels
from analysis.publish.words.phrases import construct_inside as inside
from analysis.publish.words.phrases import faults
from analysis.results import Store
from analysis.sem.assess.verdicts import VERDICTS


@pytest.fixture(scope="module", params=["zh", "en"])
def labels(request: pytest.FixtureRequest, root: Path) -> Labels:
    return Labels(load_edition(root / "params" / "2025.yml"), request.param)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def _save(
    store: Store, shares: dict[str, tuple[float | None, float | None, float | None]], *, signs: float = 1
) -> None:
    """Routes and mediators of a dimension `results`, and of `security` with half its effect through trust alone."""
    nan = float("nan")
    ways = [("results", "satisfaction", 0.3), ("results", "satisfaction → trust", 0.1 * signs)]
    ways += [("security", "trust", 0.1), ("security", "satisfaction", 0.1)]
    rows = [(key, "loyalty", f"{key} → {way} → loyalty", value) for key, way, value in ways]
    frame = pd.DataFrame(rows, columns=["predictor", "outcome", "route", "std"])
    frame["share"] = frame["std"] / frame.groupby("predictor")["std"].transform("sum") if signs > 0 else nan
    store.save_table("mediation", frame)
    store.save_table("effects", pd.DataFrame({"outcome": ["satisfaction", "loyalty"]}))
    through = [("results", "satisfaction", 1.0, nan, nan), ("security", "trust", 0.5, 0.4, 0.6)]
    through += [("results", name, *values) for name, values in shares.items()]
    columns = ["predictor", "mediator", "share", "share_low", "share_high"]
    store.save_table("mediators", pd.DataFrame(through, columns=columns).assign(outcome="loyalty"))


def test_every_verdict_has_words_and_advice(labels: Labels) -> None:
    for code in VERDICTS:
        sentence = faults([code], labels)
        assert labels.text(f"findings.verdict.{code}") in sentence
        assert sentence.endswith(labels.text(f"findings.verdict_advice.{code}"))
    assert faults([], labels) == ""


def test_large_residuals_are_counted(store: Store, labels: Labels) -> None:
    store.save_record("07_structural", "structural", {"pairs": 820, "large_residuals": 3})
    assert "820" in told.residuals(store, labels)
    assert "@tbl-residuals" in as_markdown(told.residuals(store, labels))
    store.save_record("07_structural", "structural", {"pairs": 820, "large_residuals": 0})
    assert "@tbl-residuals" not in as_markdown(told.residuals(store, labels))


def test_the_leading_dimension_is_followed_and_one_that_clearly_differs_is_named(store: Store, labels: Labels) -> None:
    _save(store, {"trust": (0.25, 0.2, 0.3)})
    sentence = told.mediation(store, labels)
    for part in ("25%", "20–30%", "50%", "40–60%", labels.construct("security").split()[0]):
        assert part.lower() in sentence.lower()
    assert labels.text("findings.mediation.overlap") not in sentence


def test_an_interval_that_overlaps_names_nobody_else(store: Store, labels: Labels) -> None:
    _save(store, {"trust": (0.35, 0.2, 0.5), "identification": (0.3, 0.2, 0.4)})
    sentence = told.mediation(store, labels)
    assert "50%" not in sentence.replace("20–50%", "")
    assert labels.text("findings.mediation.overlap") in sentence


def test_routes_of_both_signs_have_no_shares(store: Store, labels: Labels) -> None:
    _save(store, {}, signs=-1)
    assert "%" not in told.mediation(store, labels)
    store.save_table("effects", pd.DataFrame({"outcome": ["satisfaction"]}))
    assert told.mediation(store, labels) == ""


def test_recovery_counts_what_the_intervals_hold(store: Store, labels: Labels) -> None:
    frame = pd.DataFrame({"std": [0.2, 0.5], "population": [0.21, 0.44], "inside": [True, False]})
    store.save_table("recovery", frame)
    sentence = told.recovery(store, labels)
    for part in ("2", "1", "1.9", "95%", "0.060"):
        assert part in sentence


@pytest.mark.parametrize("between", [["satisfaction", "trust"], []])
def test_a_route_is_written_between_its_ends(labels: Labels, between: list[str]) -> None:
    route = " → ".join(["results", *between, "loyalty"])
    row = {"outcome": "loyalty", "predictor": "results", "route": route, "std": 0.1, "std_low": 0.0}
    row |= {"std_high": 0.2, "share": 0.4}
    ends, written, *_ = cells(SPECS["mediation"], pd.DataFrame([row]), labels)[0]
    assert [name.strip() for name in ends.split("→")] == [labels.construct("results"), labels.construct("loyalty")]
    named = [name.strip() for name in written.split("→")]
    assert named == ([labels.construct(key) for key in between] or [labels.text("effects.direct")])


def _compared(store: Store, pvalue: float, adjusted: float, *, converged: bool = True) -> None:
    comparison = {"available": True, "question": "institution_type", "groups": 6, "n": 4467, "difference": 62.6}
    comparison |= {"df": 70, "pvalue": pvalue, "converged": converged}
    store.save_record("07_structural", "structural", {"comparison": comparison})
    rows = [("satisfaction", "security", adjusted), ("loyalty", "trust", 1.0)]
    store.save_table("path_equality", pd.DataFrame(rows, columns=["outcome", "predictor", "p_adjusted"]))


def test_paths_that_do_not_differ_are_said_to_be_alike(store: Store, labels: Labels) -> None:
    _compared(store, 0.7234, 0.4)
    sentence = told.path_comparison(store, labels)
    assert "p = 0.723" in sentence
    assert "4,467" in sentence
    assert labels.text("findings.path_comparison.none") in sentence
    assert labels.text("findings.path_comparison.unconverged") not in sentence


def test_paths_that_differ_are_named(store: Store, labels: Labels) -> None:
    _compared(store, 0.00001, 0.01, converged=False)
    sentence = told.path_comparison(store, labels)
    assert "p <0.001" in sentence
    assert inside("security", labels) in sentence
    assert inside("trust", labels) not in sentence
    assert sentence.endswith(labels.text("findings.path_comparison.unconverged"))


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (("trust", "~", "satisfaction"), ("总体满意度 → 信任与安全感", "Overall satisfaction → Trust and safety")),
        (("trust", "~~", "trust"), ("方差：信任与安全感", "Variance: Trust and safety")),
        (("security", "~~", "results"), ("协方差：服务安全性；服务结果", "Covariance: Security; Results")),
        (("security", "~1", ""), ("截距：服务安全性", "Intercept: Security")),
        (("route", ":=", "a*b"), ("route", "route")),
    ],
)
def test_every_kind_of_parameter_has_words(labels: Labels, cell: tuple[str, str, str], words: tuple[str, str]) -> None:
    frame = pd.DataFrame([cell], columns=["lhs", "op", "rhs"])
    frame = frame.assign(**dict.fromkeys(["est", "se", "ci_low", "ci_high", "pvalue", "std_all", "std_se"], 0.5))
    assert cells(SPECS["parameters"], frame, labels)[0][0] == words[labels.lang == "en"]


@pytest.mark.parametrize(
    ("record", "key"), [({"available": False}, "absent"), ({"verdicts": ["negative_variance"]}, "improper")]
)
def test_why_there_is_no_model_is_told(store: Store, labels: Labels, record: dict[str, object], key: str) -> None:
    store.save_record("07_structural", "structural", record)
    assert structural.unmodelled(store, labels).startswith(labels.text(f"findings.unmodelled.{key}"))
    store.save_table("fit", pd.DataFrame({"index": ["cfi"], "value": [0.99]}))
    assert structural.unmodelled(store, labels) == ""


@pytest.mark.parametrize("op", ["=~", "~", "~~", "~1", "|", "~*~"])
def test_every_parameter_has_a_name(labels: Labels, op: str) -> None:
    row = {"lhs": "sat1", "op": op, "rhs": "t2" if op == "|" else "sat1"}
    told = PARAMETER.write(row, Column("parameter", ("lhs", "op", "rhs"), PARAMETER), labels)
    assert labels.item("sat1") in told
    assert ("2" in told) or op != "|"
