"""Each norm gets the verdict that its interval allows, and none where the data are absent."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from analysis.edition.sections.fieldwork import FieldworkRules
from analysis.errors import MethodError
from analysis.survey.fieldwork.norms import NormsResult, channel_norms, frame_coverage
from analysis.survey.fieldwork.outcomes import approaches, final_outcomes

RULES = FieldworkRules(online=("app", "web"), callback=("phone",))


def _norms(table: pd.DataFrame, **options: Any) -> NormsResult:
    cases = approaches(table)
    return channel_norms(cases, final_outcomes(cases), rules=RULES, **options)


def _table(online: int, phone: int) -> pd.DataFrame:
    total = online + phone
    return pd.DataFrame(
        {
            "customer_id": [f"k{i}" for i in range(total)],
            "channel": ["app"] * (online - 1) + ["web"] + ["phone"] * phone,
            "disposition": "1.1",
            "contacted_on": pd.Timestamp("2025-09-10"),
        }
    )


def _verdicts(result: NormsResult) -> dict[str, str]:
    return dict(zip(result.table["norm"], result.table["verdict"], strict=True))


@pytest.mark.parametrize(
    ("online", "phone", "expected"),
    [
        (900, 100, {"online": "met", "callback": "open"}),
        (810, 190, {"online": "open", "callback": "met"}),
        (600, 400, {"online": "not_met", "callback": "met"}),
        (980, 20, {"online": "met", "callback": "not_met"}),
    ],
)
def test_the_interval_decides(online: int, phone: int, expected: dict[str, str]) -> None:
    result = _norms(_table(online, phone))
    row = result.table.set_index("norm").loc["online"]
    assert row["value"] == pytest.approx(online / (online + phone))
    assert row["ci_low"] < row["value"] < row["ci_high"]
    assert {norm: _verdicts(result)[norm] for norm in expected} == expected


def test_calls_are_counted_by_customer_and_calendar_quarter() -> None:
    table = _table(80, 20)
    late = table[table["channel"] == "phone"].head(3).assign(contacted_on=pd.Timestamp("2025-10-02"))
    assert _verdicts(_norms(pd.concat([table, late])))["callback_frequency"] == "met"
    twice = table[table["channel"] == "phone"].head(2).assign(contacted_on=pd.Timestamp("2025-09-28"))
    result = _norms(pd.concat([table, late, twice]))
    assert _verdicts(result)["callback_frequency"] == "not_met"
    assert result.over_called == 2
    assert result.table.set_index("norm").loc["callback_frequency", "value"] == 2


def test_who_is_not_a_customer_is_left_out() -> None:
    table = _table(80, 20)
    table.loc[table["channel"] == "phone", "disposition"] = "4.1"
    row = _norms(table).table.set_index("norm").loc["online"]
    assert (row["value"], row["n"]) == (1.0, 80)


def test_nothing_collected_is_said_for_every_norm() -> None:
    result = channel_norms(None, None, rules=FieldworkRules())
    assert set(_verdicts(result).values()) == {"not_collected"}
    assert result.over_called is None
    without_channel = _norms(_table(80, 20).drop(columns="channel"))
    assert set(_verdicts(without_channel).values()) == {"not_collected"}


def test_a_misspelt_channel_is_named() -> None:
    with pytest.raises(MethodError, match="'web'"):
        _norms(_table(80, 20).assign(channel=["app"] * 80 + ["phone"] * 20))


def test_coverage_compares_two_registers() -> None:
    population = pd.DataFrame({"category": ["a", "b"], "population": [100, 300]})
    frame = pd.DataFrame({"unit_id": ["u", "v"], "stratum": ["a", "a"], "size": [40, 50]})
    table = frame_coverage(frame, population)
    assert table is not None
    assert table["coverage"].tolist() == [0.9, 0.0]
    assert frame_coverage(None, population) is None
    assert frame_coverage(frame, None) is None
    share = float(table["listed"].sum() / table["population"].sum())
    found = channel_norms(None, None, rules=RULES, coverage=share)
    assert found.record()["frame_coverage"] == pytest.approx(90 / 400)
    assert _verdicts(found)["coverage"] == "not_collected"
