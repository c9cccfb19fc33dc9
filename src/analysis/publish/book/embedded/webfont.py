"""Cuts the fonts of the book down to the characters that its pages show."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

WEIGHTS = {"NotoSansSC-Regular.ttf": "book-regular.woff", "NotoSansSC-Bold.ttf": "book-bold.woff"}
# What scripts and search results may add to a page.
ALWAYS = frozenset("…#·0123456789")


def write_web_fonts(
    fonts: Path, target: Path, *, characters: Iterable[str], earlier: Path | None = None
) -> dict[str, str]:
    """Write a WOFF subset of both weights with the characters of the report (WOFF2 would need another library).

    A file's name holds a digest of what it is made of, so one of that name in the folder `earlier` is taken as it is,
    and no browser keeps an old one. Returns the names that the files have instead of those of WEIGHTS.
    """
    target.mkdir(parents=True, exist_ok=True)
    points = frozenset(ord(char) for char in characters) | {ord(char) for char in ALWAYS}
    named = {name: _named(name, fonts / source, points) for source, name in WEIGHTS.items()}
    with ThreadPoolExecutor(max_workers=2) as pool:
        jobs = []
        for source, name in WEIGHTS.items():
            kept = earlier / named[name] if earlier else None
            if kept and kept.is_file():
                shutil.copyfile(kept, target / named[name])
            else:
                jobs.append(pool.submit(_write_subset, fonts / source, target / named[name], points))
        for job in jobs:
            job.result()
    return named


def _named(name: str, source: Path, points: frozenset[int]) -> str:
    digest = hashlib.sha256(source.read_bytes() + repr(sorted(points)).encode()).hexdigest()
    stem, _, suffix = name.rpartition(".")
    return f"{stem}-{digest[:12]}.{suffix}"


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
