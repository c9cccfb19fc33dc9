"""Key points of the chapter on training: what is needed, what was given, what it did, and whether customers notice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.comparison import verdict, verdict_of_interval
from analysis.publish.part import KeyPoint
from analysis.publish.parts.training.findings import likely_needs, measure_inside
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def need(store: Store, labels: Labels) -> str:
    """The dimension that most kinds of institution need to be trained in, and where that is surest."""
    frame = store.table("needs").dropna(subset=["need", "p_first_two"])
    likely = likely_needs(frame)
    if likely.empty:
        return ""
    counts = likely.groupby("construct")["category"].nunique()
    names = [str(name) for name in counts.index[counts == counts.max()]]
    kinds = frame["category"].nunique()
    surest = likely[likely["construct"].isin(names)].nlargest(1, "p_first_two").iloc[0]
    listed = formats.listed([construct_inside(name, labels) for name in names], labels.lang)
    values = {"n": formats.count(counts.max()), "kinds": formats.count(kinds)}
    return labels.text(
        f"points.training.need{'s' if len(names) > 1 else ''}",
        dimensions=listed,
        surest=construct_inside(str(surest["construct"]), labels),
        kind=labels.group("institution_type", str(surest["category"])),
        chance=formats.percent(surest["p_first_two"], 0),
        **values,
    )


def given(store: Store, labels: Labels) -> str:
    """Who was taught in every quarter, which is the norm, and who not at all."""
    frame = store.table("training_delivery").dropna(subset=["share"])
    rows = {str(row["category"]): row for row in frame[frame["by"] == "coverage"].to_dict("records")}
    if not {"any", "every"} <= set(rows):
        return ""
    every, some = rows["every"], rows["any"]
    return labels.text(
        "points.training.given",
        every=formats.percent(every["share"]),
        ci=formats.percent_interval(every["ci_low"], every["ci_high"], labels.lang),
        none=formats.percent(1 - some["share"]),
        quarters=formats.count((frame["by"] == "quarter").sum()),
    )


def effect(store: Store, labels: Labels) -> str:
    """What training did beyond what happened to others, measure by measure, as far as it is more than chance."""
    frame = store.table("training_effects").dropna(subset=["effect", "p_adjusted"]).fillna({"category": ""})
    rows = frame[frame["category"] == ""].to_dict("records")
    if not rows:
        return ""
    level = labels.edition.service.confidence
    told: dict[str, list[str]] = {"higher": [], "lower": []}
    for row in rows:
        way = verdict(row["effect"], row["p_adjusted"], confidence=level)
        if way != "same":
            size = formats.number(abs(row["effect"]))
            told[way].append(labels.text("points.training.size", measure=measure_inside(row, labels), size=size))
    sentences = [
        labels.text(f"points.training.effect_{way}", sizes=formats.listed(sizes, labels.lang))
        for way, sizes in told.items()
        if sizes
    ]
    return formats.joined(sentences or [labels.text("points.training.effect_same")], labels.lang)


def noticed(store: Store, labels: Labels) -> str:
    """Whether what staff learned shows in how customers rate their unit."""
    rows = store.table("training_ratings").dropna(subset=["for_ten", "ten_low", "ten_high"]).to_dict("records")
    if not rows:
        return ""
    way = verdict_of_interval(rows[0]["ten_low"], rows[0]["ten_high"])
    return labels.text(
        f"points.training.noticed_{'yes' if way == 'higher' else 'no'}",
        measure=measure_inside(rows[0], labels),
        rating=formats.signed(rows[0]["for_ten"]),
        ci=formats.interval(rows[0]["ten_low"], rows[0]["ten_high"], labels.lang),
    )


POINTS = (
    KeyPoint("training", need, needs=("needs",), order=1),
    KeyPoint("training", given, needs=("training_delivery",), order=2),
    KeyPoint("training", effect, needs=("training_effects",), order=3),
    KeyPoint("training", noticed, needs=("training_ratings",), order=4),
)
"""Key points of the chapter on training."""
