"""Why there is no answer stays known on the whole way: from the codes of a file to those of the public-use file."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest
import yaml
from lxml import etree
from made_up_answers import answers, design, release
from pyarrow import parquet
from small_survey import Survey

from analysis.data.intake import load_table
from analysis.edition import load_edition
from analysis.outgoing.public_file import PublicFile
from analysis.outgoing.release_folder import write_release

CODES = {"no_answer": -9, "not_asked": -8, "withheld": -7, "refused": -6, "dont_know": -5}
NAMES = {"d": "ddi:codebook:2_5"}


def _declined() -> pd.DataFrame:
    """Answers of which some were refused, and some met by "don't know"."""
    frame = answers()
    told = pd.Series("", index=frame.index)
    for key, reason, rows in (
        ("q1", "refused", range(6)),
        ("q1", "dont_know", range(10, 20)),
        ("kind", "refused", range(30, 70)),
    ):
        at = list(rows)
        frame.loc[at, key] = None if key == "kind" else np.nan
        told[at] = told[at] + f" {key}:{reason}"
    for key in ("q3", "q4"):  # whoever does not tell the kind of institution is asked neither
        frame.loc[range(30, 70), key] = np.nan
    routed = [" ".join(sorted({*own.split(), "q3", "q4"})) for own in frame.loc[30:69, "not_asked"]]
    frame.loc[range(30, 70), "not_asked"] = routed
    return frame.assign(unanswered=told.str.strip())


def _written(survey: Survey, folder: Path, **rules: Any) -> tuple[PublicFile, Path]:
    edition, made = release(survey, _declined(), data_release={"k": 2, "max_withheld": 0.9} | rules)
    write_release(made, edition, folder)
    return made, folder


def test_codes_of_a_file_that_say_why_are_kept_beside_the_answers(survey: Survey) -> None:
    table = {
        "path": "codes.csv",
        "dont_know": {"q1": ["98"]},
        "refused": ["99", "不愿回答"],
        "missing": ["", "-1"],
    }
    (survey.folder / "codes.csv").write_text(
        "respondent_id,q1,q2,s1,kind\n1,98,2,3,bank\n2,99,99,3,bank\n3,-1,,3,不愿回答\n4,1,2,3,fund\n", encoding="utf-8"
    )
    kinds = [{"code": code, "zh": code, "en": code} for code in ("bank", "fund")]
    kind = {"key": "kind", "name": {"zh": "类型", "en": "Type"}, "question": {"zh": "类型", "en": "Type"}}
    edition = survey.edition({"responses": table}, instrument={"profile": [kind | {"categories": kinds}]})
    found = load_table(edition, "responses")
    assert found is not None
    assert found.quarantined == 0
    assert found.frame["unanswered"].tolist() == ["q1:dont_know", "q1:refused q2:refused", "kind:refused", ""]
    assert found.frame["q1"].isna().tolist() == [True, True, True, False]


def test_every_reason_has_its_code_and_label_and_is_missing_for_spss(survey: Survey, tmp_path: Path) -> None:
    _, folder = _written(survey, tmp_path)
    frame, found = pyreadstat.read_sav(folder / "responses.en.sav", user_missing=True)
    assert (frame["q1"] == CODES["refused"]).sum() == 6
    assert (frame["q1"] == CODES["dont_know"]).sum() == 10
    assert (frame["kind"] == CODES["refused"]).sum() == 40
    labels = found.variable_value_labels["q1"]
    assert [labels[code] for code in (-9, -8, -6, -5)] == ["No answer", "Not asked", "Refused", "Don’t know"]
    assert found.missing_ranges["q1"] == [{"lo": -9, "hi": -5}]
    read, _ = pyreadstat.read_sav(folder / "responses.en.sav")
    assert read["q1"].min() >= 1
    assert -5 not in found.variable_value_labels["q2"]  # nobody said so there


def test_the_parquet_file_tells_the_reasons_apart(survey: Survey, tmp_path: Path) -> None:
    made, folder = _written(survey, tmp_path)
    told = [dict(row) for row in parquet.read_table(folder / "responses.parquet").column("missing").to_pylist()]
    for variable in made.variables:
        for value in variable.missing:
            marked = [row.get(variable.key) == value.means for row in told]
            assert marked == (made.numbers[variable.name] == value.code).tolist(), (variable.name, value.means)


def test_codebook_and_metadata_name_every_reason(survey: Survey, tmp_path: Path) -> None:
    _, folder = _written(survey, tmp_path)
    root = etree.fromstring((folder / "ddi.xml").read_bytes())
    variable = next(one for one in root.iterfind(".//d:var", NAMES) if one.get("name") == "q1")
    none = {
        int(one.findtext("d:catValu", namespaces=NAMES)): one.findtext("d:labl[@level='category']", namespaces=NAMES)
        for one in variable.iterfind("d:catgry[@missing='Y']", NAMES)
    }
    assert {code: none[code] for code in (-6, -5)} == {-6: "拒绝回答", -5: "不知道"}
    assert [one.get("VALUE") for one in variable.iterfind("d:invalrng/d:item", NAMES)] == ["-9", "-8", "-6", "-5"]
    page = (folder / "codebook.zh.html").read_text(encoding="utf-8")
    assert "拒绝回答" in page
    assert "不知道" in page


def test_the_reasons_come_back_when_the_file_is_read(survey: Survey, tmp_path: Path) -> None:
    made, folder = _written(survey, tmp_path)
    params = yaml.safe_load((folder / "params.yml").read_text(encoding="utf-8"))
    params["data"]["tables"]["responses"]["path"] = str(folder / "responses.zh.sav")
    (folder / "params.yml").write_text(yaml.safe_dump(params, allow_unicode=True), encoding="utf-8")
    back = load_table(load_edition(folder / "params.yml"), "responses")
    assert back is not None
    assert [set(row.split()) for row in back.frame["unanswered"]] == [
        {name for name in row.split() if made.numbers.loc[at, name.partition(":")[0]] in (-6, -5)}
        for at, row in made.frame["unanswered"].items()
    ]


def test_weighted_means_of_all_items_read_back_are_those_before(survey: Survey, tmp_path: Path) -> None:
    frame = _declined()
    made, folder = _written(survey, tmp_path)
    read, _ = pyreadstat.read_sav(folder / "responses.en.sav")
    weights = design(frame)["weight"]
    for key in ("q1", "q2", "s1", "check"):
        turned = next(one.turned for one in made.variables if one.key == key)
        own = frame[key] if turned is None else turned - frame[key]
        given = own.notna()
        known = read[key].notna()
        expected = np.average(own[given], weights=weights[given])
        assert np.average(read.loc[known, key], weights=read.loc[known, "weight"]) == pytest.approx(expected, rel=1e-9)


def test_who_was_asked_does_not_tell_what_is_withheld(survey: Survey) -> None:
    """q4 is asked of clients of securities firms alone: where their kind is withheld, so is whether they were asked."""
    _, made = release(survey, data_release={"k": 12, "max_withheld": 0.9, "keys": ["age", "city", "kind"]})
    hidden = made.numbers["kind"].eq(CODES["withheld"])
    assert hidden.any()
    assert made.numbers.loc[hidden, ["q3", "q4"]].eq(CODES["withheld"]).all(axis=None)
    assert made.frame.loc[hidden, ["q3", "q4"]].isna().all(axis=None)
    assert made.safety.routed == 2 * hidden.sum() + made.numbers.loc[~hidden, "q3"].eq(CODES["withheld"]).sum()


def test_items_that_only_some_were_asked_go_with_the_question_that_is_too_telling(survey: Survey) -> None:
    _, made = release(survey, data_release={"k": 12, "max_withheld": 0.01, "keys": ["age", "city", "kind"]})
    reasons = {one.key: one.reason for one in made.safety.left_out}
    assert (reasons["kind"], reasons["q3"], reasons["q4"]) == ("too_telling", "routed", "routed")
    assert not {"kind", "q3", "q4"} & set(made.numbers)


def test_who_refused_a_background_question_stands_among_k_who_did(survey: Survey) -> None:
    """A reason is an answer that others can see."""
    _, made = release(survey, _declined(), data_release={"k": 12, "max_withheld": 0.9})
    assert made.numbers.groupby(["kind", "age", "city"]).size().min() >= 12


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
@pytest.mark.parametrize("package", ["haven", "foreign"])
def test_r_reads_the_spss_file(survey: Survey, tmp_path: Path, package: str) -> None:
    made, folder = _written(survey, tmp_path)
    read = {
        "haven": "d <- haven::read_sav(f, user_na = FALSE); l <- names(attr(d$q1, 'labels'))",
        "foreign": "d <- foreign::read.spss(f, to.data.frame = TRUE, use.value.labels = FALSE, reencode = 'UTF-8');"
        " l <- names(attr(d$q1, 'value.labels'))",
    }[package]
    script = f"""
    if (!requireNamespace("{package}", quietly = TRUE)) quit(status = 77)
    f <- "{folder / "responses.en.sav"}"; {read}
    m <- sapply(c("q1", "q2", "q3", "s1"), function(k) weighted.mean(d[[k]], d$weight, na.rm = TRUE))
    cat(sprintf('{{"rows": %d, "means": [%s], "labels": [%s]}}', nrow(d), paste(sprintf("%.12f", m), collapse = ","),
        paste(sprintf('"%s"', l), collapse = ",")))
    """
    done = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=False)
    if done.returncode == 77:
        pytest.skip(f"{package} is not installed")
    told = json.loads(done.stdout[done.stdout.index("{") :])
    numbers = made.numbers
    means = [
        np.average(numbers.loc[numbers[key] > 0, key], weights=numbers.loc[numbers[key] > 0, "weight"])
        for key in ("q1", "q2", "q3", "s1")
    ]
    assert told["rows"] == len(numbers)
    assert told["means"] == pytest.approx(means, rel=1e-9)
    assert "Very satisfied" in told["labels"]
    if package == "haven":
        assert {"Refused", "Don’t know"} <= set(told["labels"])
