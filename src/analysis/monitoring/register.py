"""The register of measures: from the baseline to the target, how far, how sure, and what that means on the day.

Plan is a measure with its indicator, target and date; check is the verdict, which follows by rule from the figures and
their errors; act is the next step, which follows from the verdict. A figure has the error that the register gives for
it (standard error, or the number it is a share of); where it gives none and the indicator is charted, the chart takes
its place: its level since a stated step change, else its latest value; else the figure is taken as it was reported.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.monitoring.indicators import BETTER, changed
from analysis.service.shares import wilson

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.edition.standards import Standards

    Floats = NDArray[Any]

VERDICTS = ("met", "on_the_way", "not_begun", "missed", "unknown")
"""met: the target is reached, error and all. on_the_way, not_begun: before its date, with and without clear progress.
missed: its date has passed, and all of the interval is short of the target. unknown: no value, no direction, or an
interval that spans the target after its date."""
KEPT = ("kept", "under_way", "not_kept", "open", "no_measure")
"""What became of a recommendation; open: its measures can't be judged; no_measure: none carries it out."""
PROMISED = (
    *("recommendation_id", "recommendation_zh", "recommendation_en", "kind", "subject", "place", "construct", "item"),
    *("segment", "category", "name_zh", "name_en", "indicator", "target", "due"),
)
"""What a recommendation of the last edition may say: its own words, or what this edition words its own by."""
OPTIONAL = (
    *("owner_zh", "owner_en", "dimension", "unit", "baseline", "actual", "due", "recommendation"),
    *("baseline_n", "actual_n", "baseline_se", "actual_se"),
)


def judge_actions(
    actions: pd.DataFrame,
    *,
    standards: Standards | None,
    as_of: datetime.date,
    charts: pd.DataFrame | None = None,
    confidence: float = 0.95,
    power: float = 0.8,
) -> pd.DataFrame:
    """The register with intervals, progress and verdict, one row per measure, ordered by verdict and date.

    actions: action_id, measure_zh, measure_en, indicator, target; of OPTIONAL what there is. charts: the summary of the
    monitored indicators. Adds indicator_zh, indicator_en (its name among the indicators of the standards, else the
    key), unit where the register has none, source (register or chart: where the actual value comes from), actual_low,
    actual_high, change, change_low, change_high, changed (better, worse, same, unknown), progress (share of the way
    from the baseline to the target; NaN where that can't be told), needed_n (answers that the next wave needs to see
    the planned change with this power; NaN where it can't be told or none would do) and verdict.
    """
    table = actions.reindex(columns=list(dict.fromkeys([*actions.columns, *OPTIONAL]))).reset_index(drop=True)
    table = _named(table, standards, charts)
    table = _with_errors(table, charts, confidence)
    numbers = {name: table[name].to_numpy(dtype=np.float64) for name in ("baseline", "target", "actual")}
    better = _better(table, standards, charts)
    with np.errstate(divide="ignore", invalid="ignore"):
        progress = (numbers["actual"] - numbers["baseline"]) / (numbers["target"] - numbers["baseline"])
    ways = zip(table["change_low"], table["change_high"], better, strict=True)
    table = table.assign(
        progress=np.where(np.isfinite(progress), progress, np.nan),
        changed=[changed(low, high, way) for low, high, way in ways],
        needed_n=_needed(table, confidence=confidence, power=power),
    )
    table["verdict"] = _verdicts(table, better, as_of)
    place = table["verdict"].map({name: number for number, name in enumerate(VERDICTS)})
    order = table.assign(place=place).sort_values(["place", "due", "action_id"], kind="stable").index
    return table.loc[order].reset_index(drop=True)


def track_promises(
    promises: pd.DataFrame, register: pd.DataFrame | None, *, charts: pd.DataFrame | None
) -> pd.DataFrame:
    """What became of each recommendation of the last edition, by the verdicts on the measures that carry it out.

    promises: recommendation_id and what there is of PROMISED. One that no measure names is kept where its indicator is
    charted and has reached the target. Adds measure_zh, measure_en (those that carry it out) and became (one of KEPT).
    """
    table = promises.reindex(columns=list(PROMISED)).reset_index(drop=True)
    own = register.dropna(subset=["recommendation"]) if register is not None else None
    reached = _reached(charts)
    found = []
    for row in table.to_dict("records"):
        linked = own[own["recommendation"].astype(str) == str(row["recommendation_id"])] if own is not None else None
        if linked is None or not len(linked):
            kept = row["target"] == row["target"] and reached(str(row["indicator"]), float(row["target"]))
            found.append({"measure_zh": "", "measure_en": "", "became": "kept" if kept else "no_measure"})
            continue
        names = {"measure_zh": "；".join(linked["measure_zh"]), "measure_en": "; ".join(linked["measure_en"])}
        found.append({**names, "became": _became(set(linked["verdict"]))})
    table = pd.concat([table, pd.DataFrame(found, columns=["measure_zh", "measure_en", "became"])], axis=1)
    return table.sort_values("became", key=lambda one: one.map(KEPT.index), kind="stable", ignore_index=True)


def _became(verdicts: set[str]) -> str:
    if verdicts == {"met"}:
        return "kept"
    if "missed" in verdicts:
        return "not_kept"
    return "under_way" if verdicts & {"on_the_way", "not_begun"} else "open"


def _reached(charts: pd.DataFrame | None) -> Any:
    """Whether the level of a charted indicator is at or beyond a target; False where it is not charted."""
    known = {} if charts is None else {str(row["indicator"]): row for row in charts.to_dict("records")}

    def reached(key: str, target: float) -> bool:
        row = known.get(key)
        way = BETTER.get(str(row["bound"])) if row else None
        return row is not None and way is not None and way * (float(row["level"]) - target) >= 0

    return reached


def _named(table: pd.DataFrame, standards: Standards | None, charts: pd.DataFrame | None) -> pd.DataFrame:
    """Names and units of the indicators."""
    known = {one.key: one for one in (standards.indicators if standards else ())}
    units: dict[str, str] = {key: one.limit.unit for key, one in known.items() if one.limit}
    if charts is not None:
        units |= dict(zip(charts["indicator"].astype(str), charts["unit"].astype(str), strict=True))
    keys = table["indicator"].astype(str)
    names = {
        f"indicator_{lang}": [known[key].name[lang] if key in known else key for key in keys] for lang in ("zh", "en")
    }
    stated = table["unit"].astype(object)
    return table.assign(**names, unit=stated.where(stated.notna(), [units.get(key, "") for key in keys]).astype(str))


def _better(table: pd.DataFrame, standards: Standards | None, charts: pd.DataFrame | None) -> Floats:
    """1 where more is better, −1 where less is: the way from baseline to target, else as standards or charts say."""
    bounds: dict[str, str] = {
        one.key: one.limit.bound for one in (standards.indicators if standards else ()) if one.limit
    }
    if charts is not None:
        bounds |= dict(zip(charts["indicator"].astype(str), charts["bound"].astype(str), strict=True))
    stated = np.array([BETTER.get(bounds.get(str(key), ""), np.nan) for key in table["indicator"]], dtype=np.float64)
    moved = np.sign(table["target"].to_numpy(dtype=np.float64) - table["baseline"].to_numpy(dtype=np.float64))
    return np.where(np.isfinite(moved) & (moved != 0), moved, stated)


def _with_errors(table: pd.DataFrame, charts: pd.DataFrame | None, confidence: float) -> pd.DataFrame:
    """Actual value, its interval and that of the change since the baseline."""
    from scipy.special import ndtri

    z = float(ndtri(0.5 + confidence / 2))
    number = {name: table[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in OPTIONAL if name in NUMERIC}
    own = np.isfinite([number[name] for name in ("actual_n", "actual_se", "baseline_n", "baseline_se")]).any(axis=0)
    latest = _latest(table, charts)
    charted = ~own & np.isfinite(latest["level"]) & np.isfinite(latest["level_se"])
    actual = np.where(charted, latest["level"], number["actual"])
    share = (table["unit"] == "percent").to_numpy()
    bounds = {}
    for name, value in (("baseline", number["baseline"]), ("actual", actual)):
        se = np.where(charted, latest["level_se"], number[f"{name}_se"])
        low, high = value - z * se, value + z * se
        n = number[f"{name}_n"]
        counted = share & np.isfinite(n) & ~np.isfinite(se)
        score = wilson(np.where(counted, value / 100 * n, np.nan), np.where(counted, n, np.nan), confidence=confidence)
        bounds[name] = tuple(np.where(counted, 100 * one, end) for one, end in zip(score, (low, high), strict=True))
    (base_low, base_high), (low, high) = bounds["baseline"], bounds["actual"]
    change = actual - number["baseline"]
    down = np.sqrt((actual - low) ** 2 + (base_high - number["baseline"]) ** 2)  # Newcombe 1998, method 10
    up = np.sqrt((high - actual) ** 2 + (number["baseline"] - base_low) ** 2)
    ends = {
        "actual_low": low,
        "actual_high": high,
        "change": change,
        "change_low": change - down,
        "change_high": change + up,
    }
    return table.assign(actual=actual, source=np.where(charted, "chart", "register"), **ends)


NUMERIC = frozenset({"baseline", "actual", "baseline_n", "actual_n", "baseline_se", "actual_se"})


def _latest(table: pd.DataFrame, charts: pd.DataFrame | None) -> dict[str, Floats]:
    """Level, and its error, of the chart of each row's indicator; NaN where it has none."""
    keys = table["indicator"].astype(str)
    if charts is None or not len(charts):
        return {name: np.full(len(table), np.nan) for name in ("level", "level_se")}
    known = charts.set_index(charts["indicator"].astype(str))
    return {name: known[name].reindex(keys).to_numpy(dtype=np.float64) for name in ("level", "level_se")}


def _verdicts(table: pd.DataFrame, better: Floats, as_of: datetime.date) -> NDArray[Any]:
    actual, target = (table[name].to_numpy(dtype=np.float64) for name in ("actual", "target"))
    low, high = (
        table[name].fillna(table["actual"]).to_numpy(dtype=np.float64) for name in ("actual_low", "actual_high")
    )
    worst, best = np.where(better > 0, low, high), np.where(better > 0, high, low)
    due = pd.to_datetime(table["due"])
    waiting = (due.isna() | (due > pd.Timestamp(as_of))).to_numpy()
    with np.errstate(invalid="ignore"):
        met, short = better * (worst - target) >= 0, better * (best - target) < 0
        begun = better * table["change"].to_numpy(dtype=np.float64) > 0
    tested = table["changed"] != "unknown"
    begun = np.where(
        tested, table["changed"] == "better", begun | ~np.isfinite(table["baseline"].to_numpy(dtype=np.float64))
    )
    known = np.isfinite(actual) & np.isfinite(better)
    return np.select(
        [~known, met, waiting & begun, waiting, short],
        ["unknown", "met", "on_the_way", "not_begun", "missed"],
        "unknown",
    )


def _needed(table: pd.DataFrame, *, confidence: float, power: float) -> Floats:
    """Answers that show the planned change: n = s₁² / (δ²/(z_α + z_β)² − se₀²), two equal samples where se₀ is unknown.

    s² is p(1 − p) of a share, n·se² of a mean. Source: Cochran 1977, §4.6, for a difference of two independent samples.
    """
    from scipy.special import ndtri

    number = {name: table[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in NUMERIC}
    z = float(ndtri(0.5 + confidence / 2) + ndtri(power))
    target = table["target"].to_numpy(dtype=np.float64)
    share = (table["unit"] == "percent").to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = number["actual_n"] * number["actual_se"] ** 2
        before = np.where(share, number["baseline"] * (100 - number["baseline"]), spread)
        after = np.where(share, target * (100 - target), spread)
        room = ((target - number["baseline"]) / z) ** 2
        error = np.where(np.isfinite(number["baseline_se"]), number["baseline_se"] ** 2, before / number["baseline_n"])
        needed = np.where(np.isfinite(error), after / (room - error), (before + after) / room)
    return np.where(np.isfinite(needed) & (needed > 0), np.ceil(needed - 1e-9), np.nan)
