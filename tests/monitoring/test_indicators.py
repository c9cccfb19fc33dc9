"""Series from tables and records: units, gaps, targets, step changes, and what is wrong with them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from analysis.edition import load_edition
from analysis.edition.params import Text
from analysis.edition.sections.monitoring import Monitoring, StepChange, Target
from analysis.errors import EditionError
from analysis.monitoring.indicators import Monitored, monitor, share_by_wave
from analysis.project import ROOT

STANDARDS = load_edition(ROOT / "params" / "2025.yml").standards
WHY = Text(zh="改造", en="rebuilt")


def _table(values: list[float], *, key: str = "branch_waiting", first: str = "2024-01") -> pd.DataFrame:
    periods = [str(period) for period in pd.period_range(first, periods=len(values), freq="M")]
    return pd.DataFrame({"indicator": key, "period": periods, "value": values})


def _monitor(table: pd.DataFrame | None, rules: Monitoring | None = None) -> Monitored:
    return monitor(table, {}, standards=STANDARDS, monitoring=rules or Monitoring())


def _swing(level: float, count: int) -> list[float]:
    return [level + (0.5 if place % 2 else -0.5) for place in range(count)]


def test_an_indicator_is_shown_with_target_latest_value_change_and_verdicts() -> None:
    row = _monitor(_table([*_swing(18.0, 14), 18.4])).summary.iloc[0]
    assert (row["indicator"], row["chart"], row["periods"], row["last"]) == ("branch_waiting", "xmr", 15, "2025-03")
    assert (row["target"], row["bound"], row["unit"]) == (15.0, "at_most", "minutes")
    assert row["earlier"] == "2024-03"
    assert row["change"] == pytest.approx(18.4 - 17.5)
    assert row["change_low"] < row["change"] < row["change_high"]
    assert (row["variation"], row["assurance"]) == ("common", "misses")


def test_limits_are_computed_anew_at_a_stated_step_change_only() -> None:
    table = _table([*_swing(18.0, 12), *_swing(12.0, 12)])
    assert _monitor(table).summary["variation"].iloc[0] == "improving"
    rules = Monitoring(steps={"branch_waiting": (StepChange(since="2025-01", reason=WHY),)})
    row = _monitor(table, rules).summary.iloc[0]
    assert (row["variation"], row["assurance"], row["since"], row["reason_en"]) == (
        "common",
        "hits",
        "2025-01",
        "rebuilt",
    )
    assert row["level"] == pytest.approx(12.0)
    assert row["level_se"] == pytest.approx(row["sigma"] / np.sqrt(12))


def test_shares_and_rates_follow_from_counts_and_a_missing_month_is_a_gap() -> None:
    table = _table([np.nan] * 12, key="survey_coverage").assign(numerator=90.0, denominator=100.0).drop(index=5)
    table.loc[table.index[-1], "numerator"] = 60.0
    found = _monitor(table)
    row = found.summary.iloc[0]
    assert (row["chart"], row["periods"], row["value"]) == ("p", 11, 60.0)
    assert (row["variation"], row["rule"]) == ("concerning", "outside")
    assert found.points["value"].isna().sum() == 1
    counts = _table([np.nan] * 12, key="callback_frequency").assign(numerator=5.0, denominator=20.0)
    rules = Monitoring(indicators=("callback_frequency",))
    row = _monitor(counts, rules).summary.iloc[0]
    assert (row["chart"], row["value"]) == ("u", 0.25)


def test_own_figures_go_before_those_counted_from_records_and_a_stand_in_fills_a_place() -> None:
    counted = _table(_swing(5.0, 12)).drop(columns="indicator").assign(numerator=np.nan, denominator=np.nan, n=50)
    found = monitor(None, {"response": counted}, standards=STANDARDS, monitoring=Monitoring())
    assert found.summary["indicator"].tolist() == ["complaint_response"]
    assert "csat" in found.missing
    given = _table(_swing(80.0, 12), key="csat")
    both = monitor(given, {"waves": counted}, standards=STANDARDS, monitoring=Monitoring())
    assert both.summary["source"].tolist() == ["given"]


def test_one_period_has_a_value_and_no_limits() -> None:
    row = _monitor(_table([18.0])).summary.iloc[0]
    assert (row["value"], row["variation"], row["assurance"], row["changed"]) == (18.0, "too_few", "none", "unknown")


def test_an_indicator_without_target_has_no_direction() -> None:
    table = _table([*_swing(80.0, 12), 90.0], key="standard_execution")
    assert _monitor(table).summary["variation"].iloc[0] == "unexpected"
    aim = {"standard_execution": Target(value=85.0, unit="percent", bound="at_least")}
    assert _monitor(table, Monitoring(targets=aim)).summary["variation"].iloc[0] == "improving"


@pytest.mark.parametrize(
    "rules",
    [
        {"indicators": ("csta",)},
        {"targets": {"csta": Target(value=1.0, unit="percent", bound="at_least")}},
        {"steps": {"csta": (StepChange(since="2025-01", reason=WHY),)}},
    ],
)
def test_an_unknown_indicator_in_the_params_is_an_error_with_a_hint(rules: dict[str, object]) -> None:
    with pytest.raises(EditionError, match="csta") as caught:
        _monitor(_table([1.0]), Monitoring(**rules))  # type: ignore[arg-type]
    assert "csat" in str(caught.value)


def test_a_step_change_in_a_period_without_figure_is_an_error() -> None:
    rules = Monitoring(steps={"branch_waiting": (StepChange(since="2030-01", reason=WHY),)})
    with pytest.raises(EditionError, match="2030-01"):
        _monitor(_table(_swing(18.0, 12)), rules)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"period": ["2024-01", "2024Q2", "2024-03"]}, "different kinds"),
        ({"period": ["2024-01", "2024-01", "2024-02"]}, "twice"),
        ({"numerator": 9.0, "denominator": 5.0}, "More than all"),
        ({"value": np.nan}, "No period"),
    ],
)
def test_a_faulty_series_is_left_out_with_its_reason(change: dict[str, object], reason: str) -> None:
    found = _monitor(_table([80.0, 81.0, 82.0], key="csat").assign(**change))  # type: ignore[arg-type]
    assert found.summary.empty
    assert reason in found.missing["csat"]


def test_without_standards_nothing_is_known_and_nothing_breaks() -> None:
    found = monitor(None, {}, standards=None, monitoring=Monitoring())
    assert found.summary.empty
    assert found.points.empty


def test_the_edition_takes_the_place_of_its_own_wave() -> None:
    waves = pd.DataFrame({"wave": ["2025Q2", "2025Q3"], "csat": [85.0, 86.0], "n": [900, 900]})
    overall = pd.DataFrame({"measure": ["csi", "csat"], "estimate": [82.0, 0.87], "n": [5000, 5000]})
    found = share_by_wave(waves, overall, started=dt.date(2025, 9, 1))
    assert found["period"].tolist() == ["2025Q2", "2025Q3"]
    assert found["value"].tolist() == [85.0, 87.0]
    alone = share_by_wave(waves.drop(columns="csat"), overall, started=dt.date(2025, 9, 1))
    assert alone["value"].tolist() == [87.0]
