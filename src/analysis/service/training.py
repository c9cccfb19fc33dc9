"""What training did: change among the trained less the change among those who were not, over the same time.

Group-time effects (Callaway & Sant'Anna 2021, Journal of Econometrics 225, 200–230) against the never-trained, for any
number of periods and of starts; tests before and after are the case of two periods. Units are independent of each other
and their own periods are not: the variance is that of one influence per unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.service.shares import groups_of
from analysis.survey.estimation.differences import Adjustment, adjust_p_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[Any]

MEASURES = ("knowledge", "communication", "satisfaction")
PERIODS = ("before", "after")
SMALLEST = 2
"""Units on either side without which there is no variance."""
EFFECT_COLUMNS = (
    *("measure", "category", "n_trained", "n_untrained", "before_trained", "before_untrained"),
    *("change_trained", "change_untrained", "effect", "se", "ci_low", "ci_high", "p", "p_adjusted", "lift"),
)


@dataclass(frozen=True)
class GroupTimeEffects:
    """Effect of having started in period `group` on the outcome in period `time`, against the never-trained.

    table: group, time, effect, se. From the start on the base is the last period before it; earlier rows compare with
    the period before and should be about 0 where the groups ran parallel. influence: rows of the table × units.
    """

    table: pd.DataFrame
    influence: Floats
    start: Floats

    def overall(self) -> tuple[float, float]:
        """Mean effect since the start over groups and times, weighted by the size of the groups, and its error.

        The sizes are estimates too, and their part of the error is in it.
        """
        after = (self.table["time"] >= self.table["group"]).to_numpy()
        groups, effect = self.table["group"].to_numpy()[after], self.table["effect"].to_numpy()[after]
        member = (self.start[None, :] == groups[:, None]).astype(np.float64)
        share = member.mean(axis=1)
        weight = share / share.sum()
        moved = (member - share[:, None]) / share.sum()
        of_weights = effect @ moved - (weight @ effect) * moved.sum(axis=0)
        return float(weight @ effect), _error(weight @ self.influence[after] + of_weights)


def group_time_effects(outcome: Floats, start: Floats, periods: Floats) -> GroupTimeEffects:
    """Effects from a balanced panel: `outcome` (units × periods) and the period of the `start` (inf: never).

    Raises MethodError where nobody stayed without, or no start lies after the first period.
    """
    never = np.isinf(start)
    starts = [value for value in np.unique(start[~never]) if value > periods[0]]
    if not never.any() or not starts:
        raise MethodError(
            "There is nothing to compare the trained with.",
            expected="units that were never trained, and some whose training began after the first period",
            got=f"{int(never.sum())} never trained, {len(starts)} later starts",
        )
    rows, influence = [], []
    for group in starts:
        trained = start == group
        for place in range(1, len(periods)):
            base = place - 1 if periods[place] < group else int(np.flatnonzero(periods < group)[-1])
            change = outcome[:, place] - outcome[:, base]
            moved = _centred(change, trained) - _centred(change, never)
            effect = change[trained].mean() - change[never].mean()
            rows.append((group, periods[place], float(effect), _error(moved)))
            influence.append(moved)
    table = pd.DataFrame(rows, columns=["group", "time", "effect", "se"])
    return GroupTimeEffects(table, np.array(influence), start)


def training_effects(
    training: pd.DataFrame, *, confidence: float = 0.95, adjustment: Adjustment = "holm"
) -> pd.DataFrame:
    """Effect on each measure, over all staff and by kind of institution.

    training: staff_id, trained (0 or 1), period (before, after), the measures (0–100) and, where there is one,
    institution_type. One row per measure and category (empty: all): how many were tested twice, their mean before,
    the changes, the effect with interval, p and p_adjusted over the table, and lift (the effect over the mean of the
    trained before). Groups with fewer than two on either side are left out.
    """
    rows = []
    for measure in (name for name in MEASURES if name in training):
        tests = (
            training.pivot(index="staff_id", columns="period", values=measure).reindex(columns=list(PERIODS)).dropna()
        )
        staff = training.drop_duplicates("staff_id").set_index("staff_id").loc[tests.index]
        questions = [name for name in ("institution_type",) if name in staff]
        for _, category, inside in groups_of(staff, questions):
            found = _effect(tests.to_numpy()[inside], staff["trained"].to_numpy()[inside] == 1, confidence)
            if found:
                rows.append({"measure": measure, "category": category, **found})
    table = pd.DataFrame(rows, columns=list(EFFECT_COLUMNS))
    table["p_adjusted"] = adjust_p_values(table["p"].to_numpy(dtype=float), method=adjustment)
    return table


def tables_of(effects: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The table to publish; `trained` and `untrained` name the staff of a row."""
    kind = ("; staff.institution=" + effects["category"]).where(effects["category"] != "", "")
    groups = {name: f"staff.trained={code}" + kind for name, code in (("trained", 1), ("untrained", 0))}
    return {"training_effects": effects.assign(**groups)}


def _effect(tests: Floats, trained: NDArray[np.bool_], confidence: float) -> dict[str, Any] | None:
    from scipy.special import stdtr, stdtrit

    counts = int(trained.sum()), int((~trained).sum())
    if min(counts) < SMALLEST:
        return None
    start = np.where(trained, 1.0, np.inf)
    row = group_time_effects(tests, start, np.array([0.0, 1.0])).table.iloc[0]
    before, change = tests[:, 0], tests[:, 1] - tests[:, 0]
    degrees = len(tests) - 2
    half = stdtrit(degrees, 0.5 + confidence / 2) * row["se"]
    return {
        "n_trained": counts[0],
        "n_untrained": counts[1],
        "before_trained": before[trained].mean(),
        "before_untrained": before[~trained].mean(),
        "change_trained": change[trained].mean(),
        "change_untrained": change[~trained].mean(),
        "effect": row["effect"],
        "se": row["se"],
        "ci_low": row["effect"] - half,
        "ci_high": row["effect"] + half,
        "p": 2 * stdtr(degrees, -abs(row["effect"] / row["se"])) if row["se"] > 0 else np.nan,
        "lift": row["effect"] / before[trained].mean(),
    }


def _centred(change: Floats, member: NDArray[np.bool_]) -> Floats:
    """Influence of each unit on the mean change of the members."""
    return np.asarray(member / member.mean() * (change - change[member].mean()))


def _error(influence: Floats) -> float:
    return float(np.sqrt(np.mean(influence**2) / len(influence)))
