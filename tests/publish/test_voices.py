"""What people wrote is quoted in their own language, and says so where the page has another."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from analysis.edition import load_edition
from analysis.publish.book.embedded.pandoc import pandoc_path
from analysis.publish.tables.cells import NAME, VOICE
from analysis.publish.tables.html import html_table
from analysis.publish.tables.markdown import markdown
from analysis.publish.tables.printed import Printed
from analysis.publish.tables.spec import Column, TableSpec
from analysis.publish.words.labels import Labels
from analysis.publish.words.voices import other_language, voice

CHINESE, ENGLISH = "App 经常卡顿，功能藏得太深", "The app is slow and crashes"


@pytest.fixture(scope="module", params=["zh", "en"])
def labels(request: pytest.FixtureRequest, root: Path) -> Labels:
    return Labels(load_edition(root / "params" / "2025.yml"), request.param)


def test_a_text_is_marked_where_its_language_is_not_the_pages(labels: Labels) -> None:
    foreign, own = (CHINESE, ENGLISH) if labels.lang == "en" else (ENGLISH, CHINESE)
    lang = "zh" if labels.lang == "en" else "en"
    assert other_language(foreign, labels) == lang
    assert voice(foreign, labels) == f'[{foreign}]{{lang="{lang}"}}'
    assert voice(own, labels) == own
    assert other_language("…", labels) == ""
    assert other_language("12345", labels) == ""


def test_marks_in_a_quote_stay_text(labels: Labels) -> None:
    assert "](" not in voice("很慢[看](http://x.y)", labels)
    assert voice('}{.x lang="de"', labels).count("{") <= 1


def test_tables_mark_the_cells_of_voices_alone(labels: Labels) -> None:
    spec = TableSpec("ticket_quotes", (Column("quote", ("quote",), VOICE), Column("channel", ("where",), NAME)))
    shown = Printed(spec, "Quotes", "", ["quote", "where"], [[CHINESE, "电话网点"]])
    marked = int(labels.lang == "en")
    assert markdown(shown, labels).count('{lang="zh"}') == marked
    assert html_table(shown, labels).count('<td class="text" lang="zh">') == marked


def test_the_pdf_sets_a_voice_in_its_own_language(root: Path, tmp_path: Path) -> None:
    """pandoc leaves the language out of typst's text."""
    (tmp_path / "span.lua").write_text(
        f"package.path = '{root}/report/assets/embedded/?.lua'\n"
        "local typst = require 'typst'\n"
        "function Pandoc(doc)\n"
        "  local chapter = pandoc.Div(doc.blocks, pandoc.Attr('', { 'chapter' }, { file = 'chapters/a' }))\n"
        "  local nothing = { ids = {}, cited = {} }\n"
        "  local settings = { volumes = { typst = 'a', technical = 'b' } }\n"
        "  local texts = typst.texts({ chapter }, { typst = nothing, technical = nothing }, settings)\n"
        "  return pandoc.Pandoc { pandoc.CodeBlock(texts[1].typst) }\n"
        "end\n",
        encoding="utf-8",
    )
    source = f'He said [{CHINESE}]{{lang="zh"}}.\n\n| a |\n|:--|\n| [{CHINESE}]{{lang="zh"}} |\n'
    command = [pandoc_path(), "--from=markdown", "--to=plain", "--wrap=none", f"--lua-filter={tmp_path / 'span.lua'}"]
    text = subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout
    assert text.count(f'#text(lang: "zh", region: "cn")[{CHINESE}]') == 2
