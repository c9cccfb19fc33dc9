"""The column of an undescribed file that says which wave a row is of."""

from __future__ import annotations

import re
from collections.abc import Iterable

from analysis.draft.sheet import Column, Sheet
from analysis.errors import MethodError
from analysis.periods import WAVES, frequency_of, read_label, read_waves

MOST_WAVES = 40
_NAMES = re.compile(
    r"\bwave|^w$|wave$|\bperiod|quarter|\bround|\byear|survey_?(?:date|month)|波次|期次|轮次|调查期|季度|年份|年度|月份"
)
_SAYS_SO = re.compile(r"\bwave|wave$|\bround|survey_?(?:date|month|year)|波次|期次|轮次|调查期")


def wave_column(sheet: Sheet) -> Column | None:
    """The column that may say which wave a row is of, by its name and its answers; None where there is none."""
    for column in sheet.columns:
        labels = [str(answer) for answer in column.answers.index]
        known = _NAMES.search(column.said) and column.filled == sheet.rows
        if known and 2 <= len(labels) <= MOST_WAVES and len(labels) <= sheet.rows / 10 and in_order(labels):
            return column
    return None


def says_waves(column: Column) -> bool:
    """Whether such a column can hardly be anything else: its name says so, or its answers are parts of years."""
    labels = [read_label(str(answer)) for answer in column.answers.index]
    kind = frequency_of(labels, kinds=WAVES)
    return bool(_SAYS_SO.search(column.said)) or kind in {"half", "quarter", "month"}


def in_order(labels: Iterable[str]) -> list[str]:
    """The labels in order of time; none where they are no labels of as many waves."""
    labels = list(map(str, labels))
    try:
        order = read_waves(labels)
    except MethodError:
        return []
    return list(order) if len(set(order.values())) == len(labels) else []
