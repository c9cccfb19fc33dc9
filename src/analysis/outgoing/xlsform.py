"""The questionnaire as an XLSForm, the workbook that ODK, KoboToolbox, SurveyCTO and others make a form of.

Columns and types are those of https://xlsform.org; every language has label columns of its own. Answers keep the codes
that they have in the data, so that an export of the form is read by the params of the same instrument.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from analysis.outgoing.questionnaire import Answer, Block, Question, blocks
from analysis.outgoing.wording import said
from analysis.publish.words.escape import as_cell, as_file_name, plain

if TYPE_CHECKING:
    from analysis.edition import Edition
    from analysis.edition.params import Text

LANGUAGES = {"zh": "中文 (zh)", "en": "English (en)"}
RATED = "likert"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*\Z")
_RESERVED = frozenset({"meta", "audit", "instanceid", "instancename"})
"""Names that a form has already."""

Row = dict[str, str]


def write_xlsform(edition: Edition) -> bytes:
    """The workbook: sheets survey, choices and settings, with what a run again would write byte by byte.

    Raises EditionError where nothing is asked.
    """
    from openpyxl import Workbook

    from analysis.publish.tables.workbook import same_bytes

    book = Workbook()
    moment = dt.datetime.combine(edition.publication.date, dt.time())
    book.properties.created = book.properties.modified = moment
    book.properties.creator = plain(edition.publication.institute[edition.languages[0]])
    book.remove(book.active)
    asked = blocks(edition.instrument)
    labels = [
        f"{kind}::{LANGUAGES[lang]}" for kind in ("label", "hint", "constraint_message") for lang in edition.languages
    ]
    _sheet(
        book,
        "survey",
        ("type", "name", *labels, "required", "relevant", "constraint", "appearance"),
        survey_rows(asked, edition),
    )
    _sheet(book, "choices", ("list_name", "name", *labels[: len(edition.languages)]), choice_rows(asked, edition))
    _sheet(book, "settings", tuple(settings := settings_row(edition)), [settings])
    return same_bytes(book, moment)


def survey_rows(asked: Sequence[Block], edition: Edition) -> list[Row]:
    """Rows of the sheet `survey`: a group for each block, a question in each row between."""
    known = {question.key: question for block in asked for question in block.questions}
    rows: list[Row] = [{"type": "start", "name": "submitted_at"}, {"type": "end", "name": "ended_at"}]
    lists = choice_lists(asked)
    for block in asked:
        start = {"type": "begin_group", "name": question_name(block.key), "appearance": "field-list"}
        rows.append(start | _labelled("label", block.name, edition))
        rows += [_row(question, known, lists, edition) for question in block.questions]
        rows.append({"type": "end_group", "name": question_name(block.key)})
    return rows


def choice_rows(asked: Sequence[Block], edition: Edition) -> list[Row]:
    """Rows of the sheet `choices`: every list of answers once."""
    lists = {name: question.answers for question, name in _named_lists(asked)}
    return [
        {"list_name": name, "name": code} | _labelled("label", answer.text, edition)
        for name, answers in lists.items()
        for code, answer in zip(choice_names(answers), answers, strict=True)
    ]


def settings_row(edition: Edition) -> Row:
    """The row of the sheet `settings`."""
    first = edition.languages[0]
    return {
        "form_title": edition.instrument.name[first],
        "form_id": re.sub(r"[^A-Za-z0-9_.-]", "_", as_file_name(edition.name)),
        "version": f"{edition.publication.date:%Y%m%d}",
        "default_language": LANGUAGES[first],
        "style": "pages",
    }


def choice_lists(asked: Sequence[Block]) -> dict[str, str]:
    """The list of answers of each question that has one."""
    return {question.key: name for question, name in _named_lists(asked)}


def question_name(key: str) -> str:
    """The name of a question in the form: its key, unless the form has that name already."""
    return f"{key}_" if key.casefold() in _RESERVED else key


def choice_names(answers: Sequence[Answer]) -> list[str]:
    """Names of answers in the form: their codes; one that is no name there becomes its number in the list."""
    taken = {answer.code for answer in answers if _NAME.match(answer.code)}
    names = []
    for number, answer in enumerate(answers, start=1):
        name = answer.code
        if name not in taken:
            name = f"a{number}"
            while name in taken:
                name += "_"
        names.append(name)
    return names


def _named_lists(asked: Sequence[Block]) -> Iterator[tuple[Question, str]]:
    """Questions with answers to choose from, and the name of the list: ratings on one scale share it."""
    scales: dict[tuple[Answer, ...], str] = {}
    keys = {question.key for block in asked for question in block.questions}
    for question in (question for block in asked for question in block.questions):
        if question.kind == "rating":
            if question.answers not in scales:
                name = "scale" if not scales else f"scale_{question.key}"
                scales[question.answers] = name if name not in keys else f"{name}_"
            yield question, scales[question.answers]
        elif question.kind in {"one", "several"}:
            yield question, question.key


def _row(question: Question, known: dict[str, Question], lists: dict[str, str], edition: Edition) -> Row:
    row = {"type": _type(question, lists), "name": question_name(question.key)}
    row |= _labelled("label", question.text, edition)
    row |= {"required": "yes"} if question.required else {}
    if question.kind == "rating":
        row["appearance"] = RATED
    elif question.kind == "text" and not question.required:
        row["appearance"] = "multiline"
    if question.route:
        row["relevant"] = relevance(question, known)
    low, high = question.low, question.high
    if question.kind in {"number", "score"} and low is not None:
        row["constraint"] = f". >= {low:g}" if high is None else f". >= {low:g} and . <= {high:g}"
        kind = "from" if high is None else "between"
        for lang in edition.languages:
            row[f"constraint_message::{LANGUAGES[lang]}"] = said(
                f"form.{kind}", lang, low=f"{low:g}", high=f"{high or 0:g}"
            )
    return row


def _type(question: Question, lists: dict[str, str]) -> str:
    if question.kind in {"number", "score"}:
        return "integer" if question.whole else "decimal"
    if question.kind == "text":
        return "text"
    return f"{'select_multiple' if question.kind == 'several' else 'select_one'} {lists[question.key]}"


def relevance(question: Question, known: dict[str, Question]) -> str:
    """The condition of `relevant`: every background question that leads here has one of the answers that do."""
    parts = [_one_of(known[key], codes) for key, codes in question.route.items()]
    return parts[0] if len(parts) == 1 else " and ".join(f"({part})" for part in parts)


def _one_of(question: Question, codes: Sequence[str]) -> str:
    name = f"${{{question_name(question.key)}}}"
    if question.kind == "number":
        places = [place for place, answer in enumerate(question.answers) if answer.code in codes]
        return " or ".join(f"({_in_class(name, question.classes, place)})" for place in places)
    if not question.answers:
        return " or ".join(f"{name} = {_quoted(code)}" for code in codes)
    named = zip(question.answers, choice_names(question.answers), strict=True)
    return " or ".join(f"{name} = '{choice}'" for answer, choice in named if answer.code in codes)


def _quoted(code: str) -> str:
    """Text in the quotation marks that it does not hold; XPath has no other way to write one."""
    return f'"{code}"' if "'" in code else f"'{code}'"


def _in_class(name: str, bounds: Sequence[float], place: int) -> str:
    above = f"{name} >= {bounds[place]:g}"
    return above if place == len(bounds) - 1 else f"{above} and {name} < {bounds[place + 1]:g}"


def _labelled(kind: str, text: Text, edition: Edition) -> Row:
    """The label in every language; what a form would read as the value of another question stays as it is written."""
    return {f"{kind}::{LANGUAGES[lang]}": text[lang].replace("${", "$ {") for lang in edition.languages}


def _sheet(book: Any, title: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """A sheet whose cells are texts, whatever they begin with; columns that no row fills are left out."""
    sheet = book.create_sheet(title)
    used = [column for column in columns if any(row.get(column) for row in rows)]
    sheet.append(used)
    for place, row in enumerate(rows, start=2):
        for at, column in enumerate(used, start=1):
            if value := row.get(column):
                cell = sheet.cell(row=place, column=at, value=as_cell(value))
                cell.data_type, cell.quotePrefix = "s", value[0] in "=+-@"
    sheet.freeze_panes = "A2"
    for at, column in enumerate(used):
        sheet.column_dimensions["ABCDEFGHIJKLMNOPQRSTUVWXYZ"[at]].width = 40 if "::" in column else 18
