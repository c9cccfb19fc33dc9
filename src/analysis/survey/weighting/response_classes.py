"""Classes of like response: cells of known variables, put together where thin, or strata of a fitted propensity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.errors import MethodError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.survey.weighting.raking import Codes, Floats


@dataclass(frozen=True)
class Tally:
    """Per cell: interviews and eligible cases without one, as numbers and as sums of design weights."""

    interviews: Floats
    silent: Floats
    interview_weight: Floats
    silent_weight: Floats

    @classmethod
    def count(cls, cells: Codes, kept: int, weights: NDArray[np.float64], shares: NDArray[np.float64]) -> Tally:
        """Tally the first `kept` rows as interviews, the others as cases without one."""
        size = int(cells.max()) + 1

        def sums(rows: slice, values: NDArray[np.float64]) -> Floats:
            return np.asarray(np.bincount(cells[rows], weights=values, minlength=size), dtype=np.float64)

        first, rest = slice(0, kept), slice(kept, None)
        return cls(
            sums(first, np.ones(kept)), sums(rest, shares), sums(first, weights[first]), sums(rest, weights[rest])
        )

    def within(self, groups: Codes) -> Tally:
        """The tally of groups of cells."""
        columns = (self.interviews, self.silent, self.interview_weight, self.silent_weight)
        return Tally(*(np.asarray(np.bincount(groups, weights=column), dtype=np.float64) for column in columns))

    @property
    def rates(self) -> Floats:
        """Weighted response rate of each cell."""
        return np.asarray(self.interview_weight / (self.interview_weight + self.silent_weight))


def collapse(
    tally: Tally, members: pd.DataFrame, *, start: Codes | None = None, min_class: int, max_factor: float
) -> Codes:
    """Class of each cell after thin or extreme classes were put together.

    `start` gives the class each cell begins in (none: every cell one of its own). While a class holds fewer than
    `min_class` interviews, or its factor 1/rate exceeds `max_factor` times that of all cases, the one with the fewest
    interviews joins the class whose response rate is nearest: if possible one that agrees with it on all
    variables but the last.
    """
    groups = np.arange(len(members)) if start is None else np.unique(start, return_inverse=True)[1]
    groups = groups.astype(np.int64)
    parents = pd.factorize(members.iloc[:, :-1].apply(tuple, axis=1))[0] if members.shape[1] > 1 else None
    parent = (
        parents.astype(np.int64) if parents is not None and start is None else np.zeros(len(members), dtype=np.int64)
    )
    overall = tally.interview_weight.sum() / (tally.interview_weight.sum() + tally.silent_weight.sum())
    while groups.max() > 0:
        now = tally.within(groups)
        rates = now.rates
        bad = (now.interviews < min_class) | (rates * max_factor < overall)
        if not bad.any():
            break
        worst = int(np.flatnonzero(bad)[np.argmin(now.interviews[bad])])
        same = np.unique(groups[np.isin(parent, parent[groups == worst])])
        others = same[same != worst] if len(same) > 1 else np.delete(np.arange(len(rates)), worst)
        nearest = int(others[np.argmin(np.abs(rates[others] - rates[worst]))])
        groups[groups == worst] = nearest
        groups = np.unique(groups, return_inverse=True)[1].astype(np.int64)
    return groups if start is not None else pd.factorize(groups)[0].astype(np.int64)


def propensity_strata(members: pd.DataFrame, tally: Tally, groups: int) -> Codes:
    """Stratum of each cell, from the lowest to the highest response propensity, with about equal numbers of cases."""
    propensity = fit_propensity(design_matrix(members), tally.interviews, tally.silent)
    cases = tally.interviews + tally.silent
    order = np.argsort(propensity, kind="stable")
    middle = np.cumsum(cases[order]) - cases[order] / 2
    strata = np.empty(len(cases), dtype=np.int64)
    strata[order] = np.minimum((middle / cases.sum() * groups).astype(np.int64), groups - 1)
    return strata


def design_matrix(members: pd.DataFrame) -> Floats:
    """Main effects: a constant, and a dummy for every value of a variable but its first."""
    columns = [np.ones(len(members))]
    for name in members.columns:
        values = sorted(members[name].unique())
        columns += [(members[name] == value).to_numpy(dtype=np.float64) for value in values[1:]]
    return np.column_stack(columns)


def fit_propensity(
    design: Floats, responses: Floats, silent: Floats, *, tolerance: float = 1e-12, max_iterations: int = 100
) -> Floats:
    """Fitted probability of response per cell: logistic regression of grouped counts by maximum likelihood.

    Iteratively reweighted least squares until the deviance stands still (relative change below `tolerance`); a
    category without any response has a propensity that tends to zero. Raises MethodError when it does not converge.
    Source: McCullagh & Nelder 1989, §4.4; agrees with R's glm(cbind(responses, silent) ~ ., binomial).
    """
    cases = responses + silent
    fitted = (responses + 0.5) / (cases + 1)
    eta, last = np.log(fitted / (1 - fitted)), np.inf
    for _ in range(max_iterations):
        weight = np.maximum(cases * fitted * (1 - fitted), 1e-300)
        working = eta + (responses - cases * fitted) / weight
        root = np.sqrt(weight)
        solution = np.linalg.lstsq(design * root[:, None], working * root, rcond=None)[0]
        eta = np.clip(design @ solution, -30, 30)
        fitted = 1 / (1 + np.exp(-eta))
        deviance = float(-2 * (responses * np.log(fitted) + silent * np.log1p(-fitted)).sum())
        if abs(deviance - last) <= tolerance * (abs(deviance) + 0.1):
            return np.asarray(fitted)
        last = deviance
    raise MethodError(
        "The model of the response propensity did not converge.",
        hint="use fewer variables, or weighting.nonresponse.method: classes",
    )
