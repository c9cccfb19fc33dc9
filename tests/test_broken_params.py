"""Every fault in a params file ends in an error that names the file, the key and what to do."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from small_survey import as_yaml

from analysis.edition import load_edition
from analysis.errors import EditionError, Problems, SurveyReportError

Change = Callable[[dict[str, Any]], object]


@cache
def _parsed(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _said(path: Path) -> dict[str, Any]:
    """What a file of the project says, to be changed."""
    return copy.deepcopy(_parsed(path))


@pytest.fixture
def write(tmp_path: Path, root: Path) -> Callable[[Change], Path]:
    """Write a changed copy of the 2025 edition, its references made absolute."""

    def _write(change: Change) -> Path:
        content = _said(root / "params" / "2025.yml")
        for key in ("instrument", "model", "standards", "benchmarks"):
            content[key] = str(root / "params" / content[key])
        change(content)
        path = tmp_path / "broken.yml"
        path.write_text(as_yaml(content), encoding="utf-8")
        return path

    return _write


def _set(*keys: str, value: object) -> Change:
    def change(content: dict[str, Any]) -> None:
        for key in keys[:-1]:
            content = content[key]
        content[keys[-1]] = value

    return change


BROKEN: dict[str, tuple[Change, tuple[str, ...]]] = {
    "unknown section": (_set("wieghting", value={}), ("wieghting", "weighting")),
    "unknown key": (_set("trend", "horizn", value=4), ("trend.horizn", "did you mean 'horizon'")),
    "unknown nested key": (_set("weighting", "trim", "uper", value=4.0), ("uper", "did you mean 'upper'")),
    "missing section": (lambda c: c.pop("index"), ("index", "missing")),
    "missing title in one language": (lambda c: c["publication"]["title"].pop("en"), ("title.en", "missing")),
    "text for a number": (_set("trend", "horizon", value="four"), ("trend.horizon", "integer", "'four'")),
    "number as text": (_set("sampling", "margin", value="0.75"), ("sampling.margin", "'0.75'")),
    "percent for a share": (_set("sampling", "confidence", value=95.0), ("sampling.confidence", "less than 1", "95.0")),
    "weights of the index from nowhere": (
        _set("index", "weights", value="modle"),
        ("index.weights", "'importance'", "modle"),
    ),
    "weights from the sample without replicates": (
        lambda c: (c["index"].update(weights="importance"), c["weighting"].pop("replicates")),
        ("index.weights is importance", "weighting.replicates asks for none"),
    ),
    "weights from a model that is not there": (
        lambda c: (c["index"].update(weights="model"), c.pop("model")),
        ("index.weights", "a model file under the key `model`"),
    ),
    "an excluded question that is not asked": (
        _set("index", "exclude", value={"custmer_type": ["practitioner"]}),
        ("index.exclude", "did you mean 'customer_type'"),
    ),
    "an excluded answer that does not exist": (
        _set("index", "exclude", value={"customer_type": ["practitoner"]}),
        ("index.exclude.customer_type", "did you mean 'practitioner'"),
    ),
    "a driver that is no construct": (
        _set("drivers", "predictors", value=["eficiency"]),
        ("drivers.predictors: eficiency", "did you mean 'efficiency'"),
    ),
    "an outcome that is a driver": (_set("drivers", "outcomes", value=["security"]), ("security", "explains at once")),
    "an ordered answer of a driver": (_set("drivers", "ordered", value=["sec1"]), ("sec1", "explains at once")),
    "an ordered answer that is no item": (
        _set("drivers", "ordered", value=["sat9"]),
        ("drivers.ordered: sat9", "item of the instrument"),
    ),
    "a background that is no question": (
        _set("drivers", "background", value=["institution_type", "agee"]),
        ("drivers.background: agee", "did you mean 'age'"),
    ),
    "a reference that is no answer": (
        _set("drivers", "reference", value={"institution_type": "bnak"}),
        ("drivers.reference.institution_type", "did you mean 'bank'"),
    ),
    "a reference for a question that is left out": (
        _set("drivers", "reference", value={"income": "<6"}),
        ("drivers.reference: income", "in no regression"),
    ),
    "an interaction of something that is left out": (
        _set("drivers", "interactions", value=[["age", "security"], ["age", "income"]]),
        ("drivers.interactions: pair 2: income", "in no regression"),
    ),
    "an unknown key of the drivers": (_set("drivers", "outcome", value=[]), ("drivers.outcome", "'outcomes'")),
    "an excluded answer that is no list": (
        _set("index", "exclude", value={"customer_type": "practitioner"}),
        ("index.exclude.customer_type",),
    ),
    "a mode in one language": (_set("publication", "mode", value={"zh": "网络"}), ("publication.mode.en", "missing")),
    "ordered answers with gaps": (
        _set("structural", "estimator", value="WLSMV"),
        ("structural", "missing", "listwise"),
    ),
    "ordered answers with a bootstrap": (
        lambda c: c["structural"].update(estimator="WLSMV", missing="listwise"),
        ("structural", "bootstrap to 0"),
    ),
    "errors from replicates of ordered answers": (
        lambda c: c["structural"].update(estimator="WLSMV", missing="listwise", bootstrap=0, variance="replicates"),
        ("structural", "variance from replicates"),
    ),
    "errors from replicates that nobody makes": (
        lambda c: (c["structural"].update(variance="replicates"), c["weighting"].pop("replicates")),
        ("structural.variance", "weighting.replicates asks for none"),
    ),
    "a last edition that is no wave": (_set("trend", "last_edition", value="autumn"), ("trend.last_edition",)),
    "more than everybody in two waves": (_set("trend", "shared_respondents", value=1.5), ("shared_respondents", "1.5")),
    "a correlation above one": (_set("trend", "shared_correlation", value=2), ("trend.shared_correlation", "2")),
    "a forecast that is never tested": (_set("trend", "origins", value=0), ("trend.origins", "0")),
    "a key of the trend that is gone": (_set("trend", "holdout", value=4), ("trend.holdout", "origins")),
    "negative horizon": (_set("trend", "horizon", value=-4), ("trend.horizon", "-4")),
    "zero response rate": (_set("sampling", "response_rate", value=0.0), ("sampling.response_rate", "greater than 0")),
    "infinite margin": (_set("sampling", "margin", value=float("inf")), ("sampling.margin", "inf")),
    "yes for a switch": (_set("cleaning", "duplicates", value="yes please"), ("cleaning.duplicates", "boolean")),
    "unknown language": (_set("publication", "languages", value=["zh", "fr"]), ("publication.languages", "fr")),
    "no language": (_set("publication", "languages", value=[]), ("publication.languages",)),
    "not a date": (_set("publication", "date", value="2025-13-40"), ("publication.date", "2025-06-30")),
    "fieldwork ends before it starts": (
        lambda c: c["publication"]["fieldwork"].update(start=c["publication"]["date"]),
        ("fieldwork.end", "is before"),
    ),
    "unknown data source": (_set("data", "source", value="database"), ("data.source", "'database'")),
    "files without responses": (_set("data", value={"source": "files"}), ("data.tables", "responses")),
    "unknown table": (
        _set(
            "data", value={"source": "files", "tables": {"responses": {"path": "a.csv"}, "answers": {"path": "b.csv"}}}
        ),
        ("answers", "responses"),
    ),
    "tables of a simulated edition": (
        _set("data", value={"source": "simulated", "tables": {"responses": {"path": "a.csv"}}}),
        ("data.tables", "simulated"),
    ),
    "unknown file format": (
        _set("data", value={"source": "files", "tables": {"responses": {"path": "a.docx", "format": "docx"}}}),
        ("format", "'docx'"),
    ),
    "header row not among the header rows": (
        _set(
            "data", value={"source": "files", "tables": {"responses": {"path": "a", "header_rows": 1, "header_row": 2}}}
        ),
        ("header_row (2)",),
    ),
    "filter with neither keep nor drop": (
        _set("data", value={"source": "files", "tables": {"responses": {"path": "a", "filters": [{"column": "x"}]}}}),
        ("keep", "drop"),
    ),
    "unknown margin": (_set("weighting", "margins", value=["regoin"]), ("regoin", "did you mean 'region'")),
    "unknown variable of nonresponse": (
        _set("weighting", "nonresponse", value={"variables": ["chanel"]}),
        ("weighting.nonresponse.variables", "did you mean 'channel'"),
    ),
    "nonresponse without variables": (_set("weighting", "nonresponse", value={"method": "classes"}), ("variables",)),
    "too few replicates": (_set("weighting", "replicates", value={"count": 3}), ("count", "10")),
    "unknown segment": (_set("index", "segments", value=["branch"]), ("branch", "profile question")),
    "unknown stratum": (_set("sampling", "stratum", value="province"), ("sampling.stratum", "province")),
    "unknown construct": (_set("index", "csat", "construct", value="happiness"), ("index.csat.construct", "happiness")),
    "threshold off the scale": (_set("index", "csat", "satisfied_from", value=80.0), ("satisfied_from", "80")),
    "weights leave dimensions out": (
        _set("index", "weights", value={"efficiency": 1.0}),
        ("index.weights", "attitude"),
    ),
    "weight of a construct that is no dimension": (
        _set("index", "weights", value={"loyalty": 1.0}),
        ("loyalty", "dimension"),
    ),
    "too few simulated interviews": (_set("simulation", "responses", value=10), ("simulation.responses", "200")),
    "invariance between answers that nobody is asked for": (
        _set("measurement", "group", value="instituton_type"),
        ("measurement.group", "profile question", "did you mean 'institution_type'"),
    ),
    "invariance between items": (_set("measurement", "group", value="eff1"), ("measurement.group", "'eff1'")),
    "no factor": (_set("measurement", "factors", value=0), ("measurement.factors", "greater than or equal to 1")),
    "more factors than can be told apart": (
        _set("measurement", "factors", value=51),
        ("measurement.factors", "less than or equal to 50"),
    ),
    "half a factor": (_set("measurement", "factors", value=2.5), ("measurement.factors", "integer", "2.5")),
    "too few resamples": (
        _set("measurement", "replicates", value=99),
        ("measurement.replicates", "greater than or equal to 100", "99"),
    ),
    "too many resamples": (
        _set("measurement", "replicates", value=20_001),
        ("measurement.replicates", "less than or equal to 20000"),
    ),
    "reliability in percent": (
        _set("measurement", "min_alpha", value=70.0),
        ("measurement.min_alpha", "less than 1", "70.0"),
    ),
    "no variance asked for": (_set("measurement", "min_ave", value=0.0), ("measurement.min_ave", "greater than 0")),
    "adequacy that no sample reaches": (
        _set("measurement", "min_kmo", value=1.0),
        ("measurement.min_kmo", "less than 1"),
    ),
    "HTMT of one": (
        _set("measurement", "max_htmt_related", value=1.0),
        ("measurement.max_htmt_related", "less than 1"),
    ),
    "thresholds of HTMT in the wrong order": (
        _set("measurement", "max_htmt", value=0.95),
        ("measurement", "max_htmt_related (0.9) is below max_htmt (0.95)"),
    ),
    "certainty of measurement": (
        _set("measurement", "confidence", value=1.0),
        ("measurement.confidence", "less than 1"),
    ),
    "weighted by a number": (_set("measurement", "weighted", value=1), ("measurement.weighted", "boolean", "1 (int)")),
    "unknown threshold": (_set("measurement", "min_apha", value=0.7), ("min_apha", "did you mean 'min_alpha'")),
    "base of one interview": (_set("disclosure", "min_base", value=1), ("disclosure.min_base",)),
    "unknown allocation": (_set("sampling", "allocation", value="optimal"), ("sampling.allocation", "'optimal'")),
    "instrument that is not there": (_set("instrument", value="nowhere.yml"), ("nowhere.yml", "does not exist")),
    "model that is not there": (_set("model", value="nowhere.lav"), ("nowhere.lav", "does not exist")),
    "two faults at once": (
        lambda c: (c["trend"].update(horizon=0), c["sampling"].update(margin=-1.0)),
        ("2 problem(s)", "trend.horizon", "sampling.margin"),
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_value_is_named_with_file_and_key(name: str, write: Callable[[Change], Path]) -> None:
    change, words = BROKEN[name]
    with pytest.raises(SurveyReportError) as caught:
        load_edition(write(change))
    assert isinstance(caught.value, EditionError | Problems)
    message = str(caught.value)
    for word in words:
        assert word in message
    assert "broken.yml" in message or "nowhere" in message


def test_a_day_may_stand_in_quotes(write: Callable[[Change], Path]) -> None:
    edition = load_edition(write(_set("publication", "date", value="2026-01-31")))
    assert edition.published == dt.date(2026, 1, 31)


def test_what_follows_from_a_fault_is_no_fault_more(write: Callable[[Change], Path]) -> None:
    def change(content: dict[str, Any]) -> None:
        content["publication"] |= {"date": "soon"}
        del content["publication"]["fieldwork"]

    with pytest.raises(EditionError) as caught:  # one problem, not several
        load_edition(write(change))
    assert "publication.date" in str(caught.value)


def test_the_unchanged_copy_is_valid(write: Callable[[Change], Path]) -> None:
    assert load_edition(write(lambda content: content)).seed == 2025


BROKEN_TEXT: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "empty": (b"", ("holds no keys",)),
    "a list": (b"- a\n- b\n", ("holds no keys", "list")),
    "bad indentation": (b"publication:\n  year: 2025\n title: x\n", ("not valid YAML", "line 3")),
    "a key given twice": (b"seed: 1\nseed: 2\n", ("given twice", "line 2")),
    "GB18030 text": ("publication: 满意度".encode("gb18030"), ("not UTF-8",)),
    "a tab": (b"seed:\n\t- 1\n", ("not valid YAML", "line 2")),
    "extends nothing": (b"extends: missing.yml\n", ("missing.yml", "does not exist")),
    "extends itself": (b"extends: broken.yml\n", ("in a circle", "broken.yml")),
    "extends a list": (b"extends: [a.yml, b.yml]\n", ("extends", "one file")),
}


@pytest.mark.parametrize("name", BROKEN_TEXT)
def test_a_broken_file_is_named_with_its_line(name: str, tmp_path: Path) -> None:
    content, words = BROKEN_TEXT[name]
    path = tmp_path / "broken.yml"
    path.write_bytes(content)
    with pytest.raises(EditionError) as caught:
        load_edition(path)
    for word in words:
        assert word in str(caught.value)


def test_a_params_file_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(EditionError, match=r"2031\.yml"):
        load_edition(tmp_path / "2031.yml")


BROKEN_INSTRUMENT: dict[str, tuple[Change, tuple[str, ...]]] = {
    "scale upside down": (_set("scale", "min", value=9), ("scale.min (9)", "below")),
    "label off the scale": (lambda c: c["scale"]["labels"].update({8: {"zh": "好", "en": "good"}}), ("[8]", "outside")),
    "item key used twice": (
        lambda c: c["constructs"][1]["items"][0].update(key="eff1"),
        ("eff1", "more than once"),
    ),
    "item key with a space": (lambda c: c["constructs"][0]["items"][0].update(key="eff 1"), ("eff 1", "letters")),
    "item key that is a column of its own": (
        lambda c: c["constructs"][0]["items"][0].update(key="weight"),
        ("weight", "column name"),
    ),
    "item without English wording": (lambda c: c["constructs"][0]["items"][0].pop("en"), ("en", "missing")),
    "construct without items": (lambda c: c["constructs"][0].update(items=[]), ("constructs.0.items",)),
    "unknown role": (lambda c: c["constructs"][0].update(role="driver"), ("constructs.0.role", "'driver'")),
    "no dimension": (lambda c: [x.update(role="other") for x in c["constructs"]], ("dimension",)),
}


@pytest.mark.parametrize("name", BROKEN_INSTRUMENT)
def test_a_broken_instrument_is_named_with_its_key(
    name: str, root: Path, tmp_path: Path, write: Callable[[Change], Path]
) -> None:
    change, words = BROKEN_INSTRUMENT[name]
    instrument = _said(root / "params/instruments/guide.yml")
    change(instrument)
    path = tmp_path / "instrument.yml"
    path.write_text(as_yaml(instrument), encoding="utf-8")
    with pytest.raises(SurveyReportError) as caught:
        load_edition(write(_set("instrument", value=str(path))))
    for word in ("instrument.yml", *words):
        assert word in str(caught.value)


def _measure(**measure: str) -> Change:
    def change(benchmarks: dict[str, Any]) -> None:
        entry = next(one for one in benchmarks["benchmarks"] if one["key"] == "account_satisfied")
        benchmarks["benchmarks"].append(entry | {"key": "own", "measure": measure})

    return change


BROKEN_BENCHMARKS: dict[str, tuple[Change, tuple[str, ...]]] = {
    "an item that is not asked": (_measure(kind="item_share", item="ef3"), ("own.measure.item: ef3", "'eff3'")),
    "a construct that is not there": (
        _measure(kind="construct_share", construct="trsut"),
        ("own.measure.construct: trsut", "'trust'"),
    ),
    "a question that is not asked": (
        _measure(kind="csat", segment="institution", category="bank"),
        ("own.measure.segment: institution", "'institution_type'"),
    ),
    "an answer that nobody could give": (
        _measure(kind="csat", segment="institution_type", category="banks"),
        ("own.measure.category: banks", "'bank'"),
    ),
    "a figure to disagree with that is not there": (
        lambda c: c["benchmarks"][0].update(disagrees_with="complaint_dys_feedback"),
        ("account_satisfied.disagrees_with", "'complaint_days_feedback'"),
    ),
}


def _benchmarks(change: Change, root: Path, tmp_path: Path) -> Path:
    content = _said(root / "params/benchmarks/guide.yml")
    change(content)
    path = tmp_path / "benchmarks.yml"
    path.write_text(as_yaml(content), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", BROKEN_BENCHMARKS)
def test_a_benchmark_of_what_is_not_asked_is_named_with_its_key(
    name: str, root: Path, tmp_path: Path, write: Callable[[Change], Path]
) -> None:
    change, words = BROKEN_BENCHMARKS[name]
    path = _benchmarks(change, root, tmp_path)
    with pytest.raises(SurveyReportError) as caught:
        load_edition(write(_set("benchmarks", value=str(path))))
    for word in ("benchmarks.yml", *words):
        assert word in str(caught.value)
