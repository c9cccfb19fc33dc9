"""An institute without a survey gets a book of its own, by params alone: one table of records, made up or real."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import lxml.html
import pandas as pd
import pytest
from records_alone import MADE, write_edition
from running import edition_arguments

pytestmark = pytest.mark.build

Build = Callable[..., None]

CHAPTERS = {
    "customers": ["01-overview", "07-experience", "b-method", "c-tables", "d-reproducibility", "e-use", "references"],
    "training": ["01-overview", "05-training", "b-method", "c-tables", "d-reproducibility", "e-use", "references"],
    "service_log": ["01-overview", "02-standards", "b-method", "c-tables", "d-reproducibility", "e-use", "references"],
    "feedback": [
        "01-overview",
        "04-feedback",
        "08-outlook",
        "b-method",
        "c-tables",
        "d-reproducibility",
        "e-use",
        "references",
    ],
}
STEP = {
    "customers": "13_relationships",
    "training": "12_training",
    "service_log": "11_standards",
    "feedback": "10_feedback",
}
FOREIGN = {
    "en": (
        "the survey",
        "questionnaire",
        "respondent",
        "the guide",
        "satisfaction index",
        "interviews",
        r"\bNone\b",
        r"\bnan\b",
    ),
    "zh": ("问卷为", "受访", "指南", "满意度指数", "应答", r"\bNone\b", r"\bnan\b"),
}


class Book:
    """A built edition: its output folder, and the table it was made from."""

    def __init__(self, table: str, output: Path, frame: pd.DataFrame) -> None:
        self.table, self.output, self.frame = table, output, frame

    def published(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.output / "tables" / f"{name}.csv")

    def texts(self, lang: str) -> dict[str, str]:
        """Text of every page, by name."""
        report = self.output / "report" / lang
        pages = [report / "index.html", *sorted((report / "chapters").glob("*.html"))]
        mains = {page.stem: lxml.html.parse(str(page)).getroot().find(".//main") for page in pages}
        return {name: " ".join(main.text_content().split()) for name, main in mains.items()}


@pytest.fixture(scope="module", params=sorted(MADE))
def book(request: pytest.FixtureRequest, build: Build, tmp_path_factory: pytest.TempPathFactory) -> Book:
    folder = tmp_path_factory.mktemp(request.param)
    params, frame = write_edition(folder, request.param)
    build("report", *edition_arguments(params, folder / "out"))
    return Book(request.param, folder / "out", frame)


def test_the_book_has_the_chapters_with_a_result_and_no_other(book: Book) -> None:
    for lang in ("zh", "en"):
        assert [name for name in book.texts(lang) if name != "index"] == CHAPTERS[book.table]
        assert list((book.output / "report" / lang).glob("*.pdf"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_page_speaks_of_a_survey_that_was_not(book: Book, lang: str) -> None:
    told = {name: text.replace("Nobody was interviewed for it.", "") for name, text in book.texts(lang).items()}
    found = [(name, word) for name, text in told.items() for word in FOREIGN[lang] if re.search(word, text)]
    assert not found


def test_the_first_page_leads_with_what_there_is(book: Book) -> None:
    zh, en = book.texts("zh")["index"], book.texts("en")["index"]
    assert f"{len(book.frame):,}" in zh
    assert f"{len(book.frame):,} rows" in en
    assert "Key findings" in en
    assert "主要发现" in zh


def test_steps_without_their_tables_are_left_out_and_say_why(book: Book) -> None:
    results = book.output / "results"
    left = sorted(path.parent.name for path in results.glob("*/left_out.json"))
    assert left == [
        *("03_cleaning", "04_weighting", "05_satisfaction", "06_measurement", "07_structural", "08_drivers"),
        *("15_tabulation", "16_robustness", "17_moved"),
    ]
    for step in left:
        assert json.loads((results / step / "left_out.json").read_text()) == {
            "reason": "no table responses in this edition"
        }
    pages = {path.stem for path in (book.output / "report" / "en" / "notebooks").glob("*.html")}
    assert STEP[book.table] in pages
    assert not pages & set(left)


def test_the_numbers_are_those_of_the_file(book: Book) -> None:
    frame = book.frame
    if book.table == "customers":
        whole = book.published("relationship_lifetimes").iloc[0]
        assert whole["n"] == len(frame)
        lost = book.published("relationship_stages").set_index("stage")["n"]["lost"]
        assert lost == (frame["gone"] == "yes").sum()
    if book.table == "training":
        row = book.published("training_effects").iloc[0]
        assert (row["n_trained"], row["n_untrained"]) == (80, 80)
        assert row["effect"] == pytest.approx(6.0, abs=0.5)
    if book.table == "service_log":
        assert book.published("service_cases").iloc[0]["n"] == frame["case_id"].nunique()
    if book.table == "feedback":
        kept = book.published("ticket_closing").iloc[0]
        assert kept["n"] == len(frame)


def test_a_survey_that_comes_later_is_taken_up(build: Build, tmp_path: Path) -> None:
    """The same output folder, first without and then with answers: the steps that were left out run."""
    params, _ = write_edition(tmp_path, "customers")
    index = str(tmp_path / "out" / "notebooks" / "05_satisfaction.ipynb")
    results = tmp_path / "out" / "results"
    build(index, *edition_arguments(params, tmp_path / "out"))
    assert sorted(path.parent.name[:2] for path in results.glob("*/left_out.json")) == ["03", "04", "05"]
    (tmp_path / "asked.yml").write_text(
        """name: {zh: 问卷, en: Questionnaire}
scale: {min: 1, max: 5}
constructs:
  - {key: quality, role: dimension, name: {zh: 质量, en: Quality}, items: [{key: q1, zh: 一, en: One}]}
  - {key: overall, role: satisfaction, name: {zh: 总体, en: Overall}, items: [{key: q2, zh: 二, en: Two}]}
""",
        encoding="utf-8",
    )
    answers = "q1,q2\n" + "\n".join(f"{1 + n % 5},{1 + (n // 2) % 5}" for n in range(80))
    (tmp_path / "answers.csv").write_text(answers, encoding="utf-8")
    text = params.read_text(encoding="utf-8").replace("seed: 1", "seed: 1\ninstrument: asked.yml")
    text = text.replace("  tables:\n", f"  tables:\n    responses: {{path: {tmp_path / 'answers.csv'}}}\n")
    text = text.replace("  date: 2025-01-31", "  date: 2025-01-31\n  fieldwork: {start: 2024-11-01, end: 2024-11-30}")
    params.write_text(text + "index: {csat: {construct: overall, satisfied_from: 4}}\n", encoding="utf-8")
    build(index, *edition_arguments(params, tmp_path / "out"))
    assert not list(results.glob("*/left_out.json"))
    assert (results / "05_satisfaction" / "tables" / "csi_overall.parquet").exists()


def _found(root: Path, build: Build, tmp_path_factory: pytest.TempPathFactory, name: str, step: str) -> Path:
    """Results of one step of a real edition; the books, and what is published, are those of the made-up ones."""
    output = tmp_path_factory.mktemp(name) / "out"
    params = root / "tests" / "editions" / f"{name}.yml"
    build(str(output / "notebooks" / f"{step}.ipynb"), *edition_arguments(params, output))
    return output / "results" / step


def test_a_public_register_gives_its_lifetimes(
    root: Path, shared: Path, build: Build, tmp_path_factory: pytest.TempPathFactory
) -> None:
    raw = pd.read_csv(shared / "data" / "churn" / "telco.csv")
    tables = _found(root, build, tmp_path_factory, "telco", "13_relationships") / "tables"
    found = pd.read_parquet(tables / "relationship_lifetimes.parquet")
    known = raw[raw["tenure"] > 0]
    assert found["n"].iloc[0] == len(known)
    assert found["restricted"].iloc[0] * 12 == pytest.approx(54.5, abs=0.1)  # months; R survival, to 72
    by_contract = found[found["question"] == "customer_type"].set_index("category")["median"]
    assert by_contract["Month-to-month"] * 12 == pytest.approx(35, abs=0.1)
    lost = pd.read_parquet(tables / "relationship_stages.parquet").set_index("stage")["n"]["lost"]
    assert lost == (known["Churn"] == "Yes").sum()


def test_a_public_panel_gives_the_effects_of_its_vignette(
    root: Path, shared: Path, build: Build, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert (shared / "data" / "did" / "mpdta.csv").exists()
    tables = _found(root, build, tmp_path_factory, "mpdta", "12_training") / "tables"
    (row,) = pd.read_parquet(tables / "training_effects.parquet").to_dict("records")
    assert row["effect"] == pytest.approx(-0.03995128, abs=1e-6)
    since = pd.read_parquet(tables / "training_course.parquet").set_index("since")["effect"]
    for distance, effect in ((0, -0.0199318167), (1, -0.0509573672), (2, -0.1372587389), (3, -0.1008113630)):
        assert since[distance] == pytest.approx(effect, abs=1e-6)


def test_public_complaints_and_a_public_log_give_their_counts(
    root: Path, shared: Path, build: Build, tmp_path_factory: pytest.TempPathFactory
) -> None:
    raw = pd.read_csv(shared / "data" / "cfpb" / "cfpb_sample_1000.csv")
    found = _found(root, build, tmp_path_factory, "cfpb", "10_feedback")
    taken = {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (found.parent / "intake").glob("*.json")
    }
    assert {table: one["read"] for table, one in taken.items() if one["available"]} == {"feedback": len(raw)}
    read = json.loads((found / "feedback.json").read_text(encoding="utf-8"))
    assert read["texts"]["tickets"]["texts"] == raw["Consumer complaint narrative"].notna().sum()
    log = pd.read_csv(shared / "data" / "eventlog" / "receipt.csv")
    tables = _found(root, build, tmp_path_factory, "receipt", "11_standards") / "tables"
    (cases,) = pd.read_parquet(tables / "service_cases.parquet").to_dict("records")
    assert cases["n"] == log["case:concept:name"].nunique()
