"""Before a folder goes out: no respondent's id, no personal data and no path of this machine in its files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from analysis.project import ROOT

if TYPE_CHECKING:
    from analysis.results import Store


def check_folder(folder: Path, store: Store) -> None:
    """Raise BookError with the first finds where there are any."""
    from analysis.publish.disclosure.published import check_exposed

    known = store.has("03_cleaning", "responses.parquet")
    ids = store.frame("03_cleaning", "responses")["respondent_id"].astype(str).tolist() if known else []
    check_exposed(folder, ids=ids, roots=[str(ROOT), str(Path.home()), str(store.root.resolve())])
