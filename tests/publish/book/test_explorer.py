"""The explorer's data: what was released, to the last digit, and nothing that was withheld."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import lxml.html
import numpy as np
import pandas as pd
import pytest
from book_sample import stage_sample
from explorer_sample import PLANTED, PLANTED_N, computed, edition, publish, renamed
from hostile_texts import HOSTILE

from analysis.edition import Edition
from analysis.publish.book.embedded.project import read_project
from analysis.publish.book.explorer import FOLDER, PAGE, SCRIPTS, STYLES, data, estimates, page
from analysis.publish.book.explorer.files import Explorer
from analysis.publish.book.explorer.page import explorer
from analysis.publish.book.lint import book_problems, lint_html
from analysis.publish.book.render import render_book
from analysis.publish.parts import all_parts
from analysis.publish.tables.cells import CATEGORY, QUESTION
from analysis.publish.tables.columns import N, percent, shares
from analysis.publish.tables.spec import Column, Measure, People, TableSpec
from analysis.publish.words.labels import Labels
from analysis.results import Store

BOUNDS = {"csat": "csat", "satisfied_share": "satisfied", "high_share": "high"}
"""Beginning of the columns of an interval, by the column of its estimate."""


@pytest.fixture(scope="module")
def known() -> Edition:
    return edition()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, known: Edition) -> Store:
    return publish(tmp_path_factory.mktemp("explored"), known, computed(known))


@pytest.fixture(scope="module")
def made(known: Edition, store: Store) -> Explorer:
    return Explorer(**explorer(Labels(known, "en"), store))


def content(script: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(script.removeprefix("window.explorerData = ").removesuffix(";\n"))
    return found


def rows_of(told: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any], dict[str, str], list[Any]]]:
    """Measure, block, answers by question, and figures of every estimate."""
    return [
        (
            measure,
            block,
            {
                told["questions"][q]["key"]: told["questions"][q]["codes"][code]
                for q, code in zip(block["q"], row, strict=False)
            },
            row[len(block["q"]) :],
        )
        for measure in told["measures"]
        for block in measure["blocks"]
        for row in block["rows"]
    ]


@cache
def _rows_by_answers(root: Path, table: str, measure: str) -> tuple[pd.DataFrame, dict[frozenset[Any], list[int]]]:
    """The rows of a released table that a measure comes from, and where those with the same answers stand."""
    frame = Store(root).table(table)
    of = measure.removeprefix("score ").removeprefix("high ").removeprefix("mean ")
    for key in ("construct", "item"):
        if key in frame and (frame[key] == of).any():
            frame = frame[frame[key] == of]
    if "measure" in frame:
        frame = frame[frame["measure"] == {"csi": "csi"}.get(measure, "csat")]
    pairs = [("question", "category"), ("segment", "category"), ("other", "other_category")]
    pairs = [pair for pair in pairs if pair[0] in frame]
    places: dict[frozenset[Any], list[int]] = {}
    for place, row in enumerate(frame[[name for pair in pairs for name in pair]].to_dict("records")):
        answers = {row[q]: row[c] for q, c in pairs if isinstance(row[q], str)}
        places.setdefault(frozenset(answers.items()), []).append(place)
    return frame, places


def released(store: Store, measure: dict[str, Any], block: dict[str, Any], answers: dict[str, str]) -> pd.Series[Any]:
    """The one row of the released table that an estimate comes from."""
    frame, places = _rows_by_answers(store.root, block["table"], str(measure["id"]))
    found = places.get(frozenset(answers.items()), [])
    assert len(found) == 1, (measure["id"], block["table"], answers)
    return frame.iloc[found[0]]


def same(told: Any, number: Any) -> bool:
    return told == number or (told is None and (number is None or math.isnan(number)))


def test_every_figure_is_that_of_the_released_table_to_the_last_digit(made: Explorer, store: Store) -> None:
    told = rows_of(content(made.script))
    assert len(told) > 2_000
    rng = np.random.default_rng(1)
    for place in rng.choice(len(told), 400, replace=False):
        measure, block, answers, (value, low, high, n, effective, se, _) = told[place]
        row = released(store, measure, block, answers)
        assert same(value, row[block["column"]]), (measure["id"], answers)
        assert same(n, row["n"])
        if value is not None:
            start = BOUNDS.get(block["column"], "ci")
            assert same(low, row[f"{start}_low"])
            assert same(high, row[f"{start}_high"])
            assert same(effective, row["n_eff"])
            assert se is None or se in {row.get("se"), row.get("csat_se")}


def test_all_that_was_released_of_a_measure_is_there(made: Explorer, store: Store) -> None:
    counts: dict[str, int] = {}
    for _, block, _, _ in rows_of(content(made.script)):
        counts[block["table"]] = counts.get(block["table"], 0) + 1
    crossed = store.table("index_groups")
    twice = crossed["other"].isna() & crossed["question"].isin(["institution_type", "customer_type"])
    assert counts["index_groups"] == len(crossed) - twice.sum()  # by a segment alone the index stands in csi_segments
    assert counts["csi_segments"] == 2 * len(store.table("csi_segments"))


def test_nothing_withheld_is_on_the_page(made: Explorer, store: Store) -> None:
    frame = store.table("index_groups")
    gone = frame["suppressed"].notna()
    assert gone.sum() > 20
    for figure in (f"{PLANTED:.1f}", f"{PLANTED - 1:.1f}", f"{PLANTED + 1:.1f}", str(PLANTED)):
        assert figure not in made.script
        assert figure not in made.body
    withheld = [figures for _, block, _, figures in rows_of(content(made.script)) if figures[0] is None]
    assert len(withheld) >= gone.sum()
    told = {(*figures[:3], *figures[4:]) for figures in withheld}  # the number of people may stand: all were satisfied
    assert told == {(None, None, None, None, None, 0)}
    assert PLANTED_N not in {figures[3] for *_, figures in rows_of(content(made.script))}
    assert f"; {PLANTED_N})" not in made.body


def test_before_disclosure_the_planted_figures_would_have_been_found(tmp_path: Path, known: Edition) -> None:
    """The attack above can succeed: without the gate it finds them."""
    bare = Store(tmp_path)
    for name, frame in computed(known).items():
        bare.save_table(name, frame)
    open_page = Explorer(**explorer(Labels(known, "en"), bare))
    assert str(PLANTED) in open_page.script
    assert f"{PLANTED:.1f} (" in open_page.body


def test_a_new_table_of_the_shape_comes_in_by_itself(
    tmp_path: Path, known: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = TableSpec(
        "told_others",
        (
            Column("question", ("asked",), QUESTION),
            Column("category", ("asked", "answer"), CATEGORY),
            percent("telling", "share"),
            shares("telling_low", "telling_high"),
            N,
        ),
        people=(People("asked", "answer", measures=(Measure("telling", ("telling_low", "telling_high"), "tells"),)),),
    )
    plain_counts = replace(spec, name="plain", columns=(*spec.columns[:3], N))
    part = replace(next(one for one in all_parts() if one.step == "05_satisfaction"), tables=(spec, plain_counts))
    store = Store(tmp_path)
    frame = pd.DataFrame({"asked": "age", "answer": ["18-29", "60+"], "telling": [0.4, 0.5], "n": [300.0, 400.0]})
    for name in ("told_others", "plain"):
        store.save_table(name, frame.assign(telling_low=frame["telling"] - 0.05, telling_high=frame["telling"] + 0.05))
    monkeypatch.setattr(estimates, "all_parts", lambda: (part,))
    monkeypatch.setattr(data, "caption", lambda spec, _: spec.name)
    (found,) = content(explorer(Labels(known, "zh"), store)["script"])["measures"]
    assert (found["id"], found["share"]) == ("tells", True)
    assert found["blocks"][0]["table"] == "told_others"
    assert [row[1] for row in found["blocks"][0]["rows"]] == [0.4, 0.5]


def test_differences_and_groups_of_records_are_no_measures(known: Edition, store: Store) -> None:
    specs = {spec.name: (part, spec) for part in all_parts() for spec in part.tables}
    shaped = {name for name, (part, spec) in specs.items() if list(estimates.shapes(part, spec))}
    assert {"csi_overall", "csi_dimensions", "csi_items", "csi_segments", "construct_levels", "choices"} <= shaped
    assert not shaped & {"associations", "training_effects", "coefficients", "index_weights", "exclusion_log"}
    assert {one.shape.part.step for one in estimates.measured(known, store)} == {"05_satisfaction"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_figures_are_written_in_the_tables_as_in_the_book(known: Edition, store: Store, lang: str) -> None:
    body = lxml.html.fragment_fromstring(explorer(Labels(known, lang), store)["body"])
    row = store.table("csi_overall").set_index("measure").loc["csi"]
    cells = [" ".join(cell.text_content().split()) for cell in body.xpath("(.//details)[1]//td")]
    assert f"{row['estimate']:.1f} ({row['ci_low']:.1f}–{row['ci_high']:.1f}; {row['n']:,.0f})" in cells
    assert len(body.xpath(".//details")) > 20
    assert all(len(summary.text_content()) > 3 for summary in body.iter("summary"))


def test_an_edition_without_answers_has_nothing_to_explore(known: Edition, store: Store, tmp_path: Path) -> None:
    silent = known.model_copy(update={"data": known.data.model_copy(update={"source": "files", "tables": {}})})
    assert not silent.interviewed
    assert explorer(Labels(silent, "en"), store) == {}
    assert explorer(Labels(known, "en"), Store(tmp_path)) == {}


def test_what_has_no_room_is_left_out_and_the_page_says_so(
    known: Edition, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "LARGEST", 40_000)
    monkeypatch.setattr(page, "LARGEST_TABLES", 10_000)
    small = explorer(Labels(known, "en"), store)
    assert len(small["script"].encode()) < 60_000
    assert len(small["body"].encode()) < 14_000
    assert "Not on this page for its size" in small["body"]
    assert "Not repeated here for their size" in small["body"]


def test_page_script_and_data_fit_into_600_kilobytes(made: Explorer) -> None:
    assets = Path(__file__).resolve().parents[3] / "report" / "assets" / "embedded"
    own = sum((assets / Path(name).name).stat().st_size for name in (*STYLES, SCRIPTS[1]))
    assert own < 40_000
    assert data.LARGEST + page.LARGEST_TABLES + own < 600_000
    assert len(made.script.encode()) + len(made.body.encode()) + own < 600_000


def test_hostile_names_are_text_on_the_page_and_in_its_data(known: Edition, store: Store, tmp_path: Path) -> None:
    hostile = renamed(known, HOSTILE)
    made = Explorer(**explorer(Labels(hostile, "en"), store))
    tree = lxml.html.fragment_fromstring(made.body)
    allowed = {
        "section",
        "h1",
        "h2",
        "p",
        "noscript",
        "div",
        "details",
        "summary",
        "table",
        "thead",
        "tbody",
        "tr",
        "td",
        "th",
    }
    assert {element.tag for element in tree.iter()} <= allowed
    assert not tree.xpath("//*[@onerror or @onmouseover]")
    told = content(made.script)
    labels = Labels(hostile, "en")
    for question in told["questions"]:
        assert question["answers"] == [labels.category(question["key"], code) for code in question["codes"]]
    book = stage_sample(tmp_path, "en", explorer=made, formats=("html",))
    render_book(book, tmp_path / "report" / "en", renderer="embedded")  # checks its pages


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_book_holds_the_page_and_links_to_it(known: Edition, store: Store, tmp_path: Path, lang: str) -> None:
    made = Explorer(**explorer(Labels(known, lang), store))
    book = stage_sample(tmp_path, lang, explorer=made, formats=("html",))
    assert book_problems(book) == []
    assert read_project(book).explorer == made.title
    report = tmp_path / "report" / lang
    render_book(book, report, renderer="embedded")
    lint_html(report, pages=[report / PAGE])
    front = lxml.html.document_fromstring((report / "index.html").read_bytes())
    assert front.xpath(f'//*[@class="hero-actions"]/a[@href="{PAGE}"]')
    chapter = lxml.html.document_fromstring((report / "chapters" / "01-overview.html").read_bytes())
    entries = [link.text_content().strip() for link in chapter.xpath('//nav[@class="chapters"]/ol/li/div/a')]
    assert entries.index(made.title) == 3  # summary, two chapters, the page; references and appendix follow
    own = lxml.html.document_fromstring((report / PAGE).read_bytes())
    assert [script.get("src") for script in own.iter("script")][-2:] == list(SCRIPTS)
    assert not any(script.text for script in own.iter("script"))
    assert own.xpath('//a[@class="language"]/@href') == [f"../{'en' if lang == 'zh' else 'zh'}/{PAGE}"]
    index = (report / "assets" / "search.js").read_text(encoding="utf-8")
    assert f'"url": "{PAGE}#compare"' in index
    assert len(index) < 10_000
    assert (report / FOLDER / "data.js").read_text(encoding="utf-8") == made.script


def test_a_book_without_the_page_has_no_trace_of_it(tmp_path: Path) -> None:
    book = stage_sample(tmp_path, "en", formats=("html",))
    assert not (book / FOLDER).exists()
    report = tmp_path / "report" / "en"
    render_book(book, report, renderer="embedded")
    assert not [path for path in report.rglob("*.html") if PAGE in path.read_text(encoding="utf-8")]


def test_quarto_finds_a_page_that_stands_alone_and_links_to_it(made: Explorer, tmp_path: Path) -> None:
    book = stage_sample(tmp_path, "en", explorer=made, languages=("en",))
    settings = (book / "_quarto.yml").read_text(encoding="utf-8")
    for name in (PAGE, *STYLES, *SCRIPTS):
        assert f'"{name}"' in settings
        assert (book / name).is_file()
    assert f"[Explore]({PAGE})" in (book / "index.qmd").read_text(encoding="utf-8")
    assert f"[Explore](../{PAGE})" in (book / "chapters" / "01-overview.qmd").read_text(encoding="utf-8")
    alone = lxml.html.document_fromstring((book / PAGE).read_bytes())
    assert "script-src 'self';" in alone.xpath("//meta[@http-equiv]/@content")[0]
    assert alone.xpath('//*[@role="note"]')[0].text_content() == "This report uses simulated data."
    (book / "index.html").touch()  # which Quarto makes
    lint_html(book, pages=[book / PAGE])
