"""Heterotrait–monotrait ratios: are two constructs told apart by their items?"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.edition.instrument import Instrument
from analysis.measurement.answers import Answers, check_usable, complete_answers

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[Any]
_BLOCK = 8192
"""Rows whose products are held at a time."""
_UNITS = 20_000
"""Units that a bootstrap draws from at most."""


def heterotrait_ratios(
    responses: pd.DataFrame,
    *,
    instrument: Instrument,
    weights: pd.Series | None = None,
    confidence: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """HTMT of every pair of constructs from the rows that answered all items.

    Columns: construct, other, n, htmt, htmt_low, htmt_high (percentiles of a bootstrap in which every row counts a
    Poisson(1) number of times). NaN where a construct has one item. Raises MethodError when rows are too few, or an
    item is constant or repeats others. Formula: the mean absolute correlation between the items of two constructs over
    the geometric mean of the mean absolute correlations within each (Henseler, Ringle & Sarstedt 2015, eq. 6);
    bootstrap: Hanley & MacGibbon (2006).
    """
    import pandas as pd

    answers = complete_answers(responses, instrument.item_keys, weights)
    check_usable(answers, least=2 * len(answers.items))
    owner = [number for number, construct in enumerate(instrument.constructs) for _ in construct.items]
    belongs = np.eye(len(instrument.constructs))[owner].T
    ratios = ratios_of(answers.correlation, belongs)
    tail = (1 - confidence) / 2
    drawn = ratios_of(_resampled(answers, replicates, seed), belongs)
    low, high = np.quantile(drawn, (tail, 1 - tail), axis=0)
    keys = [construct.key for construct in instrument.constructs]
    rows = [
        {
            "construct": keys[i],
            "other": keys[j],
            "n": answers.n,
            "htmt": ratios[i, j],
            "htmt_low": low[i, j],
            "htmt_high": high[i, j],
        }
        for i, j in combinations(range(len(keys)), 2)
    ]
    return pd.DataFrame(rows, columns=["construct", "other", "n", "htmt", "htmt_low", "htmt_high"])


def ratios_of(correlation: Array, belongs: Array) -> Array:
    """HTMT (… × m × m) of correlations (… × p × p) of items that `belongs` (m × p, 0 or 1) assigns to constructs."""
    size = belongs.sum(axis=1)
    sums = belongs @ np.abs(correlation) @ belongs.T
    within = np.diagonal(sums, axis1=-2, axis2=-1) - size
    count = np.where(size > 1, size * (size - 1), np.nan)  # a single item has no correlation of its own
    mono = within / count
    return np.asarray(sums / np.outer(size, size) / np.sqrt(mono[..., :, None] * mono[..., None, :]))


def _resampled(answers: Answers, replicates: int, seed: int) -> Array:
    """Correlations of `replicates` resamples, replicates × p × p, in one pass over the rows.

    More than `_UNITS` rows are put together at random in so many units of about the same size, which are drawn as
    wholes: all rows count, sums are the same, and how far they move is known to 1/√(2·_UNITS) of itself, 0.5 %.
    """
    random = np.random.default_rng(seed)
    p = len(answers.items)
    first, second = np.triu_indices(p)
    units, order = min(answers.n, _UNITS), np.arange(answers.n)
    if units < answers.n:
        order = np.random.default_rng([seed, 1]).permutation(answers.n)
    starts = np.arange(units) * answers.n // max(units, 1)
    mass, sums = np.zeros(replicates), np.zeros((replicates, p))
    products = np.zeros((replicates, len(first)))
    step = max(_BLOCK * units // max(answers.n, 1), 1)
    for start in range(0, units, step):
        own = starts[start : start + step]
        rows = order[own[0] : starts[start + step] if start + step < units else answers.n]
        block, weight = answers.values[rows] - answers.means, answers.weights[rows, None]  # noqa: PD011 - an array
        counted = random.poisson(1.0, size=(replicates, len(own))).astype(np.float64)
        added = [weight, weight * block, weight * block[:, first] * block[:, second]]
        mine, linear, square = (np.add.reduceat(part, own - own[0]) for part in added)
        mass += counted @ mine[:, 0]
        sums += counted @ linear
        products += counted @ square
    mean = sums / mass[:, None]
    covariance = np.empty((replicates, p, p))
    covariance[:, first, second] = covariance[:, second, first] = products / mass[:, None]
    covariance -= mean[:, :, None] * mean[:, None, :]
    deviations = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    return np.asarray(covariance / (deviations[:, :, None] * deviations[:, None, :]))
