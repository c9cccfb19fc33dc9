"""k-anonymity: which background questions can go out together, and which of their answers are withheld.

The kernels know NumPy only. A withheld answer and an answer that was never given are values of their own, which is
stricter than taking them for wild cards: whoever is looked for stands among at least k people whose rows look the same.

Samarati and Sweeney (1998), Protecting privacy when disclosing information: k-anonymity and its enforcement through
generalization and suppression; Machanavajjhala et al. (2007), l-diversity: privacy beyond k-anonymity.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from analysis.errors import MethodError

Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
WITHHELD = -2
"""Code of an answer that is withheld; -1 stands for none given, answers count from 0."""


def classes(codes: Codes) -> Codes:
    """Number of the class of each row: rows alike in every column are one class. codes: rows × keys, from -2."""
    found = np.zeros(len(codes), dtype=np.int64)
    for column in codes.T:
        width = int(column.max(initial=0)) + 3
        found = np.unique(found * width + column + 2, return_inverse=True)[1].astype(np.int64)
    return found


def class_sizes(codes: Codes) -> Codes:
    """How many rows are in the class of each row."""
    found = classes(codes)
    return np.bincount(found, minlength=1)[found]


def keys_kept(
    codes: Codes, *, k: int, most: float, allowed: Callable[[Sequence[int]], bool] = lambda _: True
) -> tuple[list[int], dict[int, float]]:
    """Columns that can go out together, taken in their order, and the share that each other one would have cost.

    A column is kept where with it at most `most` of the rows are in classes of fewer than k. One that is not `allowed`
    beside those kept is passed over, and costs no other its place.
    """
    kept: list[int] = []
    refused: dict[int, float] = {}
    for column in range(codes.shape[1]):
        if not allowed([*kept, column]):
            continue
        share = float((class_sizes(codes[:, [*kept, column]]) < k).mean()) if len(codes) else 0.0
        if share > most:
            refused[column] = share
        else:
            kept.append(column)
    return kept, refused


def withhold(codes: Codes, *, k: int) -> Mask:
    """Which answers to withhold so that every class has k rows or more: rows × keys.

    Few answers go: one of a row where that is enough, by the last of the questions that helps, else two, and so on.
    What is left in the end loses all, with as many rows of the largest class as it takes. Raises MethodError for fewer
    than k rows.
    """
    rows, keys = codes.shape
    if rows < k:
        raise MethodError(
            "There are fewer interviews than have to be alike.", expected=f"at least {k}", got=str(rows), where="k"
        )
    hidden = np.zeros((rows, keys), dtype=bool)
    alone = class_sizes(codes) < k
    for count in range(1, keys + 1):
        for subset in sorted(combinations(range(keys), count), reverse=True):
            helped = _helped(codes, hidden, alone, subset, k)
            hidden[np.ix_(helped, np.array(subset))] = True
            alone[helped] = False
            if not alone.any():
                return hidden
    _hide_all(codes, hidden, alone, k)
    return hidden


def _helped(codes: Codes, hidden: Mask, alone: Mask, subset: Sequence[int], k: int) -> Codes:
    """Rows still alone that stand among k when the columns of `subset` are withheld from them."""
    pattern = np.zeros(codes.shape[1], dtype=bool)
    pattern[list(subset)] = True
    there = np.flatnonzero(alone | (hidden == pattern).all(axis=1))
    visible = codes[np.ix_(there, np.flatnonzero(~pattern))]
    return there[(class_sizes(visible) >= k) & alone[there]]


def _hide_all(codes: Codes, hidden: Mask, alone: Mask, k: int) -> None:
    """Withhold every answer of the rows `alone` and of as many others as make k of them."""
    hidden[alone] = True
    shown = np.where(hidden, WITHHELD, codes)
    lacking = k - int((hidden.all(axis=1)).sum())
    if lacking <= 0:
        return
    sizes = np.where(hidden.all(axis=1), 0, class_sizes(shown))
    if sizes.max() - lacking >= k:
        rows = np.flatnonzero(classes(shown) == classes(shown)[sizes.argmax()])[:lacking]
    else:
        smallest = np.where(sizes > 0, sizes, len(codes) + 1).argmin()
        rows = np.flatnonzero(classes(shown) == classes(shown)[smallest])
    hidden[rows] = True


def diversity(found: Codes, answers: npt.NDArray[np.float64]) -> tuple[int, float]:
    """Fewest different answers to one question in a class, and the largest share of rows in classes with but one.

    found: the class of each row; answers: rows × questions, NaN where there is none, which is no answer that differs.
    """
    fewest, most = answers.shape[0], 0.0
    for column in answers.T:
        given = np.isfinite(column)
        if not given.any():
            continue
        codes = np.unique(column[given], return_inverse=True)[1]
        width = int(codes.max()) + 1
        distinct = np.bincount(np.unique(found[given] * width + codes) // width, minlength=int(found.max()) + 1)
        answered = np.unique(found[given])
        fewest = min(fewest, int(distinct[answered].min()))
        most = max(most, float(np.isin(found, answered[distinct[answered] == 1]).mean()))
    return fewest, most
