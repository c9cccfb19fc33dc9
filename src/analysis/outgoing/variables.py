"""What each variable of the public-use file is: name, labels, answers, codes for no answer, level of measurement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from analysis.edition.instrument import NOT_ASKED, Item, MultipleQuestion, ProfileQuestion
from analysis.edition.params import Text
from analysis.outgoing.wording import words

if TYPE_CHECKING:
    from analysis.edition.instrument import AttentionCheck, Instrument

Measure = Literal["nominal", "ordinal", "scale"]
Kind = Literal["id", "rating", "category", "choice", "number", "text", "weight"]
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,62}[A-Za-z0-9_]\Z|[A-Za-z]\Z")
_RESERVED = frozenset({"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"})
_WHOLE = re.compile(r"-?[0-9]{1,9}\Z")
LEAST = (-9, -8, -7)
"""Codes for no answer, not asked and withheld, where no scale reaches down to them."""
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
    asked = frame[NOT_ASKED].fillna("").str.split() if NOT_ASKED in frame else None
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
        _fill_missing(numbers, variable, asked, withheld)
        whole = variable.whole and np.isfinite(numbers).all()
        columns[variable.name] = numbers.astype(np.int64) if whole else numbers
    return pd.DataFrame(columns, index=frame.index)


def _fill_missing(numbers: Any, variable: Variable, asked: Any, withheld: pd.DataFrame) -> None:
    codes = {value.means: value.code for value in variable.missing}
    if not codes:
        return
    blank = np.isnan(numbers)
    numbers[blank] = codes["no_answer"]
    if asked is not None and "not_asked" in codes:
        numbers[blank & np.array([variable.key in keys for keys in asked])] = codes["not_asked"]
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
    codes = missing_codes(instrument)
    for question in instrument.profile:
        yield question.key, lambda name, question=question: _profile(name, question, frame[question.key], codes)
    for item in (item for construct in instrument.constructs for item in construct.items):
        yield item.key, lambda name, item=item: _rated(name, item, instrument, codes)
    if check := instrument.attention:
        yield check.key, lambda name: _rated(name, check, instrument, codes)
    for several in instrument.multiple:
        for option in several.options:
            yield several.column(option), lambda name, s=several, o=option: _chosen(name, s, o.code, codes)
    for open_question in instrument.open:
        text = Text(zh=open_question.zh, en=open_question.en)
        yield (
            open_question.key,
            lambda name, key=open_question.key, text=text: Variable(name, key, "text", text, question=text),
        )


def missing_codes(instrument: Instrument) -> tuple[Value, ...]:
    """Codes for no answer, not asked and withheld: −9, −8, −7, or as far below the scale."""
    check = instrument.attention
    lowest = min(0, *(scale.min for scale in instrument.scales.values()), check.expected if check else 0)
    kinds = ("no_answer", "not_asked", "withheld")
    return tuple(Value(lowest + code, words()[f"file.{kind}"], kind) for code, kind in zip(LEAST, kinds, strict=True))


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
        codes[:2],
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
    highest_missing = max(value.code for value in codes)
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
    return Variable(name, f"{question.key}.{code}", "choice", label, "nominal", values, codes[:1], asked)
