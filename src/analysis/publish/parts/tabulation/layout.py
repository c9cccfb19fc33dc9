"""The released rows laid out as banner tables: lines down, columns across, the same for chapters and workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from analysis.edition.sections.tabulation import PERCENTILE, asked_of
from analysis.publish.words import formats
from analysis.publish.words.escape import plain
from analysis.survey.tabulation.book import CROSSED, NO_ANSWER
from analysis.survey.tabulation.plan import plan_tables

if TYPE_CHECKING:
    from analysis.edition.instrument import Instrument
    from analysis.publish.words.labels import Labels
    from analysis.results import Store
    from analysis.survey.tabulation.plan import PlannedTable

Cells = dict[str, Any]
BY_AMOUNT = "amount"
POINTS_DECIMALS, RATING_DECIMALS = 1, 2


@dataclass(frozen=True)
class LineKey:
    """One line of a table: question, statistic, answer, and how it is told."""

    question: str
    statistic: str
    answer: str
    rule: str


@dataclass(frozen=True)
class ColumnKey:
    """One column: its banner ("" for all), the category and the letter."""

    banner: str
    category: str
    letter: str


@dataclass(frozen=True)
class Grid:
    """A banner table: lines × columns of released cells."""

    planned: PlannedTable
    lines: tuple[LineKey, ...]
    columns: tuple[ColumnKey, ...]
    cells: dict[tuple[LineKey, ColumnKey], Cells] = field(repr=False)

    def of_banner(self, banner: str) -> tuple[ColumnKey, ...]:
        """The columns of one crossing."""
        return tuple(column for column in self.columns if column.banner == banner)

    @property
    def banners(self) -> tuple[str, ...]:
        """Crossings in their order, without the column of all."""
        return tuple(dict.fromkeys(column.banner for column in self.columns if column.banner))


def grids(store: Store, labels: Labels, *, chapter: bool = False) -> Iterator[Grid]:
    """Every banner table that passed disclosure, in the order of the plan; `chapter`: those of the book alone."""
    if not store.has_table("tabulation"):
        return
    frame = store.table("tabulation")
    frame = frame[frame["category"].isna() | ~frame["category"].astype(str).str.startswith(NO_ANSWER)]
    found = {str(key): rows for key, rows in frame.groupby("table", sort=False)}
    for planned in plan_tables(labels.edition.tabulation, labels.edition.instrument):
        if planned.key in found and (planned.chapter or not chapter):
            yield _grid(planned, found[planned.key].to_dict("records"))


def _grid(planned: PlannedTable, records: Sequence[Any]) -> Grid:
    cells = {}
    for row in records:
        line = LineKey(row["question"], row["statistic"], row["answer"] or "", row["rule"].removesuffix(CROSSED))
        category = "" if formats.is_missing(row["category"]) else str(row["category"])
        cells[line, ColumnKey(row["banner"] or "", category, row["letter"] or "")] = row
    lines, columns = dict.fromkeys(line for line, _ in cells), dict.fromkeys(column for _, column in cells)
    return Grid(planned, tuple(lines), tuple(columns), cells)


def title(grid: Grid, labels: Labels) -> str:
    """What the table is called: by its author, or by what was asked."""
    asked = grid.planned.asked
    if asked is not None and asked.name is not None:
        return plain(asked.name[labels.lang])
    ratio = asked.ratio if asked is not None else None
    if ratio is not None:
        return question_name(f"{ratio.numerator}/{ratio.denominator}", labels)
    names = [question_name(key, labels) for key in grid.planned.questions]
    return names[0] if len(names) == 1 else formats.listed(names, labels.lang)


def question_name(key: str, labels: Labels) -> str:
    """Name of any question that is tabulated; a rated item has its wording."""
    numerator, _, denominator = key.partition("/")
    if denominator:
        names = {"numerator": labels.question(numerator), "denominator": labels.question(denominator)}
        return labels.text("tabulation.ratio", **names)
    return labels.item(key) if key in labels.edition.instrument.item_keys else labels.question(key)


def line_name(line: LineKey, labels: Labels) -> str:
    """What a line tells: the answer whose share it is, or the statistic."""
    if line.answer:
        answer = answer_name(line.question, line.answer, labels)
        return answer if line.rule != "people" else labels.text("tabulation.people", answer=answer)
    match = PERCENTILE.match(line.statistic)
    if match:
        return labels.text("tabulation.percentile", share=match[1])
    return labels.text(f"statistics.{line.statistic}")


def answer_name(question: str, answer: str, labels: Labels) -> str:
    """Wording of an answer; a point of a scale has its label where it has one."""
    instrument = labels.edition.instrument
    if question in instrument.item_keys:
        named = instrument.scales[question].labels.get(int(answer))
        return answer if named is None else f"{answer} {plain(named[labels.lang])}"
    return labels.category(question, answer)


def column_name(column: ColumnKey, labels: Labels, *, whole: bool) -> str:
    """Heading of a column with its letter; `whole`: with the name of the question."""
    if not column.banner:
        return labels.text("tabulation.all")
    questions, codes = column.banner.split(" "), column.category.split(" | ")
    names = [labels.category(question, code) for question, code in zip(questions, codes, strict=True)]
    text = (" × " if len(names) > 1 else "").join(names)
    if whole:
        asked = " × ".join(labels.question(question) for question in questions)
        text = labels.text("tabulation.column", question=asked, category=text)
    return f"{text} ({column.letter})" if column.letter else text


def unit_name(line: LineKey, labels: Labels) -> str:
    """Unit of a line's figures."""
    if line.rule in {"share", "category"}:
        return "%"
    if line.rule == "rating":
        scale = labels.edition.instrument.scales[line.question]
        return labels.text("tabulation.scale", min=scale.min, max=scale.max)
    if line.rule != BY_AMOUNT:
        return labels.text(f"tabulation.unit_{line.rule}")
    if line.statistic == "ratio":
        return labels.text("tabulation.unit_ratio")
    return unit_of_question(line.question, labels) or labels.text("tabulation.unit_number")


def unit_of_question(key: str, labels: Labels) -> str:
    """Unit in which a number was asked; empty where the instrument names none."""
    unit = getattr(asked_of(_instrument(labels)).get(key), "unit", None)
    return "" if unit is None else plain(unit[labels.lang])


def _instrument(labels: Labels) -> Instrument:
    return labels.edition.instrument


def figure(value: float | None, line: LineKey) -> str:
    """A figure as it is printed."""
    if value is None or formats.is_missing(value):
        return formats.MISSING
    if line.rule in {"share", "category"}:
        return formats.percent(value)
    return formats.number(value, decimals_of(value, line))


def decimals_of(value: float, line: LineKey) -> int:
    """Decimals of a figure: none of large amounts, two of small ones."""
    if line.rule == "points":
        return POINTS_DECIMALS
    if line.rule == "rating":
        return RATING_DECIMALS
    return 0 if abs(value) >= 100 or line.rule == "people" else 1 if abs(value) >= 10 else RATING_DECIMALS


def interval(row: Cells, line: LineKey, labels: Labels) -> str:
    """The interval of a cell as it is printed."""
    low, high = row["ci_low"], row["ci_high"]
    if formats.is_missing(low) or formats.is_missing(high):
        return formats.MISSING
    if line.rule in {"share", "category"}:
        return formats.percent_interval(low, high, labels.lang)
    return formats.interval(low, high, labels.lang, decimals=decimals_of(max(abs(low), abs(high)), line))
