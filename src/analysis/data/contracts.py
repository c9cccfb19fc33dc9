"""What every table must hold: columns, types, ranges, categories, keys and order in time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from analysis.data import service_contracts as service
from analysis.data.columns import (
    Contract,
    Field,
    chosen,
    fold,
    identifier,
    known,
    listed,
    moment,
    numeric,
    profile,
    rated,
)
from analysis.edition import Edition
from analysis.edition.sections.data import EARLIER, MISSING, TableSource


def contract_for(edition: Edition, table: str) -> Contract:
    """The contract of one of the tables, as the edition's instrument and standards fill it in."""
    return _CONTRACTS[table](edition)


def _responses(edition: Edition) -> Contract:
    instrument = edition.instrument
    used = {*edition.weighting.margins, *edition.index.segments, edition.sampling.stratum, edition.weighting.stratum}
    used.add(edition.fieldwork.mode)
    items = [item for construct in instrument.constructs for item in construct.items]
    fields = [
        identifier("respondent_id", numbered=True),
        Field("submitted_at", "datetime"),
        Field("duration_s", "duration", low=0),
        Field("customer_id", "id"),
        Field("weight", "number", low=0, above=True, filled=True),
        *_design_columns(edition),
        *(profile(question, required=question.key in used) for question in instrument.profile),
        *(chosen(question, option) for question in instrument.multiple for option in question.options),
        *(numeric(question) for question in instrument.numeric),
        *(rated(item, instrument) for item in items),
        *([rated(instrument.attention, instrument)] if instrument.attention else []),
        *(Field(question.key, "text", wordings=(question.zh, question.en)) for question in instrument.open),
    ]
    return Contract("responses", tuple(fields), unique=("respondent_id",), lenient=True)


def _earlier(edition: Edition) -> Contract:
    """The responses of an earlier wave: what it did not ask it need not have."""
    contract = _responses(edition)
    return replace(contract, fields=tuple(replace(field, required=False) for field in contract.fields))


def _design_columns(edition: Edition) -> list[Field]:
    """Stratum, sampling unit and population size of the design, where they are columns and no questions."""
    rule, there = edition.weighting, {*edition.instrument.profile_keys, "respondent_id", "weight"}
    wanted = dict.fromkeys(name for name in (rule.stratum, rule.psu) if name is not None and name not in there)
    fields = [Field(name, "category", required=True, filled=True) for name in wanted]
    if rule.fpc is not None and rule.fpc not in {*there, *wanted}:
        fields.append(Field(rule.fpc, "number", required=True, filled=True, low=0, above=True))
    return fields


def _population(edition: Edition) -> Contract:
    questions = edition.instrument.profile
    fields = (
        listed("variable", ((q.key, q.name.zh, q.name.en) for q in questions), required=True, filled=True),
        Field(
            "category",
            "category",
            required=True,
            filled=True,
            depends_on="variable",
            within={q.key: replace(profile(q, name="category"), filled=True, answer=False) for q in questions},
        ),
        Field("population", "number", required=True, filled=True, low=0, whole=True),
    )
    return Contract("population", fields, unique=("variable", "category"), adds="population")


def _dispositions(edition: Edition) -> Contract:
    stratum = edition.sampling.stratum
    fields = (
        identifier("case_id", numbered=True),
        Field("customer_id", "id"),
        known("stratum", edition.instrument, like=stratum),
        Field("channel", "category"),
        Field(
            "disposition",
            "category",
            required=True,
            filled=True,
            pattern=r"[1-4](?:\.[0-9]{1,4})?",
            expected="an AAPOR disposition code such as 1.1 or 2.11",
        ),
        moment("contacted_on", required=False, filled=False),
    )
    return Contract("dispositions", fields, unique=("case_id",))


def _waves(_: Edition) -> Contract:
    fields = (
        identifier("wave"),
        moment("date"),
        Field("csi", "number", required=True, filled=True, low=0, high=100),
        Field("se", "number", low=0),
        Field("n", "number", low=1, whole=True),
        Field("csat", "number", low=0, high=100),
    )
    return Contract("waves", fields, unique=("wave",))


def _frame(edition: Edition) -> Contract:
    fields = (
        identifier("unit_id", numbered=True),
        known("stratum", edition.instrument, like=edition.sampling.stratum),
        known("region", edition.instrument),
        Field("size", "number", low=0, above=True, whole=True, filled=True),
    )
    return Contract("frame", fields, unique=("unit_id",))


_CONTRACTS: dict[str, Callable[[Edition], Contract]] = {
    "responses": _responses,
    "population": _population,
    "dispositions": _dispositions,
    "waves": _waves,
    "feedback": service.feedback,
    "service_log": service.service_log,
    "training": service.training,
    "customers": service.customers,
    "actions": service.actions,
    "frame": _frame,
    "indicators": service.indicators,
    "promises": service.promises,
    "labels": service.labels_of_texts,
    EARLIER: _earlier,
}


def contract_as_written(contract: Contract, source: TableSource) -> Contract:
    """The contract with what the source says of single columns: their codes for no answer, their dates and numbers.

    What an expression comes to is no code of the file.
    """
    fields = tuple(
        replace(
            field,
            missing=("",) if field.name in source.derive else _codes_for_no_answer(field, source),
            dates=source.dates_of(field.name),
            decimal=source.decimal_of(field.name),
        )
        for field in contract.fields
    )
    return replace(contract, fields=fields)


def _codes_for_no_answer(field: Field, source: TableSource) -> tuple[str, ...]:
    """Those of the source; where it states none, what the questionnaire has as an answer (NA for Namibia) is one."""
    codes = source.missing_of(field.name)
    if "missing" in source.model_fields_set:
        return codes
    named = {fold(text) for one in (field, *field.within.values()) for text in (*one.categories, *one.labels)}
    return tuple(code for code in codes if code not in MISSING or fold(code) not in named)
