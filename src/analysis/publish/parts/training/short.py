"""The table of the chapter: how many staff were taught, in what and how; the quarters are in the appendix."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.publish.parts.training.tables import DELIVERY
from analysis.publish.tables.markdown import markdown
from analysis.publish.tables.printed import printed
from analysis.publish.words import formats

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

SHOWN = ("coverage", "content", "mode")
"""What the rows are about."""
TAUGHT = replace(
    DELIVERY, name="taught", columns=tuple(column for column in DELIVERY.columns if column.heading != "n"), people=()
)
"""Its columns: all staff stand behind every row."""


def texts(store: Store, labels: Labels) -> Mapping[str, str]:
    """The table as markdown, where it is known who was taught."""
    if not store.has_table("training_delivery"):
        return {}
    frame = store.table("training_delivery")
    frame = frame[frame["by"].isin(SHOWN)]
    if not len(frame):
        return {}
    values = {"level": formats.level(labels.edition.service.confidence), "n": formats.count(frame["n"].max())}
    return {"taught": markdown(printed(TAUGHT, frame, labels, values), labels)}
