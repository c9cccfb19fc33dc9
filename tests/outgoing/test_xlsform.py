"""The form: pyxform makes an XForm of it, and that form asks what the instrument asks, of those whom it asks."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from lxml import etree
from mixed_survey import mixed_edition, mixed_instrument
from small_survey import Survey

from analysis.edition import Edition, load_edition
from analysis.errors import EditionError
from analysis.outgoing.questionnaire import questions
from analysis.outgoing.xlsform import LANGUAGES, write_xlsform

pyxform = pytest.importorskip("pyxform.xls2xform")
NAMES = {"h": "http://www.w3.org/1999/xhtml", "x": "http://www.w3.org/2002/xforms"}


def _sheet(edition: Edition, name: str) -> list[dict[str, Any]]:
    rows = openpyxl.load_workbook(io.BytesIO(write_xlsform(edition)))[name].iter_rows(values_only=True)
    header = next(rows)
    return [dict(zip(header, row, strict=True)) for row in rows]


def _by_name(edition: Edition) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in _sheet(edition, "survey") if row["type"] != "end_group"}


def _form(edition: Edition) -> Any:
    """The XForm that pyxform makes, which refuses what is no XLSForm; nothing may be worth a warning."""
    made = pyxform.convert(xlsform=io.BytesIO(write_xlsform(edition)), file_type=".xlsx", validate=False)
    assert made.warnings == []
    return etree.fromstring(made.xform.encode())


@pytest.fixture
def mixed(survey: Survey) -> Edition:
    return mixed_edition(survey)


@pytest.mark.parametrize("params", ["params/2025.yml", "tests/editions/csibank.yml"])
def test_pyxform_takes_the_form_of_the_editions(params: str, root: Any) -> None:
    edition = load_edition(root / params)
    form = _form(edition)
    asked = {bind.get("nodeset").rpartition("/")[2] for bind in form.iterfind(".//x:bind", NAMES)}
    assert {*edition.instrument.item_keys, *edition.instrument.profile_keys} <= asked


def test_the_form_asks_every_question_of_the_instrument_once(mixed: Edition) -> None:
    controls = [
        control.get("ref").rpartition("/")[2]
        for tag in ("select1", "select", "input")
        for control in _form(mixed).iterfind(f".//x:{tag}", NAMES)
    ]
    instrument = mixed.instrument
    wanted = [*instrument.item_keys, *instrument.profile_keys, "channels", "check", "comment"]
    assert sorted(controls) == sorted(wanted)
    assert [question.key for question in questions(instrument)] == [
        name for name, row in _by_name(mixed).items() if row["type"] not in {"start", "end", "begin_group"}
    ]


def test_every_kind_of_question_has_its_type(mixed: Edition) -> None:
    rows = _by_name(mixed)
    types = {name: rows[name]["type"] for name in ("q1", "check", "kind", "channels", "age", "city", "comment")}
    assert types == {
        "q1": "select_one scale",
        "check": "select_one scale",
        "kind": "select_one kind",
        "channels": "select_multiple channels",
        "age": "integer",
        "city": "text",
        "comment": "text",
    }
    assert rows["q1"]["appearance"] == "likert"
    assert rows["age"]["constraint"] == ". >= 18"
    assert [name for name, row in rows.items() if row["required"] != "yes" and row["type"] not in {"start", "end"}] == [
        "about_you",
        "service",
        "overall",
        "several",
        "background",
        "own_words",
        "comment",
    ]


def test_both_languages_stand_in_the_form(mixed: Edition) -> None:
    form = _form(mixed)
    told = {
        one.get("lang"): {text.get("id"): text.findtext("x:value", namespaces=NAMES) for text in one}
        for one in form.iterfind(".//x:translation", NAMES)
    }
    assert set(told) == set(LANGUAGES.values())
    chinese, english = told[LANGUAGES["zh"]], told[LANGUAGES["en"]]
    assert chinese["/data/service/q1:label"] == "办理速度"
    assert english["/data/service/q1:label"] == "Speed"
    assert (chinese["scale-0"], english["scale-0"]) == ("非常不满意", "Very dissatisfied")
    assert english["kind-2"] == 'Other, e.g. $ {kind} or "none"'


def test_questions_for_some_people_only_hang_on_answers_that_were_given_before(mixed: Edition) -> None:
    rows = _by_name(mixed)
    assert rows["q3"]["relevant"] == (
        "(${kind} = 'bank' or ${kind} = 'a3') and ((${age} >= 30 and ${age} < 60) or (${age} >= 60))"
    )
    assert rows["q4"]["relevant"] == "${kind} = 'a2'"
    order = list(rows)
    assert max(order.index("kind"), order.index("age")) < min(order.index("q3"), order.index("q4"))


def test_choices_carry_the_codes_of_the_data_where_they_can(mixed: Edition) -> None:
    lists: dict[str, list[str]] = {}
    for row in _sheet(mixed, "choices"):
        lists.setdefault(row["list_name"], []).append(row["name"])
    assert lists == {"kind": ["bank", "a2", "a3"], "scale": ["1", "2", "3", "4", "5"], "channels": ["app", "a2"]}


def test_a_survey_in_one_language_has_one_label_column(survey: Survey) -> None:
    text = {"zh": "测试", "en": "Test"}
    publication = {"year": 2025, "title": text, "subtitle": text, "institute": text, "date": "2025-12-31"}
    publication |= {"fieldwork": {"start": "2025-09-01", "end": "2025-10-31"}, "languages": ["zh"]}
    edition = mixed_edition(survey, publication=publication)
    assert [name for name in _sheet(edition, "survey")[0] if name.startswith("label")] == ["label::中文 (zh)"]
    _form(edition)


def test_a_survey_without_background_questions_and_with_a_long_scale_is_a_form(survey: Survey) -> None:
    bare = mixed_instrument() | {"profile": [], "multiple": [], "open": [], "attention": None}
    bare["constructs"][0]["items"] = bare["constructs"][0]["items"][:2]
    bare["scale"] = {"min": 0, "max": 100, "continuous": True}
    edition = mixed_edition(survey, instrument=bare)
    rows = _by_name(edition)
    assert rows["q1"]["type"] == "decimal"
    assert rows["q1"]["constraint"] == ". >= 0 and . <= 100"
    _form(edition)


def test_keys_that_a_form_has_already_get_another_name(survey: Survey) -> None:
    taken = mixed_instrument()
    taken["profile"][2]["key"] = "meta"
    edition = mixed_edition(survey, instrument=taken)
    assert _by_name(edition)["meta_"]["type"] == "text"
    _form(edition)


def test_the_form_is_the_same_bytes_twice(mixed: Edition) -> None:
    assert write_xlsform(mixed) == write_xlsform(mixed)


def test_an_edition_that_asks_nothing_says_so(survey: Survey) -> None:
    edition = mixed_edition(survey)
    nothing = dict.fromkeys(("constructs", "numeric", "multiple", "open"), ())
    empty = edition.model_copy(update={"instrument": edition.instrument.model_copy(update=nothing)})
    with pytest.raises(EditionError, match="Nothing is asked"):
        write_xlsform(empty)
