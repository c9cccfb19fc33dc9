"""Which rows of another edition an edition takes over that is a part of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from analysis.edition.sections.data import EARLIER
from analysis.errors import ResultsError
from analysis.project import from_root
from analysis.results import Store

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from analysis.edition import Edition
    from analysis.edition.sections.domain import Domain

OF_WHOLE = frozenset({"population", "frame", "dispositions", "waves", EARLIER})
"""Tables that tell of the whole and its draw: a part has none of its own."""


def taken_files(domain: Domain, table: str) -> list[Path]:
    """Results of the whole that a part's `table` is taken from; none where the whole has no such table."""
    results = from_root(domain.of) / "results"
    found = [results / "intake" / f"{table}.json", results / "intake" / f"{table}.parquet"]
    if table == "responses":
        found += [results / "03_cleaning" / f"{name}.parquet" for name in ("responses", "scores", "flags", "decisions")]
        found += [results / "03_cleaning" / "cleaning.json", results / "05_satisfaction" / "scores.parquet"]
        design = ("design.parquet", "design.json", "replicates.npy", "weighting.json")
        found += [results / "04_weighting" / name for name in design]
    return [path for path in found if path.is_file()]


def belongs(frame: pd.DataFrame, where: Mapping[str, tuple[str, ...]]) -> pd.Series[bool]:
    """Which rows belong to a part: those with one of the answers to every question that it names."""
    import pandas as pd

    inside = pd.Series(True, index=frame.index)
    for question, codes in where.items():
        inside &= frame[question].astype("object").astype("str").isin(list(codes)) & frame[question].notna()
    return inside


def take_table(edition: Edition, store: Store, table: str) -> None:
    """Save the rows of `table` that belong to the part, with their number; a table that can't tell them is left out.

    Raises ResultsError where the whole has not been made, and where nobody belongs to the part.
    """
    whole, where, left_out = whole_of(edition), edition.domain.where, OF_WHOLE.union(edition.domain.without)
    record = whole.record("intake", table)
    frame = whole.frame("intake", table) if record["available"] else None
    if frame is None or (where and (table in left_out or not set(where) <= set(frame.columns))):
        store.drop_frame("intake", table)
        store.save_record("intake", table, {"available": False})
        return
    rows = frame[belongs(frame, where)].reset_index(drop=True)
    if rows.empty and table == "responses":
        raise ResultsError(
            "Nobody among the interviews of the whole belongs to this part.",
            where="domain.where",
            expected="answers that somebody gave",
            got="; ".join(f"{key}: {', '.join(codes)}" for key, codes in where.items()),
        )
    store.save_frame("intake", table, rows)
    told = {"available": bool(len(rows)), "read": len(rows), "accepted": len(rows), "filtered": 0, "quarantined": 0}
    store.save_record("intake", table, ({"wave": record["wave"]} if "wave" in record else {}) | told)


def whole_of(edition: Edition) -> Store:
    """Results of the whole."""
    whole = Store(from_root(edition.domain.of))
    if not whole.has("04_weighting", "design.json"):
        raise ResultsError(
            "The whole that this edition is a part of has not been made.",
            where=f"domain.of: {edition.domain.of}",
            expected="an output folder with the results of the weighting",
            hint="run `make grid`, which makes the whole first",
        )
    return whole
