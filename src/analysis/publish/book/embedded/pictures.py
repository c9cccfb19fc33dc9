"""The figures of the book as PNG, for documents whose readers have no use for SVG.

typst draws them from the SVG of the pages with the fonts of the book, so that no figure is drawn a second time.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import BookError
from analysis.publish.book.embedded.project import Project

RESOLUTION = 200.0
"""Pixels per inch: sharp on paper and on a projector, a few dozen kilobytes each."""
FIGURES = "figures"


@dataclass(frozen=True)
class Picture:
    """One figure: the PNG and its size in inches."""

    path: Path
    width: float
    height: float


def draw_pictures(project: Project, folder: Path) -> dict[str, Picture]:
    """Write every figure of the staged book as PNG into `folder`; return them by name.

    Raises BookError with typst's message.
    """
    import typst

    names = sorted(path.stem for path in (project.root / FIGURES).glob("*.svg"))
    if not names:
        return {}
    source = "#set page(width: auto, height: auto, margin: 0pt, fill: white)\n" + _pages(names)
    try:
        # its type stub wants the source (bytes) and the root (a path) to be of one type
        drawn = typst.compile(  # type: ignore[call-overload]
            source.encode(),
            root=str(project.root),
            font_paths=[str(project.root / "fonts")],
            ignore_system_fonts=True,
            format="png",
            ppi=RESOLUTION,
        )
    except typst.TypstError as error:
        raise BookError("a figure could not be drawn", where=str(project.root / FIGURES), got=str(error)) from error
    pages = drawn if isinstance(drawn, list) else [drawn]
    folder.mkdir(parents=True, exist_ok=True)
    return {name: _kept(folder / f"{name}.png", content) for name, content in zip(names, pages, strict=True)}


def _pages(names: Iterable[str]) -> str:
    return "#pagebreak()\n".join(f'#image("/{FIGURES}/{name}.svg")\n' for name in names)


def _kept(path: Path, content: bytes) -> Picture:
    path.write_bytes(content)
    width, height = struct.unpack(">II", content[16:24])  # of the header chunk, which comes first
    return Picture(path, round(width / RESOLUTION, 3), round(height / RESOLUTION, 3))
