"""What every table of the service must hold: tickets, log, training, customers, measures, indicators, labels."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from analysis.data.columns import Contract, Field, identifier, known, listed, moment
from analysis.edition import Edition
from analysis.edition.quantity import Unit
from analysis.edition.standards import Standards

PERIOD = r"\d{4}(?:H[12]|Q[1-4]|-(?:0[1-9]|1[0-2]))?"
"""Label of a year, half, quarter or month."""


SPAN = r"[12][0-9]{3}(?:Q[1-4]|H[12])?"
"""Label of a year, half or quarter, in which staff are trained and tested."""


def feedback(edition: Edition) -> Contract:
    later = ("first_response_at", "handled_at", "closed_at")
    fields = (
        identifier("ticket_id", numbered=True),
        moment("received_at"),
        Field("channel", "category"),
        known("institution_type", edition.instrument),
        Field("text", "text"),
        *(moment(name, required=False, filled=False) for name in later),
        Field("customer_id", "id"),
        known("customer_type", edition.instrument),
    )
    order = (*(("received_at", name) for name in later), ("handled_at", "closed_at"))
    return Contract("feedback", fields, unique=("ticket_id",), in_order=order)


def service_log(edition: Edition) -> Contract:
    return _log_of_events(edition) if has_events(edition) else log_of_steps(edition)


def has_events(edition: Edition) -> bool:
    """Whether the edition's service log has one row per event."""
    return any(name == "service_log" and source.layout == "events" for name, source in edition.data.tables.items())


def log_of_steps(edition: Edition) -> Contract:
    """Contract of the service log of one row each time that a step was opened in a case.

    The same step again, opened at another time, is rework and no fault.
    """
    fields = (
        identifier("case_id"),
        *_scenario_and_step(edition.standards),
        known("institution_type", edition.instrument),
        Field("branch", "category"),
        moment("opened_at"),
        moment("started_at", required=False, filled=False),
        moment("completed_at", filled=False),
        moment("due_at", required=False, filled=False),
        *(Field(name, "number", low=0) for name in ("waited_minutes", "served_minutes")),
    )
    order = (("opened_at", "completed_at"), ("opened_at", "started_at"), ("started_at", "completed_at"))
    return Contract("service_log", fields, unique=("case_id", "scenario", "step", "opened_at"), in_order=order)


def _log_of_events(edition: Edition) -> Contract:
    """One row per event of a step; `case_opened_at` and `due_at` hold for the whole case."""
    fields = (
        identifier("case_id"),
        *_scenario_and_step(edition.standards),
        known("institution_type", edition.instrument),
        Field("branch", "category"),
        moment("at"),
        listed("lifecycle", ((code, code, zh) for code, zh in LIFECYCLE.items())),
        *(moment(name, required=False, filled=False) for name in ("case_opened_at", "due_at")),
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
        scenario.key: listed("step", ((s.key, s.name.zh, s.name.en) for s in scenario.steps), filled=True)
        for scenario in scenarios
    }
    return (
        listed("scenario", ((s.key, s.name.zh, s.name.en) for s in scenarios), required=True, filled=True),
        Field("step", "category", required=True, filled=True, depends_on="scenario", within=within),
    )


def training(edition: Edition) -> Contract:
    fields = (
        identifier("staff_id"),
        known("institution_type", edition.instrument),
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
            pattern=rf"before|after|{SPAN}",
            expected="before or after, or a quarter, half-year or year such as 2025Q3, 2025H1 or 2025",
            labels={"培训前": "before", "before": "before", "培训后": "after", "after": "after"},
        ),
        *(Field(name, "number", low=0, high=100) for name in ("knowledge", "communication", "satisfaction")),
        Field("unit", "category"),
        Field("quarter", "category", pattern=r"[12][0-9]{3}Q[1-4]", expected="a quarter such as 2025Q3"),
        Field("content", "category"),
        Field("mode", "category"),
        Field("hours", "number", low=0),
        Field("first_trained", "category", pattern=SPAN, expected="a quarter, half-year or year such as 2025Q3"),
    )
    return Contract("training", fields, unique=("staff_id", "period"))


def customers(edition: Edition) -> Contract:
    fields = (
        identifier("customer_id", numbered=True),
        known("institution_type", edition.instrument),
        known("customer_type", edition.instrument),
        moment("opened_on"),
        moment("closed_on", filled=False),
        moment("observed_from", required=False, filled=False),
        Field("value_tier", "category"),
        Field("annual_revenue", "number"),
        *(Field(name, kind, required=True) for name, kind in edition.relationships.covariates.items()),
    )
    return Contract("customers", fields, unique=("customer_id",), in_order=(("opened_on", "closed_on"),))


def actions(edition: Edition) -> Contract:
    constructs = edition.instrument.constructs
    fields = (
        identifier("action_id", numbered=True),
        *(Field(name, "text", required=True, filled=True) for name in ("measure_zh", "measure_en", "indicator")),
        listed("dimension", ((c.key, c.name.zh, c.name.en) for c in constructs)),
        *(Field(name, "text") for name in ("owner_zh", "owner_en")),
        Field("baseline", "number"),
        Field("target", "number", required=True, filled=True),
        Field("actual", "number"),
        moment("due", required=False, filled=False),
        *(Field(name, "number", low=0) for name in ("baseline_se", "actual_se")),
        *(Field(name, "number", low=0, above=True, whole=True) for name in ("baseline_n", "actual_n")),
        Field("unit", "category", categories=get_args(Unit)),
        Field("recommendation", "id"),
    )
    return Contract("actions", fields, unique=("action_id",))


def indicators(edition: Edition) -> Contract:
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
    return listed("indicator", ((i.key, i.name.zh, i.name.en) for i in known), required=True, filled=True)


def promises(edition: Edition) -> Contract:
    constructs = edition.instrument.constructs
    fields = (
        identifier("recommendation_id", numbered=True),
        *(Field(name, "text") for name in ("recommendation_zh", "recommendation_en", "kind", "subject", "place")),
        *(Field(name, "text") for name in ("item", "segment", "category", "name_zh", "name_en")),
        listed("construct", ((c.key, c.name.zh, c.name.en) for c in constructs)),
        Field("indicator", "category"),
        Field("target", "number"),
        moment("due", required=False, filled=False),
    )
    return Contract("promises", fields, unique=("recommendation_id",))


def labels_of_texts(edition: Edition) -> Contract:
    words = edition.dictionary
    tones = (("positive", "正面", "positive"), ("negative", "负面", "negative"), ("neutral", "中性", "neutral"))
    classes = [(one.key, one.name.zh, one.name.en) for one in words.classes]
    themes = [(one.key, one.name.zh, one.name.en) for one in words.themes]
    none = ("none", "无", "none")
    fields = (
        identifier("text_id"),
        listed("source", (("tickets", "工单", "tickets"), ("answers", "答卷", "answers")), required=True, filled=True),
        Field("stratum", "category", required=True, filled=True),
        listed("tone", tones, answer=True),
        listed("triage_class", [*classes, none], answer=True),
        listed("theme", [*themes, none], answer=True),
    )
    return Contract("labels", fields, unique=("text_id", "source"))
