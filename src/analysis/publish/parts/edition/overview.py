"""The survey at a glance, and the key points of the first chapter: who answered, who is missing, how sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import verdict_of_interval
from analysis.publish.part import KeyPoint
from analysis.publish.parts.edition.statement import OTHER_RECORDS
from analysis.publish.parts.weighting.findings import fitted_to
from analysis.publish.tables.cells import NAME, TEXT
from analysis.publish.tables.markdown import markdown
from analysis.publish.tables.printed import Printed
from analysis.publish.tables.spec import Column, TableSpec
from analysis.publish.words import formats
from analysis.publish.words.phrases import lowered, question_inside

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

INTAKE = frozenset({"raw", "kept", "out_of_range", "contract"})
"""Rows of the exclusion log that are no cleaning rules."""


def reach(store: Store, labels: Labels) -> str:
    """How many of those who could take part answered in full, beside what the plan had reckoned with."""
    rates = {str(row["rate"]): row for row in store.table("response_rates").to_dict("records")}
    outcomes, rr1 = store.table("outcomes"), rates["RR1"]
    values = {
        "customers": formats.count(rr1["base"]),
        "interviews": formats.count(outcomes.loc[outcomes["outcome"] == "I", "customers"].sum()),
        "rate": formats.percent(rr1["value"]),
        "ci": formats.percent_interval(rr1["ci_low"], rr1["ci_high"], labels.lang),
    }
    sampling = labels.edition.sampling
    if not (sampling.planned and sampling.states("response_rate")):
        return labels.text("points.overview.reach_unplanned", **values)
    way = verdict_of_interval(rr1["ci_low"], rr1["ci_high"], reference=sampling.response_rate)
    return labels.text(f"points.overview.reach_{way}", planned=formats.percent(sampling.response_rate), **values)


def kept(store: Store, labels: Labels) -> str:
    """How many records stood up to the checks, and the rule that excluded most."""
    record, log = store.record("03_cleaning", "cleaning"), store.table("exclusion_log")
    values = {name: formats.count(record[name]) for name in ("raw", "kept")}
    values["share"] = formats.percent(record["kept"] / record["raw"])
    if record["kept"] == record["raw"]:
        return labels.text("points.overview.kept_whole", kept=values["kept"])
    if not record["excluded"]:
        return labels.text("points.overview.kept_all", **values)
    most = log[~log["rule"].isin(INTAKE)].sort_values("excluded", ascending=False, kind="stable").iloc[0]
    named = {"rule": labels.text(f"rules.{most['rule']}"), "n": formats.count(most["excluded"])}
    return labels.text("points.overview.kept", **named, **values)


def missing(store: Store, labels: Labels) -> str:
    """Who is furthest from their share of the population before weighting, and what weighting costs."""
    frame = store.table("weighting_margins").dropna(subset=["sample_share", "target_share"])
    if frame.empty:
        return ""
    gaps = frame["sample_share"] - frame["target_share"]
    place = int(gaps.abs().to_numpy().argmax())
    row = frame.iloc[place]
    question = str(row["margin"])
    return labels.text(
        f"points.overview.{'too_few' if gaps.iloc[place] < 0 else 'too_many'}",
        category=labels.category(question, str(row["category"])),
        question=question_inside(question, labels),
        sample=formats.percent(row["sample_share"]),
        target=formats.percent(row["target_share"]),
        n=formats.count(store.record("03_cleaning", "cleaning")["kept"]),
        n_eff=formats.count(store.record("04_weighting", "weighting")["n_eff"]),
    )


def precision(store: Store, labels: Labels) -> str:
    """How exactly the index is known, and how many groups were planned to be known well enough."""
    row = {str(row["measure"]): row for row in store.table("csi_overall").to_dict("records")}.get("csi")
    if row is None or formats.is_missing(row["ci_low"]):
        return ""
    half = formats.number(max(row["ci_high"] - row["estimate"], row["estimate"] - row["ci_low"]))
    level = formats.level(labels.edition.index.confidence)
    if not store.has_table("domain_precision"):
        return labels.text("points.overview.precision_alone", half=half, level=level)
    met = store.table("domain_precision")["met"].astype(bool)
    width = formats.number(labels.edition.sampling.stratum_margin)
    counts = {"met": formats.count(met.sum()), "total": formats.count(len(met)), "width": width}
    key = "precision_all" if met.all() else "precision"
    return labels.text(f"points.overview.{key}", half=half, level=level, **counts)


POINTS = (
    KeyPoint("overview", reach, needs=("response_rates", "outcomes"), order=1),
    KeyPoint("overview", kept, needs=("exclusion_log",), order=2),
    KeyPoint("overview", missing, needs=("weighting_margins", "weighting_diagnostics"), order=3),
    KeyPoint("overview", precision, needs=("csi_overall",), order=4),
)
"""Key points of the chapter on the survey."""


def texts(store: Store, labels: Labels) -> Mapping[str, str]:
    """The survey at a glance, where somebody was interviewed."""
    if not labels.edition.indexed:
        return {}
    rows = [(fact, text) for fact, text in _facts(store, labels) if text]
    spec = TableSpec("glance", (Column("glance_fact", ("fact",), NAME), Column("this_edition", ("text",), TEXT)))
    shown = [[labels.text(f"glance.{fact}"), text] for fact, text in rows]
    headings = [labels.text("columns.glance_fact"), labels.text("columns.this_edition")]
    return {"glance": markdown(Printed(spec, labels.text("tables.glance"), "", headings, shown), labels)}


def _facts(store: Store, labels: Labels) -> list[tuple[str, str]]:
    """What stands in the table, in its order; nothing for what the edition does not know."""
    return [
        ("answers", _answers(store, labels)),
        ("when", _when(labels)),
        ("where", _channels(store, labels)),
        ("plan", _plan(store, labels)),
        ("response", _response(store, labels)),
        ("checks", _checks(store, labels)),
        ("gaps", _gaps(store, labels)),
        ("weights", _weights(store, labels)),
        ("questions", _questions(labels)),
        ("records", _records(store, labels)),
        ("qualitative", labels.text("glance_text.qualitative") if labels.edition.guided else ""),
    ]


def _answers(store: Store, labels: Labels) -> str:
    """Valid responses, and those that the index rests on."""
    counted = store.table("csi_overall")["n"].max()
    kept = store.record("03_cleaning", "cleaning")["kept"]
    if formats.is_missing(counted):
        return labels.text("glance_text.answers", kept=formats.count(kept))
    if counted == kept:
        return labels.text("glance_text.answers_all", kept=formats.count(kept))
    return labels.text("glance_text.answers_of_index", kept=formats.count(kept), n=formats.count(counted))


def _when(labels: Labels) -> str:
    publication = labels.edition.publication
    if not publication.states("fieldwork"):
        return ""
    return formats.period(publication.fieldwork.start, publication.fieldwork.end, labels.lang)


def _channels(store: Store, labels: Labels) -> str:
    if not store.has_table("response_channels"):
        return ""
    names = [labels.channel(str(name)) for name in store.table("response_channels")["category"]]
    return formats.listed([names[0], *(lowered(name, labels) for name in names[1:])], labels.lang)


def _plan(store: Store, labels: Labels) -> str:
    sampling = labels.edition.sampling
    if not sampling.planned:
        return ""
    record = store.record("01_sampling", "sampling")
    n, margin = formats.count(record["n"]), formats.number(record["margin_index"], 2)
    if not sampling.states("response_rate"):
        return labels.text("glance_text.plan", n=n, margin=margin)
    return labels.text("glance_text.plan_invited", n=n, margin=margin, invitations=formats.count(record["invitations"]))


def _response(store: Store, labels: Labels) -> str:
    if not store.has_table("response_rates"):
        return ""
    rates = {str(row["rate"]): row for row in store.table("response_rates").to_dict("records")}
    shown = {name.lower(): formats.percent(rates[name]["value"]) for name in ("RR1", "COOP1", "REF1", "CON1")}
    return labels.text("glance_text.response", **shown)


def _checks(store: Store, labels: Labels) -> str:
    record = store.record("03_cleaning", "cleaning")
    counts = {name: formats.count(record[name]) for name in ("raw", "quarantined", "excluded")}
    if not record["review"]:
        return labels.text("glance_text.checks_alone", **counts)
    return labels.text("glance_text.checks", review=labels.people(record["review"]), **counts)


def _gaps(store: Store, labels: Labels) -> str:
    if not store.has_table("missing_data"):
        return ""
    share = float(store.table("missing_data").set_index("quantity")["accepted"]["missing_share"])
    return labels.text("glance_text.gaps" if share else "glance_text.no_gaps", rate=formats.percent(share))


def _weights(store: Store, labels: Labels) -> str:
    if not store.has_table("weighting_margins"):
        return labels.text("glance_text.unweighted")
    record: Any = store.record("04_weighting", "weighting")
    margins = fitted_to(labels)
    if not store.has_table("weighting_diagnostics"):
        return labels.text("glance_text.weights", margins=margins)
    facts = {"n_eff": formats.count(record["n_eff"]), "deff": formats.number(record["deff"], 2)}
    return labels.text("glance_text.weights_effect", margins=margins, **facts)


def _questions(labels: Labels) -> str:
    instrument = labels.edition.instrument
    items, profile = len(instrument.item_keys), len(instrument.profile)
    if len(instrument.blocks) > 1:
        return labels.text("glance_text.questions_mixed", items=items, profile=profile)
    ends = labels.ends(instrument.usual_scale)
    return labels.text("glance_text.questions", items=items, profile=profile, ends=ends)


def _records(store: Store, labels: Labels) -> str:
    """Records of the service and earlier waves that the results rest on beside the answers."""
    there = {name: store.record("intake", name) for name in OTHER_RECORDS}
    told = [
        labels.text("text.raw_table", name=labels.text(f"disclosure.records.{name}"), n=formats.count(one["accepted"]))
        for name, one in there.items()
        if one["available"]
    ]
    listed = formats.listed(told, labels.lang)
    return listed[:1].upper() + listed[1:]
