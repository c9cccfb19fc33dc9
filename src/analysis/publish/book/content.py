"""Everything that one edition puts into the book of one language, gathered from its parts."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.publish.book.stage import BookContent
from analysis.publish.parts import all_parts
from analysis.publish.tables.markdown import markdown
from analysis.publish.words.escape import as_file_name, as_markdown, plain
from analysis.publish.words.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from analysis.edition import Edition
    from analysis.publish.tables.printed import Printed
    from analysis.results import Store


def book_content(
    edition: Edition, store: Store, lang: str, *, printed: Mapping[str, Printed], renderer: str
) -> BookContent:
    """Compose variables, flags, tables and figures of `lang`; raises ResultsError when a step has not run.

    printed: the tables in this language, by name.
    """
    labels, tables = Labels(edition, lang), store.published()
    told = {key: text for part in all_parts() for key, text in part.told(store, labels, tables).items()}
    silent = {finding.key: "" for part in all_parts() for finding in part.findings}
    sentences = silent | {key: as_markdown(text) for key, text in told.items()}
    variables = _variables(store, labels, renderer) | {"findings": sentences}
    attached = _notebooks(store, lang)
    texts = {
        "summary": _summary(store, labels, told),
        "colophon": _colophon(labels, renderer),
        "notebooks": _links(labels, attached),
    }
    publication = edition.publication
    return BookContent(
        lang=lang,
        title=plain(publication.title[lang]),
        subtitle=plain(publication.subtitle[lang]),
        author=plain(publication.institute[lang]),
        date=publication.date.isoformat(),
        file_name=f"finsat-{as_file_name(edition.name)}-{lang}",
        notice=labels.text("text.simulated") if edition.simulated else None,
        variables=variables,
        flags=_flags(store, labels, tables, told),
        tables=_tables(labels, printed) | texts,
        figures=_figures(store, lang),
        attachments={f"notebooks/{step}.html": path for step, path in attached.items()},
        languages=edition.languages,
    )


def _variables(store: Store, labels: Labels, renderer: str) -> dict[str, Any]:
    groups: dict[str, dict[str, str]] = {}
    for part in all_parts():
        for group, values in part.variables(store, labels).items():
            groups.setdefault(group, {}).update({name: as_markdown(value) for name, value in values.items()})
    groups.setdefault("run", {})["renderer"] = as_markdown(renderer)
    return dict(groups)


def _flags(
    store: Store, labels: Labels, tables: Mapping[str, pd.DataFrame], told: Mapping[str, str]
) -> dict[str, bool]:
    """Conditions of chapters: what is there of every table, figure and finding, and what the parts say besides."""
    flags: dict[str, bool] = {}
    for part in all_parts():
        flags |= {f"has.{spec.name}": spec.name in tables for spec in part.tables}
        flags |= {f"drawn.{figure.name}": figure.is_drawn(tables) for figure in part.figures}
        flags |= {f"told.{finding.key}": finding.key in told for finding in part.findings}
        flags |= part.flags(store, labels)
    return flags


def _tables(labels: Labels, printed: Mapping[str, Printed]) -> dict[str, str]:
    return {name: markdown(table, labels) for name, table in printed.items() if table.spec.in_book}


def _figures(store: Store, lang: str) -> dict[str, Path]:
    paths = {figure.name: store.figure(figure.name, lang) for part in all_parts() for figure in part.figures}
    return {name: path for name, path in paths.items() if path.exists()}


def _summary(store: Store, labels: Labels, told: Mapping[str, str]) -> str:
    """The findings of the executive summary, in their order; those that an edition lacks are left out."""
    ranked = sorted(
        (finding for part in all_parts() for finding in part.findings if finding.summary and finding.key in told),
        key=lambda finding: finding.summary,
    )
    stop = "：" if labels.lang == "zh" else ": "
    said = [(one.key, one.brief(store, labels) if one.brief else told[one.key]) for one in ranked]
    bullets = [f"- **{as_markdown(labels.text(f'lead.{key}'))}**{stop}{as_markdown(text)}" for key, text in said]
    return "\n".join(bullets) + "\n"


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
    keys = (source, "params", "software", "renderer", "disclosure")
    return "\n".join(f"- {labels.text(f'colophon.{key}', **written)}" for key in keys) + "\n"


def _notebooks(store: Store, lang: str) -> dict[str, Path]:
    """The copies of the notebooks that may go out, by step."""
    paths = {part.step: store.notebook_copy(part.step, lang) for part in all_parts()}
    return {step: path for step, path in paths.items() if path.exists()}


def _links(labels: Labels, attached: Mapping[str, Path]) -> str:
    if not attached:
        return labels.text("text.no_notebooks") + "\n"
    named = {step: labels.text("text.notebook", step=step, title=labels.text(f"steps.{step}")) for step in attached}
    lines = [f"- [{as_markdown(name)}](../notebooks/{step}.html)" for step, name in named.items()]
    return "\n".join(lines) + "\n"
