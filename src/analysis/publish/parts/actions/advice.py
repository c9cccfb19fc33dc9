"""The recommendations as prose: grounds, what to do, who, by when, what it should bring, what must not suffer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from analysis.publish.parts.actions.cells import guarded, indicator, measured_by, month, recommendation
from analysis.publish.parts.edition.cells import amount
from analysis.publish.words import formats
from analysis.publish.words.escape import plain
from analysis.publish.words.phrases import construct_inside, lowered

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store

    Row = dict[str, Any]

MOST = 8
IN_BRIEF = 3
"""Recommendations that the summary repeats in short."""


def recommendations(store: Store, labels: Labels) -> str:
    """How many there are, and in which order."""
    rows = _rows(store)
    of_answers = all(row["kind"] in {"dimension", "theme"} for row in rows)
    key = "count_of_records" if not labels.edition.interviewed else "count_of_survey" if of_answers else "count"
    key = "count_one" if len(rows) == 1 else key
    return labels.text(f"findings.advice.{key}", total=len(rows)) if rows else ""


def in_brief(store: Store, labels: Labels) -> str:
    """What they ask for, one after the other."""
    asked = [labels.text("findings.advice.what", what=recommendation(row, labels)) for row in _rows(store)]
    return formats.joined(asked, labels.lang)


def paragraph(number: int) -> Callable[[Store, Labels], str]:
    """Tells the recommendation of this number; "" where there are fewer."""

    def tell(store: Store, labels: Labels) -> str:
        rows = _rows(store)
        return _told(rows[number - 1], labels, rows[: number - 1]) if number <= len(rows) else ""

    return tell


def heading(number: int) -> Callable[[Store, Labels], str]:
    """What the recommendation of this number asks for; "" where there are fewer."""

    def tell(store: Store, labels: Labels) -> str:
        rows = _rows(store)
        if number > len(rows):
            return ""
        return labels.text("findings.advice.what", what=recommendation(rows[number - 1], labels))

    return tell


def brief(number: int) -> Callable[[Store, Labels], str]:
    """The recommendation of this number in short, for the summary: grounds, expected effect, who and by when."""

    def tell(store: Store, labels: Labels) -> str:
        rows = _rows(store)
        if number > len(rows):
            return ""
        row = rows[number - 1]
        own = row[f"owner_{labels.lang}"]
        known = "brief_unowned" if formats.is_missing(own) else "brief_owned"
        owner = "" if formats.is_missing(own) else plain(str(own))
        who = labels.text(f"findings.advice.{known}", owner=owner, due=month(row["due"], labels))
        return formats.joined([_grounds(row, labels), _expected(row, labels), who], labels.lang)

    return tell


def on_feedback(store: Store, labels: Labels) -> str:
    """Which of the recommendations follow from what customers complained of, for the chapter on feedback."""
    numbers = [str(place) for place, row in enumerate(_rows(store), start=1) if row["kind"] == "theme"]
    if not numbers:
        return ""
    key = "one" if len(numbers) == 1 else "several"
    told = "、".join(numbers) if labels.lang == "zh" else formats.listed(numbers, labels.lang)
    return labels.text(f"findings.advice.taken_up_{key}", numbers=told)


def _rows(store: Store) -> list[Row]:
    frame = store.table("recommendations")
    rows = [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]
    return [row for row in rows if row.get("suppressed") != "withheld"]


def _told(row: Row, labels: Labels, before: Sequence[Row]) -> str:
    """The paragraph of one recommendation; an effect that one before it has told is pointed to."""
    own = (row["effect_of"], row["construct"])
    alike = [place for place, other in enumerate(before, start=1) if (other["effect_of"], other["construct"]) == own]
    repeated = bool(alike) and own[0] == "point" and labels.edition.interviewed
    effect = labels.text("findings.advice.as_before", number=alike[0]) if repeated else _expected(row, labels)
    sentences = [
        _grounds(row, labels),
        effect,
        _promise(row, labels),
    ]
    return formats.joined([sentence for sentence in sentences if sentence], labels.lang)


def _grounds(row: Row, labels: Labels) -> str:
    kind, unit = str(row["kind"]), str(row["unit"])
    if kind == "indicator":
        kind = f"indicator_{'misses' if row['place'] == 'misses' else 'concerning'}"
    if kind == "dimension" and formats.is_missing(row["category"]):
        kind = "dimension_marks"
    if kind == "theme" and formats.is_missing(row["construct"]):
        kind = "theme_alone"
    if kind in {"theme", "theme_alone", "step"} and not labels.edition.interviewed:
        kind = f"{'step' if kind == 'step' else 'theme'}_of_records"
    category = "" if formats.is_missing(row["category"]) else labels.group(str(row["segment"]), str(row["category"]))
    construct = "" if formats.is_missing(row["construct"]) else str(row["construct"])
    values = {
        "dimension": construct_inside(construct, labels) if construct else "",
        "category": category,
        "figure": formats.number(row["figure"]),
        "ci": formats.interval(row["figure_low"], row["figure_high"], labels.lang),
        "share": formats.percent(row["figure"]),
        "share_ci": formats.percent_interval(row["figure_low"], row["figure_high"], labels.lang),
        "count": formats.count(row["count"]),
        "times": "" if formats.is_missing(row["count"]) else formats.number(100 * row["count"], 0),
        "base": formats.count(row["base"]),
        "hours": formats.count(row["figure"]),
        "now": amount(_one(row["baseline"]), unit, labels),
        "target": amount(_one(row["target"]), unit, labels),
        "indicator": lowered(_indicator(row, labels), labels),
    }
    return labels.text(f"findings.advice.grounds.{kind}", **values)


def _one(value: Any) -> Any:
    return value if formats.is_missing(value) else round(float(value), 1)


def _indicator(row: Row, labels: Labels) -> str:
    own = row[f"indicator_{labels.lang}"]
    return indicator(str(row["indicator"] or ""), labels) if formats.is_missing(own) else plain(str(own))


def _expected(row: Row, labels: Labels) -> str:
    """What it should bring; one sentence says where that is not known, and none where nobody was asked."""
    if not labels.edition.interviewed:
        return ""
    if not row["effect_of"] or formats.is_missing(row["loyalty"]):
        return labels.text("findings.advice.unknown_effect")
    dimension = construct_inside(str(row["construct"]), labels)
    return labels.text(f"findings.advice.{row['effect_of']}", dimension=dimension, **_effects(row, labels))


def _effects(row: Row, labels: Labels) -> dict[str, str]:
    return {
        "outcome": construct_inside(str(row["outcome"]), labels),
        "loyalty": formats.gained(row["loyalty"]),
        "loyalty_ci": formats.gained_interval(row["loyalty"], row["loyalty_low"], row["loyalty_high"], labels.lang),
        "index": formats.gained(row["index"]),
        "index_ci": formats.gained_interval(row["index"], row["index_low"], row["index_high"], labels.lang),
    }


def _promise(row: Row, labels: Labels) -> str:
    own = row[f"owner_{labels.lang}"]
    known = "owned" if not formats.is_missing(own) else "unowned"
    told = {
        "owner": plain(str(own)) if known == "owned" else "",
        "due": month(row["due"], labels),
        "measured": measured_by(row, labels),
    }
    if not labels.edition.interviewed and row["counter_kind"] != "indicator":
        return labels.text(f"findings.advice.{known}_of_records", **told)
    return labels.text(f"findings.advice.{known}", **told, guarded=guarded(row, labels))
