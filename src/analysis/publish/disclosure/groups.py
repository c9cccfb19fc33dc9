"""Groups of people by their answers, and which of them add up to which."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from analysis.publish.tables.spec import People

Group = frozenset[tuple[str, str]]
"""Answers that all of a group gave; a group that several answers make up holds each with its alternatives."""

ANY = ("", "")
"""Stands in no group: marks one that was pooled from unlike groups."""


def group_of(people: People, record: Mapping[Any, Any], place: int, *, names: Mapping[str, str], own: str) -> Group:
    """The group of a row; rows without an answer are a group of their own table, so that they betray no other."""
    question = _question(people, record)
    question = names.get(question, question)
    if people.alone:
        question = f"{own}.{question}"
    category = record.get(people.category) if people.category else None
    missing = category is None or category == "" or (isinstance(category, float) and np.isnan(category))
    if people.category and not people.question and not missing:
        return _spelled(str(category), names)
    if people.whole and people.category and missing:
        return everybody(str(record[people.whole]))
    if not question or (people.category and missing):
        return frozenset({(f"{own}#{place}", "")})
    return frozenset({(question, "*" if missing else str(category))})


def everybody(whole: str) -> Group:
    """All whom the categories of a question add up to, by the name that a table gives them."""
    return frozenset({(whole, "*")})


def _question(people: People, record: Mapping[Any, Any]) -> str:
    if people.question.startswith("="):
        return people.question[1:]
    return str(record[people.question]) if people.question else ""


def _spelled(text: str, names: Mapping[str, str]) -> Group:
    """region=east; age=60+ | region=west; age=60+: per question the answers, joined where there are several."""
    answers: dict[str, list[str]] = defaultdict(list)
    cells = [cell.split("; ") for cell in text.split(" | ")]
    for cell in cells:
        for pair in cell:
            question, _, code = pair.partition("=")
            if code not in answers[names.get(question, question)]:
                answers[names.get(question, question)].append(code)
    combined = 1
    for codes in answers.values():
        combined *= len(codes)
    group = {(question, "|".join(sorted(codes))) for question, codes in answers.items()}
    return frozenset(group if combined == len(cells) else group | {ANY})


def total_of(group: Group) -> Group:
    """Everybody who answered the questions of a group."""
    return frozenset((question, "*") for question, _ in group - {ANY})


def margins_of(groups: Sequence[Group]) -> Iterator[tuple[tuple[Group, ...], list[int]]]:
    """Groups that those of a table add up to, with the places of their parts: over all, and by each question.

    Where a group joins several answers, what it joins adds up together: to the groups of each of these answers.
    """
    if not groups:
        return
    yield (total_of(groups[0]),), list(range(len(groups)))
    groups = [group - {ANY} for group in groups]
    questions = sorted({question for question, _ in groups[0]})
    if len(questions) < 2 or any({question for question, _ in group} != set(questions) for group in groups):
        return
    for question in questions:
        for codes, places in _joined([dict(group)[question].split("|") for group in groups]):
            yield tuple(frozenset({(question, code)}) for code in codes), places


def _joined(codes: Sequence[Sequence[str]]) -> Iterator[tuple[list[str], list[int]]]:
    """Answers that no place joins with others, or all that places join with each other, and those places."""
    if all(len(own) == 1 for own in codes):
        alone: dict[str, list[int]] = defaultdict(list)
        for place, (code,) in enumerate(codes):
            alone[code].append(place)
        yield from (([code], places) for code, places in alone.items())
        return
    sets: list[tuple[set[str], list[int]]] = []
    for place, own in enumerate(codes):
        touched = [one for one in sets if one[0] & set(own)]
        sets = [one for one in sets if not one[0] & set(own)]
        merged = set(own).union(*(one[0] for one in touched))
        sets.append((merged, sorted([place, *(member for one in touched for member in one[1])])))
    for answers, places in sets:
        yield sorted(answers), places
