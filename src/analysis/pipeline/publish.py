"""After all notebooks: what passes disclosure becomes tables (csv, workbook) and figures; nothing else goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.edition import load_edition
from analysis.pipeline.command import Call, progress, run
from analysis.project import ROOT
from analysis.results import Store

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from analysis.edition import Edition


def main(call: Call) -> None:
    """Release every table at once, then draw, gather and copy from what was released."""
    from analysis.publish.notebooks import publish_notebooks
    from analysis.publish.parts import all_parts
    from analysis.publish.tables.workbook import write_workbook

    edition, store = load_edition(call.params), Store(call.output)
    released = _release(edition, store)
    for lang in edition.languages:
        _draw(edition, store, lang, released)
    write_workbook(edition, store, all_parts())
    publish_notebooks(edition, store, source=ROOT / "notebooks")
    progress("publish", "tables and figures that passed disclosure, tables.xlsx")


def _release(edition: Edition, store: Store) -> dict[str, pd.DataFrame]:
    """Tables of the steps first, then those of the edition, which tell what the steps published."""
    from analysis.publish.disclosure.release import release
    from analysis.publish.parts import all_parts
    from analysis.publish.parts.edition.made import edition_tables

    parts, min_base = all_parts(), edition.disclosure.min_base
    computed = {name: table for part in parts for name, table in store.tables(part.step).items()}
    released = release(computed, parts, min_base=min_base)
    for name, table in released.items():
        store.save_table(name, table)
    store.keep_tables(released)
    more = release(edition_tables(edition, store), parts, min_base=min_base)
    for name, table in more.items():
        store.save_table(name, table)
    return released | more


def _draw(edition: Edition, store: Store, lang: str, tables: Mapping[str, pd.DataFrame]) -> None:
    from analysis.publish.parts import all_parts
    from analysis.publish.words.labels import Labels

    labels = Labels(edition, lang)
    for part in all_parts():
        drawn = part.drawn(tables, labels)
        for figure in part.figures:
            if figure.name in drawn:
                store.save_figure(figure.name, lang, drawn[figure.name])
            else:
                store.drop_figure(figure.name, lang)


if __name__ == "__main__":
    run(main, description=__doc__ or "")
