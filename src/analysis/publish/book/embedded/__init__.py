"""The embedded renderer: the same staged book that Quarto takes, through pandoc and typst."""

from __future__ import annotations

import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path

from analysis.publish.book.embedded.chapters import converted
from analysis.publish.book.embedded.docx import write_docx
from analysis.publish.book.embedded.html import write_html
from analysis.publish.book.embedded.kept import KeptFiles
from analysis.publish.book.embedded.pandoc import joined_markdown, pandoc_version
from analysis.publish.book.embedded.pdf import typst_version, write_pdf
from analysis.publish.book.embedded.pictures import draw_pictures
from analysis.publish.book.embedded.pptx import write_pptx
from analysis.publish.book.embedded.project import SLIDES, TECHNICAL, Project, read_project

__all__ = ["embedded_version", "render_embedded", "write_office"]


def embedded_version() -> str:
    """Return the names and versions of the tools, as in "pandoc 3.9 + typst 0.15.2"."""
    return f"pandoc {pandoc_version()} + typst {typst_version()}"


def render_embedded(book: Path, target: Path, *, earlier: Path | None = None) -> None:
    """Render the staged book in its formats into the folder `target`; `earlier` holds the report before it.

    Raises BookError when pandoc or typst refuses the book. The book must have passed the lint.
    """
    project = read_project(book)
    target.mkdir(parents=True, exist_ok=True)
    chapters = converted(project)
    files = KeptFiles(project, earlier, embedded_version())
    with ThreadPoolExecutor(max_workers=2) as pool:
        jobs: list[Future[None]] = []
        for volume, body in {"pdf": chapters.typst, TECHNICAL: chapters.technical}.items():
            if volume in project.downloads:
                make = partial(write_pdf, project, body, target, volume=volume)
                jobs.append(pool.submit(files.take, volume, target, body, make))
        jobs.append(pool.submit(_write_office, project, target, files))
        write_html(project, chapters.pages, target, earlier=earlier)
        for job in jobs:
            job.result()
    files.note()


def write_office(book: Path, target: Path, *, earlier: Path | None = None) -> None:
    """Write the technical volume, the book for Word and its slides into the folder `target`, as far as it has them.

    `earlier` holds the report before it. Raises BookError when pandoc or typst refuses the book.
    """
    project = read_project(book)
    files = KeptFiles(project, earlier, embedded_version())
    if TECHNICAL in project.downloads:
        body = converted(project).technical
        files.take(TECHNICAL, target, body, lambda: write_pdf(project, body, target, volume=TECHNICAL))
    _write_office(project, target, files)
    files.note()


def _write_office(project: Project, target: Path, files: KeptFiles) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        pictures = cache(lambda: draw_pictures(project, Path(scratch)))
        if "docx" in project.downloads:
            files.take("docx", target, joined_markdown(project), lambda: write_docx(project, pictures(), target))
        if "pptx" in project.downloads:
            slides = (project.root / SLIDES).read_text(encoding="utf-8")
            files.take("pptx", target, slides, lambda: write_pptx(project, pictures(), target))
