"""Where in the notebooks a table is made: the cell that names it last, or the one that saves the step's tables."""

from __future__ import annotations

import json
import re
from functools import lru_cache

from analysis.project import ROOT

SAVES = "store.save_tables("


def cell_of(step: str, table: str = "") -> str:
    """Id of the cell of notebook `step` that made `table`; empty for a step without a notebook.

    Without a table, or for one that only a function names, that is the cell that saves all tables of the step.
    """
    cells = _code(step)
    named = [one for one, source in cells.items() if table and re.search(rf"[\"']{re.escape(table)}[\"']", source)]
    saving = [one for one, source in cells.items() if SAVES in source]
    return (named or saving or [""])[-1]


@lru_cache(maxsize=32)
def _code(step: str) -> dict[str, str]:
    """Source of every code cell of a notebook, by the id of the cell, in its order."""
    path = ROOT / "notebooks" / f"{step}.ipynb"
    if not path.is_file():
        return {}
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return {str(cell["id"]): "".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"}
