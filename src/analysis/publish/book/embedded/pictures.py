"""The figures of the book as PNG, for documents whose readers have no use for SVG."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from analysis.publish.book.embedded.project import Project
from analysis.publish.figures.pictures import PHONE_ENDING, RESOLUTION, drawn

FIGURES = "figures"


@dataclass(frozen=True)
class Picture:
    """One figure: the PNG and its size in inches."""

    path: Path
    width: float
    height: float


def draw_pictures(project: Project, folder: Path) -> dict[str, Picture]:
    """The PNG of every figure of the staged book, by name; drawn into `folder` where the book brings none.

    Raises BookError with typst's message.
    """
    source = project.root / FIGURES
    names = [path.stem for path in sorted(source.glob("*.svg")) if not path.stem.endswith(PHONE_ENDING)]
    found = {name: source / f"{name}.png" for name in names if (source / f"{name}.png").is_file()}
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in drawn(source, [name for name in names if name not in found]).items():
        found[name] = folder / f"{name}.png"
        found[name].write_bytes(content)
    return {name: _measured(found[name]) for name in names}


def _measured(path: Path) -> Picture:
    with path.open("rb") as file:
        width, height = struct.unpack(">II", file.read(24)[16:])  # of the header chunk, which comes first
    return Picture(path, round(width / RESOLUTION, 3), round(height / RESOLUTION, 3))
