"""After all notebooks: what passes disclosure becomes tables (csv, workbook) and figures; nothing else goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.edition import load_edition
from analysis.edition.sections.data import TABLES
from analysis.pipeline.command import Call, progress, run
from analysis.results import Store

if TYPE_CHECKING:
    import pandas as pd


def main(call: Call) -> None:
    """Release every table at once, draw the figures of every language from what was released, write the workbook."""
    from analysis.publish.disclosure.release import release
    from analysis.publish.figures import FIGURES, draw_figures
    from analysis.publish.labels import Labels
    from analysis.publish.specs import STEPS
    from analysis.publish.specs import TABLES as SPECS
    from analysis.publish.workbook import write_workbook

    edition, store = load_edition(call.params), Store(call.output)
    computed = {name: table for step in STEPS for name, table in store.tables(step).items()}
    released = release(computed | {"intake": intake_counts(store)}, SPECS, edition=edition)
    for name, table in released.items():
        store.save_table(name, table)
    store.keep_tables(released)
    for lang in edition.languages:
        labels = Labels(edition, lang)
        drawn = {name: svg for step in STEPS for name, svg in draw_figures(step, released, labels=labels).items()}
        for name in FIGURES:
            if name in drawn:
                store.save_figure(name, lang, drawn[name])
            else:
                store.drop_figure(name, lang)
    write_workbook(edition, store)
    progress("publish", "tables and figures that passed disclosure, tables.xlsx")


def intake_counts(store: Store) -> pd.DataFrame:
    """Rows read, filtered, quarantined and accepted, one row per table of the edition."""
    import pandas as pd

    counts = [{"table": table, **store.record("intake", table)} for table in TABLES]
    return pd.DataFrame(
        [record for record in counts if record["available"]],
        columns=["table", "read", "filtered", "quarantined", "accepted"],
    )


if __name__ == "__main__":
    run(main, description=__doc__ or "")
