"""Verdicts on the constructs at the edges of their thresholds."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.edition.sections.measurement import Measurement
from analysis.measurement.assessment import VERDICTS, assess_constructs, join_pairs
from analysis.publish.words.labels import catalogue


def _assess(
    alpha: float = 0.8,
    ave: float = 0.6,
    r: float = 0.5,
    htmt: float = 0.6,
    items: int = 4,
    above: float = 0.0005,
    improper: bool = False,
) -> pd.Series:
    """Verdict of construct A; intervals of alpha and AVE reach `above` their estimates."""
    reliability = pd.DataFrame({"construct": ["A", "B"], "items": [items, 4], "n": [500, 500], "alpha": [alpha, 0.9]})
    reliability["alpha_high"] = reliability["alpha"] + above
    composite = {"cr": 0.8, "ave": [ave, 0.9], "ave_low": 0.4, "ave_high": [ave + above, 0.95]}
    constructs = pd.DataFrame({"construct": ["A", "B"], **composite})
    correlations = pd.DataFrame(
        {"construct": ["A"], "other": ["B"], "correlation": [r], "corr_low": [r], "corr_high": [r]}
    )
    ratios = pd.DataFrame({"construct": ["A"], "other": ["B"], "htmt": [htmt], "htmt_low": [htmt], "htmt_high": [htmt]})
    pairs = join_pairs(correlations, ratios)
    return assess_constructs(reliability, constructs, pairs, measurement=Measurement(), improper=improper).iloc[0]


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ({}, "sound"),
        ({"alpha": 0.7}, "sound"),
        ({"alpha": 0.699}, "unreliable"),
        ({"ave": 0.5}, "sound"),
        ({"ave": 0.499}, "not_convergent"),
        ({"ave": 0.499, "above": 0.02}, "borderline"),
        ({"alpha": 0.69, "above": 0.01}, "borderline"),
        ({"alpha": 0.69, "above": 0.009}, "unreliable"),
        ({"improper": True}, "improper"),
        ({"r": 0.78}, "close"),
        ({"r": -0.78}, "close"),
        ({"htmt": 0.85}, "sound"),
        ({"htmt": 0.86}, "close"),
        ({"htmt": 0.9}, "not_distinct"),
        ({"htmt": 0.86, "r": 0.8}, "not_distinct"),
        ({"items": 1, "alpha": float("nan"), "ave": float("nan"), "htmt": float("nan")}, "single_item"),
        ({"alpha": float("nan")}, "unknown"),
    ],
)
def test_the_gravest_fault_is_the_verdict(values: dict[str, float], verdict: str) -> None:
    assert _assess(**values)["verdict"] == verdict  # type: ignore[arg-type]


def test_the_nearest_construct_is_named_from_both_ends() -> None:
    row = _assess(r=-0.3)
    assert (row["closest"], row["correlation"], row["htmt_other"]) == ("B", 0.3, "B")


def test_what_was_not_fitted_is_unknown_not_met() -> None:
    reliability = pd.DataFrame({"construct": ["A"], "items": [3], "n": [100], "alpha": [0.8]})
    row = assess_constructs(reliability, None, join_pairs(None, None), measurement=Measurement()).iloc[0]
    assert row["reliable"] is True
    assert row["convergent"] is None
    assert row["verdict"] == "unknown"


def test_one_part_of_the_pairs_may_be_absent() -> None:
    ratios = pd.DataFrame({"construct": ["A"], "other": ["B"], "htmt": [0.5], "htmt_low": [0.4], "htmt_high": [0.6]})
    pairs = join_pairs(None, ratios)
    assert pairs["correlation"].isna().all()
    assert pairs["htmt"].tolist() == [0.5]


def test_every_verdict_is_worded() -> None:
    assert all(f"construct_verdicts.{verdict}" in catalogue() for verdict in VERDICTS)
