"""Sets the PDF of the book with typst, for readers who see it and those who hear it."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime, time
from importlib.metadata import version
from pathlib import Path

from analysis.errors import BookError
from analysis.publish.book.embedded.project import TECHNICAL, Project
from analysis.publish.typesetting import TypesettingError, typeset
from analysis.publish.words import formats
from analysis.publish.words.escape import as_typst_string

TEMPLATE = "/_embedded/book.typ"
STANDARDS = ["ua-1"]
"""PDF/UA-1: structure, language, title and texts for what is no text, as a screen reader needs them."""
# A font that typst can't find leaves out the glyphs and only warns.
FONT_WARNING = re.compile(r"unknown font family", re.IGNORECASE)


def typst_version() -> str:
    """Return the version of the installed typst."""
    return version("typst")


def typst_source(project: Project, body: str, *, volume: str = "pdf") -> str:
    """Return the typst text of a volume of the book, whose chapters pandoc made as `body`."""
    day, apart = project.day, project.words["apart"] % project.file(TECHNICAL)
    title = project.title if volume == "pdf" else project.words["technical"] % project.title
    settings = {
        "title": as_typst_string(title),
        "subtitle": as_typst_string(project.subtitle),
        "author": as_typst_string(project.author),
        "date": as_typst_string(formats.date(day, project.lang)),
        "created": f"datetime(year: {day.year}, month: {day.month}, day: {day.day})",
        "notice": as_typst_string(project.notice) if project.notice else "none",
        "lang": as_typst_string(project.lang),
        "contents-title": as_typst_string(project.words["contents"]),
        "apart": as_typst_string(apart) if volume == "pdf" and TECHNICAL in project.downloads else "none",
    }
    arguments = "".join(f"  {key}: {value},\n" for key, value in settings.items())
    return f'#import "{TEMPLATE}": *\n#show: book.with(\n{arguments})\n\n{body}'


def write_pdf(project: Project, body: str, target: Path, *, volume: str = "pdf") -> Path:
    """Write a PDF of the book, whose chapters pandoc made as `body`, into the folder `target` and return its path.

    volume: its ending, "pdf" for the report and TECHNICAL for the appendices. What keeps it from meeting STANDARDS is
    told as a warning, and the PDF does not claim to. Raises BookError with typst's message.
    """
    path = target / project.file(volume)
    source = typst_source(project, body, volume=volume)
    try:
        try:
            pdf, warnings = _compiled(project, source, STANDARDS)
        except TypesettingError as error:
            if not str(error).startswith("PDF/UA"):
                raise
            print(f"Warning: {path.name} is published without the claim to be accessible: {error}", file=sys.stderr)
            pdf, warnings = _compiled(project, source, [])
    except TypesettingError as error:
        raise BookError("typst could not set the PDF", where=str(project.root), got=str(error)) from error
    missing = [warning for warning in warnings if FONT_WARNING.search(warning)]
    if missing:
        raise BookError(
            "the PDF would lack its font",
            where=str(project.root / "fonts"),
            got=missing[0],
            hint="stage the book again",
        )
    path.write_bytes(pdf)
    return path


def _compiled(project: Project, source: str, standards: list[str]) -> tuple[bytes, list[str]]:
    """The PDF, and what typst warns of."""
    created = datetime.combine(project.day, time(), tzinfo=UTC)
    (pdf,), warnings = typeset(
        source,
        root=project.root,
        fonts=project.root / "fonts",
        standards=standards,
        timestamp=int(created.timestamp()),
    )
    return pdf, warnings
