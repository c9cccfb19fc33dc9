"""The metadata: in the order of DDI-Codebook 2.5, in every language, and with the counts of the file."""

from __future__ import annotations

from typing import Any

import pandas as pd
from ddi_structure import NAMESPACE, faults
from lxml import etree
from made_up_answers import release
from small_survey import Survey

from analysis.outgoing.codebook import summaries
from analysis.outgoing.ddi import ddi_bytes

NAMES = {"d": NAMESPACE[1:-1]}
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def _document(survey: Survey, **sections: Any) -> tuple[Any, Any]:
    edition, made = release(survey, **sections)
    written = ddi_bytes(made, summaries(made), edition, ["responses.csv", "responses.zh.sav"])
    return etree.fromstring(written), made


def test_the_document_is_built_as_the_standard_has_it(survey: Survey) -> None:
    root, _ = _document(survey, data_release={"design": True, "replicates": True, "open_text": "masked", "k": 12})
    assert faults(root) == []


def test_a_document_that_the_standard_has_not_would_be_found(survey: Survey) -> None:
    root, _ = _document(survey)
    variable = root.find(".//d:var", NAMES)
    variable.insert(0, variable[-1])
    variable.set("nature", "metric")
    variable.set("files", "F9")
    root.find(".//d:fileDscr", NAMES).set("ID", variable.get("ID"))
    etree.SubElement(root.find(".//d:citation", NAMES), f"{NAMESPACE}titlStmt")
    found = " ".join(faults(root))
    for told in (
        "var content does not follow",
        '"metric"',
        '"F9"',
        "already defined",
        "titlStmt content",
        "citation content",
    ):
        assert told in found


def test_statistics_say_whether_they_are_weighted_and_by_what(survey: Survey) -> None:
    root, made = _document(survey)
    weight = next(one.get("ID") for one in root.iterfind(".//d:var", NAMES) if one.get("name") == "weight")
    weighted = [one for one in root.iter() if one.get("wgtd") == "wgtd"]
    assert made.weighted
    assert {one.get("type") for one in weighted} == {"percent", "mean"}
    assert {one.get("wgt-var") for one in weighted} == {weight}


def test_a_survey_without_weights_has_no_weighted_statistic(survey: Survey) -> None:
    edition, made = release(survey, weights=False)
    written = ddi_bytes(made, summaries(made), edition, ["responses.csv"])
    root = etree.fromstring(written)
    assert not made.weighted
    assert faults(root) == []
    assert not [one for one in root.iter() if one.get("wgtd") or one.get("wgt-var")]
    assert "not weighted" in " ".join(one.text for one in root.iterfind(".//d:weight", NAMES))


def test_ranges_say_whether_numbers_are_whole(survey: Survey) -> None:
    root, made = _document(survey)
    units = {
        one.get("name"): one.find("d:valrng/d:range", NAMES).get("UNITS")
        for one in root.iterfind(".//d:var", NAMES)
        if one.find("d:valrng/d:range", NAMES) is not None
    }
    whole = {name for name, values in made.numbers.items() if pd.api.types.is_integer_dtype(values)}
    assert {name for name, unit in units.items() if unit == "INT"} == whole & set(units)
    assert units["weight"] == "REAL"


def test_every_variable_stands_there_with_its_labels_in_both_languages(survey: Survey) -> None:
    root, made = _document(survey)
    variables = {one.get("name"): one for one in root.iterfind(".//d:var", NAMES)}
    assert list(variables) == list(made.numbers)
    labels = {one.get(LANG): one.text for one in variables["q1"].iterfind("d:labl", NAMES)}
    assert labels == {"zh": "办理速度", "en": "Speed"}
    asked = {
        one.get(LANG): one.findtext("d:qstnLit", namespaces=NAMES)
        for one in variables["kind"].iterfind("d:qstn", NAMES)
    }
    assert asked == {"zh": "您评价哪类机构", "en": "Which institution do you rate"}
    assert variables["weight"].get("wgt") == "wgt"
    assert variables["q1"].get("wgt-var") == variables["weight"].get("ID")


def test_categories_carry_the_counts_of_the_file_and_mark_what_is_no_answer(survey: Survey) -> None:
    root, made = _document(survey)
    variable = next(one for one in root.iterfind(".//d:var", NAMES) if one.get("name") == "q3")
    counts = made.numbers["q3"].value_counts()
    found = {
        int(one.findtext("d:catValu", namespaces=NAMES)): (one.get("missing"), int(one.find("d:catStat", NAMES).text))
        for one in variable.iterfind("d:catgry", NAMES)
    }
    assert found == {int(code): ("Y" if code < 0 else None, int(count)) for code, count in counts.items()}
    assert [one.get("VALUE") for one in variable.iterfind("d:invalrng/d:item", NAMES)] == ["-9", "-8", "-7"]
    assert "Securities" not in variable.findtext("d:universe", namespaces=NAMES)


def test_files_are_named_with_cases_and_variables(survey: Survey) -> None:
    root, made = _document(survey)
    assert [one.text for one in root.iterfind(".//d:fileName", NAMES)] == ["responses.csv", "responses.zh.sav"]
    assert {one.text for one in root.iterfind(".//d:caseQnty", NAMES)} == {str(len(made.frame))}
    assert {one.text for one in root.iterfind(".//d:varQnty", NAMES)} == {str(len(made.variables))}
