"""What an expression comes to, row by row: numbers, texts, truths and days, each missing where it is not known.

Truths are 1 and 0, and unknown (NaN) where what decides them is not answered: `and` of something false is false all the
same, `if` of something unknown is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.data.columns import fold
from analysis.data.values import as_number
from analysis.edition.expressions import Call, Constant, Name, Node, Several
from analysis.errors import ContractError

Kind = Literal["number", "text", "truth", "day"]
Values = npt.NDArray[Any]
_NAMES = {"number": "a number", "text": "a text", "truth": "true or false", "day": "a day"}


@dataclass(frozen=True)
class Column:
    """One value per row. Numbers and truths are floats, missing as NaN; texts objects, missing as None; days as NaT."""

    kind: Kind
    cells: Values

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Rows with a value."""
        return np.asarray(pd.notna(self.cells), dtype=bool)

    @property
    def texts(self) -> pd.Series:
        """The values as a file holds them, "" where there is none; numbers to twelve digits."""
        positions, distinct = pd.factorize(self.cells)
        write: Callable[[Any], str] = str
        if self.kind in {"number", "truth"}:
            write = _plain
        elif self.kind == "day":
            write = lambda value: pd.Timestamp(value).isoformat(sep=" ")  # noqa: E731
        told = np.array([*(write(value) for value in distinct), ""], dtype=object)
        return pd.Series(told[positions], dtype="str")


def _plain(value: float) -> str:
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else f"{value:.12g}"


class Evaluation:
    """Works out one expression; `column` gives what a name stands for, `where` names the expression in errors."""

    def __init__(self, *, rows: int, column: Callable[[Name], Column], where: str) -> None:
        self.rows, self.column, self.where = rows, column, where

    def refused(self, node: Node, problem: str, **told: str | None) -> ContractError:
        """The error that names the place in the expression."""
        return ContractError(problem, where=f"{self.where}, character {node.at}", **told)

    def of(self, node: Node) -> Column:
        """The value of a part of the expression in every row."""
        if isinstance(node, Constant):
            return self._constant(node)
        if isinstance(node, Name):
            return self.column(node)
        if isinstance(node, Several):
            raise self.refused(node, "Several values stand where one is meant.", expected="one value")
        return self._call(node)

    def _constant(self, node: Constant) -> Column:
        if node.value is None:
            return Column("number", np.full(self.rows, np.nan))
        if isinstance(node.value, str):
            return Column("text", np.full(self.rows, node.value, dtype=object))
        return Column("number", np.full(self.rows, node.value))

    def _call(self, node: Call) -> Column:
        name = node.function
        if name in _LOGIC:
            return Column("truth", _LOGIC[name](*(self.truth(part) for part in node.parts)))
        if name in _ARITHMETIC:
            return self._number(node, *(self.number(part) for part in node.parts))
        return getattr(self, f"_{_NAMED.get(name, name)}")(node)  # type: ignore[no-any-return]

    def _number(self, node: Call, *values: Values) -> Column:
        with np.errstate(all="ignore"):
            found = _ARITHMETIC[node.function](*values)
        return Column("number", np.where(np.isfinite(found), found, np.nan))

    def number(self, node: Node) -> Values:
        """A part as numbers; texts that are all numbers count as such. Raises ContractError for other texts."""
        found = self.of(node)
        if found.kind in {"number", "truth"}:
            return found.cells
        if found.kind == "text" and (numbers := _as_numbers(found.cells)) is not None:
            return numbers
        example = next((f", such as {value!r}" for value in found.cells[found.known]), "")
        told = f" {node.name!r}" if isinstance(node, Name) else ""
        raise self.refused(
            node,
            f"The value{told} is {_NAMES[found.kind]} where a number is expected.",
            expected="a number",
            got=f"{_NAMES[found.kind]}{example}",
            hint="compare texts by == or in (…), turn them into numbers by recode(…), or take year(…) of a day",
        )

    def truth(self, node: Node) -> Values:
        """A part as 1, 0 or unknown; numbers only where they are 1 and 0."""
        found = self.of(node)
        if found.kind == "truth" or (found.kind == "number" and np.isin(found.cells[found.known], (0, 1)).all()):
            return found.cells
        raise self.refused(
            node,
            f"The condition is {_NAMES[found.kind]} and not true or false.",
            expected="a comparison such as age < 30, or columns of 1 and 0",
            got=_NAMES[found.kind],
        )

    def _compare(self, node: Call) -> Column:
        left, right = (self.of(part) for part in node.parts)
        order = node.function not in {"==", "!="}
        if "day" in {left.kind, right.kind}:
            one, other = self._days(node, left), self._days(node, right)
        elif order or {left.kind, right.kind} <= {"number", "truth"}:
            one, other = (self.number(part) for part in node.parts)
        else:
            found = self._equal(left, node.parts[1], right)
            return Column("truth", found if node.function == "==" else 1 - found)
        with np.errstate(invalid="ignore"):
            found = _COMPARED[node.function](one, other).astype(np.float64)
        return Column("truth", np.where(pd.notna(one) & pd.notna(other), found, np.nan))

    def _days(self, node: Call, found: Column) -> Values:
        if found.kind == "day":
            return found.cells
        days = pd.to_datetime(pd.Series(found.cells, dtype=object), errors="coerce").to_numpy("datetime64[us]")
        if found.kind != "text" or np.isnat(days[found.known]).any():
            raise self.refused(node, "A day is compared with something else.", expected='a day such as "2025-10-31"')
        return days

    def _equal(self, left: Column, node: Node, right: Column) -> Values:
        """Whether texts are the same, or the same number; by distinct texts where one side is a constant."""
        known = left.known & right.known
        if isinstance(node, Constant):
            wanted = _folded(node.value)
            positions, distinct = pd.factorize(left.cells)
            same = np.array([*(_folded(value) == wanted for value in distinct), False])[positions]
        else:
            folded = [np.array([_folded(v) for v in column.cells], dtype=object) for column in (left, right)]
            same = np.array([one == other for one, other in zip(*folded, strict=True)])
        return np.where(known, same.astype(np.float64), np.nan)

    def _in(self, node: Call) -> Column:
        value, several = node.parts
        if not isinstance(several, Several):
            raise self.refused(several, "Nothing in brackets stands behind `in`.", expected="in (1, 2)")
        return Column("truth", self._one_of(self.of(value), several))

    def _one_of(self, value: Column, several: Several) -> Values:
        found = np.zeros(self.rows)
        for part in several.parts:
            found = np.fmax(found, np.nan_to_num(self._equal(value, part, self.of(part))))
        return np.where(value.known, found, np.nan)

    def _if(self, node: Call) -> Column:
        *pairs, last = node.parts if len(node.parts) % 2 else (*node.parts, Constant(None, node.at))
        conditions = [self.truth(part) for part in pairs[::2]]
        return self._chosen(node, conditions, [*pairs[1::2], last])

    def _recode(self, node: Call) -> Column:
        value, *rest = node.parts
        pairs, last = (rest, value) if len(rest) % 2 == 0 else (rest[:-1], rest[-1])
        read = self.of(value)
        named = [part if isinstance(part, Several) else Several((part,), part.at) for part in pairs[::2]]
        return self._chosen(node, [self._one_of(read, several) for several in named], [*pairs[1::2], last])

    def _chosen(self, node: Call, conditions: list[Values], parts: list[Node]) -> Column:
        """The first part whose condition holds, else the last; missing where a condition before it is unknown."""
        found = [self.of(part) for part in parts]
        empty = [isinstance(part, Constant) and part.value is None for part in parts]
        kinds = {column.kind for column, blank in zip(found, empty, strict=True) if not blank} - {"truth"}
        kind: Kind = next(iter(kinds), "number")
        if len(kinds) > 1:
            if kinds != {"number", "text"}:
                raise self.refused(
                    node, "The values are of different kinds.", got=", ".join(_NAMES[k] for k in sorted(kinds))
                )
            kind = "text"
        columns = [_as_kind(column, kind) for column in found]
        result, open_ = columns[-1].copy(), np.ones(self.rows, dtype=bool)
        for condition, values in zip(conditions, columns[:-1], strict=True):
            unknown = open_ & np.isnan(condition)
            result[unknown] = _as_kind(Column("number", np.array([np.nan])), kind)[0]
            holds = open_ & (condition == 1)
            result[holds] = values[holds]
            open_ &= condition == 0
        return Column(kind, result)

    def _together(self, node: Call) -> Column:
        values = np.stack([self.number(part) for part in node.parts])
        answered = ~np.isnan(values)
        least = node.options.get("at_least", float(len(node.parts)))
        if not 1 <= least <= len(node.parts):
            raise self.refused(node, "at_least is not among the numbers of values.", expected=f"1 to {len(node.parts)}")
        count = answered.sum(axis=0)
        filled = {"min": np.inf, "max": -np.inf}.get(node.function, 0.0)
        reduce = {"min": np.min, "max": np.max}.get(node.function, np.sum)
        found = reduce(np.where(answered, values, filled), axis=0)
        if node.function == "mean":
            found = found / np.maximum(count, 1)
        return Column("number", np.where(count >= least, found, np.nan))

    def _count(self, node: Call) -> Column:
        return Column("number", np.sum([np.nan_to_num(self.truth(part)) for part in node.parts], axis=0))

    def _missing(self, node: Call) -> Column:
        known = self.of(node.parts[0]).known
        return Column("truth", (known if node.function == "answered" else ~known).astype(np.float64))

    def _as_number(self, node: Call) -> Column:
        found = self.of(node.parts[0])
        if found.kind != "text":
            return Column("number", self.number(node.parts[0]))
        positions, distinct = pd.factorize(found.cells)
        read = np.array([*(as_number(str(value)) for value in distinct), None], dtype=np.float64)
        return Column("number", read[positions])

    def _text(self, node: Call) -> Column:
        return Column("text", _as_kind(self.of(node.parts[0]), "text"))

    def _of_text(self, node: Call) -> Column:
        given, argument = node.parts
        positions, distinct = pd.factorize(_as_kind(self.of(given), "text"))
        if not isinstance(argument, Constant) or argument.value is None:
            raise self.refused(
                argument, f"{node.function}(…) takes a given value.", expected="a number or a text in quotes"
            )
        if node.function == "contains":
            wanted = fold(str(argument.value))
            told = np.array([*(float(wanted in fold(str(value))) for value in distinct), np.nan])
            return Column("truth", told[positions])
        if not isinstance(argument.value, float):
            raise self.refused(argument, "left(…) takes how many characters to keep.", expected="a number")
        cut = np.array([*(str(value)[: int(argument.value)] for value in distinct), None], dtype=object)
        return Column("text", cut[positions])

    def _of_day(self, node: Call) -> Column:
        (part,) = node.parts
        found = self.of(part)
        if found.kind != "day":
            raise self.refused(
                part, f"{node.function}(…) takes a day.", expected="a column of dates", got=_NAMES[found.kind]
            )
        moments = pd.DatetimeIndex(found.cells)
        read = {"year": moments.year, "month": moments.month, "weekday": moments.day_of_week + 1, "hour": moments.hour}
        return Column("number", np.where(found.known, read[node.function].to_numpy(dtype=np.float64), np.nan))


def as_texts(texts: pd.Series) -> Column:
    """A column of texts, missing where the series has none."""
    cells = np.array(texts, dtype=object)
    cells[texts.isna().to_numpy()] = None
    return Column("text", cells)


def _as_numbers(texts: Values) -> Values | None:
    """Texts as numbers; None where one of them is none."""
    positions, distinct = pd.factorize(texts)
    read = [as_number(str(value)) for value in distinct]
    if any(number is None for number in read):
        return None
    return np.array([*read, np.nan], dtype=np.float64)[positions]


def _as_kind(column: Column, kind: Kind) -> Values:
    """The values as another kind: numbers as texts, or nothing but missing as anything."""
    if kind == column.kind or {kind, column.kind} <= {"number", "truth"}:
        return column.cells
    if kind == "text":
        return as_texts(column.texts.where(column.known)).cells
    return np.full(len(column.cells), np.datetime64("NaT", "us"))


def _folded(value: object) -> str | float:
    """A value as it is compared: its number where it is one, else its text without case and width."""
    number = value if isinstance(value, float) else as_number(str(value))
    return fold(str(value)) if number is None else float(number)


def _and(one: Values, other: Values) -> Values:
    return np.where((one == 0) | (other == 0), 0.0, np.where(np.isnan(one) | np.isnan(other), np.nan, 1.0))


def _round(value: Values, digits: Values | float = 0.0) -> Values:
    """To so many digits; halves away from zero."""
    power = 10.0**digits
    return np.asarray(np.sign(value) * np.floor(np.abs(value) * power + 0.5 + 1e-9) / power)


_LOGIC: dict[str, Callable[..., Values]] = {
    "and": _and,
    "or": lambda one, other: 1 - _and(1 - one, 1 - other),
    "not": lambda value: 1 - value,
}
_ARITHMETIC: dict[str, Callable[..., Values]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "abs": np.abs,
    "sqrt": np.sqrt,
    "log": np.log,
    "round": _round,
}
_COMPARED: dict[str, Callable[..., Values]] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
_NAMED = {
    **dict.fromkeys(_COMPARED, "compare"),
    **dict.fromkeys(("sum", "mean", "min", "max"), "together"),
    **dict.fromkeys(("missing", "answered"), "missing"),
    **dict.fromkeys(("left", "contains"), "of_text"),
    **dict.fromkeys(("year", "month", "weekday", "hour"), "of_day"),
    "number": "as_number",
}
"""Method of each function that does not bear its name."""
