"""The pages of the notebooks run nothing, load nothing from outside, and show texts of data as texts."""

from __future__ import annotations

from pathlib import Path

import lxml.html
import pandas as pd

from analysis.edition import load_edition
from analysis.publish.notebook_source import source_page
from analysis.publish.notebooks import publish_notebooks
from analysis.publish.parts import printed_tables
from analysis.publish.tables.html import FOLDED, html_table
from analysis.publish.words.labels import Labels
from analysis.results import Store


def test_a_page_of_a_notebook_carries_the_policy_and_no_script(root: Path, tmp_path: Path) -> None:
    import nbformat  # takes seconds, which every worker would spend

    cells = [nbformat.v4.new_markdown_cell("# Why"), nbformat.v4.new_code_cell("1 + 1")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "05_satisfaction.ipynb")
    store = Store(tmp_path / "out")
    row = {"segment": "grade", "category": "<script>alert(1)</script>", "csi": 80.0, "ci_low": 79.0, "ci_high": 81.0}
    bases = {"n": 300, "n_eff": 250.0, "csat": 0.8, "csat_low": 0.7, "csat_high": 0.9}
    store.save_table("csi_segments", pd.DataFrame([row | bases]))
    store.keep_tables({"csi_segments": pd.DataFrame([row | bases])})
    edition = load_edition(root / "params" / "2025.yml")
    store.save_page("05_satisfaction", source_page(tmp_path / "05_satisfaction.ipynb"))
    publish_notebooks(edition, store, "en", printed=printed_tables(edition, store, "en"))
    page = lxml.html.parse(store.notebook_copy("05_satisfaction", "en")).getroot()
    assert not page.xpath("//script")
    head = [element.get("http-equiv") for element in page.find("head").iter("meta", "link", "style")]
    assert head.index("Content-Security-Policy") <= 1
    outside = [one for one in page.xpath("//@src | //link/@href") if not one.startswith("data:")]
    assert outside == []
    assert "<script>alert(1)</script>" in page.text_content()


def test_a_page_speaks_one_language_and_keeps_the_cells_that_the_report_links_to(root: Path, tmp_path: Path) -> None:
    import nbformat

    prose = "# Why\n\nA *reason*.\n\n<!-- zh -->\n# 为什么\n\n一个*理由*。"
    cells = [nbformat.v4.new_markdown_cell(prose), nbformat.v4.new_code_cell("1 + 1", id="sum")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "05_satisfaction.ipynb")
    store, edition = Store(tmp_path / "out"), load_edition(root / "params" / "2025.yml")
    store.save_page("05_satisfaction", source_page(tmp_path / "05_satisfaction.ipynb"))
    for lang, tag, own, other in (("en", "en", "Why", "为什么"), ("zh", "zh-CN", "为什么", "Why")):
        publish_notebooks(edition, store, lang, printed={})
        page = lxml.html.parse(store.notebook_copy("05_satisfaction", lang)).getroot()
        assert page.get("lang") == tag
        assert page.findtext(".//h1") == own
        assert own in page.findtext(".//title")
        assert other not in page.text_content()
        assert page.xpath("//header//a/@href") == ["../index.html"]
        assert page.get_element_by_id("cell-sum").text_content().strip() == "1 + 1"


def test_a_long_table_opens_at_a_click(root: Path, tmp_path: Path) -> None:
    store, edition = Store(tmp_path / "out"), load_edition(root / "params" / "2025.yml")
    row = {"segment": "grade", "csi": 80.0, "ci_low": 79.0, "ci_high": 81.0, "n": 300, "n_eff": 250.0}
    row |= {"csat": 0.8, "csat_low": 0.7, "csat_high": 0.9}
    for rows, folded in ((FOLDED - 1, 0), (FOLDED, 1)):
        frame = pd.DataFrame([row | {"category": f"class {n}"} for n in range(rows)])
        store.save_table("csi_segments", frame)
        store.keep_tables({"csi_segments": frame})
        table = printed_tables(edition, store, "en")["csi_segments"]
        found = lxml.html.fromstring(f"<div>{html_table(table, Labels(edition, 'en'))}</div>")
        assert len(found.xpath("//details")) == folded
        assert len(found.xpath("//tbody/tr")) == rows
