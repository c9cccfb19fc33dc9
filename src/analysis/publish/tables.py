"""Published tables as text: cells in the reader's language, markdown for the book, HTML for notebooks."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from analysis.publish import formats
from analysis.publish.cleaning_cells import CLEANING_CELLS
from analysis.publish.columns import Column, TableSpec
from analysis.publish.disclosure.suppression import protection
from analysis.publish.labels import Labels, catalogue

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, Any]
Cell = Callable[[Row, Column, Labels], str]

PERCENT_QUANTITIES = frozenset({"response_rate", "missing_share"})
DECIMALS = {
    "z": 2,
    "margin": 2,
    "standard_deviation": 2,
    "n0": 1,
    "design_effect": 2,
    "n_design": 1,
    "n_finite": 1,
    "little_chi2": 1,
}
FIT_DECIMALS = {"n": 0, "df": 0, "chi2": 1, "chi2_scaled": 1, "logl": 1, "aic": 1, "bic": 1}
NUMERIC = frozenset(
    [
        "count",
        "number",
        "percent",
        "interval",
        "percent_interval",
        "quantity",
        "measure",
        "measure_interval",
        "measure_error",
        "deviation",
        "pvalue",
        "fit",
        "threshold",
        "amount",
        "signed",
        "limit",
        "outcome_level",
        "outcome_change",
        "outcome_interval",
        "points",
        "norm",
        "norm_required",
        "power",
    ]
)
MIN_WIDTH, MAX_WIDTH = 4, 44
"""Bounds of a column's share of the line, in characters of the Latin alphabet."""


def _measure(row: Row, column: Column, labels: Labels) -> str:  # noqa: ARG001 - one signature for all cells
    value = row[column.sources[1]]
    return formats.percent(value) if row["measure"] == "csat" else formats.number(value, 1)


def _measure_interval(row: Row, column: Column, labels: Labels) -> str:
    low, high = (row[source] for source in column.sources[1:])
    write = formats.percent_interval if row["measure"] == "csat" else formats.interval
    return write(low, high, labels.lang)


def _measure_error(row: Row, column: Column, labels: Labels) -> str:
    value = row[column.sources[1]]
    if formats.is_missing(value) or row["measure"] != "csat":
        return formats.number(value, 2)
    return labels.text("units.points", value=formats.number(value * 100, 2))


def _quantity(row: Row, column: Column, labels: Labels) -> str:
    quantity, measure = row["quantity"], column.sources[1]
    value = row[measure]
    if quantity in PERCENT_QUANTITIES or (measure == "share" and quantity in {"margin", "standard_deviation"}):
        return formats.percent(value)
    if quantity == "little_pvalue":
        return formats.pvalue(value)
    if quantity == "monotone":
        return labels.text("flags.yes" if value else "flags.no")
    return formats.number(value, DECIMALS.get(quantity, 0))


def _words(row: Row, column: Column, labels: Labels) -> str:
    value = row[column.sources[0]]
    return formats.MISSING if formats.is_missing(value) else labels.known(column.detail, str(value))


def _norm(row: Row, column: Column, labels: Labels) -> str:  # noqa: ARG001
    value = row[column.sources[1]]
    return formats.count(value) if row["norm"] == "callback_frequency" else formats.percent(value)


def _norm_required(row: Row, column: Column, labels: Labels) -> str:
    sign = "≤" if row["norm"] == "callback_frequency" else "≥"
    return f"{sign}\N{NO-BREAK SPACE}{_norm(row, column, labels)}"


def _channel(row: Row, column: Column, labels: Labels) -> str:
    return labels.channel(str(row[column.sources[0]]))


def _layer(row: Row, column: Column, labels: Labels) -> str:
    variable, code, rate = (row[source] for source in column.sources)
    question = labels.edition.sampling.stratum or ""
    name = labels.category(question, str(code)) if variable == "stratum" else labels.channel(str(code))
    return labels.text("text.rate_of", name=name, rate=formats.percent(rate))


def _fit(row: Row, column: Column, labels: Labels) -> str:  # noqa: ARG001
    if row["index"] in {"pvalue", "rmsea_pvalue"}:
        return formats.pvalue(row["value"])
    return formats.number(row["value"], FIT_DECIMALS.get(row["index"], 3))


def _threshold(row: Row, column: Column, labels: Labels) -> str:  # noqa: ARG001
    if formats.is_missing(row["threshold"]):
        return formats.MISSING
    sign = "≥" if row["index"] in {"cfi", "tli"} else "≤"
    return f"{sign} {formats.number(row['threshold'], 2)}"


def _deviation(row: Row, column: Column, labels: Labels) -> str:  # noqa: ARG001
    value = row[column.sources[0]]
    if formats.is_missing(value):
        return formats.MISSING
    return "<0.01%" if 0 <= value < 0.0001 else formats.percent(value, 2)


def _flag(row: Row, column: Column, labels: Labels) -> str:
    value = row[column.sources[0]]
    if formats.is_missing(value):
        return formats.MISSING
    return labels.text("flags.yes" if str(value).lower() in {"true", "1", "1.0"} else "flags.no")


def _category(row: Row, column: Column, labels: Labels) -> str:
    question, code = (row[source] for source in column.sources)
    return labels.text("columns.overall") if formats.is_missing(code) else labels.category(str(question), str(code))


def _class(row: Row, column: Column, labels: Labels) -> str:
    """Members of a class: categories of one cell joined by ·, cells that differ in the last variable only by a list."""
    cells = [cell.split("; ") for cell in str(row[column.sources[0]]).split(" | ")]
    if cells[0][0].startswith("propensity="):
        return labels.text("text.propensity_class", number=cells[0][0].partition("=")[2])
    groups: dict[str, list[str]] = {}
    for cell in cells:
        *head, last = (_member(text, labels) for text in cell)
        groups.setdefault(" · ".join(head), []).append(last)
    listed = [" · ".join(filter(None, [head, formats.listed(tails, labels.lang)])) for head, tails in groups.items()]
    return formats.semicolons(listed, labels.lang)


def _member(text: str, labels: Labels) -> str:
    question, _, code = text.partition("=")
    return labels.category(question, code) if code else labels.text("text.not_answered")


def _stratum(row: Row, column: Column, labels: Labels) -> str:
    return labels.category(labels.edition.sampling.stratum or "", str(row[column.sources[0]]))


def _amount(row: Row, column: Column, labels: Labels) -> str:
    return amount(row[column.sources[0]], str(row["unit"]), labels)


def _limit(row: Row, column: Column, labels: Labels) -> str:  # noqa: ARG001
    if formats.is_missing(row["limit"]):
        return formats.MISSING
    sign = labels.text(f"bounds.{row['bound']}")
    limit = f"{sign} {amount(row['limit'], str(row['unit']), labels)}"
    return limit.replace(" ", "\N{NO-BREAK SPACE}")


def _order(row: Row, column: Column, labels: Labels) -> str:
    return arima(str(row[column.sources[0]]), labels)


def _count(row: Row, column: Column, labels: Labels) -> str:
    value = row[column.sources[0]]
    if column.sources[0] in {"n", "n_eff"} and row.get("suppressed") == "base" and formats.is_missing(value):
        small = column.sources[0] == "n"
        return f"<{labels.edition.disclosure.min_base}" if small else formats.MISSING
    return formats.count(value)


def _interval(row: Row, column: Column, labels: Labels) -> str:
    low, high = (row[source] for source in column.sources)
    return formats.interval(low, high, labels.lang, decimals=int(column.detail))


def _parameter(row: Row, column: Column, labels: Labels) -> str:
    """A cell of the model in words, or the name of a quantity that it defines."""
    lhs, op, rhs = (str(row[source]) for source in column.sources)
    latent = {construct.key for construct in labels.edition.instrument.constructs}

    def name(key: str) -> str:
        return labels.construct(key) if key in latent else labels.item(key)

    kinds = {"=~": "loading", "~": "path", "~1": "intercept", "|": "threshold"}
    if op == ":=":
        return lhs
    if op != "~~":
        return labels.text(f"parameters.{kinds[op]}", lhs=name(lhs), rhs=rhs[1:] if op == "|" else name(rhs or lhs))
    kind = "variance" if lhs == rhs else "covariance" if lhs in latent else "residual"
    return labels.text(f"parameters.{kind}", lhs=name(lhs), rhs=name(rhs))


def _ends(row: Row, column: Column, labels: Labels) -> str:
    return labels.text("text.arrow").join(labels.construct(str(row[source])) for source in column.sources)


def _route(row: Row, column: Column, labels: Labels) -> str:
    """The constructs between cause and outcome, which have a column of their own: satisfaction → trust."""
    _, *between, _ = str(row[column.sources[0]]).split(" → ")
    return labels.text("text.arrow").join(map(labels.construct, between)) or labels.text("effects.direct")


def _text(row: Row, column: Column, labels: Labels) -> str:
    index = labels.lang == "en" and len(column.sources) == 2
    value = row[column.sources[int(index)]]
    return formats.MISSING if formats.is_missing(value) else str(value)


CELLS: dict[str, Cell] = {
    "text": _text,
    "localized": _text,
    "count": _count,
    "number": lambda row, column, labels: formats.number(row[column.sources[0]], int(column.detail)),
    "signed": lambda row, column, labels: formats.signed(row[column.sources[0]]),
    "percent": lambda row, column, labels: formats.percent(row[column.sources[0]]),
    "pvalue": lambda row, column, labels: formats.pvalue(row[column.sources[0]]),
    "interval": _interval,
    "percent_interval": lambda row, column, labels: formats.percent_interval(
        row[column.sources[0]], row[column.sources[1]], labels.lang
    ),
    "construct": lambda row, column, labels: labels.construct(str(row[column.sources[0]])),
    "item": lambda row, column, labels: labels.item(str(row[column.sources[0]])),
    "question": lambda row, column, labels: labels.question(str(row[column.sources[0]])),
    "scenario": lambda row, column, labels: labels.scenario(str(row[column.sources[0]])),
    "catalogue": _words,
    "wave": lambda row, column, labels: formats.wave(str(row[column.sources[0]]), labels.lang),
    "category": _category,
    "stratum": _stratum,
    "class": _class,
    "section": lambda row, column, labels: f"@{row[column.sources[0]]}" if row[column.sources[0]] else formats.MISSING,
    "quantity": _quantity,
    "measure": _measure,
    "measure_interval": _measure_interval,
    "measure_error": _measure_error,
    "fit": _fit,
    "threshold": _threshold,
    "deviation": _deviation,
    "flag": _flag,
    "amount": _amount,
    "parameter": _parameter,
    "ends": _ends,
    "route": _route,
    "limit": _limit,
    "order": _order,
    **CLEANING_CELLS,
    "power": lambda row, column, labels: formats.power(row[column.sources[0]]),
    "norm": _norm,
    "norm_required": _norm_required,
    "channel": _channel,
    "layer": _layer,
    "points": lambda row, column, labels: formats.signed(row[column.sources[0]] * 100),
}
"""How a cell of each kind is written."""


def amount(value: float | None, unit: str, labels: Labels) -> str:
    """A value with its unit; whole numbers without decimals unless they are scores or percentages."""
    if value is None or formats.is_missing(value):
        return formats.MISSING
    if unit == "percent":
        return f"{formats.number(value, 1).removesuffix('.0')}%"
    decimals = 0 if float(value).is_integer() and unit != "score" else 1
    key = f"units.{unit}" if abs(value) != 1 or f"units.{unit}_one" not in catalogue() else f"units.{unit}_one"
    return labels.text(key, value=formats.number(value, decimals))


def arima(order: str, labels: Labels) -> str:
    """ARIMA(1,1,0), with the drift in words."""
    base, _, drift = order.partition("+")
    name = base if base.startswith("ARIMA") else f"ARIMA{base}"
    return labels.text("orders.drift", order=name) if drift else name


def headings(spec: TableSpec, labels: Labels) -> list[str]:
    """Column headings in the reader's language."""
    level = formats.level(labels.edition.index.confidence)
    values = {"level": level}
    if spec.step == "09_trend":
        values = {"level": formats.level(labels.edition.trend.confidence)}
    elif spec.step == "02_fieldwork":
        values = {"level": formats.level(labels.edition.fieldwork.confidence)}
    elif spec.step == "06_measurement":
        values = {"level": formats.level(labels.edition.measurement.confidence)}
    elif spec.step == "07_structural":
        values = {"level": formats.level(labels.edition.structural.confidence)}
    return [labels.text(f"columns.{column.heading}", **values) for column in spec.columns]


def cells(spec: TableSpec, frame: pd.DataFrame, labels: Labels) -> list[list[str]]:
    """Cells of every row as text; a value of a `once` column that repeats the one above is blank."""
    rows: list[list[str]] = []
    above: list[str] = []
    for record in frame.to_dict("records"):
        row = {str(key): value for key, value in record.items()}
        written = [CELLS[column.kind](row, column, labels) for column in spec.columns]
        rows.append(_without_repeats(spec, written, above))
        above = written
    return rows


def _without_repeats(spec: TableSpec, written: list[str], above: list[str]) -> list[str]:
    shown, same = list(written), bool(above)
    for position, column in enumerate(spec.columns):
        same = same and column.once and written[position] == above[position]
        if same:
            shown[position] = ""
    return shown


def caption(spec: TableSpec, labels: Labels) -> str:
    """Title of the table, without the word for table and without a number."""
    return labels.text(f"tables.{spec.name}")


def note(spec: TableSpec, frame: pd.DataFrame, labels: Labels) -> str:
    """Base, interval and suppression of the table in one line of sentences; empty when there is nothing to say."""
    sentences = []
    if f"notes.{spec.name}" in catalogue():
        edition = labels.edition
        values = {
            "level": formats.level(edition.index.confidence),
            "satisfied_from": formats.number(edition.index.csat.satisfied_from, 1),
            "min": edition.instrument.scale.min,
            "max": edition.instrument.scale.max,
            "csat": labels.construct(edition.index.csat.construct_key),
            "adjustment": labels.text(f"adjustments.{edition.index.adjustment}"),
            "width": formats.number(2 * edition.sampling.stratum_margin, 1),
            "target": formats.number(edition.sampling.model.target, 2),
            "alpha": formats.number(edition.sampling.model.alpha, 2),
            "e": formats.percent(_first(frame, "e")),
            "min_alpha": formats.number(edition.measurement.min_alpha, 2),
            "min_ave": formats.number(edition.measurement.min_ave, 2),
            "max_htmt": formats.number(edition.measurement.max_htmt, 2),
            "max_htmt_related": formats.number(edition.measurement.max_htmt_related, 2),
        }
        sentences.append(labels.text(f"notes.{spec.name}", **values))
    if "suppressed" in frame and frame["suppressed"].notna().any():
        min_base = labels.edition.disclosure.min_base
        sentences.append(labels.text("notes.suppressed", min_base=min_base, width=protection(min_base)))
    return formats.joined(sentences, labels.lang)


def _first(frame: pd.DataFrame, column: str) -> float | None:
    """The value that a column repeats in every row, or None without the column."""
    return float(frame[column].iloc[0]) if column in frame and len(frame) else None


def markdown(spec: TableSpec, frame: pd.DataFrame, labels: Labels) -> str:
    """The table as a pipe table with caption, label and note; dashes give the columns' share of the line."""
    heads = [escape(text) for text in headings(spec, labels)]
    linked = [column.kind == "section" for column in spec.columns]
    rows = [
        [text if link else escape(text) for text, link in zip(row, linked, strict=True)]
        for row in cells(spec, frame, labels)
    ]
    ruler = [
        _dashes(column, [head, *(row[i] for row in rows)])
        for i, (column, head) in enumerate(zip(spec.columns, heads, strict=True))
    ]
    lines = [_line(heads), f"|{'|'.join(ruler)}|", *(_line(row) for row in rows)]
    lines += ["", f": {escape(caption(spec, labels))} {{#{spec.label}}}"]
    below = note(spec, frame, labels)
    if below:
        lines += ["", "::: {.table-note}", labels.text("notes.lead", note=escape(below)), ":::"]
    return "\n".join(lines) + "\n"


def _line(texts: list[str]) -> str:
    return f"| {' | '.join(texts)} |"


def _dashes(column: Column, texts: list[str]) -> str:
    width = max((display_width(text) for text in texts[1:]), default=0)
    head = max((display_width(word) for word in texts[0].split()), default=0)
    width = min(max(width, head, display_width(texts[0]) // 2, MIN_WIDTH), MAX_WIDTH)
    return f"{'-' * (width + 1)}:" if column.kind in NUMERIC else f":{'-' * (width + 1)}"


def display_width(text: str) -> int:
    """Width of `text` in Latin characters: a Chinese character counts two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def escape(text: str) -> str:
    """`text` with the characters that markdown or a pipe table would take for its own."""
    for char in ("\\", "|", "*", "_", "`", "$", "[", "]", "<", "#", "@", "~", "^"):
        text = text.replace(char, f"\\{char}")
    return " ".join(text.split("\n"))


def html_table(spec: TableSpec, frame: pd.DataFrame, labels: Labels) -> str:
    """The table as HTML for a notebook, titled, with its note."""
    kinds = ["right" if column.kind in NUMERIC else "left" for column in spec.columns]

    def line(tag: str, texts: list[str]) -> str:
        styled = zip(kinds, texts, strict=True)
        return "".join(f'<{tag} style="text-align:{side}">{html.escape(text)}</{tag}>' for side, text in styled)

    head = f"<tr>{line('th', headings(spec, labels))}</tr>"
    body = "".join(f"<tr>{line('td', row)}</tr>" for row in cells(spec, frame, labels))
    below = note(spec, frame, labels)
    foot = f"<p><small>{html.escape(labels.text('notes.lead', note=below))}</small></p>" if below else ""
    title = html.escape(caption(spec, labels))
    return f"<table><caption><b>{title}</b></caption><thead>{head}</thead><tbody>{body}</tbody></table>{foot}"
