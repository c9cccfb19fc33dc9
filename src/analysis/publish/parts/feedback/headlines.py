"""Titles of the figures of tickets and of open answers."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from analysis.publish.comparison import estimates
from analysis.publish.headlines import highest_and_lowest, independent, title
from analysis.publish.parts.feedback.cells import theme, triage_class
from analysis.publish.words import formats
from analysis.publish.words.phrases import lowered
from analysis.text.themes import NO_THEME

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def ticket_backlog(store: Store, labels: Labels) -> str:
    """Open tickets at the end, and at the peak."""
    frame = store.table("ticket_backlog").dropna(subset=["open"])
    if frame.empty:
        return ""
    peak = frame.iloc[int(frame["open"].argmax())]
    month = formats.wave(dt.date.fromisoformat(str(peak["week"])).strftime("%Y-%m"), labels.lang)
    values = {"peak": formats.count(peak["open"]), "month": month, "last": formats.count(frame["open"].iloc[-1])}
    return title("ticket_backlog", labels, **values)


def ticket_classes(store: Store, labels: Labels) -> str:
    """The classes that keep their limit most and least often."""
    found = estimates(store.table("ticket_classes"), "triage_class", "on_time")
    apart = independent(found, labels.edition.index.confidence)

    def name(key: str) -> str:
        return lowered(triage_class(key, labels), labels)

    return highest_and_lowest("ticket_classes", found, labels, apart=apart, name=name, write=formats.percent)


def ticket_themes(store: Store, labels: Labels) -> str:
    """What tickets are about most often."""
    return _themes("ticket_themes", store, labels)


def comment_themes(store: Store, labels: Labels) -> str:
    """What is written about most often, and how much of it is complaint."""
    return _themes("comment_themes", store, labels)


def _themes(table: str, store: Store, labels: Labels) -> str:
    frame = store.table(table).dropna(subset=["share"])
    frame = frame[frame["category"] != NO_THEME]
    found = estimates(frame, "category", "share")
    if len(found) < 2:
        return ""
    apart = independent(found, labels.edition.index.confidence)
    first = [one for one in found if one is found[0] or not apart(found[0], one)]
    names = formats.listed([lowered(theme(one.name, labels), labels) for one in first[:2]], labels.lang)
    share = formats.percent(found[0].value)
    if len(first) > 1:
        key = "few" if len(first) == 2 else "many"
        return title(f"{table}.{key}", labels, names=names, share=share)
    bad = frame.loc[frame["category"] == found[0].name, "negative"].iloc[0]
    key = "one" if formats.is_missing(bad) else "one_with_complaints"
    return title(f"{table}.{key}", labels, names=names, share=share, bad=formats.percent(bad, 0))
