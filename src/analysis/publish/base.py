"""Whence a figure comes: the source of its data with the year, how many it rests on, and whether they are weighted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.publish.words import formats

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store

WEIGHTED = frozenset({"survey", "both_surveys", "survey_and_log", "survey_and_tests"})
"""Sources whose answers carry weights."""


@dataclass(frozen=True)
class Base:
    """The source of a figure: `kind` names it among the words (`sources.kinds`), `count` tells what it rests on.

    before: what that of the last edition rests on, where the figure shows both.
    """

    kind: str
    count: Callable[[Store], float | None] = lambda store: None  # noqa: ARG005
    before: Callable[[Store], float | None] | None = None

    def line(self, store: Store, labels: Labels) -> str:
        """Source, base and weighting in a line; no base where there is none, or where it would be withheld."""
        stop = "；" if labels.lang == "zh" else "; "
        parts = [labels.text(f"sources.kinds.{self.kind}", year=labels.edition.publication.year)]
        counted = {"n": self.count(store)} | ({"before": self.before(store)} if self.before else {})
        told = {name: formats.count(n) for name, n in counted.items() if _enough(n, labels)}
        if len(told) == len(counted):
            parts.append(labels.text(f"sources.bases.{self.kind}", **told))
        if self.kind in WEIGHTED:
            parts.append(labels.text(f"sources.{'weighted' if is_weighted(store) else 'unweighted'}"))
        return labels.text("sources.line", parts=stop.join(parts))


def _enough(n: float | None, labels: Labels) -> bool:
    return n is not None and not formats.is_missing(n) and n >= labels.edition.disclosure.min_base


def both_editions(table: str) -> Base:
    """The bases of a table that holds this edition against the last, each of the row in which most answered."""
    now, before = (largest("both_surveys", table, column).count for column in ("n_after", "n_before"))
    return Base("both_surveys", now, before)


def largest(kind: str, table: str, column: str = "n") -> Base:
    """The base of a table in which one row rests on all."""
    return Base(kind, lambda store: store.table(table)[column].max() if store.has_table(table) else None)


def total(kind: str, table: str, column: str = "n") -> Base:
    """The base of a table whose rows add up to all; none where one of them is withheld."""

    def counted(store: Store) -> float | None:
        return float(store.table(table)[column].sum(skipna=False)) if store.has_table(table) else None

    return Base(kind, counted)


def is_weighted(store: Store) -> bool:
    """Whether estimates of the survey rest on weights that are not all equal."""
    record = store.record("04_weighting", "weighting")
    return bool(record["available"] or record.get("nonresponse")) or record["base_source"] != "equal"
