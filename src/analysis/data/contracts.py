"""What every table must hold: columns, types, ranges, categories, keys and order in time."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol, get_args

from analysis.edition import Edition
from analysis.edition.quantity import Unit
from analysis.edition.instrument import AttentionCheck, Instrument, Item, ProfileQuestion
from analysis.edition.standards import Standards

PERIOD = r"\d{4}(?:H[12]|Q[1-4]|-(?:0[1-9]|1[0-2]))?"
"""Label of a year, half, quarter or month."""
Kind = Literal["id", "text", "category", "number", "datetime", "duration"]


@dataclass(frozen=True)
class Field:
    """One column of a table.

    `required`: the file must have it; `filled`: every row must have a value. Numbers lie between `low` and `high`
    (above `low` where `above`), `whole` ones have no decimals; `reverse_sum` - value recodes a reverse item.
    `categories` are the codes allowed (any, when empty), `labels` the folded wordings that stand for a code,
    `within` the fields to use instead, by the value of the column `depends_on`. In an `answer` a numeric missing
    code always means "no answer". A `numbered` id is made from the row number where the file has none. `wordings`
    help to name the file's column when it is not found.
    """

    name: str
    kind: Kind = "text"
    required: bool = False
    filled: bool = False
    low: float | None = None
    high: float | None = None
    above: bool = False
    whole: bool = False
    reverse_sum: float | None = None
    categories: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    pattern: str = ""
    expected: str = ""
    answer: bool = False
    numbered: bool = False
    depends_on: str = ""
    within: Mapping[str, Field] = field(default_factory=dict)
    wordings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contract:
    """Columns of a table, the columns that together identify a row, and pairs of times that must be in order."""

    table: str
    fields: tuple[Field, ...]
    unique: tuple[str, ...]
    in_order: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> list[str]:
        """Names of all columns."""
        return [field.name for field in self.fields]


class _Coded(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...


def contract_for(edition: Edition, table: str) -> Contract:
    """The contract of one of the tables, as the edition's instrument and standards fill it in."""
    return _CONTRACTS[table](edition)


def fold(text: str) -> str:
    """The form in which labels are compared: width, case and outer white space do not matter."""
    if text.isascii():  # the quick way, for columns of millions of codes
        return text.strip().lower()
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _labels(coded: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """Folded wordings (zh, en and the code itself) that stand for one code; a wording used twice stands for none."""
    found: dict[str, set[str]] = {}
    for code, *wordings in coded:
        for wording in (code, *wordings):
            found.setdefault(fold(wording), set()).add(code)
    return {wording: codes.pop() for wording, codes in found.items() if len(codes) == 1}


def _listed(name: str, coded: Iterable[tuple[str, str, str]], **options: object) -> Field:
    entries = list(coded)
    base = Field(name, "category", categories=tuple(code for code, _, _ in entries), labels=_labels(entries))
    return replace(base, **options)  # type: ignore[arg-type]


def _profile(question: ProfileQuestion, *, name: str | None = None, required: bool = False) -> Field:
    return _listed(
        name or question.key,
        ((category.code, category.zh, category.en) for category in question.categories),
        required=required,
        answer=True,
        wordings=(question.question.zh, question.question.en, question.name.zh, question.name.en),
    )


def _rated(asked: Item | AttentionCheck, instrument: Instrument) -> Field:
    scale = instrument.scale
    low, high = float(scale.min), float(scale.max)
    if isinstance(asked, AttentionCheck):
        low, high = min(low, asked.expected), max(high, asked.expected)
    return Field(
        asked.key,
        "number",
        required=isinstance(asked, Item),
        low=low,
        high=high,
        whole=True,
        reverse_sum=low + high if isinstance(asked, Item) and asked.reverse else None,
        labels=_labels((str(code), text.zh, text.en) for code, text in scale.labels.items()),
        answer=True,
        wordings=(asked.zh, asked.en),
    )


def _responses(edition: Edition) -> Contract:
    instrument = edition.instrument
    used = {*edition.weighting.margins, *edition.index.segments, edition.sampling.stratum, edition.weighting.stratum}
    used.add(edition.fieldwork.mode)
    items = [item for construct in instrument.constructs for item in construct.items]
    fields = [
        _id("respondent_id", numbered=True),
        Field("submitted_at", "datetime"),
        Field("duration_s", "duration", low=0),
        Field("customer_id", "id"),
        Field("weight", "number", low=0, above=True, filled=True),
        *_design_columns(edition),
        *(_profile(question, required=question.key in used) for question in instrument.profile),
        *(_rated(item, instrument) for item in items),
        *([_rated(instrument.attention, instrument)] if instrument.attention else []),
        *(Field(question.key, "text", wordings=(question.zh, question.en)) for question in instrument.open),
    ]
    return Contract("responses", tuple(fields), unique=("respondent_id",))


def _design_columns(edition: Edition) -> list[Field]:
    """Stratum, sampling unit and population size of the design, where the edition names a column that is no question."""
    rule, known = edition.weighting, {*edition.instrument.profile_keys, "respondent_id", "weight"}
    wanted = dict.fromkeys(name for name in (rule.stratum, rule.psu) if name is not None and name not in known)
    fields = [Field(name, "category", required=True, filled=True) for name in wanted]
    if rule.fpc is not None and rule.fpc not in {*known, *wanted}:
        fields.append(Field(rule.fpc, "number", required=True, filled=True, low=0, above=True))
    return fields


def _population(edition: Edition) -> Contract:
    questions = edition.instrument.profile
    fields = (
        _listed("variable", ((q.key, q.name.zh, q.name.en) for q in questions), required=True, filled=True),
        Field(
            "category",
            "category",
            required=True,
            filled=True,
            depends_on="variable",
            within={q.key: replace(_profile(q, name="category"), filled=True, answer=False) for q in questions},
        ),
        Field("population", "number", required=True, filled=True, low=0, whole=True),
    )
    return Contract("population", fields, unique=("variable", "category"))


def _known(name: str, instrument: Instrument, *, like: str | None = None, filled: bool = False) -> Field:
    """A category column; with the categories of the profile question of that key when the instrument has one."""
    key = like or name
    if key in instrument.profile_keys:
        return replace(_profile(instrument.question(key), name=name), filled=filled, required=filled)
    return Field(name, "category", filled=filled, required=filled)


def _id(name: str, *, numbered: bool = False) -> Field:
    return Field(name, "id", required=not numbered, filled=True, numbered=numbered)


def _time(name: str, *, required: bool = True, filled: bool = True) -> Field:
    return Field(name, "datetime", required=required, filled=filled)


def _dispositions(edition: Edition) -> Contract:
    stratum = edition.sampling.stratum
    fields = (
        _id("case_id", numbered=True),
        Field("customer_id", "id"),
        _known("stratum", edition.instrument, like=stratum),
        Field("channel", "category"),
        Field(
            "disposition",
            "category",
            required=True,
            filled=True,
            pattern=r"[1-4](?:\.[0-9]{1,4})?",
            expected="an AAPOR disposition code such as 1.1 or 2.11",
        ),
        _time("contacted_on", required=False, filled=False),
    )
    return Contract("dispositions", fields, unique=("case_id",))


def _waves(_: Edition) -> Contract:
    fields = (
        _id("wave"),
        _time("date"),
        Field("csi", "number", required=True, filled=True, low=0, high=100),
        Field("se", "number", low=0),
        Field("n", "number", low=1, whole=True),
        Field("csat", "number", low=0, high=100),
    )
    return Contract("waves", fields, unique=("wave",))


def _feedback(edition: Edition) -> Contract:
    later = ("first_response_at", "handled_at", "closed_at")
    fields = (
        _id("ticket_id", numbered=True),
        _time("received_at"),
        Field("channel", "category"),
        _known("institution_type", edition.instrument),
        Field("text", "text"),
        *(_time(name, required=False, filled=False) for name in later),
        Field("customer_id", "id"),
        _known("customer_type", edition.instrument),
    )
    order = (*(("received_at", name) for name in later), ("handled_at", "closed_at"))
    return Contract("feedback", fields, unique=("ticket_id",), in_order=order)


def _service_log(edition: Edition) -> Contract:
    return _log_of_events(edition) if has_events(edition) else log_of_steps(edition)


def has_events(edition: Edition) -> bool:
    """Whether the edition's service log has one row per event."""
    return any(name == "service_log" and source.layout == "events" for name, source in edition.data.tables.items())


def log_of_steps(edition: Edition) -> Contract:
    """Contract of the service log of one row each time that a step was opened in a case.

    The same step again, opened at another time, is rework and no fault.
    """
    fields = (
        _id("case_id"),
        *_scenario_and_step(edition.standards),
        _known("institution_type", edition.instrument),
        Field("branch", "category"),
        _time("opened_at"),
        _time("started_at", required=False, filled=False),
        _time("completed_at", filled=False),
        _time("due_at", required=False, filled=False),
        *(Field(name, "number", low=0) for name in ("waited_minutes", "served_minutes")),
    )
    order = (("opened_at", "completed_at"), ("opened_at", "started_at"), ("started_at", "completed_at"))
    return Contract("service_log", fields, unique=("case_id", "scenario", "step", "opened_at"), in_order=order)


def _log_of_events(edition: Edition) -> Contract:
    """One row per event of a step; `case_opened_at` and `due_at` hold for the whole case."""
    fields = (
        _id("case_id"),
        *_scenario_and_step(edition.standards),
        _known("institution_type", edition.instrument),
        Field("branch", "category"),
        _time("at"),
        _listed("lifecycle", ((code, code, zh) for code, zh in LIFECYCLE.items())),
        *(_time(name, required=False, filled=False) for name in ("case_opened_at", "due_at")),
    )
    return Contract("service_log", fields, unique=("case_id", "scenario", "step", "at", "lifecycle"))


LIFECYCLE = {
    "start": "开始",
    "complete": "完成",
    "schedule": "安排",
    "assign": "分派",
    "reassign": "改派",
    "suspend": "暂停",
    "resume": "恢复",
}
"""Transitions of an event log (XES), of which the first two are used."""


def _scenario_and_step(standards: Standards | None) -> tuple[Field, Field]:
    if standards is None:
        free = Field("scenario", "category", required=True, filled=True)
        return free, replace(free, name="step")
    scenarios = standards.scenarios
    within = {
        scenario.key: _listed("step", ((s.key, s.name.zh, s.name.en) for s in scenario.steps), filled=True)
        for scenario in scenarios
    }
    return (
        _listed("scenario", ((s.key, s.name.zh, s.name.en) for s in scenarios), required=True, filled=True),
        Field("step", "category", required=True, filled=True, depends_on="scenario", within=within),
    )


def _training(edition: Edition) -> Contract:
    fields = (
        _id("staff_id"),
        _known("institution_type", edition.instrument),
        Field(
            "trained",
            "number",
            required=True,
            filled=True,
            low=0,
            high=1,
            whole=True,
            labels={"true": "1", "false": "0", "yes": "1", "no": "0", "是": "1", "否": "0"},
        ),
        Field(
            "period",
            "category",
            required=True,
            filled=True,
            pattern=r"before|after|[12][0-9]{3}(?:Q[1-4]|H[12])",
            expected="before or after, or a quarter or half-year such as 2025Q3 or 2025H1",
            labels={"培训前": "before", "before": "before", "培训后": "after", "after": "after"},
        ),
        *(Field(name, "number", low=0, high=100) for name in ("knowledge", "communication", "satisfaction")),
        Field("unit", "category"),
        Field("quarter", "category", pattern=r"[12][0-9]{3}Q[1-4]", expected="a quarter such as 2025Q3"),
        Field("content", "category"),
        Field("mode", "category"),
        Field("hours", "number", low=0),
    )
    return Contract("training", fields, unique=("staff_id", "period"))


def _customers(edition: Edition) -> Contract:
    fields = (
        _id("customer_id", numbered=True),
        _known("institution_type", edition.instrument),
        _known("customer_type", edition.instrument),
        _time("opened_on"),
        _time("closed_on", filled=False),
        _time("observed_from", required=False, filled=False),
        Field("value_tier", "category"),
        Field("annual_revenue", "number"),
        *(Field(name, kind, required=True) for name, kind in edition.relationships.covariates.items()),
    )
    return Contract("customers", fields, unique=("customer_id",), in_order=(("opened_on", "closed_on"),))


def _actions(edition: Edition) -> Contract:
    constructs = edition.instrument.constructs
    fields = (
        _id("action_id", numbered=True),
        *(Field(name, "text", required=True, filled=True) for name in ("measure_zh", "measure_en", "indicator")),
        _listed("dimension", ((c.key, c.name.zh, c.name.en) for c in constructs)),
        *(Field(name, "text") for name in ("owner_zh", "owner_en")),
        Field("baseline", "number"),
        Field("target", "number", required=True, filled=True),
        Field("actual", "number"),
        _time("due", required=False, filled=False),
        *(Field(name, "number", low=0) for name in ("baseline_se", "actual_se")),
        *(Field(name, "number", low=0, above=True, whole=True) for name in ("baseline_n", "actual_n")),
        Field("unit", "category", categories=get_args(Unit)),
        Field("recommendation", "id"),
    )
    return Contract("actions", fields, unique=("action_id",))


def _indicators(edition: Edition) -> Contract:
    period = Field(
        "period", "category", required=True, filled=True, pattern=PERIOD, expected="2025, 2025H1, 2025Q3 or 2025-09"
    )
    fields = (
        _indicator(edition.standards),
        period,
        Field("value", "number"),
        Field("numerator", "number", low=0),
        Field("denominator", "number", low=0, above=True),
    )
    return Contract("indicators", fields, unique=("indicator", "period"))


def _indicator(standards: Standards | None) -> Field:
    known = standards.indicators if standards else ()
    return _listed("indicator", ((i.key, i.name.zh, i.name.en) for i in known), required=True, filled=True)


def _promises(edition: Edition) -> Contract:
    constructs = edition.instrument.constructs
    fields = (
        _id("recommendation_id", numbered=True),
        *(Field(name, "text") for name in ("recommendation_zh", "recommendation_en", "kind", "subject", "place")),
        *(Field(name, "text") for name in ("item", "segment", "category", "name_zh", "name_en")),
        _listed("construct", ((c.key, c.name.zh, c.name.en) for c in constructs)),
        Field("indicator", "category"),
        Field("target", "number"),
        _time("due", required=False, filled=False),
    )
    return Contract("promises", fields, unique=("recommendation_id",))


def _frame(edition: Edition) -> Contract:
    fields = (
        _id("unit_id", numbered=True),
        _known("stratum", edition.instrument, like=edition.sampling.stratum),
        _known("region", edition.instrument),
        Field("size", "number", low=0, above=True, whole=True, filled=True),
    )
    return Contract("frame", fields, unique=("unit_id",))


def _labels_of_texts(edition: Edition) -> Contract:
    words = edition.dictionary
    tones = (("positive", "正面", "positive"), ("negative", "负面", "negative"), ("neutral", "中性", "neutral"))
    classes = [(one.key, one.name.zh, one.name.en) for one in words.classes]
    themes = [(one.key, one.name.zh, one.name.en) for one in words.themes]
    none = ("none", "无", "none")
    fields = (
        _id("text_id"),
        _listed("source", (("tickets", "工单", "tickets"), ("answers", "答卷", "answers")), required=True, filled=True),
        Field("stratum", "category", required=True, filled=True),
        _listed("tone", tones, answer=True),
        _listed("triage_class", [*classes, none], answer=True),
        _listed("theme", [*themes, none], answer=True),
    )
    return Contract("labels", fields, unique=("text_id", "source"))


_CONTRACTS: dict[str, Callable[[Edition], Contract]] = {
    "responses": _responses,
    "population": _population,
    "dispositions": _dispositions,
    "waves": _waves,
    "feedback": _feedback,
    "service_log": _service_log,
    "training": _training,
    "customers": _customers,
    "actions": _actions,
    "frame": _frame,
    "indicators": _indicators,
    "promises": _promises,
    "labels": _labels_of_texts,
}
