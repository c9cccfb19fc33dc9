"""Omega, composite reliability, AVE and the single factor against lavaan, and what follows without data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.errors import MethodError
from analysis.measurement.confirmatory import confirm_constructs, confirm_single_factor, proper_solution
from analysis.survey.design.survey_design import specify_design

Survey = tuple[pd.DataFrame, Instrument, dict[str, Any]]


def test_composites_and_their_errors_equal_lavaan(survey: Survey) -> None:
    frame, instrument, theirs = survey
    ours = confirm_constructs(frame, instrument=instrument, robust=False)
    table = ours.constructs.set_index("construct")
    for key, expected in theirs["cfa"]["constructs"].items():
        for column in ("omega", "cr", "ave"):
            assert table.loc[key, column] == pytest.approx(expected[column], rel=2e-5)
    for key, expected in theirs["cfa"]["errors"].items():
        for column in ("omega", "ave"):
            se = (table.loc[key, f"{column}_high"] - table.loc[key, f"{column}_low"]) / (2 * 1.959963984540054)
            assert se == pytest.approx(expected[f"{column}_se"], rel=1e-3)
    correlations = np.array(theirs["cfa"]["correlations"])
    place = {construct.key: number for number, construct in enumerate(instrument.constructs)}
    for row in ours.pairs.to_dict("records"):
        expected = correlations[place[row["construct"]], place[row["other"]]]
        assert row["correlation"] == pytest.approx(expected, abs=2e-5)
        assert row["corr_low"] < row["correlation"] < row["corr_high"]
    assert not len(ours.findings)


def test_fit_of_both_models_equals_lavaan(survey: Survey) -> None:
    frame, instrument, theirs = survey
    designed = confirm_constructs(frame, instrument=instrument, robust=False)
    single = confirm_single_factor(frame, instrument=instrument, robust=False)
    for ours, expected in ((designed, theirs["cfa"]["fit"]), (single, theirs["cfa"]["single_fit"])):
        record = ours.record()
        got = [record[name] for name in ("chi2", "df", "cfi", "tli", "rmsea", "srmr")]
        assert got == pytest.approx(expected, rel=1e-3)
    assert single.shared == pytest.approx(theirs["cfa"]["harman"], rel=1e-4)
    assert single.indices.cfi < designed.indices.cfi - 0.01


def test_gaps_and_weights_are_used(two: tuple[pd.DataFrame, Instrument]) -> None:
    frame, instrument = two
    gappy = frame.copy()
    gappy.loc[:39, "a2"] = np.nan
    weights = pd.Series(np.linspace(0.5, 1.5, len(frame)))
    ours = confirm_constructs(gappy, instrument=instrument, design=specify_design(400, weights=weights))
    assert (ours.n, ours.converged) == (400, True)
    assert ours.constructs["omega"].between(0.7, 0.9).all()
    scaled = confirm_constructs(gappy, instrument=instrument, design=specify_design(400, weights=weights * 50))
    assert scaled.constructs["ave"].to_numpy() == pytest.approx(ours.constructs["ave"].to_numpy(), rel=1e-6)


def test_a_construct_with_one_item_has_correlations_but_no_composites(
    two: tuple[pd.DataFrame, Instrument], build: Callable[[Mapping[str, Sequence[str]]], Instrument]
) -> None:
    frame, _ = two
    ours = confirm_constructs(frame, instrument=build({"A": ["a1", "a2", "a3"], "C": ["b3"]}))
    table = ours.constructs.set_index("construct")
    assert table.loc["C"].isna().all()
    assert 0.1 < ours.pairs["correlation"].iloc[0] < 0.6


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"a2": 3.0}, "same answer"),
        ({"a2": "a1"}, "repeat each other"),
        ({"a2": np.nan}, "too few"),
    ],
)
def test_answers_that_can_not_carry_the_model_are_named(
    two: tuple[pd.DataFrame, Instrument], change: dict[str, Any], message: str
) -> None:
    frame, instrument = two
    filled = {key: frame[value] if isinstance(value, str) else value for key, value in change.items()}
    with pytest.raises(MethodError, match=message):
        confirm_constructs(frame.assign(**filled), instrument=instrument)
    with pytest.raises(MethodError, match="no a3"):
        confirm_constructs(frame.drop(columns="a3"), instrument=instrument)


def test_a_loading_above_one_makes_the_solution_improper_and_no_number_of_it_usable(
    build: Callable[[Mapping[str, Sequence[str]]], Instrument],
) -> None:
    """Two items of one construct whose correlation is larger than their common ground allows: a Heywood case."""
    random = np.random.default_rng(5)
    first = random.normal(size=400)
    second = 0.3 * first + random.normal(size=400)
    items = {f"a{i}": first + 0.8 * random.normal(size=400) for i in (1, 2, 3)}
    items |= {"s1": second + 0.2 * first, "s2": 0.15 * second + random.normal(size=400)}
    items["a3"] = items["a3"] + 0.9 * items["s1"]
    frame, instrument = pd.DataFrame(items), build({"A": ["a1", "a2", "a3"], "S": ["s1", "s2"]})
    ours = confirm_constructs(frame, instrument=instrument)
    assert ours.improper
    assert ours.record()["improper"]
    with pytest.raises(MethodError, match="improper"):
        proper_solution(ours)


def test_a_sound_solution_is_proper(two: tuple[pd.DataFrame, Instrument]) -> None:
    frame, instrument = two
    ours = confirm_constructs(frame, instrument=instrument)
    assert not ours.improper
    assert proper_solution(ours) is ours


@pytest.mark.parametrize("blocks", [{"a": ["a1", "a2"]}, {"a": ["a1"]}])
def test_items_too_few_for_a_model_are_no_error_of_the_instrument(
    blocks: dict[str, list[str]], build_instrument: Callable[..., Instrument]
) -> None:
    items = [item for names in blocks.values() for item in names]
    frame = pd.DataFrame(np.random.default_rng(2).normal(size=(90, len(items))), columns=items)
    for confirm in (confirm_constructs, confirm_single_factor):
        with pytest.raises(MethodError):
            confirm(frame, instrument=build_instrument(blocks))
