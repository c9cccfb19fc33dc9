"""The parts of the report, one folder each; a new folder with a PART is a new part.

A folder holds what the pages of one step need: tables.py, cells.py, figures.py, findings.py and its words in both
languages, words.yml.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from analysis.publish.part import Part

if TYPE_CHECKING:
    from analysis.edition import Edition
    from analysis.publish.tables.printed import Printed
    from analysis.results import Store


@lru_cache(maxsize=1)
def all_parts() -> tuple[Part, ...]:
    """Every part in the order of the steps; what belongs to no step comes last."""
    found: list[Part] = [import_module(f"{__name__}.{module.name}").PART for module in iter_modules(__path__)]
    return tuple(sorted(found, key=lambda part: part.step))


def draw_figures(edition: Edition, store: Store, lang: str) -> None:
    """Draw every figure of one language whose tables told something after disclosure, and remove the others."""
    from analysis.publish.figures.pictures import draw_pictures, phone_name
    from analysis.publish.figures.redrawing import NotedTables, draw_figure
    from analysis.publish.words.labels import Labels

    there, labels = NotedTables(store), Labels(edition, lang)
    figures = [figure for part in all_parts() for figure in (*part.figures, *part.each(store, labels))]
    shown = [figure for figure in figures if figure.is_drawn(there)]
    for figure in figures:
        if figure in shown:
            draw_figure(figure, store, labels)
        else:
            store.drop_figure(figure.name, lang)
            store.drop_figure(phone_name(figure.name), lang)
    draw_pictures(store, lang, [figure.name for figure in shown])


def printed_tables(edition: Edition, store: Store, lang: str) -> dict[str, Printed]:
    """Every table that passed disclosure in the words of one language, by name."""
    from analysis.publish.remembered import remembered
    from analysis.publish.tables.printed import Printed

    shown: dict[str, Printed] = {}
    for part in all_parts():
        made = remembered(f"{part.step}.printed", edition, store, lang, part.printed)
        specs = [spec if edition.interviewed else spec.of_records for spec in part.tables if spec.name in made]
        kept = {spec.name: spec.only(made[spec.name]["columns"]) for spec in specs}
        shown |= {name: Printed(spec, **made[name]["shown"]) for name, spec in kept.items()}
    return shown


def part_of(step: str) -> Part | None:
    """The part of a step, or None where it publishes nothing."""
    return next((part for part in all_parts() if part.step == step), None)
