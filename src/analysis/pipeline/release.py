"""After all notebooks: what passes disclosure becomes the tables that everything published is made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.pipeline.command import Call, progress, run
from analysis.pipeline.exposure import check_folder
from analysis.pipeline.receipts import save_receipt
from analysis.results import DISCLOSED, Store

if TYPE_CHECKING:
    from analysis.edition import Edition


def main(call: Call) -> None:
    """Release every table at once, and list what was released in results/disclosed/tables.json."""
    edition, store = call.edition(), Store(call.output)
    release_tables(edition, store)
    check_folder(store.root / "tables", store)
    released = {name: len(table) for name, table in store.published().items()}
    record = store.save_record(DISCLOSED, "tables", released)
    tables = (store.root / "results" / DISCLOSED).glob("*.parquet")
    save_receipt(call, "release", [record, *tables, *(store.root / "tables").glob("*.csv")])
    progress("release", f"{len(released)} tables passed disclosure")


def release_tables(edition: Edition, store: Store) -> None:
    """Tables of the steps first, then those of the edition, which tell what the steps published."""
    from analysis.publish.parts import all_parts
    from analysis.publish.parts.edition.made import edition_tables
    from analysis.publish.release import names_of, release

    parts, rules = all_parts(), edition.disclosure
    computed = {name: table for part in parts for name, table in store.tables(part.step).items()}
    released = release(computed, parts, rules=rules, names=names_of(edition), outside=edition.index.exclude)
    for name, table in released.items():
        store.save_table(name, table)
    store.keep_tables(released)
    for name, table in release(edition_tables(edition, store), parts, rules=rules).items():
        store.save_table(name, table)


if __name__ == "__main__":
    run(main, description=__doc__ or "")
