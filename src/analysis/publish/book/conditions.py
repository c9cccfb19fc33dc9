"""The markdown of a chapter at staging: conditions on the edition, unnumbered sections, citations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from analysis.publish.book.lint import CITATION, DIV, REFERENCE, Problem, closest

CONDITION = re.compile(r"(?P<kind>when|unless)-meta\s*=\s*\"(?P<flag>[^\"]*)\"")
HEADING = re.compile(r"^(?P<text>#{2,6}\s.*?)(?:\s*\{(?P<attributes>[^}]*)\})?\s*$")
CODE_FENCE = re.compile(r"^\s{0,3}(`{3,}|~{3,})")
REFERENCES_DIV = re.compile(r"\{[^}]*#refs\b")
UNNUMBERED = re.compile(r"^# .*\{[^}]*(?:\.unnumbered|(?<![\w-])-(?![\w-]))[^}]*\}\s*$", re.MULTILINE)


def has_citation(text: str) -> bool:
    """Whether a chapter cites a work."""
    return any(not REFERENCE.match(match[0]) for match in CITATION.finditer(text))


def has_reference_list(text: str) -> bool:
    """Whether a chapter says where the reference list stands."""
    return REFERENCES_DIV.search(text) is not None


def resolve_conditions(text: str, flags: Mapping[str, bool], *, file: str, problems: list[Problem]) -> str:
    """Drop conditional divs that don't hold and the fences of those that do; blank lines keep the line numbers."""
    kept: list[str] = []
    stack: list[bool | None] = []  # None: an ordinary div; otherwise: whether the condition holds
    code = ""
    for number, line in enumerate(text.splitlines(), start=1):
        fence = CODE_FENCE.match(line)
        if fence:
            code = "" if code and line.strip().startswith(code) else code or fence[1]
        div = None if code or fence else DIV.match(line)
        visible = all(state is not False for state in stack)
        condition = CONDITION.search(line) if div else None
        is_fence_of_condition = condition is not None
        if div and div["attributes"]:
            if condition and condition["flag"] not in flags:
                message = f"unknown flag {condition['flag']!r} in a condition{closest(condition['flag'], flags)}"
                problems.append(Problem(file, number, message))
            stack.append(_holds(condition, flags) if condition else None)
        elif div and stack:
            is_fence_of_condition = stack.pop() is not None
        kept.append(line if visible and not is_fence_of_condition else "")
    return "\n".join(kept).rstrip("\n") + "\n"


def _holds(condition: re.Match[str], flags: Mapping[str, bool]) -> bool:
    holds = flags.get(condition["flag"], True)
    return holds if condition["kind"] == "when" else not holds


def unnumber_sections(text: str) -> str:
    """Mark the sections of an unnumbered chapter as unnumbered too: Quarto would number them 0.1, 0.2, …"""
    if not UNNUMBERED.search(text):
        return text

    def lines() -> Iterator[str]:
        code = ""
        for line in text.splitlines():
            fence = CODE_FENCE.match(line)
            if fence:
                code = "" if code and line.strip().startswith(code) else code or fence[1]
            heading = None if code or fence else HEADING.match(line)
            attributes = (heading["attributes"] or "") if heading else ""
            if heading is None or ".unnumbered" in attributes:
                yield line
            else:
                yield f"{heading['text']} {{{f'{attributes} .unnumbered'.strip()}}}"

    return "\n".join(lines()) + "\n"
