"""Cells of the indicators, the register and the recommendations."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from analysis.publish.parts.edition.cells import amount
from analysis.publish.parts.feedback.cells import theme, triage_class
from analysis.publish.parts.relationships.cells import group_name, trait_name
from analysis.publish.parts.standards.cells import full_name
from analysis.publish.tables.spec import Column, Kind, Row
from analysis.publish.words import formats
from analysis.publish.words.escape import plain
from analysis.publish.words.phrases import construct_inside, lowered

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels


def indicator(key: str, labels: Labels) -> str:
    """Name of an indicator, or the key where the standards do not have it."""
    known = labels.edition.standards.indicators if labels.edition.standards else ()
    return plain(next((one.name[labels.lang] for one in known if one.key == key), key))


def between(low: float, high: float, unit: str, labels: Labels) -> str:
    """Bounds in the unit of a value; percentages once."""
    if formats.is_missing(low) or formats.is_missing(high):
        return ""
    text = formats.interval(low, high, labels.lang)
    return f"{text}%" if unit == "percent" else text


def inside(name: Any) -> str:
    """A name for quotation marks: those of its own become single ones."""
    text = "" if formats.is_missing(name) else plain(str(name))
    return text.translate(str.maketrans("“”", "‘’"))


def with_interval(value: float, low: float, high: float, unit: str, labels: Labels) -> str:
    """A value with its unit and, where it has one, its interval in brackets, as a sentence holds it."""
    told, bounds = amount(_rounded(value, unit), unit, labels), between(low, high, unit, labels)
    if told == formats.MISSING or not bounds:
        return told
    return formats.bracketed(told, bounds, labels.lang)


def _rounded(value: float, unit: str) -> float:
    """One decimal, so that a time is not told more exactly than it is known."""
    return value if formats.is_missing(value) or unit == "" else round(float(value), 1)


def limited(value: float, unit: str, bound: str, labels: Labels) -> str:
    """A target with its bound and unit."""
    if formats.is_missing(value):
        return formats.MISSING
    sign = labels.text(f"bounds.{bound}") if bound else ""
    return f"{sign} {amount(value, unit, labels)}".strip().replace(" ", "\N{NO-BREAK SPACE}")


def day(value: Any, labels: Labels) -> str:
    """A date, or the mark of a missing one."""
    return formats.MISSING if formats.is_missing(value) else formats.date(value.date(), labels.lang)


def month(value: Any, labels: Labels) -> str:
    """The month of a date, as a deadline is spoken of."""
    return formats.wave(dt.date(value.year, value.month, 1).strftime("%Y-%m"), labels.lang)


def changed_by(value: float, unit: str, labels: Labels) -> str:
    """A change with its sign and unit; percentages change by points."""
    if formats.is_missing(value):
        return formats.MISSING
    told = amount(abs(round(float(value), 1)), "points" if unit == "percent" else unit, labels)
    sign = formats.signed(value)[:1]
    return f"{sign}{told}" if sign in "+−" else told


def recommendation(row: Row, labels: Labels) -> str:
    """What is recommended, in half a sentence."""
    kind, values = str(row["kind"]), _values(row, labels)
    if kind == "dimension":
        kind = "dimension.group" if not formats.is_missing(row["category"]) else "dimension.marks"
        kind = kind if values["item"] else f"{kind}_whole"
    if kind == "indicator":
        kind = "indicator.misses" if row["place"] == "misses" else "indicator.concerning"
    return labels.text(f"recommendations.{kind}", **values)


def promised(row: Row, labels: Labels) -> str:
    """A recommendation of the last edition: in its own words, else as this edition would word it."""
    own = row[f"recommendation_{labels.lang}"]
    if not formats.is_missing(own):
        return plain(str(own))
    if formats.is_missing(row["kind"]):
        return str(row["recommendation_id"])
    return recommendation(row, labels)


def _values(row: Row, labels: Labels) -> dict[str, str]:
    construct, subject = ("" if formats.is_missing(row[name]) else str(row[name]) for name in ("construct", "subject"))
    missing = formats.is_missing(row["category"])
    category = "" if missing else labels.group(str(row["segment"]), str(row["category"]))
    return {
        "dimension": construct_inside(construct, labels) if construct else "",
        "category": category,
        "item": "" if formats.is_missing(row["item"]) or row["item"] == "" else labels.item(str(row["item"])),
        "target": formats.number(row["target"]),
        "scenario": lowered(labels.scenario(str(row["place"])), labels),
        "theme": lowered(theme(subject, labels), labels),
        "indicator": lowered(indicator(subject, labels), labels),
        "name": inside(row[f"name_{labels.lang}"]),
    }


def measured_by(row: Row, labels: Labels) -> str:
    """The figure in which a recommendation is to show, from where to where."""
    kind, unit = str(row["kind"]), str(row["unit"])
    if kind in {"step", "theme"}:
        name = labels.text(f"measured_by.{kind}")
    elif unit == "score" and formats.is_missing(row["indicator_zh"]):
        name = labels.text("measured_by.score", dimension=construct_inside(str(row["indicator"]), labels))
    else:
        name = lowered(indicator(str(row["indicator"]), labels), labels)
    if formats.is_missing(row["target"]) or formats.is_missing(row["baseline"]):
        return name
    path = {"now": amount(row["baseline"], unit, labels), "target": amount(row["target"], unit, labels)}
    return labels.text("measured_by.path", name=name, **path)


def guarded(row: Row, labels: Labels) -> str:
    """What must not get worse."""
    kind, key = str(row["counter_kind"]), str(row["counter"])
    if kind == "score":
        return labels.text("measured_by.score", dimension=construct_inside(key, labels))
    if kind == "indicator":
        return labels.text("measured_by.figure", name=lowered(indicator(key, labels), labels))
    return labels.text("measured_by.index")


def effect(row: Row, name: str, labels: Labels) -> str:
    """Expected effect on one outcome with its interval, of the gap or of one point."""
    value, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
    if formats.is_missing(value) or not row["effect_of"]:
        return formats.MISSING
    told = formats.signed(value, formats.decimals_of_gain(value))
    if not formats.is_missing(low) and high > low:
        told = formats.bracketed(told, formats.gained_interval(value, low, high, labels.lang), labels.lang)
    return labels.text("effects_of.point", effect=told) if row["effect_of"] == "point" else told


def _verdict(row: Row, column: Column, labels: Labels) -> str:
    said = row[column.sources[0]]
    return formats.MISSING if formats.is_missing(said) else labels.text(f"{column.detail}.{said}")


def _target(row: Row, column: Column, labels: Labels) -> str:
    return limited(row["target"], str(row["unit"]), str(row["bound"]), labels)


def _latest(row: Row, column: Column, labels: Labels) -> str:
    value = amount(_rounded(row["value"], str(row["unit"])), str(row["unit"]), labels)
    when = formats.wave(str(row["last"]), labels.lang)
    return value if value == formats.MISSING else labels.text("text.value_of", value=value, when=when)


def _change(row: Row, column: Column, labels: Labels) -> str:
    if formats.is_missing(row["change"]) or not row["earlier"]:
        return formats.MISSING
    told = changed_by(row["change"], str(row["unit"]), labels)
    since = formats.wave(str(row["earlier"]), labels.lang)
    return labels.text(f"changes_since.{row['changed']}", change=told, since=since)


def _path(row: Row, column: Column, labels: Labels) -> str:
    unit = str(row["unit"])
    start, end = (
        amount(row[name], unit, labels) if unit else formats.number(row[name]) for name in ("baseline", "target")
    )
    return f"{start}\N{NO-BREAK SPACE}→\N{NO-BREAK SPACE}{end}"


def _actual(row: Row, column: Column, labels: Labels) -> str:
    unit = str(row["unit"])
    if not unit:
        return formats.number(row["actual"])
    bounds = between(row["actual_low"], row["actual_high"], unit, labels)
    told = amount(_rounded(row["actual"], unit), unit, labels)
    return formats.bracketed(told, bounds, labels.lang) if bounds and told != formats.MISSING else told


def _measure(row: Row, column: Column, labels: Labels) -> str:
    name, shown = plain(str(row[f"measure_{labels.lang}"])), str(row[f"indicator_{labels.lang}"])
    shown = plain(re.sub(r"\s*[（(][^）)]*[）)]", "", shown))
    return labels.text("text.measure_of", measure=name, indicator=lowered(shown, labels))


def _next(row: Row, column: Column, labels: Labels) -> str:
    told = labels.text(f"next_steps.{row['verdict']}")
    n = row["needed_n"]
    if row["verdict"] in {"not_begun", "unknown"} and not formats.is_missing(n):
        return labels.text("next_steps.with_n", step=told, n=formats.count(n))
    return told


def _owner(row: Row, column: Column, labels: Labels) -> str:
    own = row[f"owner_{labels.lang}"]
    return formats.MISSING if formats.is_missing(own) else plain(str(own))


SHARES = frozenset({"on_time"})
"""Quantities that are shares of 0–1."""


def found_of(quantity: str, subject: str, labels: Labels) -> str:
    """What a quantity is of: a step, a class of tickets, a measure of training, customers, an indicator."""
    first, _, rest = subject.partition(".")
    if quantity == "on_time":
        return full_name(first, rest, labels) if rest else triage_class(first, labels)
    if quantity == "lift":
        return labels.text(f"training_measures.{subject}")
    if quantity == "change":
        return indicator(first, labels)
    if quantity == "minutes":
        return labels.text(f"found_minutes.{subject}")
    return trait_name(subject, "", labels) if subject == "products" else group_name("value_tier", subject, labels)


def _found_value(row: Row, column: Column, labels: Labels) -> str:
    quantity, value = (row[source] for source in column.sources)
    return formats.percent(value) if quantity in SHARES else formats.number(value, 2)


def _found_interval(row: Row, column: Column, labels: Labels) -> str:
    quantity, low, high = (row[source] for source in column.sources)
    if quantity in SHARES:
        return formats.percent_interval(low, high, labels.lang)
    return formats.interval(low, high, labels.lang, decimals=2)


VERDICT = Kind(_verdict)
TARGET = Kind(_target)
LATEST = Kind(_latest)
CHANGE = Kind(_change)
PATH = Kind(_path)
ACTUAL = Kind(_actual)
MEASURE = Kind(_measure, names=True)
DUE = Kind(lambda row, column, labels: day(row[column.sources[0]], labels))
MONTH = Kind(lambda row, column, labels: month(row[column.sources[0]], labels))
NEXT = Kind(_next)
OWNER = Kind(_owner)
RECOMMENDATION = Kind(lambda row, column, labels: recommendation(row, labels), names=True)
PROMISED = Kind(lambda row, column, labels: promised(row, labels), names=True)
MEASURED_BY = Kind(lambda row, column, labels: measured_by(row, labels))
EFFECT = Kind(lambda row, column, labels: effect(row, column.detail, labels))
FOUND_OF = Kind(lambda row, column, labels: found_of(str(row["quantity"]), str(row["subject"]), labels), names=True)
FOUND_VALUE = Kind(_found_value, numeric=True)
FOUND_INTERVAL = Kind(_found_interval, numeric=True)
