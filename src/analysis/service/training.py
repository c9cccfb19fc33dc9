"""What training did: change among the trained less the change among those who were not, over the same time.

Group-time effects (Callaway & Sant'Anna 2021, Journal of Econometrics 225, 200–230) against the never-trained, for any
number of tests and of starts; tests before and after are the case of two. Staff of one unit are trained and rated
together: the variance is that of one influence per unit, or per member of staff where no units are known.
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
    Codes = NDArray[np.int64]

MEASURES = ("knowledge", "communication", "satisfaction")
SMALLEST = 2
"""Units on either side without which there is no variance."""
DOSES = 3
"""Bands of hours, at most."""
EFFECT_COLUMNS = (
    *("measure", "category", "n_trained", "n_untrained", "before_trained", "before_untrained"),
    *("change_trained", "change_untrained", "effect", "se", "ci_low", "ci_high", "p", "p_adjusted", "lift"),
)
COURSE_COLUMNS = ("measure", "since", "n_trained", "n_untrained", "effect", "ci_low", "ci_high")
DOSE_COLUMNS = (
    "measure",
    "dose",
    "hours",
    "n_trained",
    "n_untrained",
    "effect",
    "ci_low",
    "ci_high",
    "slope",
    "p_slope",
)


@dataclass(frozen=True)
class GroupTimeEffects:
    """Effect of having started in period `group` on the outcome in period `time`, against the never-trained.

    table: group, time, effect, se. From the start on the base is the last period before it; earlier rows compare with
    the period before and should be about 0 where the groups ran parallel. influence: rows of the table × staff.
    cluster: unit of each (none: each is one).
    """

    table: pd.DataFrame
    influence: Floats
    start: Floats
    cluster: Codes | None = None

    def overall(self) -> tuple[float, float]:
        """Mean effect since the start over groups and times, weighted by the size of the groups, and its error."""
        return self.mean((self.table["time"] >= self.table["group"]).to_numpy())

    def mean(self, rows: NDArray[np.bool_]) -> tuple[float, float]:
        """Mean of some rows, weighted by the size of their groups, and its error.

        The sizes are estimates too, and their part of the error is in it.
        """
        weighted, influence = self._mean(rows)
        return weighted, clustered_error(influence, self.cluster)

    def _mean(self, rows: NDArray[np.bool_]) -> tuple[float, Floats]:
        groups, effect = self.table["group"].to_numpy()[rows], self.table["effect"].to_numpy()[rows]
        member = (self.start[None, :] == groups[:, None]).astype(np.float64)
        share = member.mean(axis=1)
        weight = share / share.sum()
        moved = (member - share[:, None]) / share.sum()
        of_weights = effect @ moved - (weight @ effect) * moved.sum(axis=0)
        return float(weight @ effect), weight @ self.influence[rows] + of_weights

    def parallel(self) -> tuple[float, int]:
        """p of the test that all effects before the start are 0 (Wald, F), and their number; NaN without any."""
        from scipy.special import fdtrc

        rows = (self.table["time"] < self.table["group"]).to_numpy()
        count = int(rows.sum())
        sums = _by_cluster(self.influence[rows], self.cluster)
        degrees = sums.shape[1] - 1
        if not count or degrees <= count:
            return float("nan"), count
        scale = sums.shape[1] / degrees / self.influence.shape[1] ** 2
        effect = self.table["effect"].to_numpy()[rows]
        wald = effect @ np.linalg.pinv(scale * sums @ sums.T) @ effect
        return float(fdtrc(count, degrees - count + 1, wald / count * (degrees - count + 1) / degrees)), count


def clustered_error(influence: Floats, cluster: Codes | None) -> float:
    """Standard error of a mean influence (n): of the sums over clusters, with G/(G − 1) for so many of them."""
    if cluster is None:
        return float(np.sqrt(np.mean(influence**2) / len(influence)))
    sums = _by_cluster(influence[None, :], cluster)[0]
    return float(np.sqrt(len(sums) / (len(sums) - 1) * (sums**2).sum()) / len(influence))


def _by_cluster(influence: Floats, cluster: Codes | None) -> Floats:
    if cluster is None:
        return influence
    size = int(cluster.max()) + 1
    return np.array([np.bincount(cluster, row, size) for row in influence]).reshape(len(influence), size)


def group_time_effects(
    outcome: Floats, start: Floats, periods: Floats, *, cluster: Codes | None = None
) -> GroupTimeEffects:
    """Effects from a balanced panel: `outcome` (staff × periods) and the period of the `start` (inf: never).

    `cluster`: unit of each, 0, 1, … Raises MethodError where nobody stayed without, or no start lies after the first
    period.
    """
    never = np.isinf(start)
    starts = [value for value in np.unique(start[~never]) if value > periods[0]]
    if not never.any() or not starts:
        raise MethodError(
            "There is nothing to compare the trained with.",
            expected="staff who were never trained, and some whose training began after the first period",
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
            rows.append((group, periods[place], float(effect), clustered_error(moved, cluster)))
            influence.append(moved)
    table = pd.DataFrame(rows, columns=["group", "time", "effect", "se"])
    return GroupTimeEffects(table, np.array(influence), start, cluster)


@dataclass(frozen=True)
class StaffTests:
    """Staff who took every test of a measure: outcome (staff × tests), place of the first test after the start (inf:
    never), unit and hours a quarter of each, the frame they come from, and the periods of the tests.
    """

    staff: pd.DataFrame
    outcome: Floats
    start: Floats
    cluster: Codes | None
    hours: Floats
    periods: tuple[str, ...]

    def only(self, rows: NDArray[np.bool_]) -> StaffTests:
        cluster = None if self.cluster is None else np.unique(self.cluster[rows], return_inverse=True)[1]
        return StaffTests(
            self.staff[rows], self.outcome[rows], self.start[rows], cluster, self.hours[rows], self.periods
        )

    def effects(self) -> GroupTimeEffects | None:
        """None where a side has fewer than two units, or fewer than two members."""
        never = np.isinf(self.start)
        unit = np.arange(len(never)) if self.cluster is None else self.cluster
        sides = [never, ~never]
        if min((len(np.unique(unit[side])) for side in sides), default=0) < SMALLEST or self.outcome.shape[1] < 2:
            return None
        periods = np.arange(self.outcome.shape[1], dtype=np.float64)
        starts = self.start[~never]
        if not (starts > 0).any():
            return None
        kept = never | (self.start > 0)
        one = self.only(kept) if not kept.all() else self
        return group_time_effects(one.outcome, one.start, periods, cluster=one.cluster)

    @property
    def degrees(self) -> float:
        """Degrees of freedom: units, or members of staff, less one for each side."""
        return float(len(self.start) if self.cluster is None else int(self.cluster.max()) + 1) - 2


def tests_of(training: pd.DataFrame, measure: str) -> StaffTests | None:
    """The panel of a measure: periods in which it was tested; who missed a test is left out."""
    tested = training[training[measure].notna()]
    places = {"before": "0", "after": "1"}
    periods = sorted(tested["period"].unique(), key=lambda period: places.get(period, period))
    tests = tested.pivot(index="staff_id", columns="period", values=measure).reindex(columns=periods).dropna()
    if len(periods) < 2 or not len(tests):
        return None
    staff = training.drop_duplicates("staff_id").set_index("staff_id").loc[tests.index]
    start = _starts(training, periods).reindex(tests.index)
    start = start.where(staff["trained"] == 1, np.inf).fillna(1.0)
    cluster = None
    if "unit" in staff and staff["unit"].notna().all():
        cluster = np.unique(staff["unit"].astype(str).to_numpy(), return_inverse=True)[1]
    hours = _hours(training).reindex(tests.index).fillna(0.0).to_numpy()
    return StaffTests(staff, tests.to_numpy(dtype=float), start.to_numpy(dtype=float), cluster, hours, tuple(periods))


def _starts(training: pd.DataFrame, periods: list[str]) -> pd.Series[Any]:
    """Place of the first test in or after the first training, by staff_id; missing where none is.

    The first training is that of the column first_trained, where it is told there, or the first quarter with one.
    """
    taught = training[taught_in(training)]
    first = quarter_of(taught).groupby(taught["staff_id"].to_numpy()).min()
    if "first_trained" in training and training["first_trained"].notna().any():
        first = training.groupby("staff_id")["first_trained"].min().dropna().combine_first(first)
    if set(periods) <= {"before", "after"}:
        return first.map(lambda _: 1.0).astype(float)
    place = np.searchsorted(np.array([_quarter(period) for period in periods]), first.map(_quarter).to_numpy(dtype=str))
    return pd.Series(np.where(place < len(periods), place, np.inf), index=first.index)


def taught_in(training: pd.DataFrame) -> pd.Series[bool]:
    """Whether a row tells of a training: content, mode or hours are given."""
    told = pd.Series(False, index=training.index)
    for name in ("content", "mode"):
        if name in training:
            told |= training[name].notna()
    return told | (training["hours"].fillna(0) > 0) if "hours" in training else told


def quarter_of(training: pd.DataFrame) -> pd.Series[Any]:
    """Quarter of each row: as told, or its period; missing for tests before and after that tell none."""
    own = training["period"].where(~training["period"].isin(["before", "after"]))
    return own if "quarter" not in training else training["quarter"].where(training["quarter"].notna(), own)


def _quarter(period: str) -> str:
    """A half-year, and a year, as its last quarter."""
    return period.replace("H1", "Q2").replace("H2", "Q4") if len(period) > len("2025") else f"{period}Q4"


def _hours(training: pd.DataFrame) -> pd.Series[Any]:
    """Mean hours of the quarters in which each was taught, by staff_id; empty without hours."""
    if "hours" not in training:
        return pd.Series(dtype=float)
    taught = training[taught_in(training)]
    return taught.groupby("staff_id")["hours"].mean()


def training_effects(
    training: pd.DataFrame, *, confidence: float = 0.95, adjustment: Adjustment = "holm"
) -> pd.DataFrame:
    """Effect on each measure, over all staff and by kind of institution.

    training: staff_id, trained (0 or 1), period (before, after, or quarters and half-years), the measures (0–100) and,
    where there are any, institution_type, unit, and content, mode or hours of the quarters in which somebody was
    taught, or first_trained, which tell when it began. One row per measure and category (empty: all): how many took
    every test, their mean in the first, the changes to the last, the effect with interval, p and p_adjusted over the
    table, and lift (the effect over the mean of the trained in the first test). Groups with fewer than two units on a
    side are left out.
    """
    rows = []
    for measure in (name for name in MEASURES if name in training):
        tests = tests_of(training, measure)
        if tests is None:
            continue
        questions = [name for name in ("institution_type",) if name in tests.staff]
        for _, category, inside in groups_of(tests.staff, questions):
            found = _effect(tests.only(inside), confidence)
            if found:
                rows.append({"measure": measure, "category": category, **found})
    table = pd.DataFrame(rows, columns=list(EFFECT_COLUMNS))
    table["p_adjusted"] = adjust_p_values(table["p"].to_numpy(dtype=float), method=adjustment)
    return table


def course_of_effect(training: pd.DataFrame, *, confidence: float = 0.95) -> tuple[pd.DataFrame, dict[str, float]]:
    """Effect by tests since the start, and by measure the p of the test that the groups ran parallel before it.

    since: tests after the first one that the training could move (0: that one; below 0: before it, where the effect
    should be 0). Empty with two tests, which can't show it.
    """
    from scipy.special import stdtrit

    rows, parallel = [], {}
    for measure in (name for name in MEASURES if name in training):
        tests = tests_of(training, measure)
        effects = None if tests is None else tests.effects()
        if tests is None or effects is None or tests.outcome.shape[1] < 3:
            continue
        since = (effects.table["time"] - effects.table["group"]).to_numpy()
        t = stdtrit(tests.degrees, 0.5 + confidence / 2)
        never = int(np.isinf(effects.start).sum())
        for distance in np.unique(since):
            effect, se = effects.mean(since == distance)
            groups = effects.table.loc[since == distance, "group"].to_numpy()
            trained = int(np.isin(effects.start, groups).sum())
            bounds = (effect, effect - t * se, effect + t * se)
            rows.append((measure, int(distance), trained, never, *bounds))
        parallel[measure] = effects.parallel()[0]
    return pd.DataFrame(rows, columns=list(COURSE_COLUMNS)), parallel


def effect_of_hours(training: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Effect by hours of training a quarter, in up to three bands, each against the never-trained.

    dose: 1 for the fewest hours; hours: their mean. slope: points for each hour more among the trained, from the change
    between first and last test with the quarter of the start held constant; p_slope of it. Empty without hours.
    """
    from scipy.special import stdtrit

    rows = []
    for measure in (name for name in MEASURES if name in training):
        tests = tests_of(training, measure)
        if tests is None or not (tests.hours > 0).any():
            continue
        trained = ~np.isinf(tests.start) & (tests.hours > 0)
        slope, p = _slope(tests, trained)
        bands = _bands(tests.hours, trained)
        for band in range(1, int(bands.max(initial=0)) + 1):
            part = tests.only(np.isinf(tests.start) | (bands == band))
            effects = part.effects()
            if effects is None:
                continue
            effect, se = effects.overall()
            t = stdtrit(part.degrees, 0.5 + confidence / 2)
            counts = (int((bands == band).sum()), int(np.isinf(tests.start).sum()))
            hours = float(tests.hours[bands == band].mean())
            rows.append((measure, str(band), hours, *counts, effect, effect - t * se, effect + t * se, slope, p))
    return pd.DataFrame(rows, columns=list(DOSE_COLUMNS))


def _bands(hours: Floats, trained: NDArray[np.bool_]) -> Codes:
    """Band of hours of the trained, from 1; 0 for the others."""
    values = np.unique(hours[trained])
    if len(values) > DOSES:
        cuts = np.unique(np.quantile(hours[trained], np.arange(1, DOSES) / DOSES))
        return np.where(trained, np.searchsorted(cuts, hours, side="left") + 1, 0)
    return np.where(trained, np.searchsorted(values, hours) + 1, 0)


def _slope(tests: StaffTests, trained: NDArray[np.bool_]) -> tuple[float, float]:
    from scipy.special import stdtr

    part = tests.only(trained)
    change, hours = part.outcome[:, -1] - part.outcome[:, 0], part.hours.copy()
    for start in np.unique(part.start):
        same = part.start == start
        change[same] -= change[same].mean()
        hours[same] -= hours[same].mean()
    if not (hours @ hours) > 1e-9 or part.degrees < 1:
        return float("nan"), float("nan")
    slope = float(hours @ change / (hours @ hours))
    influence = len(hours) * hours * (change - slope * hours) / (hours @ hours)
    se = clustered_error(influence, part.cluster)
    return slope, float(2 * stdtr(part.degrees, -abs(slope / se))) if se > 0 else float("nan")


def tables_of(effects: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The table to publish; `trained` and `untrained` name the staff of a row."""
    kind = ("; staff.institution=" + effects["category"]).where(effects["category"] != "", "")
    groups = {name: f"staff.trained={code}" + kind for name, code in (("trained", 1), ("untrained", 0))}
    return {"training_effects": effects.assign(**groups)}


def _effect(tests: StaffTests, confidence: float) -> dict[str, Any] | None:
    from scipy.special import stdtr, stdtrit

    effects = tests.effects()
    if effects is None or tests.degrees < 1:
        return None
    effect, se = effects.overall()
    trained = ~np.isinf(tests.start)
    before, change = tests.outcome[:, 0], tests.outcome[:, -1] - tests.outcome[:, 0]
    half = stdtrit(tests.degrees, 0.5 + confidence / 2) * se
    return {
        "n_trained": int(trained.sum()),
        "n_untrained": int((~trained).sum()),
        "before_trained": before[trained].mean(),
        "before_untrained": before[~trained].mean(),
        "change_trained": change[trained].mean(),
        "change_untrained": change[~trained].mean(),
        "effect": effect,
        "se": se,
        "ci_low": effect - half,
        "ci_high": effect + half,
        "p": 2 * stdtr(tests.degrees, -abs(effect / se)) if se > 0 else np.nan,
        "lift": effect / before[trained].mean(),
    }


def _centred(change: Floats, member: NDArray[np.bool_]) -> Floats:
    """Influence of each member of staff on the mean change of the members of a group."""
    return np.asarray(member / member.mean() * (change - change[member].mean()))
