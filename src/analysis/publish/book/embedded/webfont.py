"""Cuts the fonts of the book down to the characters that its pages show."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

WEIGHTS = {"NotoSansSC-Regular.ttf": "book-regular.woff", "NotoSansSC-Bold.ttf": "book-bold.woff"}
# What scripts and search results may add to a page.
ALWAYS = frozenset("…#·0123456789")


def write_web_fonts(fonts: Path, target: Path, *, characters: Iterable[str]) -> None:
    """Write a WOFF subset of both weights with the characters of the report (WOFF2 would need another library)."""
    target.mkdir(parents=True, exist_ok=True)
    points = frozenset(ord(char) for char in characters) | {ord(char) for char in ALWAYS}
    with ThreadPoolExecutor(max_workers=2) as pool:
        jobs = [pool.submit(_write_subset, fonts / source, target / name, points) for source, name in WEIGHTS.items()]
        for job in jobs:
            job.result()


def _write_subset(source: Path, target: Path, points: frozenset[int]) -> None:
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    options = Options()
    options.layout_features = ["kern", "palt", "pwid", "locl"]
    options.glyph_names = False
    options.hinting = False
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=points)
    with TTFont(source, recalcTimestamp=False, recalcBBoxes=False, lazy=True) as font:
        subsetter.subset(font)
        font.flavor = "woff"
        font.save(target)
