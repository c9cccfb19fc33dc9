"""Why there is no answer: not asked, by a code of the file or because an earlier answer led past it; or declined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.data.values import is_one_of
from analysis.edition.instrument import NOT_ASKED, UNANSWERED, Instrument
from analysis.edition.sections.data import REASONS, TableSource

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
    return _noted(frame, skipped, NOT_ASKED)


def mark_declined(
    frame: pd.DataFrame,
    texts: pd.DataFrame,
    *,
    instrument: Instrument,
    columns: Mapping[str, int],
    source: TableSource,
) -> pd.DataFrame:
    """`frame` with the questions that each respondent declined, as key:reason, in the column `unanswered`.

    texts: the file's cells, row by row those of `frame`. The column is left out where nobody is known to have declined.
    """
    declined = {}
    for key in (*instrument.item_keys, *instrument.profile_keys):
        blank = frame[key].isna().to_numpy() if key in frame and key in columns else np.zeros(len(frame), dtype=bool)
        for reason in REASONS:
            codes = source.declined_of(key, reason)
            if codes and blank.any():
                mask = blank.copy()
                mask[blank] = is_one_of(texts.loc[blank, columns[key]], codes)
                declined[f"{key}:{reason}"] = mask
    return _noted(frame, {name: mask for name, mask in declined.items() if mask.any()}, UNANSWERED)


def _noted(frame: pd.DataFrame, masks: Mapping[str, Mask], column: str) -> pd.DataFrame:
    """`frame` with a column of the names of the masks that hold in each row, separated by blanks."""
    if not masks:
        return frame
    told = np.full(len(frame), "", dtype=object)
    for name, mask in masks.items():
        told[mask] = told[mask] + np.where(told[mask] == "", "", " ") + name
    return frame.assign(**{column: pd.Series(told, index=frame.index, dtype="str")})
