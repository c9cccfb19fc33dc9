"""How coarse a published figure is: its unit against the definition, and what few answered against what many did."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.edition.sections.disclosure import Rounding
from analysis.publish.disclosure.rounding import LEFT_OPEN, _unit, rounded
from analysis.publish.parts import all_parts

SPECS = {spec.name: spec for part in all_parts() for spec in part.tables}
STEPS = np.array([step * 10.0**power for power in range(-6, 4) for step in (1, 5)])


@pytest.mark.parametrize("least", [0.0001, 0.00101, 0.01, 0.013, 0.05, 0.0500001, 0.7, 1.0, 1.0001, 5.0, 40.0])
def test_the_unit_is_the_smallest_step_that_is_large_enough(least: float) -> None:
    wanted = STEPS[least * (1 - 1e-9) <= STEPS].min()
    assert _unit(np.array([least]))[0] == pytest.approx(wanted)


def test_where_there_is_nobody_there_is_no_unit() -> None:
    with np.errstate(divide="ignore"):
        assert np.isnan(_unit(LEFT_OPEN[1] / np.array([0.0, np.nan]))).all()


def _segments(n: int) -> pd.DataFrame:
    row = {
        "csi": 81.23456,
        "ci_low": 80.98765,
        "ci_high": 81.87654,
        "csat": 0.876543,
        "csat_low": 0.8,
        "csat_high": 0.9,
    }
    return pd.DataFrame([{"segment": "kind", "category": "bank", "n": n, "n_eff": n + 7.4, **row}])


@pytest.mark.parametrize("n", [35, 110, 1200, 6000])
def test_one_answer_can_not_be_worked_out_from_what_is_shown(n: int) -> None:
    shown = rounded(_segments(n), SPECS["csi_segments"], rules=Rounding()).iloc[0]
    for value, top in (("csi", 100), ("csat", 1)):
        unit = _unit(np.array([LEFT_OPEN[top] / n]))[0]
        assert unit * n >= LEFT_OPEN[top] - 1e-9
        assert shown[value] == pytest.approx(round(shown[value] / unit) * unit, abs=1e-9)
        assert abs(shown[value] - _segments(n).iloc[0][value]) <= max(unit, 0.1 if top == 100 else 0.001)
    assert shown["n_eff"] == n


def test_bounds_and_inner_columns_go_the_way_of_their_measure() -> None:
    frame = _segments(35).assign(top_1=3.0, top_2=2.0)
    shown = rounded(frame, SPECS["csi_segments"], rules=Rounding())
    assert not {"top_1", "top_2"} & set(shown)
    assert shown[["ci_low", "ci_high"]].to_numpy().tolist() == [[80.0, 80.0]]


def test_missing_stays_missing() -> None:
    frame = _segments(500).assign(csi=np.nan)
    assert rounded(frame, SPECS["csi_segments"], rules=Rounding())["csi"].isna().all()


def test_the_distance_from_a_public_value_tells_no_more_than_the_value() -> None:
    row = {"ci_low": 81.2, "ci_high": 91.7, "gap": -1.837, "benchmark": 88.9, "n": 40, "n_eff": 38.0}
    frame = pd.DataFrame([row | {"value": 87.063, "unit": unit} for unit in ("percent", "score")])
    shown = rounded(frame, SPECS["benchmark_comparison"], rules=Rounding())
    assert shown["value"].tolist() == [85.0, 87.0]
    assert shown["gap"].tolist() == pytest.approx([-3.9, -1.9])


def test_a_share_in_percent_is_as_coarse_as_the_same_share_of_one() -> None:
    """The satisfied of a part stand in two tables: of 748 people both tell them to half a percent."""
    row = {"value": 86.91, "ci_low": 84.31, "ci_high": 89.57, "difference": 0.13, "n": 748, "whole": 86.78}
    part = pd.DataFrame([{"measure": name, **row} for name in ("csat", "csi")])
    alone = pd.DataFrame([{"measure": "csat", "estimate": 0.8691, "ci_low": 0.8431, "ci_high": 0.8957, "n": 748}])
    csat, csi = (rounded(part, SPECS["against_whole"], rules=Rounding()).iloc[place] for place in (0, 1))
    share = rounded(alone, SPECS["csi_overall"], rules=Rounding()).iloc[0]
    assert csat["value"] == pytest.approx(100 * share["estimate"]) == 87.0
    assert csat[["ci_low", "ci_high", "difference"]].tolist() == pytest.approx([84.5, 89.5, 87.0 - 86.78])
    assert csi["value"] == 86.9
