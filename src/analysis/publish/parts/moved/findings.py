"""Sentences on what moved since the last edition, what of it is real, and what is asked and done otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import lies_within, verdict
from analysis.publish.parts.moved.cells import measure
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside
from analysis.survey.estimation.overlap import Estimate, differ
from analysis.waves.editions import PARTS
from analysis.waves.scores import CSAT, CSI

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

    Row = Mapping[Any, Any]


def moved(store: Store, labels: Labels) -> str:
    """Change of the index with base and interval, and what it is made of."""
    rows = rows_of(store, "headline_changes")
    row = leading(rows)
    if row is None:
        return ""
    parts = rows_of(store, "change_parts").get(str(row["measure"]))
    values = _change(row, labels) | {
        "edition": _edition(store, labels),
        "before": formats.number(row["before"]),
        "after": formats.number(row["after"]),
        "n_before": formats.count(row["n_before"]),
        "n_after": formats.count(row["n_after"]),
    }
    told = [labels.text(f"findings.moved.{way(row, labels)}", **values)]
    if parts is None:
        return told[0]
    named = {part: labels.text("findings.moved_part", **_part(parts, part, labels)) for part in PARTS}
    told.append(labels.text("findings.moved.parts", **named))
    key = "real_none" if lies_within(parts["real_low"], parts["real_high"], 0.0) else "real_some"
    told.append(labels.text(f"findings.moved.{key}"))
    return formats.joined(told, labels.lang)


def measures(store: Store, labels: Labels) -> str:
    """Which constructs, and whether the share of satisfied customers, rose or fell beyond chance."""
    rows = [row for key, row in rows_of(store, "headline_changes").items() if key != CSI]
    if not rows:
        return ""
    told: dict[str, list[Row]] = {"higher": [], "lower": [], "same": []}
    for row in rows:
        told[way(row, labels)].append(row)
    if len(told["same"]) == len(rows):
        return labels.text("findings.moved_measures.same", n=len(rows))
    parts = []
    for side in ("higher", "lower"):
        if told[side]:
            key = "alone_lower" if side == "lower" and not told["higher"] else side
            parts.append(labels.text(f"findings.moved_measures.{key}", names=_named(told[side], labels)))
    left = "others" if len(told["same"]) > 1 else "other" if told["same"] else "end"
    return formats.semicolons(parts, labels.lang) + labels.text(f"findings.moved_measures.{left}", n=len(told["same"]))


def otherwise(store: Store, labels: Labels) -> str:
    """Changes beyond chance that are none of customers: what is left as real includes zero."""
    rows, parts, told = rows_of(store, "headline_changes"), rows_of(store, "change_parts"), []
    for key, row in rows.items():
        part = parts.get(key)
        if part is None or way(row, labels) == "same" or not lies_within(part["real_low"], part["real_high"], 0.0):
            continue
        cause = max(PARTS[:-1], key=lambda name, part=part: abs(part[name]))  # type: ignore[misc]
        if lies_within(part[f"{cause}_low"], part[f"{cause}_high"], 0.0):
            continue
        values = {f"real_{name}": text for name, text in _part(part, "real", labels).items()}
        told.append(
            labels.text(
                f"findings.moved_otherwise.{cause}",
                name=name_inside(key, labels),
                difference=formats.signed(row["difference"]),
                n=formats.count(row["n"]),
                **_part(part, cause, labels),
                **values,
            )
        )
    return formats.joined(told, labels.lang)


def series(store: Store, labels: Labels) -> str:
    """How the wave of the tracking series that stands for the last edition compares with what that edition found."""
    row, wave = rows_of(store, "headline_changes").get(CSI), labels.edition.trend.last_edition
    table = store.table("waves").dropna(subset=["csi", "ci_low", "ci_high"])
    found = table[table["wave"].astype(str) == str(wave)]
    if row is None or found.empty or formats.is_missing(row["before_low"]):
        return ""
    tracked = found.to_dict("records")[0]
    sides = (
        Estimate("edition", row["before"], row["before_low"], row["before_high"]),
        Estimate("series", tracked["csi"], tracked["ci_low"], tracked["ci_high"]),
    )
    key = "differs" if differ(*sides, confidence=labels.edition.index.confidence) else "same"
    return labels.text(
        f"findings.moved_series.{key}",
        edition=_edition(store, labels),
        wave=formats.wave(str(wave), labels.lang),
        tracked=formats.number(tracked["csi"]),
        tracked_ci=formats.interval(tracked["ci_low"], tracked["ci_high"], labels.lang),
        before=formats.number(row["before"]),
        ci=formats.interval(row["before_low"], row["before_high"], labels.lang),
    )


def questions(store: Store, labels: Labels) -> str:
    """How many items are new, gone, in other words or on another scale."""
    if not store.has_table("instrument_changes"):
        return labels.text("findings.moved_questions.none")
    counts = store.table("instrument_changes")["change"].astype(str).value_counts()
    told = [
        labels.text(f"findings.moved_questions.{change}{'' if counts[change] > 1 else '_one'}", n=int(counts[change]))
        for change in ("new", "dropped", "reworded", "rescaled")
        if change in counts
    ]
    return labels.text("findings.moved_questions.some", changes=formats.listed(told, labels.lang))


def methods(store: Store, labels: Labels) -> str:
    """Which sections of the params say otherwise how results are found."""
    if not store.has_table("param_changes"):
        return labels.text("findings.moved_methods.none")
    sections = store.table("param_changes")["section"].astype(str).drop_duplicates()
    names = formats.listed([labels.text(f"moved_sections_inside.{key}") for key in sections], labels.lang)
    cleaning = "_cleaning" if "cleaning" in set(sections) else ""
    return labels.text(f"findings.moved_methods.some{cleaning}", names=names)


def overlap(store: Store, labels: Labels) -> str:
    """How many interviews are of people in both editions, where there are any."""
    count = int(store.record("17_moved", "moved")["overlap"])
    return labels.text("findings.moved_overlap", n=formats.count(count)) if count else ""


def rows_of(store: Store, table: str) -> dict[str, Row]:
    """Rows that have a figure, by measure."""
    rows = store.table(table).dropna(subset=["difference"]).to_dict("records")
    return {str(row["measure"]): row for row in rows}


def _edition(store: Store, labels: Labels) -> str:
    return labels.text("moved.edition", name=str(store.record("17_moved", "moved")["before"]))


def leading(rows: Mapping[str, Row]) -> Row | None:
    """The change of the index, or of the first result where there is none."""
    return rows.get(CSI) or next(iter(rows.values()), None)


def way(row: Row, labels: Labels) -> str:
    """Whether a result is higher, lower or about the same."""
    return verdict(row["difference"], row["p_adjusted"], confidence=labels.edition.index.confidence)


def _change(row: Row, labels: Labels) -> dict[str, str]:
    return {
        "size": formats.number(abs(row["difference"])),
        "difference": formats.signed(row["difference"]),
        "ci": formats.interval(row["ci_low"], row["ci_high"], labels.lang),
    }


def _part(row: Row, part: str, labels: Labels) -> dict[str, str]:
    ends = formats.interval(row[f"{part}_low"], row[f"{part}_high"], labels.lang, decimals=2)
    return {"value": formats.signed(row[part], 2), "ci": ends}


def name_inside(key: str, labels: Labels) -> str:
    return measure(key, labels) if key in {CSI, CSAT} else construct_inside(key, labels)


def _named(rows: Sequence[Row], labels: Labels) -> str:
    ordered = sorted(rows, key=lambda row: -abs(row["difference"]))
    parts = [
        labels.text(
            "findings.moved_measures.one", name=name_inside(str(row["measure"]), labels), **_change(row, labels)
        )
        for row in ordered
    ]
    return formats.listed(parts, labels.lang)
