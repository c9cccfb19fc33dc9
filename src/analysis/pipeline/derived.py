"""Rules that follow from the source alone, as they stand in an output folder; editions beside each other share them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

RECORD = "deps.json"
"""What each step reads, for the report."""
OF_PARAMS = ("PREDECESSOR ", "BEFORE ")
"""Beginnings of the lines that name the edition before."""


def of_source(lines: Sequence[str]) -> list[str]:
    """The lines of deps.mk that follow from the source: not its head, nor what the params say."""
    return [line for line in lines[2:] if not line.startswith(OF_PARAMS)]


def rules_beside(output: Path, made_of: str) -> list[str]:
    """The rules of a folder beside this one that were derived from the same source; none where there are none.

    They name no edition, and take two seconds of a core: the editions of a grid share them. What each step reads is
    written with them. `made_of`: the line that names the source.
    """
    for other in sorted(output.parent.glob("*/deps.mk")):
        try:
            lines = other.read_text(encoding="utf-8").splitlines()
            if lines[1:2] == [made_of]:
                write_record(output / RECORD, (other.parent / RECORD).read_text(encoding="utf-8"))
                return of_source(lines)
        except OSError:
            continue
    return []


def write_record(record: Path, text: str) -> None:
    """Write what each step reads, whole or not at all, unless it stands there."""
    if not record.exists() or record.read_text(encoding="utf-8") != text:
        partial = record.with_name(f".{record.name}")
        partial.write_text(text, encoding="utf-8")
        partial.replace(record)
