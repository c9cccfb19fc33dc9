"""Sentences on the data behind the results: records kept, gaps, what cleaning changed and how well it worked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import differs
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

INTAKE = frozenset({"raw", "kept", "out_of_range", "contract"})
"""Rows of the exclusion log that are no cleaning rules."""

DESCRIBED = ("duplicates", "near_duplicates", "speeders", "straightlining", "low_variance", "inconsistent", "outlying")
"""Rules whose measure the report explains, where they ran."""
SIGNIFICANT = 0.05


def cleaning(store: Store, labels: Labels) -> str:
    """From raw records to valid responses, the rule that excluded most, and what was only flagged."""
    record, log = store.record("03_cleaning", "cleaning"), store.table("exclusion_log")
    rules = log[~log["rule"].isin(INTAKE)]
    sentences = [flow_of_records(store, labels)]
    if record["filtered"]:
        counts = {"read": formats.count(record["read"]), "n": formats.count(record["filtered"])}
        sentences = [labels.text("findings.cleaning.scope", **counts), *sentences]
    if record["excluded"]:
        largest = rules.sort_values("excluded", ascending=False, kind="stable").iloc[0]
        values = {
            "n": formats.count(largest["excluded"]),
            "share": formats.percent(largest["excluded"] / record["excluded"]),
        }
        sentences.append(
            labels.text("findings.cleaning.largest", rule=labels.text(f"rules.{largest['rule']}"), **values)
        )
    elif record["kept"] < record["raw"]:
        sentences.append(labels.text("findings.cleaning.none"))
    sentences.append(_review(record, labels))
    unapplied = [labels.text(f"rules.{rule}") for rule in rules.loc[~rules["applied"].astype(bool), "rule"]]
    if unapplied:
        sentences.append(labels.text("findings.cleaning.unapplied", rules=formats.listed(unapplied, labels.lang)))
    return formats.joined(sentences, labels.lang)


def flow_of_records(store: Store, labels: Labels) -> str:
    """How many records there were, were left out and are kept."""
    record = store.record("03_cleaning", "cleaning")
    if record["kept"] == record["raw"]:
        return labels.text("findings.cleaning.whole", raw=formats.count(record["raw"]))
    intake = ""
    if record["quarantined"]:
        intake = labels.text("findings.cleaning.quarantined", n=formats.count(record["quarantined"]))
    return labels.text(
        "findings.cleaning.flow",
        raw=formats.count(record["raw"]),
        intake=intake,
        excluded=formats.count(record["excluded"]),
        kept=formats.count(record["kept"]),
        share=formats.percent(record["kept"] / record["raw"]),
    )


def _review(record: dict[str, Any], labels: Labels) -> str:
    if not record["review"]:
        return labels.text("findings.cleaning.no_review")
    share = labels.share_of_people(record["review"], record["kept"])
    return labels.text("findings.cleaning.review", n=labels.people(record["review"]), share=share)


def missing(store: Store, labels: Labels) -> str:
    """How much was not answered, where most, and whether the gaps look random."""
    table = store.table("missing_data").set_index("quantity")
    accepted, kept = table["accepted"], table["kept"]
    if _missing_share(store) == 0:
        return labels.text("findings.missing.none")
    items = store.table("item_nonresponse")
    sentences = [
        _rate(accepted, labels),
        _highest(items, labels),
        _little(kept, labels),
    ]
    if not store.record("03_cleaning", "cleaning")["little_converged"]:
        sentences.append(labels.text("findings.missing.unconverged"))
    return formats.joined(sentences, labels.lang)


def _rate(accepted: pd.Series[float], labels: Labels) -> str:
    """The share of the answers that are missing, and of the interviews that have none missing unless withheld."""
    complete, told = accepted["without_gaps"], {"rate": formats.percent(accepted["missing_share"])}
    told["broken"] = _broken_off(accepted, labels)
    if formats.is_missing(complete):
        return labels.text("findings.missing.rate_alone", **told)
    share = formats.percent(complete / accepted["interviews"])
    return labels.text("findings.missing.rate", complete=formats.count(complete), complete_share=share, **told)


def _broken_off(accepted: pd.Series[float], labels: Labels) -> str:
    """Their number; where it was withheld, that they are few."""
    n = float(accepted["broken_off"])
    if n == 0:
        return labels.text("findings.missing.none_broken_off")
    return labels.text("findings.missing.broken_off", n=labels.few() if formats.is_missing(n) else labels.people(n))


def _highest(items: pd.DataFrame, labels: Labels) -> str:
    row = items.iloc[int(items["rate"].to_numpy().argmax())]
    return labels.text(
        "findings.missing.highest",
        item=labels.item(str(row["item"])),
        rate=formats.percent(row["rate"]),
        ci=formats.percent_interval(row["ci_low"], row["ci_high"], labels.lang),
    )


def _little(kept: pd.Series[float], labels: Labels) -> str:
    p = kept["little_pvalue"]
    if formats.is_missing(float(p)):
        return labels.text("findings.missing.untested")
    return labels.text(
        f"findings.missing.{'not_random' if differs(p, confidence=1 - SIGNIFICANT) else 'random'}",
        chi2=formats.number(kept["little_chi2"], 1),
        df=formats.count(kept["little_df"]),
        p=formats.pvalue(p),
    )


def flags(store: Store, labels: Labels) -> dict[str, bool]:  # noqa: ARG001
    """Whether anything was excluded, and what that changed may be told; gaps among the answers; the rules that ran."""
    there = store.has_table("cleaning_sensitivity") and store.record("03_cleaning", "cleaning")["excluded"]
    log = store.table("exclusion_log") if store.has_table("exclusion_log") else None
    applied = set() if log is None else set(log.loc[log["applied"].astype(bool), "rule"])
    return {
        "shown.sensitivity": bool(there) and _is_shown(store.table("cleaning_sensitivity")),
        "shown.missing": store.has_table("missing_data") and bool(_missing_share(store)),
        **{f"applied.{rule}": rule in applied for rule in DESCRIBED},
    }


def _missing_share(store: Store) -> float:
    """Share of the rated answers that are missing among all accepted; NaN where it is withheld."""
    return float(store.table("missing_data").set_index("quantity")["accepted"]["missing_share"])


def _is_shown(frame: pd.DataFrame) -> bool:
    """Whether the differences of the index and of the share of satisfied are there."""
    return bool(frame.loc[frame["variable"].isin(["csi", "satisfied"]), "difference"].notna().all())


def sensitivity(store: Store, labels: Labels) -> str:
    """What leaving out the excluded does to index, share of satisfied and dimensions."""
    frame = store.table("cleaning_sensitivity")
    rows = {str(row["variable"]): row for row in frame.to_dict("records")}
    csi, csat = rows.get("csi"), rows["satisfied"]
    if not _is_shown(frame):
        return labels.text("findings.sensitivity.withheld")
    if not frame["difference"].abs().max() > 0:
        return labels.text("findings.sensitivity.same")
    shares = {"csat_before": formats.percent(csat["everyone"]), "csat_after": formats.percent(csat["kept"])}
    sentences = [labels.text("findings.sensitivity.share", **shares)]
    if csi is not None:
        level = {
            "before": formats.number(csi["everyone"]),
            "after": formats.number(csi["kept"]),
            "change": formats.signed(csi["difference"], 2),
            "level": formats.level(labels.edition.index.confidence),
            "ci": formats.interval(csi["ci_low"], csi["ci_high"], labels.lang, decimals=2),
        }
        sentences = [labels.text("findings.sensitivity.moved", **level, **shares)]
    dimensions = frame[~frame["variable"].isin(["csi", "satisfied"])].dropna(subset=["difference"])
    if len(dimensions) > 1:
        most = dimensions.iloc[int(dimensions["difference"].abs().to_numpy().argmax())]
        values = {
            "name": construct_inside(str(most["variable"]), labels),
            "change": formats.signed(most["difference"], 2),
        }
        sentences.append(labels.text("findings.sensitivity.largest", **values))
    return formats.joined(sentences, labels.lang)


def accuracy(store: Store, labels: Labels) -> str:
    """Share of the planted faults that were found, and of the exclusions that were right."""
    rows = {str(row["rule"]): row for row in store.table("rule_accuracy").to_dict("records")}
    sentences = []
    for key, rule in (("together", "excluded"), ("flags", "excluded_or_flagged")):
        row = rows.get(rule)
        if row is not None and not formats.is_missing(row["recall"]):
            values = {name: formats.percent(row[name]) for name in ("precision", "recall")}
            sentences.append(labels.text(f"findings.accuracy.{key}", planted=formats.count(row["planted"]), **values))
    return formats.joined(sentences, labels.lang)


def variables(store: Store, labels: Labels) -> dict[str, dict[str, str]]:
    """Counts of the sample that prose quotes."""
    record = store.record("03_cleaning", "cleaning")
    counts = {key: formats.count(record[key]) for key in ("raw", "kept", "excluded", "quarantined")}
    counts["review"] = labels.people(record["review"]).strip()
    return {
        "sample": {
            **counts,
            "kept_share": formats.percent(record["kept"] / record["raw"]),
            "min_base": str(labels.edition.disclosure.min_base),
            "width": str(labels.edition.disclosure.width),
            "min_count": str(labels.edition.disclosure.count),
        }
    }
