"""Control charts of a series: what it does by itself, what needs a cause, and whether it can be relied on for a target.

The rules are those of NHS England's programme Making Data Count, as its code applies them (R package NHSRplotthedots,
`ptd_spc_standard` and `ptd_calculate_point_type`). A special cause shows in a point outside the limits; in `shift`
points in a row on one side of the mean; in `trend` points in a row that all rise or all fall; in two of three points in
a row, all on one side, in the outer third before a limit. The last point gives the verdict on variation, its limits
beside the target the one on assurance. Knows NumPy only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[Any]
    Flags = NDArray[np.bool_]
    Ways = NDArray[np.int64]

Chart = Literal["xmr", "p", "u"]
"""xmr: single values or means; p: shares of a known number; u: events per known exposure."""
Variation = Literal["common", "improving", "concerning", "unexpected", "too_few"]
"""unexpected: a special cause in a series of which nobody says which way is better."""
Assurance = Literal["hits", "misses", "hit_and_miss", "none"]
"""hits, misses: all that the series does by itself lies on one side of the target."""
RULES = ("outside", "shift", "trend", "two_of_three")

TO_LIMITS = 2.66
"""3 / d₂ for moving ranges of two (d₂ = 2/√π = 1.128), rounded as the programme does."""
LARGEST_RANGE = 3.267
"""D₄ for moving ranges of two: a larger one, in mean moving ranges, is left out of their mean."""


@dataclass(frozen=True)
class ControlChart:
    """A series with its limits, one entry per period.

    phase: number of the stated step change; centre, low, high: of its phase; sigma: what one point varies by itself;
    rule: the first of RULES that a point is part of, else ""; way: 1 or −1, the side or direction of that signal.
    Centre, low, high and sigma are NaN where a phase has too few points.
    """

    value: Floats
    phase: Ways
    centre: Floats
    low: Floats
    high: Floats
    sigma: Floats
    rule: NDArray[np.object_]
    way: Ways

    def variation(self, better: float) -> Variation:
        """The verdict of the last measured point; `better`: 1 where more is better, −1 where less is, else NaN."""
        last = int(np.flatnonzero(np.isfinite(self.value))[-1])
        if not np.isfinite(self.centre[last]):
            return "too_few"
        if not self.rule[last]:
            return "common"
        if not np.isfinite(better):
            return "unexpected"
        return "improving" if self.way[last] == better else "concerning"

    def assurance(self, target: float, better: float, *, strict: bool = False) -> Assurance:
        """Whether the limits at the last measured point lie on one side of the target (strict: not on it)."""
        last = int(np.flatnonzero(np.isfinite(self.value))[-1])
        low, high = float(self.low[last]), float(self.high[last])
        if not np.isfinite([low, target, better]).all():
            return "none"
        worst, best = (low, high) if better > 0 else (high, low)
        over = better * (worst - target)
        if over > 0 or (over == 0 and not strict):
            return "hits"
        under = better * (best - target)
        return "misses" if under < 0 or (under == 0 and strict) else "hit_and_miss"


def control_chart(
    value: Floats,
    chart: Chart,
    *,
    numerator: Floats | None = None,
    denominator: Floats | None = None,
    starts: Sequence[int] = (),
    unit: float = 1.0,
    shift: int = 7,
    trend: int = 7,
    min_points: int = 10,
) -> ControlChart:
    """Limits and signals of a series in order of time (n); NaN is a period without a value.

    `starts`: places at which a stated step change begins a new phase with limits of its own. p and u: value is
    unit × numerator / denominator (`unit` 100: percent), limits follow each denominator. A phase of fewer than
    `min_points` measured points has no limits. No moving range and no run reaches across a gap or a step change.
    """
    phase = np.zeros(len(value), dtype=np.int64)
    phase[list(starts)] = 1
    phase = phase.cumsum()
    centre, sigma = np.full(len(value), np.nan), np.full(len(value), np.nan)
    for number in range(int(phase.max(initial=0)) + 1):
        own = phase == number
        if np.isfinite(value[own]).sum() >= min_points:
            found = (
                _single(value[own])
                if chart == "xmr" or numerator is None or denominator is None
                else _counted(numerator[own], denominator[own], chart, unit)
            )
            centre[own], sigma[own] = found
    low, high = centre - 3 * sigma, centre + 3 * sigma
    if chart != "xmr":
        low = np.maximum(low, 0.0)
    if chart == "p":
        high = np.minimum(high, unit)
    rule, way = _signals(value, centre, sigma, phase, shift=shift, trend=trend)
    return ControlChart(value, phase, centre, low, high, sigma, rule, way)


def _single(value: Floats) -> tuple[float, float]:
    """Mean, and a third of 2.66 mean moving ranges, without those beyond 3.267 times their mean."""
    ranges = np.abs(np.diff(value))
    ranges = ranges[np.isfinite(ranges)]
    kept = ranges[ranges < LARGEST_RANGE * ranges.mean()] if len(ranges) and ranges.mean() > 0 else ranges
    return float(np.nanmean(value)), TO_LIMITS / 3 * float(kept.mean()) if len(kept) else float("nan")


def _counted(numerator: Floats, denominator: Floats, chart: Chart, unit: float) -> tuple[float, Floats]:
    """Pooled share or rate, and the binomial or Poisson deviation of each period's."""
    known = np.isfinite(numerator) & (denominator > 0)
    rate = float(numerator[known].sum() / denominator[known].sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        sigma = np.sqrt(rate * (1 - rate if chart == "p" else 1.0) / np.where(denominator > 0, denominator, np.nan))
    return unit * rate, unit * sigma


def _signals(
    value: Floats, centre: Floats, sigma: Floats, phase: Ways, *, shift: int, trend: int
) -> tuple[NDArray[np.object_], Ways]:
    """The rule that each point is part of, the strictest first, and its side or direction."""
    with np.errstate(invalid="ignore"):
        side = np.nan_to_num(np.sign(value - centre)).astype(np.int64)
        far = np.nan_to_num(np.abs(value - centre) / sigma, posinf=np.inf)
    found = {
        "outside": np.where(far > 3, side, 0),
        "shift": _shifted(side, phase, shift),
        "trend": _trends(value, centre, phase, trend),
        "two_of_three": _two_of_three(far, side, phase),
    }
    rule, way = np.full(len(value), "", dtype=object), np.zeros(len(value), dtype=np.int64)
    for name in reversed(RULES):
        rule[found[name] != 0] = name
        way = np.where(found[name] != 0, found[name], way)
    return rule, way


def _shifted(side: Ways, phase: Ways, length: int) -> Ways:
    """Points of a run on one side of the mean of one phase."""
    found = np.zeros(len(side), dtype=np.int64)
    for number in range(int(phase.max(initial=0)) + 1):
        for way in (1, -1):
            found[_runs((side == way) & (phase == number), length)] = way
    return found


def _trends(value: Floats, centre: Floats, phase: Ways, length: int) -> Ways:
    """Points of a run of rises, or of falls, inside one phase that has limits."""
    step = np.nan_to_num(np.sign(np.diff(value))).astype(np.int64)
    step[(np.diff(phase) != 0) | ~np.isfinite(centre[1:])] = 0
    found = np.zeros(len(value), dtype=np.int64)
    for way in (1, -1):
        steps = np.flatnonzero(_runs(step == way, length - 1))
        found[steps], found[steps + 1] = way, way
    return found


def _runs(hit: Flags, length: int) -> Flags:
    """The places that lie in a run of at least `length` hits."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], hit, [False]]).astype(np.int8)))
    inside = np.zeros(len(hit), dtype=bool)
    for start, end in edges.reshape(-1, 2):
        inside[start:end] = end - start >= length
    return inside


def _two_of_three(far: Floats, side: Ways, phase: Ways) -> Ways:
    """Points in the outer third that are two of three in a row, all three on one side of the mean."""
    near = (far > 2) & (far <= 3)
    found = np.zeros(len(far), dtype=np.int64)
    for start in range(len(far) - 2):
        three = slice(start, start + 3)
        same = abs(int(side[three].sum())) == 3 and phase[start] == phase[start + 2]
        if same and near[three].sum() >= 2:
            found[three] = np.where(near[three], side[three], found[three])
    return found
