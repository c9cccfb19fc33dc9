"""What each variable of the public-use file is: name, labels, answers, codes for no answer, level of measurement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from analysis.edition.instrument import NOT_ASKED, UNANSWERED, Item, MultipleQuestion, ProfileQuestion
from analysis.edition.params import Text
from analysis.outgoing.wording import words

if TYPE_CHECKING:
    from analysis.edition.instrument import AttentionCheck, Instrument

Measure = Literal["nominal", "ordinal", "scale"]
Kind = Literal["id", "rating", "category", "choice", "number", "text", "weight"]
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,62}[A-Za-z0-9_]\Z|[A-Za-z]\Z")
_RESERVED = frozenset({"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"})
_WHOLE = re.compile(r"-?[0-9]{1,9}\Z")
LEAST = {"no_answer": -9, "not_asked": -8, "withheld": -7, "refused": -6, "dont_know": -5}
"""Codes of what is no answer, where no scale reaches down to them."""
REPLICATE = re.compile(r"r[0-9]{4}\Z")


@dataclass(frozen=True)
class Value:
    """One value of a variable: its code in the file, what it is called, and the code of the instrument that it is."""

    code: int
    text: Text
    means: str = ""


@dataclass(frozen=True)
class Variable:
    """One variable of the file.

    name: in the file, as SPSS allows it; key: the column of ours that it holds. answers: the labelled ones; missing:
    those that are no answers. question: as it was asked. route: who was asked, where not everybody was. turned: sum of
    the ends of the scale where a low answer is good, which the file keeps as it was given.
    """

    name: str
    key: str
    kind: Kind
    label: Text
    measure: Measure = "nominal"
    answers: tuple[Value, ...] = ()
    missing: tuple[Value, ...] = ()
    question: Text | None = None
    route: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    whole: bool = True
    turned: int | None = None

    @property
    def numeric(self) -> bool:
        """Whether the file holds numbers."""
        return self.kind != "text"


def describe(frame: pd.DataFrame, instrument: Instrument) -> tuple[Variable, ...]:
    """The variables of a frame of responses, in the order of its columns; columns that are no variables are left out.

    frame: respondent_id, weight, submitted, the design, replicates and the questions that go out, as the intake has
    them.
    """
    known = dict(_makers(frame, instrument))
    columns = [str(column) for column in frame if str(column) in known or REPLICATE.match(str(column))]
    names = file_names(columns)
    return tuple(
        known[key](names[key]) if key in known else _weight(names[key], key, words()["file.replicate"])
        for key in columns
    )


def coded(frame: pd.DataFrame, variables: Sequence[Variable], withheld: pd.DataFrame) -> pd.DataFrame:
    """The values as the file holds them: numbers in place of codes, and a code where there is no answer.

    withheld: rows × columns of `frame`, where an answer is withheld.
    """
    absent = absences(frame)
    columns: dict[str, Any] = {}
    for variable in variables:
        values = frame[variable.key]
        if variable.kind == "text":
            columns[variable.name] = values.fillna("").astype("str")
            continue
        if variable.kind == "category":
            values = values.map({one.means: one.code for one in variable.answers})
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
        if variable.turned is not None:
            numbers = variable.turned - numbers
        _fill_missing(numbers, variable, absent, withheld)
        whole = variable.whole and np.isfinite(numbers).all()
        columns[variable.name] = numbers.astype(np.int64) if whole else numbers
    return pd.DataFrame(columns, index=frame.index)


def absences(frame: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Rows in which a question was not asked, refused or met by "don't know": by key and reason, as far as known."""
    found: dict[str, dict[str, Any]] = {}
    for column in (NOT_ASKED, UNANSWERED):
        if column in frame:
            told = frame[column].fillna("").str.split().explode().dropna()
            for name, rows in told.groupby(told, sort=True).groups.items():
                key, _, reason = str(name).partition(":")
                found.setdefault(key, {})[reason or "not_asked"] = frame.index.get_indexer(rows)
    return found


def _fill_missing(
    numbers: Any, variable: Variable, absent: Mapping[str, Mapping[str, Any]], withheld: pd.DataFrame
) -> None:
    codes = {value.means: value.code for value in variable.missing}
    if not codes:
        return
    blank = np.isnan(numbers)
    numbers[blank] = codes["no_answer"]
    for reason, rows in absent.get(variable.key, {}).items():
        if reason in codes:
            numbers[rows[blank[rows]]] = codes[reason]
    if variable.key in withheld:
        numbers[withheld[variable.key].to_numpy()] = codes["withheld"]


def file_names(keys: Sequence[str]) -> dict[str, str]:
    """A name for each key that SPSS takes: letters, digits, _ and points, 64 at most, not told apart by case alone."""
    names: dict[str, str] = {}
    taken = set(_RESERVED)
    for key in sorted(keys, key=lambda key: not _NAME.match(key)):  # whose key is a name has it
        head = key if _NAME.match(key) else re.sub(r"[^A-Za-z0-9]", "", key.partition(".")[0]) or "v"
        numbered = (f"{head[:58]}_{number}" for number in count(1))
        candidates = chain([head], numbered) if _NAME.match(key) else numbered
        names[key] = next(name for name in candidates if name.casefold() not in taken)
        taken.add(names[key].casefold())
    return names


def _makers(frame: pd.DataFrame, instrument: Instrument) -> Iterator[tuple[str, Any]]:
    """For each column that can be a variable, what makes one of its name."""
    yield "respondent_id", lambda name: Variable(name, "respondent_id", "id", words()["file.respondent_id"])
    yield "weight", lambda name: _weight(name, "weight", words()["file.weight"])
    yield "submitted", lambda name: Variable(name, "submitted", "text", words()["file.submitted"])
    for part in ("stratum", "psu"):
        yield part, lambda name, part=part: Variable(name, part, "number", words()[f"file.{part}"])
    codes, absent = missing_codes(instrument), absences(frame)

    def of(key: str, *kinds: str) -> tuple[Value, ...]:
        """Codes of some kinds, and of why else people did not answer the question."""
        return tuple(value for value in codes if value.means in {*kinds, *absent.get(key, ())})

    for question in instrument.profile:
        none = of(question.key, "no_answer", "not_asked", "withheld")
        yield question.key, lambda name, q=question, none=none: _profile(name, q, frame[q.key], none)
    for item in (item for construct in instrument.constructs for item in construct.items):
        none = of(item.key, "no_answer", "not_asked", *(["withheld"] if item.asked_if else []))
        yield item.key, lambda name, item=item, none=none: _rated(name, item, instrument, none)
    if check := instrument.attention:
        none = of(check.key, "no_answer", "not_asked")
        yield check.key, lambda name, none=none: _rated(name, check, instrument, none)
    for several in instrument.multiple:
        for option in several.options:
            none = of(several.column(option), "no_answer")
            yield several.column(option), lambda name, s=several, o=option, none=none: _chosen(name, s, o.code, none)
    for open_question in instrument.open:
        text = Text(zh=open_question.zh, en=open_question.en)
        yield (
            open_question.key,
            lambda name, key=open_question.key, text=text: Variable(name, key, "text", text, question=text),
        )


def missing_codes(instrument: Instrument) -> tuple[Value, ...]:
    """Codes of what is no answer: −9 and up, or as far below the scale."""
    check = instrument.attention
    lowest = min(0, *(scale.min for scale in instrument.scales.values()), check.expected if check else 0)
    return tuple(Value(lowest + code, words()[f"file.{kind}"], kind) for kind, code in LEAST.items())


def _weight(name: str, key: str, label: Text) -> Variable:
    return Variable(name, key, "weight", label, "scale", whole=False)


def _rated(name: str, asked: Item | AttentionCheck, instrument: Instrument, codes: tuple[Value, ...]) -> Variable:
    own = instrument.scales[asked.key] if isinstance(asked, Item) else asked.scale
    scale, text = own or instrument.scale, Text(zh=asked.zh, en=asked.en)
    turned = scale.min + scale.max if isinstance(asked, Item) and asked.reverse else None
    return Variable(
        name,
        asked.key,
        "rating",
        text,
        "scale" if scale.continuous or scale.max - scale.min > 10 else "ordinal",
        tuple(Value(code, label, str(code)) for code, label in sorted(scale.labels.items())),
        codes,
        text,
        asked.asked_if if isinstance(asked, Item) else {},
        whole=not scale.continuous,
        turned=turned,
    )


def _profile(name: str, question: ProfileQuestion, answers: pd.Series, codes: tuple[Value, ...]) -> Variable:
    """Answers keep their codes where these are whole numbers that mean nothing else, and are numbered otherwise."""
    texts = {one.code: Text(zh=one.zh, en=one.en) for one in question.categories}
    texts |= {
        str(code): Text(zh=str(code), en=str(code)) for code in sorted(answers.dropna().unique()) if code not in texts
    }
    highest_missing = min(value.code for value in codes) + len(LEAST) - 1
    own = all(_WHOLE.match(code) and int(code) > highest_missing for code in texts)
    numbers = {code: int(code) if own else place for place, code in enumerate(texts, start=1)}
    values = tuple(Value(numbers[code], text, code) for code, text in texts.items())
    measure: Measure = "ordinal" if question.classes else "nominal"
    return Variable(name, question.key, "category", question.name, measure, values, codes, question.question)


def _chosen(name: str, question: MultipleQuestion, code: str, codes: tuple[Value, ...]) -> Variable:
    asked = question.question
    label = Text(**{lang: f"{question.name[lang]}: {question.label(code, lang)}" for lang in ("zh", "en")})
    label = Text(zh=label.zh.replace(": ", "：", 1), en=label.en)
    values = (Value(0, words()["file.not_chosen"], "0"), Value(1, words()["file.chosen"], "1"))
    return Variable(name, f"{question.key}.{code}", "choice", label, "nominal", values, codes, asked)
