"""Tables that hold what tickets and answers have in common: their tones, topics and quotes, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping


def by_source(tables: Mapping[str, pd.DataFrame | None], kind: str) -> pd.DataFrame | None:
    """The tables of the sources that have one, one under the other, with source, and group (source.kind=category)."""
    found = []
    for source, table in tables.items():
        if table is not None and len(table):
            group = f"{source}.{kind}=" + table["category"].astype(str)
            found.append(table.assign(source=source, group=group))
    return pd.concat(found, ignore_index=True) if found else None


def stacked(*tables: pd.DataFrame | None) -> pd.DataFrame | None:
    """The tables that there are, one under the other; None without any."""
    found = [table for table in tables if table is not None and len(table)]
    return pd.concat(found, ignore_index=True) if found else None


def sheet_of(texts: Mapping[str, Any]) -> pd.DataFrame:
    """What may be labelled by hand: text_id, text (masked), tone and triage_class of every source that has texts."""
    wanted = ["text_id", "text", "tone", "triage_class"]
    found = [read.frame[wanted].assign(source=source) for source, read in texts.items() if read is not None]
    empty = pd.DataFrame(columns=[*wanted, "source"], dtype=object)
    table = pd.concat(found, ignore_index=True) if found else empty
    return table.assign(text_id=table["text_id"].astype(str))
