"""The table of the chapter: measures that have not reached their target; the whole register is in the appendix."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.publish.parts.actions.tables import REGISTER
from analysis.publish.tables.markdown import markdown
from analysis.publish.tables.printed import printed
from analysis.publish.words import formats

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

MOST = 12
"""Rows that a table of a chapter may have."""
ORDER = ("missed", "not_begun", "unknown", "on_the_way")
"""What calls for attention first."""
OPEN = replace(REGISTER, name="open_measures")


def texts(store: Store, labels: Labels) -> Mapping[str, str]:
    """The table as markdown; one sentence where every measure has reached its target."""
    if not store.has_table("action_register"):
        return {}
    frame = store.table("action_register")
    frame = frame[frame["verdict"].isin(ORDER)]
    frame = frame.sort_values("verdict", key=lambda verdicts: verdicts.map(ORDER.index), kind="stable").head(MOST)
    if not len(frame):
        return {"open_measures": labels.text("text.all_measures_met") + "\n"}
    level = {"level": formats.level(labels.edition.monitoring.confidence)}
    return {"open_measures": markdown(printed(OPEN, frame, labels, level), labels)}
