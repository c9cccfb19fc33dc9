"""HTMT against base R, its interval and its properties."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.measurement import discriminant
from analysis.measurement.answers import complete_answers
from analysis.measurement.discriminant import heterotrait_ratios


def test_ratios_equal_r(survey: tuple[pd.DataFrame, Instrument, dict[str, Any]]) -> None:
    frame, instrument, theirs = survey
    ours = heterotrait_ratios(frame, instrument=instrument, replicates=100)
    expected = np.array(theirs["htmt"], dtype=float)
    place = {construct.key: number for number, construct in enumerate(instrument.constructs)}
    for row in ours.to_dict("records"):
        assert row["htmt"] == pytest.approx(expected[place[row["construct"]], place[row["other"]]], rel=1e-9)
    assert len(ours) == len(place) * (len(place) - 1) // 2


def test_the_bootstrap_equals_resampled_rows(two: tuple[pd.DataFrame, Instrument]) -> None:
    frame, instrument = two
    ours = heterotrait_ratios(frame, instrument=instrument, replicates=4000, seed=5).iloc[0]
    random = np.random.default_rng(6)
    drawn = [
        heterotrait_ratios(frame.iloc[random.integers(0, len(frame), len(frame))], instrument=instrument, replicates=1)[
            "htmt"
        ].iloc[0]
        for _ in range(600)
    ]
    assert ours["htmt_low"] == pytest.approx(np.quantile(drawn, 0.025), abs=0.03)
    assert ours["htmt_high"] == pytest.approx(np.quantile(drawn, 0.975), abs=0.03)
    assert ours["htmt_low"] < ours["htmt"] < ours["htmt_high"]


def test_whole_weights_equal_repeated_rows(two: tuple[pd.DataFrame, Instrument]) -> None:
    frame, instrument = two
    weights = pd.Series(1 + np.arange(len(frame)) % 3)
    weighted = heterotrait_ratios(frame, instrument=instrument, weights=weights, replicates=1)
    repeated = heterotrait_ratios(
        frame.loc[frame.index.repeat(weights)].reset_index(drop=True), instrument=instrument, replicates=1
    )
    assert weighted["htmt"].to_numpy() == pytest.approx(repeated["htmt"].to_numpy(), rel=1e-12)


def test_turning_an_item_round_changes_nothing(two: tuple[pd.DataFrame, Instrument]) -> None:
    frame, instrument = two
    turned = frame.assign(a1=-frame["a1"])
    one, other = (heterotrait_ratios(f, instrument=instrument, replicates=1)["htmt"] for f in (frame, turned))
    assert one.to_numpy() == pytest.approx(other.to_numpy(), rel=1e-12)


def test_a_seed_fixes_the_interval_and_one_item_has_none(
    two: tuple[pd.DataFrame, Instrument], build: Callable[[Mapping[str, Sequence[str]]], Instrument]
) -> None:
    frame, instrument = two
    one, again = (heterotrait_ratios(frame, instrument=instrument, seed=4, replicates=200) for _ in range(2))
    pd.testing.assert_frame_equal(one, again)
    single = heterotrait_ratios(frame, instrument=build({"A": ["a1", "a2"], "C": ["b3"]}), replicates=100)
    assert single[["htmt", "htmt_low", "htmt_high"]].isna().all(axis=None)


@pytest.fixture(scope="module")
def many() -> pd.DataFrame:
    """Answers of 50,001 people to two items of each of two constructs, people who answered alike side by side."""
    random = np.random.default_rng(8)
    trait = random.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=50_001)
    answers = trait[:, [0, 0, 1, 1]] + random.normal(size=(len(trait), 4))
    order = np.argsort(answers.sum(axis=1))
    return pd.DataFrame(answers[order].round(1), columns=["a1", "a2", "b1", "b2"])


def test_units_of_many_rows_move_as_much_as_the_rows(
    many: pd.DataFrame,
    build: Callable[[Mapping[str, Sequence[str]]], Instrument],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Three neighbours in a unit would make the interval two thirds wider: they are put together at random."""
    instrument = build({"a": ["a1", "a2"], "b": ["b1", "b2"]})
    units = heterotrait_ratios(many, instrument=instrument, replicates=1000, seed=3).iloc[0]
    monkeypatch.setattr(discriminant, "_UNITS", len(many))
    rows = heterotrait_ratios(many, instrument=instrument, replicates=1000, seed=4).iloc[0]
    assert units["htmt"] == rows["htmt"]
    width = rows["htmt_high"] - rows["htmt_low"]
    assert units["htmt_high"] - units["htmt_low"] == pytest.approx(width, rel=0.12)
    assert units["htmt_low"] == pytest.approx(rows["htmt_low"], abs=0.1 * width)


def test_every_row_is_in_a_unit_once(many: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every unit is drawn once, the correlations are those of all rows, with their weights."""

    class EachOnce:
        def __init__(self, seed: Any) -> None:
            self.permutation = np.random.Generator(np.random.PCG64(seed)).permutation

        def poisson(self, _: float, size: tuple[int, int]) -> Any:
            return np.ones(size)

    monkeypatch.setattr(np.random, "default_rng", EachOnce)
    weights = pd.Series(1.0 + np.arange(len(many)) % 7)
    answers = complete_answers(many, list(many.columns), weights)
    drawn = discriminant._resampled(answers, 2, 5)
    np.testing.assert_allclose(drawn, np.broadcast_to(answers.correlation, drawn.shape), rtol=1e-10)
