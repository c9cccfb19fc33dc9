"""Rows that are alike, found by one number for each row instead of comparing rows column by column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

ROOM = 2**62
"""Largest number that is made of a row before the numbers so far are counted through."""


def like_rows(codes: NDArray[Any]) -> tuple[Ints, Ints]:
    """The first row of each group of like rows, and the group of each row; groups are in the order of their codes.

    `codes` are rows × columns of booleans or of whole numbers from 0 up. As np.unique over rows, which sorts rows as
    texts of bytes and takes a hundred times as long.
    """
    return like_columns(codes.T, rows=len(codes))


def like_columns(columns: Iterable[NDArray[Any]], *, rows: int) -> tuple[Ints, Ints]:
    """The same of columns that come one after another."""
    number, size = np.zeros(rows, dtype=np.int64), 1
    for column in columns:
        levels = int(column.max(initial=0)) + 1
        if size * levels > ROOM:
            values, number = np.unique(number, return_inverse=True)
            size = len(values)
        number, size = number * levels + column, size * levels
    _, first, group = np.unique(number, return_index=True, return_inverse=True)
    return first.astype(np.int64), group.astype(np.int64)
