"""Sentences on the indicators, the register of measures, and what became of what was recommended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.edition.sections.monitoring import SIX
from analysis.publish.parts.actions.cells import inside, with_interval
from analysis.publish.parts.edition.cells import amount
from analysis.publish.words import formats
from analysis.publish.words.divided import divided
from analysis.publish.words.escape import plain
from analysis.publish.words.phrases import lowered

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

    Row = dict[str, Any]

MOST_NAMED = 3
VERDICTS = ("met", "missed", "on_the_way", "not_begun", "unknown")
LATELY = 12
"""Points in which an earlier signal is still worth a sentence."""


def monitoring(store: Store, labels: Labels) -> str:
    """Which indicators have a signal in their latest figure, and which can be relied on to keep their target."""
    rows = _records(store.table("control_summary").dropna(subset=["value"]))
    charted = [row for row in rows if row["variation"] != "too_few"]
    if not rows:
        return ""
    reached = [row for row in rows if reaches(row)]
    aimed = [row for row in rows if not formats.is_missing(row["target"])]
    sentences = [_at_target(len(reached), len(aimed), labels)] if aimed else []
    for verdict in ("concerning", "improving", "unexpected"):
        own = [row for row in charted if row["variation"] == verdict]
        sentences += [labels.text(f"findings.monitoring.{verdict}", **_latest(row, labels)) for row in own]
    if charted and all(row["variation"] == "common" for row in charted):
        sentences.append(labels.text("findings.monitoring.all_common"))
    for verdict in ("misses", "hits"):
        names = [name_inside(row, labels) for row in charted if row["assurance"] == verdict]
        if names:
            named = formats.listed(names, labels.lang)
            sentences.append(labels.text(f"findings.monitoring.{verdict}", names=named))
    unsure = [row for row in charted if row["assurance"] == "hit_and_miss"]
    if unsure and len(unsure) == len(charted):
        sentences.append(labels.text("findings.monitoring.all_unsure"))
    elif unsure:
        named = formats.listed([name_inside(row, labels) for row in unsure], labels.lang)
        sentences.append(labels.text("findings.monitoring.unsure", names=named))
    return formats.joined(sentences, labels.lang)


def _at_target(reached: int, total: int, labels: Labels) -> str:
    if total == 1:
        return labels.text(f"findings.monitoring.{'reached' if reached else 'short'}_alone")
    return labels.text("findings.monitoring.reached", total=total, reached=reached)


def step_changes(store: Store, labels: Labels) -> str:
    """The levels before and after each stated step change, and the signals of the current phase that are not old."""
    points, rows = store.table("control_points"), _records(store.table("control_summary"))
    sentences = []
    for row in rows:
        own = points[points["indicator"] == row["indicator"]]
        levels = own.dropna(subset=["centre"]).groupby("phase", sort=True)["centre"].first()
        if row["since"] and len(levels) > 1:
            sentences.append(_step(row, levels, labels))
    for row in rows:
        own = points[(points["indicator"] == row["indicator"])].tail(LATELY)
        past = own[(own["rule"] == "outside") & (own["period"] != row["last"])]
        sentences += [_signal(row, one, labels) for one in _records(past)]
    return formats.joined(sentences, labels.lang)


def _step(row: Row, levels: pd.Series[Any], labels: Labels) -> str:
    before, after = float(levels.iloc[-2]), float(levels.iloc[-1])
    return labels.text(
        "findings.monitoring.step",
        since=formats.wave(str(row["since"]), labels.lang),
        reason=plain(str(row[f"reason_{labels.lang}"])),
        indicator=name_inside(row, labels),
        after=amount(round(after, 1), str(row["unit"]), labels),
        before=amount(round(before, 1), str(row["unit"]), labels),
    )


def _signal(row: Row, point: Row, labels: Labels) -> str:
    side = "above" if point["value"] > point["centre"] else "below"
    value = amount(round(float(point["value"]), 1), str(row["unit"]), labels)
    when = formats.wave(str(point["period"]), labels.lang)
    return labels.text(f"findings.monitoring.{side}", indicator=name_inside(row, labels), value=value, when=when)


def _latest(row: Row, labels: Labels) -> dict[str, str]:
    unit = str(row["unit"])
    return {
        "indicator": name_inside(row, labels),
        "when": formats.wave(str(row["last"]), labels.lang),
        "value": amount(round(float(row["value"]), 1), unit, labels),
        "mean": amount(round(float(row["centre"]), 1), unit, labels),
        "rule": labels.text(f"control_rules_told.{row['rule']}"),
    }


def reaches(row: Row) -> bool:
    """Whether the latest value of an indicator meets its target."""
    if formats.is_missing(row["target"]):
        return False
    gap = float(row["value"]) - float(row["target"])
    return gap >= 0 if row["bound"] == "at_least" else gap < 0 if row["bound"] == "below" else gap <= 0


def name_inside(row: Row, labels: Labels) -> str:
    """Name of an indicator inside a sentence."""
    return lowered(plain(str(row[f"indicator_{labels.lang}"])), labels)


def actions(store: Store, labels: Labels) -> str:
    """How many measures reached their target, how many missed it, and which these are."""
    frame = store.table("action_register")
    counts = {name: int((frame["verdict"] == name).sum()) for name in VERDICTS}
    sentences = [divided("findings.actions.verdicts", counts, labels)]
    names = frame.loc[frame["verdict"] == "missed", f"measure_{labels.lang}"].astype(str).tolist()
    if 0 < len(names) <= MOST_NAMED and len(names) < sum(counts.values()):
        named = formats.semicolons([inside(name) for name in names], labels.lang)
        sentences.append(labels.text("findings.actions.named", names=named))
    return formats.joined([one for one in sentences if one], labels.lang)


def action_changes(store: Store, labels: Labels) -> str:
    """In how many measures the change was more than chance, and the largest step on the way to a target."""
    frame = store.table("action_register")
    tested = frame[frame["changed"] != "unknown"]
    if not len(tested):
        return ""
    better, worse = ((tested["changed"] == way).sum() for way in ("better", "worse"))
    counts = {"tested": len(tested), "better": int(better), "worse": int(worse)}
    counts["same"] = len(tested) - counts["better"] - counts["worse"]
    sentences = [labels.text("findings.actions.changed", **counts)]
    clear = tested[tested["changed"] == "better"].sort_values("progress", ascending=False, kind="stable")
    if len(clear):
        sentences.append(_best(_records(clear)[0], labels))
    return formats.joined(sentences, labels.lang)


def _best(row: Row, labels: Labels) -> str:
    unit = str(row["unit"])
    low, high = sorted(abs(float(row[name])) for name in ("change_low", "change_high"))
    size = with_interval(abs(row["change"]), low, high, "points" if unit == "percent" else unit, labels)
    return labels.text(
        f"findings.actions.{'up' if row['change'] > 0 else 'down'}",
        measure=inside(row[f"measure_{labels.lang}"]),
        indicator=name_inside(row, labels),
        size=size,
        baseline=amount(row["baseline"], unit, labels),
        actual=amount(round(float(row["actual"]), 1), unit, labels),
    )


def promises(store: Store, labels: Labels) -> str:
    """What became of the recommendations of the last edition."""
    frame = store.table("promises")
    counts = {
        name: int((frame["became"] == name).sum()) for name in ("kept", "under_way", "not_kept", "open", "no_measure")
    }
    sentences = [divided("findings.promises.outcomes", counts, labels)]
    for name in ("not_kept", "no_measure"):
        own = frame[frame["became"] == name][f"recommendation_{labels.lang}"].dropna().astype(str).tolist()
        if 0 < len(own) <= MOST_NAMED and len(own) < len(frame):
            named = formats.semicolons([inside(text) for text in own], labels.lang)
            sentences.append(labels.text(f"findings.promises.{name}", names=named))
    return formats.joined(sentences, labels.lang)


def flags(store: Store, labels: Labels) -> dict[str, bool]:
    """Which indicators are charted, and whether any is."""
    table = store.table("control_summary") if store.has_table("control_summary") else None
    charted = set() if table is None else set(table["indicator"].astype(str))
    each = {f"monitored.{key}": key in charted for key in {*SIX, *labels.edition.monitoring.indicators}}
    return each | {"edition.monitored": store.has_table("control_points")}


def variables(store: Store, labels: Labels) -> dict[str, dict[str, str]]:
    """The rules of the charts; nothing where there are none."""
    if not store.has_table("control_points"):
        return {}
    rules = labels.edition.monitoring
    return {"monitoring": {name: str(getattr(rules, name)) for name in ("min_points", "shift", "trend")}}


def _records(frame: pd.DataFrame) -> list[Row]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def records_recovery(store: Store, labels: Labels) -> str:
    """How many of the planted values lie inside their interval, and how many should."""
    table = store.table("records_recovery").dropna(subset=["inside"])
    level = labels.edition.service.confidence
    return labels.text(
        "findings.records_recovery",
        total=formats.count(len(table)),
        inside=formats.count(int(table["inside"].astype(bool).sum())),
        level=formats.level(level),
        expected=formats.number(len(table) * level),
    )
