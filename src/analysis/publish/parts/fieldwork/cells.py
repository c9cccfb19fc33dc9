"""Cells of the fieldwork: norms in their units, ends of a range of rates."""

from __future__ import annotations

from analysis.publish.tables.spec import Column, Kind, Row
from analysis.publish.words import formats
from analysis.publish.words.labels import Labels


def _norm(row: Row, column: Column, labels: Labels) -> str:
    value = row[column.sources[1]]
    return formats.count(value) if row["norm"] == "callback_frequency" else formats.percent(value)


def _norm_required(row: Row, column: Column, labels: Labels) -> str:
    sign = "≤" if row["norm"] == "callback_frequency" else "≥"
    return f"{sign}\N{NO-BREAK SPACE}{_norm(row, column, labels)}"


def _layer(row: Row, column: Column, labels: Labels) -> str:
    variable, code, rate = (row[source] for source in column.sources)
    if formats.is_missing(code):
        return formats.MISSING
    question = labels.edition.sampling.stratum or ""
    name = labels.category(question, str(code)) if variable == "stratum" else labels.channel(str(code))
    return labels.text("text.rate_of", name=name, rate=formats.percent(rate))


NORM = Kind(_norm, numeric=True)
NORM_REQUIRED = Kind(_norm_required, numeric=True)
LAYER = Kind(_layer)
