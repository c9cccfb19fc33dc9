"""Asymmetry: does falling short cost more than doing well earns? Basic, performance and excitement factors.

Every predictor enters the regression of the outcome twice, by how far it lies below its middle and by how far above;
the middle is its weighted mean, taken as given. Penalty is what 10 points less cost below it, reward what 10 points
more bring above it, the others held constant. The classical contrast (Brandt 1987) compares the lowest with the
highest ratings, which lie at unequal distances from the middle where most people are content; slopes make the two
sides comparable (Mittal, Ross & Baldasare 1998, J. of Marketing 62, 33–47; Anderson & Mittal 2000; names of the
factors: Matzler & Sauerwein 2002)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.drivers.fitting import least_squares, pseudo_values, rank, with_intercept
from analysis.errors import MethodError
from analysis.survey.design.survey_design import design_of
from analysis.survey.estimation.differences import Adjustment, adjust_p_values
from analysis.survey.estimation.fixed import compare_with_fixed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.survey.design.survey_design import SurveyDesign

    Floats = NDArray[np.float64]

STEP = 10.0
"""Points of a predictor that penalty and reward are for."""
COLUMNS = (
    *("construct", "middle", "penalty", "penalty_low", "penalty_high", "reward", "reward_low", "reward_high"),
    *("contrast", "contrast_low", "contrast_high", "penalty_p", "reward_p", "contrast_p", "kind", "n"),
)


def penalty_and_reward(
    scores: pd.DataFrame,
    outcome: pd.Series[Any],
    *,
    design: SurveyDesign | None = None,
    confidence: float = 0.95,
    adjustment: Adjustment = "holm",
) -> pd.DataFrame:
    """Penalty, reward and contrast = reward − penalty of every column of `scores` for `outcome`, with intervals.

    Over the interviews with the outcome and all scores, a domain of the `design`. p values are adjusted over the
    predictors. kind: basic (the penalty is larger), excitement (the reward is), performance (neither, but one of them
    differs from 0) or none. Raises MethodError where too few interviews, or scores that go together entirely, leave a
    slope undetermined.
    """
    chosen = design_of(design, len(scores))
    used = scores.notna().all(axis=1).to_numpy() & outcome.notna().to_numpy() & (chosen.weights != 0)
    x, w = scores.to_numpy(dtype=np.float64)[used], chosen.weights[used]
    middle = np.average(x, axis=0, weights=w) if len(w) else np.zeros(x.shape[1])
    sides = np.hstack([np.minimum(x - middle, 0.0), np.maximum(x - middle, 0.0)]) / STEP
    lines = with_intercept(sides)
    if len(w) <= lines.shape[1] or rank(lines) < lines.shape[1]:
        raise MethodError(
            "Gains and losses can't be told apart.",
            expected=f"more than {lines.shape[1]} interviews, and ratings above and below the middle of every score",
            got=f"{len(w)} interviews",
        )
    fit = least_squares(outcome.to_numpy(dtype=np.float64)[used], lines, w)
    count = x.shape[1]
    turn = np.vstack([np.zeros((1, 3 * count)), np.kron([[1, 0, -1], [0, 1, 1]], np.eye(count))])
    estimate, influence = fit.coefficients @ turn, fit.influence_on(turn)
    values = np.full((len(used), 3 * count), np.nan)
    values[used] = pseudo_values(estimate, influence, w)
    names = [f"{part}{j}" for part in ("penalty", "reward", "contrast") for j in range(count)]
    frame = pd.DataFrame(values, columns=names)
    tested = compare_with_fixed(frame, np.zeros(len(names)), design=chosen, confidence=confidence)
    table = _table([str(name) for name in scores.columns], tested, adjustment, confidence)
    return table.assign(middle=middle, n=len(w))[list(COLUMNS)]


def _table(names: list[str], tested: pd.DataFrame, adjustment: Adjustment, confidence: float) -> pd.DataFrame:
    table, count = pd.DataFrame({"construct": names}), len(names)
    for place, part in enumerate(("penalty", "reward", "contrast")):
        rows = tested.iloc[place * count : (place + 1) * count].reset_index(drop=True)
        table[part], table[f"{part}_low"], table[f"{part}_high"] = rows["estimate"], rows["ci_low"], rows["ci_high"]
        table[f"{part}_p"] = adjust_p_values(rows["p"].to_numpy(), method=adjustment)
    clear = {part: (table[f"{part}_p"] < 1 - confidence).to_numpy() for part in ("penalty", "reward", "contrast")}
    kinds = [clear["contrast"] & (table["contrast"] < 0), clear["contrast"], clear["penalty"] | clear["reward"]]
    table["kind"] = np.select(kinds, ["basic", "excitement", "performance"], default="none")
    return table
