"""SVG as matplotlib writes it, made fit to stand inside of a page: small, with no style sheet, with ids of its own."""

from __future__ import annotations

import re

from analysis.publish.figures.fonts import FAMILY

FAMILIES = f"{FAMILY}, Source Han Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
"""The face that the figure is laid out with, and what stands in for it where a reader's machine lacks it."""

_PROLOGUE = re.compile(r"^.*?(?=<svg\b)", re.DOTALL)
_METADATA = re.compile(r"<metadata>.*?</metadata>|<defs>\s*<style.*?</style>\s*</defs>", re.DOTALL)
_STYLE = re.compile(r' style="([^"]*)"')
_LONG = re.compile(r"-?\d+\.\d{3,}")
_ID = re.compile(r' id="([^"]*)"')
_POINTED = re.compile(r"(?:url\(#|href=\"#)([\w.-]+)")
_EMPTY = re.compile(r"<g>\s*</g>")


def clean_svg(text: str, name: str) -> str:
    """The drawing without prologue, metadata and style sheet, numbers to a hundredth of a point, ids as `name-1`.

    Styles become attributes: no policy of a page forbids them, and its style sheet may set the face.
    """
    text = _METADATA.sub("", _PROLOGUE.sub("", text))
    text = _STYLE.sub(lambda found: _attributes(found[1]), text)
    text = text.replace(' transform="rotate(-0', ' transform="rotate(0').replace("xlink:href", "href")
    text = re.sub(r' transform="rotate\(0 [^)]*\)"', "", text)
    text = re.sub(r' xmlns:xlink="[^"]*"', "", text)
    text = text.replace(f" font-family=\"'{FAMILY}'\"", "")
    text = text.replace("<svg ", f'<svg font-family="{FAMILIES}" stroke-linejoin="round" ', 1)
    text = _LONG.sub(lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), text)
    text = _named(text, name)
    for _ in range(3):
        text = _EMPTY.sub("", text)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip()) + "\n"


def _attributes(style: str) -> str:
    pairs = (one.split(":", 1) for one in style.split(";") if ":" in one)
    return "".join(f' {key.strip()}="{value.strip()}"' for key, value in pairs)


def _named(text: str, name: str) -> str:
    """The ids that something points to, by `name` and their place; the others are nobody's business."""
    known = {one: f"{name}-{place}" for place, one in enumerate(dict.fromkeys(_POINTED.findall(text)), start=1)}
    text = _ID.sub(lambda found: f' id="{known[found[1]]}"' if found[1] in known else "", text)
    return _POINTED.sub(lambda found: found[0].replace(found[1], known[found[1]]), text)
