"""What to do next, composed by rule from what the steps found: with grounds, owner, indicator, date and effect.

A recommendation rests on one piece of evidence: a dimension whose improvement customers would notice most, a step of
the service that costs them the most time, a theme of their complaints, a training need, an indicator that misses its
target, or a measure that failed. Its expected effect is that of reaching the target (a dimension), or of one point more
in the rating of what it improves (the others): the distance that it would move the rating by is not known.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from analysis.edition.sections.monitoring import Monitoring
    from analysis.edition.standards import Standards

    Row = dict[str, Any]

KINDS = ("dimension", "step", "theme", "training", "indicator", "measure")
MOST = {"dimension": 3, "step": 2, "theme": 1, "training": 1, "indicator": 1, "measure": 1}
"""How many of each kind at most."""
LEAST = 5
"""So many, where there is as much evidence: then a kind may have more than its number."""
POINTS = 5.0
"""What a dimension is to gain where no group shows what can be reached: indices quote effects of as many points."""
ENDS = ("", "_low", "_high")
MONTHS = {"dimension": 12, "step": 6, "theme": 6, "training": 6, "indicator": 6, "measure": 3}
"""By when it is to show: in so many months, at the end of that quarter."""
COLUMNS = (
    *("recommendation_id", "kind", "subject", "place", "logged_step", "texts_of", "construct", "item", "segment"),
    *("category", "base"),
    *("figure", "figure_low", "figure_high", "count", "owner_zh", "owner_en", "indicator", "indicator_zh"),
    *("indicator_en", "unit", "bound", "baseline", "target", "due", "effect_of", "loyalty", "loyalty_low"),
    *("loyalty_high", "index", "index_low", "index_high", "outcome", "counter", "counter_kind", "name_zh", "name_en"),
)


@dataclass(frozen=True)
class Evidence:
    """Results that recommendations rest on, each as its step saved it, None where the edition lacks it.

    priorities, performance, items: of 08_drivers (priorities, importance_performance, the same by question);
    weak_links: of 11_standards (scenario, step, place, n, missed, share, hours_lost, rank); weak_points: of 10_feedback
    (theme, construct, n, texts, group, share, ci_low, ci_high, rank); needs: of 12_training (category, construct, gap,
    need, ci_low, ci_high, p_first_two); charts, register: of this step.
    """

    priorities: pd.DataFrame | None = None
    performance: pd.DataFrame | None = None
    items: pd.DataFrame | None = None
    weak_links: pd.DataFrame | None = None
    weak_points: pd.DataFrame | None = None
    needs: pd.DataFrame | None = None
    charts: pd.DataFrame | None = None
    register: pd.DataFrame | None = None


TABLES = {
    "priorities": "priorities",
    "performance": "importance_performance",
    "items": "importance_performance_items",
    "weak_links": "weak_links",
    "weak_points": "weak_points",
    "needs": "needs",
}
"""The table behind each piece of evidence."""


def gather(*steps: Mapping[str, pd.DataFrame], charts: pd.DataFrame | None, register: pd.DataFrame | None) -> Evidence:
    """The evidence among the tables that steps saved."""
    found = {name: table for step in steps for name, table in step.items()}
    return Evidence(**{name: found.get(table) for name, table in TABLES.items()}, charts=charts, register=register)


def compose(
    evidence: Evidence,
    *,
    standards: Standards | None,
    monitoring: Monitoring,
    segment: str | None,
    as_of: datetime.date,
    min_base: int,
) -> pd.DataFrame:
    """The recommendations, one row each, those that customers would notice most first; see COLUMNS.

    figure with interval and count are the evidence: points to the target (dimension), hours lost and times missed
    (step), share of the texts and their number (theme), need and its probability of being among the first two
    (training), shortfall (indicator, measure). Targets: the best group's score, or POINTS more where no group has one
    (dimension), half as often late (step), a share below the interval of today's (theme). Evidence of fewer than
    `min_base` is no ground. effect_of: gap (reaching the target), point (one point more) or "" (not known).
    """
    maker = _Maker(evidence, standards, monitoring, segment, min_base)
    makers: Sequence[Callable[[], list[Row]]] = (
        maker.dimensions,
        maker.steps,
        maker.themes,
        maker.training,
        maker.indicators,
        maker.measures,
    )
    found = {kind: make() for kind, make in zip(KINDS, makers, strict=True)}
    rows = [row for kind in KINDS for row in found[kind][: MOST[kind]]]
    more = [row for kind in reversed(KINDS) for row in found[kind][MOST[kind] :]]
    table = pd.DataFrame([*rows, *more[: max(LEAST - len(rows), 0)]][: monitoring.most]).reindex(columns=list(COLUMNS))
    table["recommendation_id"] = [f"{as_of.year}-{number}" for number in range(1, len(table) + 1)]
    table["due"] = pd.to_datetime([_deadline(as_of, MONTHS[kind]) for kind in table["kind"]])
    return table


def _deadline(day: datetime.date, months: int) -> datetime.date:
    """Last day of the quarter that lies so many months ahead."""
    return (pd.Timestamp(day) + pd.DateOffset(months=months)).to_period("Q").end_time.date()


class _Maker:
    """Turns each kind of evidence into rows."""

    def __init__(
        self,
        evidence: Evidence,
        standards: Standards | None,
        rules: Monitoring,
        segment: str | None,
        min_base: int,
    ) -> None:
        self.evidence, self.standards, self.rules = evidence, standards, rules
        self.segment, self.min_base = segment, min_base
        order = evidence.priorities
        self.outcome = "" if order is None or not len(order) else str(order["outcome"].iloc[0])
        self.points = {} if order is None else dict(zip(order["construct"], order["index_point"], strict=True))
        self.scores = self._scores()

    def _scores(self) -> dict[str, Row]:
        """Importance and score of each dimension for the final outcome."""
        table = self.evidence.performance
        if table is None:
            return {}
        return {str(row["construct"]): row for row in _records(table[table["outcome"] == self.outcome])}

    def dimensions(self) -> list[Row]:
        """Dimensions that would surely gain the outcome something, with the question to begin with."""
        rows = []
        for row in _records(self.evidence.priorities):
            if not (row["priority_low"] > 0 and row["n"] >= self.min_base):
                continue
            key = str(row["construct"])
            rows.append(
                {
                    **self._about("dimension", key, construct=key, base=row["n"]),
                    **{"item": self._item(key), "indicator": key, "unit": "score", "bound": "at_least"},
                    **{"baseline": row["performance"], "effect_of": "gap", "outcome": self.outcome},
                    **{"segment": row["target_segment"], "category": row["target_category"]},
                    **(self._some_points(key, row) if pd.isna(row["target_category"]) else _best_group(row)),
                    **self._guard(key),
                }
            )
        return rows

    def _some_points(self, key: str, row: Row) -> Row:
        """A target within reach where no group shows one, and what reaching it would bring."""
        points, effect, index = min(POINTS, row["gap"]), self.scores[key], self.points[key]
        rises = {f"loyalty{end}": points * effect[f"importance{end}"] for end in ENDS}
        known = {
            f"{name}{end}": value for name, value in (("figure", points), ("index", points * index)) for end in ENDS
        }
        return {"target": row["performance"] + points, **rises, **known}

    def steps(self) -> list[Row]:
        """Steps that cost customers the most hours beyond the limit."""
        rows = []
        for row in _ranked(self.evidence.weak_links):
            if not (row["missed"] > 0 and row["n"] >= self.min_base):
                continue
            step, key = (
                self._step(str(row["scenario"]), str(row["step"])),
                self.rules.moves.get(str(row["scenario"]), ""),
            )
            owner = {f"owner_{lang}": step.owner[lang] if step else "" for lang in ("zh", "en")}
            name = {f"name_{lang}": step.name[lang] if step else str(row["step"]) for lang in ("zh", "en")}
            rows.append(
                {
                    **self._about("step", str(row["step"]), construct=key, base=row["n"]),
                    **{"place": str(row["scenario"]), "logged_step": row["place"]},
                    **{"figure": row["hours_lost"], "count": row["missed"]},
                    **{"baseline": 100 * row["share"], "target": 50 * (1 + row["share"])},
                    **{"unit": "percent", "bound": "at_least"},
                    **{**owner, **name, **self._point(key)},
                    **({"counter": key, "counter_kind": "score"} if key else self._total()),
                }
            )
        return rows

    def themes(self) -> list[Row]:
        """The theme of complaints that weighs most."""
        rows = []
        for row in _ranked(self.evidence.weak_points):
            if row["n"] >= self.min_base:
                key = _text(row["construct"])
                rows.append(
                    {
                        **self._about("theme", str(row["theme"]), construct=key, base=row["texts"]),
                        "texts_of": row["group"],
                        **{"figure": row["share"], "figure_low": row["ci_low"], "figure_high": row["ci_high"]},
                        **{"count": row["n"], "baseline": 100 * row["share"], "target": 100 * row["ci_low"]},
                        **{"unit": "percent", "bound": "below"},
                        **self._point(key),
                        **self._total(),
                    }
                )
        return rows

    def training(self) -> list[Row]:
        """The kind of institution and dimension whose staff need training most surely."""
        table = self.evidence.needs
        if table is None or not len(table):
            return []
        rows = []
        for row in _records(table.sort_values(["p_first_two", "need"], ascending=False, kind="stable")):
            if not row["ci_low"] > 0:
                continue
            key = str(row["construct"])
            rows.append(
                {
                    **self._about("training", str(row["category"]), construct=key, base=row.get("n", np.nan)),
                    **{"figure": row["need"], "figure_low": row["ci_low"], "figure_high": row["ci_high"]},
                    **{"segment": self.segment, "category": str(row["category"]), "count": row["p_first_two"]},
                    **{"indicator": key, "unit": "score", "bound": "at_least", "baseline": np.nan, "target": np.nan},
                    **self._point(key),
                    **self._chart_guard(),
                }
            )
        return rows

    def indicators(self) -> list[Row]:
        """Charted indicators that miss their target by themselves, or have begun to get worse."""
        rows = []
        for row in _records(self.evidence.charts):
            if row["assurance"] != "misses" and row["variation"] != "concerning":
                continue
            key = str(row["indicator"])
            rows.append(
                {
                    **self._about("indicator", key, owner=self._owner("indicator", key)),
                    **{"figure": abs(row["centre"] - row["target"]), "baseline": row["value"], "target": row["target"]},
                    **{name: row[name] for name in ("indicator", "indicator_zh", "indicator_en", "unit", "bound")},
                    **{"place": str(row["assurance"]), "effect_of": "", **self._total(but=key)},
                }
            )
        return rows

    def measures(self) -> list[Row]:
        """Measures that missed their target, the farthest from it first."""
        table = self.evidence.register
        if table is None:
            return []
        missed = table[table["verdict"] == "missed"].sort_values("progress", kind="stable")
        rows = []
        for row in _records(missed):
            key = _text(row["dimension"])
            rows.append(
                {
                    **self._about("measure", str(row["action_id"]), construct=key),
                    **{f"owner_{lang}": _text(row[f"owner_{lang}"]) for lang in ("zh", "en")},
                    **{f"name_{lang}": _text(row[f"measure_{lang}"]) for lang in ("zh", "en")},
                    **{
                        "figure": abs(row["actual"] - row["target"]),
                        "baseline": row["actual"],
                        "target": row["target"],
                    },
                    **{name: row[name] for name in ("indicator", "indicator_zh", "indicator_en", "unit")},
                    **{"bound": "at_least" if row["actual"] < row["target"] else "at_most"},
                    **self._point(key),
                    **self._total(but=str(row["indicator"])),
                }
            )
        return rows

    def _about(
        self, kind: str, subject: str, *, construct: str = "", base: float = np.nan, owner: Row | None = None
    ) -> Row:
        found = owner if owner is not None else self._owner("dimension", construct)
        return {"kind": kind, "subject": subject, "construct": construct, "base": base, **found}

    def _owner(self, column: str, key: str) -> Row:
        """Who answers for a dimension or an indicator: as the params say, else whoever has most measures for it."""
        stated = self.rules.owners.get(key) if column == "dimension" else None
        if stated is not None:
            return {"owner_zh": stated.zh, "owner_en": stated.en}
        table = self.evidence.register
        if table is None or not key:
            return {"owner_zh": "", "owner_en": ""}
        own = table[table[column].astype(object) == key].dropna(subset=["owner_zh", "owner_en"])
        if not len(own):
            return {"owner_zh": "", "owner_en": ""}
        counts = own.groupby(["owner_zh", "owner_en"], sort=False, as_index=False).size()
        most = counts.sort_values("size", ascending=False, kind="stable").iloc[0]
        return {"owner_zh": str(most["owner_zh"]), "owner_en": str(most["owner_en"])}

    def _point(self, key: str) -> Row:
        """What one point more in the rating of a dimension does; nothing where it is not known."""
        row = self.scores.get(key)
        if row is None or key not in self.points:
            return {"effect_of": ""}
        index = float(self.points[key])
        loyalty = {
            "loyalty": row["importance"],
            "loyalty_low": row["importance_low"],
            "loyalty_high": row["importance_high"],
        }
        return {
            "effect_of": "point",
            **loyalty,
            "index": index,
            "index_low": index,
            "index_high": index,
            "outcome": self.outcome,
        }

    def _item(self, key: str) -> str:
        """The question of a dimension to begin with: the lowest rated of those that matter more than its mean."""
        table = self.evidence.items
        if table is None or not len(table):
            return ""
        own = table[(table["outcome"] == self.outcome) & (table["construct"] == key)].dropna(subset=["performance"])
        heavy = own[own["importance"] >= own["importance"].mean()]
        return str(heavy.sort_values("performance", kind="stable")["item"].iloc[0]) if len(heavy) else ""

    def _step(self, scenario: str, step: str) -> Any:
        found = next((one for one in (self.standards.scenarios if self.standards else ()) if one.key == scenario), None)
        return next((one for one in found.steps if one.key == step), None) if found else None

    def _guard(self, key: str) -> Row:
        """What must not get worse: the most important of the other dimensions that customers rate above the mean."""
        others = [row for name, row in self.scores.items() if name != key]
        mean = float(np.mean([row["performance"] for row in self.scores.values()])) if self.scores else 0.0
        above = [row for row in others if row["performance"] >= mean]
        best = max(above, key=lambda row: row["importance"], default=None)
        return self._total() if best is None else {"counter": str(best["construct"]), "counter_kind": "score"}

    def _total(self, but: str = "") -> Row:
        """The share of satisfied customers, where it is watched, must not get worse; else the index."""
        key = self.rules.sources.get("waves", "")
        charts = self.evidence.charts
        watched = charts is not None and key in set(charts["indicator"]) and key != but
        return {"counter": key, "counter_kind": "indicator"} if watched else {"counter": "csi", "counter_kind": "index"}

    def _chart_guard(self) -> Row:
        """Staff in training do not serve: punctuality must not suffer, where it is watched."""
        charts, key = self.evidence.charts, self.rules.sources.get("timeliness", "")
        if charts is not None and key in set(charts["indicator"]):
            return {"counter": key, "counter_kind": "indicator"}
        return self._total()


def _best_group(row: Row) -> Row:
    """The best group's score as the target, and what reaching it would bring."""
    taken = {"figure": "gap", "loyalty": "priority", "index": "index"}
    found = {f"{name}{end}": row[f"{column}{end}"] for name, column in taken.items() for end in ENDS[1:]}
    return found | {
        "target": row["target"],
        **dict(zip(taken, (row["gap"], row["priority"], row["index_gain"]), strict=True)),
    }


def _records(table: pd.DataFrame | None) -> list[Row]:
    return (
        [] if table is None else [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
    )


def _ranked(table: pd.DataFrame | None) -> list[Row]:
    return [] if table is None else _records(table.sort_values("rank", kind="stable"))


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]
