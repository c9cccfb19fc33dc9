"""Cox's proportional hazards: what makes an end come sooner, for cases of which many have not ended. NumPy only.

Ties are Efron's (1977, JASA 72, 557–565), and cases that came under observation late are at risk from then on. Every
sum over those at risk is a cumulative sum over sorted times, so that a step of Newton's method takes one pass.
Sources: Cox 1972; Therneau & Grambsch 2000, ch. 3; Harrell, Lee & Mark 1996 (concordance).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.errors import MethodError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[Any]
    Flags = NDArray[np.bool_]

_STEPS, _TOLERANCE = 40, 1e-9


@dataclass(frozen=True)
class Cox:
    """Log hazard ratios (p) with covariance (p × p), and the cumulative hazard of a case at the `centre` (p).

    times, hazard: when cases ended and the cumulative baseline hazard after each (k); beyond the last it grows as it
    did, on average, over the last fifth of the time. loglik, null: log partial
    likelihood with and without the covariates.
    """

    coefficients: Floats
    covariance: Floats
    centre: Floats
    times: Floats
    hazard: Floats
    loglik: float
    null: float

    @property
    def se(self) -> Floats:
        """Standard error of each log hazard ratio."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def risk(self, x: Floats) -> Floats:
        """Log hazard of each row of `x` (n × p) over that of a case at the centre."""
        return np.asarray((x - self.centre) @ self.coefficients)

    def ends_between(self, x: Floats, start: Floats, end: Floats) -> Floats:
        """Probability that a case which has lasted until `start` (n) ends by `end` (n)."""
        return np.asarray(-np.expm1(-(self._hazard(end) - self._hazard(start)) * np.exp(self.risk(x))))

    def _hazard(self, at: Floats) -> Floats:
        steps = np.concatenate([[0.0], self.hazard])
        last = self.times[-1]
        rate = (steps[-1] - steps[np.searchsorted(self.times, 0.8 * last, side="right")]) / (0.2 * last)
        return np.asarray(steps[np.searchsorted(self.times, at, side="right")] + rate * np.maximum(at - last, 0.0))


def fit_cox(
    duration: Floats,
    ended: Flags,
    x: Floats,
    *,
    entry: Floats | None = None,
    weights: Floats | None = None,
    start: Floats | None = None,
) -> Cox:
    """Maximum partial likelihood by Newton's method.

    duration (n), ended (n), x (n × p); `entry` (n): age at which each came under observation; `weights` (n): how often
    each counts (Efron's rule with the mean weight of those who end together, as R's coxph); `start` (p): where the
    search begins, which saves steps. Raises MethodError where
    nobody has ended, or no maximum is found: a covariate that tells exactly who ends has none.
    """
    w = np.ones(len(duration)) if weights is None else np.asarray(weights, dtype=np.float64)
    if not (ended & (w > 0)).any():
        raise MethodError("Nobody has left: what makes customers leave can't be learnt from them.")
    centre = w @ x / w.sum()
    risks = _RiskSets(duration, ended, x - centre, entry, w)
    null = risks.likelihood(np.zeros(x.shape[1]))[0]
    beta = np.zeros(x.shape[1]) if start is None else start
    value, gradient, information = risks.likelihood(beta)
    for _ in range(_STEPS):
        step = _solved(information, gradient)
        for _ in range(30):
            moved = risks.likelihood(beta + step)
            if moved[0] >= value - 1e-10 * abs(value):
                break
            step = step / 2
        beta, (value, gradient, information) = beta + step, moved
        if np.abs(step * np.sqrt(np.maximum(np.diag(information), 1e-12))).max(initial=0.0) < _TOLERANCE:
            hazard = risks.baseline(beta)
            return Cox(beta, _solved(information, np.eye(len(beta))), centre, risks.times, hazard, value, null)
    raise MethodError(
        "The model of who leaves finds no maximum.",
        expected="groups in which some left and some stayed",
        hint="leave out a question whose answer tells exactly who left",
    )


class _RiskSets:
    """Cases sorted for their risk sets: k times of ends, d ends in all."""

    def __init__(self, duration: Floats, ended: Flags, x: Floats, entry: Floats | None, weights: Floats) -> None:
        self.x, self.w = np.asarray(x, dtype=np.float64), weights
        counted = ended & (weights > 0)
        self.ended = counted
        self.times, place = np.unique(duration[counted], return_inverse=True)
        self.ties = np.bincount(place, minlength=len(self.times)).astype(np.float64)
        self.place, k = place, len(self.times)
        self.last = np.searchsorted(self.times, duration, side="right")  # times up to the end of each case
        self.first = np.searchsorted(self.times, entry, side="right") if entry is not None else np.zeros_like(self.last)
        self.first = np.minimum(self.first, self.last)
        self.late = np.flatnonzero(self.first)  # cases that were not yet under observation at the first time
        self.since = self.first[self.late]
        self.of_end = np.repeat(np.arange(k), self.ties.astype(int))  # time of each end, in the order of time
        starts = np.cumsum(self.ties) - self.ties
        self.fraction = (np.arange(len(self.of_end)) - starts[self.of_end]) / self.ties[self.of_end]
        died = np.bincount(place, weights=weights[counted], minlength=k)
        self.mean_weight = (died / self.ties)[self.of_end]

    def likelihood(self, beta: Floats) -> tuple[float, Floats, Floats]:
        """Log partial likelihood, its gradient (p) and information (p × p)."""
        linear = self.x @ beta
        r = self.w * np.exp(linear)
        denominator, each = self._denominators(r)
        rx = r[:, None] * self.x
        at_risk, died = self._at_risk(rx), self._of_ends(rx[self.ended])
        mean = (at_risk[self.of_end] - self.fraction[:, None] * died[self.of_end]) / denominator[:, None]
        own = self.w[self.ended]
        value = float(own @ linear[self.ended] - self.mean_weight @ np.log(denominator))
        gradient = own @ self.x[self.ended] - self.mean_weight @ mean
        second = self.x.T @ ((r * each)[:, None] * self.x) - mean.T @ (self.mean_weight[:, None] * mean)
        return (value if np.isfinite(value) else -np.inf), gradient, second

    def baseline(self, beta: Floats) -> Floats:
        """Cumulative hazard after each time (Efron's estimate)."""
        denominator, _ = self._denominators(self.w * np.exp(self.x @ beta))
        steps = np.bincount(self.of_end, weights=self.mean_weight / denominator, minlength=len(self.times))
        return np.asarray(steps.cumsum())

    def _denominators(self, r: Floats) -> tuple[Floats, Floats]:
        """Denominator of each end (d), and what each case has in all of them together over its r (n)."""
        died = self._of_ends(r[self.ended][:, None])[:, 0]
        denominator = self._at_risk(r[:, None])[self.of_end, 0] - self.fraction * died[self.of_end]
        share = self.mean_weight / denominator
        steps = np.concatenate([[0.0], np.bincount(self.of_end, weights=share, minlength=len(self.times)).cumsum()])
        each = steps[self.last] - steps[self.first]
        less = np.bincount(self.of_end, weights=share * self.fraction, minlength=len(self.times))
        each[self.ended] -= less[self.place]
        return denominator, each

    def _at_risk(self, values: Floats) -> Floats:
        """Sum over those at risk at each time: k × columns."""
        size = len(self.times) + 1
        columns = [np.bincount(self.last, column, size) for column in values.T]
        if len(self.late):
            came = values[self.late]
            columns = [one - np.bincount(self.since, own, size) for one, own in zip(columns, came.T, strict=True)]
        return np.array(columns).T[::-1].cumsum(axis=0)[::-1][1:]

    def _of_ends(self, values: Floats) -> Floats:
        """Sum over those who end at each time: k × columns."""
        return np.array([np.bincount(self.place, column, len(self.times)) for column in values.T]).T


def _solved(information: Floats, right: Floats) -> Floats:
    try:
        return np.asarray(np.linalg.solve(information, right))
    except np.linalg.LinAlgError:
        raise MethodError(
            "The characteristics of the customers can't be told apart.",
            expected="none that follows from the others",
            hint="leave one of them out",
        ) from None


def concordance(duration: Floats, ended: Flags, risk: Floats, *, entry: Floats | None = None) -> float:
    """Of two cases of which one is seen to end while the other goes on: how often that one had the higher `risk`.

    Equal risks count half; two that end together are no pair. NaN without a pair.
    """
    ranks = np.unique(risk, return_inverse=True)[1]
    ends = np.flatnonzero(ended)
    late = np.zeros(0, dtype=int) if entry is None else np.flatnonzero(entry > 0)
    moments = [duration, duration[ends]] + ([entry[late]] if entry is not None else [])
    kinds = [np.where(ended, 0, 2), np.ones(len(ends)), np.full(len(late), 3)]
    weights = [np.ones(len(duration)), np.zeros(len(ends)), -np.ones(len(late))]
    order = np.lexsort((np.concatenate(kinds), np.concatenate(moments)))
    asks = (np.concatenate(kinds) == 1)[order]
    smaller, equal, above = _later(
        np.concatenate([ranks, ranks[ends], ranks[late]])[order], np.concatenate(weights)[order]
    )
    better, same, worse = smaller[asks].sum(), equal[asks].sum(), above[asks].sum()
    pairs = better + same + worse
    return float((better + same / 2) / pairs) if pairs else float("nan")


def _later(rank: NDArray[np.int64], weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Weight of what comes later with a smaller, the same and a larger rank, for each place.

    From the highest bit of the rank down, those who share the bits above stand together in their order; whoever has
    a 1 there lies above all later ones of the group with a 0.
    """
    place = np.arange(len(rank))
    smaller, larger = np.zeros(len(rank)), np.zeros(len(rank))
    group = np.zeros(len(rank), dtype=np.int64)
    for bit in range(int(rank.max(initial=0)).bit_length() - 1, -1, -1):
        one = (rank[place] >> bit & 1).astype(bool)
        smaller[place] += np.where(one, _after(np.where(one, 0.0, weight[place]), group), 0.0)
        larger[place] += np.where(one, 0.0, _after(np.where(one, weight[place], 0.0), group))
        order = np.lexsort((one, group))
        place, group = place[order], (2 * group + one)[order]
    equal = np.zeros(len(rank))
    equal[place] = _after(weight[place], group)
    return smaller, equal, larger


def _after(weight: Floats, group: NDArray[np.int64]) -> Floats:
    """Sum of the weights behind each place within its group; groups stand together."""
    total = weight.cumsum()
    last = np.searchsorted(group, group, side="right") - 1
    return np.asarray(total[last] - total)
