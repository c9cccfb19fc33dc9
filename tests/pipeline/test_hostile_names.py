"""A whole report whose every name is hostile: titles, constructs, items, categories, norms and benchmarks."""

from __future__ import annotations

import itertools
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from hostile_texts import HOSTILE
from running import ROOT

from analysis.edition import Edition, load_edition
from analysis.edition.params import Params, Text
from analysis.publish.book.content import book_content
from analysis.publish.book.render import render_book
from analysis.publish.book.stage import stage_book
from analysis.publish.notebooks import publish_notebooks
from analysis.publish.parts import all_parts, draw_figures, printed_tables
from analysis.publish.tables.workbook import write_workbook
from analysis.publish.words.escape import plain
from analysis.results import Store

pytestmark = pytest.mark.filterwarnings("ignore")  # faces lack characters, labels are long

LONGEST = 60
"""A longer name fits no figure, as nobody's would."""


def hostile(value: Any, texts: Iterator[str]) -> Any:
    """Params with a hostile beginning before every text that a reader sees."""
    if isinstance(value, Text):
        return Text(zh=f"{next(texts)} {value.zh}", en=f"{next(texts)} {value.en}")
    if isinstance(value, Params):
        return value.model_copy(
            update={name: hostile(getattr(value, name), texts) for name in type(value).model_fields}
        )
    if isinstance(value, tuple):
        return tuple(hostile(one, texts) for one in value)
    return value


@pytest.fixture(scope="module")
def attacked(small: Path, small_params: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Edition, Path]:
    """The small edition published again from its results, under hostile names."""
    output = tmp_path_factory.mktemp("attacked")
    for folder in ("results", "tables"):
        shutil.copytree(small / folder, output / folder)
    edition = load_edition(small_params)
    texts = itertools.cycle(text for text in HOSTILE if text.strip() and len(text) < LONGEST)
    attack: Edition = hostile(edition, texts)
    store = Store(output)
    write_workbook(attack, store, all_parts())
    for lang in attack.languages:
        draw_figures(attack, store, lang)
        printed = printed_tables(attack, store, lang)
        publish_notebooks(attack, store, lang, printed=printed)
        book = stage_book(
            book_content(attack, store, lang, printed=printed, renderer="embedded"),
            source=ROOT / "report" / lang,
            assets=ROOT / "report" / "assets",
            references=ROOT / "report" / "references.bib",
            target=output / "book" / lang,
        )
        render_book(book, output / "report" / lang, renderer="embedded")
    return attack, output


def test_nothing_of_a_name_becomes_code(attacked: tuple[Edition, Path]) -> None:
    pages = sorted(attacked[1].glob("report/*/**/*.html"))
    assert len(pages) > 40
    for page in pages:
        tree = lxml.html.parse(page)
        assert not tree.xpath("//*[@onerror or @onmouseover] | //script[not(@src)] | //iframe")
        assert not [url for url in tree.xpath("//a/@href") if url.startswith("javascript:")]
        assert tree.xpath("//meta[@http-equiv='Content-Security-Policy']")


def test_every_wording_stands_in_the_questionnaire_as_it_is(attacked: tuple[Edition, Path]) -> None:
    edition, output = attacked
    for lang in edition.languages:
        page = lxml.html.parse(output / "report" / lang / "chapters" / "a-questionnaire.html").getroot()
        cells = {" ".join(cell.text_content().split()) for cell in page.iter("td")}
        wordings = [item[lang] for construct in edition.instrument.constructs for item in construct.items]
        assert [text for text in wordings if " ".join(plain(text).split()) not in cells] == []


def test_the_workbook_holds_no_formula(attacked: tuple[Edition, Path]) -> None:
    with zipfile.ZipFile(attacked[1] / "tables" / "tables.xlsx") as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        assert [name for name in sheets if b"<f>" in archive.read(name)] == []
