"""Answers held in single precision: exact, half the memory, and the same fit."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.errors import MethodError
from analysis.sem.model.reader import check_model
from analysis.sem.model.syntax import ModelSyntax
from analysis.sem.moments.rows import answers_of, usable_rows

ITEMS = [f"{key}{i}" for key in "ab" for i in (1, 2, 3)]


@pytest.fixture(scope="module")
def syntax(build_instrument: Callable[..., Instrument]) -> ModelSyntax:
    instrument = build_instrument({key: [f"{key}{i}" for i in (1, 2, 3)] for key in "ab"})
    return check_model("a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3\nb ~ a", instrument=instrument, where="model")


def _responses(rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    level = rng.normal(3, 1, (rows, 1)) + rng.normal(0, 0.8, (rows, 6))
    frame = pd.DataFrame(np.clip(np.round(level), 1, 5), columns=ITEMS)
    return frame.mask(rng.random(frame.shape) < 0.05)


def test_whole_numbers_are_held_in_single_precision_and_others_in_double(syntax: ModelSyntax) -> None:
    frame = _responses(300)
    held, decimals = answers_of(frame, syntax), answers_of(frame.assign(b2=frame["b2"] / 3), syntax)
    assert (held.dtype, decimals.dtype) == (np.float32, np.float64)
    np.testing.assert_array_equal(held, frame.to_numpy())
    np.testing.assert_array_equal(decimals[:, 4], frame["b2"].to_numpy() / 3)


def test_blocks_are_in_double_precision_with_the_same_moments(syntax: ModelSyntax) -> None:
    sample, _ = usable_rows(_responses(20_000), syntax, missing="fiml")
    assert sample.answers.dtype == np.float32
    assert {block.answers.dtype for block in sample.blocks()} == {np.dtype(np.float64)}
    double = replace(sample, answers=sample.answers.astype(np.float64))
    np.testing.assert_array_equal(sample.patterns.spread, double.patterns.spread)


def test_items_that_repeat_each_other_are_found_in_single_precision_too(syntax: ModelSyntax) -> None:
    frame = _responses(400).dropna()
    with pytest.raises(MethodError, match="repeat each other exactly"):
        usable_rows(frame.assign(b3=6 - frame["a1"]), syntax, missing="fiml")


def test_a_row_takes_little_more_than_four_bytes_an_item(syntax: ModelSyntax) -> None:
    rows = 200_000
    frame = _responses(rows).astype(np.float32)
    tracemalloc.start()
    sample, _ = usable_rows(frame, syntax, missing="fiml")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sample.n > 0.9 * rows
    assert peak / rows < 80  # 24 of answers; weights, codes and marks of the rows besides
