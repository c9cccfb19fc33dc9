"""Renders a staged book with the renderer asked for and puts the result in place in one move."""

from __future__ import annotations

import shutil
from pathlib import Path

from analysis.errors import BookError
from analysis.publish.embedded import embedded_version, render_embedded
from analysis.publish.embedded.project import read_project
from analysis.publish.lint import lint_book, lint_html
from analysis.publish.quarto import find_quarto, quarto_version, render_with_quarto

RENDERERS = ("auto", "quarto", "embedded")


def chosen_renderer(renderer: str) -> str:
    """Return "quarto" or "embedded" for a value of RENDERER; auto takes Quarto where there is one."""
    if renderer not in RENDERERS:
        raise BookError("unknown renderer", expected=" or ".join(RENDERERS), got=renderer, where="RENDERER")
    if renderer == "auto":
        return "quarto" if find_quarto() else "embedded"
    return renderer


def renderer_version(renderer: str) -> str:
    """Return name and version of the tools that `renderer` ("auto", "quarto", "embedded") stands for."""
    if chosen_renderer(renderer) == "embedded":
        return embedded_version()
    path = find_quarto()
    return quarto_version(path) if path else "quarto (not found)"


def render_book(book: Path, target: Path, *, renderer: str) -> str:
    """Render the staged book into `target` and return name and version of the renderer.

    The book is checked first, the pages after; an earlier `target` stays as it is unless all went well. Raises
    BookError for an unknown renderer, a book with problems, or a renderer that fails.
    """
    chosen = chosen_renderer(renderer)
    lint_book(book)
    scratch = target.parent / f".{target.name}.partial"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        (render_with_quarto if chosen == "quarto" else render_embedded)(book, scratch)
        _check_output(book, scratch)
        replace_folder(scratch, target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return renderer_version(chosen)


def _check_output(book: Path, report: Path) -> None:
    project = read_project(book)
    pages = [report / chapter.url for chapter in project.chapters]
    expected = [*pages, report / f"{project.file_name}.pdf"]
    missing = [path.name for path in expected if not path.is_file()]
    if missing:
        raise BookError("the renderer left out files", where=str(book), expected=", ".join(missing))
    lint_html(report, pages=pages)


def replace_folder(source: Path, target: Path) -> None:
    """Put the folder `source` in the place of `target`; the earlier one is gone only when the new one stands."""
    earlier = target.parent / f".{target.name}.earlier"
    shutil.rmtree(earlier, ignore_errors=True)
    if target.exists():
        target.replace(earlier)
    source.replace(target)
    shutil.rmtree(earlier, ignore_errors=True)
