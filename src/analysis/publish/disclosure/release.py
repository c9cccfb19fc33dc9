"""The one gate: every table of every step, suppressed together, before anything is written or drawn from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.errors import ResultsError, did_you_mean
from analysis.publish.disclosure.tables import suppress

if TYPE_CHECKING:
    import pandas as pd

    from analysis.edition import Edition
    from analysis.publish.columns import TableSpec


def release(
    tables: Mapping[str, pd.DataFrame], specs: Mapping[str, TableSpec], *, edition: Edition
) -> dict[str, pd.DataFrame]:
    """The tables as they may go out, in the order of their specs; estimates on too few interviews are blanked.

    Raises ResultsError for a table that has no spec, or that lacks columns of its spec.
    """
    strange = [name for name in tables if name not in specs]
    if strange:
        raise ResultsError(
            f"No part of the report knows the table {strange[0]!r}.", hint=did_you_mean(strange[0], specs)
        )
    return {name: _released(spec, tables[name], edition) for name, spec in specs.items() if name in tables}


def _released(spec: TableSpec, frame: pd.DataFrame, edition: Edition) -> pd.DataFrame:
    absent = [source for source in spec.sources if source not in frame]
    if absent:
        raise ResultsError(
            f"The table {spec.name!r} lacks columns.",
            where=spec.step,
            expected=", ".join(spec.sources),
            got=f"no {', '.join(absent)}",
        )
    if spec.within is None:
        return frame
    return suppress(frame, min_base=edition.disclosure.min_base, within=spec.within, cross=spec.cross)
