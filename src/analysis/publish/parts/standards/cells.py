"""Cells of the service log: durations in the clock of their step, and institutions."""

from __future__ import annotations

from analysis.publish.comparison import verdict
from analysis.publish.parts.edition.cells import amount
from analysis.publish.tables.spec import Column, Kind, Row
from analysis.publish.words import formats
from analysis.publish.words.escape import plain
from analysis.publish.words.labels import Labels

ARROW = " → "


def duration(value: float, clock: str, labels: Labels) -> str:
    """Hours with one decimal, working days as they are counted: whole."""
    if formats.is_missing(value):
        return formats.MISSING
    return labels.text(f"clocks.{clock}", value=formats.number(value, 1).removesuffix(".0"))


def _duration(row: Row, column: Column, labels: Labels) -> str:
    value, clock = (row[source] for source in column.sources)
    return duration(value, str(clock), labels)


def institution(code: str, labels: Labels) -> str:
    """The name of a kind of institution, as the questionnaire has it."""
    return labels.category("institution_type", code)


def institutions(code: str, labels: Labels) -> str:
    """The institutions of one kind inside a sentence."""
    return labels.group("institution_type", code)


def _against_others(row: Row, column: Column, labels: Labels) -> str:
    gap, p = (row[source] for source in column.sources)
    if formats.is_missing(gap) or formats.is_missing(p):
        return formats.MISSING
    return labels.text(f"kept.{verdict(gap, p, confidence=labels.edition.service.confidence)}")


def step_name(scenario: str, step: str, labels: Labels) -> str:
    """Name of a step in the standards, or the key where they do not know it."""
    scenarios = labels.edition.standards.scenarios if labels.edition.standards else ()
    names = {(s.key, t.key): t.name for s in scenarios for t in s.steps}
    return plain(names[scenario, step][labels.lang] if (scenario, step) in names else step)


def full_name(scenario: str, step: str, labels: Labels) -> str:
    """A step with its scenario; the scenario alone where no step is meant."""
    if not step:
        return labels.scenario(scenario)
    return labels.text(
        "figures.steps_on_time.step", scenario=labels.scenario(scenario), step=step_name(scenario, step, labels)
    )


def span(hours: float, labels: Labels) -> str:
    """Hours as minutes, hours or days, whichever says it with few digits."""
    if formats.is_missing(hours):
        return formats.MISSING
    clock, value = ("minutes", hours * 60) if hours < 1 else ("hours", hours) if hours < 48 else ("days", hours / 24)
    decimals = 0 if clock == "minutes" else 1
    return labels.text(f"clocks.{clock}", value=formats.number(value, decimals).removesuffix(".0"))


def path(text: str, scenario: str, labels: Labels) -> str:
    """A way through a scenario with the names of its steps."""
    return ARROW.join(step_name(scenario, key, labels) for key in text.split(ARROW))


def _step(row: Row, column: Column, labels: Labels) -> str:
    scenario, step = (str(row[source] or "") for source in column.sources)
    return full_name(scenario, step, labels) if column.detail else step_name(scenario, step, labels)


def _way(row: Row, column: Column, labels: Labels) -> str:
    scenario, text, ways = (row[source] for source in column.sources)
    if formats.is_missing(text):
        return labels.text("ways.others", ways=formats.count(ways))
    return path(str(text), str(scenario), labels)


def _flow(row: Row, column: Column, labels: Labels) -> str:
    scenario, source, target = (row[name] for name in column.sources)
    begin, end = ("" if formats.is_missing(key) else str(key) for key in (source, target))
    names = [
        step_name(str(scenario), key, labels) if key else labels.text(f"ways.{edge}")
        for key, edge in ((begin, "begin"), (end, "end"))
    ]
    return ARROW.join(names)


def _days(row: Row, column: Column, labels: Labels) -> str:
    value = row[column.sources[0]]
    return formats.MISSING if formats.is_missing(value) else span(value * 24, labels)


def _share_with_interval(row: Row, column: Column, labels: Labels) -> str:
    share, low, high = (row[source] for source in column.sources)
    if formats.is_missing(share):
        return formats.MISSING
    return labels.text(
        "cells.with_interval", value=formats.percent(share), ci=formats.percent_interval(low, high, labels.lang)
    )


def _measured(row: Row, column: Column, labels: Labels) -> str:
    value, unit = (row[source] for source in column.sources)
    if unit == "percent" and not formats.is_missing(value):
        return formats.percent(value / 100)
    return amount(None if formats.is_missing(value) else round(value, 1), str(unit), labels)


def _kind(row: Row, column: Column, labels: Labels) -> str:
    code = row[column.sources[0]]
    return labels.text("columns.overall") if formats.is_missing(code) else institution(str(code), labels)


def _question(row: Row, column: Column, labels: Labels) -> str:
    return formats.semicolons([labels.item(key) for key in str(row[column.sources[0]]).split()], labels.lang)


def _level(row: Row, column: Column, labels: Labels) -> str:
    value = row[column.sources[0]]
    return (
        formats.percent(value)
        if formats.is_missing(row["year"])
        else labels.text("cells.with_year", value=formats.percent(value), year=row["year"])
    )


def _between(row: Row, column: Column, labels: Labels) -> str:
    low, high, unit = (row[source] for source in column.sources)
    if unit == "percent" and not formats.is_missing(low):
        return formats.percent_interval(low / 100, high / 100, labels.lang)
    return formats.interval(low, high, labels.lang)


STEP = Kind(_step, names=True)
WAY = Kind(_way, names=True)
FLOW = Kind(_flow, names=True)
SPAN = Kind(lambda row, column, labels: span(row[column.sources[0]], labels), numeric=True)
DAYS = Kind(_days, numeric=True)
SHARE = Kind(_share_with_interval, numeric=True)
MEASURED = Kind(_measured, numeric=True)
KIND = Kind(_kind, names=True)
RATED_BY = Kind(_question)
LEVEL = Kind(_level, numeric=True)
BETWEEN = Kind(_between, numeric=True)
NAMED = Kind(lambda row, column, labels: plain(str(row[column.sources[0]])), names=True)
DURATION = Kind(_duration, numeric=True)
INSTITUTION = Kind(lambda row, column, labels: institution(str(row[column.sources[0]]), labels), names=True)
AGAINST_OTHERS = Kind(_against_others)
