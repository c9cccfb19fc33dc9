"""The scorecard of the front page: who is better, about the same or worse than expected, on what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import unfit, verdict
from analysis.publish.words import formats
from analysis.publish.words.escape import as_markdown

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

MOST_UNITS, MOST_DIMENSIONS = 10, 9
"""Rows and columns that fit a page; of more units those are shown that are furthest from what was to be expected."""
SIGNS = {"higher": "▲", "same": "≈", "lower": "▼"}
"""What tells a band beside its colour and its word."""
CLASSES = {"higher": "better", "same": "same", "lower": "worse"}


def scorecard(store: Store, labels: Labels) -> str:
    """Units × (index, dimensions) as a markdown table, units by their adjusted index; empty without two units."""
    if not (store.has_table("fair_index") and store.has_table("fair_dimensions")):
        return ""
    index = store.table("fair_index").dropna(subset=["adjusted"])
    if len(index) < 2:
        return ""
    segment = str(index["segment"].iloc[0])
    units, left = _units(index)
    frame = store.table("fair_dimensions")
    barred = unfit(store)
    keys = [key for key in dict.fromkeys(frame["construct"].astype(str)) if key not in barred][:MOST_DIMENSIONS]
    rows = {(str(row["category"]), str(row["construct"])): row for row in frame.to_dict("records")}
    rows |= {(str(row["category"]), ""): row for row in index.to_dict("records")}
    heads = [labels.question(segment), labels.text("columns.csi"), *map(labels.construct, keys)]
    lines = [_line(map(as_markdown, heads)), _line([":---", *[":-:"] * (len(keys) + 1)])]
    for code in units:
        cells = [band(rows.get((code, key)), labels) for key in ("", *keys)]
        lines.append(_line([as_markdown(labels.category(segment, code)), *cells]))
    note = [labels.text("front.scorecard.note")] + [labels.text("front.scorecard.left", n=left)] * bool(left)
    blocks = ["::: {.scorecard}", "\n".join(lines), ":::", "::: {.scorecard-note}"]
    return "\n\n".join([*blocks, as_markdown(formats.joined(note, labels.lang)), ":::"])


def band(row: Any, labels: Labels) -> str:
    """Sign and word of one field as a span of the class of its band."""
    if row is None or formats.is_missing(row["adjusted"]):
        return formats.MISSING
    found = verdict_of(row, labels)
    return f"[[{SIGNS[found]}]{{.sign}} [{labels.text(f'front.bands.{found}')}]{{.word}}]{{.band .{CLASSES[found]}}}"


def verdict_of(row: Any, labels: Labels) -> str:
    """The band of a row of the comparison of like with like."""
    return verdict(row["difference"], row["p_adjusted"], confidence=labels.edition.drivers.confidence)


def _units(index: pd.DataFrame) -> tuple[list[str], int]:
    """The units shown, by their adjusted index, and how many are not."""
    kept = index.assign(far=index["difference"].abs()).nlargest(MOST_UNITS, "far")
    ordered = kept.sort_values("adjusted", ascending=False, kind="stable")
    return ordered["category"].astype(str).tolist(), len(index) - len(kept)


def _line(cells: Any) -> str:
    return f"| {' | '.join(cells)} |"
