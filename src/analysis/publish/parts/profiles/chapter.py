"""The chapter of profiles: a page at a glance, then a page for each group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.parts.profiles.data import Profile, profiles, withheld
from analysis.publish.parts.profiles.facts import facts, in_short, side
from analysis.publish.parts.profiles.figures import headline
from analysis.publish.tables.cells import NAME, NUMBER
from analysis.publish.tables.markdown import markdown
from analysis.publish.tables.printed import Printed
from analysis.publish.tables.spec import Column, TableSpec
from analysis.publish.words import formats
from analysis.publish.words.escape import as_markdown
from analysis.publish.words.phrases import construct_inside

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def flags(store: Store, labels: Labels) -> dict[str, bool]:
    """Whether any group has a page."""
    return {"profiles.chapter": bool(profiles(store, labels))}


def texts(store: Store, labels: Labels) -> Mapping[str, str]:
    """The whole chapter below its heading; nothing where no group has a page."""
    found = profiles(store, labels)
    if not found:
        return {}
    pages = [_glance(found, labels), *_without_page(store, labels), *(_page(one) for one in found)]
    return {"profiles": "\n\n".join(pages)}


def _glance(found: Sequence[Profile], labels: Labels) -> str:
    banded = any(one.band for one in found)
    keys = ("group", "index", "base", *(("band", "ahead", "behind") if banded else ()))
    kinds = (NAME, NUMBER, NUMBER, NAME, NAME, NAME)[: len(keys)]
    columns = tuple(Column(key, (key,), kind) for key, kind in zip(keys, kinds, strict=True))
    ordered = sorted(found, key=lambda one: -one.index["score"])
    rows = [_glance_row(one)[: len(keys)] for one in ordered]
    heads = [labels.text(f"profiles.heads.{key}") for key in keys]
    spec = TableSpec("profiles", columns)
    notes = [labels.text("profiles.glance_note", level=formats.level(labels.edition.index.confidence))]
    notes += [labels.text("profiles.glance_banded")] if banded else []
    note = ("" if labels.lang == "zh" else " ").join(notes)
    table = markdown(Printed(spec, labels.text("profiles.glance"), note, heads, rows), labels)
    told = [(one, in_short(one)) for one in ordered]
    items = [
        f"- {as_markdown(text)}{labels.text('profiles.see', section=f'@{one.section}')}" for one, text in told if text
    ]
    if not items:
        return table
    heading = f"## {as_markdown(labels.text('profiles.first'))} {{#sec-profiles-first}}"
    return "\n\n".join([table, heading, as_markdown(labels.text("profiles.first_lead")), "\n".join(items)])


def _glance_row(one: Profile) -> list[str]:
    labels, row = one.labels, one.index
    return [
        one.name,
        formats.bracketed(
            formats.number(row["score"]), formats.interval(row["ci_low"], row["ci_high"], labels.lang), labels.lang
        ),
        formats.count(row["n"]),
        labels.text(f"front.bands.{one.band}") if one.band else formats.MISSING,
        *(side(one, band) or formats.MISSING for band in ("higher", "lower")),
    ]


def _without_page(store: Store, labels: Labels) -> list[str]:
    gone = [labels.category(question, code) for question, code in withheld(store, labels)]
    if not gone:
        return []
    named = formats.listed(gone, labels.lang)
    return [as_markdown(labels.text("profiles.withheld", names=named, min_base=labels.edition.disclosure.min_base))]


def _page(one: Profile) -> str:
    labels, row = one.labels, one.index
    lead = labels.text(
        f"profiles.lead.{one.band or 'alone'}",
        ci=formats.interval(row["ci_low"], row["ci_high"], labels.lang),
        n=formats.count(row["n"]),
        all=formats.number(_everybody(one)),
    )
    number = f"::: {{.front-number}}\n{formats.number(row['score'])}\n:::"
    lines = [
        f"| {labels.text('profiles.heads.fact')} | {labels.text('profiles.heads.value')} |",
        "|:-----|:-----------------|",
    ]
    lines += [f"| **{name}** | {text} |" for name, text in facts(one)]
    return "\n\n".join(
        [
            f"## {as_markdown(one.name)} {{#{one.section} .profile}}",
            ":::::: {.one-page .profile-body}",
            f"::::: {{.front-index}}\n{number}\n\n::: {{.front-claims}}\n{as_markdown(lead)}\n:::\n:::::",
            *_figure(one),
            "\n".join(lines),
            "::::::",
        ]
    )


def _figure(one: Profile) -> list[str]:
    """The figure with its title and description; nothing without scores that may be told."""
    if not one.dimensions:
        return []
    title = headline(one)
    bands = one.labels.text("profiles.caption_bands") if any(row["band"] for row in one.dimensions) else ""
    caption = one.labels.text("profiles.caption", bands=bands)
    image = f"![**{as_markdown(title)}** {as_markdown(caption)}](../figures/{figure_name(one)}.svg)"
    alt = f"{as_markdown(title)} {as_markdown(_alt(one))}"
    return [f'{image}{{fig-alt="{alt}"}}', f"{{{{< made {figure_name(one)} >}}}}"]


def _everybody(one: Profile) -> float:
    frame = one.store.table("csi_overall")
    return float(frame.loc[frame["measure"] == "csi", "estimate"].iloc[0])


def _alt(one: Profile) -> str:
    """Every score with that of all, for who can't see the figure."""
    told = [
        one.labels.text(
            "profiles.alt",
            name=construct_inside(row["construct"], one.labels),
            score=formats.number(row["score"]),
            all=formats.number(row["everybody"]),
        )
        for row in one.dimensions
    ]
    return formats.semicolons(told, one.labels.lang)


def figure_name(one: Profile) -> str:
    """Name of the figure of a profile."""
    return f"profile_{one.place}"
