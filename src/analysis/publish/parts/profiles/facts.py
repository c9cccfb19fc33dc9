"""What a profile says beside its figure, with intervals and bases: strengths, priorities, promises, loyalty, voices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import unfit, verdict
from analysis.publish.parts.feedback.cells import theme
from analysis.publish.words import formats
from analysis.publish.words.escape import as_markdown, plain
from analysis.publish.words.phrases import construct_inside, lowered
from analysis.publish.words.spoken import capital

if TYPE_CHECKING:
    from analysis.publish.parts.profiles.data import Profile
    from analysis.publish.words.labels import Labels

    Row = dict[str, Any]

MOST, LEAST_GAIN = 2, 0.05
"""Strengths, priorities and voices of a profile."""
LONGEST = 90
"""Characters of a voice."""


def facts(profile: Profile) -> list[tuple[str, str]]:
    """Name and text of every fact that there is, as markdown."""
    found = {
        "against": _against(profile),
        "strengths": _strengths(profile),
        "priorities": _priorities(profile),
        "kept": _kept(profile),
        "weakest": _weakest(profile),
        "loyalty": _loyalty(profile),
        "lost": _lost(profile),
        "trend": _trend(profile),
        "voices": _voices(profile),
    }
    labels = profile.labels
    return [(as_markdown(labels.text(f"profiles.facts.{key}")), text) for key, text in found.items() if text]


def in_short(profile: Profile) -> str:
    """Where the group stands and what it should do first, in one sentence; empty where nothing was compared."""
    labels, first = profile.labels, gains(profile)
    if not first:
        return ""
    return labels.text(
        "profiles.in_short",
        group=profile.name,
        name=construct_inside(first[0]["construct"], labels),
        gain=formats.number(first[0]["index_gain"], 2),
        best=labels.group(str(first[0]["target_segment"]), str(first[0]["target_category"])),
    )


def _against(profile: Profile) -> str:
    """Dimensions better and worse than expected."""
    if not any(row["band"] for row in profile.dimensions):
        return ""
    labels = profile.labels
    told = []
    for band in ("higher", "lower"):
        names = [construct_inside(row["construct"], labels) for row in profile.of(band)]
        text = formats.listed(names, labels.lang) if names else labels.text("profiles.none")
        told.append(labels.text(f"profiles.against.{band}", names=text))
    return as_markdown(capital(formats.semicolons(told, labels.lang)))


def _strengths(profile: Profile) -> str:
    """What the group is best at: those clearly ahead of what was to be expected, else the highest scores."""
    labels = profile.labels
    rows = profile.of("higher")[:MOST] or profile.dimensions[:MOST]
    return as_markdown(capital(formats.semicolons([_scored(row, labels) for row in rows], labels.lang)))


def _scored(row: Row, labels: Labels) -> str:
    return labels.text(
        "profiles.scored",
        name=construct_inside(row["construct"], labels),
        score=formats.number(row["score"]),
        ci=formats.interval(row["ci_low"], row["ci_high"], labels.lang),
        all=formats.number(row["everybody"]),
    )


def gains(profile: Profile) -> list[Row]:
    """Dimensions on which the group is behind the best, those first that would bring most."""
    barred = unfit(profile.store)
    rows = [row for row in profile.rows("group_priorities") if not formats.is_missing(row["gap"])]
    rows = [row for row in rows if row["target"] > row["performance"] and row["index_gain"] >= LEAST_GAIN]
    rows = [row for row in rows if row["construct"] not in barred]
    return sorted(rows, key=lambda row: row["rank"])


def _priorities(profile: Profile) -> str:
    """Where coming up to the best would gain most, with the gain."""
    labels = profile.labels
    told = [
        labels.text(
            "profiles.priority",
            name=construct_inside(row["construct"], labels),
            now=formats.number(row["performance"]),
            target=formats.number(row["target"]),
            best=labels.group(str(row["target_segment"]), str(row["target_category"])),
            gain=formats.number(row["index_gain"], 2),
        )
        for row in gains(profile)[:MOST]
    ]
    return as_markdown(capital(formats.semicolons(told, labels.lang)))


def _kept(profile: Profile) -> str:
    """Promises kept, beside the others."""
    rows = profile.rows("service_institutions") if profile.is_served else []
    return _share_on_time(rows[0], profile.labels) if rows else ""


def _share_on_time(row: Row, labels: Labels, **more: str) -> str:
    if formats.is_missing(row["kept"]):
        return ""
    tested = not formats.is_missing(row["p_adjusted"])
    way = verdict(row["difference"], row["p_adjusted"], confidence=labels.edition.service.confidence) if tested else ""
    key = f"profiles.kept.{way}" if way and not formats.is_missing(row["others"]) else "profiles.kept.alone"
    text = labels.text(
        key,
        share=formats.percent(row["kept"]),
        ci=formats.percent_interval(row["ci_low"], row["ci_high"], labels.lang),
        n=formats.count(row["due"]),
        others=formats.percent(row["others"]),
    )
    return as_markdown(labels.text("profiles.led", lead=more["lead"], text=text) if more else text)


def _weakest(profile: Profile) -> str:
    """The scenario in which the group keeps its promises least often."""
    rows = profile.rows("service_institution_scenarios") if profile.is_served else []
    known = [row for row in rows if not formats.is_missing(row["kept"])]
    if not known:
        return ""
    row = min(known, key=lambda row: row["kept"])
    return _share_on_time(row, profile.labels, lead=profile.labels.scenario(str(row["scenario"])))


def _loyalty(profile: Profile) -> str:
    """Levels of loyalty of the group and of all."""
    labels, barred = profile.labels, unfit(profile.store)
    keys = [one.key for one in labels.edition.instrument.constructs if one.role == "loyalty" and one.key not in barred]
    if not keys or not profile.store.has_table("construct_levels"):
        return ""
    own = profile.rows("construct_levels", construct=keys[0])
    frame = profile.store.table("construct_levels")
    whole = frame[(frame["construct"] == keys[0]) & (frame["category"].fillna("") == "")]["score"].tolist()
    if not own or not whole or formats.is_missing(own[0]["score"]):
        return ""
    row = {**own[0], "everybody": whole[0], "construct": keys[0]}
    return as_markdown(capital(_scored(row, labels)))


def _lost(profile: Profile) -> str:
    """The share that left within a year."""
    rows = [row for row in profile.rows("relationship_churn") if not formats.is_missing(row["lost"])]
    if not rows:
        return ""
    row, labels = rows[0], profile.labels
    return as_markdown(
        labels.text(
            "profiles.lost",
            share=formats.percent(row["lost"]),
            ci=formats.percent_interval(row["ci_low"], row["ci_high"], labels.lang),
            n=formats.count(row["n"]),
        )
    )


def _trend(profile: Profile) -> str:
    """The change of the index of the group since the wave before, where the series holds it."""
    labels = profile.labels
    rows = [row for row in profile.rows("wave_parts", measure="csi") if not formats.is_missing(row.get("difference"))]
    if not rows:
        return ""
    row = rows[-1]
    return as_markdown(
        labels.text(
            "profiles.trend",
            change=formats.signed(row["difference"]),
            ci=formats.interval(row["ci_low"], row["ci_high"], labels.lang),
            before=formats.wave(str(row["against"]), labels.lang),
        )
    )


def _voices(profile: Profile) -> str:
    """Masked voices of the group's own customers, with their themes."""
    if not profile.is_served:
        return ""
    labels = profile.labels
    rows = [
        row
        for table in ("comment_quotes", "ticket_quotes")
        if profile.store.has_table(table)
        for row in profile.store.table(table).to_dict("records")
        if str(row["institution_type"]) == profile.category and 0 < len(str(row["quote"])) <= LONGEST
    ]
    told = [
        labels.text(
            "profiles.voice", quote=plain(str(row["quote"])), theme=lowered(theme(str(row["theme"]), labels), labels)
        )
        for row in rows[:MOST]
    ]
    return as_markdown(formats.joined(told, labels.lang))


def _theme(row: Row, labels: Labels) -> str:
    return lowered(theme(str(row["theme"]), labels), labels)
