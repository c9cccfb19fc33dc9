"""After all notebooks: what passes disclosure becomes the tables that everything published is made from."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.pipeline.command import Call, progress, run
from analysis.pipeline.exposure import check_folder
from analysis.pipeline.receipts import save_receipt
from analysis.project import code_digest, tree_digest
from analysis.results import DISCLOSED, Store

if TYPE_CHECKING:
    import pandas as pd

    from analysis.edition import Edition

PASSED = "passed"
"""Record of the steps' tables that passed disclosure, and of what they were made from; and of how they were written."""

CROSSED = frozenset({"index_groups", "dimension_groups"})
"""Tables by two questions at once: a part of a survey is published by one, since its own answers are another."""


def main(call: Call) -> None:
    """Release every table at once, and list what was released in results/disclosed/tables.json."""
    edition, store = call.edition(), Store(call.output)
    release_tables(edition, store)
    check_folder(store.root / "tables", store)
    released = store.published_rows()
    record = store.save_record(DISCLOSED, "tables", released)
    tables = (store.root / "results" / DISCLOSED).glob("*.parquet")
    save_receipt(call, "release", [record, *tables, *(store.root / "tables").glob("*.csv")])
    progress("release", f"{len(released)} tables passed disclosure")


def release_tables(edition: Edition, store: Store) -> None:
    """Tables of the steps first, then those of the edition, which tell what the steps published."""
    from analysis.publish.parts import all_parts
    from analysis.publish.parts.edition.made import edition_tables
    from analysis.publish.release import release

    store.keep_tables(_of_steps(edition, store))
    own, stay = edition_tables(edition, store), edition.interviewed
    for name, table in release(own, all_parts(), rules=edition.disclosure, withheld=stay).items():
        store.save_table(name, table)


def _of_steps(edition: Edition, store: Store) -> list[str]:
    """Names of the tables that passed; where steps, rules and code are what they were, those stand that passed then."""
    from analysis.publish.parts import all_parts
    from analysis.publish.release import names_of, release

    parts, rules = all_parts(), edition.disclosure
    options: dict[str, Any] = {
        "names": names_of(edition),
        "outside": edition.index.exclude,
        "withheld": edition.interviewed,
        "also": edition.withheld.groups,
    }
    folders = [store.root / "results" / part.step / "tables" for part in parts]
    made_from = [code_digest(), tree_digest(*filter(Path.is_dir, folders)), repr(rules), repr(options)]
    earlier = store.record(DISCLOSED, PASSED) if store.has(DISCLOSED, f"{PASSED}.json") else {}
    if earlier.get("made_from") == made_from and store.has_published(earlier["tables"]):
        return list(earlier["tables"])
    crossed = CROSSED if edition.domain.where else ()
    computed = {n: table for part in parts for n, table in store.tables(part.step).items() if n not in crossed}
    released = release(computed, parts, rules=rules, **options)
    noted = store.remembered(PASSED)
    known = noted["written"] if noted.get("code") == code_digest() else {}
    written = {name: _written(store, name, table, known.get(name)) for name, table in released.items()}
    store.remember(PASSED, {"code": code_digest(), "written": written})
    store.save_record(DISCLOSED, PASSED, {"made_from": made_from, "tables": list(released)})
    return list(released)


def _written(store: Store, name: str, table: pd.DataFrame, known: list[str] | None) -> list[str]:
    """Save a table, unless it stands as the same code wrote the same content: SHA-256 of that and of its files."""
    content = hashlib.sha256(pickle.dumps(table)).hexdigest()
    if known == [content, *store.digests(name)]:
        return known
    store.save_table(name, table)
    return [content, *store.digests(name)]


if __name__ == "__main__":
    run(main, description=__doc__ or "")
