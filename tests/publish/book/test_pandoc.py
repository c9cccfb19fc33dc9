"""Pandoc is run over a book once: again when anything that it reads is another, and only then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from book_sample import stage_sample

from analysis.publish.book.embedded import pandoc
from analysis.publish.book.embedded.project import read_project


def _chapter(book: Path) -> None:
    (book / "index.qmd").write_text("# 摘要 {.unnumbered}\n\n另一句话。\n", encoding="utf-8")


def _reference(book: Path) -> None:
    text = (book / "references.bib").read_text(encoding="utf-8")
    (book / "references.bib").write_text(text.replace("1996", "1997"), encoding="utf-8")


def _filter(book: Path) -> None:
    path = book / "_embedded" / "book.lua"
    path.write_text(path.read_text(encoding="utf-8") + "\n-- more\n", encoding="utf-8")


def _kept_file(book: Path) -> None:
    (book.parent / f".{book.name}.pandoc").write_text('{"made_from": "', encoding="utf-8")


def _title(book: Path) -> None:
    for name in ("_quarto.yml", "_edition.yml"):
        text = (book / name).read_text(encoding="utf-8")
        (book / name).write_text(text.replace("客户", "客人"), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "runs"), [(_title, 0), (_chapter, 1), (_reference, 1), (_filter, 1), (_kept_file, 1)]
)
def test_a_book_is_converted_again_when_what_pandoc_reads_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None], runs: int
) -> None:
    book = stage_sample(tmp_path)
    first = pandoc.converted(read_project(book))
    change(book)
    asked, run = [], pandoc._pandoc

    def counted(*arguments: object) -> str:
        asked.append(arguments)
        return run(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(pandoc, "_pandoc", counted)
    second = pandoc.converted(read_project(book))
    assert len(asked) == runs
    assert ("另一句话" in second.html) == (change is _chapter)
    assert change is _chapter or change is _reference or second == first
