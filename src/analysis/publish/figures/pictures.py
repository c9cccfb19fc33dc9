"""Figures as PNG beside their SVG, for documents and readers who have no use for SVG.

typst draws them from the SVG of the pages with the fonts of the book, so that no figure is drawn a second time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.errors import BookError
from analysis.publish.figures.fonts import font_files
from analysis.publish.typesetting import TypesettingError, typeset

if TYPE_CHECKING:
    from analysis.results import Store

RESOLUTION = 200.0
"""Pixels per inch: sharp on paper and on a projector, a few dozen kilobytes each."""
PHONE_ENDING = ".phone"
"""What the name of a figure ends with that is drawn for a phone."""


def phone_name(figure: str) -> str:
    """Name of a figure as it is drawn for a phone."""
    return f"{figure}{PHONE_ENDING}"


def draw_pictures(store: Store, lang: str, names: Collection[str]) -> None:
    """Draw the PNG of each of these figures that stands in the store, unless its SVG is what it was drawn from.

    Raises BookError with typst's message.
    """
    paths = {name: store.figure(name, lang) for name in sorted(names)}
    digests = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in paths.items() if path.exists()}
    known = store.remembered(f"{lang}/pictures")
    made = {name: store.picture(name, lang) for name in paths}
    fresh = [name for name, found in digests.items() if known.get(name) != found or not made[name].exists()]
    for name, content in drawn(paths[next(iter(paths))].parent if paths else Path(), fresh).items():
        store.save_picture(name, lang, content)
    store.remember(f"{lang}/pictures", digests)


def drawn(folder: Path, names: Collection[str]) -> Mapping[str, bytes]:
    """PNG of these figures in `folder`, by name, from one run of typst; raises BookError with its message."""
    if not names:
        return {}
    pages = "#pagebreak()\n".join(f'#image("/{name}.svg")\n' for name in names)
    source = f"#set page(width: auto, height: auto, margin: 0pt, fill: white)\n{pages}"
    try:
        found, _ = typeset(source, root=folder, fonts=font_files().regular.parent, form="png", ppi=RESOLUTION)
    except TypesettingError as error:
        raise BookError("a figure could not be drawn", where=str(folder), got=str(error)) from error
    return dict(zip(names, found, strict=True))
