"""Expands the shortcodes that the report uses, `include` and `var`, before pandoc sees the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

INCLUDE = re.compile(r"^\s*\{\{<\s*include\s+(?P<path>\S+)\s*>\}\}\s*$")
VARIABLE = re.compile(r"(?<!\{)\{\{<\s*var\s+(?P<name>[\w.-]+)\s*>\}\}")
PAGE_BREAK = re.compile(r"^\s*\{\{<\s*pagebreak\s*>\}\}\s*$")
FENCE = re.compile(r"^\s{0,3}(?P<fence>`{3,}|~{3,})")
MAX_DEPTH = 5


@dataclass(frozen=True)
class Line:
    """One line of a chapter after its includes were put in, with the place it came from."""

    file: PurePosixPath
    number: int
    text: str
    is_code: bool = False


@dataclass(frozen=True)
class MissingInclude:
    """An include whose file is not there (or includes itself)."""

    file: PurePosixPath
    number: int
    path: str


def chapter_lines(root: Path, chapter: PurePosixPath) -> tuple[list[Line], list[MissingInclude]]:
    """Return the lines of a chapter with its includes expanded, and the includes that could not be read."""
    missing: list[MissingInclude] = []
    return list(_lines(root, chapter, missing, depth=0)), missing


def _lines(root: Path, file: PurePosixPath, missing: list[MissingInclude], *, depth: int) -> Iterator[Line]:
    fence = ""
    for number, text in enumerate((root / file).read_text(encoding="utf-8").splitlines(), start=1):
        mark = FENCE.match(text)
        if mark and not fence:
            fence = mark["fence"]
            yield Line(file, number, text, is_code=True)
            continue
        if fence:
            if mark and text.strip().startswith(fence) and not text.strip().strip(fence[0]):
                fence = ""
            yield Line(file, number, text, is_code=True)
            continue
        include = INCLUDE.match(text)
        if not include:
            yield Line(file, number, text)
            continue
        target = _normal(file.parent / include["path"])
        if depth >= MAX_DEPTH or not (root / target).is_file():
            missing.append(MissingInclude(file, number, include["path"]))
            continue
        yield from _lines(root, target, missing, depth=depth + 1)


def _normal(path: PurePosixPath) -> PurePosixPath:
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts:
            parts.pop()
        elif part != ".":
            parts.append(part)
    return PurePosixPath(*parts)


def lookup(variables: Mapping[str, Any], name: str) -> str | None:
    """Return the variable with a dotted name, or None when there is none."""
    value: Any = variables
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return None
        value = value[part]
    return None if isinstance(value, Mapping) else str(value)


def fill_variables(text: str, variables: Mapping[str, Any]) -> str:
    """Return the text with every known `{{< var name >}}` replaced; unknown ones stay for the lint to find."""

    def value(match: re.Match[str]) -> str:
        found = lookup(variables, match["name"])
        return match[0] if found is None else found

    return VARIABLE.sub(value, text)


def expanded_text(root: Path, chapter: PurePosixPath, variables: Mapping[str, Any]) -> str:
    """Return a chapter as plain pandoc markdown: includes put in, variables filled, page breaks dropped."""
    lines, _ = chapter_lines(root, chapter)
    kept = (line.text if line.is_code else fill_variables(line.text, variables) for line in lines)
    return "\n".join(text for text in kept if not PAGE_BREAK.match(text)) + "\n"
