"""The questionnaire as it is put to people: blocks of questions in the order in which they can be answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

from analysis.edition.instrument import Category, Instrument, Item, MultipleQuestion, NumericQuestion, ProfileQuestion
from analysis.edition.params import Text
from analysis.edition.scales import Scale
from analysis.errors import EditionError
from analysis.outgoing.wording import words

Kind = Literal["rating", "score", "one", "several", "number", "text"]
MOST_POINTS = 11
"""Points of a scale that are shown one by one; on a longer one, or one with decimals, a number is written."""


@dataclass(frozen=True)
class Answer:
    """One answer that can be ticked: its code in the data and its wording."""

    code: str
    text: Text


@dataclass(frozen=True)
class Question:
    """One question.

    kind: a rating on a scale of few points, a score written as a number, one or several of the answers, a whole number
    in classes, or text. low, high: bounds of a number (None: none). route: background questions, and the codes of them
    that lead here. classes: lower bounds of the classes of a number, in the order of `answers`.
    """

    key: str
    kind: Kind
    text: Text
    answers: tuple[Answer, ...] = ()
    low: float | None = None
    high: float | None = None
    whole: bool = True
    required: bool = True
    route: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    classes: tuple[float, ...] = ()


@dataclass(frozen=True)
class Block:
    """Questions under one heading; `stem`: what a block of ratings is asked with."""

    key: str
    name: Text
    questions: tuple[Question, ...]


def blocks(instrument: Instrument) -> tuple[Block, ...]:
    """Blocks of the questionnaire: background questions that lead to others stand first, the other ones near the end.

    Raises EditionError where nothing is asked: background questions alone name the categories of records.
    """
    if not (instrument.constructs or instrument.numeric or instrument.multiple or instrument.open):
        raise EditionError(
            "Nothing is asked in this edition.", expected="an instrument with questions", where="instrument"
        )
    leading = {key for construct in instrument.constructs for item in construct.items for key in item.asked_if}
    asked = [question for question in instrument.profile if question.option is None]
    first = [_background(question) for question in asked if question.key in leading]
    rest = [_background(question) for question in asked if question.key not in leading]
    rated = [_rated(construct.key, construct.name, construct.items, instrument) for construct in instrument.constructs]
    taken = {block.key for block in rated} | {*instrument.item_keys, *instrument.profile_keys}
    found = [
        _block("about_you", first, taken),
        *_with_attention(rated, instrument),
        _block("numbers", [_amount(question) for question in instrument.numeric], taken),
        _block("several", [_several(question) for question in instrument.multiple], taken),
        _block("background", rest, taken),
        _block(
            "own_words",
            [Question(q.key, "text", Text(zh=q.zh, en=q.en), required=False) for q in instrument.open],
            taken,
        ),
    ]
    return tuple(block for block in found if block.questions)


def questions(instrument: Instrument) -> tuple[Question, ...]:
    """All questions, in the order of `blocks`."""
    return tuple(question for block in blocks(instrument) for question in block.questions)


def runs(block: Block) -> Iterator[tuple[Question, ...]]:
    """Neighbouring questions of a block that are put to the same people and answered in the same way."""

    def alike(question: Question) -> tuple[object, ...]:
        answers = question.answers if question.kind == "rating" else question.key
        return (tuple(question.route.items()), question.kind, answers)

    for _, found in groupby(block.questions, key=alike):
        yield tuple(found)


def _block(key: str, asked: list[Question], taken: set[str]) -> Block:
    name = key
    while name in taken:
        name += "_"
    return Block(name, words()[f"form.{key}"], tuple(asked))


def _background(question: ProfileQuestion) -> Question:
    answers = _answers(question.categories)
    if question.classes:
        low = question.classes[0]
        whole = all(float(bound).is_integer() for bound in question.classes)
        return Question(question.key, "number", question.question, answers, low, whole=whole, classes=question.classes)
    return Question(question.key, "one" if answers else "text", question.question, answers)


def _several(question: MultipleQuestion) -> Question:
    return Question(question.key, "several", question.question, _answers(question.options))


def _amount(question: NumericQuestion) -> Question:
    return Question(question.key, "number", question.question, low=question.min, high=question.max, whole=False)


def _answers(categories: tuple[Category, ...]) -> tuple[Answer, ...]:
    return tuple(Answer(one.code, Text(zh=one.zh, en=one.en)) for one in categories)


def _rated(key: str, name: Text, items: tuple[Item, ...], instrument: Instrument) -> Block:
    scales = instrument.scales
    asked = (_rating(i.key, Text(zh=i.zh, en=i.en), scales[i.key], route=i.asked_if) for i in items)
    return Block(key, name, tuple(asked))


def _rating(
    key: str, text: Text, scale: Scale, *, route: Mapping[str, tuple[str, ...]], also: tuple[int, ...] = ()
) -> Question:
    low, high = min(scale.min, *also, scale.max), max(scale.max, *also, scale.min)
    if scale.continuous or high - low >= MOST_POINTS:
        return Question(key, "score", text, low=low, high=high, whole=not scale.continuous, route=route)
    plain = (Text(zh=str(code), en=str(code)) for code in range(low, high + 1))
    points = (
        Answer(str(code), scale.labels.get(code, text)) for code, text in zip(range(low, high + 1), plain, strict=True)
    )
    return Question(key, "rating", text, tuple(points), low=low, high=high, route=route)


def _with_attention(rated: list[Block], instrument: Instrument) -> list[Block]:
    """The blocks of items with the attention check at the end of the one in the middle."""
    check = instrument.attention
    if check is None or not rated:
        return rated
    asked = _rating(
        check.key,
        Text(zh=check.zh, en=check.en),
        check.scale or instrument.scale,
        route={},
        also=(check.expected,),
    )
    middle = (len(rated) - 1) // 2
    block = rated[middle]
    return [*rated[:middle], Block(block.key, block.name, (*block.questions, asked)), *rated[middle + 1 :]]
