"""Forecasts of Gaussian series from their covariance, at every origin at once. Knows NumPy only.

A linear Gaussian state-space model, an ARIMA model and exponential smoothing all say that the waves y₁ … y_N are
jointly normal with some covariance K. Its Cholesky factor L holds the prediction errors and their variances that a
Kalman filter would deliver, and the factor of the first waves is the first block of the factor of all: one per set of
parameters gives likelihoods and forecasts from every origin. A survey has some dozens of waves, where this
is faster than a filter that runs through them in Python.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

RAISED = (1e-12, 1e-10, 1e-8, 1e-6)
"""Shares of the mean variance that are tried one after the other where a covariance can't be factorised."""
UNSEEN = 1e5
"""Standard deviation, in units of the series' own scale, that is added to a wave without a measurement."""

BISECTIONS = 28
"""Halvings of a range of some twenty standard deviations: quantiles to a ten-millionth of one."""


@dataclass(frozen=True)
class Mixture:
    """A predictive distribution for each horizon: normal components with weights that add up to 1.

    weight: components. mean, sd: components × horizons.
    """

    weight: Floats
    mean: Floats
    sd: Floats

    def expected(self) -> Floats:
        """Mean of the distribution for each horizon."""
        return np.asarray(self.weight @ self.mean)

    def quantiles(self, *shares: float) -> Floats:
        """Quantiles as shares × horizons, by bisection of the distribution function."""
        from scipy.special import ndtr

        wanted = np.array(shares)[:, None]
        low = np.repeat((self.mean - 10 * self.sd).min(axis=0)[None], len(shares), axis=0)
        high = np.repeat((self.mean + 10 * self.sd).max(axis=0)[None], len(shares), axis=0)
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            reached = np.einsum("g,sgh->sh", self.weight, ndtr((middle[:, None] - self.mean) / self.sd))
            low, high = np.where(reached < wanted, middle, low), np.where(reached < wanted, high, middle)
        return np.asarray((low + high) / 2)


def mixture(log_weight: Floats, mean: Floats, sd: Floats, *, kept: float = 0.999, most: int = 400) -> Mixture:
    """Components with log weights (up to a constant); the lightest, together at most 1 − `kept`, are left out."""
    weight = np.exp(log_weight - log_weight.max())
    weight = weight / weight.sum()
    order = np.argsort(-weight, kind="stable")[:most]
    order = order[: int(np.searchsorted(np.cumsum(weight[order]), kept)) + 1]
    return Mixture(weight[order] / weight[order].sum(), mean[order], sd[order])


def mixed(parts: Sequence[Mixture], weights: Floats) -> Mixture:
    """Several predictive distributions as one, with a weight each."""
    shares = [weight * part.weight for part, weight in zip(parts, weights, strict=True)]
    return Mixture(
        np.concatenate(shares) / sum(float(share.sum()) for share in shares),
        np.concatenate([part.mean for part in parts]),
        np.concatenate([part.sd for part in parts]),
    )


@dataclass(frozen=True)
class Factor:
    """Cholesky factors of the covariances and the standardised prediction errors that follow from them.

    lower: parameter sets × waves × waves, the waves to come included. errors: parameter sets × waves so far.
    """

    lower: Floats
    errors: Floats

    def loglik(self, origin: int) -> Floats:
        """Log-likelihood of the first `origin` waves under each parameter set."""
        return np.asarray(-0.5 * self.squares(origin) - self.logdet(origin) - 0.5 * origin * np.log(2 * np.pi))

    def squares(self, origin: int) -> Floats:
        """Sum of squared standardised errors of the first `origin` waves."""
        return np.asarray((self.errors[:, :origin] ** 2).sum(axis=1))

    def logdet(self, origin: int) -> Floats:
        """Half the log determinant of the covariance of the first `origin` waves."""
        place = np.arange(origin)
        return np.asarray(np.log(self.lower[:, place, place]).sum(axis=1))

    def ahead(self, origin: int, horizon: int) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the `horizon` waves after the first `origin` (parameter sets × horizons)."""
        rows = slice(origin, origin + horizon)
        mean = np.einsum("ghj,gj->gh", self.lower[:, rows, :origin], self.errors[:, :origin])
        return mean, np.sqrt((self.lower[:, rows, origin : origin + horizon] ** 2).sum(axis=2))

    def inverse(self, size: int) -> Floats:
        """Inverses of the leading `size` × `size` blocks of the factors."""
        found = np.zeros((len(self.lower), size, size))
        for row in range(size):
            pivot = self.lower[:, row, row]
            found[:, row, :row] = -(self.lower[:, row : row + 1, :row] @ found[:, :row, :row])[:, 0] / pivot[:, None]
            found[:, row, row] = 1 / pivot
        return found


def cholesky(covariance: Any) -> Floats:
    """Lower factors of a batch of covariances; on the edge of what can be factorised the variances are raised a little.

    Processes with a root on the unit circle have covariances that rounding leaves without a factor.
    """
    for share in RAISED:
        try:
            return np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
        except np.linalg.LinAlgError:
            diagonal = np.diagonal(covariance, axis1=-2, axis2=-1).mean(axis=-1)
            covariance = covariance + share * diagonal[..., None, None] * np.eye(covariance.shape[-1])
    return np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)


def factorise(covariance: Floats, deviations: Floats) -> Factor:
    """Factors of `covariance` (parameter sets × waves × waves) and the errors of `deviations`, known for the first."""
    lower = cholesky(covariance)
    errors = np.empty((len(lower), len(deviations)))
    for row, value in enumerate(deviations):
        errors[:, row] = value - np.einsum("gj,gj->g", lower[:, row, :row], errors[:, :row])
        errors[:, row] /= lower[:, row, row]
    return Factor(lower, errors)


@dataclass(frozen=True)
class Observed:
    """A series as the models see it: one entry per wave at equal steps.

    index: NaN where a wave was not measured. se: sampling error of each wave, 0 where none is known. typical: that of
    a wave to come. period: waves in a year. shared: correlation of the sampling errors of two neighbouring waves that
    have respondents in common; at a distance of k waves its k-th power.
    """

    index: Floats
    se: Floats
    typical: float = 0.0
    period: int = 1
    shared: float = 0.0

    def __len__(self) -> int:
        return len(self.index)

    @property
    def measured(self) -> Any:
        """Places of the waves that were measured."""
        return np.flatnonzero(~np.isnan(self.index))

    def first(self, count: int) -> Observed:
        """The series as it was after its first `count` waves."""
        return Observed(self.index[:count], self.se[:count], self.typical, self.period, self.shared)

    def last(self, count: int) -> Observed:
        """Its last `count` waves; they begin with a measured one."""
        measured = self.measured
        start = int(measured[measured >= max(len(self) - count, 0)][0])
        return Observed(self.index[start:], self.se[start:], self.typical, self.period, self.shared)

    def noise(self, horizon: int) -> Floats:
        """Covariance of the sampling errors of all waves and of `horizon` more."""
        errors = np.concatenate([self.se, np.full(horizon, self.typical)])
        place = np.arange(len(errors))
        return np.asarray(np.outer(errors, errors) * self.shared ** np.abs(place[:, None] - place))

    def deviations(self) -> Floats:
        """Values less the first measured one; 0 where a wave is missing."""
        return np.asarray(np.nan_to_num(self.index - self.index[self.measured[0]]))

    def unseen(self, horizon: int) -> Floats:
        """1 for a wave that was not measured, else 0; the `horizon` waves to come count as measured."""
        return np.concatenate([np.isnan(self.index).astype(np.float64), np.zeros(horizon)])


def least_squares(lower: Any, values: Floats, regressors: Floats) -> tuple[Floats, Floats, Floats]:
    """Log-likelihood at its maximum over coefficients and variance, the variance, and the coefficients.

    values (waves) with covariance σ²·LL′ for each L of `lower` around a combination of `regressors` (waves × columns or
    parameter sets × waves × columns): generalised least squares, batched.
    """
    sets, count = len(lower), len(values)
    known = np.broadcast_to(values[:, None], (sets, count, 1))
    columns = np.broadcast_to(regressors, (sets, *regressors.shape[-2:]))
    scaled = np.linalg.solve(lower, np.concatenate([known, columns], axis=2))
    value, design = scaled[..., :1], scaled[..., 1:]
    turned = np.swapaxes(design, 1, 2)
    found = np.linalg.solve(turned @ design, turned @ value) if design.shape[2] else np.zeros((sets, 0, 1))
    variance = np.maximum(((value - design @ found) ** 2).mean(axis=1)[:, 0], 1e-18)
    logdet = np.log(np.diagonal(lower, axis1=1, axis2=2)).sum(axis=1)
    return -0.5 * count * (np.log(2 * np.pi * variance) + 1) - logdet, variance, found[..., 0]


VAGUE = 1e4
"""Variance of a start, a mean or a drift beforehand, in units of that of the innovations: next to nothing is known."""
NODES = 9
"""Points of the distribution of the variance over which a forecast is averaged."""


def forecasts_of_scale(
    series: Observed, covariance: Floats, log_weight: Floats, *, free: int, origins: Sequence[int], horizon: int
) -> list[Mixture]:
    """Forecasts from each origin where `covariance` is known up to a factor, the variance of the innovations.

    covariance: parameter sets × waves × waves, with `free` directions of variance VAGUE. The factor is integrated with
    the usual vague prior, so that every parameter set forecasts by Student's t with one degree of freedom per measured
    wave less `free`; it enters as normal components at the quantiles of its χ². No figure is foreseen more surely than
    its own sampling error allows.
    """
    from scipy.special import chdtri

    seen = covariance + np.diag(series.unseen(horizon) * UNSEEN**2)
    factor = factorise(seen, series.deviations())
    base, found = series.index[series.measured[0]], []
    for origin in origins:
        degrees = max(int((series.measured < origin).sum()) - free, 1)
        squares = np.maximum(factor.squares(origin), 1e-12)
        weight = log_weight - factor.logdet(origin) - 0.5 * degrees * np.log(squares)
        nodes = chdtri(degrees, (np.arange(NODES) + 0.5) / NODES)
        mean, sd = factor.ahead(origin, horizon)
        spread = np.maximum(np.sqrt(squares[:, None, None] / nodes[:, None]) * sd[:, None], series.typical)
        means = np.repeat(mean[:, None] + base, NODES, axis=1)
        found.append(mixture(np.repeat(weight, NODES), means.reshape(-1, horizon), spread.reshape(-1, horizon)))
    return found
