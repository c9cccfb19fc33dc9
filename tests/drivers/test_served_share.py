"""Share of those who are served in a given way, beside a published share."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.drivers.served_share import share_served
from analysis.edition.standards import Benchmark
from analysis.errors import MethodError


def _benchmark(unit: str) -> Benchmark:
    name = {"zh": "线上", "en": "Online"}
    return Benchmark.model_validate(
        {"key": "online", "name": name, "value": 65.0, "unit": unit, "year": 2024, "source": name, "section": "8.1"}
    )


@pytest.fixture
def profile() -> pd.DataFrame:
    answers = ["app"] * 300 + ["web"] * 100 + ["branch"] * 100 + [None] * 20
    return pd.DataFrame({"channel": pd.Series(answers, dtype=object)})


def test_the_share_counts_all_treated_among_those_who_answered(profile: pd.DataFrame) -> None:
    table = share_served(profile, treatment="channel", treated=["app", "web"])
    row = table.iloc[0]
    assert (row["share"], row["n"]) == (pytest.approx(0.8), 500)
    se = np.sqrt(0.8 * 0.2 / 499) / (0.8 * 0.2)
    low, high = (1 / (1 + np.exp(-(np.log(4) + z * se))) for z in (-1.9647, 1.9647))
    assert (row["ci_low"], row["ci_high"]) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))
    assert np.isnan(row["benchmark"])
    assert np.isnan(row["p"])


def test_a_published_percentage_is_held_against_it_and_another_unit_is_not(profile: pd.DataFrame) -> None:
    held = share_served(profile, treatment="channel", treated=["app", "web"], benchmark=_benchmark("percent")).iloc[0]
    assert held["benchmark"] == pytest.approx(0.65)
    assert held["year"] == "2024"
    assert held["p"] < 0.001
    other = share_served(profile, treatment="channel", treated=["app", "web"], benchmark=_benchmark("score")).iloc[0]
    assert np.isnan(other["benchmark"])


def test_where_nobody_was_asked_there_is_no_share(profile: pd.DataFrame) -> None:
    with pytest.raises(MethodError, match="Nobody was asked"):
        share_served(profile, treatment="way", treated=["app"])
