"""What respondents answer: latent variables of the planted model, and five-point (or other) answers cut from them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.data.simulation.drawing import Floats
from analysis.data.simulation.people import population_shares
from analysis.data.simulation.planted import ALL, Planted
from analysis.edition.instrument import Instrument
from analysis.edition.scales import Scale
from analysis.errors import EditionError

Codes = npt.NDArray[np.int16]


def draw_latents(rng: np.random.Generator, planted: Planted, profiles: pd.DataFrame) -> dict[str, Floats]:
    """Latent variables by construct: unit variance from the planted paths, then shifted by group.

    Exogenous constructs share one factor with loading sqrt(r), so that any two correlate at r. Groups act on a
    construct directly and, for what lies after it, through the paths.
    """
    size, correlation = len(profiles), planted.structure.correlation
    shifts = _group_shifts(planted, profiles)
    common = rng.standard_normal(size)
    latents = {
        key: np.sqrt(correlation) * common + np.sqrt(1 - correlation) * rng.standard_normal(size) + shifts[key]
        for key in planted.exogenous
    }
    for outcome, variance in residual_variances(planted).items():
        explained = sum(weight * latents[key] for key, weight in planted.structure.paths[outcome].items())
        for key, (below, above) in planted.structure.bends.get(outcome, {}).items():
            bend, mean = (below - above) / 2, (below + above) / 2
            tilted = (mean - planted.structure.paths[outcome][key]) * latents[key]
            explained = explained + tilted - bend * (np.abs(latents[key]) - np.sqrt(2 / np.pi))
        left = np.sqrt(variance - bend_variance(planted, outcome))
        latents[outcome] = explained + left * rng.standard_normal(size) + shifts[outcome]
    return latents


def bend_variance(planted: Planted, outcome: str) -> float:
    """Variance that the bends of its paths add to what is explained of an outcome, taken from its disturbance.

    τ'Rτ + 2β'Rτ + α'Cα with α half the difference of the slopes, τ their mean less the path β, R the correlations and C
    the covariances of |x|: |x| and |y| of standard normal variables that correlate at r have the covariance
    2/π · (√(1 − r²) + r·asin r − 1).
    """
    r, paths = planted.structure.correlation, planted.structure.paths[outcome]
    slopes = [planted.structure.bends.get(outcome, {}).get(key, (path, path)) for key, path in paths.items()]
    (below, above), path = np.array(slopes).T, np.array(list(paths.values()))
    same = np.eye(len(path), dtype=bool)
    between = 2 / math.pi * (math.sqrt(1 - r**2) + r * math.asin(r) - 1)
    bend, tilt = (below - above) / 2, (below + above) / 2 - path
    straight = (tilt + 2 * path) @ np.where(same, 1.0, r) @ tilt
    return float(straight + bend @ np.where(same, 1 - 2 / math.pi, between) @ bend)


def residual_variances(planted: Planted) -> dict[str, float]:
    """Residual variance that leaves each outcome with variance 1; raises EditionError when the paths leave none."""
    keys = planted.exogenous
    correlations = np.full((len(keys), len(keys)), planted.structure.correlation)
    np.fill_diagonal(correlations, 1.0)
    residuals: dict[str, float] = {}
    for outcome, paths in planted.structure.paths.items():
        weights = np.array([paths.get(key, 0.0) for key in keys])
        with_others = correlations @ weights
        residuals[outcome] = 1.0 - float(weights @ with_others)
        if residuals[outcome] <= 0:
            raise EditionError(
                f"The planted paths to {outcome!r} explain more than all of its variance.",
                where=f"structure.paths.{outcome}",
                expected="an explained variance below 1",
                got=f"{1 - residuals[outcome]:.3f}",
                hint="make the paths smaller",
            )
        correlations = np.block([[correlations, with_others[:, None]], [with_others[None, :], np.ones((1, 1))]])
        keys = [*keys, outcome]
    return residuals


def answer_items(
    rng: np.random.Generator, latents: Mapping[str, Floats], *, planted: Planted, instrument: Instrument
) -> dict[str, Codes]:
    """Answers by construct: one column of whole numbers per item, on its scale."""
    answers: dict[str, Codes] = {}
    for key, construct in planted.constructs.items():
        size, scales = len(latents[key]), scales_of(instrument, key)
        columns = []
        for loading, offset, scale in zip(construct.loadings, construct.offsets, scales, strict=True):
            step = scale.span / 4
            centre = threshold_centre(construct.level, construct.spread * step, scale)
            behind = loading * latents[key] + np.sqrt(1 - loading**2) * rng.standard_normal(size)
            answer = np.rint(centre + step * (construct.spread * behind + offset))
            columns.append(np.clip(answer, scale.min, scale.max).astype(np.int16))
        answers[key] = np.column_stack(columns)
    return answers


def scales_of(instrument: Instrument, construct: str) -> list[Scale]:
    """The scale of each item of a construct."""
    return [instrument.scales[item.key] for item in instrument.find(construct).items]


def threshold_centre(level: float, spread: float, scale: Scale) -> float:
    """Mean behind the answers whose rounding to the scale has the mean `level` (0–100).

    A normal variable N(m, spread) rounded and cut to min … max has the mean
    min + Σ P(variable > k + ½) over k = min … max - 1; m is found by bisection.
    """
    wanted = scale.min + level / 100 * scale.span
    low, high = scale.min - 6 * spread, scale.max + 6 * spread
    for _ in range(60):
        centre = (low + high) / 2
        above = (0.5 * math.erfc((k + 0.5 - centre) / (spread * math.sqrt(2))) for k in range(scale.min, scale.max))
        low, high = (centre, high) if scale.min + sum(above) < wanted else (low, centre)
    return (low + high) / 2


def _group_shifts(planted: Planted, profiles: pd.DataFrame) -> dict[str, Floats]:
    """Shift of every respondent on every construct; shifts are centred on the population."""
    margins = population_shares(planted)
    shifts = {key: np.zeros(len(profiles)) for key in planted.constructs}
    for question in planted.shifts:
        by_code = shifts_of(planted, question, margins[question])
        for place, key in enumerate(shifts):
            own = {code: shift[place] for code, shift in by_code.items()}
            centre = sum(margins[question][code] * shift for code, shift in own.items())
            shifts[key] += profiles[question].map(own).to_numpy(dtype=float) - centre
    if planted.digital is not None:
        given = str(planted.survey.profile[planted.digital.question].given)
        served = profiles[planted.digital.question].isin(planted.digital.answers).to_numpy()
        within = planted.survey.profile[planted.digital.question].by
        for key, effect in planted.digital.effect.items():
            share = {code: sum(within[code][answer] for answer in planted.digital.answers) for code in effect}
            centre = sum(margins[given][code] * share[code] * shift for code, shift in effect.items())
            shifts[key] += served * profiles[given].map(effect).fillna(0.0).to_numpy(dtype=float) - centre
    return shifts


def shifts_of(planted: Planted, question: str, codes: Iterable[str], *, within: str | None = None) -> dict[str, Floats]:
    """Shift of each construct, in their order, that goes with each answer to a profile question; not centred.

    `within`: answer to the question that this one is given by, on which the effect of digital service depends.
    """
    groups = planted.shifts.get(question, {})
    exogenous, digital = set(planted.exogenous), planted.digital

    def shift(code: str, key: str) -> float:
        own = groups.get(code, {})
        served = digital is not None and digital.question == question and code in digital.answers
        added = digital.effect.get(key, {}).get(within or "", 0.0) if served and digital is not None else 0.0
        return own.get(key, 0.0) + (own.get(ALL, 0.0) if key in exogenous else 0.0) + added

    return {code: np.array([shift(code, key) for key in planted.constructs]) for code in codes}
