"""Cells of the cleaning tables: criteria of rules, items by their numbers, results before and after."""

from __future__ import annotations

from collections.abc import Iterable

from analysis.publish.tables.cells import COUNT, PERCENT
from analysis.publish.tables.spec import Column, Kind, Row
from analysis.publish.words import formats
from analysis.publish.words.labels import Labels

PERCENT_LIMITS = frozenset({"near_duplicates", "speeders", "straightlining", "missing", "low_variance"})
SHARES = frozenset({"satisfied"})
"""Variables of the sensitivity table that are shares of 0–1; the others are scores of 0–100."""

SHOWN = 6
"""Item numbers that a pattern of gaps lists before it is cut short."""


def criterion(rule: str, limit: float, labels: Labels) -> str:
    """What a rule asks, with its limit."""
    if rule in PERCENT_LIMITS:
        value = f"{formats.number(limit * 100, 1).removesuffix('.0')}%"
    else:
        value = formats.number(limit, 3).rstrip("0").rstrip(".")
    return labels.text(f"criteria.{rule}", limit=value)


def item_numbers(keys: str, labels: Labels) -> str:
    """Numbers of the items in the questionnaire, runs shortened: 3, 7, 22–41."""
    order = {key: number for number, key in enumerate(labels.edition.instrument.item_keys, start=1)}
    runs = list(_runs(sorted(order[key] for key in keys.split())))
    texts = [str(low) if low == high else f"{low}–{high}" for low, high in runs]
    joint = "、" if labels.lang == "zh" else ", "
    return joint.join(texts[:SHOWN]) + ("…" if len(texts) > SHOWN else "")


def _runs(numbers: Iterable[int]) -> Iterable[tuple[int, int]]:
    low = high = None
    for number in numbers:
        if low is None or high is None:
            low = high = number
        elif number == high + 1:
            high = number
        else:
            yield low, high
            low = high = number
    if low is not None and high is not None:
        yield low, high


def _of_applied(write: Kind) -> Kind:
    """Cells of a rule, with a dash where it was not applied: it may have had something to find."""
    return Kind(
        lambda row, column, labels: write.write(row, column, labels) if row["applied"] else formats.MISSING,
        numeric=True,
    )


def _criterion(row: Row, column: Column, labels: Labels) -> str:
    return criterion(str(row["rule"]), float(row["limit"]), labels)


def _item_numbers(row: Row, column: Column, labels: Labels) -> str:
    keys = row[column.sources[0]]
    if formats.is_missing(keys):
        return labels.text("text.no_gaps")
    return labels.text("text.other_patterns") if keys == "*" else item_numbers(str(keys), labels)


def _outcome(row: Row, column: Column, labels: Labels) -> str:
    variable = str(row[column.sources[0]])
    known = {"csi": "measures.csi", "satisfied": "measures.csat"}
    return labels.text(known[variable]) if variable in known else labels.construct(variable)


def _outcome_level(row: Row, column: Column, labels: Labels) -> str:
    value = row[column.sources[1]]
    return formats.percent(value) if row["variable"] in SHARES else formats.number(value, 1)


def _outcome_change(row: Row, column: Column, labels: Labels) -> str:
    value = row[column.sources[1]]
    if formats.is_missing(value) or row["variable"] not in SHARES:
        return formats.signed(value, 2)
    return labels.text("units.points", value=formats.signed(value * 100, 2))


def _outcome_interval(row: Row, column: Column, labels: Labels) -> str:
    low, high = (row[source] for source in column.sources[1:])
    scale = 100 if row["variable"] in SHARES else 1
    return formats.interval(low * scale, high * scale, labels.lang, decimals=2)


def _quantity(row: Row, column: Column, labels: Labels) -> str:
    quantity, value = row["quantity"], row[column.sources[1]]
    if quantity == "missing_share":
        return formats.percent(value)
    if quantity == "little_pvalue":
        return formats.pvalue(value)
    if quantity == "monotone":
        return labels.text("flags.yes" if value else "flags.no")
    return formats.number(value, 1 if quantity == "little_chi2" else 0)


CRITERION = Kind(_criterion)
ITEM_NUMBERS = Kind(_item_numbers, names=True)
OUTCOME = Kind(_outcome, names=True)
OUTCOME_LEVEL = Kind(_outcome_level, numeric=True)
OUTCOME_CHANGE = Kind(_outcome_change, numeric=True)
OUTCOME_INTERVAL = Kind(_outcome_interval, numeric=True)
QUANTITY = Kind(_quantity, numeric=True)
APPLIED_COUNT, APPLIED_SHARE = _of_applied(COUNT), _of_applied(PERCENT)
