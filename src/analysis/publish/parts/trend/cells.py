"""Cells of the trend: models, events and parts of the course in words."""

from __future__ import annotations

from typing import Any

from analysis.publish.tables.spec import Column, Kind, Row
from analysis.publish.words import formats
from analysis.publish.words.labels import Labels


def _order(row: Row, column: Column, labels: Labels) -> str:
    return arima(str(row[column.sources[0]]), labels)


def arima(order: str, labels: Labels) -> str:
    """ARIMA(1,1,0), with the drift in words."""
    base, _, drift = order.partition("+")
    name = base if base.startswith("ARIMA") else f"ARIMA{base}"
    return labels.text("orders.drift", order=name) if drift else name


def _event(row: Row, column: Column, labels: Labels) -> str:
    kind, _, waves = str(row[column.sources[0]]).partition(" ")
    return labels.text(f"events.{kind}", waves=waves)


def measured(measure: str, labels: Labels) -> str:
    """The index, the share of satisfied customers, or a construct."""
    return labels.text(f"wave_measures.{measure}") if measure in {"csi", "csat"} else labels.construct(measure)


def _feature(row: Row, column: Column, labels: Labels) -> str:
    feature, name, period = (row[source] for source in column.sources)
    if feature == "wave":
        return formats.wave(str(name), labels.lang)
    if feature == "slope":
        return labels.text("features.slope")
    return season(str(name), period, labels)


def season(part: str, period: Any, labels: Labels) -> str:
    """A part of the year: the third quarter, the first half, a month."""
    words = {2: "half", 4: "quarter", 12: "month"}
    return labels.text(f"features.{words.get(int(period), 'part')}", part=part)


MEASURED = Kind(lambda row, column, labels: measured(str(row[column.sources[0]]), labels), names=True, same_people=True)
ORDER = Kind(_order, names=True)
EVENT = Kind(_event)
FEATURE = Kind(_feature, names=True)
