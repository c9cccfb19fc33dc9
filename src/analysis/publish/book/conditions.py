"""The markdown of a chapter at staging: conditions on the edition, unnumbered sections, citations."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from analysis.publish.book.lint import CITATION, DIV, REFERENCE, Problem, closest

CONDITION = re.compile(r"(?P<kind>when|unless)-meta\s*=\s*\"(?P<flag>[^\"]*)\"")
HEADING = re.compile(r"^(?P<text>#{2,6}\s.*?)(?:\s*\{(?P<attributes>[^}]*)\})?\s*$")
CODE_FENCE = re.compile(r"^\s{0,3}(`{3,}|~{3,})")
REFERENCES_DIV = re.compile(r"\{[^}]*#refs\b")
SECTION = re.compile(r"#{1,6}\s")
INTERVIEWED = "edition.interviewed"
"""The flag of an edition with answers to a questionnaire."""
FINDING = re.compile(r"\{\{< var findings\.\w+ >\}\}\s*")
SENTENCE_END = re.compile(r"(?<=[。！？\0])|(?<=[.!?]\s)(?=[\"“*@{\[A-Z])")
BRACKETED = re.compile(r"\s?[(（](?:见|see )?@(?P<key>(?:fig|tbl|sec|eq)-[\w-]+)[)）]")
UNNUMBERED = re.compile(r"^# .*\{[^}]*(?:\.unnumbered|(?<![\w-])-(?![\w-]))[^}]*\}\s*$", re.MULTILINE)


def has_citation(text: str) -> bool:
    """Whether a chapter cites a work."""
    return any(not REFERENCE.match(match[0]) for match in CITATION.finditer(text))


def has_reference_list(text: str) -> bool:
    """Whether a chapter says where the reference list stands."""
    return REFERENCES_DIV.search(text) is not None


def resolve_conditions(
    text: str, flags: Mapping[str, bool], *, file: str, problems: list[Problem], results_only: bool = False
) -> str:
    """Drop conditional divs that don't hold and the fences of those that do; blank lines keep the line numbers.

    results_only: of what is left, keep what stands there because something was found (`when-meta`), what is written
    for such a book (`unless-meta` of INTERVIEWED), and the sections with something that was found; nothing is left of a
    chapter without any.
    """
    kept: list[str] = []
    stack: list[bool | None] = []  # None: an ordinary div; otherwise: whether the condition holds
    kinds: list[str] = []  # of the conditions in the stack; empty for an ordinary div
    found: list[bool] = []  # whether a line stands there because something was found
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
            kinds.append(_kind(condition))
        elif div and stack:
            is_fence_of_condition = stack.pop() is not None
            kinds.pop()
        is_heading = not code and not fence and SECTION.match(line) is not None
        wanted = (any(kinds) or is_heading) and "unless" not in kinds
        kept.append(line if visible and not is_fence_of_condition and (wanted or not results_only) else "")
        found.append("when" in kinds and bool(kept[-1].strip()))
    return "\n".join(_filled(kept, found) if results_only else kept).rstrip("\n") + "\n"


def _kind(condition: re.Match[str] | None) -> str:
    if condition is None:
        return ""
    for_records = condition["kind"] == "unless" and condition["flag"] == INTERVIEWED
    return "records" if for_records else condition["kind"]


def _filled(lines: list[str], found: list[bool]) -> list[str]:
    """Lines of the sections in which something was found, with their headings; blank lines in place of the others.

    A section that says nothing by itself and has sections in which something was found gives way to them.
    """
    levels = [len(line) - len(line.lstrip("#")) if SECTION.match(line) else 0 for line in lines]
    kept = list(lines)
    for place, level in enumerate(levels):
        if not level or not kept[place]:
            continue
        end = next((other for other in range(place + 1, len(levels)) if 0 < levels[other] <= level), len(levels))
        own = next((other for other in range(place + 1, end) if levels[other]), end)
        if not any(found[place:end]):
            kept[place:end] = [""] * (end - place)
        elif level > 1 and not any(found[place:own]):
            kept[place:own] = [""] * (own - place)
            kept[own:end] = [line[1:] if levels[own + at] else line for at, line in enumerate(kept[own:end])]
    return kept


def drop_pointers(text: str, known: Collection[str]) -> str:
    """Drop the sentences that point to a section, figure or table that is not among the `known` ids."""
    return "\n".join(_without_pointers(line, known) for line in text.split("\n"))


def _without_pointers(line: str, known: Collection[str]) -> str:
    if all(found["key"] in known for found in REFERENCE.finditer(line)) or line.startswith(("#", "|", "![")):
        return line
    line = BRACKETED.sub(lambda found: found[0] if found["key"] in known else "", line)
    parts = SENTENCE_END.split(FINDING.sub(r"\g<0>\0", line))
    kept = [one for one in parts if all(found["key"] in known for found in REFERENCE.finditer(one))]
    return "".join(kept).replace("\0", "").strip()


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
