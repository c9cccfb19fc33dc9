"""Traces that careless answering leaves in a row of answers: one number per interview and trace.

NumPy only. Answers are rows × items, in questionnaire order, NaN where a question was not answered.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from analysis.survey.cleaning.like_rows import like_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]

BLOCK = 2048
"""Rows that are compared with the others at a time."""

FEW = 40
"""Rows up to which comparing answer by answer is quicker than a matrix product."""

MAX_PAIRS = 2.5e9
"""Pairs of interviews beyond which near duplicates are not looked for: a minute or two of comparing."""

MIN_CONSTRUCTS = 8
"""Constructs below which a correlation between their halves says nothing about one person: with 6, as in a bank survey
of 1,707 customers, more than a fifth of them come out negative."""


def longest_run(answers: Floats) -> Ints:
    """Length of the longest run of one answer in each row, missing answers skipped (longstring; Johnson 2005)."""
    rows = len(answers)
    previous = np.full(rows, np.nan)
    run = np.zeros(rows, dtype=np.int64)
    longest = np.zeros(rows, dtype=np.int64)
    for answer in answers.T:
        present = ~np.isnan(answer)
        run = np.where(present, np.where(answer == previous, run + 1, 1), run)
        previous = np.where(present, answer, previous)
        longest = np.maximum(longest, run)
    return longest


def longest_runs(answers: Floats, blocks: Sequence[Ints]) -> Ints:
    """Longest run in each of the `blocks` (places of the items that share a scale), added up."""
    return np.asarray(sum((longest_run(answers[:, block]) for block in blocks), np.zeros(len(answers), dtype=np.int64)))


def response_sd(answers: Floats) -> Floats:
    """Intra-individual response variability: the standard deviation (divisor k − 1) of the k answers of a row.

    NaN for fewer than two answers. Source: Dunn, Heggestad, Shanock & Theilgard 2018, J. Business and Psychology 33.
    """
    answered = ~np.isnan(answers)
    count = answered.sum(axis=1)
    known = np.where(answered, answers, 0.0)
    mean = known.sum(axis=1) / np.maximum(count, 1)
    squares = (np.where(answered, answers - mean[:, None], 0.0) ** 2).sum(axis=1)
    return np.where(count > 1, np.sqrt(squares / np.maximum(count - 1, 1)), np.nan)


def sd_within(answers: Floats, blocks: Sequence[Ints], *, spans: Ints) -> Floats:
    """`response_sd` as a share of the scale's span, pooled over `blocks` (places of the items that share a scale).

    √(Σ (k − 1)·sd² / Σ (k − 1)) over the blocks with k answers; `spans` by item. NaN where no block has two answers.
    """
    deviations = [response_sd(answers[:, block]) / spans[block[0]] for block in blocks]
    if len(blocks) == 1:
        return np.asarray(deviations[0])
    degrees = np.stack([np.maximum((~np.isnan(answers[:, block])).sum(axis=1) - 1, 0) for block in blocks])
    squares = np.where(degrees > 0, np.stack(deviations) ** 2 * degrees, 0.0).sum(axis=0)
    total = degrees.sum(axis=0)
    return np.where(total > 0, np.sqrt(squares / np.maximum(total, 1)), np.nan)


def even_odd(answers: Floats, sizes: Sequence[int]) -> Floats:
    """Even–odd consistency of each row: its constructs' means over odd items correlated with those over even items.

    `sizes` are the numbers of items of the constructs, in order; those with one item are left out. The correlation r
    is corrected to full length by Spearman–Brown, 2r / (1 + |r|), which keeps the sign. NaN with fewer than 8
    constructs answered in both halves, or where a half does not vary. Source: Johnson 2005, J. Research in
    Personality 39, p. 110; Meade & Craig 2012.
    """
    edges = np.cumsum([0, *sizes])
    wide = [slice(start, end) for start, end in pairwise(edges) if end - start > 1]
    if len(wide) < MIN_CONSTRUCTS:
        return np.full(len(answers), np.nan)
    odd = np.column_stack([_row_means(answers[:, part][:, 0::2]) for part in wide])
    even = np.column_stack([_row_means(answers[:, part][:, 1::2]) for part in wide])
    both = ~np.isnan(odd) & ~np.isnan(even)
    count = both.sum(axis=1)
    first, second = _centred(odd, both), _centred(even, both)
    power = (first**2).sum(axis=1) * (second**2).sum(axis=1)
    usable = (count >= MIN_CONSTRUCTS) & (power > 1e-18)
    r = (first * second).sum(axis=1) / np.sqrt(np.where(usable, power, 1.0))
    return np.where(usable, 2 * r / (1 + np.abs(r)), np.nan)


def closest_match(codes: Ints, *, min_share: float) -> tuple[Floats, Ints] | None:
    """Largest share of identical answers with an earlier row, and that row, where it is `min_share` or more.

    `codes` are rows × questions, −1 where nothing was answered, which counts as different. Rows without such a
    neighbour have share NaN and partner −1. None when more pairs would have to be compared than is feasible.

    Two rows that differ in at most d of m questions agree throughout in one of d + 1 parts of the questionnaire, so
    only rows that share a part are compared, by matrix products over indicator columns; where that saves nothing, all
    rows are. Source: percent match: Kuriakose & Robbins 2016, Statistical J. of the IAOS 32; d + 1 parts: Manku, Jain
    & Das Sarma 2007, WWW.
    """
    rows, questions = codes.shape
    differing = int(np.floor(questions * (1 - min_share) + 1e-9))
    buckets = list(_sharing_a_part(codes, differing + 1)) if differing + 1 < questions else [np.arange(rows)]
    if sum(len(bucket) ** 2 for bucket in buckets) > rows**2:
        buckets = [np.arange(rows)]
    if sum(len(bucket) ** 2 for bucket in buckets) > 2 * MAX_PAIRS:
        return None
    needed = questions - differing
    best, partner = np.zeros(rows, dtype=np.int64), np.full(rows, -1, dtype=np.int64)
    for bucket in buckets:
        _compare(codes, bucket, needed, best, partner)
    return np.where(partner >= 0, best / questions, np.nan), partner


def _compare(codes: Ints, bucket: Ints, needed: int, best: Ints, partner: Ints) -> None:
    """Raise `best` and `partner` of the rows of one bucket (ascending) by comparing each with those before it."""
    chosen = codes[bucket]
    indicators = _indicators(chosen) if len(bucket) > FEW else None
    for start in range(0, len(bucket), BLOCK):
        end = min(start + BLOCK, len(bucket))
        if indicators is None:
            here = chosen[start:end, None, :]
            same = ((here == chosen[None, :end, :]) & (here >= 0)).sum(axis=2, dtype=np.float32)
        else:
            same = indicators[start:end] @ indicators[:end].T
        same[np.arange(end)[None, :] >= np.arange(start, end)[:, None]] = -1
        place = same.argmax(axis=1)
        most = same[np.arange(end - start), place].astype(np.int64)
        rows = bucket[start:end]
        better = (most >= needed) & (most > best[rows])
        best[rows[better]] = most[better]
        partner[rows[better]] = bucket[place[better]]


def _sharing_a_part(codes: Ints, parts: int) -> Iterator[Ints]:
    """Rows that gave the same answers throughout one of the `parts` of the questionnaire, ascending."""
    for columns in np.array_split(np.arange(codes.shape[1]), parts):
        answered = np.flatnonzero((codes[:, columns] >= 0).all(axis=1))
        if len(answered) < 2:
            continue
        _, place = like_rows(codes[np.ix_(answered, columns)])
        order = np.argsort(place, kind="stable")
        for bucket in np.split(answered[order], np.cumsum(np.bincount(place))[:-1]):
            if len(bucket) > 1:
                yield bucket


def _indicators(codes: Ints) -> NDArray[np.float32]:
    columns = [codes[:, [k]] == np.arange(codes[:, k].max() + 1) for k in range(codes.shape[1])]
    return np.concatenate(columns, axis=1).astype(np.float32)


def _row_means(answers: Floats) -> Floats:
    answered = ~np.isnan(answers)
    count = answered.sum(axis=1)
    total = np.where(answered, answers, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _centred(values: Floats, used: Mask) -> Floats:
    count = np.maximum(used.sum(axis=1), 1)
    mean = np.where(used, values, 0.0).sum(axis=1) / count
    return np.where(used, values - mean[:, None], 0.0)
