"""The one rule by which the book compares: higher, lower or about the same; and what may be quoted at all.

A difference is *higher* or *lower* when its interval, adjusted for the comparisons made together, excludes zero, which
is when its adjusted p is below 1 − confidence; otherwise the two are *about the same*, however large the samples. A
figure that fails the rule of publication is quoted in no sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from analysis.publish.words import formats
from analysis.survey.estimation.overlap import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pandas as pd

    from analysis.edition import Edition
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


Verdict = Literal["higher", "lower", "same"]


def verdict(difference: float, p_adjusted: float, *, confidence: float) -> Verdict:
    """What may be said of a difference with its adjusted p; one that could not be tested is the same."""
    if not p_adjusted < 1 - confidence:
        return "same"
    return "higher" if difference > 0 else "lower"


def differs(p_adjusted: float, *, confidence: float) -> bool:
    """Whether an adjusted p lets anything be said of a difference, in whatever direction."""
    return verdict(1.0, p_adjusted, confidence=confidence) != "same"


def verdict_of_interval(low: float, high: float, *, reference: float = 0.0) -> Verdict:
    """The same of one comparison by itself: from the interval of a difference, or of what is held to `reference`."""
    return "higher" if low > reference else "lower" if high < reference else "same"


def lies_within(low: float, high: float, value: float) -> bool:
    """Whether a value is about the same as what an interval tells."""
    return verdict_of_interval(low, high, reference=value) == "same"


@dataclass(frozen=True)
class Differences:
    """The tested pairs of one family: difference a − b with interval and adjusted p by the two names."""

    rows: dict[frozenset[str], dict[str, Any]]

    def differ(self, one: Estimate, other: Estimate, *, confidence: float) -> bool:
        """Whether the adjusted p of the pair is below 1 − confidence; a pair that was not tested does not differ."""
        row = self.rows.get(frozenset({one.name, other.name}))
        return row is not None and differs(float(row["p_adjusted"]), confidence=confidence)

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


def is_clear(estimate: Estimate) -> bool:
    """Whether the interval of an effect excludes zero."""
    return verdict_of_interval(estimate.low, estimate.high) != "same"


def at_the_ends(
    found: Sequence[Estimate], apart: Callable[[Estimate, Estimate], bool]
) -> tuple[list[Estimate], list[Estimate]]:
    """Who is highest and who is lowest of `found` (highest first): the ends, each with all that do not differ from it.

    Both are empty where the ends themselves do not differ; what differs from neither end belongs to none.
    """
    if len(found) < 2 or not apart(found[0], found[-1]):
        return [], []
    best, worst = found[0], found[-1]
    top = [one for one in found if one is best or not apart(best, one)]
    low = [one for one in found if one is worst or not apart(worst, one)]
    both = {one.name for one in top} & {one.name for one in low}
    return [one for one in top if one.name not in both], [one for one in low if one.name not in both]


UNFIT = frozenset({"improper", "unreliable", "not_convergent"})
"""Verdicts on the measurement of a construct with which its score is quoted in no sentence."""


def unfit(store: Store) -> frozenset[str]:
    """Constructs that the quality of the measurement forbids to quote by themselves."""
    if not store.has_table("construct_verdicts"):
        return frozenset()
    table = store.table("construct_verdicts")
    return frozenset(table.loc[table["verdict"].isin(list(UNFIT)), "construct"].astype(str))


def narrow_enough(found: Iterable[Estimate], edition: Edition) -> list[Estimate]:
    """Those whose interval is no wider than the edition allows for a group, where it states such a rule."""
    widest = 2 * edition.sampling.stratum_margin if edition.sampling.states("stratum_margin") else float("inf")
    return [estimate for estimate in found if estimate.high - estimate.low <= widest]


def estimates(frame: pd.DataFrame, name: str, value: str, low: str = "ci_low", high: str = "ci_high") -> list[Estimate]:
    """Published estimates of a table, highest first; suppressed ones are left out."""
    shown = frame.dropna(subset=[value, low, high]).sort_values(value, ascending=False, kind="stable")
    return [Estimate(str(r[name]), float(r[value]), float(r[low]), float(r[high])) for r in shown.to_dict("records")]


def interval(estimate: Estimate, labels: Labels, *, decimals: int = 1) -> str:
    """Interval of an estimate as text."""
    return formats.interval(estimate.low, estimate.high, labels.lang, decimals=decimals)
