"""A draft of an edition from exports as survey tools write them: valid as it is, with what to decide beside it."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest

from analysis.data.intake import Intake, check_tables
from analysis.draft import Draft, draft_edition
from analysis.draft.yaml_lines import flow, scalar
from analysis.edition import Edition, load_edition
from analysis.edition.reading import read_yaml
from analysis.errors import SourceError

TODAY = dt.date(2026, 3, 1)
ROWS = 120
AGREED = ["非常不同意", "不同意", "一般", "同意", "非常同意"]

Drafted = tuple[Draft, Edition, Intake]


@pytest.fixture
def drafted(tmp_path: Path) -> Callable[[bytes | str, str], Drafted]:
    """Write a file, draft an edition from it, and read the file through that draft, without a fault."""

    def make(content: bytes | str, file: str) -> Drafted:
        path = tmp_path / file
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        draft = draft_edition(path, name="mine", shown=str(path), today=TODAY)
        (tmp_path / "instruments").mkdir()
        (tmp_path / "instruments" / "mine.yml").write_text(draft.instrument, encoding="utf-8")
        (tmp_path / "mine.yml").write_text(draft.params, encoding="utf-8")
        edition = load_edition(tmp_path / "mine.yml")
        tables, problems = check_tables(edition)
        assert not problems
        assert draft.decide == len(re.findall(r"(?m)^ *# decide: [^…]", f"{draft.params}\n{draft.instrument}")) > 0
        return draft, edition, tables["responses"]

    return make


def _rated(
    seed: int, *, items: int, low: int, high: int, factors: int = 1
) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Answers of `ROWS` people to items of `factors` constructs, one after the other."""
    random = np.random.default_rng(seed)
    common = random.normal(size=(ROWS, factors)).repeat(items // factors, axis=1)
    level = common + 0.5 * random.normal(size=common.shape)
    cuts = np.quantile(level, np.linspace(0, 1, high - low + 2)[1:-1])
    return low + np.searchsorted(cuts, level)


def test_an_export_of_a_chinese_platform_is_described(drafted: Callable[[bytes | str, str], Drafted]) -> None:
    answers = _rated(1, items=4, low=0, high=4)
    random = np.random.default_rng(2)
    frame = pd.DataFrame({"序号": [*range(1, ROWS // 2 + 1)] * 2})  # two exports put together
    frame["提交答卷时间"] = [f"2026/2/{1 + row % 20} 下午{1 + row % 8}:05:11" for row in range(ROWS)]
    frame["所用时间"] = [f"{60 + row}秒" for row in range(ROWS)]
    frame["来自IP"] = "10.0.0.1(北京)"
    frame["1、您的性别"] = random.choice(["男", "女"], ROWS)
    frame["2、您用过的渠道"] = ["手机┋网点", "网点", "电话┋手机", "手机"] * (ROWS // 4)
    for place, text in enumerate(["速度", "态度", "讲解", "环境"]):
        frame[f"{3 + place}、{text}令人满意"] = [AGREED[code] for code in answers[:, place]]
    frame["7、您的建议"] = [f"建议第{row}条，希望网点更多一些" if row % 2 else "(空)" for row in range(ROWS)]
    draft, edition, intake = drafted(frame.to_csv(index=False).encode("gb18030"), "答卷.csv")
    scale = edition.instrument.scale
    assert [scale.labels[code]["zh"] for code in range(1, 6)] == AGREED
    assert len(edition.instrument.item_keys) == 4
    assert edition.instrument.constructs[0].items[0].zh == "速度令人满意"
    assert edition.instrument.profile[0].name.zh == "性别"
    items = intake.frame[edition.instrument.item_keys].to_numpy()
    assert (items == answers + 1).all()
    assert intake.frame["duration_s"].tolist()[:2] == [60, 61]
    assert (edition.surveyed.start, edition.surveyed.end) == (dt.date(2026, 2, 1), dt.date(2026, 2, 20))
    (question,) = edition.instrument.multiple
    assert {option.zh for option in question.options} == {"手机", "网点", "电话"}
    assert intake.frame[question.column(question.options[0])].mean() == pytest.approx(0.75)
    assert len(edition.instrument.open) == 1
    assert "personal" in "\n".join(draft.found)
    assert "10.0.0.1" not in draft.params + draft.instrument
    assert intake.frame["respondent_id"].is_unique
    assert "is used twice" in intake.notes[0]


def test_an_export_with_three_rows_of_header_is_described(drafted: Callable[[bytes | str, str], Drafted]) -> None:
    answers = _rated(3, items=6, low=1, high=7, factors=2)
    names = [
        "StartDate",
        "Finished",
        "ResponseId",
        "IPAddress",
        *(f"Q1_{i}" for i in range(1, 4)),
        *(f"Q2_{i}" for i in range(1, 4)),
    ]
    titles = ["Start Date", "Finished", "Response ID", "IP", *(f"Rate us - part {i}" for i in range(6))]
    marks = [f'"{{""ImportId"":""{name}""}}"' for name in names]
    rows = [["2026-01-05 10:00:00", "1", f"R_{row}", "10.0.0.1", *map(str, answers[row])] for row in range(ROWS)]
    text = "\n".join(",".join(row) for row in [names, titles, marks, *rows])
    draft, edition, intake = drafted(text, "export.csv")
    assert edition.data.tables["responses"].header_rows == 3
    assert [len(construct.items) for construct in edition.instrument.constructs] == [3, 3]
    assert edition.instrument.constructs[0].items[0].en == "part 0"
    assert (edition.instrument.scale.min, edition.instrument.scale.max) == (1, 7)
    assert intake.frame["respondent_id"].tolist()[:2] == ["R_0", "R_1"]
    assert "keep finished interviews only" in draft.params


def test_a_file_with_labels_fills_the_instrument(
    drafted: Callable[[bytes | str, str], Drafted], tmp_path: Path
) -> None:
    answers = _rated(4, items=4, low=1, high=5).astype(float)
    answers[::10, 0] = 9
    frame = pd.DataFrame(answers, columns=["a1", "a2", "b1", "b2"])
    frame["sex"] = [1.0, 2.0] * (ROWS // 2)
    frame["age"] = np.linspace(18, 80, ROWS).round()
    path = tmp_path / "made.sav"
    labels = {"a1": {1: "bad", 5: "good", 9: "Don't know"}, "sex": {1: "male", 2: "female"}}
    titles = ["Speed", "Care", "Price", "Value", "Sex", "Age"]
    pyreadstat.write_sav(frame, str(path), column_labels=titles, variable_value_labels=labels)
    draft, edition, intake = drafted(path.read_bytes(), "export.sav")
    assert [item.en for construct in edition.instrument.constructs for item in construct.items] == titles[:4]
    assert [category.en for category in edition.instrument.question("sex").categories] == ["male", "female"]
    assert edition.instrument.question("age").classes[:2] == (18, 30)
    assert edition.instrument.scale.max == 5
    assert intake.frame["a1"].isna().sum() == ROWS // 10
    assert "(12 times)" in draft.params
    assert edition.data.tables["responses"].declined_of("a1", "dont_know") == ("9",)


def test_factors_are_offered_where_names_tell_no_constructs(drafted: Callable[[bytes | str, str], Drafted]) -> None:
    answers = _rated(5, items=9, low=0, high=10, factors=3)
    frame = pd.DataFrame(answers, columns=[f"x{i}" for i in range(1, 10)])
    frame["x9"] = 10 - frame["x9"]
    draft, edition, _ = drafted(frame.to_csv(index=False), "x.csv")
    groups = [[item.key for item in construct.items] for construct in edition.instrument.constructs]
    assert sorted(groups) == [["x1", "x2", "x3"], ["x4", "x5", "x6"], ["x7", "x8", "x9"]]
    assert "parallel analysis keeps 3 factor(s)" in draft.instrument
    lines = draft.instrument.splitlines()
    asked = next(number for number, line in enumerate(lines) if "reverse: true?" in line)
    assert "key: x9" in lines[asked + 1]


def test_scores_with_decimals_and_ticked_columns_are_described(drafted: Callable[[bytes | str, str], Drafted]) -> None:
    random = np.random.default_rng(6)
    frame = pd.DataFrame(random.uniform(0, 9, (ROWS, 3)).round(2), columns=["t1", "t2", "t3"])
    ticked = random.random((ROWS, 2)) < 0.5
    frame["Q5[app]"] = np.where(ticked[:, 0], "Y", "")
    frame["Q5[branch]"] = np.where(ticked[:, 1], "Y", "")
    frame["weight"] = random.uniform(0.5, 2, ROWS).round(3)
    draft, edition, intake = drafted(frame.to_csv(index=False), "scores.csv")
    assert edition.instrument.scale.continuous
    (question,) = edition.instrument.multiple
    assert [option.en for option in question.options] == ["app", "branch"]
    chosen = intake.frame[[question.column(option) for option in question.options]]
    assert chosen.sum().tolist() == ticked.sum(axis=0).tolist()
    assert "weight" in intake.frame
    assert "the design behind the weights" in draft.params


def test_a_workbook_with_words_in_english_is_described(drafted: Callable[[bytes | str, str], Drafted]) -> None:
    words = ["Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied"]
    answers = _rated(7, items=3, low=0, high=4)
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    header = ["Timestamp", "How is our speed?", "How is our care?", "Overall satisfaction", "Age group"]
    book.active.append(header)  # type: ignore[union-attr]
    for row in range(ROWS):
        stamp = f"2026/02/03 {1 + row % 12}:05:00 PM GMT+8"
        cells = [stamp, *(words[code] for code in answers[row]), ["18-29", "30+"][row % 2]]
        book.active.append(cells)  # type: ignore[union-attr]
    book.save(buffer)
    _, edition, intake = drafted(buffer.getvalue(), "forms.xlsx")
    roles = [construct.role for construct in edition.instrument.constructs]
    assert roles == ["dimension", "satisfaction"]
    assert edition.index.csat.construct_key == edition.instrument.constructs[1].key
    assert [c.code for c in edition.instrument.profile[0].categories] == ["18-29", "30+"]
    assert intake.frame["submitted_at"].dt.hour.max() == 23 or intake.frame["submitted_at"].dt.hour.max() == 12 + 11


def test_few_interviews_are_asked_about_and_very_few_refused(
    drafted: Callable[[bytes | str, str], Drafted], tmp_path: Path
) -> None:
    rows = "\n".join(f"{1 + row % 5},{1 + (row * 3) % 5}" for row in range(12))
    draft, edition, _ = drafted(f"q1,q2\n{rows}\n", "few.csv")
    assert edition.disclosure.min_base == 4
    assert "12 interviews are fewer than the 30" in draft.params
    (tmp_path / "two.csv").write_text("q1,q2\n1,2\n2,3\n")
    with pytest.raises(SourceError, match="too few interviews"):
        draft_edition(tmp_path / "two.csv", name="x", shown="two.csv", today=TODAY)
    (tmp_path / "none.csv").write_text("name,town\n" + "".join(f"person {i},town {i}\n" for i in range(40)))
    with pytest.raises(SourceError, match="Neither rated items nor background"):
        draft_edition(tmp_path / "none.csv", name="x", shown="none.csv", today=TODAY)


def test_an_encoding_that_is_guessed_is_asked_about(drafted: Callable[[bytes | str, str], Drafted]) -> None:
    rows = "".join(f"{1 + row % 5},{1 + (row * 3) % 5},{'여남'[row % 2]}\n" for row in range(60))
    draft, edition, intake = drafted(f"q1,q2,g\n{rows}".encode("cp949"), "korean.csv")
    assert edition.data.tables["responses"].encoding == "cp949"
    assert "# decide: the encoding" in draft.params
    assert set(intake.frame["g"]) == {"여", "남"}


@pytest.mark.parametrize(
    "text",
    ["plain", "two words", "no", "1:30", "010", "a: b", "# x", "'q\"", "- x", "", "null", "第一", "a\nb", "{x}", "3.5"],
)
def test_what_is_written_is_what_is_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.yml"
    path.write_text(f"key: {scalar(text)}\nflow: {flow({text or 'k': [text]})}\n", encoding="utf-8")
    assert read_yaml(path) == {"key": text, "flow": {text or "k": [text]}}


EXPORTS = [
    "csibank/csibank.csv",
    "lavaan_classic/HolzingerSwineford1939.csv",
    "lavaan_classic/PoliticalDemocracy.csv",
    "plspm_satisfaction/satisfaction.csv",
    "exports/kobo_customer_satisfaction_semicolon.csv",
]


@pytest.mark.parametrize("export", EXPORTS)
def test_real_files_are_valid_as_drafted(
    shared: Path, drafted: Callable[[bytes | str, str], Drafted], export: str
) -> None:
    path = shared / "data" / export
    _, edition, intake = drafted(path.read_bytes(), path.name)
    assert intake.quarantined == 0
    if path.stem == "csibank":
        assert [len(construct.items) for construct in edition.instrument.constructs] == [6, 4, 7, 4, 3, 3]
        assert [construct.role for construct in edition.instrument.constructs[-2:]] == ["satisfaction", "loyalty"]
        ages = [category.code for category in edition.instrument.question("Age").categories]
        assert ages == sorted(ages, key=lambda age: int("".join(c for c in age if c.isdigit())[:2]))


def test_answers_that_say_why_there_is_none_are_no_categories_and_keep_their_reason(
    drafted: Callable[[bytes | str, str], Drafted],
) -> None:
    answers = _rated(11, items=6, low=0, high=4)
    region = np.array(["东部", "西部", "中部", "拒答", "不知道"])[np.arange(ROWS) % 5]
    rows = [[*(AGREED[code] for code in row), place] for row, place in zip(answers, region, strict=True)]
    rows[0][0], rows[1][0], rows[2][1] = "拒绝回答", "无所谓/说不清", "无所谓/说不清"
    head = [*(f"1、服务评价—第{n}项" for n in range(6)), "2、您的地区"]
    text = "\n".join(",".join(row) for row in [head, *rows])
    draft, edition, taken = drafted(text, "服务.csv")
    source = edition.data.tables["responses"]
    key = edition.instrument.profile[0].key
    assert [one.code for one in edition.instrument.profile[0].categories] == ["东部", "西部", "中部"]
    assert source.declined_of(key, "refused") == ("拒答",)
    assert source.declined_of(key, "dont_know") == ("不知道",)
    first = edition.instrument.item_keys[0]
    assert source.declined_of(first, "refused") == ("拒绝回答",)
    assert source.declined_of(first, "dont_know") == ("无所谓/说不清",)
    assert "'拒答' (24 times)" in draft.params
    assert taken.accepted == ROWS
    assert taken.frame[first].isna().sum() == 2


def test_codes_with_labels_for_no_answer_in_a_sav_file_keep_their_reason(
    drafted: Callable[[bytes | str, str], Drafted], tmp_path: Path
) -> None:
    answers = _rated(12, items=4, low=1, high=5)
    frame = pd.DataFrame(answers, columns=[f"sat{n}" for n in range(4)]).astype(float)
    frame.loc[:3, "sat1"], frame["sex"] = [98.0, 98.0, 99.0, 99.0], np.tile([1.0, 2.0, 9.0], ROWS // 3)
    labels = {1.0: "Very poor", 5.0: "Very good", 98.0: "Don't know", 99.0: "Refused"}
    values = dict.fromkeys([f"sat{n}" for n in range(4)], labels) | {"sex": {1.0: "Man", 2.0: "Woman", 9.0: "Refused"}}
    path = tmp_path / "made.sav"
    pyreadstat.write_sav(frame, str(path), variable_value_labels=values)
    _, edition, _ = drafted(path.read_bytes(), "service.sav")
    source = edition.data.tables["responses"]
    assert source.declined_of("sat1", "dont_know") == ("98",)
    assert source.declined_of("sat1", "refused") == ("99",)
    assert source.declined_of("sex", "refused") == ("9",)
    assert [one.code for one in edition.instrument.profile[0].categories] == ["1", "2"]
