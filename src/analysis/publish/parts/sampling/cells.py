"""Cells of the sample size: each quantity in its own unit."""

from __future__ import annotations

from analysis.publish.tables.spec import Column, Kind, Row
from analysis.publish.words import formats
from analysis.publish.words.labels import Labels

DECIMALS = {
    "z": 2,
    "margin": 2,
    "standard_deviation": 2,
    "n0": 1,
    "design_effect": 2,
    "n_design": 1,
    "n_finite": 1,
}


def _quantity(row: Row, column: Column, labels: Labels) -> str:
    quantity, measure = row["quantity"], column.sources[1]
    value = row[measure]
    if quantity == "response_rate" or (measure == "share" and quantity in {"margin", "standard_deviation"}):
        return formats.percent(value)
    return formats.number(value, DECIMALS.get(quantity, 0))


QUANTITY = Kind(_quantity, numeric=True)
