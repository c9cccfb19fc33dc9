"""Disclosure control: nothing based on too few interviews is published, nor what would give it away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.errors import ResultsError

if TYPE_CHECKING:
    import pandas as pd

KEYS = frozenset({"segment", "category", "construct", "question", "margin", "item", "measure", "wave", "date"})
PUBLIC = frozenset({"target_share", "source"})
"""Columns that do not come from the interviews, so that they stay."""


def suppress(frame: pd.DataFrame, *, min_base: int, within: Sequence[str] | None = None) -> pd.DataFrame:
    """Return `frame` with estimates and counts blanked where `n` is below `min_base`.

    Where exactly one category among those that add up (the same values of the columns `within`; by default every
    key column but `category`) is blanked, the next smallest is blanked too: otherwise the total less the
    others would give it away. A column `suppressed` (base, secondary or missing) is added when anything was blanked.
    Rows without a category are totals. Raises ResultsError when there is no column `n`.
    Source: primary and secondary suppression, Hundepool et al. 2012, Statistical Disclosure Control, ch. 4.
    """
    if "n" not in frame:
        raise ResultsError("A table without its bases can't be published.", expected="a column n")
    base = frame["n"].notna() & (frame["n"] < min_base)
    if not base.any():
        return frame
    secondary = _secondary(frame, base, _groups(frame, within))
    hidden = base | secondary
    columns = [name for name in frame.columns if name not in KEYS | PUBLIC]
    blanked = frame.astype(dict.fromkeys(columns, "float64"))
    blanked.loc[hidden, columns] = float("nan")
    reason = base.map({True: "base"}).where(base, secondary.map({True: "secondary"}))
    return blanked.assign(suppressed=reason.astype(object))


def _groups(frame: pd.DataFrame, within: Sequence[str] | None) -> list[str]:
    if within is not None:
        return [name for name in within if name in frame]
    return [name for name in frame.columns if name in KEYS and name != "category"]


def _secondary(frame: pd.DataFrame, base: pd.Series[bool], within: list[str]) -> pd.Series[bool]:
    """Rows to blank besides `base`: the smallest remaining category of a group with exactly one blanked."""
    chosen = base & False
    if "category" not in frame:
        return chosen
    categories = frame[frame["category"].notna() & (frame["category"] != "")]
    groups = categories.groupby(within, dropna=False, sort=False) if within else [((), categories)]
    for _, group in groups:
        small = base[group.index]
        if int(small.sum()) == 1 and len(group) > 1:
            chosen |= chosen.index == group.loc[~small, "n"].idxmin()
    return chosen
