"""Questions of several choices: joined answers spread into a column each, and questions that ask for one of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.data.columns import Field, fold, folded_labels
from analysis.data.rawtable import RawTable
from analysis.data.values import Mapped, convert, missing_codes
from analysis.edition.instrument import MultipleQuestion, ProfileQuestion
from analysis.errors import ContractError

SEPARATORS = ("┋", ";", "；", "|", "、", ",", "，", "\n")
"""What programs join the answers with, the least ambiguous first."""


def spread_choices(
    raw: RawTable,
    columns: dict[str, int],
    *,
    questions: tuple[MultipleQuestion, ...],
    values: Mapping[str, Mapped],
    missing: Mapping[str, tuple[str, ...]],
) -> tuple[RawTable, dict[str, int]]:
    """The file with a column of 1 and 0 for every answer of `questions`, and where each of them stands.

    A question in one column is parted; a question with a column for each answer has its blanks filled with 0 where
    any of them says something, for nothing is written for an answer that was not chosen. What is none of the answers
    stays as it is written, for the contract to refuse.
    """
    frame, names, places = raw.frame.copy(deep=False), list(raw.names), dict(columns)
    for question in questions:
        keys = [question.column(option) for option in question.options]
        if question.key in places:
            parts = _parted(frame[places[question.key]], question, values.get(question.key, {}), missing[question.key])
        elif found := [key for key in keys if key in places]:
            parts = _filled(pd.DataFrame({key: frame[places[key]] for key in found}))
        else:
            continue
        for key in map(str, parts):
            frame[len(names)] = parts[key].astype("str")
            places[key] = len(names)
            names.append("")
    return replace(raw, names=tuple(names), frame=frame), places


def with_options(
    raw: RawTable,
    columns: dict[str, int],
    *,
    questions: tuple[ProfileQuestion, ...],
    fields: Mapping[str, Field],
    values: Mapping[str, Mapped],
) -> tuple[RawTable, dict[str, int]]:
    """The file with a column for every background question that asks for one answer of a question of several choices.

    Raises ContractError where a question that the report needs asks for an answer that the file does not have.
    """
    frame, names, places = raw.frame.copy(deep=False), list(raw.names), dict(columns)
    for question in questions:
        if question.option is None or question.key in places:
            continue
        if question.option not in places:
            if fields[question.key].required:
                raise ContractError(
                    f"The question {question.key!r} asks for {question.option!r}, which the file does not have.",
                    where=str(raw.path),
                    expected=f"a column {question.option!r}, or its question in one column",
                    hint="map it in data.tables.responses.columns",
                )
            continue
        field, given = fields[question.option], raw.frame[places[question.option]]
        read = convert(
            given, field=field, values=values.get(field.name, {}), missing=missing_codes(field.missing or ())
        )
        chosen, other = (category.code for category in question.categories)
        frame[len(names)] = read.typed.map({1.0: chosen, 0.0: other}).fillna("").astype("str")
        places[question.key] = len(names)
        names.append("")
    return replace(raw, names=tuple(names), frame=frame), places


def _filled(group: pd.DataFrame) -> pd.DataFrame:
    blank = group.apply(lambda column: column.str.strip() == "")
    said = ~blank.all(axis=1)
    return group.mask(blank & said.to_numpy()[:, None], "0")


def _parted(text: pd.Series, question: MultipleQuestion, values: Mapped, missing: tuple[str, ...]) -> pd.DataFrame:
    known = folded_labels((o.code, o.zh, o.en, *o.joins) for o in question.options)
    known |= {fold(said): str(code) for said, code in values.items()}
    absent = {"", *(fold(code) for code in missing)}
    codes = [option.code for option in question.options]
    positions, distinct = pd.factorize(text)
    rows = [_row(value, known, absent, codes, question.separator) for value in distinct]
    table = np.array(rows, dtype=object).reshape(len(distinct), len(codes))[positions]
    return pd.DataFrame(table, columns=[question.column(option) for option in question.options])


def _row(text: str, known: Mapping[str, str], absent: set[str], codes: list[str], separator: str | None) -> list[str]:
    if fold(text) in absent:
        return [""] * len(codes)
    for part in (separator,) if separator else (None, *SEPARATORS):
        said = [text] if part is None else [piece for piece in re.split(re.escape(part), text) if piece.strip()]
        chosen = [known.get(fold(piece)) for piece in said]
        if said and all(code in codes for code in chosen):
            return ["1" if code in chosen else "0" for code in codes]
    return [text] * len(codes)
