"""The codebook of the public-use file, and the account of what was done so that nobody is found in it, as pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.outgoing.wording import said
from analysis.publish.words import formats

if TYPE_CHECKING:
    from analysis.edition import Edition
    from analysis.outgoing.public_file import LeftOut, PublicFile
    from analysis.outgoing.variables import Value, Variable

FOLDER = Path(__file__).parent
MOST = 5
"""Shares, and means, whose changes are shown."""


@dataclass(frozen=True)
class Tally:
    """One value of a variable: how many interviews have it, and its weighted share of the answers (no answer: None)."""

    value: Value
    count: int
    share: float | None


@dataclass(frozen=True)
class Summary:
    """A variable with what the file holds of it: its values, and weighted mean, lowest and highest of a number."""

    variable: Variable
    tallies: tuple[Tally, ...]
    answered: int
    mean: float | None = None
    lowest: float | None = None
    highest: float | None = None


def summaries(made: PublicFile) -> tuple[Summary, ...]:
    """Every variable of the file, counted from the file itself: what a reader of the file could count."""
    weights = made.numbers["weight"].to_numpy(dtype=float)
    return tuple(_summary(variable, made, weights) for variable in made.variables)


def _summary(variable: Variable, made: PublicFile, weights: Any) -> Summary:
    values = made.numbers[variable.name]
    if variable.kind == "text":
        return Summary(variable, (), int((values != "").sum()))
    numbers = values.to_numpy(dtype=float)
    given = np.isfinite(numbers) & ~np.isin(numbers, [value.code for value in variable.missing])
    total = weights[given].sum()
    tallies = [
        Tally(
            value,
            int((numbers == value.code).sum()),
            float(weights[numbers == value.code].sum() / total) if total else None,
        )
        for value in variable.answers
    ]
    blank = [Tally(value, int((numbers == value.code).sum()), None) for value in variable.missing]
    known = numbers[given]
    scaled = variable.kind == "rating" and len(known)
    return Summary(
        variable,
        (*tallies, *(tally for tally in blank if tally.count)),
        int(given.sum()),
        mean=float(known @ weights[given] / total) if scaled and total else None,
        lowest=float(known.min()) if len(known) else None,
        highest=float(known.max()) if len(known) else None,
    )


def codebook_page(made: PublicFile, found: tuple[Summary, ...], edition: Edition, lang: str) -> str:
    """The codebook as one HTML page that loads nothing."""
    return _page("codebook.html", edition, lang, rows=[_row(one, edition, lang) for one in found], made=made)


def report_page(made: PublicFile, edition: Edition, lang: str, *, sav: list[str]) -> str:
    """What was left out, withheld and averaged, how safe the file is and what that costs, as one HTML page."""
    return _page(
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
    rows = len(made.frame)
    yield said("release.rows", lang, rows=formats.count(rows))
    if safety.keys:
        names = _names(safety.keys, edition, lang)
        yield said(
            "release.alike",
            lang,
            k=safety.k,
            smallest=safety.smallest,
            classes=formats.count(safety.classes),
            names=names,
        )
    else:
        yield said("release.no_keys", lang)
    if safety.touched:
        share = formats.percent(safety.touched / rows)
        yield said(
            "release.withheld",
            lang,
            count=formats.count(sum(safety.withheld.values())),
            rows=formats.count(safety.touched),
            share=share,
        )
    elif safety.keys:
        yield said("release.nothing_withheld", lang)
    if safety.others:
        yield said("release.others", lang, names=_names(safety.others, edition, lang))
    if safety.averaged:
        yield said("release.averaged", lang, rows=formats.count(safety.averaged))
    else:
        yield said("release.exact", lang)
    if safety.averaged < rows and safety.own_weights:
        yield said("release.own_weights", lang)
    if safety.keys:
        alike = {"fewest": safety.fewest, "share": formats.percent(safety.alike)}
        yield said("release.diverse" if safety.fewest > 1 else "release.all_alike", lang, **alike)
    if rules.open_text == "masked" and edition.instrument.open:
        yield said("release.masked", lang)
    yield said("release.design" if rules.design else "release.no_design", lang)
    yield said("release.order", lang)
    if edition.simulated:
        yield said("release.simulated", lang)


def _left(made: PublicFile, edition: Edition, lang: str) -> list[tuple[str, str]]:
    return [(_name(one.key, edition, lang), _why(one, made, lang)) for one in made.safety.left_out]


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
            name = _name(str(key), edition, lang)
            if kind == "share":
                label = edition.instrument.question(str(key)).label(str(answer), lang)
                yield f"{name} · {label}", formats.percent(float(before), 2), formats.percent(float(after), 2)
            else:
                yield name, formats.number(float(before), 3), formats.number(float(after), 3)


def _names(keys: Sequence[str], edition: Edition, lang: str) -> str:
    """Questions by their names, as they stand inside a sentence."""
    names = [_name(key, edition, lang) for key in keys]
    inside = [name if lang == "zh" or name[:2].isupper() else name[:1].lower() + name[1:] for name in names]
    return formats.listed(inside, lang)


def _name(key: str, edition: Edition, lang: str) -> str:
    """A column as a reader knows it: the name of its question, or what the words call it."""
    instrument = edition.instrument
    if key in instrument.profile_keys:
        return instrument.question(key).name[lang]
    items = {item.key: item[lang] for construct in instrument.constructs for item in construct.items}
    items |= {question.key: question.name[lang] for question in instrument.multiple}
    items |= {question.key: getattr(question, lang) for question in instrument.open}
    if instrument.attention:
        items[instrument.attention.key] = getattr(instrument.attention, lang)
    known = {
        name: said(f"column.{name}", lang) for name in ("respondent_id", "customer_id", "submitted_at", "duration_s")
    }
    return {**known, **items}.get(key, key)


def _row(one: Summary, edition: Edition, lang: str) -> dict[str, Any]:
    """One variable as the template shows it."""
    variable = one.variable
    numbers = []
    if one.mean is not None:
        numbers.append(said("codebook.mean", lang, value=formats.number(one.mean, 2)))
    if not one.tallies and one.lowest is not None and one.highest is not None:
        decimals = 0 if variable.whole else 3
        low, high = formats.number(one.lowest, decimals), formats.number(one.highest, decimals)
        numbers.append(said("codebook.range", lang, low=low, high=high))
    route = [
        said(
            "codebook.route",
            lang,
            question=_name(key, edition, lang),
            answers=formats.listed([edition.instrument.question(key).label(code, lang) for code in codes], lang),
        )
        for key, codes in variable.route.items()
    ]
    return {
        "name": variable.name,
        "label": variable.label[lang],
        "question": variable.question[lang] if variable.question and variable.question != variable.label else "",
        "measure": said(f"codebook.{variable.measure}", lang),
        "route": route,
        "turned": said("codebook.turned", lang) if variable.turned is not None else "",
        "answered": formats.count(one.answered),
        "numbers": numbers,
        "tallies": [
            (
                tally.value.code,
                tally.value.text[lang],
                formats.count(tally.count),
                "" if tally.share is None else formats.percent(tally.share),
            )
            for tally in one.tallies
        ],
    }


def _page(name: str, edition: Edition, lang: str, **values: Any) -> str:
    import jinja2

    from analysis.publish.book.languages import LANGUAGES

    loader = jinja2.FileSystemLoader(FOLDER)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )

    def word(key: str, **filled: object) -> str:
        return said(key, lang, **filled)

    publication = edition.publication
    shown = {
        "title": publication.title[lang],
        "subtitle": publication.subtitle[lang],
        "institute": publication.institute[lang],
    }
    return (
        environment.get_template(name).render(
            tag=LANGUAGES[lang].tag,
            word=word,
            date=formats.date(publication.date, lang),
            edition=edition,
            lang=lang,
            **shown,
            **values,
        )
        + "\n"
    )
