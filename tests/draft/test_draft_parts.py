"""The pieces of a draft by themselves: the sheet, what its columns are, their scale, their groups and their keys."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.draft.constructs import group_items
from analysis.draft.keys import Keys
from analysis.draft.kinds import options, sort_columns
from analysis.draft.questionnaire import write_questionnaire
from analysis.draft.scales import family, find_rated
from analysis.draft.sheet import Column, Sheet, read_sheet

ROWS = 120


def _column(name: str, *, answers: list[str] | None = None) -> Column:
    return Column(0, name, "", pd.Series(answers or ["", "4", "5", "4"], dtype="str"))


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Sheet:
    random = np.random.default_rng(1)
    levels = random.normal(size=(ROWS, 2)).repeat(3, axis=1) + 0.5 * random.normal(size=(ROWS, 6))
    names = ["speed_1", "speed_2", "speed_3", "trust_1", "trust_2", "trust_3"]
    frame = pd.DataFrame(np.clip(np.round(levels + 3), 1, 5).astype(int), columns=names)
    frame.insert(0, "sex", np.where(random.random(ROWS) < 0.5, "f", "m"))
    frame["uses"] = np.where(random.random(ROWS) < 0.5, "app;branch", "app;phone")
    path = tmp_path_factory.mktemp("sheet") / "export.csv"
    frame.to_csv(path, index=False)
    return read_sheet(path)


def test_a_sheet_knows_its_columns_by_place_name_and_answers(sheet: Sheet) -> None:
    assert sheet.rows == ROWS
    assert [column.name for column in sheet.columns][:2] == ["sex", "speed_1"]
    sex, speed = sheet.columns[0], sheet.columns[1]
    assert (sex.numeric, speed.numeric, speed.whole) == (False, True, True)
    assert sex.answers.sum() == sex.filled == ROWS


def test_the_scale_is_that_of_the_rated_block(sheet: Sheet) -> None:
    rated = find_rated(sheet.columns)
    (scale,) = rated.blocks
    assert (scale.low, scale.high, scale.continuous) == (1, 5, False)
    assert [column.name for column in scale.columns] == [column.name for column in sheet.columns[1:7]]
    assert not find_rated([_column("name", answers=["Ann", "Bob", "Eve", "Joe"])]).blocks


def test_items_of_one_name_are_one_construct(sheet: Sheet) -> None:
    rated = find_rated(sheet.columns)
    groups, _ = group_items(rated)
    assert {group.name: group.places for group in groups} == {"speed": [0, 1, 2], "trust": [3, 4, 5]}


@pytest.mark.parametrize(("name", "common"), [("Q3_2", "Q3"), ("speed_1", "speed"), ("3、很好", "3"), ("age", "")])
def test_what_the_names_of_items_have_in_common(name: str, common: str) -> None:
    assert family(_column(name)) == common


def test_several_choices_are_told_from_one_and_from_scores(sheet: Sheet) -> None:
    kinds = sort_columns(sheet)
    assert sorted(options(sheet.columns[7])) == ["app", "branch", "phone"]
    assert options(sheet.columns[0]) == []
    rated = find_rated(sheet.columns)
    written = write_questionnaire(sheet, kinds, rated)
    assert "multiple:" in written.text
    assert "# decide:" in written.text


def test_a_key_is_a_name_and_given_once() -> None:
    keys = Keys()
    assert [keys.new(name, otherwise="q1") for name in ("age", "age", "年龄", "How old are you?")] == [
        "age",
        "age_2",
        "q1",
        "how_old_are_you",
    ]
    assert keys.new("respondent_id", otherwise="q2") != "respondent_id"


def test_a_file_that_is_no_table_is_refused_as_the_intake_does(tmp_path: Path) -> None:
    from analysis.errors import SourceError

    (tmp_path / "a.csv").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    with pytest.raises(SourceError):
        read_sheet(tmp_path / "a.csv")
