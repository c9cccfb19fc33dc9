"""The markdown of a chapter at staging: conditions on the edition, sections without a result, citations."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal

from analysis.errors import BookError, did_you_mean
from analysis.publish.book.lint import CITATION, DIV, REFERENCE, Problem, closest
from analysis.publish.words.formats import MISSING

CONDITION = re.compile(r"(?P<kind>when|unless)-meta\s*=\s*\"(?P<flag>[^\"]*)\"")
HEADING = re.compile(r"^(?P<text>#{2,6}\s.*?)(?:\s*\{(?P<attributes>[^}]*)\})?\s*$")
CODE_FENCE = re.compile(r"^\s{0,3}(`{3,}|~{3,})")
REFERENCES_DIV = re.compile(r"\{[^}]*#refs\b")
SECTION = re.compile(r"#{1,6}\s")
Telling = Literal["everything", "results", "records"]
"""What chapters tell. results: nothing of what was not measured, and no section without a result. records: of what is
left then, only what stands there because something was found, and what is written for a book of records."""
INTERVIEWED = "edition.interviewed"
"""The flag of an edition with answers to a questionnaire."""
DESCRIBING = ("edition.", "several.", "instrument.guide", "instrument.emotional")
"""Beginnings of the flags that say of what kind an edition is; the others say whether something is there."""
LIMIT = re.compile(r"\{[^}]*\.limit\b")
"""A div that tells a limit of the results, which stays where they stand."""
RESULT = re.compile(r"\{\{< (?:include \S*tables/_|var findings\.|figure )")
SECTION_ID = re.compile(r"\{[^}]*#(?P<id>sec-[\w-]+)")
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
    text: str,
    flags: Mapping[str, bool],
    *,
    file: str,
    problems: list[Problem],
    telling: Telling = "everything",
    own: Collection[str] = (),
) -> str:
    """Drop conditional divs that don't hold and the fences of those that do; blank lines keep the line numbers.

    telling: what is kept of the rest; nothing is left of a chapter without any result. own: ids of the sections with
    prose of the edition's own, which stay.
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
            kinds.append(_kind(condition, line))
        elif div and stack:
            is_fence_of_condition = stack.pop() is not None
            kinds.pop()
        is_heading = not code and not fence and SECTION.match(line) is not None
        kept.append(line if visible and not is_fence_of_condition and _wanted(kinds, telling, is_heading) else "")
        found.append(bool(kept[-1].strip()) and _is_found(line, kinds, telling, own))
    left = _filled(kept, found, promoted=telling == "records")
    return "\n".join(left).rstrip("\n") + "\n"


def _kind(condition: re.Match[str] | None, line: str) -> str:
    """What a condition asks: whether something was found, or was not, or of what kind the edition is."""
    if condition is None:
        return ""
    if condition["flag"].startswith(DESCRIBING):
        return "records" if condition["kind"] == "unless" and condition["flag"] == INTERVIEWED else "kind"
    return "when" if condition["kind"] == "when" else "limit" if LIMIT.search(line) else "unless"


def _wanted(kinds: Collection[str], telling: Telling, is_heading: bool) -> bool:
    """Whether a line in divs of these kinds is told."""
    if telling == "everything":
        return True
    if telling == "results":
        return "unless" not in kinds
    return not {"unless", "limit"} & set(kinds) and (is_heading or "when" in kinds or "records" in kinds)


def _is_found(line: str, kinds: Collection[str], telling: Telling, own: Collection[str]) -> bool:
    """Whether a line tells a result, where all is told anything, or heads a section with prose of the edition's own."""
    if SECTION.match(line):
        section = SECTION_ID.search(line)
        return (section is not None and section["id"] in own) or (telling != "everything" and "when" in kinds)
    return telling == "everything" or "when" in kinds or (telling == "results" and RESULT.search(line) is not None)


def _filled(lines: list[str], found: list[bool], *, promoted: bool) -> list[str]:
    """Lines of the sections in which something was found, with their headings; blank lines in place of the others.

    promoted: a section that says nothing by itself and has sections in which something was found gives way to them.
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
        elif promoted and level > 1 and not any(found[place:own]):
            kept[place:own] = [""] * (own - place)
            kept[own:end] = [line[1:] if levels[own + at] else line for at, line in enumerate(kept[own:end])]
    return kept


def sections(lines: Sequence[str]) -> Iterator[tuple[str, int, int, int]]:
    """Id, first line, end of the own text, and end of every section outside code and divs; the id may be empty."""
    heads: list[tuple[str, int, int]] = []
    depth, code = 0, ""
    for number, line in enumerate(lines):
        fence = CODE_FENCE.match(line)
        if fence:
            code = "" if code and line.strip().startswith(code) else code or fence[1]
        div = None if code or fence else DIV.match(line)
        if div:
            depth += 1 if div["attributes"] else -1
        elif not code and not depth and SECTION.match(line):
            named = SECTION_ID.search(line)
            heads.append((named["id"] if named else "", len(line) - len(line.lstrip("#")), number))
    for place, (name, level, first) in enumerate(heads):
        below = [(other, number) for _, other, number in heads[place + 1 :]]
        own = next((number for _, number in below), len(lines))
        yield name, first, own, next((number for other, number in below if other <= level), len(lines))


def check_sections(names: Collection[str], known: Collection[str]) -> None:
    """Raise BookError for a section to be left out that the report does not have."""
    for name in names:
        if name not in known:
            raise BookError(
                "a section to be left out is none of the report's",
                where="publication.leave_out",
                expected="the name of a section, as it stands behind # in the address of its page",
                got=name,
                hint=did_you_mean(name, known),
            )


def drop_sections(text: str, names: Collection[str]) -> str:
    """The chapter without these sections and those below them; blank lines keep the line numbers."""
    lines = text.splitlines()
    for name, first, _, end in list(sections(lines)):
        if name in names:
            lines[first:end] = [""] * (end - first)
    return "\n".join(lines) + "\n"


def drop_pointers(text: str, known: Collection[str]) -> str:
    """Drop the sentences that point to a section, figure or table that is not among the `known` ids."""
    return "\n".join(_without_pointers(line, known) for line in text.split("\n"))


def without_references(table: str, known: Collection[str]) -> str:
    """A table with a dash in place of the references to what is not among the `known` ids."""
    table = BRACKETED.sub(lambda found: found[0] if found["key"] in known else "", table)
    return REFERENCE.sub(lambda found: found[0] if found["key"] in known else MISSING, table)


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
