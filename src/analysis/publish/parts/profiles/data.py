"""What is known of each group that has a profile, gathered from the tables that passed disclosure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import unfit, verdict
from analysis.publish.words import formats
from analysis.publish.words.spoken import capital

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

    Row = dict[str, Any]

SERVED = "institution_type"
"""The question whose answers name the institutions of service logs, tickets and comments."""


@dataclass(frozen=True)
class Profile:
    """One group, by question and answer; `place` is its number among those that have a page."""

    store: Store
    labels: Labels
    segment: str
    category: str
    place: int

    @property
    def section(self) -> str:
        """Id of its section."""
        return f"sec-profile-{self.place}"

    @property
    def name(self) -> str:
        """The group as a title: all of it where its plural is known, else the answer."""
        known, group = (named(self.segment, self.category) for named in (self.labels.category, self.labels.group))
        return known if group.startswith("“") else capital(group)

    @cached_property
    def index(self) -> Row:
        """The index of the group: score, ci_low, ci_high, n."""
        return next(row for row in indices(self.store, self.segment) if row["category"] == self.category)

    @cached_property
    def dimensions(self) -> list[Row]:
        """Dimensions with the scores of the group and of all, highest first; `band` where they were compared."""
        frame = _dimension_scores(self.store, self.segment)
        everybody = self.store.table("csi_dimensions").set_index("construct")["score"].to_dict()
        bands = self._bands("fair_dimensions")
        own = frame[frame["category"] == self.category].dropna(subset=["score"])
        own = own[~own["construct"].isin(list(unfit(self.store)))].sort_values("score", ascending=False, kind="stable")
        return [
            {
                **_row(row),
                "everybody": everybody.get(row["construct"]),
                **bands.get(str(row["construct"]), {"band": ""}),
            }
            for row in own.to_dict("records")
        ]

    @cached_property
    def band(self) -> str:
        """Whether the index is higher, lower or the same as to be expected; empty where it was not compared."""
        return str(self._bands("fair_index").get("", {"band": ""})["band"])

    def of(self, band: str) -> list[Row]:
        """Dimensions of a band, the farthest from what was to be expected first."""
        found = [row for row in self.dimensions if row["band"] == band]
        return sorted(found, key=lambda row: -abs(row["difference"]))

    def rows(self, table: str, **where: str) -> list[Row]:
        """Rows of a table about this group and, where given, with these values; none where there is no such table."""
        if not self.store.has_table(table):
            return []
        frame = self.store.table(table)
        if "category" in frame and "category" not in where:
            frame = frame[frame["category"] == self.category]
        for name in ("segment", "question"):
            if name in frame and name not in where:
                frame = frame[frame[name] == self.segment]
        for name, value in where.items():
            frame = frame[frame[name] == value]
        return [_row(row) for row in frame.to_dict("records")]

    @property
    def is_served(self) -> bool:
        """Whether logs, tickets and comments name the group."""
        return self.segment == SERVED

    def _bands(self, table: str) -> dict[str, Row]:
        level = self.labels.edition.drivers.confidence
        return {
            str(row.get("construct", "")): {
                "band": verdict(row["difference"], row["p_adjusted"], confidence=level),
                "difference": row["difference"],
            }
            for row in self.rows(table)
            if not formats.is_missing(row["adjusted"])
        }


def profiles(store: Store, labels: Labels) -> list[Profile]:
    """The groups that have a page: those of the profiled questions of which an index may be told."""
    asked = questions(store, labels)
    found = [(question, str(row["category"])) for question in asked for row in indices(store, question)]
    return [Profile(store, labels, segment, code, place) for place, (segment, code) in enumerate(found, start=1)]


def questions(store: Store, labels: Labels) -> list[str]:
    """Questions whose answers have a page each: those that the params name, else the first segment."""
    if not labels.edition.indexed or not store.has_table("csi_dimensions"):
        return []
    named = labels.edition.publication.profiles
    if named is not None:
        return list(named)
    first = labels.edition.index.segments[:1]
    return [question for question in first if store.has_table("segment_dimensions")]


def indices(store: Store, question: str) -> list[Row]:
    """Published indices of the answers to a question, in the order of the questionnaire."""
    return [row for row in _all_indices(store, question) if not formats.is_missing(row["score"])]


def withheld(store: Store, labels: Labels) -> list[tuple[str, str]]:
    """Question and answer of the groups without a page, since their figures are withheld."""
    return [
        (question, str(row["category"]))
        for question in questions(store, labels)
        for row in _all_indices(store, question)
        if formats.is_missing(row["score"])
    ]


def _all_indices(store: Store, question: str) -> list[Row]:
    if store.has_table("csi_segments"):
        frame = store.table("csi_segments")
        own = frame[frame["segment"] == question].rename(columns={"csi": "score"})
        if len(own):
            return [_row(row) for row in own.to_dict("records")]
    if not store.has_table("index_groups"):
        return []
    return [_row(row) for row in _alone(store.table("index_groups"), question).to_dict("records")]


def _dimension_scores(store: Store, question: str) -> pd.DataFrame:
    if store.has_table("segment_dimensions"):
        frame = store.table("segment_dimensions")
        own = frame[frame["segment"] == question]
        if len(own) or not store.has_table("dimension_groups"):
            return own
    return _alone(store.table("dimension_groups"), question)


def _alone(frame: pd.DataFrame, question: str) -> pd.DataFrame:
    """Groups by this question and no other."""
    return frame[(frame["question"] == question) & (frame["other"].fillna("") == "")]


def _row(row: dict[Any, Any]) -> Row:
    return {str(key): value for key, value in row.items()}
