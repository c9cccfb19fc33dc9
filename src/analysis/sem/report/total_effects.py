"""Total effects of constructs and of their items on the outcomes, in points of their 0–100 scores, with covariance.

A score is the mean of the items of its construct, so that one unit of the construct is worth the mean of its loadings
λ̄. What one point of the score of j does to the score of i is T_ij·λ̄_i/λ̄_j with the total effect T. An item says as much
of its construct as it weighs in the construct's regression score, λ/θ with the residual variance θ, adding up to 1 over
its items: its effect is that share of the construct's. Sources: Bollen 1987; Ringle & Sarstedt 2016 (importance and
performance at the level of items).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.sem.inference.effects import Array, causes, jacobian
from analysis.sem.report.solution import outcomes

if TYPE_CHECKING:
    import pandas as pd

    from analysis.edition.instrument import Instrument
    from analysis.sem.model.structure import Fitted, Matrices
    from analysis.sem.model.syntax import ModelSyntax


def total_effects(syntax: ModelSyntax, solution: Fitted, instrument: Instrument) -> pd.DataFrame:
    """Rows outcome, predictor, item (None: the construct), effect (points per point), and their covariance c0, c1, …

    One row for every construct with items and a route to such an outcome, then one for each of its items; the
    covariance of row k with row l stands in column c<l>, by the delta method.
    """
    import pandas as pd

    within = set(syntax.nodes)
    measured = [(p.lhs, p.rhs) for p in syntax.parameters if p.op == "=~" and p.rhs not in within]
    items = {key: found for key in syntax.latents if (found := [item for name, item in measured if name == key])}
    rows: list[tuple[str, str, str | None]] = []
    for outcome in (name for name in outcomes(syntax, instrument) if name in items):
        for predictor in (name for name in causes(syntax, outcome) if name in items):
            rows += [(outcome, predictor, None), *((outcome, predictor, item) for item in items[predictor])]
    place, number = solution.structure.latents, {item: line for line, item in enumerate(syntax.items)}
    own = {key: np.array([number[item] for item in names]) for key, names in items.items()}

    def effects(matrices: Matrices) -> Array:
        worth = {key: matrices.loadings[..., own[key], place[key]].mean(axis=-1) for key in own}
        weights = {key: _weights(matrices, own[key], place[key]) for key in own}
        found = []
        for outcome, predictor, item in rows:
            total = matrices.inverse[..., place[outcome], place[predictor]]
            effect = total * worth[outcome] / worth[predictor]
            found.append(effect if item is None else effect * weights[predictor][..., items[predictor].index(item)])
        return np.stack(found, axis=-1) if found else np.zeros(0)

    slopes = jacobian(solution, effects).reshape(len(solution.theta), -1)
    covariance = slopes.T @ solution.covariance @ slopes
    table = pd.DataFrame(rows, columns=["outcome", "predictor", "item"], dtype=object)
    table["effect"] = effects(solution.matrices).astype(np.float64)
    return pd.concat([table, pd.DataFrame(covariance, columns=[f"c{k}" for k in range(len(rows))])], axis=1)


def _weights(matrices: Matrices, items: Array, construct: int) -> Array:
    """Weight of each item of a construct in its score, adding up to 1; 1 for a single item."""
    if len(items) == 1:
        return np.ones(1)
    loadings = matrices.loadings[..., items, construct]
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = loadings / matrices.residual[..., items, items]
        return np.asarray(weights / weights.sum(axis=-1, keepdims=True))
