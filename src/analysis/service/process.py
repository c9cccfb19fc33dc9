"""The process as the log shows it: how long cases take, which ways they go, what is done twice, who waits for whom.

Waiting is the time from the end of the step before (for the first step: from its opening) to the beginning of the work,
working the time from there to the end (van der Aalst 2016, ch. 9). A log that never says when work began, and whose
steps are all opened when the one before them ends, holds only the time between two ends: it is not told apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.service.clocks import product_limit
from analysis.service.log import Events, order_log, up_to
from analysis.service.shares import wilson

if TYPE_CHECKING:
    from analysis.edition.sections.service import Service
    from analysis.service.log import Codes, Flags, Floats

DAY = 24.0
VARIANTS = 3
"""Ways through a scenario that are told one by one; the rest is counted together."""
ARROW = " → "
CASE_COLUMNS = (
    *("scenario", "n", "open", "median", "median_low", "median_high", "p90", "steps"),
    *("rework", "rework_low", "rework_high", "loops", "waiting", "waiting_low", "waiting_high"),
    *("due", "on_time", "on_time_low", "on_time_high"),
)
VARIANT_COLUMNS = ("scenario", "variant", "path", "n", "share", "ci_low", "ci_high", "median", "ways")
STEP_COLUMNS = (
    "scenario",
    "step",
    "place",
    "n",
    "cases",
    "repeated",
    "waiting",
    "working",
    "waiting_hours",
    "working_hours",
)
FLOW_COLUMNS = ("scenario", "source", "target", "n", "share", "hours", "p90")


@dataclass(frozen=True)
class Process:
    """What the log shows of the way of its cases.

    cases: scenario, n, open, median with interval and p90 of the days from the first opening to the last end (Kaplan
    and Meier), steps (mean number), rework (share of cases in which a step was done again) with Wilson interval, loops
    (share that came back to a step after another), waiting (share of the time) with interval, due and on_time (share of
    the cases whose own deadline has passed) with interval.
    variants: the most frequent sequences of steps of the closed cases of each scenario: variant (its rank, 0: all
    others), path, n, share with Wilson interval, median days, ways (how many sequences the row stands for).
    steps: scenario, step, place (mean position), n, cases, repeated (share of the cases that did it again), waiting and
    working (median hours), waiting_hours and working_hours (sums).
    flows: source and target (empty: the case begins, or ends), n, share of the scenario's cases, hours between
    (median) and p90.
    """

    cases: pd.DataFrame
    variants: pd.DataFrame
    steps: pd.DataFrame
    flows: pd.DataFrame
    told_apart: bool
    later: int

    def record(self) -> dict[str, Any]:
        """Plain values: cases, how many are open, whether waiting and work are told apart, rows after the last day."""
        counts = {name: int(self.cases[name].sum()) for name in ("n", "open")}
        return {"cases": counts["n"], "open": counts["open"], "told_apart": self.told_apart, "later": self.later}

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables to publish, with the groups that disclosure knows."""
        group = "logged_scenario=" + self.variants["scenario"] + "; way=" + self.variants["variant"].astype(str)
        steps, flows = self.steps, self.flows
        way = flows["scenario"] + "." + flows["source"] + ">" + flows["target"]
        return {
            "service_cases": self.cases,
            "service_variants": self.variants.assign(group=group),
            "service_times": steps.assign(key=steps["scenario"] + "." + steps["step"]),
            "service_flows": flows.assign(way=way),
        }


def measure_process(log: pd.DataFrame, *, service: Service) -> Process:
    """Follow the cases of a log (case_id, scenario, step, opened_at, completed_at; perhaps started_at, due_at).

    What happened after `service.as_of` is not known yet. Raises MethodError where the log covers no day up to then.
    """
    known, as_of = up_to(log, service.as_of)
    events = order_log(known, as_of)
    waiting, working, told = _times(events)
    repeated, back = _repeats(events)
    rows = [
        _scenario(events, code, waiting, working, repeated, back, service.confidence)
        for code in range(len(events.scenarios))
    ]
    return Process(
        pd.DataFrame(rows, columns=list(CASE_COLUMNS)),
        _variants(events, service.confidence),
        _steps(events, waiting, working, repeated),
        _flows(events, waiting, told=told),
        told,
        len(log) - len(known),
    )


def _times(events: Events) -> tuple[Floats, Floats, bool]:
    """Hours of waiting before and of work in each row, and whether the log tells them apart.

    Where it does not, the first are the hours between two ends, and there are none of work.
    """
    before = np.where(events.first, events.opened, np.roll(events.ended, 1))
    before = np.where(np.isnan(before), events.opened, before)
    begun = events.begun
    if np.isnan(begun).all():
        gap = events.opened - before
        begun = events.opened if (gap > 0).any() else begun
    told = not np.isnan(begun).all()
    if not told:
        return np.maximum(events.ended - before, 0.0), np.full(len(before), np.nan), False
    return np.maximum(begun - before, 0.0), events.ended - begun, True


def _repeats(events: Events) -> tuple[Flags, Flags]:
    """Rows whose step the case has done before, and those among them that come back to it after another step."""
    key = events.case * len(events.steps) + events.node
    order = np.argsort(key, kind="stable")
    again = np.zeros(len(key), dtype=bool)
    again[order[1:]] = key[order[1:]] == key[order[:-1]]
    same = np.concatenate([[False], key[1:] == key[:-1]])
    return again, again & ~same


def _any(flags: Flags, events: Events) -> Flags:
    """Whether any row of each case is flagged."""
    return np.asarray(np.logical_or.reduceat(flags, events.start))


def _scenario(
    events: Events, code: int, waiting: Floats, working: Floats, repeated: Flags, back: Flags, confidence: float
) -> dict[str, Any]:
    inside = events.scenario == code
    closed, days = events.closed[inside], events.duration()[inside] / DAY
    curve = product_limit(days, closed, confidence=confidence)
    median, low, high = curve.quantile(0.5)
    n, rework = int(inside.sum()), int(_any(repeated, events)[inside].sum())
    rework_low, rework_high = _interval(rework, n, confidence)
    return {
        "scenario": events.scenarios[code],
        "n": n,
        "open": int((~closed).sum()),
        **{"median": median, "median_low": low, "median_high": high, "p90": curve.quantile(0.9)[0]},
        "steps": float(events.length[inside].mean()),
        **{"rework": rework / n, "rework_low": rework_low, "rework_high": rework_high},
        "loops": float(_any(back, events)[inside].mean()),
        **_waiting_share(events, inside, waiting, working, confidence),
        **_deadlines(events, inside, confidence),
    }


def _interval(hits: int, n: int, confidence: float) -> tuple[float, float]:
    if not n:
        return float("nan"), float("nan")
    low, high = wilson(np.array([float(hits)]), np.array([float(n)]), confidence=confidence)
    return float(low[0]), float(high[0])


def _waiting_share(
    events: Events, inside: Flags, waiting: Floats, working: Floats, confidence: float
) -> dict[str, float]:
    """Waiting over all time, a ratio of two sums over cases with its linearised error (Cochran 1977, §6.3)."""
    from scipy.special import ndtri

    both = ~np.isnan(waiting) & ~np.isnan(working)
    waited = np.add.reduceat(np.where(both, waiting, 0.0), events.start)[inside]
    whole = waited + np.add.reduceat(np.where(both, working, 0.0), events.start)[inside]
    n, total = int(inside.sum()), float(whole.sum())
    if not total > 0:
        return dict.fromkeys(("waiting", "waiting_low", "waiting_high"), float("nan"))
    share = float(waited.sum() / total)
    error = np.sqrt(n / max(n - 1, 1) * ((waited - share * whole) ** 2).sum()) / total if n > 1 else np.nan
    half = float(ndtri(0.5 + confidence / 2) * error)
    return {"waiting": share, "waiting_low": max(share - half, 0.0), "waiting_high": min(share + half, 1.0)}


def _deadlines(events: Events, inside: Flags, confidence: float) -> dict[str, Any]:
    """Cases whose own deadline has passed, and those of them that were done by then."""
    deadline = events.due[inside]
    due = deadline <= events.end
    last = np.maximum.reduceat(np.where(np.isnan(events.ended), np.inf, events.ended), events.start)[inside]
    kept, n = int((last[due] <= deadline[due]).sum()), int(due.sum())
    low, high = _interval(kept, n, confidence)
    known = bool((~np.isnan(deadline)).any())
    on_time = kept / n if n else float("nan")
    return {"due": n if known else np.nan, "on_time": on_time, "on_time_low": low, "on_time_high": high}


def sequences(events: Events) -> Codes:
    """A number for each case, the same for cases that go through the same steps in the same order."""
    found = events.node[events.start].copy()
    going, used = np.arange(len(events.start)), len(events.steps)
    for place in range(1, int(events.length.max())):
        going = going[events.length[going] > place]
        pair = found[going] * len(events.steps) + events.node[events.start[going] + place]
        _, code = np.unique(pair, return_inverse=True)
        found[going] = used + code
        used += int(code.max()) + 1
    return found


def _variants(events: Events, confidence: float) -> pd.DataFrame:
    """The most frequent sequences of closed cases by scenario, then all others together."""
    days = events.duration() / DAY
    frame = pd.DataFrame({"scenario": events.scenario, "way": sequences(events), "days": days, "row": events.start})
    frame = frame[events.closed]
    found = frame.groupby(["scenario", "way"], sort=False, as_index=False)
    ways = found.agg(n=("row", "size"), row=("row", "min"), median=("days", "median"))
    ways = ways.sort_values(["scenario", "n", "row"], ascending=[True, False, True], kind="stable")
    place = ways.groupby("scenario").cumcount()
    told = ways[place < VARIANTS].assign(variant=place + 1, ways=1)
    told["path"] = pd.Series([_path(events, row) for row in told["row"]], told.index, dtype="str")
    left = frame[~frame["way"].isin(told["way"])].groupby("scenario", as_index=False)
    rest = left.agg(n=("row", "size"), median=("days", "median"), ways=("way", "nunique")).assign(variant=0, path="")
    table = pd.concat([told, rest]).sort_values("scenario", kind="stable", ignore_index=True)
    table["of"] = table["scenario"].map(frame["scenario"].value_counts())
    table["scenario"] = pd.Series([events.scenarios[code] for code in table["scenario"]], dtype="str")
    n, whole = (table[name].to_numpy(dtype=np.float64) for name in ("n", "of"))
    low, high = wilson(n, whole, confidence=confidence)
    return table.assign(share=n / whole, ci_low=low, ci_high=high)[list(VARIANT_COLUMNS)]


def _path(events: Events, row: int) -> str:
    """The steps of the case that begins in `row`."""
    length = events.length[np.searchsorted(events.start, row)]
    return ARROW.join(events.steps[node][1] for node in events.node[row : row + length])


def _steps(events: Events, waiting: Floats, working: Floats, repeated: Flags) -> pd.DataFrame:
    place = np.arange(len(events.node)) - np.repeat(events.start, events.length)
    frame = pd.DataFrame(
        {"node": events.node, "place": place, "waiting": waiting, "working": working, "again": repeated}
    )
    groups = frame.groupby("node", sort=True)
    table = groups.agg(
        n=("place", "size"),
        place=("place", "mean"),
        again=("again", "sum"),
        waiting=("waiting", "median"),
        working=("working", "median"),
        waiting_hours=("waiting", "sum"),
        working_hours=("working", "sum"),
    )
    redone = pd.Series(events.case[repeated] * len(events.steps) + events.node[repeated]).drop_duplicates()
    twice = np.bincount(redone.to_numpy() % len(events.steps), minlength=len(events.steps))
    table["cases"] = table["n"] - table["again"]
    table["repeated"] = twice[table.index] / table["cases"]
    names = pd.DataFrame([events.steps[node] for node in table.index], columns=["scenario", "step"])
    return pd.concat([names, table.reset_index(drop=True)], axis=1)[list(STEP_COLUMNS)]


def _flows(events: Events, waiting: Floats, *, told: bool) -> pd.DataFrame:
    """What directly follows what in the cases of each scenario, how often and after how long."""
    count = len(events.steps)
    last = events.start + events.length - 1
    ends = last[events.closed]
    source = np.concatenate([np.where(events.first, count, np.roll(events.node, 1)), events.node[ends]])
    target = np.concatenate([events.node, np.full(len(ends), count)])
    hours = np.concatenate([np.where(events.first & (not told), np.nan, waiting), np.full(len(ends), np.nan)])
    cases = np.bincount(events.scenario, minlength=len(events.scenarios))
    inner = np.where(source < count, source, target)
    frame = pd.DataFrame({"inner": inner, "source": source, "target": target, "hours": hours})
    groups = frame.groupby(["source", "target", "inner"], sort=True)["hours"]
    table = pd.DataFrame({"n": groups.size(), "hours": groups.median(), "p90": groups.quantile(0.9)}).reset_index()
    named = [*events.steps, ("", "")]
    place = {name: code for code, name in enumerate(events.scenarios)}
    table["scenario"] = [named[code][0] for code in table["inner"]]
    table["source"], table["target"] = ([named[code][1] for code in table[name]] for name in ("source", "target"))
    table["share"] = table["n"] / [cases[place[name]] for name in table["scenario"]]
    return table.sort_values(["scenario", "n"], ascending=[True, False], kind="stable", ignore_index=True)[
        list(FLOW_COLUMNS)
    ]
