"""What comparisons should find in the simulated population, in points: effect of digital service, and of each unit.

Groups shift the latent variables, directly and along the paths. The mean score of people whose latent variable has the
mean m and the variance v follows from the way answers are cut: an item's answer is a normal variable rounded to the
scale. The bends of paths move means by less than 0.01 standard deviations and are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.data.simulation.answers import scales_of, shifts_of, threshold_centre
from analysis.data.simulation.people import population_shares
from analysis.data.simulation.population import latent_covariance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.data.simulation.drawing import Floats
    from analysis.data.simulation.planted import Planted
    from analysis.edition.instrument import Instrument


def digital_effects(planted: Planted, outcomes: Sequence[str], *, instrument: Instrument) -> pd.DataFrame:
    """Points that digital service adds to each of the `outcomes`: of every age (category), and of all (missing).

    Within an age the channels of either side stand in the shares that they have there; what they do to the dimensions
    counts, along the paths.
    """
    digital = planted.digital
    if digital is None:
        return pd.DataFrame(columns=["outcome", "category", "planted"])
    margin = planted.survey.profile[digital.question]
    shares = population_shares(planted)[str(margin.given)]
    rows: list[tuple[str, str | None, float]] = []
    for outcome in outcomes:
        found = {}
        for code, within in margin.by.items():
            age, channel = shifts_of(planted, str(margin.given), [code])[code], {}
            own = shifts_of(planted, digital.question, within, within=code)
            for served in (True, False):
                part = {answer: share for answer, share in within.items() if (answer in digital.answers) == served}
                moved = sum((share * own[answer] for answer, share in part.items()), np.zeros(len(age)))
                channel[served] = age + moved / sum(part.values())
            with_it, without = (_score(planted, outcome, channel[side], instrument) for side in (True, False))
            found[code] = with_it - without
        rows.append((outcome, None, sum(shares[code] * value for code, value in found.items())))
        rows += [(outcome, code, value) for code, value in found.items()]
    return pd.DataFrame(rows, columns=["outcome", "category", "planted"])


def unit_differences(planted: Planted, unit: str, measures: Sequence[str], *, instrument: Instrument) -> pd.DataFrame:
    """Points by which the people of each answer to `unit` rate each of the `measures` above all people."""
    shares = population_shares(planted)[unit]
    shifts = shifts_of(planted, unit, shares)
    rows = []
    for measure in measures:
        score = {code: _score(planted, measure, shift, instrument) for code, shift in shifts.items()}
        mean = sum(shares[code] * value for code, value in score.items())
        rows += [(measure, code, value - mean) for code, value in score.items()]
    return pd.DataFrame(rows, columns=["measure", "category", "planted"])


def _score(planted: Planted, construct: str, shift: Floats, instrument: Instrument) -> float:
    """Mean score (0–100) of people whose constructs are shifted like this, not counting the centring of shifts."""
    keys = list(planted.constructs)
    place, paths = keys.index(construct), np.zeros((len(keys), len(keys)))
    for outcome, weights in planted.structure.paths.items():
        for predictor, weight in weights.items():
            paths[keys.index(outcome), keys.index(predictor)] = weight
    mean = float(np.linalg.solve(np.eye(len(keys)) - paths, shift)[place])
    return _mean_answer(planted, construct, mean, float(latent_covariance(planted)[place, place]), instrument)


def _mean_answer(planted: Planted, key: str, mean: float, variance: float, instrument: Instrument) -> float:
    """min + Σ P(behind > k + ½) of every item, averaged and brought to 0–100."""
    from scipy.special import ndtr

    construct, scores = planted.constructs[key], []
    for loading, offset, scale in zip(construct.loadings, construct.offsets, scales_of(instrument, key), strict=True):
        step = scale.span / 4
        centre = threshold_centre(construct.level, construct.spread * step, scale)
        middle = centre + step * (construct.spread * loading * mean + offset)
        spread = step * construct.spread * np.sqrt(loading**2 * variance + 1 - loading**2)
        cuts = np.arange(scale.min, scale.max) + 0.5
        scores.append(100 * float(ndtr((middle - cuts) / spread).sum()) / scale.span)
    return float(np.mean(scores))
