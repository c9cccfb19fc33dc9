"""Disclosure control: nothing based on too few interviews is published, nor what would give it away."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.errors import ResultsError
from analysis.publish.disclosure.suppression import Relations, one_way, withhold

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
    Rows = NDArray[np.int64]


def suppress(
    frame: pd.DataFrame,
    *,
    min_base: int,
    within: Sequence[str],
    cross: tuple[str, str] | None = None,
    keep: Collection[str] = (),
    same_people: Collection[str] = (),
) -> pd.DataFrame:
    """Return `frame` with estimates and counts blanked where `n` is below `min_base`, and where others would tell.

    The categories of one group (the same values of the columns `within`) add up to a total that readers know, and so
    do rows and columns of a cross table (`cross`: its two columns; a row with one of them empty is a total). Further
    cells are blanked until no blanked base can be worked out to within less than a third of `min_base` (see
    suppression.withhold). A category blanked for one value of the keys `same_people` (constructs, items) is blanked for
    all of them, since they share its interviews. The columns `keep`, `category`, `within` and `cross` stay as they are:
    they tell the rows, or come from elsewhere. A column `suppressed` is added when anything was blanked: base (too
    small), secondary (not too small), or withheld where telling these two apart would give a base away. Rows without a
    category are totals. Where a result for `n` stands beside that for the `n_everyone` that they are part of, those
    left out must be none or at least `min_base` too: the two results would give theirs.
    Raises ResultsError when there is no column `n`.
    Source: primary and secondary suppression, Hundepool et al. 2012, Statistical Disclosure Control, ch. 4.
    """
    if "n" not in frame:
        raise ResultsError("A table without its bases can't be published.", expected="a column n")
    counts = frame["n"].to_numpy(dtype=np.float64, na_value=np.nan)
    small = counts < min_base
    if "n_everyone" in frame:
        rest = frame["n_everyone"].to_numpy(dtype=np.float64, na_value=np.nan) - counts
        small |= (rest > 0) & (rest < min_base)
    if not small.any():
        return frame
    groups = list(_crossed(frame, within, cross) if cross else _listed(frame, _known(frame, within)))
    reasons = _protected(counts, small, groups, _families(frame, within, cross, same_people), min_base=min_base)
    return _blanked(frame, reasons, keep={"category", *keep, *within, *(cross or ())})


def _known(frame: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    return [name for name in columns if name in frame]


def _present(frame: pd.DataFrame, column: str) -> Mask:
    return np.asarray(frame[column].notna() & (frame[column] != "") & frame["n"].notna(), dtype=bool)


def _positions(frame: pd.DataFrame, rows: Mask, keys: Sequence[str]) -> Iterator[Rows]:
    """Positions of the chosen rows, one array for each combination of the keys, in order of appearance."""
    chosen = np.flatnonzero(rows)
    if not keys:
        yield from [chosen] if len(chosen) else []
        return
    places = frame.iloc[chosen].groupby(list(keys), dropna=False, sort=False).ngroup().to_numpy()
    for place in range(int(places.max()) + 1 if len(places) else 0):
        yield chosen[places == place]


def _listed(frame: pd.DataFrame, within: Sequence[str]) -> Iterator[tuple[Rows, Relations, Rows]]:
    """Cells that add up to a known total, with that relation; none of them is a total."""
    if "category" not in frame:
        return
    counts = frame["n"].to_numpy(dtype=np.float64, na_value=np.nan)
    for rows in _positions(frame, _present(frame, "category"), within):
        yield rows, one_way(counts[rows]), rows[:0]


def _crossed(
    frame: pd.DataFrame, within: Sequence[str], cross: tuple[str, str]
) -> Iterator[tuple[Rows, Relations, Rows]]:
    """Cells and totals of each cross table, with the sums over rows and over columns, and which cells are totals."""
    counts = frame["n"].to_numpy(dtype=np.float64, na_value=np.nan)
    has = [_present(frame, name) for name in cross]
    for rows in _positions(frame, frame["n"].notna().to_numpy(dtype=bool), within):
        lines = []
        for own, other in ((0, 1), (1, 0)):
            codes = frame[cross[own]].iloc[rows].where(has[own][rows], "").astype(str).to_numpy()
            for code in dict.fromkeys(codes):
                line = np.where(codes == code, np.where(has[other][rows], 1.0, -1.0), 0.0)
                if (line > 0).any():
                    lines.append(line)
        matrix = np.vstack(lines)
        totals = np.flatnonzero(~(has[0] & has[1])[rows])
        yield rows, Relations(matrix, matrix @ counts[rows]), totals


def _families(
    frame: pd.DataFrame, within: Sequence[str], cross: tuple[str, str] | None, same_people: Collection[str]
) -> list[Rows]:
    """Rows that stand for the same interviews: equal in every key that divides them."""
    parts = ["category", *within] if cross is None else [*cross, *within]
    keys = [name for name in _known(frame, parts) if name not in same_people]
    if cross is None and "category" not in frame:
        return []
    rows = frame["n"].notna().to_numpy(dtype=bool) if cross else _present(frame, "category")
    return [family for family in _positions(frame, rows, keys) if len(family) > 1]


def _protected(
    counts: NDArray[np.float64],
    small: Mask,
    groups: list[tuple[Rows, Relations, Rows]],
    families: list[Rows],
    *,
    min_base: int,
) -> NDArray[np.object_]:
    """Reason for blanking each row, None for those shown; groups are protected in turn until nothing is added."""
    hidden, unmarked = small.copy(), np.zeros(len(counts), dtype=bool)
    while True:
        before, before_unmarked = hidden.copy(), unmarked.copy()
        for rows, relations, totals in groups:
            if not hidden[rows].any():
                continue
            chosen = withhold(counts[rows], relations, min_base=min_base, also=hidden[rows], fixed=totals)
            hidden[rows] |= chosen.cells
            unmarked[rows] |= chosen.cells & (not chosen.marked)
        for family in families:
            hidden[family] |= hidden[family].any()
            unmarked[family] |= unmarked[family].any() or (small[family].any() and not small[family].all())
        if (hidden == before).all() and (unmarked == before_unmarked).all():
            break
    reasons = np.full(len(counts), None, dtype=object)
    reasons[hidden] = np.where(unmarked, "withheld", np.where(small, "base", "secondary"))[hidden]
    return reasons


def _blanked(frame: pd.DataFrame, reasons: NDArray[np.object_], *, keep: Collection[str]) -> pd.DataFrame:
    from pandas.api.types import is_numeric_dtype

    columns = [name for name in frame.columns if name not in keep]
    numbers = {name: "float64" if is_numeric_dtype(frame[name]) else "object" for name in columns}
    blanked = frame.astype(numbers)
    hidden = reasons != np.array(None, dtype=object)
    for name in columns:
        blanked.loc[hidden, name] = float("nan") if numbers[name] == "float64" else None
    return blanked.assign(suppressed=reasons)
