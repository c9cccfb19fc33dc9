"""The index of a grid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from analysis.grid.plan import folder_of


def write_index(grid: Any, cells: Any, plans: Any, refused: Any, languages: Any) -> Path:
    """Placeholder until the page is written."""
    print(refused)
    return folder_of(grid)
