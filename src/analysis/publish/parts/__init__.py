"""The parts of the report, one folder each; a new folder with a PART is a new part.

A folder holds what the pages of one step need: tables.py, cells.py, figures.py, findings.py and its words in both
languages, words.yml.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules

from analysis.publish.part import Part


@lru_cache(maxsize=1)
def all_parts() -> tuple[Part, ...]:
    """Every part in the order of the steps; what belongs to no step comes last."""
    found: list[Part] = [import_module(f"{__name__}.{module.name}").PART for module in iter_modules(__path__)]
    return tuple(sorted(found, key=lambda part: part.step))


def part_of(step: str) -> Part | None:
    """The part of a step, or None where it publishes nothing."""
    return next((part for part in all_parts() if part.step == step), None)
