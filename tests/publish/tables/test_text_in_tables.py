"""Text of data is text in the workbook, in the pages of the notebooks and in the figures."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import lxml.etree
import lxml.html
import openpyxl
import pandas as pd
import pytest
from hostile_texts import HOSTILE, TEXTS, THOROUGH
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from printing import SPECS

from analysis.edition import load_edition
from analysis.publish.figures.style import figure_style, new_figure, to_svg
from analysis.publish.parts import all_parts
from analysis.publish.tables.html import html_table
from analysis.publish.tables.printed import printed
from analysis.publish.tables.workbook import write_workbook
from analysis.publish.words.escape import as_cell, as_file_name, plain
from analysis.publish.words.labels import Labels
from analysis.results import Store

VALUES = {"csi": 80.0, "ci_low": 79.0, "ci_high": 81.0, "n": 300, "n_eff": 250.0}
SHARES = {"csat": 0.8, "csat_low": 0.7, "csat_high": 0.9}
STORED = [text for text in HOSTILE if text and not re.search("[\ud800-\udfff]", text)]


def segments(texts: list[str]) -> pd.DataFrame:
    return pd.DataFrame([{"segment": "grade", "category": text, **VALUES, **SHARES} for text in texts])


@settings(max_examples=max(1, int(3 * THOROUGH)), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(TEXTS.filter(bool), min_size=20, max_size=20))
@example(["=1+1", "=HYPERLINK(1)", "=~", "+1", "-1", "@SUM(1)", "#N/A", "#REF!", "_x0041_", "'=1", *STORED])
def test_every_text_of_the_workbook_is_text_and_reads_back(
    root: Path, tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    texts = [text for text in texts if plain(text) and not re.search("[\ud800-\udfff]", text)]
    store = Store(tmp_path_factory.mktemp("book"))
    store.save_table("csi_segments", segments(texts))
    path = write_workbook(load_edition(root / "params" / "2025.yml"), store, all_parts())
    with zipfile.ZipFile(path) as archive:
        assert not [
            name for name in archive.namelist() if name.startswith("xl/worksheets/") and b"<f>" in archive.read(name)
        ]
    sheet = openpyxl.load_workbook(path)["csi_segments"]
    column = next(cell.column for row in sheet.iter_rows() for cell in row if cell.value == "类别 / Category")
    cells = [row[column - 1] for row in sheet.iter_rows()][-len(texts) :]
    assert {cell.data_type for cell in cells} == {"s"}
    # openpyxl leaves Excel's escape as it is
    assert [cell.value.replace("_x005F_", "_") for cell in cells] == [plain(text) for text in texts]
    assert all(cell.quotePrefix for cell, text in zip(cells, texts, strict=True) if text[0] in "=+-@")


def test_a_text_longer_than_a_cell_is_cut() -> None:
    assert len(as_cell("长" * 40_000)) == 32_767


def test_texts_stay_texts_in_the_page_of_a_notebook(root: Path) -> None:
    labels = Labels(load_edition(root / "params" / "2025.yml"), "en")
    frame = segments(list(STORED))
    html = html_table(printed(SPECS["csi_segments"], frame, labels, {"level": "95%", "satisfied_from": "7"}), labels)
    tree = lxml.html.fragment_fromstring(html, create_parent="div")
    assert {element.tag for element in tree.iter()} <= set(
        "div details summary table caption thead tbody tr th td p".split()
    )
    shown = [row[1].text_content() for row in tree.xpath(".//tbody/tr")]
    assert [text for text in STORED if plain(text) not in shown] == []


@pytest.mark.filterwarnings("ignore:Glyph")  # no face has every character
@pytest.mark.filterwarnings("ignore:constrained_layout")  # the callers wrap their labels
@pytest.mark.parametrize("text", [text for text in HOSTILE if text])
def test_a_figure_takes_any_text(text: str) -> None:
    with figure_style():
        figure, (axes,) = new_figure(2)
        axes.set_title(plain(text))
        axes.set_yticks([0, 1], [plain(text), "$x"])
        svg = to_svg(figure)
    tree = lxml.etree.fromstring(svg.encode())
    assert not tree.xpath("//*[local-name()='script' or local-name()='image' or local-name()='a']")


def test_a_dollar_is_no_formula_in_a_figure() -> None:
    with figure_style():
        _figure, (axes,) = new_figure(2)
        title = axes.set_title("from $5 to $9_a")
    assert not title.get_parse_math()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("2025", "2025"),
        ("my survey", "my-survey"),
        ('a/b\\c:d*e?f"g<h>i|j', "a-b-c-d-e-f-g-h-i-j"),
        ("100%#x", "100-x"),
        ("客户", "客户"),
        ("..", "edition"),
        ("\x00", "edition"),
        ("a\u202eb", "ab"),
    ],
)
def test_a_name_becomes_a_file_name_of_every_system(name: str, written: str) -> None:
    assert as_file_name(name) == written
