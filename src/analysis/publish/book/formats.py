"""What a book is published as: pages always, and beside them what FORMATS asks for."""

from __future__ import annotations

from analysis.errors import BookError, did_you_mean

FORMATS = ("html", "pdf", "docx", "pptx")
DEFAULT_FORMATS = ("html", "pdf")
OFFICE = ("docx", "pptx")
"""Formats that pandoc writes, whichever renderer makes the pages."""


def formats_of(asked: str) -> tuple[str, ...]:
    """Return the formats that a value of FORMATS names, pages first; raise BookError for one that there is not."""
    named = asked.replace(",", " ").lower().split()
    unknown = [name for name in named if name not in FORMATS]
    if unknown:
        raise BookError(
            "unknown format of the report",
            where="FORMATS",
            expected=" ".join(FORMATS),
            got=" ".join(unknown),
            hint=did_you_mean(unknown[0], FORMATS) or None,
        )
    return tuple(name for name in FORMATS if name in named or name == "html")
