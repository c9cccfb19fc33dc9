"""The special causes planted in the simulated series are found, and where none is planted nothing is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.data.simulation.planted import Planted, load_planted
from analysis.data.simulation.registers import draw_indicators
from analysis.edition import Edition, load_edition
from analysis.edition.sections.monitoring import Monitoring
from analysis.monitoring.indicators import Monitored, monitor
from analysis.project import ROOT

EDITION = load_edition(ROOT / "params" / "2025.yml")
PLANTED = load_planted(EDITION)
CALM = {key: plan.model_copy(update={"steps": {}, "spikes": {}}) for key, plan in PLANTED.indicators.items()}
STEPS = {(key, since): size for key, plan in PLANTED.indicators.items() for since, size in plan.steps.items()}


def _found(seed: int, planted: Planted, rules: Monitoring) -> Monitored:
    edition: Edition = EDITION.model_copy(update={"seed": seed})
    return monitor(draw_indicators(edition, planted), {}, standards=EDITION.standards, monitoring=rules)


@pytest.mark.parametrize("stated", [False, True])
def test_planted_causes_are_found_and_a_stated_step_leaves_none(stated: bool) -> None:
    rules = EDITION.monitoring if stated else EDITION.monitoring.model_copy(update={"steps": {}})
    points = _found(EDITION.seed, PLANTED, rules).points
    for key, plan in PLANTED.indicators.items():
        own = points[points["indicator"] == key].set_index("period")
        if stated:
            assert all(own.loc[spike, "rule"] == "outside" for spike in plan.spikes)
        else:
            assert all((own.loc[since:, "signal"] == "improving").mean() > 0.9 for since in plan.steps)


@pytest.mark.simulation
def test_without_planted_causes_few_points_are_signals_and_with_them_the_step_is_found_in_every_edition() -> None:
    free = EDITION.monitoring.model_copy(update={"steps": {}})
    calm = PLANTED.model_copy(update={"indicators": CALM})
    alarms = np.mean([(_found(seed, calm, free).points["rule"] != "").mean() for seed in range(100)])
    assert alarms < 0.05
    found = [_found(seed, PLANTED, free).points for seed in range(100)]
    for key, since in STEPS:
        after = [table[(table["indicator"] == key) & (table["period"] >= since)] for table in found]
        assert np.mean([(own["signal"] == "improving").any() for own in after]) == 1.0


@pytest.mark.simulation
def test_the_size_of_a_planted_step_is_recovered_with_the_coverage_that_its_interval_claims() -> None:
    held: dict[tuple[str, str], list[bool]] = {one: [] for one in STEPS}
    errors: dict[tuple[str, str], list[float]] = {one: [] for one in STEPS}
    for seed in range(200):
        result = _found(seed, PLANTED, EDITION.monitoring)
        for (key, since), planted in STEPS.items():
            points = result.points[(result.points["indicator"] == key) & ~result.points["period"].isin(_spikes(key))]
            size, error = _step(points)
            errors[key, since].append(size - planted)
            held[key, since].append(abs(size - planted) <= 1.959964 * error)
    assert all(abs(np.mean(found)) < 0.1 for found in errors.values())
    assert 0.93 <= np.mean([one for found in held.values() for one in found]) <= 0.97


def _spikes(key: str) -> list[str]:
    return list(PLANTED.indicators[key].spikes)


def _step(points: pd.DataFrame) -> tuple[float, float]:
    """Difference of the means of two phases and its error from what the points vary by themselves."""
    value, phase, sigma = (points[name].to_numpy() for name in ("value", "phase", "sigma"))
    before, after = value[phase == 0], value[phase == 1]
    variance = (sigma[phase == 0] ** 2).sum() / len(before) ** 2 + (sigma[phase == 1] ** 2).sum() / len(after) ** 2
    return float(after.mean() - before.mean()), float(np.sqrt(variance))
