"""Answers by which people gave none and said why: that they don't know, or that they would rather not say."""

from __future__ import annotations

import re
from collections.abc import Mapping

from analysis.draft.sheet import Column
from analysis.edition.sections.data import Reason

_SAID: Mapping[Reason, str] = {
    "refused": r"拒答|拒绝(?:回答|作答)?|不愿(?:意)?(?:回答|透露|说)|不便(?:回答|透露)|refused?(?: to answer)?"
    r"|prefer not to (?:say|answer|respond)|rather not say|declined?(?: to (?:answer|say))?",
    "dont_know": r"不知道|不清楚|说不清楚?|不好说|无法(?:判断|评价)|do(?: not|n['’]?t) know|no opinion"
    r"|can(?:no|['’])t (?:say|tell)",
}
_ALONE = re.compile(
    r"[\W\d_]*(?:无所谓[/／、])?(?:{said})(?:\s*[/／、,，(（].*)?\W*".format(said="|".join(_SAID.values()))
)
_WHY = {reason: re.compile(said) for reason, said in _SAID.items()}


def why_declined(answer: str, column: Column, *, alone: bool = True) -> Reason | None:
    """The reason that an answer, or the label of its code in a .sav file, gives for there being none.

    alone: whether it must say nothing else, as an answer of which nothing else tells that it is none.
    """
    text = str(column.labels.get(answer, answer)).strip().casefold()
    if alone and not _ALONE.fullmatch(text):
        return None
    return next((reason for reason, pattern in _WHY.items() if pattern.search(text)), None)


def without_declined(column: Column, answers: list[str]) -> list[str]:
    """The answers to a background question that say something, unless fewer than two are left."""
    said = [answer for answer in answers if why_declined(answer, column) is None]
    return said if len(said) > 1 else answers
