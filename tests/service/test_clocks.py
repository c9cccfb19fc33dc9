"""The product limit against R survival, on times with ties and open cases."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from analysis.service.clocks import product_limit

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "service_clocks.json").read_text(encoding="utf-8"))
TELCO = Path(__file__).parents[3] / "shared" / "data" / "churn" / "telco.csv"


def _numbers(name: str) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in GOLDEN[name]], dtype=float)


def test_the_curve_and_its_interval_are_those_of_r() -> None:
    curve = product_limit(_numbers("duration"), _numbers("ended") == 1)
    for name in ("times", "survival", "low", "high"):
        assert getattr(curve, name) == pytest.approx(_numbers(name), abs=1e-9, nan_ok=True), name


def test_quantiles_and_their_intervals_are_those_of_r() -> None:
    curve = product_limit(_numbers("duration"), _numbers("ended") == 1)
    found = np.array([curve.quantile(share) for share in (0.5, 0.75, 0.9)]).T
    for row, name in zip(found, ("quantiles", "quantiles_low", "quantiles_high"), strict=True):
        assert row == pytest.approx(_numbers(name), nan_ok=True), name


def test_a_curve_flat_at_the_half_gives_the_middle() -> None:
    assert product_limit(np.array([1.0, 2.0, 3.0, 6.0]), np.ones(4, dtype=bool)).quantile(0.5)[0] == 2.5


def test_nobody_has_ended() -> None:
    assert np.isnan(product_limit(np.array([1.0, 2.0]), np.zeros(2, dtype=bool)).quantile(0.5)).all()


def test_the_restricted_mean_is_that_of_r() -> None:
    curve = product_limit(_numbers("duration"), _numbers("ended") == 1)
    assert curve.restricted_mean(16.0) == pytest.approx(GOLDEN["restricted_mean"], rel=1e-6)


def test_late_entry_is_that_of_r() -> None:
    curve = product_limit(_numbers("duration"), _numbers("ended") == 1, entry=_numbers("entry"))
    assert curve.times == pytest.approx(_numbers("late_times"))
    assert curve.survival == pytest.approx(_numbers("late_survival"), abs=1e-9)


@pytest.mark.skipif(not TELCO.exists(), reason="the public file of customers is not at hand")
def test_the_public_file_of_customers_gives_the_shares_of_r() -> None:
    import pandas as pd

    frame = pd.read_csv(TELCO)
    frame = frame[frame["tenure"] > 0]
    curve = product_limit(frame["tenure"].to_numpy(dtype=float), (frame["Churn"] == "Yes").to_numpy())
    after = {month: curve.survival[np.searchsorted(curve.times, month, side="right") - 1] for month in (12, 24, 48, 72)}
    assert [round(after[month], 3) for month in (12, 24, 48, 72)] == [0.843, 0.789, 0.709, 0.593]
    assert curve.low[-1] == pytest.approx(0.574, abs=0.002)
