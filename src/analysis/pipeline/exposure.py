"""Before a folder goes out: no id of a person, no personal data and no path of this machine in its files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.project import ROOT, code_digest

if TYPE_CHECKING:
    from analysis.results import Store

PEOPLE = ("responses", "earlier_waves", "dispositions", "customers", "feedback", "training")
"""Raw tables whose rows are people, or what one person asked for."""
TABLES = "tables"
"""Folder whose files go out with every book as well: what was read there is not read again in each language."""


def check_folder(folder: Path, store: Store) -> None:
    """Raise BookError with the first finds where there are any; a file that passed before is not read again.

    Nor is one that passed among the tables, from where it was copied; nor a line of such files that stands in another.
    """
    from analysis.publish.disclosure.published import check_exposed

    name, ids = _record(folder.name.strip(".")), _ids(store)
    roots = [str(ROOT), str(Path.home()), str(store.root.resolve())]
    looked_for = hashlib.sha256(json.dumps([code_digest(), roots, ids]).encode()).hexdigest()
    earlier = [store.remembered(one) for one in dict.fromkeys([name, _record(TABLES)])]
    passed = {
        file: lines for one in earlier if one.get("looked_for") == looked_for for file, lines in one["of"].items()
    }
    searched = check_exposed(folder, ids=ids, roots=roots, passed=passed)
    store.remember(name, {"looked_for": looked_for, "of": searched})


def _record(folder: str) -> str:
    return f"{folder}.looked_through"


def _ids(store: Store) -> list[str]:
    """Every id of a person or of what a person asked for, in the order of the tables."""
    there = [table for table in PEOPLE if store.has("intake", f"{table}.parquet")]
    frames = [store.frame("intake", table, ending="_id") for table in there]
    return [str(one) for frame in frames for name in frame for one in frame[name].dropna().unique()]
