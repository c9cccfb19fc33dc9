"""The one gate: every table of every part, suppressed together, before anything is written or drawn from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from analysis.errors import ResultsError, did_you_mean
from analysis.publish.disclosure.tables import suppress

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.part import Part
    from analysis.publish.tables.spec import TableSpec


def release(tables: Mapping[str, pd.DataFrame], parts: Iterable[Part], *, min_base: int) -> dict[str, pd.DataFrame]:
    """The tables as they may go out, in the order of the parts; estimates on too few interviews are blanked.

    Raises ResultsError for a table that no part knows, or that lacks columns of its spec.
    """
    specs = {spec.name: (part.step, spec) for part in parts for spec in part.tables}
    strange = [name for name in tables if name not in specs]
    if strange:
        raise ResultsError(
            f"No part of the report knows the table {strange[0]!r}.", hint=did_you_mean(strange[0], specs)
        )
    return {
        name: _released(spec, tables[name], step=step, min_base=min_base)
        for name, (step, spec) in specs.items()
        if name in tables
    }


def _released(spec: TableSpec, frame: pd.DataFrame, *, step: str, min_base: int) -> pd.DataFrame:
    absent = [source for source in spec.sources if source not in frame]
    if absent:
        raise ResultsError(
            f"The table {spec.name!r} lacks columns.",
            where=step,
            expected=", ".join(spec.sources),
            got=f"no {', '.join(absent)}",
        )
    if spec.within is None:
        return frame
    return suppress(
        frame,
        min_base=min_base,
        within=spec.within,
        cross=spec.cross,
        keep=spec.keys | spec.public,
        same_people=spec.same_people,
    )
