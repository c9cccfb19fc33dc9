"""What was planted in a simulated survey, read from the file beside its tables."""

from __future__ import annotations

import json

from analysis.edition import Edition
from analysis.project import from_root

FAULTS = ("careless", "copies", "broken_off", "out_of_range", "contract")


def planted_faults(edition: Edition) -> dict[str, frozenset[str]] | None:
    """Identifiers of the interviews with each kind of planted fault; None for an edition that is not simulated.

    careless: answered without care, of whatever kind; copies: stored again under another number; broken_off; and the
    rows that the intake should refuse: out_of_range, contract (a cell that can't be read, a number used twice).
    """
    path = from_root(f"data/raw/{edition.name}/truth.json")
    if not edition.simulated or not path.exists():
        return None
    truth = json.loads(path.read_text(encoding="utf-8"))
    return {
        "careless": frozenset(name for kind in truth["careless"].values() for name in kind),
        "copies": frozenset(truth["duplicates"]),
        "broken_off": frozenset(truth["broken_off"]),
        "out_of_range": frozenset(truth["out_of_range"]),
        "contract": frozenset([*truth["unreadable"], *truth["repeated_ids"]]),
    }
