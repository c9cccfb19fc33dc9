"""Sentences on the weighting name the stages that were applied, and only those."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from printing import SPECS

from analysis.edition import load_edition
from analysis.edition.sections.weighting import Calibration
from analysis.publish.parts.weighting.findings import calibration, fitted_to, replicates, variables, weighting
from analysis.publish.tables.printed import cells
from analysis.publish.words import formats
from analysis.publish.words.labels import Labels
from analysis.publish.words.phrases import question_inside
from analysis.results import Store

RECORD = {
    "available": True,
    "base_source": "strata",
    "nonresponse": {"classes": 4, "cases": 900, "min_factor": 1.5, "max_factor": 2.5, "collapsed": 0},
    "converged": True,
    "iterations": 4,
    "max_deviation": 1e-9,
    "trimmed": 7,
    "upper": 3.25,
    "deff": 1.31,
    "n_eff": 400.0,
    "min": 0.3,
    "max": 3.25,
    "cv": 0.56,
    "replicate_method": "JKn",
    "replicate_count": 80,
    "replicate_degrees": 74,
    "replicate_unconverged": 2,
}


@pytest.fixture(scope="module", params=["zh", "en"])
def labels(request: pytest.FixtureRequest, root: Path) -> Labels:
    return Labels(load_edition(root / "params" / "2025.yml"), request.param)


def _store(path: Path, **changes: Any) -> Store:
    store = Store(path)
    store.save_record("04_weighting", "weighting", {**RECORD, **changes})
    store.save_record("03_cleaning", "cleaning", {"kept": 525})
    margins = {"margin": "region", "category": ["east", "west"], "target_share": 0.5, "sample_share": [0.6, 0.4]}
    store.save_table("weighting_margins", pd.DataFrame(margins))
    store.save_table("weighting_diagnostics", pd.DataFrame({"stage": ["raked"], "deff": [1.31]}))
    return store


def test_every_stage_that_was_applied_is_told(labels: Labels, tmp_path: Path) -> None:
    told = weighting(_store(tmp_path), labels)
    for fact in ("900", "525", "1.50", "2.50", "1.31", "400", "60.0%"):
        assert fact in told
    assert labels.text("findings.weighting.base_strata") in told
    assert labels.text("findings.weighting.trimmed", n=labels.few()) in told


def test_where_no_margins_may_be_told_the_departure_from_them_is_not(labels: Labels, tmp_path: Path) -> None:
    """A part of another edition is weighted as the whole was, and has no margins of its own."""
    store = _store(tmp_path)
    store.keep_tables({"weighting_diagnostics"})
    told = weighting(store, labels)
    assert "60.0%" not in told
    assert "1.31" in told


@pytest.mark.parametrize(
    ("trimmed", "told"),
    [(28, {"zh": "不足 30 份", "en": "fewer than 30 interviews"}), (31, {"zh": " 31 份", "en": "of 31 "})],
)
def test_few_weights_at_their_bounds_are_not_counted(
    labels: Labels, tmp_path: Path, trimmed: int, told: dict[str, str]
) -> None:
    """28 of them beside a withheld group of 28 would name it."""
    text = weighting(_store(tmp_path, trimmed=trimmed), labels)
    assert told[labels.lang] in text
    assert "28" not in text


def test_the_spread_of_the_weights_is_not_told_where_its_table_was_left_out(labels: Labels, tmp_path: Path) -> None:
    store = _store(tmp_path, nonresponse=None)
    store.keep_tables(["weighting_margins"])
    told, quoted = weighting(store, labels), variables(store, labels)["weights"]
    assert not any(number in told for number in ("1.31", "3.25", "0.56"))
    assert {quoted[name] for name in ("deff", "min", "max", "cv", "n_eff")} == {formats.MISSING}


def test_stages_that_were_not_applied_are_not_told(labels: Labels, tmp_path: Path) -> None:
    told = weighting(_store(tmp_path, available=False, nonresponse=None, base_source="equal"), labels)
    assert told == labels.text("findings.weighting.unweighted")
    own = weighting(_store(tmp_path, available=False, nonresponse=None, base_source="given"), labels)
    assert own.startswith(labels.text("findings.weighting.base_given"))
    assert own.endswith(labels.text("findings.weighting.unused"))
    assert "1.31" not in told


def test_replicates_that_missed_a_margin_are_counted(labels: Labels, tmp_path: Path) -> None:
    missed = replicates(_store(tmp_path), labels)
    assert "80" in missed
    assert "2" in missed
    assert labels.text("findings.weighting.jackknife") in missed
    values = {"method": labels.text("findings.weighting.bootstrap"), "count": "80", "missed": "0"}
    met = replicates(_store(tmp_path, replicate_method="bootstrap", replicate_unconverged=0), labels)
    assert met == labels.text("findings.weighting.replicates_met", **values)


def test_variables_hold_only_what_was_applied(tmp_path: Path, labels: Labels) -> None:
    bare = variables(_store(tmp_path / "a", nonresponse=None, replicate_count=None, upper=None), labels)["weights"]
    assert not {"cases", "replicates", "upper"} & set(bare)
    found = {**RECORD["nonresponse"], "eligible_share": 0.95, "response_rate": 0.58}  # type: ignore[dict-item]
    full = variables(_store(tmp_path / "b", nonresponse=found), labels)["weights"]
    assert full["cases"] == "900"
    assert full["replicates"] == "80"


def _with_calibration(labels: Labels, **rule: Any) -> Labels:
    weighting = labels.edition.weighting
    changed = weighting.model_copy(update={"calibration": Calibration.model_validate(rule)})
    return Labels(labels.edition.model_copy(update={"weighting": changed}), labels.lang)


def test_known_means_are_told_beside_the_margins(labels: Labels, tmp_path: Path) -> None:
    known = _with_calibration(labels, means={"income": 42.0})
    mean = labels.text("findings.weighting.mean_of", name=question_inside("income", labels))
    assert fitted_to(known).endswith(mean)
    assert mean in weighting(_store(tmp_path), known)
    assert mean not in weighting(_store(tmp_path), labels)
    assert labels.text("findings.weighting.raking") in calibration(_store(tmp_path), known)


def test_negative_weights_are_told_where_there_are_some(labels: Labels, tmp_path: Path) -> None:
    allowed = _with_calibration(labels, method="linear", negative=True)
    told = calibration(_store(tmp_path / "a", negative=41), allowed)
    assert labels.text("findings.weighting.negative", n=labels.people(41)) in told
    few = calibration(_store(tmp_path / "b", negative=3), allowed)
    assert labels.few() in few
    none = calibration(_store(tmp_path / "c", negative=0), allowed)
    assert none == labels.text("findings.weighting.linear")


def test_means_are_printed_beside_those_of_the_population(labels: Labels) -> None:
    row = {"variable": "income", "n": 500, "target": 42.5, "sample_mean": 39.25, "weighted_mean": 42.5, "largest": 90.0}
    printed = cells(SPECS["weighting_means"], pd.DataFrame([row]), labels)[0]
    assert printed == [labels.question("income"), "500", "42.50", "39.25", "42.50"]


def test_a_class_is_written_by_its_members(labels: Labels) -> None:
    cell = "institution_type=bank; channel="
    frame = pd.DataFrame(
        {
            "category": [f"{cell}app | {cell}web", f"{cell}phone | institution_type=fund; channel=app", "propensity=2"],
            "cases": 10.4,
            "n": 40,
            "response_rate": 0.4,
            "factor": 2.5,
        }
    )
    first, second, third = (row[0] for row in cells(SPECS["nonresponse_classes"], frame, labels))
    bank, app, web = (
        labels.category("institution_type", "bank"),
        *(labels.category("channel", c) for c in ("app", "web")),
    )
    assert first.startswith(f"{bank} · {app}")
    assert web in first
    assert first.count(bank) == 1
    assert labels.category("institution_type", "fund") in second
    assert third == labels.text("text.propensity_class", number="2")
