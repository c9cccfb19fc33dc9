"""Limits by hand and by their constants, rules at their edges, how often they err, verdicts in both directions."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from analysis.monitoring.control import LARGEST_RANGE, TO_LIMITS, ControlChart, control_chart
from analysis.project import ROOT

GOLDEN = json.loads((ROOT / "tests" / "golden" / "control_charts.json").read_text(encoding="utf-8"))


def test_the_constants_are_those_of_moving_ranges_of_two() -> None:
    d2, d3 = 2 / math.sqrt(math.pi), math.sqrt(2 - 4 / math.pi)
    assert pytest.approx(3 / d2, abs=0.005) == TO_LIMITS
    assert pytest.approx(1 + 3 * d3 / d2, abs=0.001) == LARGEST_RANGE


@pytest.mark.parametrize("name", ["xmr", "p", "u"])
def test_limits_equal_those_of_r(name: str) -> None:
    case = GOLDEN[name]
    value, kind = np.array(case["value"], dtype=float), case["chart"]
    counted = {key: np.array(case[key], dtype=float) for key in ("numerator", "denominator") if key in case}
    chart = control_chart(value, kind, unit=case["unit"], **counted)  # type: ignore[arg-type]
    for side in ("centre", "low", "high"):
        assert getattr(chart, side) == pytest.approx(np.broadcast_to(case[side], len(value)), rel=1e-9)


def _flat(*tail: float, length: int = 12) -> np.ndarray:
    """A series around 0 that swings by 1, with an end of its own."""
    return np.array([*([1.0, -1.0] * (length // 2)), *tail])


def _rules(values: np.ndarray, **options: int) -> list[str]:
    return list(control_chart(values, "xmr", **options).rule)


def test_a_point_outside_the_limits_is_a_signal_and_one_inside_is_none() -> None:
    assert _rules(_flat(1, -1, 9))[-1] == "outside"
    assert set(_rules(_flat(1, -1, 1))) == {""}


def test_seven_on_one_side_are_a_shift_and_six_are_none() -> None:
    end = [0.2, 1.0, 0.2, 1.0, 0.2, 1.0, 0.2]
    low = [-0.2, -1.0, -0.2, -1.0, -0.2, -1.0, -0.2]
    assert set(_rules(np.array([*low, *end]))) == {"shift"}
    assert set(_rules(np.array([-1.0, 1.0, *([1.0, -1.0] * 3), *end[:6], -1.0]))) == {""}


def test_seven_rising_points_are_a_trend_and_six_are_none() -> None:
    rising = [-0.9, -0.6, -0.3, 0.0, 0.3, 0.6, 0.9]
    assert _rules(_flat(*rising))[-7:] == ["trend"] * 7
    assert "trend" not in _rules(_flat(*rising[2:]))


def test_two_of_three_near_a_limit_count_when_all_three_are_on_one_side() -> None:
    calm = np.array([0.5, -0.5] * 10)
    sigma = control_chart(calm, "xmr").sigma[0]
    near = 2.4 * sigma
    found = _rules(np.array([*calm, near, 0.2, near, -near * 0.4, *calm]))
    assert found[20] == found[22] == "two_of_three"
    assert found[21] == ""
    assert "two_of_three" not in _rules(np.array([*calm, near, -0.2, near, *calm]))


def test_no_run_reaches_across_a_gap_or_a_step_change() -> None:
    low, high = [-1.0, -0.8, -1.0, -0.8, -1.0, -0.8], [1.0, 0.8, 1.0, 0.8, 1.0, 0.8]
    gap = np.array([*low, np.nan, *low, *high, np.nan, *high])
    assert "shift" not in _rules(gap)
    stepped = control_chart(np.array([5.0, 5.4] * 6 + [9.0, 9.4] * 6), "xmr", starts=[12])
    assert set(stepped.rule) == {""}
    assert stepped.centre[0] == pytest.approx(5.2)
    assert stepped.centre[-1] == pytest.approx(9.2)


def test_a_phase_of_few_points_has_no_limits_and_no_signal() -> None:
    chart = control_chart(np.array([1.0, 2.0, 3.0]), "xmr")
    assert np.isnan(chart.high).all()
    assert chart.variation(1.0) == "too_few"
    assert chart.assurance(2.0, 1.0) == "none"


def test_a_denominator_of_nought_is_a_gap() -> None:
    numerator, denominator = np.array([3.0] * 11 + [0.0]), np.array([10.0] * 11 + [0.0])
    value = np.where(denominator > 0, 100 * numerator / np.maximum(denominator, 1), np.nan)
    chart = control_chart(value, "p", numerator=numerator, denominator=denominator, unit=100.0)
    assert chart.centre[0] == pytest.approx(30.0)
    assert np.isnan(chart.high[-1])
    assert chart.variation(1.0) == "common"


@pytest.mark.parametrize(
    ("target", "better", "strict", "expected"),
    [
        (7.0, 1.0, False, "hits"),
        (13.0, 1.0, False, "misses"),
        (10.0, 1.0, False, "hit_and_miss"),
        (13.0, -1.0, False, "hits"),
        (7.0, -1.0, False, "misses"),
        (8.0, 1.0, False, "hits"),
        (12.0, -1.0, False, "hits"),
        (12.0, -1.0, True, "hit_and_miss"),
        (10.0, float("nan"), False, "none"),
        (float("nan"), 1.0, False, "none"),
    ],
)
def test_assurance_holds_the_limits_to_the_target(target: float, better: float, strict: bool, expected: str) -> None:
    one, nought = np.array([1.0]), np.array([0])
    chart = ControlChart(
        10 * one, nought, 10 * one, 8 * one, 12 * one, one * 2 / 3, np.array([""], dtype=object), nought
    )
    assert chart.assurance(target, better, strict=strict) == expected


def test_the_direction_of_a_signal_is_judged_by_what_is_better() -> None:
    high = control_chart(_flat(1, -1, 9), "xmr")
    assert high.variation(1.0) == "improving"
    assert high.variation(-1.0) == "concerning"
    assert high.variation(float("nan")) == "unexpected"
    falling = control_chart(_flat(*[0.9, 0.6, 0.3, 0.0, -0.3, -0.6, -0.9]), "xmr")
    assert falling.variation(-1.0) == "improving"


def test_rules_rarely_err_where_nothing_happens_and_find_a_large_step() -> None:
    rng = np.random.default_rng(14)
    calm = [control_chart(rng.normal(size=24), "xmr").rule != "" for _ in range(1000)]
    assert np.mean([rule.any() for rule in calm]) < 0.22
    assert np.mean(calm) < 0.045
    step = np.where(np.arange(24) < 14, 0.0, 4.0)
    moved = [control_chart(rng.normal(size=24) + step, "xmr") for _ in range(300)]
    assert np.mean([(chart.rule[14:] != "").any() for chart in moved]) > 0.9
