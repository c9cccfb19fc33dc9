"""Cells of the trend: orders of ARIMA models in words."""

from __future__ import annotations

from analysis.publish.tables.spec import Column, Kind, Row
from analysis.publish.words.labels import Labels


def _order(row: Row, column: Column, labels: Labels) -> str:
    return arima(str(row[column.sources[0]]), labels)


def arima(order: str, labels: Labels) -> str:
    """ARIMA(1,1,0), with the drift in words."""
    base, _, drift = order.partition("+")
    name = base if base.startswith("ARIMA") else f"ARIMA{base}"
    return labels.text("orders.drift", order=name) if drift else name


ORDER = Kind(_order, names=True)
