"""Keys of a file that is read some rows at a time, so that one used twice is found in whatever parts it stands."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

_OTHER = "another 16 bytes"
"""Key of the second hash: 16 characters."""

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]


class UsedKeys:
    """Where each key was used first, in 24 bytes a row: two hashes of 64 bits and the row's number in the file.

    Keys agree where both hashes do. Among ten million keys two different ones do so with a probability of 2e-25; where
    two agree in the first hash alone (3e-6), a repetition of one of them may go unseen.
    """

    def __init__(self) -> None:
        self._first, self._second = np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.uint64)
        self._rows = np.empty(0, dtype=np.int64)

    def first_rows(self, keys: pd.Series) -> Ints:
        """Row in which each of `keys` was used before; 0 for a key that was not."""
        first, second = _hashes(keys)
        if not len(self._first) or not len(first):
            return np.zeros(len(first), dtype=np.int64)
        place = np.minimum(np.searchsorted(self._first, first), len(self._first) - 1)
        known = (self._first[place] == first) & (self._second[place] == second)
        return np.where(known, self._rows[place], 0)

    def add(self, keys: pd.Series, rows: Ints) -> None:
        """Note the `rows` of `keys`, none of which was used before."""
        first, second = (np.concatenate(pair) for pair in zip((self._first, self._second), _hashes(keys), strict=True))
        order = np.argsort(first, kind="stable")
        self._first, self._second = first[order], second[order]
        self._rows = np.concatenate([self._rows, rows])[order]


def _hashes(keys: pd.Series) -> tuple[Hashes, Hashes]:
    texts = keys.to_numpy(dtype=object)
    first = pd.util.hash_array(texts, categorize=False)
    return first, pd.util.hash_array(texts, hash_key=_OTHER, categorize=False)
