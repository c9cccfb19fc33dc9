"""The disclosure statement: what a reader is entitled to know of a survey, filled from the params and the run.

Eleven items of the AAPOR Code of Professional Ethics and Practices (April 2021, section III.A), and the items that ISO
20252:2019 asks of a report (clause 4.5.4 with annex A.2), each with its place in the book. A fact that the run does
not give is an error, unless its item says in so many words that the edition did not record it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from analysis.errors import BookError
from analysis.publish.parts.weighting.findings import calibration, fitted_to, nonresponse
from analysis.publish.words import formats
from analysis.publish.words.labels import Labels
from analysis.publish.words.phrases import lowered, question_inside
from analysis.publish.words.reading import LANGUAGES
from analysis.survey.weighting.nonresponse import sampled_cases

if TYPE_CHECKING:
    import pandas as pd

    from analysis.edition import Edition
    from analysis.results import Store

AAPOR_ITEMS = {
    "strategy": "sec-methods",
    "sponsor": "",
    "instrument": "sec-questionnaire",
    "population": "sec-scope",
    "sample": "sec-method-design",
    "mode": "sec-methods",
    "dates": "sec-methods",
    "precision": "sec-method-estimation",
    "weighting": "sec-method-weighting",
    "processing": "sec-method-cleaning",
    "limitations": "sec-method-estimation",
}
"""Items of the AAPOR Code in its order, and the section that says more, where one does."""

ISO_ITEMS = {
    "client": "sec-disclosure",
    "objectives": "sec-purpose",
    "target_group": "sec-scope",
    "frame": "sec-method-design",
    "sampling_method": "sec-method-design",
    "sample_size": "sec-methods",
    "collection_method": "sec-disclosure",
    "fieldwork_dates": "sec-methods",
    "outcome_rates": "sec-methods",
    "incentives": "",
    "subcontractors": "",
    "questionnaire": "sec-questionnaire",
    "quality_checks": "sec-method-cleaning",
    "weighting": "sec-method-weighting",
    "estimation": "sec-method-estimation",
    "precision": "sec-method-estimation",
    "bases": "sec-tables",
    "confidentiality": "sec-method-estimation",
    "other_sources": "sec-tables-benchmarks",
    "limitations": "sec-disclosure",
    "records": "sec-reproducibility",
}
"""Items of ISO 20252:2019, and the section in which each is found; none where nothing is recorded."""

OTHER_RECORDS = ("service_log", "feedback", "training", "customers", "waves")
SAME = 1e-6
"""From 1, within which a design effect says that nothing was lost."""


def aapor_table(edition: Edition, store: Store) -> pd.DataFrame:
    """The eleven AAPOR items: item, statement_zh, statement_en, section; raises BookError for a missing fact."""
    import pandas as pd

    rows = []
    for item, section in AAPOR_ITEMS.items():
        texts = {f"statement_{lang}": _statement(item, Labels(edition, lang), store) for lang in LANGUAGES}
        rows.append({"item": item, **texts, "section": section if edition.indexed else ""})
    return pd.DataFrame(rows)


def iso_table(edition: Edition, store: Store) -> pd.DataFrame:
    """The items of ISO 20252:2019: item, section, status (given, partly, not_applied or not_recorded)."""
    import pandas as pd

    found = _iso_statuses(edition, store)
    rows = [{"iso_item": item, "section": section, "status": found[item]} for item, section in ISO_ITEMS.items()]
    return pd.DataFrame(rows)


def _statement(item: str, labels: Labels, store: Store) -> str:
    """Sentences of one item; raises BookError when there are none."""
    make: Callable[[Labels, Store], list[str]] = _STATEMENTS[item]
    text = formats.joined([sentence.strip() for sentence in make(labels, store)], labels.lang)
    if not text:
        raise _lacking(item, "a sentence")
    return text


def _lacking(item: str, fact: str) -> BookError:
    return BookError(
        "The disclosure statement lacks an item.",
        where=f"AAPOR item {list(AAPOR_ITEMS).index(item) + 1} ({item}): {fact}",
        expected="a value from the params or from a step",
        got="nothing",
        hint="complete the section `publication` of the params, or run the step that gives it",
    )


def _say(labels: Labels, item: str, key: str, **facts: str) -> str:
    """One sentence of an item; raises BookError when one of its facts is missing or blank."""
    for name, value in facts.items():
        if not value.strip() or value == formats.MISSING:
            raise _lacking(item, name)
    return labels.text(f"disclosure.{item}.{key}", **facts)


def _strategy(labels: Labels, store: Store) -> list[str]:
    found = [name for name in OTHER_RECORDS if store.record("intake", name)["available"]]
    sampled = _sampled(store) or store.record("intake", "frame")["available"]
    sentences = [_say(labels, "strategy", "sample" if sampled else "survey")]
    if found:
        names = formats.listed([labels.text(f"disclosure.records.{name}") for name in found], labels.lang)
        sentences.append(_say(labels, "strategy", "records", names=names))
    if labels.edition.simulated:
        sentences.append(_say(labels, "strategy", "simulated", seed=str(labels.edition.seed)))
    return sentences


def _sponsor(labels: Labels, store: Store) -> list[str]:  # noqa: ARG001 - one signature for all items
    publication = labels.edition.publication
    institute = publication.institute[labels.lang]
    if publication.sponsor is None:
        return [_say(labels, "sponsor", "unrecorded", institute=institute)]
    if publication.sponsor == publication.institute:
        return [_say(labels, "sponsor", "same", institute=institute)]
    return [_say(labels, "sponsor", "other", institute=institute, sponsor=publication.sponsor[labels.lang])]


def _instrument(labels: Labels, store: Store) -> list[str]:  # noqa: ARG001
    instrument = labels.edition.instrument
    facts = {
        "name": instrument.name[labels.lang],
        "items": formats.count(len(instrument.item_keys)),
    }
    scales = [instrument.scales[block[0]] for block in instrument.blocks] or [instrument.scale]
    if not instrument.item_keys:
        sentences = [_say(labels, "instrument", "named", **facts)]
    elif len(scales) == 1:
        sentences = [_say(labels, "instrument", "rated", **facts, min=str(scales[0].min), max=str(scales[0].max))]
    else:
        told = [labels.ends(scale) for scale in scales]
        sentences = [_say(labels, "instrument", "rated_mixed", **facts, scales=formats.listed(told, labels.lang))]
    several = {"numeric": instrument.numeric, "multiple": instrument.multiple}
    sentences += [_say(labels, "instrument", key, n=formats.count(len(own))) for key, own in several.items() if own]
    if instrument.profile:
        sentences.append(_say(labels, "instrument", "profile", n=formats.count(len(instrument.profile))))
    if instrument.attention:
        sentences.append(_say(labels, "instrument", "attention"))
    return [*sentences, _say(labels, "instrument", "wording")]


def _population(labels: Labels, store: Store) -> list[str]:
    edition, size = labels.edition, store.record("01_sampling", "sampling").get("population")
    sentences = []
    if edition.publication.population is not None:
        text = edition.publication.population[labels.lang]
        sentences.append(_say(labels, "population", "own", text=text))
    else:
        sentences.append(_say(labels, "population", "guide" if edition.instrument.guide else "undefined"))
    key = "size" if size else "unknown_size"
    return [*sentences, _say(labels, "population", key, **({"n": formats.count(size)} if size else {}))]


def _sample(labels: Labels, store: Store) -> list[str]:
    record, edition = store.record("01_sampling", "sampling"), labels.edition
    sentences = [_say(labels, "sample", "design", n=formats.count(record["n"]))] if edition.sampling.planned else []
    if edition.sampling.planned and edition.sampling.states("response_rate"):
        sentences.append(_say(labels, "sample", "invitations", invitations=formats.count(record["invitations"])))
    stratum = edition.sampling.stratum
    if stratum is not None and edition.sampling.planned and record.get("population"):
        sentences.append(_say(labels, "sample", "strata", stratum=question_inside(stratum, labels)))
    cases = _cases(store)
    if cases is None:
        return [*sentences, _say(labels, "sample", "no_cases")]
    return [*sentences, _say(labels, "sample", "cases", cases=formats.count(cases))]


def _mode(labels: Labels, store: Store) -> list[str]:
    shares, mode = _channels(store), labels.edition.publication.mode
    stated = _say(labels, "mode", "own", text=mode[labels.lang]) if mode else _say(labels, "mode", "unstated")
    if not shares:
        return [stated, _say(labels, "mode", "unrecorded")]
    listed = [f"{lowered(labels.channel(name), labels)} {formats.percent(share)}" for name, share in shares.items()]
    names = formats.listed(listed, labels.lang)
    return [stated, _say(labels, "mode", "channels", names=names)]


def _dates(labels: Labels, store: Store) -> list[str]:  # noqa: ARG001
    publication = labels.edition.publication
    if not publication.states("fieldwork"):
        return [_say(labels, "dates", "unrecorded")]
    start, end = publication.fieldwork.start, publication.fieldwork.end
    return [_say(labels, "dates", "period", period=formats.period(start, end, labels.lang))]


def _precision(labels: Labels, store: Store) -> list[str]:
    kept = formats.count(store.record("03_cleaning", "cleaning")["kept"])
    sentences = [_say(labels, "precision", "kept", kept=kept)]
    sentences += _index_precision(labels, store) if labels.edition.indexed else []
    found = _response_rate(store)
    if found is not None:
        sentences.append(_say(labels, "precision", "rate", name=found[0], rate=formats.percent(found[1])))
    else:
        sentences.append(_say(labels, "precision", "no_rate"))
    return [*sentences, _say(labels, "precision", "scope")]


def _index_precision(labels: Labels, store: Store) -> list[str]:
    rows = {row["measure"]: row for row in store.table("csi_overall").to_dict("records")}
    csi = rows["csi"]
    if formats.is_missing(csi["estimate"]):
        return [labels.text("findings.withheld")]
    facts = {
        "csi": formats.number(csi["estimate"]),
        "ci": formats.interval(csi["ci_low"], csi["ci_high"], labels.lang),
        "level": formats.level(labels.edition.index.confidence),
        "deff": formats.number(csi["deff"], 2),
    }
    alone = abs(csi["deff"] - 1) < SAME
    return [_say(labels, "precision", "index_alone" if alone else "index", **facts)]


def _weighting(labels: Labels, store: Store) -> list[str]:
    record = store.record("04_weighting", "weighting")
    sentences = [labels.text(f"findings.weighting.base_{record['base_source']}")]
    sentences += nonresponse(store, labels) or [_say(labels, "weighting", "no_nonresponse")]
    if not record["available"]:
        return [*sentences, labels.text("findings.weighting.unused")]
    margins = fitted_to(labels)
    sentences += [_say(labels, "weighting", "raked", margins=margins), calibration(store, labels)]
    if labels.edition.weighting.trimming is not None:
        cut = {"n": labels.people(record["trimmed"])} if record["trimmed"] else {}
        sentences.append(_say(labels, "weighting", "trimmed" if cut else "untrimmed", **cut))
    if not store.has_table("weighting_diagnostics"):
        return sentences
    facts = {"deff": formats.number(record["deff"], 2), "n_eff": formats.count(record["n_eff"])}
    return [*sentences, _say(labels, "weighting", "effect", **facts)]


def _processing(labels: Labels, store: Store) -> list[str]:
    record = store.record("03_cleaning", "cleaning")
    facts = {name: formats.count(record[name]) for name in ("raw", "quarantined", "excluded", "kept")}
    return [
        _say(labels, "processing", "flow", **facts),
        _say(labels, "processing", "program", min_base=str(labels.edition.disclosure.min_base)),
    ]


def _limitations(labels: Labels, store: Store) -> list[str]:
    record = store.record("04_weighting", "weighting")
    keys = ["general"]
    keys += [] if _cases(store) else ["no_cases"]
    keys += [] if record["available"] else ["no_margins"]
    keys += [] if record["converged"] else ["not_met"]
    keys += ["simulated"] if labels.edition.simulated else []
    return [_say(labels, "limitations", key) for key in keys]


_STATEMENTS: dict[str, Callable[[Labels, Store], list[str]]] = {
    "strategy": _strategy,
    "sponsor": _sponsor,
    "instrument": _instrument,
    "population": _population,
    "sample": _sample,
    "mode": _mode,
    "dates": _dates,
    "precision": _precision,
    "weighting": _weighting,
    "processing": _processing,
    "limitations": _limitations,
}


def _iso_statuses(edition: Edition, store: Store) -> dict[str, str]:
    """given unless the run lacks what the item needs."""
    weights = store.record("04_weighting", "weighting")
    sampled, population = _sampled(store), store.record("intake", "population")["available"]
    given = dict.fromkeys(ISO_ITEMS, "given")
    given |= {"incentives": "not_recorded", "subcontractors": "not_recorded"}
    given["frame"] = "given" if population else "partly"
    given["sampling_method"] = "given" if sampled or population else "partly"
    stated = edition.publication.mode is not None
    given["collection_method"] = "given" if stated and _channels(store) else "partly" if stated else "not_recorded"
    given["objectives"] = "given" if edition.guided or edition.publication.purpose else "not_recorded"
    given["fieldwork_dates"] = "given" if edition.publication.states("fieldwork") else "not_recorded"
    given["sample_size"] = "given" if edition.sampling.planned else "partly"
    given["client"] = "given" if edition.publication.sponsor is not None else "partly"
    defined = edition.publication.population is not None or edition.instrument.guide
    given["target_group"] = "given" if defined else "partly"
    given["outcome_rates"] = "given" if _response_rate(store) else "partly" if sampled else "not_recorded"
    plain = not weights["available"] and not weights["nonresponse"] and weights["base_source"] == "equal"
    given["weighting"] = "not_applied" if plain else "given"
    given["other_sources"] = "given" if edition.benchmarks is not None else "not_applied"
    return given


def _sampled(store: Store) -> bool:
    """Whether the edition has a table of dispositions."""
    return bool(store.record("intake", "dispositions")["available"])


def _cases(store: Store) -> int | None:
    """Number of sampled customers; None where the edition has no table of dispositions."""
    if not _sampled(store):
        return None
    return len(sampled_cases(store.frame("intake", "dispositions"), stratum=None))


def _channels(store: Store) -> dict[str, float]:
    """Share of the sampled cases in each channel, largest first; empty where it was not recorded."""
    if not _sampled(store):
        return {}
    channels = store.frame("intake", "dispositions")["channel"].dropna()
    return {str(name): float(share) for name, share in channels.value_counts(normalize=True).items()}


def _response_rate(store: Store) -> tuple[str, float] | None:
    """Name and value of the response rate that the fieldwork step computed; None where it did not."""
    if not store.has_table("response_rates"):
        return None
    rates = store.table("response_rates")
    found = rates[(rates["rate"] == "RR3") & rates["value"].notna()]
    return ("RR3", float(found["value"].iloc[0])) if len(found) else None
