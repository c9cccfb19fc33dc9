"""Title of the figure of the service process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.headlines import title

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def service_process(store: Store, labels: Labels) -> str:
    """How many steps have a limit in time; nothing of a single step."""
    frame = store.table("standards")
    timed, scenarios = int(frame["limit"].notna().sum()), frame["scenario"].nunique()
    if len(frame) < 2:
        return ""
    key = "all" if timed == len(frame) else "some" if timed > 1 and scenarios > 1 else "few"
    return title(f"service_process.{key}", labels, timed=timed, total=len(frame), scenarios=scenarios)


def steps(store: Store) -> float:
    """Steps that the standards set."""
    return float(len(store.table("standards")))
