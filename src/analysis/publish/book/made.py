"""Where figures and tables of the book come from: a line below each, with what a reader may take away and look up."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.publish.code_cells import cell_of
from analysis.publish.parts import all_parts
from analysis.publish.words.escape import as_markdown

if TYPE_CHECKING:
    from analysis.publish.part import Figure
    from analysis.publish.words.labels import Labels

DATA = "data"
"""Folder of the report that holds its tables as csv."""
WEB, PAPER = '{.content-visible when-format="html" .web-only}', '{.content-hidden when-format="html" .paper-only}'
"""What stands on pages alone, and what stands in a PDF or a document instead."""


@dataclass(frozen=True)
class Made:
    """The step that makes each table, and what of it goes out: tables as csv, pages of notebooks.

    tables: names of the published tables. pages: steps whose notebook has a page.
    """

    tables: Collection[str]
    pages: Collection[str]

    def of_figure(self, name: str, line: str, labels: Labels) -> str:
        """The note below a figure of a chapter, as markdown."""
        return self.below(next(one for part in all_parts() for one in part.figures if one.name == name), line, labels)

    def below(self, figure: Figure, line: str, labels: Labels, *, up: str = "", classes: str = "") -> str:
        """The note below a figure, as markdown: source and base, then data, pictures and code.

        up: the way to the folder of the book. classes: of the note, beside its own.
        """
        name = figure.name
        files = [*self._data(figure.tables), *(f"[{kind.upper()}](figures/{name}.{kind})" for kind in ("svg", "png"))]
        links = self._links(files, figure.tables[0], labels).replace("](", f"]({up}")
        return f"::: {{.figure-note{classes}}}\n{as_markdown(line)} {links}\n:::"

    def of_table(self, name: str, labels: Labels, *, up: str = "../") -> str:
        """What the note of a table says at its end, as markdown; `up`: the way to the folder of the book."""
        return self._links(self._data((name,)), name, labels).replace("](", f"]({up}")

    def _data(self, tables: Collection[str]) -> list[str]:
        return [f"[{as_markdown(table)}.csv]({DATA}/{table}.csv)" for table in tables if table in self.tables]

    def _links(self, files: list[str], table: str, labels: Labels) -> str:
        step = steps_of_tables().get(table, "")
        code = code_of(step, table, labels)
        page = f"[{code}]({page_of(step, table)})" if code and step in self.pages else code
        shown = " · ".join([*files, page] if page else files)
        web = f"[{shown}]{WEB}" if shown else ""
        return web + (f"[{code}{'。' if labels.lang == 'zh' else '.'}]{PAPER}" if code else "")


def steps_of_tables() -> Mapping[str, str]:
    """The step that publishes each table, by its name."""
    return {spec.name: part.step for part in all_parts() for spec in part.tables}


def code_of(step: str, table: str, labels: Labels) -> str:
    """Notebook and cell that made a table, in words; empty where no notebook did."""
    cell = cell_of(step, table)
    return labels.text("sources.code", step=as_markdown(step), cell=cell) if cell else ""


def page_of(step: str, table: str = "") -> str:
    """Address of the cell that made a table, from the folder of the book."""
    return f"notebooks/{step}.html#cell-{cell_of(step, table)}"
