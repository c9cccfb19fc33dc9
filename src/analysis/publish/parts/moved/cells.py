"""Cells of the changes: measures with their unit, parts with their interval, params as they stand in a file."""

from __future__ import annotations

import json

from analysis.publish.parts.trend.cells import measured
from analysis.publish.tables.spec import Column, Kind, Row
from analysis.publish.words import formats
from analysis.publish.words.escape import plain
from analysis.publish.words.labels import Labels
from analysis.waves.scores import CSAT


def measure(key: str, labels: Labels) -> str:
    """The index, a construct, or the share of satisfied customers in percent."""
    name = measured(key, labels)
    return labels.text("moved.in_percent", name=name) if key == CSAT else name


def _part(row: Row, column: Column, labels: Labels) -> str:
    value, low, high = (row[source] for source in column.sources)
    if formats.is_missing(value):
        return formats.MISSING
    if not low and not high and not value:
        return formats.number(0.0, 2)
    told = {"value": formats.signed(value, 2), "ci": formats.interval(low, high, labels.lang, decimals=2)}
    return labels.text("moved.part", **told)


def _param(row: Row, column: Column, labels: Labels) -> str:
    value = row[column.sources[0]]
    said = None if formats.is_missing(value) else json.loads(str(value))
    if said is None or said in ([], {}):
        return labels.text("moved.absent")
    if isinstance(said, bool):
        return labels.text("flags.yes" if said else "flags.no")
    if isinstance(said, list) and all(isinstance(one, str) for one in said):
        return formats.listed([_named(one, labels) for one in said], labels.lang)
    return said if isinstance(said, str) else str(value)


def _named(key: str, labels: Labels) -> str:
    """A question or a construct by its name; anything else as it is."""
    instrument = labels.edition.instrument
    if key in instrument.profile_keys:
        return labels.question(key)
    return labels.construct(key) if key in {construct.key for construct in instrument.constructs} else plain(key)


def _key(row: Row, column: Column, labels: Labels) -> str:
    section, key = (str(row[source]) for source in column.sources)
    said = labels.known(f"moved_keys.{section}", key)
    return said if said != key else f"{section}.{key}"


def _item(row: Row, column: Column, labels: Labels) -> str:
    value = row[column.sources[int(labels.lang == "en")]]
    return formats.MISSING if formats.is_missing(value) else str(value)


MEASURED_IN = Kind(
    lambda row, column, labels: measure(str(row[column.sources[0]]), labels), names=True, same_people=True
)
PART = Kind(_part, numeric=True)
PARAM = Kind(_param)
WORDING = Kind(_item)
KEY = Kind(_key, names=True)
