"""Texts that say the same in the same or nearly the same words, for any number of texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    Codes = NDArray[np.int64]

ALIKE = 0.8
"""Share of their pieces that two texts have in common (Jaccard) from which they are nearly the same."""
HAN, LATIN = 2, 5
"""Letters of a piece: two of Chinese say as much as five of an alphabet."""
BANDS, ROWS = 20, 5
"""Two texts with 0.8 of their pieces in common are compared with a chance of 1 − (1 − 0.8⁵)²⁰ = 0.9996."""
FACTORS = np.array([1, 1_000_003, 998_244_353, 754_974_721, 469_762_049], dtype=np.int64)
"""Make one number of the minima of a band."""
NEIGHBOURS = 50
"""Texts, in the order of the alphabet, that each is compared with among those of one band."""


def near_copies(texts: Sequence[str], *, alike: float = ALIKE) -> Codes:
    """A number for each of the texts (n), the same for those that are alike, directly or through others.

    texts: letters only, in one case. Candidates come from MinHash in bands (Broder 1997, Compression and Complexity of
    Sequences, 21–29), and count where the Jaccard similarity of their pieces is at least `alike`. The orders of MinHash
    are always the same, so that the same texts give the same numbers.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    names, place = np.unique(np.asarray(list(texts), dtype=object), return_inverse=True)
    pairs = [np.empty((0, 2), dtype=np.int64)]
    chinese = np.array([_is_chinese(text) for text in names], dtype=bool)
    length = np.array([len(text) for text in names], dtype=int)
    for size, own in ((HAN, chinese), (LATIN, ~chinese)):
        rows = np.flatnonzero(own & (length >= size))
        if len(rows) > 1:
            pairs.append(rows[_alike([str(names[row]) for row in rows], size, alike)])
    one, other = np.concatenate(pairs).T
    joined = coo_array((np.ones(len(one)), (one, other)), shape=(len(names), len(names)))
    return np.asarray(connected_components(joined, directed=False)[1], dtype=np.int64)[place]


def _is_chinese(text: str) -> bool:
    return 2 * sum("\u4e00" <= letter <= "\u9fff" for letter in text) >= len(text)


def _alike(texts: list[str], size: int, alike: float) -> Codes:
    """Places of the texts that are alike: pairs × 2."""
    from sklearn.feature_extraction.text import CountVectorizer

    pieces = CountVectorizer(analyzer="char", ngram_range=(size, size), binary=True, lowercase=False).fit_transform(
        texts
    )
    one, other = _candidates(_minima(pieces)).T
    common = np.asarray(pieces[one].multiply(pieces[other]).sum(axis=1)).ravel()
    sizes = np.asarray(pieces.sum(axis=1)).ravel()
    kept = common >= alike * (sizes[one] + sizes[other] - common)
    return np.column_stack((one[kept], other[kept]))


def _minima(pieces: csr_matrix[Any]) -> Codes:
    """The smallest place of any piece of each text in random orders of the pieces: texts × (BANDS·ROWS)."""
    rng = np.random.default_rng(BANDS * ROWS)
    orders = (rng.permutation(pieces.shape[1]) for _ in range(BANDS * ROWS))
    return np.column_stack([np.minimum.reduceat(order[pieces.indices], pieces.indptr[:-1]) for order in orders])


def _candidates(minima: Codes) -> Codes:
    """Pairs of texts that agree in a whole band."""
    found = []
    for band in range(BANDS):
        bucket = minima[:, band * ROWS : (band + 1) * ROWS] @ FACTORS
        order = np.argsort(bucket, kind="stable")
        for step in range(1, min(NEIGHBOURS, len(order) - 1) + 1):
            same = bucket[order[step:]] == bucket[order[:-step]]
            if not same.any():
                break
            found.append(order[:-step][same] * len(minima) + order[step:][same])
    pairs = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *found]))
    return np.column_stack(np.divmod(pairs, len(minima)))
