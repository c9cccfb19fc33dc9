"""Who did not answer: the R-indicator of the response, its parts by variable, and respondents against the margins.

Sources: Schouten, Cobben & Bethlehem 2009, Survey Methodology 35, 101–113 (R-indicator); Schouten, Shlomo & Skinner
2011, Journal of Official Statistics 27, 231–253 (partial indicators); Shlomo, Skinner & Schouten 2012 (bias).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

DRAWS = 1000
"""Draws of the response behind the standard error of R."""


@dataclass(frozen=True)
class RIndicator:
    """R of the response with its interval, unadjusted R, and the partial indicators of every variable.

    variables: variable, categories, unconditional, conditional, low_category, low_rate, low_n, high_category,
    high_rate, high_n (customers of the category).
    """

    r: float
    se: float
    ci_low: float
    ci_high: float
    unadjusted: float
    rate: float
    n: int
    cells: int
    variables: pd.DataFrame

    def record(self) -> dict[str, float | int]:
        """Plain values by name."""
        names = ("r", "se", "ci_low", "ci_high", "unadjusted", "rate", "n", "cells")
        return {name: getattr(self, name) for name in names}


def has_r_indicator(customers: pd.DataFrame, *, variables: Sequence[str]) -> bool:
    """Whether R can be found: two eligible customers of whom all `variables` are known, and a response among them."""
    eligible, response = _described(customers, variables)
    return bool(variables and eligible.sum() > 1 and response[eligible].any())


def r_indicator(
    customers: pd.DataFrame,
    *,
    variables: Sequence[str],
    weights: ArrayLike | None = None,
    confidence: float = 0.95,
    seed: int = 0,
) -> RIndicator:
    """R = 1 − 2·S(ρ̂) of the response of `customers` (column outcome, and `variables` known for all of them).

    ρ̂ is the (weighted) response rate in the cell of all `variables`, which a saturated logistic model gives too; a
    response is an interview, complete or partial; customers found not eligible are left out. S² = Σ d(ρ̂ − ρ̄)²/(Σd − 1).
    `r` is adjusted for what sampling error adds to S²: Σ_c W_c·v_c − Σ_c W_c²·v_c with v_c = ρ̂_c(1 − ρ̂_c)/(n_c − 1) and
    W_c the cell's share; its standard error comes from binomial draws of the responses. R = 1: everybody answers as
    readily. Partial indicators of a variable, adjusted in the same way: unconditional √Σ_k W_k(ρ̄_k − ρ̄)², between its
    categories; conditional √Σ_l Σ_c W_c(ρ̂_c − ρ̄_l)², within the cells l of the others. Raises MethodError without
    customers, variables or responses.
    """
    eligible, response = _described(customers, variables)
    kept, answered = customers[eligible], response[eligible]
    d = np.ones(len(kept)) if weights is None else np.asarray(weights, dtype=np.float64)[eligible]
    if not has_r_indicator(customers, variables=variables):
        raise MethodError("The R-indicator needs responses and variables known for all.", got=f"{len(kept)} customers")
    keys = kept[list(variables)].astype(str).reset_index(drop=True)
    grouped = keys.assign(n=1, d=d, r=answered * d).groupby(list(variables), sort=True)
    cells = grouped.agg(n=("n", "sum"), d=("d", "sum"), r=("r", "sum")).reset_index()
    total, n = float(cells["d"].sum()), cells["n"].to_numpy(dtype=np.float64)
    share, rate = (cells["d"] / total).to_numpy(), (cells["r"] / cells["d"]).to_numpy()
    factor = total / (total - 1)
    unadjusted = 1 - 2 * math.sqrt(factor * _spread(rate, share))
    r = float(_adjusted(rate[None, :], share, n, factor)[0])
    rng = np.random.default_rng([seed, len(cells)])
    drawn = rng.binomial(n.astype(np.int64), rate, size=(DRAWS, len(n))) / n
    se = float(_adjusted(drawn, share, n, factor).std(ddof=1))
    half = _quantile(confidence) * se
    cells = cells.assign(share=share, part=share * rate, noise=rate * (1 - rate) / np.maximum(n - 1, 1))
    parts = [_partial(cells, name, [v for v in variables if v != name]) for name in variables]
    return RIndicator(
        r=r,
        se=se,
        ci_low=max(r - half, 0.0),
        ci_high=min(r + half, 1.0),
        unadjusted=unadjusted,
        rate=float((rate * share).sum()),
        n=len(kept),
        cells=len(cells),
        variables=pd.DataFrame(parts),
    )


def _described(customers: pd.DataFrame, variables: Sequence[str]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Who is eligible with all variables known, and who answered."""
    known = customers[list(variables)].notna().all(axis=1).to_numpy()
    return (customers["outcome"] != "NE").to_numpy() & known, customers["outcome"].isin(["I", "P"]).to_numpy()


def margin_gaps(
    responses: pd.DataFrame, population: pd.DataFrame, *, questions: Sequence[str], weights: ArrayLike | None = None
) -> pd.DataFrame:
    """Distance of the respondents from the population, one row per question that both have.

    `population` has the columns variable, category, population. Returns question, n, dissimilarity (½·Σ|s − p|, the
    share of respondents that would have to be others), over_category with over_gap and under_category with under_gap
    (s − p, 0–1): the most over- and under-represented. Shares s are weighted by `weights` (design weights).
    """
    w = pd.Series(np.ones(len(responses)) if weights is None else np.asarray(weights), index=responses.index)
    rows = []
    for question in questions:
        margins = population[population["variable"].astype(str) == question]
        if question not in responses or margins.empty:
            continue
        answers = responses[question]
        target = margins.set_index(margins["category"].astype(str))["population"].astype(float)
        found = w[answers.notna()].groupby(answers[answers.notna()].astype(str)).sum().reindex(target.index)
        gap = (found.fillna(0) / found.sum() - target / target.sum()).astype(float)
        rows.append(
            {
                "question": question,
                "n": int(answers.notna().sum()),
                "dissimilarity": float(gap.abs().sum() / 2),
                "over_category": str(gap.idxmax()),
                "over_gap": float(gap.max()),
                "under_category": str(gap.idxmin()),
                "under_gap": float(gap.min()),
            }
        )
    columns = ["question", "n", "dissimilarity", "over_category", "over_gap", "under_category", "under_gap"]
    return pd.DataFrame(rows, columns=columns)


def _spread(rate: Floats, share: Floats) -> float:
    """Variance of the propensities between the cells."""
    mean = float((rate * share).sum())
    return float((share * (rate - mean) ** 2).sum())


def _adjusted(rates: Floats, share: Floats, n: Floats, factor: float) -> Floats:
    """R of every row of `rates` (draws × cells), with the sampling part of S² taken out."""
    mean = rates @ share
    between = ((rates - mean[:, None]) ** 2) @ share
    noise = rates * (1 - rates) / np.maximum(n - 1, 1)
    spread = np.maximum(factor * (between - noise @ share + noise @ share**2), 0.0)
    return np.asarray(1 - 2 * np.sqrt(spread), dtype=np.float64)


def _partial(cells: pd.DataFrame, name: str, others: list[str]) -> dict[str, Any]:
    by = cells.groupby(name, sort=True)[["share", "part", "n"]].sum()
    rates = by["part"] / by["share"]
    whole = _between(cells, [])
    return {
        "variable": name,
        "categories": len(by),
        "unconditional": math.sqrt(max(whole - _between(cells, [name]), 0.0)),
        "conditional": math.sqrt(max(_between(cells, others), 0.0)),
        "low_category": str(rates.idxmin()),
        "low_rate": float(rates.min()),
        "low_n": int(by["n"].iloc[int(rates.to_numpy().argmin())]),
        "high_category": str(rates.idxmax()),
        "high_rate": float(rates.max()),
        "high_n": int(by["n"].iloc[int(rates.to_numpy().argmax())]),
    }


def _between(cells: pd.DataFrame, groups: list[str]) -> float:
    """Variance of the cells' propensities within `groups` (all cells: []), less what sampling error adds to it."""
    table = cells.assign(square=cells["share"] ** 2 * cells["noise"])
    grouped = table.groupby(groups) if groups else table.groupby(np.zeros(len(table)))
    sums = grouped[["share", "part", "square"]].transform("sum")
    rate, centre = table["part"] / table["share"], sums["part"] / sums["share"]
    variance = float((table["share"] * (rate - centre) ** 2).sum())
    expected = (table["share"] * table["noise"] - table["square"] / sums["share"]).sum()
    return variance - float(expected)


def _quantile(confidence: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(0.5 + confidence / 2))
