"""Who was not asked an item: by a code of the file, or because an earlier answer led past it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.data.values import is_one_of
from analysis.edition.instrument import NOT_ASKED, Instrument

Mask = npt.NDArray[np.bool_]


def mark_not_asked(
    frame: pd.DataFrame,
    texts: pd.DataFrame,
    *,
    instrument: Instrument,
    columns: Mapping[str, int],
    codes: Sequence[str],
) -> pd.DataFrame:
    """`frame` with the items that each respondent was not asked, separated by blanks, in the column `not_asked`.

    texts: the file's cells, row by row those of `frame`. An item was not asked where the cell says so (one of `codes`),
    or where it is empty and the answers that its `asked_if` names were not given. The column is left out where
    everybody was asked everything.
    """
    items = [item for construct in instrument.constructs for item in construct.items if item.key in frame]
    skipped = {}
    for item in items:
        mask = frame[item.key].isna().to_numpy(copy=True)
        if not mask.any():
            continue
        mask[mask] = is_one_of(texts.loc[mask, columns[item.key]], codes)
        if item.asked_if:
            led = [frame[key].isin(list(answers)) for key, answers in item.asked_if.items() if key in frame]
            passed = ~np.logical_and.reduce(led) if led else np.zeros(len(frame), dtype=bool)
            mask |= passed & frame[item.key].isna().to_numpy()
        if mask.any():
            skipped[item.key] = mask
    if not skipped:
        return frame
    told = np.full(len(frame), "", dtype=object)
    for key, mask in skipped.items():
        told[mask] = told[mask] + np.where(told[mask] == "", "", " ") + key
    return frame.assign(**{NOT_ASKED: pd.Series(told, index=frame.index, dtype="str")})
