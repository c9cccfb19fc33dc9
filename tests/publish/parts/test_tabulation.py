"""Banner tables as chapters, sheets and sentences tell them, from what passed disclosure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from household_survey import PARAMS, answers, write_edition

from analysis.edition import Edition, load_edition
from analysis.publish.parts import all_parts
from analysis.publish.parts.tabulation import PART
from analysis.publish.parts.tabulation.chapter import printed
from analysis.publish.parts.tabulation.findings import groups, levels
from analysis.publish.parts.tabulation.layout import grids
from analysis.publish.parts.tabulation.sheets import sheets
from analysis.publish.release import release
from analysis.publish.words.labels import Labels
from analysis.results import Store
from analysis.survey.design.survey_design import specify_design
from analysis.survey.tabulation.book import tabulate
from analysis.survey.tabulation.plan import plan_tables

SECTION: dict[str, Any] = {
    "banner": ["region", "sex"],
    "tables": [*PARAMS["tabulation"]["tables"], {"key": "many", "questions": ["income"], "banner": ["has_debt"]}],
}


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return load_edition(write_edition(tmp_path_factory.mktemp("edition"), tabulation=SECTION))


@pytest.fixture(scope="module")
def store(edition: Edition, tmp_path_factory: pytest.TempPathFactory) -> Store:
    frame = answers()
    frame.loc[frame["region"].eq("west").to_numpy().cumsum() > 20, "region"] = "east"  # hardly anybody is left there
    design = specify_design(len(frame), weights=frame["weight"])
    plan = plan_tables(edition.tabulation, edition.instrument)
    cells = tabulate(frame, plan, instrument=edition.instrument, design=design, min_base=30).cells
    store = Store(tmp_path_factory.mktemp("store"))
    store.save_table("tabulation", release({"tabulation": cells}, all_parts(), rules=edition.disclosure)["tabulation"])
    return store


def test_a_table_of_the_chapter_has_figures_intervals_and_bases(edition: Edition, store: Store) -> None:
    grid = next(one for one in grids(store, Labels(edition, "en")) if one.planned.key == "many")
    table = printed(grid, Labels(edition, "en"))
    assert table.caption == "Household income by Any debt"
    assert table.headings == ["Answer or statistic", "All", "Yes (A)", "No (B)"]
    assert [row[0] for row in table.rows] == [
        "Mean (yuan)",
        "95% interval",
        "Median (yuan)",
        "95% interval",
        "Base (n)",
    ]
    assert table.rows[-1][1] == "1,500"


def test_withheld_columns_stand_without_figures_and_the_note_says_so(edition: Edition, store: Store) -> None:
    grid = next(one for one in grids(store, Labels(edition, "zh")) if one.planned.key == "debts")
    table = printed(grid, Labels(edition, "zh"))
    west = table.headings.index("西部 (C)")
    assert {row[west] for row in table.rows} == {"—"}
    assert "不予公布" in table.note


def test_many_columns_go_down_the_page(edition: Edition, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.publish.parts.tabulation.chapter.ACROSS", 2)
    grid = next(one for one in grids(store, Labels(edition, "en")) if one.planned.key == "products")
    table = printed(grid, Labels(edition, "en"))
    assert [row[0] for row in table.rows] == ["All", "East (A)", "Centre (B)", "West (C)"]
    assert table.headings[-1] == "Base (n)"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_sentences_tell_levels_and_clear_differences_with_their_intervals(
    edition: Edition, store: Store, lang: str
) -> None:
    labels = Labels(edition, lang)
    table = store.table("tabulation")
    whole = table[(table["table"] == "burden") & (table["banner"] == "")].iloc[0]
    assert f"{whole['estimate']:.2f}" in levels(store, labels)
    told = groups(store, labels)
    assert not {"西部", "West"} & set(told)
    assert told == "" or {"en": "is higher in the group", "zh": "明显较高"}[lang] in told


def test_sheets_have_a_row_for_every_figure_and_shorthand_for_what_is_withheld(edition: Edition, store: Store) -> None:
    languages = [Labels(edition, lang) for lang in edition.languages]
    found = {sheet.name: sheet for sheet in sheets(store, languages)}
    assert list(found)[:3] == ["T1_debts", "T2_burden", "T3_many"]
    debts = found["T1_debts"]
    assert list(debts.header[:3]) == ["统计量 / Statistic", "单位 / Unit", "数值类别 / Figure"]
    assert len(debts.rows) == 4 * 6
    place = next(number for number, text in enumerate(debts.header) if "West" in text)
    assert {row[place] for row in debts.rows} == {"[c]"}
    shares = found["T6_products"].rows
    share = next(row for row in shares if "Time deposit" in row[0] and "Estimate" in row[2])
    assert 50 < share[3] < 70  # percent, as its unit says
    assert share[1] == "%"


def test_the_part_tells_whether_the_book_has_a_chapter(edition: Edition, store: Store, tmp_path: Path) -> None:
    names = ("tabulated.chapter", "tabulated.groups", "tabulated.whole")
    assert PART.flags(store, Labels(edition, "en")) == dict(zip(names, (True, True, False), strict=True))
    assert PART.flags(Store(tmp_path), Labels(edition, "en")) == dict.fromkeys(names, False)
    table = store.table("tabulation")
    store.save_table("tabulation", table[table["banner"] == ""])
    assert PART.flags(store, Labels(edition, "en")) == dict(zip(names, (True, False, True), strict=True))
    assert PART.printed(store, Labels(edition, "en")) == {}
    assert isinstance(store.table("tabulation"), pd.DataFrame)
