"""Records of the service counted by month or quarter: how punctual, how quickly answered, how long until closed.

Every series has period, value, numerator and denominator (of a share in percent; empty where the value is a time) and
n, the number of cases behind the value. A period that the records cover in part only is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.periods import label_at, last_day, number_of
from analysis.service.calendar import LAST_SECOND
from analysis.service.clocks import product_limit
from analysis.service.compliance import due_steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.edition.sections.service import Service
    from analysis.edition.standards import Standards
    from analysis.periods import Frequency

SERIES_COLUMNS = ("period", "value", "numerator", "denominator", "n")


def timeliness(
    log: pd.DataFrame, *, standards: Standards, service: Service, period: Frequency, scenarios: Sequence[str] = ()
) -> pd.DataFrame:
    """Share (percent) of the steps of these scenarios, by the period of their opening, that were done in time."""
    due = due_steps(log, standards=standards, service=service)
    own = due[due["scenario"].isin(list(scenarios))] if scenarios else due
    return _shares(own, log, period)


def execution(log: pd.DataFrame, *, standards: Standards, service: Service, period: Frequency) -> pd.DataFrame:
    """Share (percent) of the cases, by the period of their first opening, that kept every limit that has passed."""
    due = due_steps(log, standards=standards, service=service)
    cases = due.groupby("case_id", sort=False, observed=True).agg(opened_at=("opened_at", "min"), kept=("kept", "min"))
    return _shares(cases.reset_index(), log, period)


def first_response(tickets: pd.DataFrame, *, service: Service, period: Frequency) -> pd.DataFrame:
    """Median hours to the first response of the tickets received in a period (Kaplan and Meier)."""
    return _times(tickets, "first_response_at", service, period, longest=None)


def closing(tickets: pd.DataFrame, *, service: Service, period: Frequency, longest: int) -> pd.DataFrame:
    """Mean days to closing of the tickets received in a period, counted up to `longest` days.

    Only periods of which every ticket has been followed that long: a later one would look quicker than it is.
    """
    return _times(tickets, "closed_at", service, period, longest=longest)


def _labels(moments: pd.Series[Any], period: Frequency) -> pd.Series[Any]:
    """The period of each moment."""
    months = moments.dt.to_period("M")
    names = {month: label_at(month.start_time.date(), period) for month in months.unique()}
    return pd.Series([names[month] for month in months], index=moments.index, dtype="str")


def _whole(first: pd.Timestamp, last: pd.Timestamp, labels: Sequence[str], period: Frequency) -> list[str]:
    """The periods that begin on or after the first day and end on or before the last."""
    inside = []
    for label in sorted(set(labels)):
        number = number_of(label, period)
        begins, ends = last_day(number - 1, period), last_day(number, period)
        if pd.Timestamp(begins) + pd.Timedelta(days=2) > first.normalize() and pd.Timestamp(ends) <= last.normalize():
            inside.append(label)
    return inside


def _shares(rows: pd.DataFrame, log: pd.DataFrame, period: Frequency) -> pd.DataFrame:
    if not len(rows):
        return pd.DataFrame(columns=list(SERIES_COLUMNS))
    label = _labels(rows["opened_at"], period)
    kept = rows["kept"].astype(float).groupby(label).agg(["sum", "size"])
    kept = kept.loc[_whole(log["opened_at"].min(), rows["opened_at"].max(), kept.index.tolist(), period)]
    share = 100 * kept["sum"] / kept["size"]
    columns = {"value": share, "numerator": kept["sum"], "denominator": kept["size"].astype(float), "n": kept["size"]}
    return pd.DataFrame({"period": kept.index, **{name: column.to_numpy() for name, column in columns.items()}})


def _times(
    tickets: pd.DataFrame, moment: str, service: Service, period: Frequency, *, longest: int | None
) -> pd.DataFrame:
    """Median hours, or the mean of days up to `longest`, by the period in which the tickets came."""
    if moment not in tickets or tickets[moment].isna().all():
        return pd.DataFrame(columns=list(SERIES_COLUMNS))
    last = service.as_of or tickets[["received_at", moment]].max().max().date()
    end = pd.Timestamp(np.datetime64(last, "s") + LAST_SECOND)
    known = tickets[tickets["received_at"] <= end]
    done = known[moment].where(known[moment] <= end)
    days = (done.fillna(end) - known["received_at"]).dt.total_seconds().to_numpy() / 86400
    label = _labels(known["received_at"], period)
    covered = end - pd.Timedelta(days=longest or 0)
    rows = []
    for name in _whole(known["received_at"].min(), covered, label.tolist(), period):
        own = (label == name).to_numpy()
        curve = product_limit(days[own], done[own].notna().to_numpy())
        value = curve.restricted_mean(longest)[0] if longest else 24 * curve.quantile(0.5)[0]
        rows.append({"period": name, "value": value, "numerator": np.nan, "denominator": np.nan, "n": int(own.sum())})
    return pd.DataFrame(rows, columns=list(SERIES_COLUMNS))
