"""Weighted quantiles with Woodruff intervals, overall and by domain.

The quantile is the smallest answer at which the weighted share of answers as small or smaller reaches p (R survey:
qrule "math"). Its interval inverts that of the share: with s = share of answers ≤ q and its standard error from the
design, the bounds are the quantiles at s ± t·se (Woodruff 1952; R: svyquantile, interval.type "mean"), and the standard
error is their distance over 2t. A bound outside 0–1 is missing, as in R. It differs from R survey 4.1 in two corners:
below the share of the smallest answer R returns the second smallest, this module the smallest; and where a share meets
p exactly R compares rounded sums, so that of 100 equal weights it takes the 91st answer for p = 0.9, this one the 90th.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.survey.design.codes import domain_codes
from analysis.survey.design.survey_design import design_of
from analysis.survey.estimation.estimates import answers
from analysis.survey.estimation.linearisation import estimate_domains

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis.survey.design.survey_design import SurveyDesign

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

QUANTILE_COLUMNS = ("variable", "category", "probability", "estimate", "se", "ci_low", "ci_high", "n")
ROUNDING = 1e-12
"""Shares closer than this are the same share."""


def quantiles(
    values: pd.DataFrame,
    probabilities: Sequence[float],
    *,
    design: SurveyDesign | None = None,
    domain: pd.Series[Any] | None = None,
    confidence: float = 0.95,
    ascending: Sequence[Codes] | None = None,
) -> pd.DataFrame:
    """Estimate the quantiles of every column in every category of `domain`; arguments as in `means`.

    `ascending`: of every column the rows with an answer, the smallest first, where that order is known.

    Returns variable, category, probability, estimate, se, ci_low, ci_high and n; se and a bound are missing where the
    share's interval leaves 0–1. Raises MethodError for a probability outside 0–1, and as `means` does.
    """
    p = np.asarray(probabilities, dtype=np.float64)
    if not len(p) or ((p <= 0) | (p >= 1)).any():
        raise MethodError("Quantiles lie between 0 and 1.", expected="such as 0.25, 0.5", got=str(list(probabilities)))
    rows = len(values)
    chosen = design_of(design, rows)
    part, columns = domain_codes(domain, rows), answers(values).astype(np.float64, copy=False)
    if not part.count or not columns.shape[1]:
        return pd.DataFrame(columns=list(QUANTILE_COLUMNS))
    orders = [_ascending(column) for column in columns.T] if ascending is None else ascending
    ladders = [
        _Ladder(column, order, chosen.weights, part.codes, part.count)
        for column, order in zip(columns.T, orders, strict=True)
    ]
    # domain × variable × probability
    found = np.stack([ladder.at(np.tile(p, (part.count, 1))) for ladder in ladders], axis=1)
    below = _at_or_below(columns, found, part.codes)
    share = estimate_domains(below, None, design=chosen, domains=part, kind="ratio")
    half = _half_width(share.degrees, confidence) * np.sqrt(share.variance)
    bounds = [
        np.stack([ladder.at(side.reshape(found.shape)[:, place]) for place, ladder in enumerate(ladders)], axis=1)
        for side in (share.estimate - half, share.estimate + half)
    ]
    t = _half_width(share.degrees, confidence).reshape(found.shape)
    flat = {"estimate": found, "se": (bounds[1] - bounds[0]) / (2 * t), "ci_low": bounds[0], "ci_high": bounds[1]}
    flat["n"] = share.n.reshape(found.shape)
    table = pd.DataFrame({name: column.transpose(1, 0, 2).ravel() for name, column in flat.items()})
    names = [str(name) for name in values.columns]
    table["variable"] = np.repeat(names, part.count * len(p))
    table["category"] = pd.Series(
        list(np.repeat(np.array(part.names, dtype=object), len(p))) * len(names), dtype=object
    )
    table["probability"] = np.tile(p, part.count * len(names))
    return table.astype({"n": np.int64})[list(QUANTILE_COLUMNS)]


class _Ladder:
    """One variable's answers in ascending order within each domain, with the share of weight up to each."""

    def __init__(self, column: Floats, order: Codes, weights: Floats, codes: Codes, count: int) -> None:
        rows = order[(codes[order] >= 0) & (weights[order] != 0)]
        rows = rows[np.argsort(codes[rows].astype(np.int32), kind="stable")]
        self.values, domain = column[rows], codes[rows]
        self.size = np.bincount(domain, minlength=count)
        total = np.bincount(domain, weights=weights[rows], minlength=count)
        running = np.cumsum(weights[rows])
        before = np.concatenate([[0.0], np.cumsum(total)])[:-1]
        # Domain d's shares lie in d … d + 1, so that one search serves all domains.
        # Where a weight is negative the share falls again: its running maximum tells where a value is first reached.
        self.steps = np.maximum.accumulate(domain + np.minimum((running - before[domain]) / total[domain], 1.0))
        self.starts = np.concatenate([[0], np.cumsum(self.size)])[:-1]

    def at(self, share: Floats) -> Floats:
        """The smallest answer whose share reaches `share` (domains × any), missing outside 0–1 and in empty domains."""
        domain = np.arange(len(self.size))[:, None]
        known = (share >= 0) & (share <= 1) & (self.size[:, None] > 0)
        place = np.searchsorted(self.steps, domain + np.where(known, share, 0.5) - ROUNDING)
        place = np.clip(place, self.starts[:, None], np.maximum(self.starts + self.size - 1, 0)[:, None])
        if not len(self.values):
            return np.full(share.shape, np.nan)
        return np.where(known, self.values[np.minimum(place, len(self.values) - 1)], np.nan)


def _ascending(column: Floats) -> Codes:
    """The rows with an answer, the smallest first."""
    return np.argsort(column, kind="stable")[: int((~np.isnan(column)).sum())]


def _at_or_below(columns: Floats, found: Floats, codes: Codes) -> Floats:
    """1 where an answer is at or below the quantile of its domain: rows × (variable × probability)."""
    limit = found[np.maximum(codes, 0)]
    return np.where(np.isnan(columns)[:, :, None], np.nan, columns[:, :, None] <= limit).reshape(len(columns), -1)


def _half_width(degrees: Floats, confidence: float) -> Floats:
    """t of the domain's degrees of freedom."""
    from scipy.special import stdtrit

    if not 0 < confidence < 1:
        raise MethodError("The confidence must lie between 0 and 1.", expected="such as 0.95", got=str(confidence))
    return np.asarray(stdtrit(np.where(degrees > 0, degrees, np.nan), 0.5 + confidence / 2), dtype=np.float64)
