"""A survey without an index is published by its tables alone, in both languages, and nothing speaks of an index."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import lxml.html
import openpyxl
import pandas as pd
import pytest
from household_survey import answers, write_edition
from running import edition_arguments

from analysis.survey.design.survey_design import specify_design
from analysis.survey.estimation.estimates import means

pytestmark = pytest.mark.build


@pytest.fixture(scope="module")
def household(build: Callable[..., None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("household")
    output = folder / "out"
    build("report", "FORMATS=html", *edition_arguments(write_edition(folder), output))
    return output


def _main(page: Path) -> str:
    found = lxml.html.parse(page).getroot().find(".//main")
    return " ".join(found.text_content().split())


@pytest.mark.parametrize(
    ("lang", "foreign"), [("en", r"\bindex\b|satisf|the guide|customers?\b.*bank"), ("zh", "指数|满意|指南")]
)
def test_the_front_page_leads_with_the_tables_and_no_page_speaks_of_an_index(
    household: Path, lang: str, foreign: str
) -> None:
    report = household / "report" / lang
    chapters = sorted(path.stem for path in (report / "chapters").glob("*.html"))
    assert "09-tabulation" in chapters
    assert not {"02-standards", "03-measures", "04-feedback", "05-training", "07-experience"} & set(chapters)
    front = _main(report / "index.html")
    assert {"en": "Key findings", "zh": "主要发现"}[lang] in front
    found = lxml.html.parse(report / "index.html").getroot().xpath("//*[@class='finding']")
    assert 1 < len(found) <= 5
    assert all(re.search(r"\d", one.text_content()) for one in found)
    for page in (report / "index.html", report / "chapters" / "09-tabulation.html"):
        assert not re.search(foreign, _main(page), re.I), page


def test_steps_that_need_an_index_are_left_out_with_their_reason(household: Path) -> None:
    for step in ("05_satisfaction", "06_measurement", "07_structural", "08_drivers"):
        assert "no index in this edition" in (household / "results" / step / "left_out.json").read_text()


def test_the_published_figures_are_those_of_the_design(household: Path) -> None:
    frame = answers()
    design = specify_design(len(frame), weights=frame["weight"], strata=frame["stratum"], psu=frame["village"])
    expected = means(frame[["debt"]], design=design, domain=frame["region"]).set_index("category")
    table = pd.read_csv(household / "tables" / "tabulation.csv", keep_default_na=False, na_values=[""])
    rows = table[(table["table"] == "debts") & (table["statistic"] == "mean") & (table["banner"] == "region")]
    found = rows.set_index("category")
    for name in ("estimate", "ci_low", "ci_high"):
        assert found[name].to_dict() == pytest.approx(expected[name].to_dict(), rel=0.005), name
    assert found["n"].to_dict() == expected["n"].to_dict()
    exact = pd.read_parquet(household / "results" / "15_tabulation" / "tables" / "tabulation.parquet")
    rows = exact[(exact["table"] == "debts") & (exact["statistic"] == "mean") & (exact["banner"] == "region")]
    assert rows.set_index("category")["se"].to_dict() == pytest.approx(expected["se"].to_dict(), rel=1e-9)


def test_both_languages_print_the_same_numbers(household: Path) -> None:
    pages = [_tables(household / "report" / lang / "chapters" / "09-tabulation.html") for lang in ("en", "zh")]
    assert pages[0] == pages[1]
    assert sum(map(len, pages[0])) > 100


def _tables(page: Path) -> list[list[str]]:
    rows = lxml.html.parse(page).getroot().findall(".//tbody/tr")
    texts = [[cell.text_content().strip() for cell in row][1:] for row in rows]
    return [[re.sub("（", " (", text).replace("）", ")") for text in row] for row in texts]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_workbook_lies_in_the_report_and_is_linked(household: Path, lang: str) -> None:
    report = household / "report" / lang
    page = lxml.html.parse(report / "chapters" / "09-tabulation.html").getroot()
    (link,) = [one for one in page.iter("a") if (one.get("href") or "").endswith("tables.xlsx")]
    target = (report / "chapters" / link.get("href")).resolve()
    assert target.read_bytes() == (household / "tables" / "tables.xlsx").read_bytes()
    names = openpyxl.load_workbook(target, read_only=True).sheetnames
    assert names[:3] == ["cover", "contents", "notes"]
    assert "T1_debts" in names
