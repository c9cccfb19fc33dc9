"""The table of the chapter: every step with a limit, the worst first, beside what customers say of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.publish.parts.edition.cells import LIMIT
from analysis.publish.parts.standards.cells import SHARE, STEP, duration
from analysis.publish.tables.columns import count, of_survey
from analysis.publish.tables.markdown import markdown
from analysis.publish.tables.printed import printed
from analysis.publish.tables.spec import Column, Kind, Row, TableSpec
from analysis.publish.words import formats

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

MOST = 12
"""Rows that a table of a chapter may have."""
RATED = ("satisfied", "satisfied_low", "satisfied_high")


def _two_times(row: Row, column: Column, labels: Labels) -> str:
    median, p90, clock = (row[source] for source in column.sources)
    if formats.is_missing(median):
        return formats.MISSING
    return f"{duration(median, str(clock), labels)} / {duration(p90, str(clock), labels)}"


SHORT = TableSpec(
    "steps_and_ratings",
    (
        Column("step", ("scenario", "step"), STEP, "full"),
        Column("limit", ("limit", "unit", "bound"), LIMIT, public=True),
        count("base", "times"),
        Column("on_time_share", ("on_time", "ci_low", "ci_high"), SHARE),
        Column("half_and_ninety", ("median", "p90", "clock"), Kind(_two_times, numeric=True)),
        *of_survey(Column("satisfied_customers", RATED, SHARE)),
    ),
)
"""Columns of the table."""


def texts(store: Store, labels: Labels) -> Mapping[str, str]:
    """The table as markdown, where the log says anything of a limit."""
    if not store.has_table("service_steps"):
        return {}
    frame = steps_and_ratings(store)
    return {"steps_and_ratings": markdown(printed(SHORT, frame, labels, {}), labels)} if len(frame) else {}


def steps_and_ratings(store: Store) -> pd.DataFrame:
    """Steps with a limit, those that keep it least first: service_steps with what customers say of each."""
    frame = store.table("service_steps").dropna(subset=["limit"])
    frame = frame.sort_values("on_time", kind="stable").head(MOST)
    if not store.has_table("service_perception"):
        return frame.assign(**dict.fromkeys(RATED, float("nan")))
    rated = store.table("service_perception").drop_duplicates(["scenario", "step"])
    return frame.merge(rated[["scenario", "step", *RATED]], on=["scenario", "step"], how="left")
