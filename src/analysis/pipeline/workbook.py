"""Gather every published table of the edition in tables/tables.xlsx."""

from __future__ import annotations

import pandas as pd

from analysis.edition import load_edition
from analysis.edition.sections.data import TABLES
from analysis.pipeline.command import Call, progress, run
from analysis.results import Store


def main(call: Call) -> None:
    """Count the intake of all tables and write the workbook."""
    from analysis.publish.workbook import write_workbook

    store = Store(call.output)
    store.save_table("intake", intake_counts(store))
    write_workbook(load_edition(call.params), store)
    progress("workbook", "tables.xlsx")


def intake_counts(store: Store) -> pd.DataFrame:
    """Rows read, filtered, quarantined and accepted, one row per table of the edition."""
    counts = [{"table": table, **store.record("intake", table)} for table in TABLES]
    return pd.DataFrame(
        [record for record in counts if record["available"]],
        columns=["table", "read", "filtered", "quarantined", "accepted"],
    )


if __name__ == "__main__":
    run(main, description=__doc__ or "")
