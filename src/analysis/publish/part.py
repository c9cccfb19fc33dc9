"""A part of the report: what one step publishes, in one place, with all that its pages need to know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Drawing

    from analysis.edition import Edition
    from analysis.publish.base import Base
    from analysis.publish.tables.sheet import Sheet
    from analysis.publish.tables.spec import TableSpec, Values
    from analysis.publish.words.labels import Labels
    from analysis.results import Store

    Compose = Callable[[Store, Labels], Mapping[str, str]]
    LayOut = Callable[[Store, Sequence[Labels]], Iterator[Sheet]]
    Draw = Callable[[Mapping[str, pd.DataFrame], Labels], Drawing]
    Tell = Callable[[Store, Labels], str]
    Offer = Callable[[Store, Labels], "Iterable[Candidate]"]
    Several = Callable[[Store, Labels], "tuple[Figure, ...]"]


@dataclass(frozen=True)
class Figure:
    """One figure: the tables it is drawn from, all of them needed, and the function that draws it.

    `measure`: column of the first table without `least` values of which there is nothing to draw. `unless`: tables of
    which none is there, since another figure shows them. `headline`: what the figure shows, its title; the line below
    (`captions.<name>`: statistic, unit, of whom) and what is drawn (`alts.<name>`) stand among the words. `base`: the
    source of its data and how many they rest on.
    """

    name: str
    tables: tuple[str, ...]
    draw: Draw
    measure: str = ""
    least: int = 1
    unless: tuple[str, ...] = ()
    headline: Tell | None = None
    base: Base | None = None

    def is_drawn(self, tables: Mapping[str, pd.DataFrame]) -> bool:
        """Whether the tables that it needs are there, and its measure was not withheld throughout."""
        if not tables.keys() >= set(self.tables) or tables.keys() & set(self.unless):
            return False
        return not self.measure or int(tables[self.tables[0]][self.measure].notna().sum()) >= self.least

    def svg(self, tables: Mapping[str, pd.DataFrame], labels: Labels, *, phone: bool = False) -> str:
        """The figure in one language as SVG text, as a page or a phone shows it."""
        from analysis.publish.figures.style import figure_style, to_svg

        with figure_style(phone=phone):
            return to_svg(self.draw(tables, labels), f"{self.name}.phone" if phone else self.name)


@dataclass(frozen=True)
class KeyPoint:
    """A sentence at the head of a chapter: shorter than where the chapter tells it, and with its number.

    chapter: name of the chapter's file without its number. It is told when every table of `needs` is there and `tell`
    has something to say. order: place among the points of the chapter.
    """

    chapter: str
    tell: Tell
    needs: tuple[str, ...] = ()
    order: int = 0


@dataclass(frozen=True)
class Finding:
    """Sentences that a chapter quotes as {{< var findings.<key> >}}.

    They are told when every table of `needs` and, where there are any, one of `any_of` is there. `summary` is the
    place among the findings of the executive summary (0: not among them), `brief` what is said there instead. `leads`:
    comes first in the summary of a survey without an index.
    """

    key: str
    tell: Tell
    needs: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    summary: int = 0
    brief: Tell | None = None
    leads: bool = False

    def is_told(self, store: Store) -> bool:
        """Whether the tables that it needs are there."""
        return all(map(store.has_table, self.needs)) and (not self.any_of or any(map(store.has_table, self.any_of)))


@dataclass(frozen=True)
class Candidate:
    """A sentence that may stand among the findings of the front page, and how strong it is.

    theme: what it is about (`front.themes.<theme>`); the front tells each theme once. sentence: short, in words of its
    own. basis: intervals and bases of its numbers. section: where the report tells more. about: dimensions, groups and
    steps that it names. size: the difference in units of its own error. contrast, surprise, use, from 0 to 1: whether
    two things are set against each other, whether a reader would not have expected it, whether something can be done.
    lead: words before the sentence, where it does not speak for itself.
    """

    theme: str
    sentence: str
    basis: str
    section: str
    about: tuple[str, ...]
    size: float
    contrast: float = 0.0
    surprise: float = 0.0
    use: float = 0.0
    lead: str = ""


def _no_candidates(store: Store, labels: Labels) -> Iterable[Candidate]:  # noqa: ARG001
    return ()


def _no_figures(store: Store, labels: Labels) -> tuple[Figure, ...]:  # noqa: ARG001
    return ()


def _nothing(store: Store, labels: Labels) -> dict[str, dict[str, str]]:  # noqa: ARG001
    return {}


def _no_flags(store: Store, labels: Labels) -> dict[str, bool]:  # noqa: ARG001
    return {}


def _no_sheets(store: Store, languages: Sequence[Labels]) -> Iterator[Sheet]:  # noqa: ARG001
    return iter(())


def _no_texts(store: Store, labels: Labels) -> Mapping[str, str]:  # noqa: ARG001
    return {}


def _level_of_the_index(edition: Edition) -> float:
    return edition.index.confidence


def _no_values(labels: Labels) -> Values:  # noqa: ARG001
    return {}


@dataclass(frozen=True)
class Part:
    """What the report says on the subject of a step.

    step: the notebook, or "edition" for what comes from the params and the run; another step may compute one of the
    tables, where it has what that takes. tables, figures, findings: in the order
    of the report. points: what stands at the head of a chapter. confidence: level of its intervals.
    values: placeholders of headings and notes, beside `level`.
    variables: further numbers that prose quotes, by group and name. flags: conditions of chapters beside those that
    follow from what is there (has.<table>, drawn.<figure>, told.<finding>). texts: markdown of its own that chapters
    include by name. sheets: of the workbook, for tables that the part lays out itself. candidates: for the findings of
    the front page, each with its strength. each: figures of which there are as many as the results have groups; they
    stand in texts of the part.
    """

    step: str
    tables: tuple[TableSpec, ...] = ()
    figures: tuple[Figure, ...] = ()
    findings: tuple[Finding, ...] = ()
    points: tuple[KeyPoint, ...] = ()
    confidence: Callable[[Edition], float] = _level_of_the_index
    values: Callable[[Labels], Values] = _no_values
    variables: Callable[[Store, Labels], Mapping[str, Mapping[str, str]]] = _nothing
    flags: Callable[[Store, Labels], Mapping[str, bool]] = _no_flags
    texts: Compose = _no_texts
    sheets: LayOut = _no_sheets
    candidates: Offer = _no_candidates
    each: Several = _no_figures

    def drawn(self, tables: Mapping[str, pd.DataFrame], labels: Labels) -> dict[str, str]:
        """SVG text by name of every figure whose tables are there."""
        return {figure.name: figure.svg(tables, labels) for figure in self.figures if figure.is_drawn(tables)}

    def told(self, store: Store, labels: Labels) -> dict[str, str]:
        """Findings by key, as far as the edition has something to say; none of a step that was left out."""
        return {key: text for key, (text, _) in self._findings(store, labels).items()}

    def _findings(self, store: Store, labels: Labels) -> dict[str, tuple[str, list[str]]]:
        """Each finding that is told, by its key: its text, and the published tables that it was told from."""
        from analysis.publish.watched import WatchedStore

        found: dict[str, tuple[str, list[str]]] = {}
        for one in () if store.left_out(self.step) else self.findings:
            watched = WatchedStore(store)
            text = one.tell(watched, labels) if one.is_told(watched) else ""
            if text:
                found[one.key] = text, watched.tables_read()
        return found

    def headlines(self, store: Store, labels: Labels) -> dict[str, str]:
        """What each figure shows, by its name, as far as there is a sentence for it."""
        there = [one for one in self.figures if one.headline and all(map(store.has_table, one.tables))]
        return {one.name: one.headline(store, labels) for one in there if one.headline}

    def source_lines(self, store: Store, labels: Labels) -> dict[str, str]:
        """Whence each figure comes, and on how many it rests, by its name."""
        there = [one for one in self.figures if one.base and all(map(store.has_table, one.tables))]
        return {one.name: one.base.line(store, labels) for one in there if one.base}

    def pointed(self, store: Store, labels: Labels) -> list[tuple[str, int, str]]:
        """Key points: the chapter, the place there and the sentence of each that there is something to say to."""
        if store.left_out(self.step):
            return []
        there = [one for one in self.points if all(map(store.has_table, one.needs))]
        said = [(one.chapter, one.order, one.tell(store, labels)) for one in there]
        return [one for one in said if one[-1]]

    def offered(self, store: Store, labels: Labels) -> list[dict[str, Any]]:
        """Candidates for the front page as plain values; none of a step that was left out."""
        return [] if store.left_out(self.step) else [asdict(one) for one in self.candidates(store, labels)]

    def said(self, store: Store, labels: Labels) -> dict[str, Any]:
        """All that the part says in one language: findings, what the summary says instead, variables and flags."""
        found = self._findings(store, labels)
        variables, numbers_from = self._numbers(store, labels)
        briefs = {one.key: one.brief(store, labels) for one in self.findings if one.brief and one.key in found}
        return {
            "told": {key: text for key, (text, _) in found.items()},
            "read": {key: tables for key, (_, tables) in found.items()},
            "briefs": briefs,
            "headlines": self.headlines(store, labels),
            "source_lines": self.source_lines(store, labels),
            "points": self.pointed(store, labels),
            "offered": self.offered(store, labels),
            "variables": variables,
            "numbers_from": numbers_from,
            "flags": self.flags(store, labels),
            "texts": dict(self.texts(store, labels)),
        }

    def _numbers(self, store: Store, labels: Labels) -> tuple[Mapping[str, Mapping[str, str]], list[str]]:
        """The numbers that prose quotes, and the published tables they come from; none of a step that was left out."""
        from analysis.publish.watched import WatchedStore

        if store.left_out(self.step):
            return {}, []
        watched = WatchedStore(store)
        return self.variables(watched, labels), watched.tables_read()

    def printed(self, store: Store, labels: Labels) -> dict[str, dict[str, Any]]:
        """Columns and texts of every table that is there, by name: caption, note, headings and rows."""
        from analysis.publish.tables.printed import printed

        values = self.placeholders(labels)
        there = [spec for spec in self.tables if store.has_table(spec.name) and not spec.laid_out]
        shown = [printed(spec, store.table(spec.name), labels, values) for spec in there]
        return {
            one.spec.name: {
                "columns": [column.heading for column in one.spec.columns],
                "shown": {"caption": one.caption, "note": one.note, "headings": one.headings, "rows": one.rows},
            }
            for one in shown
        }

    def placeholders(self, labels: Labels) -> Values:
        """What the placeholders of headings and notes stand for."""
        from analysis.publish.words import formats

        return {"level": formats.level(self.confidence(labels.edition)), **self.values(labels)}
