"""The embedded renderer: the same staged book that Quarto takes, through pandoc and typst."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from analysis.publish.book.embedded.html import write_html
from analysis.publish.book.embedded.pandoc import converted, pandoc_version
from analysis.publish.book.embedded.pdf import typst_version, write_pdf
from analysis.publish.book.embedded.project import read_project

__all__ = ["embedded_version", "render_embedded"]


def embedded_version() -> str:
    """Return the names and versions of the tools, as in "pandoc 3.9 + typst 0.15.2"."""
    return f"pandoc {pandoc_version()} + typst {typst_version()}"


def render_embedded(book: Path, target: Path, *, earlier: Path | None = None) -> None:
    """Render the staged book as HTML pages and one PDF into the folder `target`; `earlier` holds the report before it.

    Raises BookError when pandoc or typst refuses the book. The book must have passed the lint.
    """
    project = read_project(book)
    target.mkdir(parents=True, exist_ok=True)
    chapters = converted(project)
    with ThreadPoolExecutor(max_workers=2) as pool:
        pdf = pool.submit(write_pdf, project, chapters.typst, target)
        write_html(project, chapters.html, target, earlier=earlier)
        pdf.result()
