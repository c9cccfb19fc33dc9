"""Everything that one edition puts into the book of one language."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.publish.book.stage import BookContent
from analysis.publish.edition_tables import edition_tables
from analysis.publish.figures import FIGURES
from analysis.publish.findings import levels
from analysis.publish.labels import Labels
from analysis.publish.specs import EDITION, STEPS, TABLES
from analysis.publish.tables import markdown
from analysis.publish.variables import book_flags, book_variables

if TYPE_CHECKING:
    import pandas as pd

    from analysis.edition import Edition
    from analysis.results import Store

SUMMARY = ("overall", "dimensions", "segments", "levels", "effects", "trend", "benchmarks", "cleaning")
"""Findings of the executive summary, in reading order; those that an edition lacks are left out."""


def published_tables(edition: Edition, store: Store) -> dict[str, pd.DataFrame]:
    """Every table of the edition by name, those of the steps and those of the params."""
    made = {name: store.table(name) for name in TABLES if store.has_table(name)}
    return made | edition_tables(edition, store)


def book_content(edition: Edition, store: Store, lang: str, *, renderer: str) -> BookContent:
    """Compose variables, flags, tables and figures of `lang`; raises ResultsError when a step has not run."""
    labels = Labels(edition, lang)
    tables = published_tables(edition, store)
    flags = book_flags(labels, store, tables)
    variables = book_variables(labels, store, tables, flags, renderer=renderer)
    publication = edition.publication
    notebooks = {step: store.root / "notebooks" / "html" / f"{step}.html" for step in STEPS}
    attached = {step: path for step, path in notebooks.items() if path.exists()}
    key_findings = dict(variables["findings"])
    if flags["has.outcomes"]:
        key_findings["levels"] = levels(store, labels, detail=False)
    texts = {
        "summary": _summary(labels, key_findings),
        "colophon": _colophon(labels, renderer),
        "notebooks": _notebooks(labels, attached),
    }
    return BookContent(
        lang=lang,
        title=publication.title[lang],
        subtitle=publication.subtitle[lang],
        author=publication.institute[lang],
        date=publication.date.isoformat(),
        file_name=f"finsat-{edition.name}-{lang}",
        notice=labels.text("text.simulated") if edition.simulated else None,
        variables=variables,
        flags=flags,
        tables={name: markdown(TABLES[name], frame, labels) for name, frame in tables.items()} | texts,
        figures=_figures(labels, store, tables),
        attachments={f"notebooks/{step}.html": path for step, path in attached.items()},
        languages=edition.languages,
    )


def _figures(labels: Labels, store: Store, tables: dict[str, pd.DataFrame]) -> dict[str, Path]:
    """Figures that the steps saved, and those of the params, drawn now."""
    for spec in FIGURES.values():
        if spec.step == EDITION and all(name in tables for name in spec.tables):
            store.save_figure(spec.name, labels.lang, spec.svg(tables, labels))
    folder = store.root / "figures" / labels.lang
    return {name: folder / f"{name}.svg" for name in FIGURES if (folder / f"{name}.svg").exists()}


def _summary(labels: Labels, findings: dict[str, str]) -> str:
    stop = "：" if labels.lang == "zh" else ": "
    bullets = [f"- **{labels.text(f'lead.{key}')}**{stop}{findings[key]}" for key in SUMMARY if key in findings]
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
    source = "data_simulated" if edition.simulated else "data_files"
    keys = (source, "params", "software", "renderer", "disclosure")
    return "\n".join(f"- {labels.text(f'colophon.{key}', **values)}" for key in keys) + "\n"


def _notebooks(labels: Labels, attached: dict[str, Path]) -> str:
    if not attached:
        return labels.text("text.no_notebooks") + "\n"
    lines = [
        f"- [{labels.text('text.notebook', step=step, title=labels.text(f'steps.{step}'))}](../notebooks/{step}.html)"
        for step in attached
    ]
    return "\n".join(lines) + "\n"
