"""Taylor linearisation of means, ratios and totals for all variables and domains at once: arrays in, arrays out.

A mean is the ratio of Σw·y to Σw; the linearised score of a ratio r = Σw·y / Σw·x is u = w·(y − r·x) / Σw·x, that of a
total u = w·y, and the variance of the estimate is that of the total of u over the units of each stage and stratum:
V = Σ_h (1 − n_h/N_h) · n_h/(n_h − 1) · Σ_j (u_hj − ū_h)². A domain, and the rows where an answer is present, are
subpopulations of the whole design: rows outside have u = 0, but their units still count in n_h. Sources: Woodruff
1971; Särndal, Swensson & Wretman 1992, §5.5; Lumley 2010, §2.

Rows are read in blocks that stay in the processor's cache; within a block one product of a sparse matrix (cells × rows)
with the answers (rows × variables) sums every variable over every cell. Knows NumPy and SciPy only.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Literal

import numpy as np

from analysis.survey.design.replicate_weights import BLOCK_ROWS as BLOCK_OF_REPLICATES
from analysis.survey.design.replicate_weights import add_by_code
from analysis.survey.estimation.sandwich import covariance_of_scores, stage_variance, sum_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from analysis.survey.design.codes import Domains
    from analysis.survey.design.replicate_weights import ReplicateWeights
    from analysis.survey.design.sampling_stages import Stage
    from analysis.survey.design.survey_design import SurveyDesign

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

Kind = Literal["ratio", "total"]
BLOCK_ROWS = 4096
"""Rows of one block: 4096 × 40 answers are 1.3 MB."""
LARGEST_SUMS = 4_000_000
"""Cells × variables whose sums are held at a time (32 MB each)."""


@dataclass(frozen=True)
class Estimates:
    """Estimates of every domain (rows) and variable (columns); degrees of freedom are those of the domain.

    n: answers with a weight; simple: variance of a simple random sample of n; kish: (Σw)²/Σw²; each: the estimates with
    the weights of every replicate (domains × variables × replicates, of which there may be none).
    """

    estimate: Floats
    variance: Floats
    degrees: Floats
    n: Floats
    simple: Floats
    kish: Floats
    each: Floats = field(default_factory=lambda: np.zeros((0, 0, 0)))


@dataclass(frozen=True)
class _Rows:
    """What every block needs: answers, denominator, weights, domain of each row (the last one: in none)."""

    values: Floats
    base: Floats | None
    weights: Floats
    domain: Codes
    count: int
    each: Sequence[Floats | None] = ()

    def at(self, some: Codes) -> _Rows:
        """Some of the rows."""
        base = None if self.base is None else self.base[some]
        return _Rows(self.values[some], base, self.weights[some], self.domain[some], self.count)

    def blocks(self, size: int) -> Iterator[tuple[slice, Floats, NDArray[np.bool_] | None]]:
        """Row ranges with their answers (0 where missing) and, unless all are there, which are there."""
        for start in range(0, len(self.weights), size):
            part = slice(start, min(start + size, len(self.weights)))
            y = np.array(self.values[part], dtype=np.float64, order="C")
            missing = np.isnan(y)
            if self.base is not None:
                missing |= np.isnan(self.base[part])[:, None]
            if not missing.any():
                yield part, y, None
                continue
            y[missing] = 0.0
            yield part, y, ~missing

    def divisor(self, part: slice, present: NDArray[np.bool_] | None) -> Floats:
        """x of the ratio, 0 where y or x is missing; 1 for a mean: rows × 1, or rows × variables."""
        x = np.ones(part.stop - part.start) if self.base is None else np.nan_to_num(self.base[part])
        return x[:, None] if present is None else x[:, None] * present


def estimate_domains(
    values: Floats,
    base: Floats | None,
    *,
    design: SurveyDesign,
    domains: Domains,
    kind: Kind,
    each: Sequence[Floats | None] = (),
) -> Estimates:
    """Estimate every column of `values` (rows × variables, NaN: no answer) in every domain.

    `base`: denominator x of a ratio, one per row (none: a mean). `each`: what a column is in every replicate (rows ×
    replicates) where it is an estimate itself (none: the same in all). The variance comes from the replicates of the
    design where it has them, else from linearisation, with the residuals of its calibration if there is one.
    """
    width, first = values.shape[1], design.stages[0]
    units = len(first.sizes) if first.unit is None else len(first.parent)
    dense = design.rows if design.calibration is not None else 0
    step = max(1, min(width, LARGEST_SUMS // (max(units, dense) * (domains.count + 1))))
    parts = [
        _estimate(
            _all_rows(values[:, start : start + step], base, design.weights, domains, each[start : start + step]),
            design,
            domains,
            kind,
        )
        for start in range(0, width, step)
    ]
    if not parts:
        return Estimates(*(np.zeros((domains.count, 0)) for _ in range(6)))
    return Estimates(*(np.hstack([getattr(part, one.name) for part in parts]) for one in fields(Estimates)))


def _estimate(rows: _Rows, design: SurveyDesign, domains: Domains, kind: Kind) -> Estimates:
    sums, replicates = _first_pass(rows, design.stages[0]), design.replicates
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.ones_like(sums.weight) if kind == "total" else sums.base
        ratio = _ratio(sums, kind)
        estimate = np.where(sums.n > 0, sums.values / scale, np.nan)
        # The residuals of a mean have their own mean at 0 already.
        is_mean = kind == "ratio" and rows.base is None
        centre = None if is_mean else (sums.values - ratio * sums.base) / sums.weight
        plain = design.calibration is None and replicates is None
        variance, spread = _second_pass(rows, design.stages if plain else (), ratio, centre)
        each = np.zeros((*estimate.shape, 0))
        if plain:
            variance = variance / scale**2
        elif replicates is not None:
            each = _replicate_estimates(rows, kind, replicates)
            variance = (deviations(each, estimate, replicates) ** 2).sum(axis=-1)
        else:
            scores = _scores(rows, ratio, scale).reshape(len(rows.weights), -1)
            variance = covariance_of_scores(scores, design, diagonal=True).reshape(rows.count, -1)
        variance = np.where(sums.n > 1, variance, np.nan)
        simple = simple_variance(sums.n, sums.weight, spread, scale, design)
        kish = sums.weight**2 / sums.square
    degrees = sums.degrees if replicates is None else np.minimum(sums.degrees, replicates.degrees)
    kept = slice(0, domains.count)
    return Estimates(estimate[kept], variance[kept], degrees[kept], sums.n[kept], simple[kept], kish[kept], each[kept])


def simple_variance(n: Floats, weight: Floats, spread: Floats, scale: Floats, design: SurveyDesign) -> Floats:
    """Variance of a simple random sample of the same n: drawn without replacement where the population is known.

    `weight`: Σw of the n answers; `spread`: Σw·(residual)²; `scale`: what the total of the residuals is divided by. It
    is known where the draw is from a finite population and the weights add up to it; weights of another scale (a mean
    of 1, say) don't tell the number of persons, and the sample is taken as drawn with replacement.
    """
    simple = spread / weight * n / (n - 1) / n * (weight / scale) ** 2
    if not design.finite or design.weights.sum() <= (design.weights != 0).sum() * (1 + 1e-9):
        return np.asarray(simple, dtype=np.float64)
    return np.where(weight > n, simple * (weight - n) / weight, np.nan)


def _ratio(sums: _Sums, kind: Kind) -> Floats:
    """What the residuals y − r·x take off: the estimate itself, nothing for a total or an empty domain."""
    if kind == "total":
        return np.zeros_like(sums.values)
    return np.divide(sums.values, sums.base, out=np.zeros_like(sums.values), where=sums.base != 0)


@dataclass(frozen=True)
class _Sums:
    """Domain × variable: Σw·y, Σw·x, Σw, Σw², answers, degrees of freedom."""

    values: Floats
    base: Floats
    weight: Floats
    square: Floats
    n: Floats
    degrees: Floats


def _first_pass(rows: _Rows, first: Stage) -> _Sums:
    """Sums by domain, and the first-stage units with an answer less the strata with one."""
    count, width = rows.count, rows.values.shape[1]
    units = len(first.sizes) if first.unit is None else len(first.parent)
    values, base, weight, square = (np.zeros((count, width)) for _ in range(4))
    answers = np.zeros((units * count, width))
    for part, y, present in rows.blocks(max(BLOCK_ROWS, units * count)):
        w, code = rows.weights[part], rows.domain[part]
        there = np.ones((len(w), 1)) if present is None else present.astype(np.float64)
        values += sum_rows(y, w, code, count)
        weight += sum_rows(there, w, code, count)
        square += sum_rows(there, w * w, code, count)
        if rows.base is not None:
            base += sum_rows(rows.divisor(part, present), w, code, count)
        unit = first.parent[part] if first.unit is None else first.unit[part]
        answers += sum_rows(there, (w != 0).astype(np.float64), unit * count + code, units * count)
    n = answers.reshape(units, count, width).sum(axis=0)
    degrees = answering_degrees(answers.reshape(units, count * width), first).reshape(count, width)
    return _Sums(values, weight if rows.base is None else base, weight, square, n, degrees)


def answering_degrees(answers: Floats, first: Stage) -> Floats:
    """Units with an answer − strata with one, by column; `answers` per unit, or per stratum if rows are the units."""
    if first.unit is None:
        return np.asarray(answers.sum(axis=0) - (answers > 0).sum(axis=0), dtype=np.float64)
    seen = (answers > 0).astype(np.float64)
    strata = sum_rows(seen, None, first.parent, len(first.sizes)) > 0
    return np.asarray(seen.sum(axis=0) - strata.sum(axis=0), dtype=np.float64)


def _second_pass(rows: _Rows, stages: tuple[Stage, ...], ratio: Floats, centre: Floats | None) -> tuple[Floats, Floats]:
    """Variance of Σw·(y − r·x) and Σw·(y − r·x − c)² by domain and variable, c (`centre`) the weighted mean
    of y − r·x, none: 0.

    Σ_j (u_j − ū)² = Σ_j u_j² − (Σ_j u_j)²/n_h needs only sums per stratum × domain: units without a row in the
    domain, whose u is 0, never have to be written out.
    """
    count, width = rows.count, ratio.shape[1]
    spread = np.zeros((count, width))
    cells = [(len(s.sizes) if s.unit is None else len(s.parent)) * count for s in stages]
    totals = [np.zeros((size, width)) for size in cells]
    squares = [np.zeros((size, width)) if s.unit is None else None for s, size in zip(stages, cells, strict=True)]
    for part, y, present in rows.blocks(max(BLOCK_ROWS, *cells, 0)):
        w, code = rows.weights[part], rows.domain[part]
        fitted = ratio[code] if rows.base is None and present is None else ratio[code] * rows.divisor(part, present)
        residual = y - fitted
        squared = residual * residual
        if centre is None:
            spread += sum_rows(squared, w, code, count)
        else:
            around = residual - centre[code] if present is None else (residual - centre[code]) * present
            spread += sum_rows(around * around, w, code, count)
        for place, stage in enumerate(stages):
            cell = (stage.parent[part] if stage.unit is None else stage.unit[part]) * count + code
            totals[place] += sum_rows(residual, w, cell, cells[place])
            square = squares[place]
            if square is not None:
                square += sum_rows(squared, w * w, cell, cells[place])
    variance = np.zeros((count, width))
    for stage, total, square in zip(stages, totals, squares, strict=True):
        shape = (-1, count * width)
        variance += stage_variance(
            stage, total.reshape(shape), None if square is None else square.reshape(shape)
        ).reshape(count, width)
    return variance, spread


def _scores(rows: _Rows, ratio: Floats, scale: Floats) -> Floats:
    """Linearised scores, rows × domains × variables; 0 outside the domain."""
    out = np.zeros((len(rows.weights), rows.count, ratio.shape[1]))
    for part, y, present in rows.blocks(len(rows.weights)):
        code = rows.domain[part]
        residual = y - ratio[code] * rows.divisor(part, present)
        divisor = np.where(scale[code] != 0, scale[code], 1.0)
        out[np.arange(part.start, part.stop), code] = rows.weights[part][:, None] * residual / divisor
    return out


def joint_scores(values: Floats, base: Floats | None, *, design: SurveyDesign, domains: Domains, kind: Kind) -> Floats:
    """Linearised score of every row in every estimate: rows × (variables × domains), variable after variable.

    With a calibrated design the scores are their residuals. The sum of their products over the design's units is the
    covariance of the estimates: see `covariance_of_scores`.
    """
    flat = scores_of_rows(values, base, design=design, domains=domains, kind=kind)(np.arange(design.rows))
    return flat if design.calibration is None else design.calibration.residuals(flat, design.weights)


def scores_of_rows(
    values: Floats, base: Floats | None, *, design: SurveyDesign, domains: Domains, kind: Kind
) -> Callable[[Codes], Floats]:
    """The same for the rows that are asked for, before calibration: so many × (variables × domains)."""
    rows = _all_rows(values, base, design.weights, domains)
    sums = _first_pass(rows, design.stages[0])
    scale, ratio = np.ones_like(sums.base) if kind == "total" else sums.base, _ratio(sums, kind)

    def made(some: Codes) -> Floats:
        return _scores(rows.at(some), ratio, scale)[:, : domains.count].transpose(0, 2, 1).reshape(len(some), -1)

    return made


def _all_rows(
    values: Floats, base: Floats | None, weights: Floats, domains: Domains, each: Sequence[Floats | None] = ()
) -> _Rows:
    """The rows with one domain more for those in none, where there are any."""
    outside = domains.codes < 0
    domain = np.where(outside, domains.count, domains.codes)
    return _Rows(values, base, weights, domain, domains.count + bool(outside.any()), each)


def _replicate_estimates(rows: _Rows, kind: Kind, replicates: ReplicateWeights) -> Floats:
    """The estimates with the weights of every replicate: domains × variables × replicates.

    A replicate in which a domain has no weight has none, and is left out of the variance, as in R.
    """
    width = rows.values.shape[1]
    varying = {place: each for place, each in enumerate(rows.each) if each is not None}
    same = [place for place in range(width) if place not in varying]
    fixed, below, alike = (np.zeros((rows.count, size, replicates.count)) for size in (len(same), width, 1))
    moving = {place: np.zeros((rows.count, 1, replicates.count)) for place in varying}
    for (part, weights), (_, y, present) in zip(replicates.blocks(), rows.blocks(BLOCK_OF_REPLICATES), strict=True):
        domain, x = rows.domain[part], rows.divisor(part, present)
        shared = (x == x[:, :1]).all()
        divisor, x = (alike, x[:, :1]) if shared else (below, x)
        add_by_code([fixed, divisor], [y[:, same] if varying else y, x], weights, domain)
        for place, each in varying.items():
            there = np.ones((len(y), 1)) if present is None else present[:, [place]].astype(np.float64)
            add_by_code([moving[place]], [there], weights * each[part], domain)
    above = np.concatenate([fixed, *moving.values()], axis=1)[:, np.argsort([*same, *moving])]
    if kind == "total":
        return above
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(above / (below + alike))


def deviations(each: Floats, estimate: Floats, replicates: ReplicateWeights) -> Floats:
    """√factors_r · (θ_r − θ) of every replicate (last axis), 0 where a replicate has no estimate."""
    known = np.isfinite(each)
    middle = estimate
    if replicates.centre == "mean":
        used = known & (replicates.factors > 0)
        middle = np.where(used, each, 0.0).sum(axis=-1) / np.maximum(used.sum(axis=-1), 1)
    return np.where(known, each - middle[..., None], 0.0) * np.sqrt(replicates.factors)
