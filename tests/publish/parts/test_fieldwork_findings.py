"""Sentences on design and fieldwork follow the verdicts of the tables, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.edition import load_edition
from analysis.edition.sections.fieldwork import FieldworkRules
from analysis.edition.sections.sampling import ModelPower, Sampling
from analysis.publish.parts.fieldwork import findings as fieldwork
from analysis.publish.parts.sampling import findings as sampling
from analysis.publish.words.labels import Labels
from analysis.results import Store
from analysis.survey.fieldwork.norms import channel_norms
from analysis.survey.planning.power import reached_power


@pytest.fixture(scope="module", params=["zh", "en"])
def labels(request: pytest.FixtureRequest, root: Path) -> Labels:
    return Labels(load_edition(root / "params" / "2025.yml"), request.param)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def _norm(store: Store, norm: str, **values: Any) -> None:
    frame = channel_norms(None, None, rules=FieldworkRules()).table.astype({"value": object, "verdict": object})
    for name, value in values.items():
        frame.loc[frame["norm"] == norm, name] = value
    store.save_table("channel_norms", frame)
    store.save_record("02_fieldwork", "fieldwork", {"over_called": 3 if norm == "callback_frequency" else None})


@pytest.mark.parametrize("verdict", ["met", "not_met", "open"])
def test_a_norm_is_told_with_its_verdict_and_the_others_as_absent(store: Store, labels: Labels, verdict: str) -> None:
    _norm(store, "online", value=0.81, ci_low=0.78, ci_high=0.84, n=900, verdict=verdict)
    told = fieldwork.norms(store, labels)
    assert "81.0%" in told
    assert "78.0–84.0%" in told
    assert labels.text(f"findings.norms.verdict_{verdict}") in told
    absent = fieldwork.lowered(labels.text("norms.coverage"), labels)
    assert absent in told
    assert fieldwork.lowered(labels.text("norms.online"), labels) not in told


def test_customers_called_too_often_are_counted(store: Store, labels: Labels) -> None:
    _norm(store, "callback_frequency", value=2.0, n=100, verdict="not_met")
    told = fieldwork.norms(store, labels)
    assert labels.text("findings.norms.over_called", n=labels.few()) in told
    assert ("最多回访 2 次" if labels.lang == "zh" else "more than twice") in told


def _power(store: Store, *, n: int, available: bool = True) -> None:
    rows = [("close", 0.05, 0.08, 132.0, 0.9, True), ("not_close", 0.05, 0.01, float("nan"), 0.1, False)]
    columns = ["test", "null", "alternative", "needed_n", "power", "met"]
    store.save_table("rmsea_power", pd.DataFrame(rows, columns=columns))
    store.save_record("01_sampling", "sampling", {"degrees": 100})
    reached = reached_power(degrees=100, n=n, rule=ModelPower()) if available else None
    record = {"power": {"n": n, "power": reached} if reached else None}
    store.save_record("07_structural", "structural", record)


def test_the_power_is_that_of_the_responses_used(store: Store, labels: Labels) -> None:
    _power(store, n=132)
    told = sampling.power(store, labels)
    assert "0.802" in told
    assert labels.text("findings.power.out_of_reach") in told
    _power(store, n=5000)
    assert labels.text("findings.power.ample", n="5,000") in sampling.power(store, labels)
    _power(store, n=0, available=False)
    assert "0.802" not in sampling.power(store, labels)


def _response(store: Store, low: float, high: float) -> None:
    rates = {
        "RR1": (0.36, low, high),
        "RR3": (0.37, 0, 1),
        "COOP1": (0.6, 0, 1),
        "REF1": (0.2, 0, 1),
        "CON1": (0.6, 0, 1),
    }
    rows = [{"rate": rate, "value": v, "ci_low": a, "ci_high": b} for rate, (v, a, b) in rates.items()]
    store.save_table("response_rates", pd.DataFrame(rows))
    store.save_table("outcomes", pd.DataFrame({"outcome": ["I", "R"], "customers": [360, 640]}))
    record = {"customers": 1000, "confidence": 0.95, "channels_apart": [["app", "phone"]]}
    store.save_record("02_fieldwork", "fieldwork", record)
    store.save_record("01_sampling", "sampling", {"invitations": 900})


@pytest.mark.parametrize(
    ("low", "high", "key"), [(0.355, 0.37, "higher"), (0.33, 0.345, "lower"), (0.34, 0.37, "same")]
)
def test_the_response_rate_is_read_against_the_design(
    store: Store, labels: Labels, low: float, high: float, key: str
) -> None:
    _response(store, low, high)
    told = fieldwork.response(store, labels)
    assert labels.text(f"findings.response.{key}", planned="35.0%") in told
    assert "36.0%" in told
    assert "1,000" in told
    assert labels.text("findings.response.more_than_planned", planned="900", customers="1,000") in told


def test_a_plan_that_the_params_do_not_state_is_not_told(store: Store, labels: Labels) -> None:
    _response(store, 0.34, 0.37)
    silent = Labels(labels.edition.model_copy(update={"sampling": Sampling()}), labels.lang)
    told = fieldwork.response(store, silent)
    assert "36.0%" in told
    assert "35.0%" not in told
    assert "900" not in told


def test_the_coverage_of_the_frame_is_told_and_judges_no_norm(store: Store, labels: Labels) -> None:
    found = channel_norms(None, None, rules=FieldworkRules(), coverage=0.963)
    assert found.table.set_index("norm")["verdict"].to_dict()["coverage"] == "not_collected"
    store.save_table("channel_norms", found.table)
    store.save_record("02_fieldwork", "fieldwork", found.record())
    assert labels.text("findings.norms.frame", value="96.3%") in fieldwork.norms(store, labels)


def test_an_overall_rate_above_every_channel_is_explained(store: Store, labels: Labels) -> None:
    _response(store, 0.34, 0.37)
    for highest, explained in ((0.35, True), (0.40, False)):
        rates = {"category": ["app", "phone"], "rr1": [highest, 0.3], "ci_low": [0.3, 0.28], "ci_high": [0.42, 0.32]}
        store.save_table("response_channels", pd.DataFrame(rates))
        assert (labels.text("findings.response.once") in fieldwork.response(store, labels)) == explained


def test_channels_that_differ_are_named_and_others_are_not(store: Store, labels: Labels) -> None:
    _response(store, 0.34, 0.37)
    channels = pd.DataFrame({"category": ["app", "phone"], "rr1": [0.40, 0.30], "ci_low": [0.38, 0.28]})
    store.save_table("response_channels", channels.assign(ci_high=[0.42, 0.32]))
    assert labels.channel("phone") in fieldwork.response(store, labels)
    record = {**store.record("02_fieldwork", "fieldwork"), "channels_apart": []}
    store.save_record("02_fieldwork", "fieldwork", record)
    assert labels.channel("phone") not in fieldwork.response(store, labels)


def test_domains_that_are_too_wide_are_named(store: Store, labels: Labels) -> None:
    frame = pd.DataFrame(
        {"question": "region", "category": ["east", "west"], "width": [2.0, 4.8], "met": [True, False]}
    )
    store.save_table("domain_precision", frame)
    told = sampling.precision(store, labels)
    assert labels.category("region", "west") in told
    assert labels.category("region", "east") not in told
    store.save_table("domain_precision", frame.assign(met=True))
    assert sampling.precision(store, labels) == labels.text("findings.precision.all", total=2, width="4.0")


def test_the_rule_that_is_best_for_the_total_is_named_unless_it_is_the_chosen_one(store: Store, labels: Labels) -> None:
    frame = pd.DataFrame(
        {
            "rule": ["proportional", "power"],
            "chosen": [False, True],
            "margin": [0.6, 0.8],
            "width": [5.0, 3.0],
            "cost": [float("nan")] * 2,
        }
    )
    store.save_table("allocation_rules", frame)
    told = sampling.allocation(store, labels)
    assert fieldwork.lowered(labels.text("allocations.proportional"), labels) in told
    assert "nan" not in told
    store.save_table("allocation_rules", frame.assign(margin=[0.9, 0.8], cost=[100.0, 120.0]))
    told = sampling.allocation(store, labels)
    assert labels.text("findings.allocation.is_best") in told
    assert labels.text("findings.allocation.cost", cost="120", low="100", high="120") in told


@pytest.mark.parametrize(("p", "key"), [(0.0001, "differs"), (0.4, "same")])
def test_modes_differ_only_when_the_test_says_so(store: Store, labels: Labels, p: float, key: str) -> None:
    table = pd.DataFrame({"category": ["app", "web"], "estimate": [82.0, 81.0], "adjusted": [81.9, 81.2]})
    store.save_table("mode_index", table)
    modes = {"f_adjusted": 3.2, "p_adjusted": p}
    store.save_record("05_satisfaction", "satisfaction", {"modes": modes})
    shown = "<0.001" if p < 0.001 else "= 0.400"
    assert labels.text(f"findings.modes.{key}", f="3.20", p=shown) in fieldwork.modes(store, labels)
