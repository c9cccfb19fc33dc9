"""Renders a staged book with the renderer asked for and puts the result in place in one move."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from analysis.errors import BookError
from analysis.publish.book.embedded import embedded_version, render_embedded, write_office
from analysis.publish.book.embedded.project import read_project
from analysis.publish.book.explorer import PAGE
from analysis.publish.book.lint import BookLintError, lint_book, lint_html, literal_words
from analysis.publish.book.quarto import find_quarto, quarto_version, render_with_quarto

RENDERERS = ("auto", "quarto", "embedded")


def renderers(asked: str) -> tuple[str, ...]:
    """Renderers to try in turn for a value of RENDERER: auto takes Quarto where there is one, then the embedded one."""
    if asked not in RENDERERS:
        raise BookError("unknown renderer", expected=" or ".join(RENDERERS), got=asked, where="RENDERER")
    if asked != "auto":
        return (asked,)
    return ("quarto", "embedded") if find_quarto() else ("embedded",)


def renderer_version(renderer: str) -> str:
    """Return name and version of the tools that `renderer` ("quarto" or "embedded") stands for."""
    if renderer == "embedded":
        return embedded_version()
    path = find_quarto()
    return quarto_version(path) if path else "quarto (not found)"


def render_book(book: Path, target: Path, *, renderer: str, check: Callable[[Path], None] = lambda _: None) -> None:
    """Render the staged book into `target` with "quarto" or "embedded".

    The book is checked first, the pages after, also by `check`, which raises for what must not go out; an earlier
    `target` stays as it is unless all went well. Raises
    BookLintError for a book with problems, which no renderer mends, and BookError when the renderer fails.
    """
    lint_book(book)
    scratch = target.parent / f".{target.name}.partial"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        if renderer == "quarto":
            render_with_quarto(book, scratch)
            write_office(book, scratch, earlier=target)
        else:
            render_embedded(book, scratch, earlier=target)
        _check_output(book, scratch)
        check(scratch)
        replace_folder(scratch, target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _check_output(book: Path, report: Path) -> None:
    project = read_project(book)
    pages = [report / chapter.url for chapter in project.chapters]
    if project.explorer:
        pages.append(report / PAGE)
    expected = [*pages, *(report / name for name in project.files)]
    missing = [path.name for path in expected if not path.is_file()]
    if missing:
        raise BookError("the renderer left out files", where=str(book), expected=", ".join(missing))
    try:
        lint_html(report, pages=pages, literal=literal_words(book))
    except BookLintError as error:  # the chapters were without fault, so the renderer put it there
        raise BookError("the rendered pages have faults", where=error.where, got=error.got) from None


def replace_folder(source: Path, target: Path) -> None:
    """Put the folder `source` in the place of `target`; the earlier one is gone only when the new one stands."""
    earlier = target.parent / f".{target.name}.earlier"
    shutil.rmtree(earlier, ignore_errors=True)
    if target.exists():
        target.replace(earlier)
    source.replace(target)
    shutil.rmtree(earlier, ignore_errors=True)
