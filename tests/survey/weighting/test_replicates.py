"""Replicates carry every adjustment: against R, redone stage by stage, averages near the weights, misses counted."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
import pytest

from analysis.edition.sections.weighting import Nonresponse, Replicates, Trim, Weighting
from analysis.errors import MethodError
from analysis.survey.design.replicate_weights import replicate_columns
from analysis.survey.design.replication import bootstrap
from analysis.survey.weighting import replicates
from analysis.survey.weighting.nonresponse import NonresponseResult, adjust_nonresponse
from analysis.survey.weighting.replicates import AdjustedReplicates, replicate_weights
from analysis.survey.weighting.stages import rake

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "weighting.json").read_text())["raked_jackknife"]
SINGLE = 1e-7
"""Precision of a weight as it is saved."""
MARGINS = {"age": {"old": 0.5, "young": 0.5}, "sex": {"f": 0.52, "m": 0.48}}


def _survey(rows: int = 3000) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(11)
    cases = pd.DataFrame({"type": rng.choice(["a", "b", "c"], rows), "channel": rng.choice(["app", "phone"], rows)})
    answered = rng.random(rows) < 0.3 + 0.2 * (cases["channel"] == "app")
    cases["disposition"] = np.where(answered, "1.1", rng.choice(["2.1", "3.1"], rows))
    kept = cases[answered].drop(columns="disposition").reset_index(drop=True)
    kept["age"] = rng.choice(["old", "young"], len(kept), p=[0.35, 0.65])
    kept["sex"] = rng.choice(["f", "m"], len(kept))
    return kept, cases


def _rule(**changes: object) -> Weighting:
    values = {"stratum": "type", "trim": Trim(), "replicates": Replicates(count=60), **changes}
    return Weighting(**values)  # type: ignore[arg-type]


def _both(rule: Weighting) -> tuple[pd.Series, AdjustedReplicates, NonresponseResult, pd.DataFrame]:
    kept, cases = _survey()
    base = kept["type"].map({"a": 1.0, "b": 2.0, "c": 4.0}).to_numpy()
    variables = Nonresponse(variables=("type", "channel"))
    adjusted = adjust_nonresponse(kept, cases, base=base, rule=variables, stratum="type")
    full = rake(kept, margins=MARGINS, base=base, nonresponse=adjusted, trim=rule.trim).weights
    made = replicate_weights(kept, base=base, rule=rule, margins=MARGINS, nonresponse=adjusted, seed=5)
    return full, made, adjusted, kept


def test_a_jackknife_raked_replicate_by_replicate_agrees_with_r(shared: Path) -> None:
    data = pd.read_csv(shared / "data" / "survey_api" / "apiclus1.csv")
    margins = {"stype": {"E": 4421.0, "H": 755.0, "M": 1018.0}, "sch.wide": {"No": 1072.0, "Yes": 5122.0}}
    base = data["pw"].to_numpy()
    wanted = Replicates(method="jackknife")
    rule = Weighting(psu="dnum", tolerance=1e-12, max_iterations=5000, trim=None, replicates=wanted)
    made = replicate_weights(data, base=base, rule=rule, margins=margins, nonresponse=None, seed=1).replicates
    full = rake(data, margins=margins, base=base, tolerance=1e-13).weights.to_numpy() * 6194 / len(data)
    weights = made.weights.astype(float) * 6194 / len(data)
    assert made.method == "JK1"

    def error(values: np.ndarray, estimate: float) -> float:
        return float(np.sqrt((made.factors * (values - estimate) ** 2).sum()))

    score, pupils = data["api00"].to_numpy(), data["enroll"].to_numpy()
    mean, total = float(np.average(score, weights=full)), float(full @ pupils)
    assert mean == pytest.approx(GOLDEN["mean"][0], rel=1e-9)
    assert error((score @ weights) / weights.sum(axis=0), mean) == pytest.approx(GOLDEN["se"][0], rel=1e-6)
    assert total == pytest.approx(GOLDEN["total"][0], rel=1e-9)
    assert error(pupils @ weights, total) == pytest.approx(GOLDEN["total_se"][0], rel=1e-6)


@pytest.mark.parametrize("method", ["bootstrap", "jackknife"])
def test_every_replicate_meets_the_margins_and_their_mean_is_near_the_weights(method: str) -> None:
    full, made, _, kept = _both(_rule(replicates=Replicates(method=method, count=120)))  # type: ignore[arg-type]
    weights = made.replicates.weights.astype(float)
    assert made.unconverged == 0
    assert weights.sum(axis=0) == pytest.approx(np.full(weights.shape[1], len(kept)), rel=SINGLE)
    for name, targets in MARGINS.items():
        for category, target in targets.items():
            shares = weights[(kept[name] == category).to_numpy()].sum(axis=0) / len(kept)
            assert shares == pytest.approx(np.full(weights.shape[1], target), abs=SINGLE)
    assert np.corrcoef(weights.mean(axis=1), full)[0, 1] > 0.95
    assert np.abs(weights.mean(axis=1) / full - 1).mean() < 0.1
    assert made.replicates.method == ("bootstrap" if method == "bootstrap" else "JKn")


def test_a_replicate_is_weighted_like_a_sample_of_its_own() -> None:
    """Repeating the rows as often as the replicate holds them, and weighting them afresh, gives the same weights."""
    rule = _rule(stratum=None, trim=Trim(lower=0.3, upper=1.6), replicates=Replicates(count=10), max_iterations=5000)
    full, made, adjusted, kept = _both(rule)
    assert full.max() == pytest.approx(1.6)
    size = len(kept) + len(adjusted.silent)
    drawn = bootstrap(np.ones(size), replicates=10, seed=5).weights[:, 0]
    times = np.rint(drawn * (size - 1) / size).astype(int)
    held, silent = times[: len(kept)], times[len(kept) :] * adjusted.silent_weights
    base = kept["type"].map({"a": 1.0, "b": 2.0, "c": 4.0}).to_numpy(copy=True)
    for group in range(len(adjusted.classes)):
        inside = adjusted.groups == group
        base[inside] *= 1 + silent[adjusted.silent_groups == group].sum() / (held * base)[inside].sum()
    rows = np.repeat(np.arange(len(kept)), held)
    again = rake(kept.iloc[rows], margins=MARGINS, base=base[rows], trim=rule.trim, max_iterations=5000).weights
    sums = np.bincount(rows, weights=again.to_numpy(), minlength=len(kept))
    np.testing.assert_allclose(made.replicates.weights[:, 0] / len(kept), sums / len(rows), rtol=1e-6)


def test_the_error_of_a_margin_is_gone_once_it_is_raked() -> None:
    _, made, _, kept = _both(_rule())
    old = (kept["age"] == "old").to_numpy(dtype=float)
    weights = made.replicates.weights.astype(float)
    assert np.std(old @ weights / weights.sum(axis=0)) < 1e-8
    phone = (kept["channel"] == "phone").to_numpy(dtype=float)
    assert np.std(phone @ weights / weights.sum(axis=0)) > 1e-3


def test_a_replicate_that_misses_a_margin_is_counted() -> None:
    kept = pd.DataFrame({"sex": ["f"] * 60 + ["m"] * 2})
    rule = Weighting(trim=None, replicates=Replicates(count=200))
    made = replicate_weights(
        kept, base=np.ones(62), rule=rule, margins={"sex": {"f": 0.9, "m": 0.1}}, nonresponse=None, seed=1
    )
    empty = int((made.replicates.weights[-2:].sum(axis=0) == 0).sum())
    assert made.unconverged == empty > 0
    assert made.record()["replicate_unconverged"] == empty
    assert np.isfinite(made.replicates.weights).all()


def test_without_margins_the_total_varies_and_nothing_is_missed() -> None:
    kept, _ = _survey()
    rule = _rule()
    made = replicate_weights(kept, base=np.full(len(kept), 3.0), rule=rule, margins={}, nonresponse=None, seed=2)
    assert made.unconverged == 0
    assert made.replicates.weights.mean() == pytest.approx(1.0, abs=0.01)
    assert made.record()["replicate_deviation"] is None
    assert list(replicate_columns(made.replicates.weights))[:2] == ["r0001", "r0002"]


def test_the_seed_decides() -> None:
    first, second = (_both(_rule())[1].replicates.weights for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_two_hundred_replicates_of_six_thousand_interviews_take_seconds() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({name: rng.integers(0, 5, 6000).astype(str) for name in "abcd"})
    margins = {name: dict.fromkeys("01234", 1.0) | {"0": 1.4} for name in frame}
    rule = Weighting(trim=Trim(upper=2.0), replicates=Replicates(count=200))
    start = perf_counter()
    replicate_weights(frame, base=rng.lognormal(0, 0.3, 6000), rule=rule, margins=margins, nonresponse=None, seed=1)
    assert perf_counter() - start < 120


def test_replicates_that_are_not_asked_for_and_unknown_design_columns_are_refused() -> None:
    kept, _ = _survey()
    options = {"base": np.ones(len(kept)), "margins": {}, "nonresponse": None, "seed": 1}
    with pytest.raises(MethodError, match="No replicates are asked for"):
        replicate_weights(kept, rule=_rule(replicates=None), **options)  # type: ignore[arg-type]
    with pytest.raises(MethodError, match="design column 'branch'"):
        replicate_weights(kept, rule=_rule(stratum="branch"), **options)  # type: ignore[arg-type]


def test_with_sampling_units_the_cases_without_interview_stand_still() -> None:
    kept, cases = _survey()
    kept["branch"] = np.arange(len(kept)) % 40
    base = np.ones(len(kept))
    adjusted = adjust_nonresponse(kept, cases, base=base, rule=Nonresponse(variables=("channel",)))
    rule = _rule(stratum=None, psu="branch", replicates=Replicates(method="jackknife"))
    made = replicate_weights(kept, base=base, rule=rule, margins={}, nonresponse=adjusted, seed=1)
    weights = made.replicates.weights.astype(float)
    assert made.replicates.method == "JK1"
    assert weights.shape[1] == 40
    assert (weights[kept["branch"] == 0, 0] == 0).all()
    whole = (base * adjusted.factors).sum()
    for column in range(3):
        replicate = weights[:, column] * (base * adjusted.factors).mean()
        silent = adjusted.silent_weights.sum()
        held = float((kept["branch"] != column).sum() * 40 / 39)
        assert replicate.sum() == pytest.approx(held + silent, rel=SINGLE)
        assert replicate.sum() == pytest.approx(whole, rel=0.05)


def test_population_sizes_make_the_replicates_vary_less() -> None:
    kept, _ = _survey()
    kept["units"] = kept["type"].map(kept["type"].value_counts() * 1.25)
    options = {"base": np.ones(len(kept)), "margins": {}, "nonresponse": None, "seed": 3}
    loose = replicate_weights(kept, rule=_rule(), **options).replicates.weights  # type: ignore[arg-type]
    tight = replicate_weights(kept, rule=_rule(fpc="units"), **options).replicates.weights  # type: ignore[arg-type]
    assert tight.std() / loose.std() == pytest.approx(0.2**0.5, rel=0.02)
    jackknife = Replicates(method="jackknife", count=30)
    groups, drawn = (
        replicate_weights(kept, rule=_rule(replicates=jackknife, **fpc), **options).replicates  # type: ignore[arg-type]
        for fpc in ({}, {"fpc": "units"})
    )
    np.testing.assert_allclose(drawn.factors / groups.factors, 0.2)


def test_what_replicates_take_is_a_byte_for_the_draw_and_four_for_the_weight_of_each() -> None:
    count, peaks = 64, []
    for rows in (20_000, 60_000):
        rng = np.random.default_rng(4)
        frame = pd.DataFrame({"type": rng.choice(["a", "b"], rows), "age": rng.choice(["old", "young"], rows)})
        frame["sex"] = rng.choice(["f", "m"], rows)
        rule = _rule(replicates=Replicates(count=count))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(replicates, "ROOM", 100_000)
            tracemalloc.start()
            options = {"base": np.ones(rows), "rule": rule, "margins": MARGINS, "nonresponse": None}
            replicate_weights(frame, **options, seed=1)  # type: ignore[arg-type]
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert (peaks[1] - peaks[0]) / 40_000 < 5 * count + 300


@pytest.mark.parametrize("method", ["bootstrap", "jackknife"])
def test_weights_that_are_made_by_rows_are_those_that_are_held(method: str) -> None:
    kept, cases = _survey()
    base = kept["type"].map({"a": 1.0, "b": 2.0, "c": 4.0}).to_numpy()
    rule = _rule(replicates=Replicates(method=method, count=40))
    adjusted = adjust_nonresponse(
        kept, cases, base=base, rule=Nonresponse(variables=("type", "channel")), stratum="type"
    )
    options = {"base": base, "rule": rule, "margins": MARGINS, "nonresponse": adjusted, "seed": 5}
    held = replicate_weights(kept, **options)  # type: ignore[arg-type]
    made = replicate_weights(kept, held=False, **options).replicates  # type: ignore[arg-type]
    assert made.weights.shape == held.replicates.weights.shape
    assert made.count == held.replicates.count
    np.testing.assert_array_equal(made.weights[100:230], held.replicates.weights[100:230])
    np.testing.assert_array_equal(made.weights[len(kept) - 3 : len(kept) + 9], held.replicates.weights[-3:])


def test_hardly_any_weights_alike_are_held_in_any_case() -> None:
    kept, _ = _survey()
    base = np.random.default_rng(2).uniform(1, 2, len(kept))
    options = {"base": base, "rule": _rule(), "margins": MARGINS, "nonresponse": None, "seed": 5}
    made = replicate_weights(kept, held=False, **options).replicates.weights  # type: ignore[arg-type]
    assert isinstance(made, np.ndarray)
    rounded = replicate_weights(kept, **options | {"base": np.round(base, 2)}).replicates.weights  # type: ignore[arg-type]
    np.testing.assert_allclose(made, rounded, rtol=0.02)


def test_replicates_that_are_made_by_rows_take_little_more_than_a_byte_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replicates, "ROOM", 80_000)
    rows, count, rng = 40_000, 100, np.random.default_rng(3)
    frame = pd.DataFrame({name: pd.Categorical(rng.choice(["x", "y"], rows)) for name in "ab"})
    margins = {"a": {"x": 0.4, "y": 0.6}, "b": {"x": 0.7, "y": 0.3}}
    rule = Weighting(trim=None, replicates=Replicates(count=count))
    tracemalloc.start()
    made = replicate_weights(
        frame, base=np.ones(rows), rule=rule, margins=margins, nonresponse=None, seed=1, held=False
    ).replicates
    for part, _ in made.blocks():
        assert part.stop <= rows
    peak = tracemalloc.get_traced_memory()[1] / (rows * count)
    tracemalloc.stop()
    assert peak < 3.5  # 4 in single precision, held whole
