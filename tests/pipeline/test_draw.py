"""Figures of one language and the pages of its notebooks: what make looks at is written last, and lists them all."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from analysis.edition import load_edition
from analysis.edition.load import snapshot
from analysis.errors import EditionError
from analysis.pipeline import draw
from analysis.pipeline.command import Call
from analysis.pipeline.prepare import write_if_changed
from analysis.project import ROOT
from analysis.publish import notebooks, parts


def _call(output: Path, lang: str) -> Call:
    params = ROOT / "params" / "2025.yml"
    call = Call(params=params, output=output, options=argparse.Namespace(lang=lang))
    write_if_changed(call.snapshot, snapshot(load_edition(params)))
    return call


@pytest.fixture
def drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An output folder whose figures are drawn by a stand-in."""

    def draw_figures(*_: object) -> None:
        for name in ("dimensions.svg", "dimensions.png"):
            (tmp_path / "figures" / "en").mkdir(parents=True, exist_ok=True)
            (tmp_path / "figures" / "en" / name).write_text("drawn")

    monkeypatch.setattr(parts, "draw_figures", draw_figures)
    monkeypatch.setattr(parts, "printed_tables", lambda *_: {})
    monkeypatch.setattr(notebooks, "publish_notebooks", lambda *_, **__: None)
    return tmp_path


def test_what_was_drawn_is_listed_for_make(drawn: Path) -> None:
    draw.main(_call(drawn, "en"))
    assert json.loads((drawn / "figures" / "en.json").read_text()) == ["dimensions.png", "dimensions.svg"]
    made = (drawn / "made" / "figures_en.mk").read_text()
    assert made == "MADE_figures_en := figures/en/dimensions.png figures/en/dimensions.svg figures/en.json\n"


def test_where_a_page_fails_nothing_is_listed(drawn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(notebooks, "publish_notebooks", fail)
    with pytest.raises(OSError, match="no room"):
        draw.main(_call(drawn, "en"))
    assert not (drawn / "figures" / "en.json").exists()


def test_a_language_that_the_edition_is_not_published_in_is_told(drawn: Path) -> None:
    with pytest.raises(EditionError, match="not published in this language"):
        draw.main(_call(drawn, "de"))
