"""The account of a public-use file: what was left out, withheld and averaged, how safe it is, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.outgoing.background import with_joined
from analysis.outgoing.pages import name_of, names_of, page
from analysis.outgoing.wording import said
from analysis.publish.words import formats

if TYPE_CHECKING:
    from analysis.edition import Edition
    from analysis.outgoing.background import LeftOut
    from analysis.outgoing.public_file import PublicFile, Safety

MOST = 5
"""Shares, and means, whose changes are shown."""


def report_page(made: PublicFile, edition: Edition, lang: str, *, sav: list[str]) -> str:
    """The account as one HTML page; sav: names of the SPSS files."""
    return page(
        "report.html",
        edition,
        lang,
        made=made,
        sentences=list(sentences(made, edition, lang)),
        sav=formats.listed(sav, lang),
        left=_left(made, edition, lang),
        rows=list(_costs(made, edition, lang)),
    )


def sentences(made: PublicFile, edition: Edition, lang: str) -> Iterator[str]:
    """What a reader of the file must know, sentence by sentence."""
    safety, rules = made.safety, edition.data_release
    yield said("release.rows", lang, rows=formats.count(len(made.frame)))
    yield from _about_answers(safety, len(made.frame), edition, lang)
    yield from _about_weights(made, lang)
    if safety.keys:
        alike = {"fewest": safety.fewest, "share": formats.percent(safety.alike)}
        yield said("release.diverse" if safety.fewest > 1 else "release.all_alike", lang, **alike)
    if rules.open_text == "masked" and edition.instrument.open:
        yield said("release.masked", lang)
    if edition.weighting.stratum or edition.weighting.psu:
        yield said("release.design" if rules.design else "release.no_design", lang)
    yield said("release.order", lang)
    if edition.simulated:
        yield said("release.simulated", lang)


def _about_answers(safety: Safety, rows: int, edition: Edition, lang: str) -> Iterator[str]:
    """How many are alike in what others may know, and what was withheld for it."""
    if not safety.keys:
        yield said("release.no_keys", lang)
    else:
        counts = {"k": safety.k, "smallest": safety.smallest, "classes": formats.count(safety.classes)}
        yield said("release.alike", lang, names=names_of(safety.keys, edition, lang), **counts)
    yield from _about_joined(safety, edition, lang)
    if safety.touched:
        count, share = formats.count(sum(safety.withheld.values())), formats.percent(safety.touched / rows)
        yield said("release.withheld", lang, count=count, rows=formats.count(safety.touched), share=share)
        if safety.unpublished:
            yield said("release.unpublished", lang, rows=formats.count(safety.unpublished))
        if safety.routed:
            yield said("release.routed", lang, count=formats.count(safety.routed))
    elif safety.keys:
        yield said("release.nothing_withheld", lang)
    if safety.others:
        yield said("release.others", lang, names=names_of(safety.others, edition, lang))


def _about_joined(safety: Safety, edition: Edition, lang: str) -> Iterator[str]:
    """Which answers stand as one."""
    for key, classes in safety.joined.items():
        question = with_joined(edition, safety.joined).instrument.question(key)
        told = [question.label("|".join(own), lang) for own in classes if len(own) > 1]
        yield said("release.joined", lang, name=names_of([key], edition, lang), answers=formats.listed(told, lang))


def _about_weights(made: PublicFile, lang: str) -> Iterator[str]:
    safety = made.safety
    if safety.averaged:
        yield said("release.averaged", lang, rows=formats.count(safety.averaged))
    else:
        yield said("release.exact" if made.weighted else "release.unweighted", lang)
    if safety.averaged < len(made.frame) and safety.own_weights:
        yield said("release.own_weights", lang)


def _left(made: PublicFile, edition: Edition, lang: str) -> list[tuple[str, str]]:
    return [(name_of(one.key, edition, lang), _why(one, made, lang)) for one in made.safety.left_out]


def _why(one: LeftOut, made: PublicFile, lang: str) -> str:
    return said(f"release.why.{one.reason}", lang, share=formats.percent(one.share), k=made.safety.k)


def _costs(made: PublicFile, edition: Edition, lang: str) -> Iterator[tuple[str, str, str]]:
    """The largest changes that withholding and averaging made, of shares and of means."""
    changes = made.changes.assign(change=(made.changes["after"] - made.changes["before"]).abs())
    for kind, rows in (("share", changes[changes["answer"] != ""]), ("mean", changes[changes["answer"] == ""])):
        most = rows.sort_values("change", ascending=False, kind="stable").head(MOST)
        for key, answer, before, after in zip(
            *(most[column] for column in ("key", "answer", "before", "after")), strict=True
        ):
            name = name_of(str(key), edition, lang)
            if kind == "share":
                label = edition.instrument.question(str(key)).label(str(answer), lang)
                yield f"{name} · {label}", formats.percent(float(before), 2), formats.percent(float(after), 2)
            else:
                yield name, formats.number(float(before), 3), formats.number(float(after), 3)
