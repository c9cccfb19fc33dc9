"""Raking as an array kernel: margins as codes, cells of their cross-classification, many replicates at once.

Plain raking multiplies the weights of a cell of the cross-classified margins by one factor, whatever the weights
inside it. So it runs on the totals of the cells, which are far fewer than the rows, and the factors are handed back to
the rows: exact, and fast for a million rows. NumPy and pandas only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from analysis.errors import MethodError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]


class Constraint(Protocol):
    """What weights are to meet: the shares of a margin, or a mean."""

    @property
    def name(self) -> str:
        """The question it is of."""

    @property
    def codes(self) -> Codes:
        """Rows of one code are alike in it; -1: not answered."""

    def at(self, rows: NDArray[np.int64]) -> Constraint:
        """The same for the rows at these positions only."""

    def columns(self, weights: Floats) -> Floats:
        """Rows × any: what weighted sums to 0 where it is met; `weights` (rows × 1) tell which categories are there."""

    def gaps(self, weights: Floats) -> Floats:
        """Per column of weights (rows × columns): how far it is from being met."""

    def furthest(self, weights: Floats) -> str:
        """What is furthest off by these weights (rows × 1), for an error."""


@dataclass(frozen=True)
class Margin:
    """One margin: category of each row (-1: missing) and the target share of each category."""

    name: str
    categories: tuple[str, ...]
    codes: Codes
    targets: Floats

    def at(self, rows: NDArray[np.int64]) -> Margin:
        """The margin of the rows at these positions only."""
        return Margin(self.name, self.categories, self.codes[rows], self.targets)

    def sums(self, weights: Floats) -> Floats:
        """Categories × columns: sums of weights (rows × columns) over the rows that answered."""
        size = len(self.categories) + 1
        codes = np.where(self.codes < 0, size - 1, self.codes)
        if weights.shape[1] == 1:
            return np.asarray(np.bincount(codes, weights[:, 0], size)[:-1, None], dtype=np.float64)
        members = (codes == np.arange(size - 1)[:, None]).astype(np.float64)
        return np.asarray(members @ weights)

    def shares(self, weights: Floats) -> Floats:
        """Categories × columns: weighted share of each category among the rows that answered."""
        sums = self.sums(weights)
        return np.asarray(sums / sums.sum(axis=0))

    def columns(self, weights: Floats) -> Floats:
        """Of each category that has weight: its indicator less its target share, 0 where nothing was answered."""
        members = np.zeros((len(weights), len(self.categories) + 1))
        members[np.arange(len(weights)), self.codes] = 1.0
        present = self.sums(weights)[:, 0] > 0
        targets = self.targets[present] / self.targets[present].sum()
        return np.asarray(members[:, :-1][:, present] - (self.codes >= 0)[:, None] * targets)

    def gaps(self, weights: Floats) -> Floats:
        """Per column: largest distance of a weighted share from its target."""
        return np.asarray(np.abs(self.shares(weights) - self.targets[:, None]).max(axis=0))

    def furthest(self, weights: Floats) -> str:
        """The category whose share is furthest from its target."""
        shares = self.shares(weights)[:, 0]
        place = int(np.abs(shares - self.targets).argmax())
        wanted = f"{self.targets[place]:.1%} are wanted"
        return f"{self.name} = {self.categories[place]}: {shares[place]:.1%} of the weight where {wanted}"

    def adjust(self, unit: Floats, mass: Floats) -> Floats:
        """Weights of one copy (rows × columns), each standing `mass` times, scaled to the targets.

        Rows that did not answer keep theirs; a category that a replicate left empty stays so.
        """
        shares = self.shares(unit * mass)
        factors = np.divide(self.targets[:, None], shares, out=np.ones_like(shares), where=shares > 0)
        kept = np.vstack([factors, np.ones((1, unit.shape[1]))])
        return np.asarray(unit * kept[self.codes])


def build_margin(frame: pd.DataFrame, name: str, targets: Mapping[str, float]) -> Margin:
    """Codes and target shares of one margin; raises MethodError unless both sides hold the same categories."""
    if name not in frame:
        raise MethodError(f"The margin {name!r} is not a column of the data.", hint="check weighting.margins")
    positive = {str(category): float(value) for category, value in targets.items()}
    wrong = sorted(category for category, value in positive.items() if not (np.isfinite(value) and value > 0))
    if wrong or not positive:
        raise MethodError(
            f"The targets of the margin {name!r} are not usable.",
            where=", ".join(wrong) or name,
            expected="a positive share or total for each category",
            hint="correct the population table; merge a category that nobody is in with another",
        )
    found, answers = pd.factorize(frame[name])
    known = [str(answer) for answer in answers]
    counts = np.bincount(found[found >= 0], minlength=len(known))
    _check_categories(name, positive, dict(zip(known, counts, strict=True)))
    categories = tuple(positive)
    places = np.array([*(categories.index(answer) for answer in known), -1], dtype=np.int64)
    shares = np.array(list(positive.values()))
    return Margin(name, categories, places[found], shares / shares.sum())


def _check_categories(name: str, targets: Mapping[str, float], counts: Mapping[str, int]) -> None:
    empty = [category for category in targets if category not in counts]
    if empty:
        raise MethodError(
            f"Nobody in the sample belongs to a category of the margin {name!r}.",
            where=", ".join(f"{name} = {category} (n = 0)" for category in empty),
            expected="at least one interview in every category that has a target",
            hint="merge the category with a similar one in data and population, or drop the margin",
        )
    extra = sorted(category for category in counts if category not in targets)
    if extra:
        raise MethodError(
            f"The sample has a category of the margin {name!r} without a population target.",
            where=", ".join(f"{name} = {category} (n = {int(counts[category])})" for category in extra),
            expected=f"one of {', '.join(targets)}",
            hint="add the category to the population table, or map the answer to one it has",
        )


@dataclass(frozen=True)
class Cells:
    """Rows put together: `of` gives the cell of each row, `first` one row of each cell."""

    of: Codes
    first: Codes

    @classmethod
    def cross(cls, codes: Sequence[Codes]) -> Cells:
        """Cells of the cross-classification that occur; codes are whole numbers from -1 up."""
        combined = np.zeros(len(codes[0]), dtype=np.int64)
        for code in codes:
            levels = int(code.max(initial=-1)) + 2
            if (int(combined.max(initial=0)) + 1) * levels > 2**62:
                combined = pd.factorize(combined)[0].astype(np.int64)
            combined = combined * levels + code + 1
        return cls._numbered(combined)

    @classmethod
    def _numbered(cls, combined: Codes) -> Cells:
        size = int(combined.max(initial=0)) + 1
        if size <= 4 * len(combined) + 1024:
            last = np.full(size, -1, dtype=np.int64)
            last[combined[::-1]] = np.arange(len(combined))[::-1]
            present = last >= 0
            number = np.cumsum(present) - 1
            return cls(number[combined].astype(np.int64), last[present])
        of, values = pd.factorize(combined)
        first = np.full(len(values), -1, dtype=np.int64)
        first[of[::-1]] = np.arange(len(of))[::-1]
        return cls(of.astype(np.int64), first)

    def sums(self, values: Floats) -> Floats:
        """Cells × columns: sums of values (rows × columns)."""
        sums = [np.bincount(self.of, column, len(self.first)) for column in values.T]
        return np.stack(sums, axis=1) if sums else np.zeros((len(self.first), 0))


def deviations(weights: Floats, constraints: Sequence[Constraint]) -> Floats:
    """Per column: largest distance from a target share, or from a mean in standard deviations; missing without any."""
    if not constraints:
        return np.full(weights.shape[1], np.nan)
    return np.asarray(np.max([constraint.gaps(weights) for constraint in constraints], axis=0))


def margins_of(constraints: Sequence[Constraint]) -> list[Margin]:
    """The margins among them, which raking can meet one after another."""
    return [constraint for constraint in constraints if isinstance(constraint, Margin)]


def fit_margins(
    mass: Floats, margins: Sequence[Margin], *, max_iterations: int, tolerance: float
) -> tuple[Floats, NDArray[np.int64]]:
    """Iterative proportional fitting of cell totals (cells × columns); each column stops when it meets the targets.

    Returns the factor of each cell (cells × columns) and the rounds that each column took. Source: Deming & Stephan
    1940.
    """
    unit = np.ones_like(mass)
    rounds = np.zeros(mass.shape[1], dtype=np.int64)
    active = np.flatnonzero(deviations(mass, margins) > tolerance)
    for _ in range(max_iterations):
        if not len(active):
            break
        fitted, weight = unit[:, active], mass[:, active]
        for margin in margins:
            fitted = margin.adjust(fitted, weight)
        unit[:, active] = fitted
        rounds[active] += 1
        active = active[deviations(fitted * weight, margins) > tolerance]
    return unit, rounds
