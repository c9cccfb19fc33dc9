"""Traces that careless answering leaves in a row of answers: one number per interview and trace.

NumPy only. Answers are rows × items, in questionnaire order, NaN where a question was not answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise
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

PAIRS_A_ROW, MOST_TOGETHER = 300, 4
"""Pairs for each interview from which on more parts of the questionnaire have to agree, and most of them that do."""

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

    Two rows that differ in at most d of m questions agree throughout in t of d + t parts of the questionnaire, so only
    rows that share t parts are compared: with t = 1, and with more where there are so many rows that too many share one
    part. Few rows are compared answer by answer, many by matrix products over indicator columns; where parts save
    nothing, all rows are. Source: percent match: Kuriakose & Robbins 2016, Statistical J. of the IAOS 32; d + t parts:
    Manku, Jain & Das Sarma 2007, WWW.
    """
    questions = codes.shape[1]
    differing = int(np.floor(questions * (1 - min_share) + 1e-9))
    groups = _comparable(codes, differing)
    if sum(group.pairs for group in groups) > 2 * MAX_PAIRS:
        return None
    closest = _Closest(codes, questions - differing)
    for group in groups:
        closest.compare(group)
    return np.where(closest.partner >= 0, closest.same / questions, np.nan), closest.partner


@dataclass(frozen=True)
class _Groups:
    """Rows in groups within which they are compared: group after group, ascending in each; size of every group."""

    rows: Ints
    sizes: Ints

    @property
    def pairs(self) -> int:
        """Ordered pairs to be compared."""
        return int((self.sizes**2).sum())


def _comparable(codes: Ints, differing: int) -> list[_Groups]:
    """Rows that may differ in no more than `differing` questions, in groups; all rows where groups save nothing."""
    rows, questions = codes.shape
    everybody = [_Groups(np.arange(rows), np.array([rows]))]
    best, fewest = everybody, everybody[0].pairs
    for together in range(1, MOST_TOGETHER + 1):
        if differing + together >= questions:
            break
        found = list(_sharing_parts(codes, differing + together, together))
        pairs = sum(groups.pairs for groups in found)
        if pairs <= fewest:
            best, fewest = found, pairs
        if pairs <= PAIRS_A_ROW * rows:
            break
    return best


def _sharing_parts(codes: Ints, parts: int, together: int) -> Iterator[_Groups]:
    """Rows that gave the same answers throughout in `together` of the `parts` of the questionnaire."""
    columns = np.array_split(np.arange(codes.shape[1]), parts)
    answered = [(codes[:, own] >= 0).all(axis=1) for own in columns]
    number = np.stack([like_rows(np.maximum(codes[:, own], 0))[1].astype(np.int32) for own in columns])
    for chosen in combinations(range(parts), together):
        rows = np.flatnonzero(np.logical_and.reduce([answered[part] for part in chosen]))
        _, group = like_rows(number[list(chosen)][:, rows].T)
        sizes = np.bincount(group)
        several = sizes[group] > 1
        rows, group = rows[several], group[several]
        yield _Groups(rows[np.argsort(group, kind="stable")], sizes[sizes > 1])


class _Closest:
    """The earlier row with most answers alike, of at least `needed`, as more and more pairs are compared."""

    def __init__(self, codes: Ints, needed: int) -> None:
        self.codes, self.needed = codes, needed
        self.same, self.partner = np.zeros(len(codes), dtype=np.int64), np.full(len(codes), -1, dtype=np.int64)

    def compare(self, groups: _Groups) -> None:
        """Compare every row with those before it in its group."""
        many = np.repeat(groups.sizes > FEW, groups.sizes)
        self._few(groups.rows[~many], groups.sizes[groups.sizes <= FEW])
        sizes = groups.sizes[groups.sizes > FEW]
        for group in np.split(groups.rows[many], np.cumsum(sizes)[:-1]):
            if len(group):
                self._many(group)

    def _few(self, rows: Ints, sizes: Ints) -> None:
        """All small groups at once: every row with the one so many places before it, the nearest last."""
        if not len(rows):
            return
        codes = self.codes[rows].astype(np.int16)
        place = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        for back in range(int(sizes.max()) - 1, 0, -1):
            later = np.flatnonzero(place >= back)
            for start in range(0, len(later), BLOCK):
                own = later[start : start + BLOCK]
                alike = (codes[own] == codes[own - back]) & (codes[own] >= 0)
                self._improve(rows[own], rows[own - back], alike.sum(axis=1))

    def _many(self, group: Ints) -> None:
        """One large group, by products of indicator columns."""
        indicators = _indicators(self.codes[group])
        for start in range(0, len(group), BLOCK):
            end = min(start + BLOCK, len(group))
            same = indicators[start:end] @ indicators[:end].T
            same[np.arange(end)[None, :] >= np.arange(start, end)[:, None]] = -1
            place = same.argmax(axis=1)
            most = same[np.arange(end - start), place].astype(np.int64)
            self._improve(group[start:end], group[place], most)

    def _improve(self, rows: Ints, others: Ints, same: Ints) -> None:
        better = (same >= self.needed) & (same > self.same[rows])
        self.same[rows[better]], self.partner[rows[better]] = same[better], others[better]


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
