"""Which tables a survey house would publish: questions by background questions, with the statistics of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from analysis.edition.instrument import Instrument, Item, MultipleQuestion, NumericQuestion, ProfileQuestion
from analysis.edition.params import Codes, KeysOnce, Names, Once, Params, Text, as_tuple
from analysis.edition.sections import Section, unknown
from analysis.errors import EditionError, did_you_mean

PERCENTILE = re.compile(r"p([1-9][0-9]?)\Z")
"""A quantile by its percentage: p10, p25, p90."""
NAMED = ("share", "total", "mean", "median", "top_two", "bottom_two", "nps", "net")
OF_KIND = {
    "rated": ("share", "total", "mean", "median", "top_two", "bottom_two", "nps", "net"),
    "continuous": ("mean", "median", "total"),
    "profile": ("share", "total", "net"),
    "multiple": ("share", "total"),
    "numeric": ("mean", "median", "total"),
}
"""Statistics that make sense of each kind of question."""
DEFAULTS = {
    "rated": ("share", "top_two", "mean"),
    "continuous": ("mean", "median"),
    "profile": ("share",),
    "multiple": ("share",),
    "numeric": ("mean", "median"),
}
"""Statistics of each kind of question where the params name none."""
OF_NUMBERS = frozenset({"rated", "continuous", "numeric"})
"""Kinds of questions that have quantiles."""
MOST_ANSWERS = 11
"""Answers of a scale whose shares are told one by one where no statistics are named."""
MOST_COLUMNS = 20
"""Categories of a background question that makes a banner without being named."""


def _statistic(name: str) -> str:
    if name not in NAMED and not PERCENTILE.match(name):
        known = f"{', '.join(NAMED)}, or a percentile such as p25"
        raise ValueError(
            f"{name!r} is no statistic: expected {known}{did_you_mean(name, NAMED) and '; '}{did_you_mean(name, NAMED)}"
        )
    return name


def _pair(given: object) -> object:
    """A background question alone, or several that are crossed."""
    return (given,) if isinstance(given, str) else as_tuple(given)


Statistics = Annotated[tuple[Annotated[str, AfterValidator(_statistic)], ...], BeforeValidator(as_tuple), Once]
Crossing = Annotated[tuple[str, ...], BeforeValidator(_pair), Field(min_length=1, max_length=2), Once]
Banner = Annotated[tuple[Crossing, ...], BeforeValidator(as_tuple), Once]


class Net(Params):
    """Net balance: the share of the `positive` answers less that of the `negative` ones, in points."""

    positive: Annotated[Codes, Field(min_length=1)]
    negative: Annotated[Codes, Field(min_length=1)]


class Ratio(Params):
    """The total of one number over that of another: Σw·numerator / Σw·denominator, of those who gave both."""

    numerator: str
    denominator: str


class TabulatedTable(Params):
    """One table: `statistics` of `questions`, or a `ratio`, by the background questions of `banner`.

    Without `statistics` each question has those of its kind, without `banner` the table has that of the section, and
    without `name` the name of its question. `chapter`: whether it stands in the book, or in the workbook alone.
    """

    key: str
    name: Text | None = None
    questions: Names = ()
    ratio: Ratio | None = None
    statistics: Statistics = ()
    net: Net | None = None
    banner: Banner | None = None
    chapter: bool = True

    @field_validator("key")
    @classmethod
    def _short(cls, key: str) -> str:
        if not re.match(r"[a-z][a-z0-9_]{0,23}\Z", key):
            raise ValueError(f"the key {key!r} names a sheet: up to 24 small letters, digits and _, a letter first")
        return key

    @model_validator(mode="after")
    def _of_something(self) -> TabulatedTable:
        if bool(self.questions) == (self.ratio is not None):
            raise ValueError(f"the table {self.key!r} needs either `questions` or a `ratio`")
        if self.ratio is not None and self.statistics:
            raise ValueError(f"the table {self.key!r} has a ratio, which is its one statistic: remove `statistics`")
        return self


class Tabulation(Section):
    """Banner tables. `banner`: background questions whose answers are the columns, or pairs of them that are crossed.

    With a banner every one of `questions` (none given: every question of the instrument) has a table of its own in the
    workbook; `tables` are those of the author's choice. A survey without an index has its background questions as
    banner where nothing is said. `chapter`: whether tables by the banner stand in the book too (none: where there is
    no index).
    """

    banner: Banner = ()
    questions: Names | None = None
    tables: Annotated[tuple[TabulatedTable, ...], BeforeValidator(as_tuple), KeysOnce] = ()
    chapter: bool | None = None

    def faults(self, instrument: Instrument) -> Iterator[EditionError]:
        """Questions that the instrument does not have, and statistics that a question can't have."""
        where = "tabulation"
        yield from _of_banner(f"{where}.banner", self.banner, instrument)
        yield from unknown(f"{where}.questions", self.questions or (), kinds_of(instrument), "question")
        for table in self.tables:
            yield from _of_table(f"{where}.tables.{table.key}", table, instrument)


def asked_of(instrument: Instrument) -> dict[str, Item | ProfileQuestion | MultipleQuestion | NumericQuestion]:
    """Every question that can be tabulated, by key: rated items, background questions, several choices, numbers."""
    items = [item for construct in instrument.constructs for item in construct.items]
    asked: list[Item | ProfileQuestion | MultipleQuestion | NumericQuestion] = [*items, *instrument.numeric]
    return {question.key: question for question in (*asked, *instrument.multiple, *instrument.profile)}


def kinds_of(instrument: Instrument) -> dict[str, str]:
    """Kind of every question that can be tabulated: rated, continuous, profile, multiple or numeric."""
    return {key: _kind(question, instrument) for key, question in asked_of(instrument).items()}


def _kind(question: object, instrument: Instrument) -> str:
    if isinstance(question, Item):
        return "continuous" if instrument.scales[question.key].continuous else "rated"
    names = {ProfileQuestion: "profile", MultipleQuestion: "multiple", NumericQuestion: "numeric"}
    return names[type(question)]  # type: ignore[index]


def _of_banner(where: str, banner: Banner, instrument: Instrument) -> Iterator[EditionError]:
    named = [question for crossing in banner for question in crossing]
    yield from unknown(where, named, instrument.profile_keys, "background question")
    for question in (question for question in instrument.profile if question.key in named):
        if len(question.categories) == 1:
            yield EditionError(
                f"{question.key!r} has one category: there is no column to compare it with.",
                where=f"{where}: {question.key}",
                expected="a background question with two answers or more",
                hint="leave it out of the banner",
            )


def _of_table(where: str, table: TabulatedTable, instrument: Instrument) -> Iterator[EditionError]:
    kinds = kinds_of(instrument)
    yield from _of_banner(f"{where}.banner", table.banner or (), instrument)
    yield from unknown(f"{where}.questions", table.questions, kinds, "question")
    if table.key in kinds:
        yield EditionError(
            f"The table {table.key!r} has the key of a question, whose own table is called so.",
            where=where,
            expected="a key of its own",
            hint=f"call it {table.key}_table, say",
        )
    if table.ratio is not None:
        numbers = [key for key, kind in kinds.items() if kind in OF_NUMBERS]
        yield from unknown(f"{where}.ratio.numerator", [table.ratio.numerator], numbers, "numeric question")
        yield from unknown(f"{where}.ratio.denominator", [table.ratio.denominator], numbers, "numeric question")
    for question in (question for question in table.questions if question in kinds):
        for statistic in table.statistics:
            yield from _impossible(where, question, statistic, kinds[question], table, instrument)


def _impossible(
    where: str, question: str, statistic: str, kind: str, table: TabulatedTable, instrument: Instrument
) -> Iterator[EditionError]:
    quantile = PERCENTILE.match(statistic) is not None and kind in OF_NUMBERS
    scale = instrument.scales.get(question, instrument.scale)
    if statistic not in OF_KIND[kind] and not quantile:
        can = ", ".join((*OF_KIND[kind], *(["p25 …"] if kind in OF_NUMBERS else [])))
        yield EditionError(
            f"{question!r} has no {statistic}: its answers are {_ANSWERS[kind]}.",
            where=f"{where}.statistics: {statistic}",
            expected=f"one of {can}",
            hint=_HINTS.get(kind, "leave it out"),
        )
    elif statistic == "nps" and (scale.min, scale.max) != (0, 10):
        yield EditionError(
            f"A net promoter score is made of answers from 0 to 10, and {question!r} has another scale.",
            where=f"{where}.statistics: nps",
            got=f"{scale.min} to {scale.max}",
            hint="use net, with the answers that count as positive and as negative",
        )
    elif statistic == "net" and kind == "profile" and table.net is None:
        yield EditionError(
            f"The net balance of {question!r} needs to know which answers are positive and which negative.",
            where=f"{where}.net",
            expected="net: {positive: [...], negative: [...]}",
        )


_ANSWERS = {
    "rated": "ratings",
    "continuous": "ratings with decimals",
    "profile": "categories",
    "multiple": "several choices",
    "numeric": "numbers",
}
_HINTS = {
    "profile": "take share, or ask for it as a number under `numeric` of the instrument",
    "numeric": "take mean or median, or put its numbers in classes as a background question",
    "continuous": "take mean or median",
}
