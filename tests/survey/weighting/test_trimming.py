"""Trimming: against R where the methods coincide, totals that stay, bounds from the data, copies of a row."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.edition.sections.weighting import Trim
from analysis.errors import MethodError
from analysis.survey.weighting.raking import build_margin
from analysis.survey.weighting.trimming import fit_trimmed, trim_weights, weight_bounds

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "weighting.json").read_text())["trim"]


def _ones(values: list[float]) -> np.ndarray:
    return np.ones((len(values), 1))


def _trim(weights: list[float], lower: float, upper: float) -> np.ndarray:
    column = np.array(weights)[:, None]
    return trim_weights(column, _ones(weights), lower=np.array([lower]), upper=np.array([upper]))[:, 0]


def test_trimming_agrees_with_r_where_the_other_weights_are_alike() -> None:
    weights = [1.0] * 150 + [6.0] * 33
    mean = float(np.mean(weights))
    trimmed = _trim(weights, 0.0, 4 / mean) * mean
    assert trimmed[0] == pytest.approx(GOLDEN["small"][0], rel=1e-12)
    assert trimmed[-1] == pytest.approx(GOLDEN["large"][0], rel=1e-12)
    assert trimmed.sum() == pytest.approx(GOLDEN["sum"][0], rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(
    weights=st.lists(st.floats(0.01, 100), min_size=3, max_size=60),
    lower=st.floats(0, 0.9),
    upper=st.floats(1.1, 6),
    scale=st.floats(0.01, 100),
)
def test_the_total_is_kept_within_the_bounds_whatever_the_scale(
    weights: list[float], lower: float, upper: float, scale: float
) -> None:
    trimmed = _trim(weights, lower, upper)
    assert trimmed.sum() == pytest.approx(len(weights), rel=1e-9)
    assert trimmed.min() >= lower - 1e-12
    assert trimmed.max() <= upper + 1e-12
    np.testing.assert_allclose(_trim([w * scale for w in weights], lower, upper), trimmed, rtol=1e-9)
    free = (trimmed > lower * (1 + 1e-9)) & (trimmed < upper * (1 - 1e-9))
    ratios = trimmed[free] / np.array(weights)[free]
    assert len(ratios) == 0 or np.ptp(ratios) <= 1e-9 * ratios.max()


def test_a_row_held_twice_is_trimmed_like_two_rows() -> None:
    rows = np.array([1.0, 1.0, 2.0, 9.0, 9.0])[:, None]
    once = trim_weights(rows, np.ones_like(rows), lower=np.zeros(1), upper=np.array([2.0]))[:, 0]
    short, mass = np.array([1.0, 2.0, 9.0])[:, None], np.array([2.0, 1.0, 2.0])[:, None]
    twice = trim_weights(short, mass, lower=np.zeros(1), upper=np.array([2.0]))[:, 0]
    np.testing.assert_allclose(twice, once[[0, 2, 3]], rtol=1e-12)


def test_the_automatic_bound_is_median_plus_interquartile_ranges() -> None:
    weights = np.concatenate([np.linspace(0.5, 1.5, 101), [40.0]])[:, None]
    ones = np.ones_like(weights)
    scaled = weights / weights.mean()
    first, median, third = (np.quantile(scaled, q, method="inverted_cdf") for q in (0.25, 0.5, 0.75))
    bound = weight_bounds(weights, ones, Trim(upper=50.0, iqr=6.0))[1]
    assert bound.tolist() == pytest.approx([median + 6 * (third - first)])
    assert weight_bounds(weights, ones, Trim(upper=2.0, iqr=6.0))[1].tolist() == [2.0]
    alike = np.ones((10, 1))
    assert weight_bounds(alike, np.ones_like(alike), Trim(upper=3.0, iqr=6.0))[1].tolist() == [3.0]


def test_bounds_without_room_for_the_mean_are_refused() -> None:
    with pytest.raises(MethodError, match="no room for a mean of 1"):
        _trim([1.0, 2.0], 0.0, 0.9)


def test_columns_are_trimmed_and_raked_independently() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"sex": rng.choice(["f", "m"], 200, p=[0.8, 0.2])})
    margin = build_margin(frame, "sex", {"f": 0.7, "m": 0.3})
    unit, mass = rng.lognormal(0, 0.8, (200, 3)), rng.integers(0, 3, (200, 3)).astype(float)
    options = {"trim": Trim(lower=0.1, upper=3.5), "max_iterations": 500, "tolerance": 1e-10}
    together, rounds, upper = fit_trimmed(unit, mass, [margin], **options)  # type: ignore[arg-type]
    assert upper.tolist() == [3.5] * 3
    for column in range(3):
        part = slice(column, column + 1)
        alone, alone_rounds, _ = fit_trimmed(unit[:, part], mass[:, part], [margin], **options)  # type: ignore[arg-type]
        np.testing.assert_allclose(together[:, column], alone[:, 0], rtol=1e-9)
        assert rounds[column] == alone_rounds[0]
        shares = margin.shares(alone * mass[:, part])[:, 0]
        assert shares.tolist() == pytest.approx([0.7, 0.3], abs=1e-9)
