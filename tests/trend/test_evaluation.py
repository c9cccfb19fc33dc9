"""What forecasts were worth: scores, weights, and no look ahead."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.trend.evaluation import Record, combined, rolling_origins, table, weights


def _record(error: float, half: float, *, origins: int = 4) -> Record:
    came = np.full((origins, 2), 80.0)
    for late in range(1, 2):
        came[-late:, late:] = np.nan
    mean = np.full((origins, 2), 80.0 + error)
    return Record(mean, mean - half, mean + half, came)


def test_the_interval_score_is_the_width_and_a_penalty_for_what_lies_outside() -> None:
    inside, outside = _record(0.5, 1.0), _record(1.5, 1.0)
    np.testing.assert_allclose(inside.scores(0.95)[0], 2.0)
    np.testing.assert_allclose(outside.scores(0.95)[0], 2.0 + 2 / 0.05 * 0.5)
    assert np.isnan(inside.scores(0.95)[-1, 1])
    assert np.nanmean(inside.held) == 1
    assert np.nanmean(outside.held) == 0


def test_origins_are_measured_waves_with_something_after_them() -> None:
    values = np.arange(14.0)
    values[9] = np.nan
    assert rolling_origins(values, 10) == [8, 9, 11, 12, 13]
    assert rolling_origins(values, 2) == [12, 13]


def test_a_weight_is_the_score_to_the_power_of_minus_the_origins() -> None:
    share = weights({"good": _record(0.0, 1.0), "wide": _record(0.0, 1.2)}, 0.95)
    assert share["wide"] / share["good"] == pytest.approx(1.2**-4)
    assert sum(share.values()) == pytest.approx(1)
    assert weights({"good": _record(0.0, 1.0), "hopeless": _record(9.0, 1.0)}, 0.95)["hopeless"] == 0


def test_weights_at_an_origin_rest_on_what_had_come_by_then() -> None:
    good, late = _record(0.0, 1.0), _record(0.0, 1.0)
    late.came[-1] += 30  # a miss of the last origin, which nobody knew before
    assert weights({"good": good, "late": late}, 0.95, known=0) == {"good": 0.5, "late": 0.5}
    assert weights({"good": good, "late": late}, 0.95, known=3) == {"good": 0.5, "late": 0.5}
    assert weights({"good": good, "late": late}, 0.95)["late"] == 0


def test_the_combined_record_is_the_weighted_mean_of_the_others() -> None:
    records = {"low": _record(-1.0, 2.0), "high": _record(1.0, 2.0)}
    found = combined(records, 0.95)
    np.testing.assert_allclose(found.mean, 80.0)
    np.testing.assert_allclose(found.high - found.low, 4.0)
    rows = table({**records, "combined": found}, {"low": 0.5, "high": 0.5}, unit=0.5, confidence=0.95)
    row = rows.set_index("candidate").loc["low"]
    assert (row["mae"], row["mase"], row["tested"], row["weight"]) == (1.0, 2.0, 7, 0.5)
    assert np.isnan(rows.set_index("candidate").loc["combined", "weight"])
