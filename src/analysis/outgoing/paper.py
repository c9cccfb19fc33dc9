"""The questionnaire on paper, to be filled in by hand: boxes, tables of ratings, the way from question to question."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.errors import BookError
from analysis.outgoing.questionnaire import Block, Question, blocks, runs
from analysis.outgoing.wording import said
from analysis.publish.book.languages import LANGUAGES
from analysis.publish.figures.fonts import font_folder
from analysis.publish.typesetting import TypesettingError, typeset
from analysis.publish.words.escape import as_typst_string as quoted

if TYPE_CHECKING:
    from analysis.edition import Edition

TEMPLATE = Path(__file__).with_name("questionnaire.typ")
LINES = 5
"""Lines for an answer in one's own words."""


def write_paper(edition: Edition, lang: str) -> bytes:
    """The PDF of the questionnaire in one language; raises BookError with typst's message, EditionError as `blocks`."""
    created = datetime.combine(edition.publication.date, time(), tzinfo=UTC)
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copyfile(TEMPLATE, Path(scratch) / TEMPLATE.name)
        try:
            (pdf,), _ = typeset(
                typst_source(edition, lang),
                root=Path(scratch),
                fonts=font_folder(),
                timestamp=int(created.timestamp()),
            )
        except TypesettingError as error:
            raise BookError("typst could not set the questionnaire", got=str(error)) from error
    return pdf


def typst_source(edition: Edition, lang: str) -> str:
    """The questionnaire as typst reads it: calls of the template, whose texts are strings."""
    asked = blocks(edition.instrument)
    numbers = {q.key: place for place, q in enumerate((q for block in asked for q in block.questions), start=1)}
    day, language = edition.publication.date, LANGUAGES[lang]
    page = said("paper.page", lang, number="\0", total="\1")
    before, rest = page.split("\0")
    between, after = rest.split("\1")
    settings = {
        "title": quoted(edition.instrument.name[lang]),
        "author": quoted(edition.publication.institute[lang]),
        "by": quoted(said("paper.institute", lang, name=edition.publication.institute[lang])),
        "intro": quoted(said("paper.intro", lang)),
        "how": quoted(said("paper.how", lang)),
        "lang": quoted(lang),
        "region": quoted(language.region),
        "features": "()" if lang == "zh" else '("pwid", "palt")',
        "created": f"datetime(year: {day.year}, month: {day.month}, day: {day.day})",
        "page-text": f"(n, t) => {quoted(before)} + str(n) + {quoted(between)} + str(t) + {quoted(after)}",
    }
    arguments = "".join(f"  {key}: {value},\n" for key, value in settings.items())
    lines = [line for block in asked for line in _block(block, asked, numbers, lang)]
    body = "\n".join([*lines, f"#ending({quoted(said('paper.thanks', lang))})"])
    return f'#import "/{TEMPLATE.name}": *\n{language.rules}\n#show: questionnaire.with(\n{arguments})\n\n{body}\n'


def _block(block: Block, asked: Sequence[Block], numbers: Mapping[str, int], lang: str) -> Iterator[str]:
    known = {question.key: question for one in asked for question in one.questions}
    yield f"#part({quoted(block.name[lang])})"
    way: Mapping[str, tuple[str, ...]] = {}
    for run in runs(block):
        if run[0].route and run[0].route != way:
            together = [question for question in block.questions if question.route == run[0].route]
            yield f"#route({quoted(_instruction(_next_to(run[0], together, numbers), known, numbers, lang))})"
        way = run[0].route
        yield _rated(run, numbers, lang) if run[0].kind == "rating" else _single(run[0], numbers, lang)


def _next_to(first: Question, alike: Sequence[Question], numbers: Mapping[str, int]) -> list[Question]:
    """`first` and the questions right after it that have its route."""
    found = [first]
    for question in alike:
        if numbers[question.key] == numbers[found[-1].key] + 1:
            found.append(question)
    return found


def _instruction(led: Sequence[Question], known: Mapping[str, Question], numbers: Mapping[str, int], lang: str) -> str:
    """Who answers the questions `led`, and where everybody else goes on."""
    conditions = []
    for key, codes in led[0].route.items():
        texts = [answer.text[lang] for answer in known[key].answers if answer.code in codes] or list(codes)
        answers = said("paper.or", lang).join(said("paper.answer", lang, text=text) for text in texts)
        conditions.append(said("paper.route_one", lang, number=numbers[key], answers=answers))
    first, last = numbers[led[0].key], numbers[led[-1].key]
    condition = said("paper.and", lang).join(conditions)
    who = said(
        "paper.only_if_one" if first == last else "paper.only_if", lang, first=first, last=last, condition=condition
    )
    others = "paper.else_go_to" if last < len(numbers) else "paper.else_end"
    return who + said(others, lang, number=last + 1)


def _rated(run: Sequence[Question], numbers: Mapping[str, int], lang: str) -> str:
    points = _array(quoted(answer.text[lang]) for answer in run[0].answers)
    rows = _array(_array([quoted(str(numbers[q.key])), quoted(q.text[lang])]) for q in run)
    return f"#rated({quoted(said('paper.statement', lang))}, {points}, {rows})"


def _single(question: Question, numbers: Mapping[str, int], lang: str) -> str:
    start = f"{quoted(str(numbers[question.key]))}, {quoted(question.text[lang])}"
    if question.kind in {"one", "several"}:
        note = quoted(said("paper.tick_one" if question.kind == "one" else "paper.tick_all", lang))
        texts = [answer.text[lang] for answer in question.answers]
        columns = 2 if len(texts) > 3 and max(map(len, texts)) <= (14 if lang == "zh" else 28) else 1
        return f"#choice({start}, {note}, {_array(map(quoted, texts))}, columns: {columns})"
    if question.kind == "text":
        return f'#lines({start}, "", {1 if question.required else LINES})'
    bounded = question.low is not None and question.high is not None
    values = {"low": f"{question.low:g}", "high": f"{question.high:g}"} if bounded else {}
    note = said("paper.write_between" if bounded else "paper.write_number", lang, **values)
    return f"#blank({start}, {quoted(note)}, 30mm)"


def _array(values: Iterator[str] | Sequence[str]) -> str:
    return "(" + "".join(f"{value}, " for value in values) + ")"
