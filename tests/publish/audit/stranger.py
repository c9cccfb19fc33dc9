"""A stranger who reads the published csv files and works out what they can of every withheld number.

Knows nothing of how cells were chosen: only what every reader can see of a table (which column names the question,
which the category, which the number of people), that the same category in two tables is the same people, that those
who answered a construct are among those interviewed, and how many answered in all. Everything withheld is an unknown of
one linear programme, everything shown a constraint of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

Key = tuple[Any, ...]

READ: dict[str, tuple[str, str, str, str]] = {
    # table: question (or =name), category, number of people, who of them is counted
    "sample_profile": ("question", "category", "n", "kept"),
    "weighting_margins": ("margin", "category", "n", "kept"),
    "csi_segments": ("segment", "category", "n", "csi"),
    "construct_levels": ("segment", "category", "n", "{construct}"),
    "segment_dimensions": ("segment", "category", "n", "{construct}"),
    "mode_index": ("=channel", "category", "n", "modes"),
    "paths_by_group": ("question", "category", "n", "complete"),
}
"""Tables that show the number of people in the categories of a question."""

SHARES: dict[str, tuple[str, str, str, str]] = {
    "csi_segments": ("segment", "category", "csat", "csi"),
    "construct_levels": ("segment", "category", "high_share", "{construct}"),
}
"""Tables that show which share of them gave an answer."""


SLACK = 1e-7
"""By so much an inequality may be missed: numbers are printed with so many digits."""

DIRECTIONS = 6
"""Random directions in which all that is withheld is pushed at once."""


@dataclass
class Knowledge:
    """Unknowns with their bounds, and equations and inequalities between them."""

    places: dict[Key, int] = field(default_factory=dict)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    equal: list[tuple[dict[int, float], float]] = field(default_factory=list)
    at_most: list[tuple[dict[int, float], float]] = field(default_factory=list)

    def cell(self, key: Key) -> int:
        """Place of an unknown."""
        if key not in self.places:
            self.places[key] = len(self.low)
            self.low.append(0.0)
            self.high.append(np.inf)
        return self.places[key]

    def seen(self, key: Key, value: float, within: float = 0.0) -> None:
        """A number that is printed, up to half of its last digit."""
        place = self.cell(key)
        self.low[place] = max(self.low[place], value - within)
        self.high[place] = min(self.high[place], value + within)

    def adds_up(self, parts: list[Key], total: float) -> None:
        """Parts that add up to a known total."""
        self.equal.append(({self.cell(key): 1.0 for key in parts}, total))

    def least_and_most(self, keys: list[Key], enough: float) -> dict[Key, float]:
        """Width of what each of the keys can be; a width above `enough` is given as that."""
        return Attack(self).widths({key: self.places[key] for key in keys}, enough)


class Attack:
    """The linear programme, cut into pieces that have nothing to do with each other."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.low, self.high = np.array(knowledge.low), np.array(knowledge.high)
        self.equal = self._matrix(knowledge.equal)
        self.at_most = self._matrix(knowledge.at_most)
        self._tighten()

    def _matrix(self, rows: list[tuple[dict[int, float], float]]) -> tuple[csr_array, np.ndarray]:
        entries = [(r, c, v) for r, (line, _) in enumerate(rows) for c, v in line.items()]
        r, c, v = zip(*entries, strict=True) if entries else ((), (), ())
        matrix = csr_array(coo_array((np.array(v, float), (r, c)), shape=(len(rows), len(self.low))))
        return matrix, np.array([total for _, total in rows], dtype=float)

    def _tighten(self) -> None:
        """Bounds from every equation and inequality alone, until nothing moves."""
        lines = [(self.equal[0][[i]], self.equal[1][i], True) for i in range(len(self.equal[1]))]
        lines += [(self.at_most[0][[i]], self.at_most[1][i], False) for i in range(len(self.at_most[1]))]
        for _ in range(20):
            before = np.nansum(np.where(np.isfinite(self.high), self.high, 1e9) - self.low)
            for line, total, exact in lines:
                self._tighten_by(line.indices, line.data, total, exact=exact)
            if abs(before - np.nansum(np.where(np.isfinite(self.high), self.high, 1e9) - self.low)) < 1e-9:
                return

    def _tighten_by(self, places: np.ndarray, signs: np.ndarray, total: float, *, exact: bool) -> None:
        least = np.where(signs > 0, signs * self.low[places], signs * self.high[places])
        most = np.where(signs > 0, signs * self.high[places], signs * self.low[places])
        for i, (place, sign) in enumerate(zip(places, signs, strict=True)):
            others = np.delete(least, i).sum()
            bound = (total - others) / sign
            if sign > 0:
                self.high[place] = min(self.high[place], bound)
            else:
                self.low[place] = max(self.low[place], bound)
            if exact:
                bound = (total - np.delete(most, i).sum()) / sign
                if sign > 0:
                    self.low[place] = max(self.low[place], bound)
                else:
                    self.high[place] = min(self.high[place], bound)

    def widths(self, places: dict[Key, int], enough: float) -> dict[Key, float]:
        """Width of every place, by programmes over its piece."""
        free = self.high - self.low > 1e-9
        touched = [matrix[:, free] for matrix in (self.equal[0], self.at_most[0])]
        joined = [(m != 0).astype(float) for m in touched]
        links = sum(m.T @ m for m in joined)
        _, label = connected_components(links, directed=False)
        position = np.flatnonzero(free)
        piece = dict(zip(position.tolist(), label.tolist(), strict=True))
        wanted: dict[int, list[Key]] = defaultdict(list)
        found = {}
        for key, place in places.items():
            if free[place]:
                wanted[piece[place]].append(key)
            else:
                found[key] = 0.0
        for number, keys in wanted.items():
            found |= self._piece(position[label == number], [(key, places[key]) for key in keys], enough)
        return found

    def _piece(self, own: np.ndarray, keys: list[tuple[Key, int]], enough: float) -> dict[Key, float]:
        known = np.ones(len(self.low), dtype=bool)
        known[own] = False
        base = np.where(known, self.low, 0.0)
        systems = []
        for matrix, total in (self.equal, self.at_most):
            rows = np.flatnonzero(np.diff(matrix[:, own].indptr))
            systems.append((matrix[rows][:, own], total[rows] - matrix[rows] @ base))
        bounds = np.column_stack([self.low[own], self.high[own]])
        at = np.searchsorted(own, [place for _, place in keys])
        least, most = np.full(len(own), np.inf), np.full(len(own), -np.inf)
        for push in self._all_at_once(len(at)):
            goal = np.zeros(len(own))
            goal[at] = np.where(most[at] - least[at] <= enough, push, 0.0)
            if goal.any() and (table := _extreme(goal, systems, bounds)) is not None:
                least, most = np.minimum(least, table), np.maximum(most, table)
        for place in at:
            for sign in (1.0, -1.0):
                if most[place] - least[place] > enough:
                    break
                goal = np.zeros(len(own))
                goal[place] = sign
                table = _extreme(goal, systems, bounds)
                if table is None:  # no end to it
                    most[place], least[place] = np.inf, 0.0
                    break
                least, most = np.minimum(least, table), np.maximum(most, table)
        return {key: float(most[place] - least[place]) for (key, _), place in zip(keys, at, strict=True)}

    @staticmethod
    def _all_at_once(size: int) -> Iterator[np.ndarray]:
        """Directions in which all are pushed before each is alone: most are found to be wide enough on the way."""
        yield from (np.ones(size), -np.ones(size))
        random = np.random.default_rng(size)
        yield from (random.choice([-1.0, 1.0], size) for _ in range(DIRECTIONS))


def _extreme(goal: np.ndarray, systems: list[tuple[csr_array, np.ndarray]], bounds: np.ndarray) -> np.ndarray | None:
    """The table that makes `goal` smallest; None where there is no end to it."""
    (equal, given), (at_most, limit) = systems
    table = linprog(
        goal,
        A_eq=equal if equal.shape[0] else None,
        b_eq=given if equal.shape[0] else None,
        A_ub=at_most if at_most.shape[0] else None,
        b_ub=limit + SLACK if at_most.shape[0] else None,
        bounds=bounds,
    )
    assert table.status in {0, 3}, (table.message, "what is published must be possible")
    return table.x if table.status == 0 else None


@dataclass(frozen=True)
class Leak:
    """Something withheld that can be worked out."""

    table: str
    what: Key
    width: float


Totals = dict[tuple[str, str], float]
"""People who answered each question, by who is counted: what the stranger knows from elsewhere."""


def leaks(folder: Path, *, totals: Totals, min_base: int, population: pd.DataFrame | None = None) -> list[Leak]:
    """Withheld numbers that are known to within less than a third of `min_base`, and groups that are known and few."""
    tables = {path.stem: pd.read_csv(path, dtype={"category": str}) for path in folder.glob("*.csv")}
    outside = {("csi_outside", *row) for row in _pairs(tables.get("csi_outside"))}
    knowledge, withheld = Knowledge(), {}
    lists: dict[tuple[str, str], list[str]] = defaultdict(list)
    found: list[Leak] = []
    for name in READ:
        if name in tables:
            _read_counts(name, tables, knowledge, withheld, lists)
    _read_shares(tables, knowledge, withheld, totals)
    found += _read_groups(tables, knowledge, withheld, lists, totals, min_base)
    _read_classes(tables, knowledge, withheld, lists)
    _read_gaps(tables, knowledge, lists, population)
    found += _sums(knowledge, lists, withheld, totals, min_base, outside={pair[1:] for pair in outside})
    found += _verdicts(tables, min_base)
    for (who, question, category), place in list(knowledge.places.items()):
        kept = knowledge.places.get(("kept", question, category))
        if who not in {"kept", "share"} and kept is not None and kept != place:
            knowledge.at_most.append(({place: 1.0, kept: -1.0}, 0.0))
    enough = (min_base + 2) // 3
    keys = [key for key in withheld if key in knowledge.places]
    for key, width in knowledge.least_and_most(keys, enough).items():
        if width < enough - 1e-3:
            found.append(Leak(withheld[key], key, width))
    return found


def _pairs(frame: pd.DataFrame | None):
    """Question and answer of those who stand outside all results but their own."""
    return [] if frame is None else frame[["segment", "category"]].itertuples(index=False, name=None)


def _verdicts(tables: dict, min_base: int) -> list[Leak]:
    """What those outside said, where they are few: printed, or left between two means with and without them."""
    found, frame = [], tables.get("csi_outside", pd.DataFrame())
    for row in frame.to_dict("records"):
        if row["n"] < min_base and not (np.isnan(row["csi"]) and np.isnan(row["difference"])):
            found.append(Leak("csi_outside", (row["segment"], row["category"]), 0.0))
        means = {
            (round(float(n)), float(value))
            for name, n, value in _means(tables, "csi")
            if name != "csi_outside" and not np.isnan(value)
        }
        for n, one in means:
            for m, other in means:
                if 0 < n - m < min_base and n - m == row["n"]:
                    found.append(Leak("csi_outside", ("csi", one * n - other * m), 0.1 * (n + m) / (n - m)))
    return found


def _means(tables: dict, variable: str):
    """Every mean of `variable` over all who were asked, with its number of people."""
    for name, key, value in (("csi_overall", "measure", "estimate"), ("cleaning_sensitivity", "variable", "kept")):
        frame = tables.get(name)
        if frame is not None and {key, value, "n"} <= set(frame):
            for row in frame[frame[key] == variable].to_dict("records"):
                yield name, row["n"], row[value]


def _rows(name: str, frame: pd.DataFrame, columns: tuple[str, str, str, str]):
    question, category, value, who = columns
    for row in frame.to_dict("records"):
        if isinstance(row[category], str):
            asked = question[1:] if question.startswith("=") else row[question]
            counted = who.format_map(row) if "{" in who else who
            yield (counted, asked, row[category]), row[value], row


def _read_counts(name: str, tables: dict, knowledge: Knowledge, withheld: dict, lists: dict) -> None:
    for key, n, _ in _rows(name, tables[name], READ[name]):
        knowledge.cell(key)
        if key[2] not in lists[key[:2]]:
            lists[key[:2]].append(key[2])
        if np.isnan(n):
            withheld[key] = name
        else:
            knowledge.seen(key, n)


def _read_shares(tables: dict, knowledge: Knowledge, withheld: dict, totals: Totals) -> None:
    """How many gave the answer: printed, or between nobody and all of the group; together as many as in all."""
    for name, columns in SHARES.items():
        if name not in tables:
            continue
        by: dict[tuple, list[Key]] = defaultdict(list)
        for (who, question, category), share, row in _rows(name, tables[name], columns):
            key, n = ("share", question, (name, who, category)), row["n"]
            by[who, question].append(key)
            if np.isnan(n):
                line = {knowledge.cell(key): 1.0, knowledge.cell((who, question, category)): -1.0}
                knowledge.at_most.append((line, 0.0))
            elif np.isnan(share):
                knowledge.seen(key, n / 2, n / 2)
                withheld[key] = name
            else:
                knowledge.seen(key, share * n, printed_within(n) * n)
        for (who, question), keys in by.items():
            overall = _overall_share(tables, name, who)
            n = totals.get((who, ""))
            if overall is not None and n is not None and totals.get((who, question)) == n:
                line = dict.fromkeys((knowledge.cell(key) for key in keys), 1.0)
                within = printed_within(n)
                knowledge.at_most.append((line, (overall + within) * n))
                knowledge.at_most.append((dict.fromkeys(line, -1.0), -(overall - within) * n))


def printed_within(n: float) -> float:
    """Half of the unit in which a share of n people is printed: 0.1 %, 0.5 %, 1 %, 5 % …, no less than one of them."""
    return next(unit for unit in (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0) if unit * n >= 1 - 1e-9) / 2 + 1e-5


def _overall_share(tables: dict, name: str, who: str) -> float | None:
    """The share over everybody, where it is printed and nobody is weighted."""
    if "weighting_margins" in tables:
        return None
    if name == "csi_segments":
        frame = tables["csi_overall"].set_index("measure")["estimate"]
        value = frame.get("csat", np.nan)
    else:
        frame = tables[name]
        value = frame.loc[(frame["construct"] == who) & frame["category"].isna(), "high_share"].iloc[0]
    return None if np.isnan(value) else float(value)


def _read_classes(tables: dict, knowledge: Knowledge, withheld: dict, lists: dict) -> None:
    """Classes of response: cells of several questions, which add up to the categories of each."""
    if "nonresponse_classes" not in tables:
        return
    frame = tables["nonresponse_classes"]
    cells = [
        [dict(pair.split("=") for pair in cell.split("; ")) for cell in text.split(" | ")] for text in frame["category"]
    ]
    keys = [("kept", "class", text) for text in frame["category"]]
    for key, n in zip(keys, frame["n"], strict=True):
        knowledge.cell(key)
        if np.isnan(n):
            withheld[key] = "nonresponse_classes"
        else:
            knowledge.seen(key, n)
    lists["kept", "class"] = list(frame["category"])
    for question in cells[0][0]:
        members = [{cell[question] for cell in own} for own in cells]
        pending = set(range(len(members)))
        while pending:
            group = {min(pending)}
            while True:
                codes = set().union(*(members[i] for i in group))
                more = {i for i in pending if members[i] & codes}
                if more == group:
                    break
                group = more
            pending -= group
            line = {knowledge.cell(keys[i]): 1.0 for i in group}
            for code in codes:
                line[knowledge.cell(("kept", question, code))] = -1.0
            knowledge.equal.append((line, 0.0))


def _read_groups(
    tables: dict, knowledge: Knowledge, withheld: dict, lists: dict, totals: Totals, min_base: int
) -> list[Leak]:
    """Groups by one question, and by two: these add up to those by one, but for who did not answer the other."""
    found: list[Leak] = []
    for name in ("index_groups", "dimension_groups"):
        margins: dict[tuple, list[tuple[Key, float]]] = defaultdict(list)
        for row in tables.get(name, pd.DataFrame()).to_dict("records"):
            who, crossed = row.get("construct", "csi"), isinstance(row["other"], str)
            key = (who, "class", row["group"]) if crossed else (who, row["question"], row["category"])
            knowledge.cell(key)
            if np.isnan(row["n"]):
                withheld[key] = name
            else:
                knowledge.seen(key, row["n"])
            if crossed:
                margins[who, row["question"], row["category"], row["other"]].append((key, row["n"]))
                margins[who, row["other"], row["other_category"], row["question"]].append((key, row["n"]))
            elif row["category"] not in lists[key[:2]]:
                lists[key[:2]].append(row["category"])
        for (who, question, category, other), cells in margins.items():
            whole = (who, question, category)
            silent = totals[who, ""] - totals[who, other]
            line = {knowledge.cell(key): 1.0 for key, _ in cells} | {knowledge.cell(whole): -1.0}
            knowledge.at_most.append((line, 0.0))
            knowledge.at_most.append(({place: -sign for place, sign in line.items()}, silent))
            rest = knowledge.high[knowledge.cell(whole)] - sum(n for _, n in cells if not np.isnan(n))
            gone = [key for key, n in cells if np.isnan(n)]
            if gone and not silent and whole not in withheld and 0 < rest < min_base - 1e-6:
                found.append(Leak(name, (*whole, other, "together"), rest))
    return found


def _read_gaps(tables: dict, knowledge: Knowledge, lists: dict, population: pd.DataFrame | None) -> None:
    """(gap + target) × n, and that no other category is further off."""
    if "margin_gaps" not in tables or population is None:
        return
    for row in tables["margin_gaps"].to_dict("records"):
        own = population[population["variable"] == row["question"]].set_index("category")["population"]
        target = own / own.sum()
        for end in ("over", "under"):
            category, gap, n = row[f"{end}_category"], row[f"{end}_gap"], row["n"]
            if isinstance(category, str) and not np.isnan(gap) and not np.isnan(n):
                knowledge.seen(("kept", row["question"], category), (gap + target[category]) * n, 0.00051 * n)


def _sums(
    knowledge: Knowledge, lists: dict, withheld: dict, totals: Totals, min_base: int, *, outside: set[tuple[str, str]]
) -> list[Leak]:
    """Categories add up to all who answered, which the stranger knows; withheld ones together must not be few."""
    found = []
    for (who, question), categories in lists.items():
        total = totals.get((who, question))
        if total is None or total < min_base:
            continue
        inside = [code for code in lists.get(("kept", question), []) if (question, code) not in outside]
        unlisted = [code for code in inside if code not in categories]
        keys = [(who, question, category) for category in [*categories, *unlisted]]
        knowledge.adds_up(keys, total)
        gone = [key for key in keys if key in withheld]
        shown = sum(knowledge.high[knowledge.cell(key)] for key in keys if key not in withheld and key[2] in categories)
        if gone and 0 < total - shown < min_base - 1e-6:
            found.append(Leak(withheld[gone[0]], (who, question, "together"), total - shown))
    return found
