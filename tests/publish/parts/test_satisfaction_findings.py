"""Sentences say what the results allow and no more, in both languages."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis.edition import load_edition
from analysis.publish.parts.edition import findings as edition_findings
from analysis.publish.parts.satisfaction import findings
from analysis.publish.parts.structural import findings as structural
from analysis.publish.words.labels import Labels
from analysis.publish.words.phrases import construct_inside, lowered
from analysis.results import Store


@pytest.fixture(scope="module", params=["zh", "en"])
def labels(request: pytest.FixtureRequest, root: Path) -> Labels:
    return Labels(load_edition(root / "params" / "2025.yml"), request.param)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def _dimensions(scores: dict[str, float], width: float) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"construct": key, "score": value, "ci_low": value - width, "ci_high": value + width}
            for key, value in scores.items()
        ]
    )


def _save_differences(store: Store, measure: str, pairs: dict[tuple[str, str], float], segment: str = "") -> None:
    """Adjusted p of each pair; the differences themselves play no part in who differs."""
    rows = [
        {"measure": measure, "segment": segment, "a": a, "b": b, "ci_low": -8.6, "ci_high": -7.4, "p_adjusted": p}
        for (a, b), p in pairs.items()
    ]
    store.save_frame("05_satisfaction", "differences", pd.DataFrame(rows))


def test_a_large_gap_between_dimensions_is_told_and_a_small_one_is_not(store: Store, labels: Labels) -> None:
    store.save_table("csi_dimensions", _dimensions({"security": 86.0, "innovation": 78.0, "results": 82.0}, 0.5))
    pairs = {("innovation", "security"): 0.001, ("results", "security"): 0.2, ("innovation", "results"): 0.03}
    _save_differences(store, "dimensions", pairs)
    told = findings.dimensions(store, labels)
    assert "8.0" in told
    # The pair was tested the other way round: its interval changes signs and sides.
    assert "7.4" in told
    assert "8.6" in told
    assert construct_inside("security", labels) in told or labels.construct("security") in told
    # Results can't be told from security: the two lead together, and only innovation is last.
    results = construct_inside("results", labels)
    first, last = told.split("最低的是" if labels.lang == "zh" else "come last")[:2]
    if labels.lang == "en":
        first, last = first.split("; innovation")[0], "innovation"
    assert results in first
    assert results not in last.split("。")[0]
    store.save_table("csi_dimensions", _dimensions({"security": 82.2, "innovation": 82.0}, 0.5))
    _save_differences(store, "dimensions", {("innovation", "security"): 0.06})
    assert findings.dimensions(store, labels) == labels.text("findings.dimensions.same", low="82.0", high="82.2")


def test_suppressed_dimensions_are_not_named(store: Store, labels: Labels) -> None:
    frame = _dimensions({"security": 86.0, "innovation": 78.0}, 0.5)
    frame.loc[1, ["score", "ci_low", "ci_high"]] = float("nan")
    store.save_table("csi_dimensions", frame)
    assert labels.construct("innovation") not in findings.dimensions(store, labels)
    store.save_table("csi_dimensions", frame.iloc[1:])
    assert findings.dimensions(store, labels) == labels.text("findings.withheld")


def test_segments_tell_significance_and_withheld_categories(store: Store, labels: Labels) -> None:
    rows = [("bank", 84.0, 83.5, 84.5), ("insurance", 80.0, 79.0, 81.0), ("fund", None, None, None)]
    frame = pd.DataFrame(rows, columns=["category", "csi", "ci_low", "ci_high"]).assign(segment="institution_type")
    store.save_table("csi_segments", frame)
    _save_differences(store, "csi", {("bank", "insurance"): 0.01}, segment="institution_type")
    told = findings.segments(store, labels)
    assert labels.group("institution_type", "bank") in told
    assert "4.0" in told
    assert labels.category("institution_type", "fund") not in told
    assert ("1 个类别" if labels.lang == "zh" else "one category") in told


@pytest.mark.parametrize(("difference", "key"), [(0.0021, "semopy"), (0.01, "semopy"), (1.0, "semopy_differs")])
def test_estimates_more_than_one_percent_apart_are_not_called_the_same(
    store: Store, labels: Labels, difference: float, key: str
) -> None:
    record = {"estimator": "MLR", "weighted": False, "n": 884, "complete": 884, "semopy_difference": difference}
    record |= {"semopy_excess": -1.0}
    store.save_record("07_structural", "structural", record | {"replicates": 0, "failed_replicates": 0, "numbers": []})
    shown = {"semopy": f"{difference:.2%}", "semopy_differs": "100%"}[key]
    assert labels.text(f"findings.estimation.{key}", difference=shown) in structural.estimation(store, labels)


@pytest.mark.parametrize(
    ("excess", "key", "shown"), [(0.005, "flat", "0.005"), (-0.09, "flat", "0.090"), (4.2, "worse", "4.200")]
)
def test_where_estimates_differ_it_is_said_whose_fit_is_better(
    store: Store, labels: Labels, excess: float, key: str, shown: str
) -> None:
    record = {"estimator": "ML", "weighted": False, "n": 1707, "complete": 1707, "semopy_difference": 0.02}
    record |= {"semopy_excess": excess, "replicates": 0, "failed_replicates": 0, "numbers": []}
    store.save_record("07_structural", "structural", record)
    told = labels.text(f"findings.estimation.semopy_{key}", difference="2%", excess=shown)
    assert told in structural.estimation(store, labels)


@pytest.mark.parametrize("weighted", [True, False])
def test_an_estimate_from_ordered_answers_names_its_method(store: Store, labels: Labels, weighted: bool) -> None:
    record = {"estimator": "WLSMV", "weighted": weighted, "n": 884, "complete": 884, "semopy_difference": float("nan")}
    record |= {"replicates": 0, "failed_replicates": 0, "numbers": ["sat1", "sat2"]}
    store.save_record("07_structural", "structural", record)
    told = structural.estimation(store, labels)
    assert "WLSMV" in told
    assert "semopy" not in told
    assert labels.text("findings.estimation.listwise", n="884") in told
    assert labels.text(f"findings.estimation.{'ordered_weighted' if weighted else 'ordered'}") in told
    assert all(labels.item(key) in told for key in ("sat1", "sat2"))


def test_errors_from_replicate_weights_say_how_many_there_were(store: Store, labels: Labels) -> None:
    record = {"estimator": "MLR", "weighted": True, "n": 884, "complete": 884, "semopy_difference": 0.001}
    record |= {"semopy_excess": 0.0}
    store.save_record(
        "07_structural", "structural", record | {"replicates": 200, "failed_replicates": 3, "numbers": []}
    )
    told = structural.estimation(store, labels)
    assert labels.text("findings.estimation.replicates", replicates=200) in told
    assert labels.text("findings.estimation.failed", failed=3) in told
    assert labels.text("findings.estimation.weighted") not in told


def _benchmarks(rows: list[tuple[str, float, float]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "measured_zh": f"项{i}",
                "measured_en": f"Item {i}",
                "measure": f"m{i}" if unit == "percent" else "csi",
                "gap": gap,
                "p_adjusted": p,
                "value": 80 + gap,
                "benchmark": 80.0,
                "unit": unit,
                "year": "2024",
            }
            for i, (unit, gap, p) in enumerate(rows)
        ]
    )


def test_benchmarks_are_counted_and_the_furthest_of_each_unit_is_named(store: Store, labels: Labels) -> None:
    rows = [("percent", 3.0, 0.01), ("percent", -5.0, 0.01), ("percent", -9.0, 0.2), ("score", -6.0, 0.01)]
    store.save_table("benchmark_comparison", _benchmarks(rows))
    told = edition_findings.benchmarks(store, labels)
    item = "项" if labels.lang == "zh" else "Item "
    assert [f"{item}{i}" in told for i in range(4)] == [True, True, False, True]
    assert "75%" in told
    counts = {"higher_one": 1, "lower": 2, "same_one": 1}
    assert all(labels.text(f"findings.benchmarks.{key}", n=n) in told for key, n in counts.items())


@pytest.mark.parametrize(("second", "key"), [((-3.0, 0.01), "lower"), ((-0.1, 0.9), "mixed_one")])
def test_a_quantity_with_two_benchmarks_counts_once(
    store: Store, labels: Labels, second: tuple[float, float], key: str
) -> None:
    rows = [("percent", -5.0, 0.01), ("score", -6.0, 0.01), ("score", *second)]
    store.save_table("benchmark_comparison", _benchmarks(rows))
    told = edition_findings.benchmarks(store, labels)
    assert labels.text(f"findings.benchmarks.{key}", n=2) in told
    assert ("2 项中" if labels.lang == "zh" else "Of 2 quantities") in told


def test_the_characteristics_satisfaction_depends_on_are_told_the_strongest_first(store: Store, labels: Labels) -> None:
    rows = [("age", 0.05, 0.01), ("region", 0.02, 0.4), ("channel", 0.12, 0.001)]
    store.save_table("associations", pd.DataFrame(rows, columns=["segment", "cramers_v", "p_adjusted"]))
    told = findings.associations(store, labels)
    channel, age, region = (lowered(labels.question(key), labels) for key in ("channel", "age", "region"))
    assert told.index(channel) < told.index(age) < told.index(region)
    assert "0.120" in told
    store.save_table("associations", pd.DataFrame(rows[1:2], columns=["segment", "cramers_v", "p_adjusted"]))
    assert findings.associations(store, labels) == labels.text("findings.associations.none", names=region)
    store.save_table(
        "associations", pd.DataFrame([("age", None, None)], columns=["segment", "cramers_v", "p_adjusted"])
    )
    assert findings.associations(store, labels) == labels.text("findings.associations.untested")


def _levels(store: Store, scores: dict[str, dict[str, float]]) -> None:
    """Scores of each construct by kind of institution; differences of more than 2 points are beyond chance."""
    frames, pairs = [], []
    for construct, groups in scores.items():
        frame = pd.DataFrame({"category": [None, *groups], "score": [80.0, *groups.values()]})
        frames.append(frame.assign(construct=construct, segment=[None] + ["institution_type"] * len(groups)))
        pairs += [
            {"measure": construct, "segment": "institution_type", "a": a, "b": b, "p_adjusted": p}
            for a in groups
            for b in groups
            if a < b
            for p in [0.001 if abs(groups[a] - groups[b]) > 2 else 0.9]
        ]
    levels = pd.concat(frames)
    store.save_table("construct_levels", levels.assign(ci_low=levels["score"] - 0.5, ci_high=levels["score"] + 0.5))
    store.save_frame("05_satisfaction", "differences", pd.DataFrame(pairs).assign(ci_low=-5.0, ci_high=-1.0))


def test_who_stands_last_on_everything_is_told_once(store: Store, labels: Labels) -> None:
    scores = {"bank": 84.0, "fund": 83.5, "internet": 78.0}
    _levels(store, {"satisfaction": scores, "trust": scores | {"fund": 81.0}, "loyalty": scores | {"fund": 81.5}})
    told = findings.levels(store, labels)
    ends = {name: labels.group("institution_type", code) for name, code in (("high", "bank"), ("low", "internet"))}
    segment = construct_inside("institution_type", labels)
    assert told.endswith(labels.text("findings.levels.throughout_both", segment=segment, **ends))
    assert told.count(ends["low"]) == 1


def test_groups_that_change_places_are_told_construct_by_construct(store: Store, labels: Labels) -> None:
    scores = {"bank": 84.0, "internet": 78.0}
    _levels(store, {"satisfaction": scores, "trust": {"bank": 78.0, "internet": 84.0}})
    told = findings.levels(store, labels)
    assert told.count(labels.group("institution_type", "internet")) == 2
