"""Half a year against the half before it: shares by hand, Newcombe's interval, and texts that don't reach back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.service.shares import wilson
from analysis.text.changes import CHANGE_COLUMNS, theme_changes

LAST = pd.Timestamp("2025-10-31 12:00")


def _texts(early: dict[str, int], late: dict[str, int], *, first: str = "2024-11-02") -> tuple[pd.Series, pd.Series]:
    themes, moments = [], []
    for counts, begin, end in ((early, first, "2025-04-30"), (late, "2025-05-02", str(LAST))):
        said = [theme for theme, count in counts.items() for _ in range(count)]
        themes += said
        moments += pd.date_range(begin, end, periods=len(said)).tolist()
    return pd.Series(themes, dtype=object), pd.Series(moments)


def test_shares_and_newcombes_interval_are_those_by_hand() -> None:
    theme, at = _texts({"fee": 30, "wait": 70}, {"fee": 60, "wait": 60})
    table = theme_changes(theme, at, ["fee", "wait"], confidence=0.95, adjustment="none")
    assert table is not None
    row = table.set_index("category").loc["fee"]
    assert (row["n"], row["n_before"], row["share"], row["share_before"]) == (120, 100, 0.5, 0.3)
    (l1, u1), (l2, u2) = (
        [float(end[0]) for end in wilson(np.array([hits]), np.array([n]), confidence=0.95)]
        for hits, n in ((60.0, 120.0), (30.0, 100.0))
    )
    assert row["ci_low"] == pytest.approx(0.2 - np.hypot(0.5 - l1, u2 - 0.3))
    assert row["ci_high"] == pytest.approx(0.2 + np.hypot(u1 - 0.5, 0.3 - l2))
    pooled = 90 / 220
    z = 0.2 / np.sqrt(pooled * (1 - pooled) * (1 / 120 + 1 / 100))
    assert row["p_adjusted"] == pytest.approx(2 * (1 - _phi(z)), rel=1e-6)
    assert table.columns.tolist() == [*CHANGE_COLUMNS, "p_adjusted"]
    assert (row["period"], row["before"]) == ("2025-04-30", "2024-10-30")


def _phi(z: float) -> float:
    from scipy.stats import norm

    return float(norm.cdf(z))


def test_p_values_are_adjusted_over_the_themes() -> None:
    theme, at = _texts({"fee": 30, "wait": 70}, {"fee": 60, "wait": 60})
    plain, holm = (
        theme_changes(theme, at, ["fee", "wait"], confidence=0.95, adjustment=how) for how in ("none", "holm")
    )
    assert plain is not None
    assert holm is not None
    assert holm["p_adjusted"].tolist() == pytest.approx((2 * plain["p_adjusted"]).tolist())


@pytest.mark.parametrize("first", ["2025-01-15", "2025-04-01"])
def test_texts_that_do_not_reach_back_are_not_compared(first: str) -> None:
    theme, at = _texts({"fee": 10}, {"fee": 20}, first=first)
    assert theme_changes(theme, at, ["fee"], confidence=0.95) is None


def test_texts_of_one_half_year_or_without_a_time_are_not_compared() -> None:
    theme, at = _texts({}, {"fee": 20})
    assert theme_changes(theme, at, ["fee"], confidence=0.95) is None
    theme, at = _texts({"fee": 50}, {"fee": 50})
    undated = theme_changes(
        pd.concat([theme, pd.Series(["fee"] * 9)], ignore_index=True),
        pd.concat([at, pd.Series([pd.NaT] * 9)], ignore_index=True),
        ["fee"],
        confidence=0.95,
    )
    assert undated is not None
    assert undated[["n", "n_before"]].to_numpy().tolist() == [[50, 50]]
