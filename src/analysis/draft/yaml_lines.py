"""YAML with comments, line by line: the questions that a draft leaves open stand beside what they are about."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_PLAIN = re.compile(r"[^\W\d][\w]*(?:[ -][^\W_]\w*)*\Z")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def scalar(value: Any) -> str:
    """One value as YAML writes it; text in quotes unless it can't be taken for anything else."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    text = str(value)
    if _PLAIN.match(text) and text.casefold() not in _WORDS:
        return text
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def flow(value: Any) -> str:
    """A value, a list or a mapping on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {flow(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(flow(entry) for entry in value) + "]"
    return scalar(value)


def decide(question: str, *, indent: int = 0) -> str:
    """A question that the draft can't answer, as a comment."""
    return " " * indent + "# decide: " + comment(question)


def comment(text: str) -> str:
    """Text that stays on the line of its comment."""
    return _CONTROL.sub(" ", text).strip()[:400]
