"""Keys for the questions of an undescribed file: names of its columns where they can be names, else made ones."""

from __future__ import annotations

import re

from analysis.edition.instrument import RESERVED, RESULTS

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}\Z")


class Keys:
    """Hands out keys that are names, each once."""

    def __init__(self) -> None:
        self.taken = {*RESERVED, *RESULTS}

    def new(self, wanted: str, *, otherwise: str) -> str:
        """A key like `wanted`, or `otherwise` where nothing of it can be a name."""
        key = wanted if _NAME.match(wanted) else _shortened(wanted) or otherwise
        free, number = key, 2
        while free in self.taken:
            free, number = f"{key}_{number}", number + 1
        self.taken.add(free)
        return free


def _shortened(name: str) -> str:
    """The first ASCII words of a name, joined by _; "" where it has none or is mostly another script."""
    words = re.findall(r"[A-Za-z][A-Za-z0-9]*|\d+", name)
    letters = sum(char.isalpha() for char in name)
    if not words or sum(len(word) for word in words if not word.isdigit()) < 0.5 * letters:
        return ""
    while words and words[0].isdigit():
        words = words[1:]
    key = ""
    for word in words:
        if len(key) + len(word) > 24:
            break
        key = f"{key}_{word}".strip("_").lower()
    return key
