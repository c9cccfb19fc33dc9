"""Sums of what a question's answers add up to, by column of a banner and unit of the design: read from the rows once.

All statistics of a question are made of the same few features f of an answer: indicators of its categories, or a
number and 1. A statistic is Σw·a'f / Σw·b'f, its linearised score w·(a − r·b)'f / Σw·b'f is linear in f too, and so the
sums of w·f by unit and column give the estimate, its variance and its covariance with other columns; where rows are the
units the sums of w²·ff' by stratum stand in for the squares of the scores. Knows NumPy and SciPy only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from analysis.survey.estimation.sandwich import sum_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis.survey.design.sampling_stages import Stage
    from analysis.survey.design.survey_design import SurveyDesign

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

LARGEST = 20_000_000
"""Cells × replicates whose sums are held at a time (160 MB)."""


@dataclass(frozen=True)
class Categories:
    """Answers as codes 0 … count − 1 (−1: none); the features are the indicators of the codes."""

    codes: Codes
    count: int

    @property
    def size(self) -> int:
        """Number of features."""
        return self.count

    @property
    def one(self) -> Floats:
        """Coefficients with which the features add up to 1."""
        return np.ones(self.count)

    @cached_property
    def _filled(self) -> Codes:
        """The codes, with `count` for no answer."""
        return np.where(self.codes < 0, self.count, self.codes)

    def sums(self, weights: Sequence[Floats | None], code: Codes, cells: int) -> list[Floats]:
        """Σ w · f by code, cells × features, for each of `weights` (None: all 1); rows in no cell have `cells`."""
        width = self.count + 1
        place = code * width + self._filled
        found = (np.bincount(place, each, minlength=(cells + 1) * width) for each in weights)
        return [one.astype(np.float64).reshape(-1, width)[:cells, : self.count] for one in found]

    def products(self, weights: Floats, code: Codes, cells: int) -> Floats:
        """Σ w · ff' by code: its diagonal, cells × features, for two indicators are never 1 together."""
        return self.sums([weights], code, cells)[0]

    def replicated(self, weights: Floats, code: Codes, cells: int) -> Floats:
        """The sums with many weights (rows × replicates) at once: cells × features × replicates."""
        there = (self.codes >= 0) & (code < cells)
        place = code[there] * self.count + self.codes[there]
        return sum_rows(weights[there], None, place, cells * self.count).reshape(cells, self.count, -1)


@dataclass(frozen=True)
class Numbers:
    """Answers as numbers (rows × features, NaN: none); `one`: coefficients with which the features add up to 1."""

    values: Floats
    one: Floats

    @property
    def size(self) -> int:
        """Number of features."""
        return int(self.values.shape[1])

    def sums(self, weights: Sequence[Floats | None], code: Codes, cells: int) -> list[Floats]:
        """Σ w · f by code, cells × features, for each of `weights` (None: all 1); rows in no cell have `cells`."""
        there = self._there(code, cells)
        values, code = self.values[there], code[there]
        each = [values if one is None else values * one[there][:, None] for one in weights]
        return np.split(sum_rows(np.hstack(each), None, code, cells), len(each), axis=1)

    def products(self, weights: Floats, code: Codes, cells: int) -> Floats:
        """Σ w · ff' by code: cells × features × features."""
        there = self._there(code, cells)
        values, code = self.values[there], code[there]
        heavy, (above, below) = values * weights[there][:, None], np.triu_indices(self.size)
        half = sum_rows(heavy[:, above] * values[:, below], None, code, cells)
        whole = np.empty((cells, self.size, self.size))
        whole[:, above, below] = whole[:, below, above] = half
        return whole

    def replicated(self, weights: Floats, code: Codes, cells: int) -> Floats:
        """The sums with many weights (rows × replicates) at once: cells × features × replicates."""
        there = self._there(code, cells)
        found = [
            sum_rows(weights[there] * column[:, None], None, code[there], cells) for column in self.values[there].T
        ]
        return np.stack(found, axis=1)

    @cached_property
    def _answered(self) -> NDArray[np.bool_]:
        return np.asarray(~np.isnan(self.values).any(axis=1))

    def _there(self, code: Codes, cells: int) -> NDArray[np.bool_] | slice:
        """Rows with an answer in a cell."""
        there = self._answered & (code < cells)
        return slice(None) if there.all() else there


Features = Categories | Numbers


@dataclass(frozen=True)
class Layout:
    """The columns of a banner over the rows of a design: `column` of each row (`count`: in none).

    units: for each stage of the design its units × columns as one code per row; order: the rows in some column, column
    after column, and starts: where each begins. A layout is made once and serves every question.
    """

    design: SurveyDesign
    column: Codes
    count: int
    units: tuple[Codes, ...]
    order: Codes
    starts: Codes

    @classmethod
    def of(cls, design: SurveyDesign, column: Codes, count: int) -> Layout:
        """The layout of `column` (−1: in none) over the rows of `design`."""
        outside = column < 0
        units = []
        for stage in design.stages:
            unit = stage.parent if stage.unit is None else stage.unit
            units.append(np.where(outside, members(stage) * count, unit * count + column))
        order = np.argsort(np.where(outside, count, column).astype(np.int32), kind="stable")[: int((~outside).sum())]
        starts = np.searchsorted(column[order], np.arange(count))
        return cls(design, np.where(outside, count, column), count, tuple(units), order, starts)

    def largest(self, amounts: Floats) -> Floats:
        """Share of each column's total of `amounts` (one per row, 0 or more) of its one, and two, largest: D × 2.

        0 where the total is 0. Every column must have a row.
        """
        own = amounts[self.order]
        size = np.diff(self.starts, append=len(own))
        total, most = np.add.reduceat(own, self.starts), np.maximum.reduceat(own, self.starts)
        is_most = own == np.repeat(most, size)
        twice = np.add.reduceat(is_most.astype(np.int64), self.starts) > 1
        next_most = np.where(twice, most, np.maximum.reduceat(np.where(is_most, 0.0, own), self.starts))
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = np.column_stack([most, most + next_most]) / total[:, None]
        return np.where(total[:, None] > 0, shares, 0.0)


def members(stage: Stage) -> int:
    """Number of units of a stage, or of strata where every row is its own unit."""
    return len(stage.sizes) if stage.unit is None else len(stage.parent)


@dataclass(frozen=True)
class CellSums:
    """What the answers to a question add up to under a layout of D columns; F features.

    first: Σw·f (D × F); weight, square, n: Σw, Σw² and answers with a weight (D); spread: Σw·ff' (D × F, or × F × F);
    totals: Σw·f by the units of every stage (units × D × F); squares: Σw²·ff' by stratum, where rows are the units
    (strata × D × F, or × F × F), else none; answered: answers by unit of the first stage, or stratum (units × D);
    replicates: Σw·f with the weights of every replicate (D × F × R), none without. diagonal: of ff' the diagonal is
    held, for no two features are ever other than 0 together.
    """

    first: Floats
    weight: Floats
    square: Floats
    n: Floats
    spread: Floats
    totals: tuple[Floats, ...]
    squares: Floats | None
    answered: Floats
    replicates: Floats | None
    diagonal: bool


def sum_cells(features: Features, layout: Layout) -> CellSums:
    """Sums of one question's answers under a layout; one stage of rows or units takes three counts of the rows."""
    design, count = layout.design, layout.count
    weights, first_stage = design.weights, design.stages[0]
    square = weights * weights
    counted = None if weights.all() else (weights != 0).astype(np.float64)
    units = members(first_stage) * count
    held = features.sums([counted, weights], layout.units[0], units)
    answered = (held[0] @ features.one).reshape(-1, count)
    totals: list[Floats] = [held[1].reshape(-1, count, features.size)]
    for stage, code in zip(design.stages[1:], layout.units[1:], strict=True):
        (found,) = features.sums([weights], code, members(stage) * count)
        totals.append(found.reshape(-1, count, features.size))
    own = features.products(square, layout.units[0], units) if first_stage.unit is None else None
    squares = None if own is None else own.reshape(-1, count, *own.shape[1:])
    first = totals[0].sum(axis=0)
    diagonal = isinstance(features, Categories)
    spread = first if diagonal else features.products(weights, layout.column, count)
    one = np.broadcast_to(features.one, (count, 1, features.size))
    heavy = features.products(square, layout.column, count) if squares is None else squares.sum(axis=0)
    return CellSums(
        first=first,
        weight=first @ features.one,
        square=quadratics(heavy, one, diagonal=diagonal)[:, 0],
        n=answered.sum(axis=0),
        spread=spread,
        totals=tuple(totals),
        squares=squares,
        answered=answered,
        replicates=_replicated(features, layout),
        diagonal=diagonal,
    )


def _replicated(features: Features, layout: Layout) -> Floats | None:
    replicates = layout.design.replicates
    if replicates is None:
        return None
    step = max(1, LARGEST // (layout.count * features.size))
    parts = [
        features.replicated(
            np.asarray(replicates.weights[:, start : start + step], dtype=np.float64), layout.column, layout.count
        )
        for start in range(0, replicates.count, step)
    ]
    return np.concatenate(parts, axis=2)


def quadratics(products: Floats, coefficients: Floats, *, diagonal: bool) -> Floats:
    """g'Pg for every column and statistic: products … × D × F × F (`diagonal`: … × D × F), g D × S × F → … × D × S."""
    if diagonal:
        return np.asarray(np.einsum("...df,dsf->...ds", products, coefficients**2))
    return np.asarray(np.einsum("...dfe,dsf,dse->...ds", products, coefficients, coefficients))
