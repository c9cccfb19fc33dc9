"""The search index of the HTML book: one entry per section, as a script that also loads from a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class SearchEntry:
    """The text of one section and where it stands."""

    url: str
    chapter: str
    title: str
    text: str


def write_search_index(entries: Sequence[SearchEntry], path: Path) -> None:
    """Write the index as `window.bookIndex`: a browser refuses to fetch JSON for a page opened from a file."""
    rows = json.dumps([asdict(entry) for entry in entries], ensure_ascii=False, indent=0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"window.bookIndex = {rows};\n", encoding="utf-8")
