"""The search index is a script that holds every section, whatever its text; fonts of the same characters are kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.publish.book.embedded import webfont
from analysis.publish.book.embedded.search import SearchEntry, write_search_index


def test_the_index_reads_back_as_it_was(tmp_path: Path) -> None:
    entries = [SearchEntry("a.html#x", "一", "题 “引”", 'text "quoted" \\ and\nnew'), SearchEntry("b.html", "", "", "")]
    write_search_index(entries, tmp_path / "new" / "search.js")
    text = (tmp_path / "new" / "search.js").read_text(encoding="utf-8")
    assert text.startswith("window.bookIndex = ")
    assert "题" in text
    rows = json.loads(text.removeprefix("window.bookIndex = ").removesuffix(";\n"))
    assert [SearchEntry(**row) for row in rows] == entries


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Fonts that were cut; the cutting itself is tested with the book."""
    made: list[str] = []

    def write(source: Path, target: Path, points: frozenset[int]) -> None:
        made.append(target.name)
        target.write_bytes(bytes(sorted(point % 256 for point in points)))

    monkeypatch.setattr(webfont, "_write_subset", write)
    return made


def test_a_font_is_cut_again_only_for_other_characters(tmp_path: Path, cut: list[str]) -> None:
    for source in webfont.WEIGHTS:
        (tmp_path / source).write_bytes(source.encode())
    one = webfont.write_web_fonts(tmp_path, tmp_path / "one", characters="满意")
    assert set(one) == set(webfont.WEIGHTS.values())
    assert sorted(cut) == sorted(one.values())
    cut.clear()
    same = webfont.write_web_fonts(tmp_path, tmp_path / "two", characters="意满…", earlier=tmp_path / "one")
    assert (same, cut) == (one, [])
    assert sorted(path.name for path in (tmp_path / "two").iterdir()) == sorted(one.values())
    other = webfont.write_web_fonts(tmp_path, tmp_path / "three", characters="满", earlier=tmp_path / "one")
    assert not set(other.values()) & set(one.values())
    assert len(cut) == 2
