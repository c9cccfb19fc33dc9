"""Wordings with their {placeholders} filled; in Chinese, Latin words and numbers with a unit stand off by a space."""

from __future__ import annotations

import re
import string
from functools import lru_cache
from typing import TYPE_CHECKING

from analysis.publish.words import formats

if TYPE_CHECKING:
    from collections.abc import Mapping

_IDEOGRAPH = re.compile(r"[\u3400-\u9fff]")
_LATIN_END = re.compile(r"[A-Za-z][-A-Za-z0-9]*\Z")


def filled(template: str, values: Mapping[str, object], lang: str) -> str:
    """`template` with its placeholders filled; raises KeyError for a value that was not given.

    Templates hold the spaces of Chinese around what is always a number. What is a name now in Chinese, now in Latin
    letters (`App 与智能客服`, `bank-07`, `18–29 岁`) gets its space here. Dates keep none: 自2019年起.
    """
    if lang != "zh":
        return string.Formatter().vformat(template, (), values)
    text = ""
    for literal, name in _pieces(template):
        if literal and _LATIN_END.search(text) and _IDEOGRAPH.match(literal):
            text += " "
        text += literal
        if name is not None:
            value = format(values[name])
            text += f" {value}" if text and _IDEOGRAPH.match(text[-1]) and formats.spaced(value) else value
    return text


@lru_cache(maxsize=4096)
def _pieces(template: str) -> tuple[tuple[str, str | None], ...]:
    """What stands before each placeholder, with its name; what follows the last one, without."""
    return tuple((literal, name) for literal, name, _, _ in string.Formatter().parse(template))
