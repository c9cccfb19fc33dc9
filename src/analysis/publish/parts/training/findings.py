"""Sentences on the effect of training."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import at_the_ends, differs, estimates, verdict, verdict_of_interval
from analysis.publish.parts.training.cells import delivered
from analysis.publish.words import formats
from analysis.publish.words.phrases import lowered
from analysis.survey.estimation.overlap import differ

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def training(store: Store, labels: Labels) -> str:
    """Each measure over all staff, and for how many kinds of institution the effect on it is clear."""
    frame = store.table("training_effects").dropna(subset=["effect", "p_adjusted"]).fillna({"category": ""})
    whole = frame[frame["category"] == ""].to_dict("records")
    if not whole:
        return ""
    told = [_effect(row, labels) for row in whole]
    sentences = [labels.text("findings.training.effects", effects=formats.semicolons(told, labels.lang))]
    unclear = []
    for row in whole:
        kinds = frame[(frame["measure"] == row["measure"]) & (frame["category"] != "")]
        clear = [_way(kind, labels) for kind in kinds.to_dict("records")].count("higher")
        if len(kinds) and clear < len(kinds):
            values = {"measure": measure_inside(row, labels), "clear": clear, "kinds": len(kinds)}
            unclear.append(labels.text("findings.training.kind", **values))
    if unclear:
        kinds = "、".join(unclear) if labels.lang == "zh" else formats.listed(unclear, labels.lang)
        sentences.append(labels.text("findings.training.kinds", kinds=kinds))
    return formats.joined(sentences, labels.lang)


LIKELY = 0.5
"""Chance from which a dimension is named as one of the first two."""


def likely_needs(frame: pd.DataFrame) -> pd.DataFrame:
    """Of each kind of institution the two likeliest of the first two needs that are more likely than not."""
    likely = frame[frame["p_first_two"] >= LIKELY].sort_values("p_first_two", ascending=False, kind="stable")
    return likely.groupby("category", sort=False).head(2)


def needs(store: Store, labels: Labels) -> str:
    """For each kind of institution the dimensions that are more likely than not among the first two to train."""
    frame = store.table("needs").dropna(subset=["need", "p_first_two"])
    told = []
    likely = likely_needs(frame)
    for kind in dict.fromkeys(frame["category"]):
        first = likely[likely["category"] == kind]
        parts = [
            labels.text(
                "findings.needs.one",
                dimension=lowered(labels.construct(str(row["construct"])), labels),
                chance=formats.percent(row["p_first_two"], 0),
            )
            for row in first.to_dict("records")
        ]
        if parts:
            named = {
                "kind": labels.group("institution_type", str(kind)),
                "dimensions": formats.listed(parts, labels.lang),
            }
            told.append(labels.text("findings.needs.kind", **named))
    if not told:
        return labels.text("findings.needs.none")
    return labels.text("findings.needs.whole", kinds=formats.semicolons(told, labels.lang))


def delivery(store: Store, labels: Labels) -> str:
    """How many were taught at all, and in every quarter; the most frequent content and mode."""
    frame = store.table("training_delivery").dropna(subset=["share"])
    rows = {(row["by"], row["category"]): row for row in frame.to_dict("records")}
    some, every = rows.get(("coverage", "any")), rows.get(("coverage", "every"))
    if some is None or every is None:
        return ""
    sentences = [
        labels.text(
            "findings.delivery.coverage",
            n=formats.count(some["n"]),
            any=formats.percent(some["share"]),
            ci=formats.percent_interval(some["ci_low"], some["ci_high"], labels.lang),
            every=formats.percent(every["share"]),
            quarters=formats.count((frame["by"] == "quarter").sum()),
        )
    ]
    halves = frame[frame["by"] == "half"].to_dict("records")
    if halves:
        told = [_taught(row, labels) for row in halves]
        listed = "，".join(told) if labels.lang == "zh" else formats.listed(told, labels.lang)
        sentences.append(labels.text("findings.delivery.halves", halves=listed))
    return formats.joined([*sentences, _most_taught(frame, "mode", labels)], labels.lang)


def contents(store: Store, labels: Labels) -> str:
    """What was taught most, and least."""
    return _most_taught(store.table("training_delivery").dropna(subset=["share"]), "content", labels)


def _most_taught(frame: pd.DataFrame, by: str, labels: Labels) -> str:
    """The contents or modes that most and fewest were taught, each with those that do not differ from it."""
    own = frame[frame["by"] == by]
    found = estimates(own, "category", "share")
    if len(found) < 2:
        return ""
    apart = partial(differ, confidence=labels.edition.service.confidence, pairs=len(found) - 1)
    ends = dict(zip(("most", "least"), at_the_ends(found, apart), strict=True))
    rows = {str(row["category"]): row for row in own.to_dict("records")}
    named = {
        key: formats.listed([_taught(rows[one.name], labels) for one in end], labels.lang) for key, end in ends.items()
    }
    return labels.text(f"findings.delivery.{by}", **named) if all(named.values()) else ""


def _taught(row: dict[Any, Any], labels: Labels) -> str:
    by = str(row["by"])
    name = delivered(by, str(row["category"]), labels)
    return labels.text(
        f"findings.delivery.{'one_half' if by == 'half' else 'one'}",
        name=name if by == "half" else lowered(name, labels),
        share=formats.percent(row["share"]),
        ci=formats.percent_interval(row["ci_low"], row["ci_high"], labels.lang),
    )


def course(store: Store, labels: Labels) -> str:
    """Whether trained and untrained moved in parallel before."""
    frame = store.table("training_course").dropna(subset=["effect", "ci_low", "ci_high"])
    parallel = store.record("12_training", "training").get("parallel", {})
    shown = set(frame["measure"])
    known = {name: p for name, p in parallel.items() if not formats.is_missing(p) and name in shown}
    if not known:
        return ""
    level = labels.edition.service.confidence
    apart = [name for name, p in known.items() if differs(p, confidence=level)]
    if not apart:
        return labels.text("findings.course.parallel")
    names = [lowered(labels.known("training_measures", name), labels) for name in apart]
    return labels.text("findings.course.apart", measures=formats.listed(names, labels.lang))


def dose(store: Store, labels: Labels) -> str:
    """What few and many hours brought to the first measure."""
    frame = store.table("training_dose").dropna(subset=["effect", "ci_low", "ci_high"])
    rows = frame[frame["measure"] == frame["measure"].iloc[0]] if len(frame) else frame
    if len(rows) < 2:
        return ""
    few, many = rows.iloc[0], rows.iloc[-1]
    clear = differs(few["p_slope"], confidence=labels.edition.service.confidence)
    way = verdict_of_interval(many["ci_low"], many["ci_high"])
    more = way == "higher"
    return labels.text(
        f"findings.dose.{'more' if clear and few['slope'] > 0 and more else 'same'}",
        measure=measure_inside(few.to_dict(), labels),
        few=formats.number(few["hours"]),
        few_effect=formats.number(few["effect"]),
        many=formats.number(many["hours"]),
        many_effect=formats.number(many["effect"]),
    )


def halves(store: Store, labels: Labels) -> str:
    """The effect on each measure half-year by half-year."""
    frame = store.table("training_halves").dropna(subset=["effect", "ci_low", "ci_high"])
    told = []
    for _, rows in frame.groupby("measure", sort=False):
        if len(rows) < 2:
            continue
        parts = [
            labels.text(
                "findings.halves.one",
                half=formats.wave(str(row["half"]), labels.lang),
                effect=formats.number(row["effect"]),
                ci=formats.interval(row["ci_low"], row["ci_high"], labels.lang),
            )
            for row in rows.to_dict("records")
        ]
        measure = measure_inside(rows.iloc[0].to_dict(), labels)
        listed = "，".join(parts) if labels.lang == "zh" else formats.listed(parts, labels.lang)
        told.append(labels.text("findings.halves.measure", measure=measure, halves=listed))
    return labels.text("findings.halves.whole", measures=formats.semicolons(told, labels.lang)) if told else ""


def ratings(store: Store, labels: Labels) -> str:
    """Whether customers rate a unit higher whose staff have learned more."""
    frame = store.table("training_ratings").dropna(subset=["for_ten", "ten_low", "ten_high"])
    sentences = []
    for row in frame.head(1).to_dict("records"):
        way = verdict_of_interval(row["ten_low"], row["ten_high"])
        low, high = (row["ten_low"], row["ten_high"]) if way != "lower" else (-row["ten_high"], -row["ten_low"])
        rating = row["for_ten"] if way == "same" else abs(row["for_ten"])
        sentences.append(
            labels.text(
                f"findings.ratings.{way}",
                measure=measure_inside(row, labels),
                rating=formats.number(rating),
                ci=formats.interval(low, high, labels.lang),
                units=formats.count(row["units"]),
            )
        )
    return formats.joined(sentences, labels.lang)


def matters(store: Store, labels: Labels) -> str:
    """How much of satisfaction the dimensions account for that training is meant for, beside the one with most."""
    frame, asked = store.table("importance"), labels.edition.index.csat.construct_key
    rows = frame[frame["outcome"] == asked].dropna(subset=["share"]).sort_values("share", ascending=False)
    known = {str(row["predictor"]): row for row in rows.to_dict("records")}
    taught = [key for key in labels.edition.service.taught if key in known]
    if not taught:
        return ""
    told = [_weight(key, known[key], labels) for key in taught]
    sentences = [labels.text("findings.training_matters.whole", names=formats.clauses(told, labels.lang))]
    first = next(iter(known))
    if first not in taught:
        sentences.append(labels.text("findings.training_matters.beside", name=_weight(first, known[first], labels)))
    return formats.joined(sentences, labels.lang)


def _weight(key: str, row: dict[Any, Any], labels: Labels) -> str:
    return labels.text(
        "findings.training_matters.one",
        name=lowered(labels.construct(key), labels),
        share=formats.percent(row["share"], 0),
        ci=formats.percent_interval(row["share_low"], row["share_high"], labels.lang, decimals=0),
    )


def _effect(row: dict[Any, Any], labels: Labels) -> str:
    return labels.text(
        f"findings.training.{_way(row, labels)}",
        measure=measure_inside(row, labels),
        effect=formats.number(abs(row["effect"])),
        ci=formats.interval(row["ci_low"], row["ci_high"], labels.lang),
    )


def _way(row: dict[Any, Any], labels: Labels) -> str:
    return verdict(row["effect"], row["p_adjusted"], confidence=labels.edition.service.confidence)


def measure_inside(row: dict[Any, Any], labels: Labels) -> str:
    """What was measured, inside a sentence."""
    return lowered(labels.known("training_measures", str(row["measure"])), labels)
