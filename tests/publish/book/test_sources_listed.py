"""Sentences and numbers carry links to their sources on pages, and nothing of them elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from analysis.edition import load_edition
from analysis.publish.book.embedded.drawings import with_drawings
from analysis.publish.book.made import PAPER, WEB, Made
from analysis.publish.book.sources import SHOWN, marked, rest_of, standard_errors, to_the_list, with_linked_numbers
from analysis.publish.parts import all_parts
from analysis.publish.watched import WatchedStore
from analysis.publish.words.labels import Labels
from analysis.results import Store
from analysis.text.masking import personal


@pytest.fixture(scope="module")
def labels(root: Path) -> Labels:
    return Labels(load_edition(root / "params" / "2025.yml"), "en")


def test_a_finding_is_marked_on_pages_alone_and_a_silent_one_not_at_all(labels: Labels) -> None:
    text = marked("rule_accuracy", "It works.", labels)
    assert text.startswith("It works.[[](#src-rule-accuracy)")
    assert 'when-format="html"' in text
    assert marked("rule_accuracy", "", labels) == ""


def test_a_number_in_prose_becomes_a_link_and_one_in_a_heading_or_a_link_stays() -> None:
    number = "{{< var csi.overall >}}"
    text = f"# Of {number}\n\nIt is {number}.\n\nSee [{number}](x.qmd).\n\nBy {{{{< var words.people >}}}}."
    linked = with_linked_numbers(text, {"csi"})
    assert linked.count("(#src-csi-numbers)") == 1
    assert f"It is [[{number}](#src-csi-numbers){{.source}}]{WEB}[{number}]{PAPER}." in linked


def test_links_lead_to_the_page_with_the_list_and_without_one_to_nothing(labels: Labels) -> None:
    said = marked("rule_accuracy", "It works.", labels)
    home = "chapters/d-reproducibility.qmd"
    assert "](d-reproducibility.qmd#src-rule-accuracy)" in to_the_list(said, "chapters/03-measures.qmd", home)
    assert "](chapters/d-reproducibility.qmd#src-rule-accuracy)" in to_the_list(said, "index.qmd", home)
    assert to_the_list(said, home, home) == said
    assert to_the_list(said, "index.qmd", "") == "It works."


def test_a_hash_of_decimal_digits_is_nobodys_number() -> None:
    # what published pages are searched for; one hash in a hundred has ten decimal digits at its head
    hashes = [f"{first}{'1234567890123'[: SHOWN - 1]}" for first in "0123456789"]
    assert personal("; ".join(f"index {one}" for one in hashes), said=False) == []
    assert personal("index 04910677517e", said=False)


def test_what_only_pages_show_is_no_link_of_a_pdf(labels: Labels) -> None:
    """typst sets no document with a link to an id that is not there, and an id in a cell of its tables is none."""
    text = with_linked_numbers(f"{marked('x', 'It is', labels)} {{{{< var csi.overall >}}}}.", {"csi"})
    shown = re.sub(r"\[(?:[^\[\]]|\[[^\[\]]*\])*\]" + re.escape(WEB), "", text)
    assert "#src-" in text
    assert "](" not in shown


def test_the_list_has_the_smallest_and_the_largest_standard_error(labels: Labels) -> None:
    """A table with a column of them, and one with intervals: half of them over the quantile of their level."""
    spec, part = next((spec, part) for part in all_parts() for spec in part.tables if spec.name == "csi_dimensions")
    scores = pd.DataFrame({"score": [80.0, 70.0], "ci_low": [78.04, 69.0], "ci_high": [81.96, 71.0], "n": [900, 40]})
    tables = [scores, scores.assign(se=[1.2, 0.0123]), scores[:0]]
    rests = [rest_of(table, labels.edition, spec, part) for table in tables]
    assert [standard_errors([rest]) for rest in rests] == ["0.51–1.0", "0.012–1.2", "—"]
    assert standard_errors(rests) == "0.012–1.2"
    assert [rest["n"] for rest in rests] == [900, 900, None]
    assert rest_of(scores.assign(n=labels.edition.disclosure.min_base - 1), labels.edition, None, None) == {
        "n": None,
        "errors": [],
    }


def test_a_store_that_is_watched_knows_the_tables_that_were_read_and_tells_its_own_watcher(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save_table("scores", pd.DataFrame({"n": [40]}))
    outer = WatchedStore(store)
    inner = WatchedStore(outer)
    inner.table("scores")
    assert not inner.has_table("nothing")
    assert inner.tables_read() == outer.tables_read() == ["scores"]


def test_the_note_of_a_figure_has_its_data_pictures_and_code(labels: Labels) -> None:
    note = Made({"csi_dimensions"}, {"05_satisfaction"}).of_figure("dimensions", "Source: survey.", labels)
    assert note.startswith("::: {.figure-note}\nSource: survey. [[csi\\_dimensions.csv](data/csi_dimensions.csv)") or (
        "(data/csi_dimensions.csv)" in note
    )
    assert "(figures/dimensions.svg)" in note
    assert "(notebooks/05_satisfaction.html#cell-" in note
    assert "csi_overall.csv" not in note, "a table that is not published has no data to take away"
    assert "(notebooks/" not in Made({"csi_dimensions"}, ()).of_figure("dimensions", "Source.", labels)


def test_drawings_stand_in_the_page_under_their_title(tmp_path: Path) -> None:
    for name in ("scores", "scores.phone"):
        (tmp_path / f"{name}.svg").write_text(f'<svg viewBox="0 0 1 1"><text>{name}</text></svg>\n', encoding="utf-8")
    page = (
        '<figure id="fig-scores">\n<img src="../figures/scores.svg" alt="A &quot;leads&quot;." />\n'
        '<figcaption aria-hidden="true">A leads</figcaption>\n</figure>'
    )
    shown = with_drawings(page, tmp_path)
    assert shown.index("A leads</figcaption>") < shown.index("<svg")
    assert "<text>scores</text>" in shown
    assert 'class="drawing for-phone" role="img" aria-label="A &quot;leads&quot;."' in shown
    assert "<img" not in shown
    assert with_drawings(page.replace("scores.svg", "others.svg"), tmp_path).count("<img") == 1
    unnamed = with_drawings(page.replace(' id="fig-scores"', ""), tmp_path)  # as the figure of a profile
    assert unnamed == shown.replace(' id="fig-scores"', "")
