"""The table of the chapter: every step with a limit, the worst first, beside what customers say of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

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
IN_UNIT = {"minutes": 60, "days": 1 / 24}
"""What an hour is in the units in which a limit may stand and times do not."""
RATED = ("satisfied", "satisfied_low", "satisfied_high")


def _times(row: Row, column: Column, labels: Labels) -> str:
    """Median, 90th percentile and limit in the unit of the limit, which stands once."""
    median, p90, limit, unit = (row[source] for source in column.sources)
    in_unit = IN_UNIT.get(str(unit), 1)
    told = [formats.number(one * in_unit, 1).removesuffix(".0") for one in (median, p90)]
    return f"{' / '.join(told)} / {duration(limit, str(unit), labels)}"


SHORT = TableSpec(
    "steps_and_ratings",
    (
        Column("step", ("scenario", "step"), STEP, "full"),
        count("base", "times"),
        Column("on_time_share", ("on_time", "ci_low", "ci_high"), SHARE),
        Column("half_ninety_limit", ("median", "p90", "limit", "unit"), Kind(_times, numeric=True)),
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
