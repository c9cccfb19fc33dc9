"""How often attentive respondents give one answer throughout: the share that a rule against it would wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.survey.cleaning.screening import longest_run, longest_runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

DRAWS = 20_000
"""Simulated respondents: the error of a share of 1 % is 0.07 points."""
MOST_ROWS = 20_000
"""Interviews that correlations are taken from, evenly over the file."""
SIZES, HOMOGENEITY = (10, 16, 24, 40), (0.5, 0.7)
CONTENT = {
    "even": (0.05, 0.15, 0.3, 0.35, 0.15),
    "content": (0.02, 0.05, 0.13, 0.4, 0.4),
    "very content": (0.01, 0.03, 0.06, 0.25, 0.65),
}
"""Shares of the answers 1 to 5 among customers of three kinds."""


def attentive_share(answers: Floats, *, limit: float, blocks: Sequence[Ints] = (), seed: int = 0) -> float:
    """Share of attentive respondents with a run of one answer over at least `limit` of the items.

    `blocks`: places of the items that share a scale (none: all do); runs are counted in each, and added up.

    They are simulated like those of `answers` (rows × items, NaN where not answered): every item with the shares of its
    answers, all items with their correlations, each answer chosen by itself. Normal variables are cut at the shares;
    their correlations are raised until those of the cut answers are the observed ones on average. 1 where there is
    nothing to simulate from: fewer than two items that vary.
    """
    rows = answers[:: thinning(len(answers))]
    varied = [column for column in rows.T if len(np.unique(column[~np.isnan(column)])) > 1]
    if len(varied) < 2 or len(varied) < answers.shape[1]:
        return 1.0
    observed = pd.DataFrame(np.column_stack(varied)).corr(min_periods=5).fillna(0).to_numpy(copy=True)
    shares = [pd.Series(column).value_counts(normalize=True).sort_index() for column in varied]
    wanted, factor, draws = _mean_correlation(observed), 1.0, _draws(len(observed), seed)
    for _ in range(3):
        drawn = _cut(_normal(observed * factor, draws), shares)
        found = _mean_correlation(_correlations(drawn))
        if not found > 0 or not wanted > 0:
            break
        factor *= wanted / found
    blocks = blocks or [np.arange(len(drawn))]
    return float((longest_runs(drawn.T, blocks) >= limit * sum(map(len, blocks))).mean())


def thinning(rows: int) -> int:
    """Every which of so many interviews correlations are taken from."""
    return max(1, rows // MOST_ROWS)


def short_scales(limit: float, *, seed: int = 0) -> pd.DataFrame:
    """The same share for homogeneous scales of one construct: answers, items, shared, share.

    `answers` is how content the customers are, `shared` the variance that any two items share as a correlation, `share`
    what a rule against one answer throughout would wrong by itself.
    """
    entries = []
    for items in SIZES:
        draws = _draws(items, seed)
        for shared in HOMOGENEITY:
            normal = _normal(np.full((items, items), shared), draws)
            for name, shares in CONTENT.items():
                run = longest_run(_cut(normal, [pd.Series(shares, index=range(1, len(shares) + 1))] * items).T)
                entries.append((name, items, shared, float((run >= limit * items).mean())))
    told = pd.DataFrame(entries, columns=["answers", "items", "shared", "share"])
    return pd.concat([told[told["answers"] == name] for name in CONTENT], ignore_index=True)


def _draws(items: int, seed: int) -> Floats:
    """Independent standard normal variables, items × respondents."""
    return np.ascontiguousarray(np.random.default_rng(seed).standard_normal((DRAWS, items)).T)


def _normal(correlation: Floats, draws: Floats) -> Floats:
    """Normal variables, items × respondents, with these correlations off the diagonal, as far as they can be."""
    raised = np.clip(correlation, -0.99, 0.99)
    np.fill_diagonal(raised, 1.0)
    values, vectors = np.linalg.eigh(raised)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    root /= np.linalg.norm(root, axis=1, keepdims=True)
    return np.asarray(root @ draws)


def _cut(normal: Floats, shares: Sequence[pd.Series[float]]) -> Floats:
    """Answers (items × respondents) with these shares (by answer, in order) from normal variables."""
    from scipy.special import ndtri

    answers = np.empty_like(normal)
    for item, told, answer in zip(normal, shares, answers, strict=True):
        place = np.zeros(len(item), dtype=np.intp)
        for cut in ndtri(np.clip(np.cumsum(told.to_numpy(dtype=float))[:-1], 1e-9, 1 - 1e-9)):
            place += item > cut  # a few comparisons take half the time of a search
        answer[:] = told.index.to_numpy(dtype=float)[place]
    return answers


def _correlations(answers: Floats) -> Floats:
    """Correlations of items × respondents; 0 with an item that all answer alike."""
    centred = answers - answers.mean(axis=1, keepdims=True)
    spread = np.sqrt((centred**2).sum(axis=1))
    unit = np.divide(centred, spread[:, None], out=np.zeros_like(centred), where=spread[:, None] > 0)
    return np.asarray(unit @ unit.T)


def _mean_correlation(correlation: Floats) -> float:
    above = np.triu_indices(len(correlation), 1)
    return float(correlation[above].mean())
