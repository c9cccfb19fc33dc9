"""Everything that one edition puts into the book of one language, gathered from its parts."""

from __future__ import annotations

import platform
import re
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.publish.book.explorer.files import Explorer
from analysis.publish.book.explorer.page import explorer
from analysis.publish.book.formats import DEFAULT_FORMATS
from analysis.publish.book.made import DATA, Made
from analysis.publish.book.slides import Told, slides
from analysis.publish.book.sources import marked, rests_of_tables, sourced, sources_text
from analysis.publish.book.stage import BookContent
from analysis.publish.figures.pictures import phone_name
from analysis.publish.figures.redrawing import NotedTables
from analysis.publish.front.choice import chosen
from analysis.publish.front.fallback import filled
from analysis.publish.front.page import pages, standing
from analysis.publish.part import Candidate
from analysis.publish.parts import all_parts
from analysis.publish.remembered import remembered
from analysis.publish.tables.markdown import markdown
from analysis.publish.words import formats
from analysis.publish.words.escape import as_file_name, as_markdown, plain
from analysis.publish.words.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from analysis.edition import Edition
    from analysis.publish.book.conditions import Telling
    from analysis.publish.tables.printed import Printed
    from analysis.results import Store

NOTE = re.compile(r"^\{\{< made (?P<name>\w+) >\}\}$", re.MULTILINE)
"""A line in a text of a part, below a figure of its own, where the note on its making goes."""
WORKBOOK = "tables.xlsx"
"""The workbook, which goes out with every book."""
POINTS = "points_"
"""What the name of the text with the key points of a chapter begins with."""
FRONT = ("front_first", "front_second")
"""Names of the texts of the front page."""
CHAPTERS = ("overview", "standards", "measures", "feedback", "training", "monitoring", "experience", "outlook")
"""Those that lead with key points, by the names of their files."""


def book_content(
    edition: Edition,
    store: Store,
    lang: str,
    *,
    printed: Mapping[str, Printed],
    renderer: str,
    languages: tuple[str, ...] | None = None,
    formats: tuple[str, ...] = DEFAULT_FORMATS,
) -> BookContent:
    """Compose variables, flags, tables and figures of `lang`; raises ResultsError when a step has not run.

    printed: the tables in this language, by name. languages: those published together (None: the edition's).
    """
    labels = Labels(edition, lang)
    said = [remembered(f"{part.step}.said", edition, store, lang, part.said) for part in all_parts()]
    told = _gathered(said, "told")
    attached, workbook = _notebooks(edition, store, lang), store.root / "tables" / WORKBOOK
    leading = filled(chosen(_offered(said)), said, labels)
    made = Made(store.published_names(), attached)
    rests = remembered("rests", edition, store, lang, rests_of_tables)
    texts = {
        **pages(remembered("front", edition, store, lang, standing), leading, labels),
        **_lists(labels, attached, renderer, formats, workbook=workbook.exists()),
        **_key_points(said, labels),
        "sources": sources_text(said, told, rests, made, store, labels),
    }
    publication, published = edition.publication, edition.languages if languages is None else languages
    figures = _figures(store, labels)
    return BookContent(
        lang=lang,
        title=plain(publication.title[lang]),
        subtitle=plain(publication.subtitle[lang]),
        author=plain(publication.institute[lang]),
        date=publication.date.isoformat(),
        file_name=f"finsat-{as_file_name(edition.name)}-{lang}",
        notice=labels.text("text.simulated") if edition.simulated else None,
        variables=_variables(said, renderer) | {"findings": _sentences(told, labels)},
        flags=_flags(store, said, told) | _told(texts) | {"edition.bilingual": len(published) > 1},
        sourced=sourced(said),
        tables=_tables(labels, printed, made) | texts | _noted(_gathered(said, "texts"), store, made, labels),
        figures=figures | _for_phones(store, lang, figures),
        captions=_captions(said, _captioned(figures), made, labels),
        attachments=_attachments(store, lang, attached, figures) | ({WORKBOOK: workbook} if workbook.exists() else {}),
        languages=published,
        telling=_telling(edition),
        leave_out=edition.publication.leave_out,
        leading="tabulation" if edition.interviewed and not edition.indexed else "",
        explorer=_explorer(edition, store, lang),
        formats=formats,
        slides=slides(_spoken(lang, told, leading, _drawn(figures), printed, _gathered(said, "headlines")))
        if "pptx" in formats
        else "",
    )


def _lists(
    labels: Labels, attached: Mapping[str, Path], renderer: str, formats: Iterable[str], *, workbook: bool
) -> dict[str, str]:
    """What the edition was made with, and what goes out with it."""
    return {
        "colophon": _colophon(labels, renderer),
        "notebooks": _links(labels, attached),
        "downloads": _downloads(labels, formats, workbook=workbook),
    }


def _told(texts: Mapping[str, str]) -> dict[str, bool]:
    """Which pages of the front there are, and which chapters lead with key points."""
    names = [*FRONT, *(f"{POINTS}{chapter}" for chapter in CHAPTERS)]
    return {f"told.{name}": bool(texts.get(name)) for name in names}


def _telling(edition: Edition) -> Telling:
    """What the chapters tell beside results."""
    if not edition.indexed:
        return "records"
    return "everything" if edition.tells_gaps else "results"


def _explorer(edition: Edition, store: Store, lang: str) -> Explorer | None:
    made = remembered("explorer", edition, store, lang, lambda noted, labels: explorer(labels, noted))
    return Explorer(**made) if made else None


def _gathered(said: Iterable[Mapping[str, Any]], kind: str) -> dict[str, str]:
    """One kind of what the parts say, by name."""
    return {name: text for one in said for name, text in one[kind].items()}


def _sentences(told: Mapping[str, str], labels: Labels) -> dict[str, str]:
    """Every finding as chapters quote it, with its source; nothing for those that the edition is silent on."""
    silent = {finding.key: "" for part in all_parts() for finding in part.findings}
    return silent | {key: marked(key, as_markdown(text), labels) for key, text in told.items()}


def _variables(said: Iterable[Mapping[str, Any]], renderer: str) -> dict[str, Any]:
    groups: dict[str, dict[str, str]] = {}
    for one in said:
        for group, values in one["variables"].items():
            groups.setdefault(group, {}).update({name: as_markdown(value) for name, value in values.items()})
    groups.setdefault("run", {})["renderer"] = as_markdown(renderer)
    return dict(groups)


def _flags(store: Store, said: Iterable[Mapping[str, Any]], told: Mapping[str, str]) -> dict[str, bool]:
    """Conditions of chapters: what is there of every table, figure and finding, and what the parts say besides."""
    flags: dict[str, bool] = {}
    tables = NotedTables(store)
    for part in all_parts():
        flags |= {f"has.{spec.name}": spec.name in tables for spec in part.tables}
        flags |= {f"drawn.{figure.name}": figure.is_drawn(tables) for figure in part.figures}
        flags |= {f"told.{finding.key}": finding.key in told for finding in part.findings}
    for one in said:
        flags |= one["flags"]
    return flags


def _tables(labels: Labels, printed: Mapping[str, Printed], made: Made) -> dict[str, str]:
    shown = {name: table for name, table in printed.items() if table.spec.in_book}
    return {name: markdown(table, labels, made=made.of_table(name, labels)) for name, table in shown.items()}


def _attachments(store: Store, lang: str, pages: Mapping[str, Path], figures: Iterable[str]) -> dict[str, Path]:
    """What goes out beside the pages: notebooks, tables as csv, figures as PNG."""
    tables = {f"{DATA}/{name}.csv": store.root / "tables" / f"{name}.csv" for name in store.published_names()}
    pictures = {f"figures/{name}.png": store.picture(name, lang) for name in figures}
    found = {f"notebooks/{step}.html": path for step, path in pages.items()} | tables | pictures
    return {name: path for name, path in found.items() if path.exists()}


def _figures(store: Store, labels: Labels) -> dict[str, Path]:
    figures = (figure for part in all_parts() for figure in (*part.figures, *part.each(store, labels)))
    paths = {figure.name: store.figure(figure.name, labels.lang) for figure in figures}
    return {name: path for name, path in paths.items() if path.exists()}


def _for_phones(store: Store, lang: str, figures: Iterable[str]) -> dict[str, Path]:
    paths = {phone_name(name): store.figure(phone_name(name), lang) for name in figures}
    return {name: path for name, path in paths.items() if path.exists()}


def _captions(said: Sequence[Mapping[str, Any]], figures: Iterable[str], made: Made, labels: Labels) -> dict[str, str]:
    """Each figure as a chapter shows it, with the note below it."""
    headlines, lines = (_gathered(said, kind) for kind in ("headlines", "source_lines"))
    return {
        name: f"{_figure_block(name, headlines.get(name, ''), labels)}\n\n"
        f"{made.of_figure(name, lines.get(name, ''), labels)}"
        for name in figures
    }


def _captioned(figures: Iterable[str]) -> list[str]:
    """Those that chapters name; the others have their caption where the text of their part shows them."""
    own = {figure.name for part in all_parts() for figure in part.figures}
    return [name for name in figures if name in own]


def _figure_block(name: str, headline: str, labels: Labels) -> str:
    """A figure as a chapter shows it: its title is what it shows, and so does its description begin."""
    subtitle, stop = as_markdown(labels.text(f"captions.{name}")), "。" if labels.lang == "zh" else "."
    caption = f"**{as_markdown(headline)}** [{subtitle}]{{.subtitle}}" if headline else subtitle
    sentences = [f"{one}{stop}" for one in (headline, labels.text(f"alts.{name}")) if one]
    alt = as_markdown(formats.joined(sentences, labels.lang))
    return f'![{caption}](figures/{name}.svg){{#fig-{name.replace("_", "-")} fig-alt="{alt}"}}'


def _noted(texts: Mapping[str, str], store: Store, made: Made, labels: Labels) -> dict[str, str]:
    """Texts of the parts with a note below each figure of theirs."""
    figures = {one.name: one for part in all_parts() for one in part.each(store, labels)}

    def note(line: re.Match[str]) -> str:
        one = figures[line["name"]]
        return made.below(one, one.base.line(store, labels) if one.base else "", labels, up="../", classes=" .stays")

    return {name: NOTE.sub(note, text) for name, text in texts.items()}


def _key_points(said: Iterable[Mapping[str, Any]], labels: Labels) -> dict[str, str]:
    """The key points of each chapter that has any, in their order, as the text that the chapter includes."""
    points = [point for one in said for point in one["points"]]
    told: dict[str, list[str]] = {}
    for chapter, _, text in sorted(points, key=lambda point: point[1]):
        told.setdefault(f"{POINTS}{chapter}", []).append(f"- {as_markdown(text)}")
    head = f"**{labels.text('text.key_points')}**"
    return {name: "\n".join([head, "", *lines, ""]) for name, lines in told.items()}


def _drawn(figures: Mapping[str, Path]) -> dict[str, tuple[str, ...]]:
    """The tables that each figure which there is was drawn from."""
    return {one.name: one.tables for part in all_parts() for one in part.figures if one.name in figures}


def _offered(said: Iterable[Mapping[str, Any]]) -> list[Candidate]:
    return [Candidate(**one) for part in said for one in part["offered"]]


def _spoken(
    lang: str,
    told: Mapping[str, str],
    leading: Sequence[Candidate],
    drawn: Mapping[str, tuple[str, ...]],
    printed: Mapping[str, Printed],
    headlines: Mapping[str, str],
) -> Told:
    """What the slides tell: the findings of the front page first."""
    summary = [(one.lead, one.sentence) for one in leading]
    bases = [one.basis for one in leading]
    return Told(lang, told, summary, drawn, printed, bases=bases, headlines=headlines)


def _colophon(labels: Labels, renderer: str) -> str:
    edition = labels.edition
    versions = {name: version(name) for name in ("pandas", "semopy", "statsmodels")}
    values: dict[str, Any] = {
        "seed": edition.seed,
        "name": edition.name,
        "instrument": edition.instrument.name[labels.lang],
        "python": platform.python_version(),
        "renderer": renderer,
        "min_base": edition.disclosure.min_base,
        **versions,
    }
    written = {key: as_markdown(str(value)) for key, value in values.items()}
    source = "data_simulated" if edition.simulated else "data_files"
    kind = "" if edition.interviewed else "_of_records"
    keys = (source, f"params{kind}", "software", "renderer", f"disclosure{kind}")
    return "\n".join(f"- {labels.text(f'colophon.{key}', **written)}" for key in keys) + "\n"


def _notebooks(edition: Edition, store: Store, lang: str) -> dict[str, Path]:
    """The copies of the notebooks that may go out, by step; where gaps are not told, of steps that found something."""
    steps = [part.step for part in all_parts() if edition.tells_gaps or store.has_tables(part.step)]
    paths = {step: store.notebook_copy(step, lang) for step in steps}
    return {step: path for step, path in paths.items() if path.exists()}


def _downloads(labels: Labels, formats: Iterable[str], *, workbook: bool) -> str:
    """Links to the files that go out with the pages."""
    name = f"finsat-{as_file_name(labels.edition.name)}-{labels.lang}"
    files = {"tables": WORKBOOK} if workbook else {}
    files |= {"pdf": f"{name}.pdf", "technical": f"{name}-technical.pdf"} if "pdf" in formats else {}
    files |= {ending: f"{name}.{ending}" for ending in ("docx", "pptx") if ending in formats}
    lines = [f"- [{labels.text(f'text.files.{kind}')}](../{file})" for kind, file in files.items()]
    return "\n".join([*lines, f"- {as_markdown(labels.text('text.files.others'))}"]) + "\n"


def _links(labels: Labels, attached: Mapping[str, Path]) -> str:
    if not attached:
        return labels.text("text.no_notebooks") + "\n"
    named = {step: labels.text("text.notebook", step=step, title=labels.text(f"steps.{step}")) for step in attached}
    lines = [f"- [{as_markdown(name)}](../notebooks/{step}.html)" for step, name in named.items()]
    return "\n".join(lines) + "\n"
