"""The guide's instrument, model, standards and benchmarks: complete in both languages and consistent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.edition import Edition, load_edition
from analysis.edition.params import Params, Text
from analysis.edition.standards import Benchmark, Scenario
from analysis.sem.model.reader import check_model

HAN = re.compile(r"[一-鿿]")


@pytest.fixture(scope="module")
def edition(root: Path) -> Edition:
    return load_edition(root / "params" / "2025.yml")


def _pairs(value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Text) or (hasattr(value, "zh") and hasattr(value, "en")):
        yield str(value.zh), str(value.en)  # type: ignore[union-attr]
    if isinstance(value, Params):
        for name in type(value).model_fields:
            yield from _pairs(getattr(value, name))
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _pairs(part)
    elif isinstance(value, dict):
        yield from _pairs(tuple(value.values()))


def test_every_wording_is_chinese_in_chinese_and_english_in_english(edition: Edition) -> None:
    pairs = [p for part in (edition.instrument, edition.standards, edition.benchmarks) for p in _pairs(part)]
    assert len(pairs) > 150
    assert not [pair for pair in pairs if HAN.search(pair[1])]
    assert not [pair for pair in pairs if not HAN.search(pair[0]) and re.search(r"[A-Za-z]{4,}", pair[0])]


def test_the_model_measures_every_construct_by_its_items(edition: Edition) -> None:
    assert edition.model is not None
    syntax = check_model(edition.model, instrument=edition.instrument, where="guide.lav")
    assert sorted(syntax.items) == sorted(edition.instrument.item_keys)


def test_every_benchmark_measure_exists_in_the_instrument(edition: Edition) -> None:
    assert edition.benchmarks is not None
    constructs = {construct.key for construct in edition.instrument.constructs}
    categories = {(q.key, c.code) for q in edition.instrument.profile for c in q.categories}
    measured = [benchmark.measure for benchmark in edition.benchmarks.benchmarks if benchmark.measure]
    assert len(measured) >= 8
    for measure in measured:
        assert measure.construct_key is None or measure.construct_key in constructs
        assert measure.item is None or measure.item in edition.instrument.item_keys
        assert measure.segment is None or (measure.segment, measure.category) in categories


def test_disagreeing_benchmarks_point_at_each_other(edition: Edition) -> None:
    assert edition.benchmarks is not None
    keys = {benchmark.key for benchmark in edition.benchmarks.benchmarks}
    pointing = [b for b in edition.benchmarks.benchmarks if b.disagrees_with]
    assert len(pointing) >= 2
    assert all(benchmark.disagrees_with in keys for benchmark in pointing)


def test_the_five_scenarios_carry_the_guides_limits(edition: Edition) -> None:
    assert edition.standards is not None
    limits = {
        (scenario.key, step.key): (step.limit.value, step.limit.unit)
        for scenario in edition.standards.scenarios
        for step in scenario.steps
        if step.limit
    }
    assert len(edition.standards.scenarios) == 5
    assert limits["account", "query"] == (24.0, "hours")
    assert limits["account", "closing"] == (7.0, "working_days")


GUIDE = {
    "account_satisfied": (87.6, "percent", 2023, "2.2"),
    "account_query": (91.2, "percent", 2023, "2.2"),
    "advice_satisfied": (85.4, "percent", 2024, "2.2"),
    "advice_disclosure": (90.1, "percent", 2024, "2.2"),
    "application_satisfied": (86.2, "percent", 2024, "2.2"),
    "application_timeliness": (89.5, "percent", 2024, "2.2"),
    "complaint_satisfied": (82.3, "percent", 2024, "2.2"),
    "complaint_timeliness": (85.6, "percent", 2024, "2.2"),
    "aftersales_satisfied": (84.7, "percent", 2024, "2.2"),
    "aftersales_tracking": (89.2, "percent", 2024, "2.2"),
    "privacy_protection": (88.9, "percent", 2024, "2.3"),
    "response_efficiency": (86.5, "percent", 2024, "2.3"),
    "survey_mechanism": (85.8, "percent", 2024, "2.3"),
    "digital_service": (87.2, "percent", 2024, "2.3"),
    "staff_training": (89.4, "percent", 2024, "2.3"),
    "bank_processing_time": (20.0, "minutes", None, "3.1"),
    "overtime_rate": (5.0, "percent", None, "3.1"),
    "efficiency_level": (82.3, "percent", 2024, "4.1"),
    "attitude_level": (78.5, "percent", 2024, "4.1"),
    "complaint_days_feedback": (37.0, "days", 2024, "4.2"),
    "complaint_days_change_feedback": (-12.0, "days", 2024, "4.2"),
    "efficiency_lift": (12.0, "percent", 2024, "4.3"),
    "attitude_lift": (8.0, "percent", 2024, "4.3"),
    "satisfaction_level_training": (85.3, "score", 2024, "5.1"),
    "csat_overall": (88.6, "percent", 2024, "6.1"),
    "csat_change": (0.3, "points", 2024, "6.1"),
    "csat_kinds_first": (89.2, "percent", 2024, "6.1"),
    "csat_kinds_second": (88.1, "percent", 2024, "6.1"),
    "branch_response": (15.0, "minutes", 2024, "6.1"),
    "slow_branch": (30.0, "minutes", 2024, "6.1"),
    "survey_coverage": (90.0, "percent", 2024, "6.1"),
    "complaint_days_monitoring": (14.0, "days", 2024, "6.1"),
    "complaint_days_change_monitoring": (-2.0, "days", 2024, "6.1"),
    "complaint_days_slow": (20.0, "days", 2024, "6.1"),
    "experience_index": (85.6, "score", 2023, "7.1"),
    "experience_satisfied": (68.3, "percent", 2023, "7.1"),
    "smart_counter_use": (42.0, "percent", 2023, "7.1"),
    "smart_counter_time": (-35.0, "percent", 2023, "7.1"),
    "experience_needs_work": (25.0, "percent", 2023, "7.1"),
    "trust_overall": (83.2, "percent", 2023, "7.2"),
    "trust_bank": (85.6, "percent", 2023, "7.2"),
    "trust_securities": (82.4, "percent", 2023, "7.2"),
    "trust_insurance": (81.3, "percent", 2023, "7.2"),
    "identification_overall": (78.4, "percent", 2023, "7.2"),
    "identification_bank": (82.1, "percent", 2023, "7.2"),
    "loyal_share": (67.3, "percent", 2023, "7.2"),
    "highly_loyal_share": (32.1, "percent", 2023, "7.2"),
    "lifecycle_mean": (5.2, "years", None, "7.3"),
    "lifecycle_high_value": (7.8, "years", None, "7.3"),
    "digital_crm": (85.0, "percent", 2023, "7.3"),
    "satisfaction_level_outlook": (88.6, "score", 2024, "8.1"),
    "satisfaction_change": (1.2, "points", 2024, "8.1"),
    "online_users": (65.0, "percent", 2024, "8.1"),
}
"""What the guide gives: value, unit, year (None: it names none), section."""


def test_every_benchmark_is_quoted_as_the_guide_gives_it(edition: Edition) -> None:
    assert edition.benchmarks is not None
    quoted = {b.key: (b.value, b.unit, b.year, b.section) for b in edition.benchmarks.benchmarks}
    assert quoted == GUIDE
    assert all(b.section in b.source.zh and b.section in b.source.en for b in edition.benchmarks.benchmarks)


def test_a_benchmark_is_compared_with_a_quantity_of_its_own_unit(edition: Edition) -> None:
    assert edition.benchmarks is not None
    compared = [b for b in edition.benchmarks.benchmarks if b.measure]
    assert {b.unit for b in compared} == {"percent", "score"}
    for benchmark in compared:
        assert benchmark.measure is not None
        assert benchmark.measure.unit == benchmark.unit


@pytest.mark.parametrize("unit", ["score", "minutes", "points"])
def test_a_benchmark_can_not_ask_for_a_quantity_of_another_unit(unit: str) -> None:
    text = {"zh": "效率", "en": "Efficiency"}
    benchmark = {"key": "x", "name": text, "value": 82.3, "unit": unit, "source": text, "section": "4.1"}
    with pytest.raises(ValueError, match="only like quantities"):
        Benchmark.model_validate(benchmark | {"measure": {"kind": "csat"}})


def test_what_the_guide_leaves_ambiguous_is_quoted_with_a_note_and_not_compared(edition: Edition) -> None:
    assert edition.benchmarks is not None
    found = {b.key: b for b in edition.benchmarks.benchmarks}
    for key in ("csat_kinds_first", "csat_kinds_second", "slow_branch", "complaint_days_slow"):
        assert found[key].note is not None
        assert found[key].measure is None
    assert edition.standards is not None
    assert not [i for i in edition.standards.indicators if i.limit and i.limit.value == 30.0]


def test_a_drawing_joins_only_steps_that_follow_each_other(edition: Edition) -> None:
    assert edition.standards is not None
    following = {
        (scenario.key, step.key) for scenario in edition.standards.scenarios for step in scenario.steps if step.follows
    }
    assert following == {
        ("application", "processing"),
        ("complaint", "result"),
        ("complaint", "answer"),
        ("aftersales", "call_back"),
        ("aftersales", "survey"),
    }


def test_the_first_step_of_a_scenario_follows_nothing() -> None:
    text = {"zh": "步骤", "en": "Step"}
    step = {"key": "first", "name": text, "owner": text, "rule": text, "follows": True}
    with pytest.raises(ValueError, match="first step"):
        Scenario.model_validate({"key": "account", "name": text, "steps": [step]})
