"""Questions as what their tables are made of: features of the answers, and each statistic as a line of coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.edition.instrument import Item, MultipleQuestion, NumericQuestion, ProfileQuestion
from analysis.edition.sections.tabulation import DEFAULTS, MOST_ANSWERS, PERCENTILE, asked_of, kinds_of
from analysis.survey.design.codes import numbers
from analysis.survey.tabulation.columns import Coefficients
from analysis.survey.tabulation.sums import Categories, Features, Numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from analysis.edition.instrument import Instrument
    from analysis.edition.sections.tabulation import Net, Ratio

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

POINTS = 100.0
"""Net balances are told in points."""


@dataclass(frozen=True)
class Line:
    """One line of a table: a statistic, of an answer where it is of one, and how it is told and protected.

    rule: share (of people, 0–1), category (the same of answers that exclude each other), people (their estimated
    number), points (−100 to 100), rating (a mean answer), amount (a number). measured: what it tells of a group, alike
    wherever it is told.
    """

    question: str
    statistic: str
    answer: str
    rule: str
    measured: str


@dataclass(frozen=True)
class Block:
    """Lines of one question with the features they are made of.

    present: who answered; amounts: size of each answer where few may hold most of the total; quantiles: further lines,
    with their probability, and `numbers`, the answers that they are found from.
    """

    features: Features
    lines: tuple[Line, ...]
    coefficients: Coefficients
    present: NDArray[np.bool_]
    amounts: Floats | None = None
    quantiles: tuple[tuple[Line, float], ...] = ()
    numbers: Floats | None = None

    @cached_property
    def complete(self) -> bool:
        """Whether everybody answered."""
        return bool(self.present.all())

    @cached_property
    def ascending(self) -> Codes:
        """The rows with an answer, the smallest first."""
        found = np.zeros(0) if self.numbers is None else self.numbers
        return np.argsort(found, kind="stable")[: int(self.present.sum())]


def blocks_of(
    key: str, responses: pd.DataFrame, *, instrument: Instrument, statistics: Sequence[str] = (), net: Net | None = None
) -> Iterator[Block]:
    """The lines of a question in printed order: as named, else those of its kind; none where nobody answered it."""
    question, kind = asked_of(instrument)[key], kinds_of(instrument)[key]
    if isinstance(question, MultipleQuestion):
        yield from _of_choices(question, responses, statistics or DEFAULTS[kind])
    elif key in responses and responses[key].notna().any():
        if isinstance(question, ProfileQuestion):
            yield _of_categories(question, responses[key], statistics or DEFAULTS[kind], net)
        elif isinstance(question, NumericQuestion) or kind == "continuous":
            rule = "amount" if isinstance(question, NumericQuestion) else "rating"
            yield _of_numbers(key, responses[key], statistics or DEFAULTS[kind], rule)
        elif isinstance(question, Item):
            yield _of_ratings(key, responses[key], instrument, statistics, net)


def ratio_block(ratio: Ratio, responses: pd.DataFrame) -> Block:
    """The one line of a ratio, of those who gave both numbers."""
    pair = [numbers(responses[key], key) for key in (ratio.numerator, ratio.denominator)]
    there = ~np.isnan(pair[0]) & ~np.isnan(pair[1])
    values = np.where(there[:, None], np.column_stack([*pair, np.ones(len(there))]), np.nan)
    name = f"{ratio.numerator}/{ratio.denominator}"
    line = Line(name, "ratio", "", "amount", f"ratio {name}")
    coefficients = Coefficients(np.array([[1.0, 0.0, 0.0]]), np.array([[0.0, 1.0, 0.0]]))
    amounts = np.where(there, np.abs(pair[0]), 0.0)
    return Block(Numbers(values, np.array([0.0, 0.0, 1.0])), (line,), coefficients, there, amounts)


def codes_of(question: ProfileQuestion, answers: pd.Series[Any]) -> tuple[Codes, list[str]]:
    """Answers as codes (−1: none) of the categories that somebody gave, in the order of the instrument."""
    import pandas as pd

    found, names = pd.factorize(answers.astype(object).map(str, na_action="ignore"))
    listed = [category.code for category in question.categories]
    order = [name for name in listed if name in set(names)] + sorted(set(names) - set(listed))
    place = {name: number for number, name in enumerate(order)}
    moved = np.array([place[name] for name in names] + [-1], dtype=np.int64)
    return moved[found], order


def _of_categories(
    question: ProfileQuestion, answers: pd.Series[Any], statistics: Sequence[str], net: Net | None
) -> Block:
    codes, names = codes_of(question, answers)
    rows: list[tuple[Line, Floats, Floats]] = []
    for statistic in statistics:
        if statistic == "net" and net is not None:
            rows.append(_net(question.key, names, net))
        else:
            rows += _each(question.key, names, statistic, lambda name: f"{question.key}={name}", "category")
    return _block(Categories(codes, len(names)), rows, codes >= 0)


def _of_choices(question: MultipleQuestion, responses: pd.DataFrame, statistics: Sequence[str]) -> Iterator[Block]:
    for option in question.options:
        column = question.column(option)
        if column not in responses or not responses[column].notna().any():
            continue
        chosen = numbers(responses[column], column)
        codes = np.where(np.isnan(chosen), -1, chosen).astype(np.int64)
        rows = [
            row
            for statistic in statistics
            for row in _each(question.key, ["", option.code], statistic, lambda name: f"{question.key} {name}")
            if row[0].answer
        ]
        yield _block(Categories(codes, 2), rows, codes >= 0)


def _of_ratings(
    key: str, answers: pd.Series[Any], instrument: Instrument, statistics: Sequence[str], net: Net | None
) -> Block:
    scale = instrument.scales[key]
    count = scale.max - scale.min + 1
    given = numbers(answers, key)
    codes = np.where(np.isnan(given), -1, given - scale.min).astype(np.int64)
    points = np.arange(count, dtype=np.float64) + scale.min
    names = [str(scale.min + place) for place in range(count)]
    wanted = statistics or [one for one in DEFAULTS["rated"] if one != "share" or count <= MOST_ANSWERS]
    rows: list[tuple[Line, Floats, Floats]] = []
    whole: Floats = np.ones(count)
    ends: dict[str, Floats] = {
        "top_two": (points >= scale.max - 1).astype(np.float64),
        "bottom_two": (points <= scale.min + 1).astype(np.float64),
    }
    for statistic in wanted:
        if statistic in {"share", "total"}:
            rows += _each(key, names, statistic, lambda _: f"answers {key}")
        elif statistic in ends:
            rows.append((Line(key, statistic, "", "share", f"{statistic} {key}"), ends[statistic], whole))
        elif statistic == "mean":
            rows.append((Line(key, "mean", "", "rating", f"mean {key}"), points, whole))
        elif statistic == "nps":
            sides: Floats = 1.0 * (points >= 9) - 1.0 * (points <= 6)
            rows.append((Line(key, "nps", "", "points", f"nps {key}"), POINTS * sides, whole))
        elif statistic == "net" and net is not None:
            rows.append(_net(key, names, net))
        elif statistic == "net":
            sides = ends["top_two"] - ends["bottom_two"]
            rows.append((Line(key, "net", "", "points", f"net {key}"), POINTS * sides, whole))
    return _block(Categories(codes, count), rows, codes >= 0, _quantiles(key, wanted, "rating"), given)


def _of_numbers(key: str, answers: pd.Series[Any], statistics: Sequence[str], rule: str) -> Block:
    given = numbers(answers, key)
    values = np.column_stack([given, np.where(np.isnan(given), np.nan, 1.0)])
    above, below = np.array([1.0, 0.0]), {"mean": np.array([0.0, 1.0]), "total": np.zeros(2)}
    rows = [
        (Line(key, statistic, "", rule, f"mean {key}"), above, below[statistic])
        for statistic in statistics
        if statistic in below
    ]
    there = ~np.isnan(given)
    amounts = np.where(there, np.abs(given), 0.0) if rule == "amount" else None
    features = Numbers(values, np.array([0.0, 1.0]))
    return _block(features, rows, there, _quantiles(key, statistics, rule), given, amounts)


def _quantiles(key: str, statistics: Sequence[str], rule: str) -> tuple[tuple[Line, float], ...]:
    found = []
    for statistic in statistics:
        match = PERCENTILE.match(statistic)
        if statistic == "median" or match:
            probability = float(match[1]) / 100 if match else 0.5
            found.append((Line(key, statistic, "", rule, f"{statistic} {key}"), probability))
    return tuple(found)


def _each(
    key: str, names: Sequence[str], statistic: str, measured: Any, rule: str = "share"
) -> list[tuple[Line, Floats, Floats]]:
    """A line for every answer: its share, or the number of people who gave it."""
    size = len(names)
    rule, below = (rule, np.ones(size)) if statistic == "share" else ("people", np.zeros(size))
    return [
        (Line(key, statistic, name, rule, measured(name)), np.eye(size)[place], below)
        for place, name in enumerate(names)
    ]


def _net(key: str, names: Sequence[str], net: Net) -> tuple[Line, Floats, Floats]:
    score = [POINTS * (float(name in net.positive) - float(name in net.negative)) for name in names]
    return Line(key, "net", "", "points", f"net {key}"), np.array(score), np.ones(len(names))


def _block(
    features: Features,
    rows: Sequence[tuple[Line, Floats, Floats]],
    present: NDArray[np.bool_],
    quantiles: tuple[tuple[Line, float], ...] = (),
    values: Floats | None = None,
    amounts: Floats | None = None,
) -> Block:
    empty = np.zeros((0, features.size))
    above, below = (np.array([row[place] for row in rows]) if rows else empty for place in (1, 2))
    return Block(
        features,
        tuple(line for line, _, _ in rows),
        Coefficients(above, below),
        present,
        amounts,
        quantiles,
        values if quantiles else None,
    )
