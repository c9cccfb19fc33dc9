"""Does it take longer for some customers than for others, with the same matter by the same way?

Mean time to close up to the end of the records, by regression on pseudo-observations (Andersen, Hansen & Klein 2004),
so that open tickets count; the pseudo-observations are those of the infinitesimal jackknife (Parner, Andersen &
Overgaard 2023).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.service.clocks import product_limit
from analysis.service.tickets import asked_of, end_of, known_tickets
from analysis.survey.estimation.differences import Adjustment, adjust_p_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis.edition.sections.service import Service

    Floats = NDArray[np.float64]

EQUITY_COLUMNS = ("category", "n", "open", "mean", "difference", "ci_low", "ci_high", "p_adjusted")
FEW = 5
"""Tickets of a group below which it is not told apart."""


def pseudo_times(duration: Floats, ended: NDArray[np.bool_], *, horizon: float) -> Floats:
    """What each case (n) adds to the restricted mean: their mean is that mean, and they can be regressed on anything.

    θ + IF_i with IF_i = −n [ended_i b(t_i)/Y(t_i) − Σ_{u ≤ t_i} b(u) d(u)/Y(u)²], where b(u) is the area below the
    curve from u to the horizon.
    """
    curve = product_limit(duration, ended)
    mean, _ = curve.restricted_mean(horizon)
    inside = curve.times < horizon
    times, survival = curve.times[inside], curve.survival[inside]
    areas = np.concatenate([[1.0], survival]) * np.diff(np.concatenate([[0.0], times, [horizon]]))
    beyond = areas[::-1].cumsum()[::-1][1:]
    risk, events = curve.at_risk[inside], curve.events[inside]
    running = np.concatenate([[0.0], np.cumsum(beyond * events / risk**2)])
    upto = np.searchsorted(times, duration, side="right")
    own = np.zeros(len(duration))
    happened = ended & (duration < horizon)
    place = np.searchsorted(times, duration[happened])
    own[happened] = beyond[place] / risk[place]
    return np.asarray(mean - len(duration) * (own - running[upto]))


def handling_equity(
    feedback: pd.DataFrame,
    *,
    service: Service,
    question: str = "customer_type",
    adjust: Sequence[str] = ("triage_class", "channel", "institution_type"),
    adjustment: Adjustment = "holm",
) -> pd.DataFrame | None:
    """Days until a ticket is closed by the answers to `question`; None where the tickets do not tell them.

    EQUITY_COLUMNS: mean days as they were, and the difference from all the others with the same `adjust` (least
    squares, errors of White 1980, HC1), its interval and p over all groups.
    """
    if "closed_at" not in feedback or not asked_of(feedback, [question]):
        return None
    known, last = known_tickets(feedback, service=service)
    known = known[known[question].notna().to_numpy()]
    sizes = known[question].value_counts()
    groups = sorted(str(name) for name in sizes.index[sizes >= FEW])
    known = known[known[question].astype(str).isin(groups).to_numpy()]
    if len(groups) < 2:
        return None
    end = end_of(last)
    ended = known["closed_at"].notna().to_numpy()
    days = (known["closed_at"].fillna(end) - known["received_at"]).dt.total_seconds().to_numpy() / 86400
    horizon = float((end - known["received_at"].min()).total_seconds() / 86400)
    values = pseudo_times(days, ended, horizon=horizon)
    code = pd.Categorical(known[question].astype(str), categories=groups).codes
    table = _differences(values, code, _dummies(known, asked_of(known, adjust)), groups, service.confidence)
    inside = [code == place for place in range(len(groups))]
    means = [product_limit(days[own], ended[own]).restricted_mean(horizon)[0] for own in inside]
    counts = {"n": [int(own.sum()) for own in inside], "open": [int((own & ~ended).sum()) for own in inside]}
    table = table.assign(**counts, mean=means)
    table["p_adjusted"] = adjust_p_values(table["p"].to_numpy(dtype=float), method=adjustment)
    return table[list(EQUITY_COLUMNS)].assign(group=f"ticket.{question}=" + table["category"], question=question)


def _dummies(known: pd.DataFrame, questions: Sequence[str]) -> Floats:
    """One column for each answer but the first of every question."""
    parts = [
        pd.get_dummies(known[name].astype(object).fillna(""), drop_first=True).to_numpy(dtype=np.float64)
        for name in questions
    ]
    return np.column_stack([np.empty((len(known), 0)), *parts])


def _differences(
    values: Floats, code: NDArray[Any], background: Floats, groups: Sequence[str], confidence: float
) -> pd.DataFrame:
    """Each group against the mean of the others, weighted by their size."""
    from scipy.special import ndtri, stdtr

    count, rows = len(groups), len(values)
    own = (code[:, None] == np.arange(count)).astype(np.float64)
    design = np.column_stack([own, background - background.mean(axis=0)])
    inverse = np.linalg.pinv(design.T @ design)
    coefficients = inverse @ design.T @ values
    left = values - design @ coefficients
    freedom = rows - int(np.linalg.matrix_rank(design))
    scores = design * left[:, None]
    covariance = inverse @ (scores.T @ scores) @ inverse * rows / freedom
    sizes = own.sum(axis=0)
    contrast = np.eye(count) - (1 - np.eye(count)) * sizes / (rows - sizes)[:, None]
    gap = contrast @ coefficients[:count]
    se = np.sqrt(np.einsum("ij,jk,ik->i", contrast, covariance[:count, :count], contrast))
    half = float(ndtri(0.5 + confidence / 2)) * se
    p = 2 * stdtr(freedom, -np.abs(gap) / se)
    return pd.DataFrame(
        {"category": list(groups), "difference": gap, "ci_low": gap - half, "ci_high": gap + half, "p": p}
    )
