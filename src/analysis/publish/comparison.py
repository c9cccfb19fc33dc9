"""Published estimates in order, and which pairs of them the steps found to differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analysis.publish.words import formats
from analysis.survey.estimation.overlap import Estimate

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store


@dataclass(frozen=True)
class Differences:
    """The tested pairs of one family: difference a − b with interval and adjusted p by the two names."""

    rows: dict[frozenset[str], dict[str, Any]]

    def differ(self, one: Estimate, other: Estimate, *, confidence: float) -> bool:
        """Whether the adjusted p of the pair is below 1 − confidence; a pair that was not tested does not differ."""
        row = self.rows.get(frozenset({one.name, other.name}))
        return row is not None and float(row["p_adjusted"]) < 1 - confidence

    def interval(self, one: Estimate, other: Estimate) -> tuple[float, float]:
        """Interval of one − other."""
        row = self.rows[frozenset({one.name, other.name})]
        low, high = float(row["ci_low"]), float(row["ci_high"])
        return (low, high) if row["a"] == one.name else (-high, -low)


def differences(store: Store, measure: str, segment: str = "") -> Differences:
    """Pairs of a measure (dimensions, csi, a construct) by a segment, as 05_satisfaction tested them."""
    frame: pd.DataFrame = store.frame("05_satisfaction", "differences")
    family = frame[(frame["measure"] == measure) & (frame["segment"] == segment)]
    rows = [{str(key): value for key, value in row.items()} for row in family.to_dict("records")]
    return Differences({frozenset({str(row["a"]), str(row["b"])}): row for row in rows})


def estimates(frame: pd.DataFrame, name: str, value: str, low: str = "ci_low", high: str = "ci_high") -> list[Estimate]:
    """Published estimates of a table, highest first; suppressed ones are left out."""
    shown = frame.dropna(subset=[value, low, high]).sort_values(value, ascending=False, kind="stable")
    return [Estimate(str(r[name]), float(r[value]), float(r[low]), float(r[high])) for r in shown.to_dict("records")]


def interval(estimate: Estimate, labels: Labels, *, decimals: int = 1) -> str:
    """Interval of an estimate as text."""
    return formats.interval(estimate.low, estimate.high, labels.lang, decimals=decimals)
