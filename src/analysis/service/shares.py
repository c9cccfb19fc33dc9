"""Shares of independent cases: Wilson's interval, and groups held against all the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[Any]


def wilson(hits: Floats, n: Floats, *, confidence: float) -> tuple[Floats, Floats]:
    """Score interval of a share (Wilson 1927)."""
    from scipy.special import ndtri

    z2 = ndtri(0.5 + confidence / 2) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        share, scale = hits / n, 1 + z2 / n
        middle = (share + z2 / (2 * n)) / scale
        half = np.sqrt(z2) * np.sqrt(share * (1 - share) / n + z2 / (4 * n**2)) / scale
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def groups_of(frame: pd.DataFrame, questions: Sequence[str]) -> list[tuple[str, str, NDArray[np.bool_]]]:
    """Question, category and rows: everybody first (both empty), then each answer to each question."""
    found = [("", "", np.ones(len(frame), dtype=bool))]
    for question in questions:
        text = frame[question].astype(object).map(str, na_action="ignore")
        found += [(question, code, (text == code).to_numpy()) for code in sorted(text.dropna().unique())]
    return found


def shares_by_question(
    frame: pd.DataFrame, hit: NDArray[np.bool_], questions: Sequence[str], *, confidence: float
) -> pd.DataFrame:
    """Share of hits over all rows (question and category empty), then of the groups of each question."""
    n, hits = float(len(frame)), float(hit.sum())
    low, high = wilson(np.array([hits]), np.array([n]), confidence=confidence)
    share = hits / n if n else np.nan
    whole = {"question": "", "category": "", "n": int(n), "share": share, "ci_low": low[0], "ci_high": high[0]}
    parts = [pd.DataFrame([whole])]
    for question in questions:
        told = frame[question].notna().to_numpy()
        if told.any():
            table = shares_of_groups(frame.loc[told, question], hit[told], confidence=confidence)
            parts.append(table.assign(question=question))
    return pd.concat(parts, ignore_index=True)


def more_or_fewer(one: int, other: int) -> int:
    """1 or −1 where one of two counts is the larger by more than chance (two Poisson counts, at 95 %), else 0."""
    chance = 1.959963984540054 * float(np.sqrt(one + other))
    return int(np.sign(one - other)) if abs(one - other) > chance else 0


def shares_of_groups(group: pd.Series[Any], hit: NDArray[np.bool_], *, confidence: float) -> pd.DataFrame:
    """One row per group of the cases (n): its share of hits beside that of all others.

    Columns: category, n, share with Wilson interval (ci_low, ci_high), others, difference with Newcombe's interval
    (1998, method 10: difference_low, difference_high), p of the score test.
    """
    codes, place = np.unique(group.astype(object).astype(str).to_numpy(), return_inverse=True)
    n = np.bincount(place, weights=np.ones(len(group)), minlength=len(codes))
    hits = np.bincount(place, weights=hit.astype(np.float64), minlength=len(codes))
    rest, rest_hits = n.sum() - n, hits.sum() - hits
    low, high = wilson(hits, n, confidence=confidence)
    rest_low, rest_high = wilson(rest_hits, rest, confidence=confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        share, others = hits / n, rest_hits / rest
        gap = share - others
        gap_low = gap - np.sqrt((share - low) ** 2 + (rest_high - others) ** 2)
        gap_high = gap + np.sqrt((high - share) ** 2 + (others - rest_low) ** 2)
    return pd.DataFrame(
        {
            "category": codes,
            "n": n.astype(int),
            "share": share,
            "ci_low": low,
            "ci_high": high,
            "others": others,
            "difference": gap,
            "difference_low": gap_low,
            "difference_high": gap_high,
            "p": score_p(hits, n, rest_hits, rest),
        }
    )


def score_p(hits: Floats, n: Floats, other_hits: Floats, other: Floats) -> Floats:
    """Two-sided p of two independent shares by the score test, that is, Pearson's χ² of the fourfold table."""
    from scipy.special import chdtrc

    pooled = (hits + other_hits) / (n + other)
    with np.errstate(divide="ignore", invalid="ignore"):
        chi2 = (hits / n - other_hits / other) ** 2 / (pooled * (1 - pooled) * (1 / n + 1 / other))
    return np.asarray(chdtrc(1, chi2))
