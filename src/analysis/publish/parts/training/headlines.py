"""Titles of the figures of training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.comparison import verdict, verdict_of_interval
from analysis.publish.headlines import title
from analysis.publish.parts.training.findings import likely_needs
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside, lowered

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def needs(store: Store, labels: Labels) -> str:
    """The dimensions that most kinds have among their first two needs."""
    frame = store.table("needs").dropna(subset=["p_first_two"])
    likely = likely_needs(frame)
    if likely.empty:
        return title("needs.none", labels) if len(frame) else ""
    counts = likely.groupby("construct", sort=False)["category"].nunique()
    names = [construct_inside(str(key), labels) for key in counts.index[counts == counts.max()]]
    values = {"kinds": int(counts.max()), "total": frame["category"].nunique()}
    key = "most" if len(names) == 1 else "tied"
    return title(f"needs.{key}", labels, name=formats.listed(names, labels.lang), **values)


def training_effects(store: Store, labels: Labels) -> str:
    """What training raises over all staff, and by how much most."""
    frame = store.table("training_effects").fillna({"category": ""}).dropna(subset=["effect"])
    whole = frame[frame["category"] == ""].sort_values("effect", ascending=False, kind="stable")
    confidence = labels.edition.index.confidence
    rows = whole.to_dict("records")
    ways = [verdict(row["effect"], row["p_adjusted"], confidence=confidence) for row in rows]
    raised = [row for row, way in zip(rows, ways, strict=True) if way == "higher"]
    if whole.empty:
        return ""
    if not raised:
        return title("training_effects.none", labels)
    parts = [
        labels.text(
            "headlines.training_effects.part",
            name=lowered(labels.known("training_measures", str(row["measure"])), labels),
            effect=formats.number(row["effect"]),
        )
        for row in raised
    ]
    return title("training_effects.some", labels, list=formats.listed(parts, labels.lang))


def training_course(store: Store, labels: Labels) -> str:
    """Whether the trained were ahead before training began."""
    frame = store.table("training_course").dropna(subset=["effect", "ci_low", "ci_high"])
    before, after = frame[frame["since"] < 0], frame[frame["since"] >= 0]
    if before.empty or after.empty:
        return ""
    ahead = [verdict_of_interval(row["ci_low"], row["ci_high"]) for row in before.to_dict("records")]
    return title(f"training_course.{'alike' if set(ahead) == {'same'} else 'apart'}", labels)


def staff(store: Store) -> float | None:
    """Staff whose tests are compared: the trained and the others."""
    if not store.has_table("training_effects"):
        return None
    whole = store.table("training_effects").fillna({"category": ""})
    whole = whole[whole["category"] == ""]
    return float((whole["n_trained"] + whole["n_untrained"]).max())
