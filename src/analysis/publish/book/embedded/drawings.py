"""Puts the drawings of the figures into the pages, as they are: their text can be found, read aloud and marked.

Each figure has two, one for a page and one for a phone, of which the style sheet shows one. Its title stands above.
"""

from __future__ import annotations

import re
from html import escape, unescape
from pathlib import Path

from analysis.publish.figures.pictures import phone_name

_FIGURE = re.compile(
    r'<figure(?P<id> id="[^"]+")?>\s*<img\b(?P<attributes>[^>]*?)/?>\s*'
    r"(?P<caption><figcaption.*?</figcaption>)?\s*</figure>",
    re.DOTALL,
)
_SOURCE = re.compile(r'\bsrc="(?P<path>(?:\.\./)*figures/(?P<name>[\w-]+)\.svg)"')
_ALT = re.compile(r'\balt="(?P<alt>[^"]*)"')


def with_drawings(body: str, figures: Path) -> str:
    """The page with the drawings of the folder `figures` in place of the pictures; other pictures stay."""

    def drawn(found: re.Match[str]) -> str:
        source, alt = _SOURCE.search(found["attributes"]), _ALT.search(found["attributes"])
        path = figures / f"{source['name']}.svg" if source else Path()
        if not source or not path.is_file():
            return found[0]
        told = unescape(alt["alt"]) if alt else ""
        phone = figures / f"{phone_name(source['name'])}.svg"
        shown = _drawing(path, "for-page" if phone.is_file() else "", told)
        shown += _drawing(phone, "for-phone", told) if phone.is_file() else ""
        caption = (found["caption"] or "").replace(' aria-hidden="true"', "")
        return f'<figure{found["id"] or ""} class="drawn">\n{caption}\n{shown}</figure>'

    return _FIGURE.sub(drawn, body)


def _drawing(path: Path, kind: str, told: str) -> str:
    return path.read_text(encoding="utf-8").replace(
        "<svg ", f'<svg class="drawing {kind}" role="img" aria-label="{escape(told)}" ', 1
    )
