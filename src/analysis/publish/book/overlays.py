"""Prose that an edition adds to sections of the report: files of markdown, put in as the chapters are staged."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import BookError, did_you_mean
from analysis.publish.book.conditions import SECTION_ID, check_sections, sections

FOLDER = "overlays"
"""Folder of the staged book that holds them."""
NAME = re.compile(r"(?P<section>sec-[\w-]+?)(?:\.(?P<place>before|after|instead))?\.md")


@dataclass(frozen=True)
class Overlay:
    """Own prose of a section: `before` or `after` its text, or `instead` of it; sections below it stay as they are."""

    section: str
    place: str
    path: Path

    @property
    def staged(self) -> str:
        """Its name in the staged book: with an underscore, so that it is no page of its own."""
        return f"{FOLDER}/_{self.path.name}"


def own_sections(sources: Iterable[str], folder: Path | None, leave_out: Collection[str]) -> tuple[Overlay, ...]:
    """What an edition changes of these chapters: its overlays, in the order of their names.

    Raises BookError for an overlay, or a section to be left out, that is none of theirs.
    """
    names = [section for text in sources for section in SECTION_ID.findall(text)]
    check_sections(leave_out, names)
    return read_overlays(folder, names) if folder else ()


def read_overlays(folder: Path, known: Iterable[str]) -> tuple[Overlay, ...]:
    """The overlays of `folder` in the order of their names; raises BookError for one that names no known section."""
    found = []
    ids = sorted(set(known))
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name.startswith("."):
            continue
        named = NAME.fullmatch(path.name)
        if named is None:
            raise BookError(
                "a file of own prose has no place in the report",
                where=str(path),
                expected="sec-<name>.md, or with .before, .after or .instead in front of .md",
                got=path.name,
            )
        if named["section"] not in ids:
            raise BookError(
                "own prose is given for a section that the report does not have",
                where=str(path),
                expected="the name of a section, as it stands behind # in the address of its page",
                got=named["section"],
                hint=did_you_mean(named["section"], ids),
            )
        found.append(Overlay(named["section"], named["place"] or "after", path))
    return tuple(found)


def with_overlays(text: str, overlays: Collection[Overlay], *, up: str) -> str:
    """A chapter with the includes of its overlays; `up`: the way from the chapter to the staged book."""
    named = {one.section: [other for other in overlays if other.section == one.section] for one in overlays}
    lines = text.splitlines()
    for name, first, own, _ in reversed(list(sections(lines))):
        for overlay in named.get(name, ()):
            include = ["", f"{{{{< include {up}{overlay.staged} >}}}}", ""]
            if overlay.place == "instead":
                lines[first + 1 : own] = include
            elif overlay.place == "before":
                lines[first + 1 : first + 1] = include
            else:
                lines[own:own] = include
    return "\n".join(lines) + "\n"
