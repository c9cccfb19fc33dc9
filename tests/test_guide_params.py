"""The guide's instrument, model, standards and benchmarks: complete in both languages and consistent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.edition import Edition, load_edition
from analysis.edition.params import Params, Text
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
