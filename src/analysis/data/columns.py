"""Columns of a table, and what each must hold: types, ranges, categories, labels."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from analysis.edition.instrument import (
    AttentionCheck,
    Category,
    Instrument,
    Item,
    MultipleQuestion,
    NumericQuestion,
    ProfileQuestion,
)
from analysis.edition.sections.data import DateOrder, Decimal

Kind = Literal["id", "text", "category", "number", "datetime", "duration"]


@dataclass(frozen=True)
class Field:
    """One column of a table.

    `required`: the file must have it; `filled`: every row must have a value. Numbers lie between `low` and `high`
    (above `low` where `above`), `whole` ones have no decimals; `reverse_sum` - value recodes a reverse item.
    `categories` are the codes allowed (any, when empty), `labels` the folded wordings that stand for a code,
    `within` the fields to use instead, by the value of the column `depends_on`. In an `answer` a numeric missing
    code always means "no answer". A `numbered` id is made from the row number where the file has none. `wordings`
    help to name the file's column when it is not found. `bounds` are the lower bounds of classes of numbers, one
    for each of `categories`. `missing` are the column's own codes for "no answer" in place of the table's; `dates` and
    `decimal` say how its dates and numbers are written (None: it is not told, and not looked for in the column).
    `joined` are folded answers that count as one of another name.
    """

    name: str
    kind: Kind = "text"
    required: bool = False
    filled: bool = False
    low: float | None = None
    high: float | None = None
    above: bool = False
    whole: bool = False
    reverse_sum: float | None = None
    categories: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    pattern: str = ""
    expected: str = ""
    answer: bool = False
    numbered: bool = False
    depends_on: str = ""
    within: Mapping[str, Field] = field(default_factory=dict)
    wordings: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()
    missing: tuple[str, ...] | None = None
    dates: DateOrder | None = "auto"
    decimal: Decimal | None = "auto"
    joined: frozenset[str] = frozenset()

    @property
    def costs_row(self) -> bool:
        """Whether a bad value costs the row: without it nothing can be computed from the row."""
        return self.required or self.filled


YES = ("yes", "y", "true", "checked", "selected", "x", "✓", "√", "是", "有", "选中", "已选")
NO = ("no", "n", "false", "unchecked", "not selected", "否", "没有", "未选", "未选中")
"""What programs write for an answer that was ticked, and for one that was not."""


@dataclass(frozen=True)
class Contract:
    """Columns of a table, the columns that together identify a row, and pairs of times that must be in order.

    `lenient`: a bad value of a column that need not be filled costs the value and not the row. `adds`: a column of
    counts; rows of one key that the file words differently, since they are joined, are added up in it.
    """

    table: str
    fields: tuple[Field, ...]
    unique: tuple[str, ...]
    in_order: tuple[tuple[str, str], ...] = ()
    lenient: bool = False
    adds: str = ""

    @property
    def names(self) -> list[str]:
        """Names of all columns."""
        return [field.name for field in self.fields]


class _Coded(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...


def fold(text: str) -> str:
    """The form in which labels are compared: width, case and outer white space do not matter."""
    if text.isascii():  # the quick way, for columns of millions of codes
        return text.strip().lower()
    return unicodedata.normalize("NFKC", text).strip().casefold()


def folded_labels(coded: Iterable[tuple[str, ...]]) -> dict[str, str]:
    """Folded wordings (the code and all that follow it) that stand for one code; one used twice stands for none."""
    found: dict[str, set[str]] = {}
    for code, *wordings in coded:
        for wording in (code, *wordings):
            found.setdefault(fold(wording), set()).add(code)
    return {wording: codes.pop() for wording, codes in found.items() if len(codes) == 1}


def listed(name: str, coded: Iterable[tuple[str, ...]], **options: object) -> Field:
    """A column of the codes that each of `coded` begins with, followed by all that stands for it."""
    entries = list(coded)
    base = Field(name, "category", categories=tuple(code for code, *_ in entries), labels=folded_labels(entries))
    return replace(base, **options)  # type: ignore[arg-type]


def profile(question: ProfileQuestion, *, name: str | None = None, required: bool = False) -> Field:
    return listed(
        name or question.key,
        ((category.code, category.zh, category.en, *category.joins) for category in question.categories),
        required=required,
        answer=True,
        bounds=tuple(float(bound) for bound in question.classes),
        wordings=(question.question.zh, question.question.en, question.name.zh, question.name.en),
        joined=frozenset(fold(text) for category in question.categories for text in category.joins),
    )


def chosen(question: MultipleQuestion, option: Category) -> Field:
    """Whether one answer of a question of several choices was given: 1 or 0."""
    yes = ("1", *YES, option.code, option.zh, option.en, *option.joins)
    return Field(
        question.column(option),
        "number",
        low=0,
        high=1,
        whole=True,
        labels=folded_labels((yes, ("0", *NO))),
        expected=f"an answer to {question.key} ({', '.join(answer.code for answer in question.options[:8])})",
        wordings=(f"{question.question.zh} {option.zh}", f"{question.question.en} {option.en}"),
    )


def numeric(question: NumericQuestion) -> Field:
    return Field(
        question.key,
        "number",
        low=question.min,
        high=question.max,
        answer=True,
        wordings=(question.question.zh, question.question.en, question.name.zh, question.name.en),
    )


def rated(asked: Item | AttentionCheck, instrument: Instrument) -> Field:
    scale = instrument.scale_of(asked.key) if isinstance(asked, Item) else asked.scale or instrument.scale
    low, high = float(scale.min), float(scale.max)
    if isinstance(asked, AttentionCheck):
        low, high = min(low, asked.expected), max(high, asked.expected)
    return Field(
        asked.key,
        "number",
        required=isinstance(asked, Item),
        low=low,
        high=high,
        whole=not scale.continuous,
        reverse_sum=low + high if isinstance(asked, Item) and asked.reverse else None,
        labels=folded_labels((str(code), text.zh, text.en) for code, text in scale.labels.items()),
        answer=True,
        wordings=(asked.zh, asked.en),
    )


def known(name: str, instrument: Instrument, *, like: str | None = None, filled: bool = False) -> Field:
    """A category column; with the categories of the profile question of that key when the instrument has one."""
    key = like or name
    if key in instrument.profile_keys:
        return replace(profile(instrument.question(key), name=name), filled=filled, required=filled)
    return Field(name, "category", filled=filled, required=filled)


def identifier(name: str, *, numbered: bool = False) -> Field:
    return Field(name, "id", required=not numbered, filled=True, numbered=numbered)


def moment(name: str, *, required: bool = True, filled: bool = True) -> Field:
    return Field(name, "datetime", required=required, filled=filled)
