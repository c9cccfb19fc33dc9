"""Publishes what one step computed: suppressed tables as csv, figures in every language, a view for the notebook."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.edition import Edition
from analysis.errors import ResultsError, did_you_mean
from analysis.publish.columns import TableSpec
from analysis.publish.disclosure.tables import suppress
from analysis.publish.figures import figures_of
from analysis.publish.labels import Labels
from analysis.publish.specs import STEPS, TABLES
from analysis.publish.tables import html_table
from analysis.results import Store

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Published:
    """What a step published: its tables as they went out, and its figures in the first language of the edition."""

    step: str
    tables: Mapping[str, pd.DataFrame]
    figures: Mapping[str, str]
    labels: Labels

    def _repr_html_(self) -> str:
        tables = [html_table(TABLES[name], frame, self.labels) for name, frame in self.tables.items()]
        images = [
            f'<p><img alt="{name}" style="max-width:100%" src="data:image/svg+xml;base64,{_base64(svg)}"></p>'
            for name, svg in self.figures.items()
        ]
        return "".join([*tables, *images])


def publish_step(step: str, tables: Mapping[str, pd.DataFrame], *, edition: Edition, store: Store) -> Published:
    """Publish the tables of `step` and every figure that can be drawn from them.

    What the step published before is removed first, so that a table which is no longer made does not linger.
    Estimates on fewer than `disclosure.min_base` interviews are blanked before anything is written or drawn.
    Raises ResultsError for an unknown step or table, or for a table that lacks columns.
    """
    specs = _specs(step, tables)
    published = {name: published_table(spec, tables[name], edition) for name, spec in specs.items()}
    drawn = draw_figures(step, published, edition=edition)
    _clear(step, edition, store)
    for name, frame in published.items():
        store.save_table(name, frame)
    for lang, figures in drawn.items():
        for name, svg in figures.items():
            store.save_figure(name, lang, svg)
    first = edition.languages[0]
    return Published(step=step, tables=published, figures=drawn[first], labels=Labels(edition, first))


def published_table(spec: TableSpec, frame: pd.DataFrame, edition: Edition) -> pd.DataFrame:
    """The table as it may go out; raises ResultsError when it lacks columns of its spec."""
    absent = [source for source in spec.sources if source not in frame]
    if absent:
        raise ResultsError(
            f"The table {spec.name!r} lacks columns.",
            where=spec.step,
            expected=", ".join(spec.sources),
            got=f"no {', '.join(absent)}",
        )
    if spec.within is None:
        return frame
    return suppress(frame, min_base=edition.disclosure.min_base, within=spec.within, cross=spec.cross)


def draw_figures(step: str, tables: Mapping[str, pd.DataFrame], *, edition: Edition) -> dict[str, dict[str, str]]:
    """SVG text by language and name of every figure of `step` whose tables are there."""
    specs = [spec for spec in figures_of(step) if all(len(tables.get(name, ())) for name in spec.tables)]
    return {lang: {spec.name: spec.svg(tables, Labels(edition, lang)) for spec in specs} for lang in edition.languages}


def _specs(step: str, tables: Mapping[str, pd.DataFrame]) -> dict[str, TableSpec]:
    if step not in STEPS:
        raise ResultsError(f"There is no step {step!r}.", expected=", ".join(STEPS), hint=did_you_mean(step, STEPS))
    known = {name: spec for name, spec in TABLES.items() if spec.step == step}
    strange = [name for name in tables if name not in known]
    if strange:
        raise ResultsError(
            f"The step {step!r} publishes no table {strange[0]!r}.",
            expected=", ".join(known),
            hint=did_you_mean(strange[0], known),
        )
    return {name: known[name] for name in known if name in tables}


def _clear(step: str, edition: Edition, store: Store) -> None:
    for spec in TABLES.values():
        if spec.step == step:
            (store.root / "tables" / f"{spec.name}.csv").unlink(missing_ok=True)
    for figure in figures_of(step):
        for lang in edition.languages:
            (store.root / "figures" / lang / f"{figure.name}.svg").unlink(missing_ok=True)


def _base64(svg: str) -> str:
    return b64encode(svg.encode("utf-8")).decode("ascii")
