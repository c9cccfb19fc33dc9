"""What a profile says beside its figure, with intervals and bases: strengths, priorities, promises, loyalty, voices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import unfit, verdict, verdict_of_interval
from analysis.publish.parts.feedback.cells import theme
from analysis.publish.words import formats
from analysis.publish.words.escape import as_markdown
from analysis.publish.words.phrases import construct_inside, lowered
from analysis.publish.words.spoken import capital
from analysis.publish.words.voices import other_language, voice

if TYPE_CHECKING:
    from analysis.publish.parts.profiles.data import Profile
    from analysis.publish.words.labels import Labels

    Row = dict[str, Any]

MOST_NAMED = 3
"""Dimensions on one side that a line names."""
MOST = 2
"""Strengths, priorities and voices of a profile."""
LEAST_GAIN = 0.05
"""Points of the index below which nothing is to be gained."""
LONGEST = 90
"""Characters of a voice."""


def facts(profile: Profile) -> list[tuple[str, str]]:
    """Name and text of every fact that there is, as markdown."""
    found = {
        "against": _against(profile),
        "strengths" if profile.of("higher") else "highest": _strengths(profile),
        "priorities": _priorities(profile),
        "kept": _kept(profile),
        "weakest": _weakest(profile),
        "loyalty": _loyalty(profile),
        "lost": _lost(profile),
        "trend": _trend(profile),
        f"voices{_in_language(profile)}": _voices(profile),
    }
    labels = profile.labels
    return [(as_markdown(labels.text(f"profiles.facts.{key}")), text) for key, text in found.items() if text]


def in_short(profile: Profile) -> str:
    """Where the group stands and what it should do first, in one sentence; empty where nothing was compared."""
    labels, first = profile.labels, gains(profile)
    if not first:
        return labels.text("profiles.in_short_nothing", group=profile.name) if _was_ranked(profile) else ""
    return labels.text(
        "profiles.in_short",
        group=profile.name,
        name=construct_inside(first[0]["construct"], labels),
        gain=_gained(first[0], labels),
        best=labels.group(str(first[0]["target_segment"]), str(first[0]["target_category"])),
    )


def side(profile: Profile, band: str) -> str:
    """The dimensions of a band or, where they are many, the first of them and how many there are."""
    labels = profile.labels
    names = [construct_inside(row["construct"], labels) for row in profile.of(band)]
    if len(names) <= MOST_NAMED:
        return formats.listed(names, labels.lang) if names else ""
    first = ("、" if labels.lang == "zh" else ", ").join(names[: MOST_NAMED - 1])
    return labels.text("profiles.many", names=first, more=len(names) - MOST_NAMED + 1)


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
    told = [_scored(row, labels, name=construct_inside(row["construct"], labels)) for row in rows]
    return as_markdown(capital(formats.semicolons(told, labels.lang)))


def _scored(row: Row, labels: Labels, *, name: str = "") -> str:
    """A score with its interval beside that of all, behind its name where there is one."""
    return labels.text(
        f"profiles.scored{'' if name else '_alone'}",
        name=name,
        score=formats.number(row["score"]),
        ci=formats.interval(row["ci_low"], row["ci_high"], labels.lang),
        all=formats.number(row["everybody"]),
    )


def gains(profile: Profile) -> list[Row]:
    """Dimensions on which the group is clearly behind the best, those first that would bring most."""
    barred = unfit(profile.store)
    rows = [row for row in profile.rows("group_priorities") if not formats.is_missing(row["gap"])]
    rows = [row for row in rows if row["construct"] not in barred and row["index_gain"] >= LEAST_GAIN]
    behind = [row for row in rows if verdict_of_interval(row["gap_low"], row["gap_high"]) == "higher"]
    return sorted(behind, key=lambda row: row["rank"])


def _was_ranked(profile: Profile) -> bool:
    """Whether any distance to the best may be told."""
    return any(not formats.is_missing(row["gap"]) for row in profile.rows("group_priorities"))


def _priorities(profile: Profile) -> str:
    """Where coming up to the best would gain most, with the gain."""
    labels = profile.labels
    if not gains(profile) and _was_ranked(profile):
        return as_markdown(capital(labels.text("profiles.nothing_to_gain")))
    told = [
        labels.text(
            "profiles.priority",
            name=construct_inside(row["construct"], labels),
            now=formats.number(row["performance"]),
            target=formats.number(row["target"]),
            best=labels.group(str(row["target_segment"]), str(row["target_category"])),
            gain=_gained(row, labels),
        )
        for row in gains(profile)[:MOST]
    ]
    return as_markdown(capital(formats.semicolons(told, labels.lang)))


def _gained(row: Row, labels: Labels) -> str:
    """Points of what dimensions are ranked by, where a model gives them, and of the index, with intervals."""
    ci = formats.gained_interval(row["index_gain"], row["index_low"], row["index_high"], labels.lang)
    index = {"gain": formats.gained(row["index_gain"]), "ci": ci}
    if row["basis"] != "model":
        return labels.text("profiles.gained", **index)
    return labels.text(
        "profiles.gained_outcome",
        outcome=construct_inside(row["outcome"], labels),
        value=formats.gained(row["priority"]),
        value_ci=formats.gained_interval(row["priority"], row["priority_low"], row["priority_high"], labels.lang),
        **index,
    )


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
    return as_markdown(_scored({**own[0], "everybody": whole[0]}, labels))


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
    labels = profile.labels
    told = [
        labels.text("profiles.voice", quote=voice(str(row["quote"]), labels), theme=as_markdown(_theme(row, labels)))
        for row in _voiced(profile)
    ]
    return formats.joined(told, labels.lang)


def _voiced(profile: Profile) -> list[Row]:
    """Rows of the quotes that stand in a profile, comments first."""
    if not profile.is_served:
        return []
    rows = [
        row
        for table in ("comment_quotes", "ticket_quotes")
        if profile.store.has_table(table)
        for row in profile.store.table(table).to_dict("records")
        if str(row["institution_type"]) == profile.category and 0 < len(str(row["quote"])) <= LONGEST
    ]
    return [{str(key): value for key, value in row.items()} for row in rows[:MOST]]


def _in_language(profile: Profile) -> str:
    """What the name of the voices ends with: their language, where all are in one that is not the page's."""
    found = {other_language(str(row["quote"]), profile.labels) for row in _voiced(profile)}
    return f"_{found.pop()}" if len(found) == 1 and "" not in found else ""


def _theme(row: Row, labels: Labels) -> str:
    return lowered(theme(str(row["theme"]), labels), labels)
