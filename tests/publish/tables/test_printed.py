"""Tables of the book: cells in the reader's language, intervals and bases shown, nothing broken by its content."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from printing import SPECS

from analysis.edition import load_edition
from analysis.publish.parts import all_parts
from analysis.publish.tables.html import html_table
from analysis.publish.tables.markdown import markdown
from analysis.publish.tables.printed import cells, headings, printed
from analysis.publish.tables.workbook import write_workbook
from analysis.publish.words import formats
from analysis.publish.words.labels import Labels
from analysis.results import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def _dimensions() -> pd.DataFrame:
    row = {"construct": "efficiency", "score": 81.25, "se": 0.5, "ci_low": 80.27, "ci_high": 82.23}
    shares = {"satisfied_share": 0.876, "satisfied_low": 0.86, "satisfied_high": 0.89, "deff": 1.2}
    return pd.DataFrame([row | shares | {"n": 5400, "n_eff": 4500.0}])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_row_shows_score_interval_and_base(root: Path, lang: str) -> None:
    labels = Labels(load_edition(root / "params" / "2025.yml"), lang)
    (row,) = cells(SPECS["csi_dimensions"], _dimensions(), labels)
    assert row == [labels.construct("efficiency"), "81.3", "80.3–82.2", "87.6%", "86.0–89.0%", "5,400", "4,500"]
    table = printed(SPECS["csi_dimensions"], _dimensions(), labels, {"level": "95%", "satisfied_from": "4"})
    assert len(table.headings) == len(row)
    text = markdown(table, labels)
    assert "{#tbl-csi-dimensions}" in text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_design_and_weights_cost_is_told_only_where_they_cost_something(root: Path, lang: str) -> None:
    """Of interviews that all weigh the same there is no effective number beside the number, and no design effect."""
    labels, spec = Labels(load_edition(root / "params" / "2025.yml"), lang), SPECS["csi_overall"]
    row = {"measure": "csi", "estimate": 73.9, "se": 0.3, "ci_low": 73.2, "ci_high": 74.6, "n": 1707}
    values = {"level": "95%", "people": "-"}
    alike = printed(spec, pd.DataFrame([row | {"n_eff": 1707.0, "deff": 1.0}]), labels, values)
    weighted = printed(spec, pd.DataFrame([row | {"n_eff": 1400.0, "deff": 1.22}]), labels, values)
    assert len(weighted.headings) == len(alike.headings) + 2
    assert labels.text("notes.effective_n") in weighted.note
    assert labels.text("notes.effective_n") not in alike.note
    assert len(alike.rows[0]) == len(alike.headings)


def test_a_table_without_an_estimate_becomes_a_sentence_that_references_still_find(root: Path) -> None:
    labels = Labels(load_edition(root / "params" / "2025.yml"), "en")
    values = {"level": "95%", "satisfied_from": "4"}
    frame = _dimensions()
    withheld = frame.assign(**{name: float("nan") for name in frame.columns if name not in {"construct", "n"}})
    table = printed(SPECS["csi_dimensions"], withheld.assign(suppressed="withheld"), labels, values)
    text = markdown(table, labels)
    assert labels.text("notes.nothing", min_base=labels.edition.disclosure.min_base) in text
    assert "{#tbl-csi-dimensions}" in text
    assert labels.construct("efficiency") not in text
    # One estimate that may be printed is enough for the table.
    both = pd.concat([frame, withheld], ignore_index=True)
    assert labels.construct("efficiency") in markdown(printed(SPECS["csi_dimensions"], both, labels, values), labels)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1234.56, "1,234.6"),
        (-0.04, "0.0"),
        (-3.25, "−3.3"),
        (81.25, "81.3"),
        (0.15, "0.2"),
        (1e30, "1" + ",000" * 10 + ".0"),
        (None, "—"),
        (float("nan"), "—"),
    ],
)
def test_numbers_are_written_as_readers_expect(value: float | None, shown: str) -> None:
    assert formats.number(value) == shown


def test_an_interval_with_a_negative_bound_has_a_word_between() -> None:
    assert formats.interval(-0.35, 0.12, "en", decimals=2).replace("\u00a0", " ") == "−0.35 to 0.12"


@pytest.mark.parametrize("code", ["NA", "None", "02", "1.0", "nan"])
def test_a_category_is_printed_as_it_is_named(root: Path, store: Store, code: str) -> None:
    """Such codes come back from a csv as missing, or as numbers; results are typed."""
    row = {"segment": "grade", "category": code, "csi": 80.0, "ci_low": 79.0, "ci_high": 81.0, "n": 300, "n_eff": 250.0}
    shares = {"csat": 0.8, "csat_low": 0.7, "csat_high": 0.9}
    store.save_table("csi_segments", pd.DataFrame([row | shares, row | shares | {"category": None}]))
    labels = Labels(load_edition(root / "params" / "2025.yml"), "en")
    named, whole = cells(SPECS["csi_segments"], store.table("csi_segments"), labels)
    assert named[1] == code
    assert whole[1] == "Overall"


def test_the_level_in_a_heading_is_that_of_the_part(root: Path) -> None:
    edition = load_edition(root / "params" / "2025.yml")
    wider = edition.model_copy(update={"trend": edition.trend.model_copy(update={"confidence": 0.8})})
    part = next(part for part in all_parts() if part.step == "09_trend")
    labels = Labels(wider, "en")
    assert "80% interval" in headings(SPECS["waves"], labels, part.placeholders(labels))
    assert "95% interval" in headings(SPECS["csi_segments"], labels, all_parts()[4].placeholders(labels))


def test_html_escapes_what_came_from_data(root: Path) -> None:
    labels = Labels(load_edition(root / "params" / "2025.yml"), "en")
    frame = _dimensions().assign(construct="<script>alert(1)</script>")
    page = html_table(printed(SPECS["csi_dimensions"], frame, labels, {"level": "95%", "satisfied_from": "4"}), labels)
    assert "<script>" not in page
    assert "81.3" in page


def test_the_workbook_is_the_same_bytes_twice_and_holds_unrounded_numbers(root: Path, store: Store) -> None:
    edition = load_edition(root / "params" / "2025.yml")
    store.save_table("csi_dimensions", _dimensions())
    first = write_workbook(edition, store, all_parts()).read_bytes()
    assert write_workbook(edition, store, all_parts()).read_bytes() == first
    sheet = pd.read_excel(store.root / "tables" / "tables.xlsx", sheet_name="csi_dimensions", header=None)
    assert np.isclose(sheet.iloc[-1, 1], 81.25)
