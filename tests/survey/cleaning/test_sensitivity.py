"""Results with and without the excluded: the change, and its error under the design."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import MethodError
from analysis.survey.cleaning.sensitivity import compare_subset
from analysis.survey.design.survey_design import specify_design
from analysis.survey.estimation.estimates import means

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "survey_designs.json").read_text())["subset"]


def test_r_survey_gives_the_same_change_for_units_in_strata() -> None:
    i = np.arange(600)
    mode, age, kind = np.array(["app", "web", "desk"])[i % 7 % 3], i // 5 % 3, i // 11 % 2
    y = 70 + 6.0 * (mode == "app") + 3 * (age == 2) - 2 * (kind == 1) + 12 * np.sin(i * 1.7) + 4 * np.sin(i % 40 * 2.3)
    values = pd.DataFrame({"csi": np.where(i % 60 == 7, np.nan, y)})
    design = specify_design(600, weights=1 + i % 4 / 2, strata=i % 4, psu=i % 40)
    row = compare_subset(values, subset=i % 9 != 0, design=design).iloc[0]
    assert row[["difference", "se"]].tolist() == pytest.approx([GOLDEN["difference"], GOLDEN["se"]], rel=1e-9)
    half = 2.028094  # t of 36 degrees
    assert row["ci_high"] - row["difference"] == pytest.approx(half * GOLDEN["se"], rel=1e-6)


def test_the_change_has_the_means_of_both_and_a_linearised_error() -> None:
    """The scores behind the standard error are the derivatives of the change by each weight, taken numerically."""
    rng = np.random.default_rng(5)
    y = rng.normal(70, 15, 80)
    y[3] = np.nan
    w, subset = rng.uniform(0.5, 2, 80), rng.random(80) < 0.8
    values = pd.DataFrame({"csi": y})
    row = compare_subset(values, subset=subset, design=specify_design(80, weights=w)).iloc[0]
    assert row["everyone"] == pytest.approx(
        means(values, design=specify_design(len(values), weights=w))["estimate"].iloc[0]
    )
    assert row["subset"] == pytest.approx(
        means(values[subset], design=specify_design(len(values[subset]), weights=w[subset]))["estimate"].iloc[0]
    )

    def change(weights: np.ndarray) -> float:
        here = ~np.isnan(y)
        part = here & subset
        return float(np.average(y[part], weights=weights[part]) - np.average(y[here], weights=weights[here]))

    step = 1e-6
    u = np.array([w[i] * (change(w + step * (np.arange(80) == i)) - change(w)) / step for i in range(80)])
    assert row["se"] == pytest.approx(np.sqrt(80 / 79 * ((u - u.mean()) ** 2).sum()), rel=1e-4)
    assert row["difference"] == pytest.approx(change(w))
    assert row["ci_low"] < row["difference"] < row["ci_high"]


def test_nothing_left_out_changes_nothing() -> None:
    values = pd.DataFrame({"csi": [1.0, 2.0, 4.0]})
    row = compare_subset(values, subset=np.ones(3, dtype=bool)).iloc[0]
    assert row[["difference", "se"]].tolist() == [0.0, 0.0]
    with pytest.raises(MethodError, match="0 interviews"):
        compare_subset(values, subset=np.zeros(3, dtype=bool))
