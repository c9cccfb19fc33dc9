"""The questionnaire as it was asked: answers, routing, and the questions that are neither rated nor background."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from analysis.publish.words import formats
from analysis.publish.words.labels import Labels
from analysis.publish.words.phrases import question_inside
from analysis.publish.words.reading import LANGUAGES

if TYPE_CHECKING:
    from analysis.edition import Edition
    from analysis.edition.instrument import Category, Item
    from analysis.edition.params import Text
    from analysis.results import Store


def in_both(name: str, edition: Edition, tell: Callable[[Labels], str]) -> dict[str, str]:
    """What `tell` says in both languages, as columns of a table."""
    return {f"{name}_{lang}": tell(Labels(edition, lang)) for lang in LANGUAGES}


def scale(store: Store, labels: Labels) -> str:  # noqa: ARG001 - one signature for all findings
    """The answers that the rated items offer, with their wordings, and that some items are turned."""
    instrument = labels.edition.instrument
    turned = any(item.reverse for construct in instrument.constructs for item in construct.items)
    said = [_offered(labels)] + [labels.text("findings.scale.turned")] * turned
    return formats.joined(said, labels.lang)


def _offered(labels: Labels) -> str:
    asked = labels.edition.instrument.scale
    ends = {"min": asked.min, "max": asked.max}
    if not asked.labels:
        return labels.text(f"findings.scale.{'continuous' if asked.continuous else 'numbers'}", **ends)
    worded = [
        labels.text("findings.scale.answer", code=code, wording=wording[labels.lang])
        for code, wording in sorted(asked.labels.items())
    ]
    return labels.text("findings.scale.worded", answers=formats.semicolons(worded, labels.lang), **ends)


def remark(item: Item, labels: Labels) -> str:
    """Whether an item is worded the other way round, and who alone was asked; empty where there is nothing to say."""
    told = [labels.text("text.reversed")] if item.reverse else []
    routes = [
        labels.text(
            "text.route",
            question=question_inside(question, labels),
            answers=formats.semicolons([labels.category(question, code) for code in codes], labels.lang),
        )
        for question, codes in item.asked_if.items()
    ]
    if routes:
        told.append(labels.text("text.asked_if", routes=formats.listed(routes, labels.lang)))
    return formats.semicolons(told, labels.lang)


def answers(categories: Sequence[Category], labels: Labels) -> str:
    """The answers offered, in their order; without any, that every answer was taken."""
    worded = [category[labels.lang] for category in categories]
    return formats.semicolons(worded, labels.lang) if worded else labels.text("text.any_answer")


def _amount(unit: Text | None, labels: Labels) -> str:
    """What a question answered with a number asks for."""
    return labels.text("text.number") if unit is None else labels.text("text.number_of", unit=unit[labels.lang])


def other_questions(edition: Edition) -> list[dict[str, Any]]:
    """Numbers, questions of several answers, the attention check and open questions: kind, wording and answers."""
    instrument = edition.instrument
    rows = [
        {
            "question_kind": "multiple",
            "wording_zh": question.question.zh,
            "wording_en": question.question.en,
            **in_both("answers", edition, partial(answers, question.options)),
        }
        for question in instrument.multiple
    ]
    rows += [
        {"question_kind": "numeric", "wording_zh": question.question.zh, "wording_en": question.question.en}
        | in_both("answers", edition, partial(_amount, question.unit))
        for question in instrument.numeric
    ]
    if instrument.attention:
        expected = instrument.attention.expected
        rows.append(
            {"question_kind": "attention", "wording_zh": instrument.attention.zh, "wording_en": instrument.attention.en}
            | in_both("answers", edition, lambda labels: labels.text("text.expected", answer=expected))
        )
    rows += [
        {"question_kind": "open", "wording_zh": question.zh, "wording_en": question.en}
        | in_both("answers", edition, lambda labels: labels.text("text.own_words"))
        for question in instrument.open
    ]
    return rows
