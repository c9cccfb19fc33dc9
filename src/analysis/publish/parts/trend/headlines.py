"""How much the figures of the series rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.results import Store


def latest_interviews(store: Store) -> float | None:
    """Interviews of the latest wave that has an index."""
    waves = store.table("waves").dropna(subset=["csi"])
    return float(waves["n"].iloc[-1]) if len(waves) and "n" in waves else None
