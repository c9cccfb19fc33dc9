"""Comparability of the constructs between groups."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.errors import MethodError
from analysis.measurement.comparability import compare_measurement


@pytest.fixture(scope="module")
def grouped(two: tuple[pd.DataFrame, Instrument]) -> tuple[pd.DataFrame, Instrument]:
    frame, instrument = two
    return frame.assign(kind=np.where(np.arange(len(frame)) % 2, "x", "y")), instrument


def test_random_halves_are_scalar_invariant(grouped: tuple[pd.DataFrame, Instrument]) -> None:
    frame, instrument = grouped
    found = compare_measurement(frame, instrument=instrument, group="kind")
    assert found.record() == {
        "group": "kind",
        "groups": 2,
        "n": 400,
        "level": "scalar",
        "released": [],
        "own_loadings": [],
        "converged": True,
    }


def test_shifted_intercepts_are_released_or_stop_at_metric(grouped: tuple[pd.DataFrame, Instrument]) -> None:
    frame, instrument = grouped
    shifted = frame.assign(a1=frame["a1"] + 1.5 * (frame["kind"] == "x"))
    found = compare_measurement(shifted, instrument=instrument, group="kind")
    assert (found.level, found.released) == ("scalar", ("a1",))


def test_what_can_not_be_compared_gives_its_reason(grouped: tuple[pd.DataFrame, Instrument]) -> None:
    frame, instrument = grouped
    for group in (None, "region"):
        with pytest.raises(MethodError, match=r"measurement\.group"):
            compare_measurement(frame, instrument=instrument, group=group)
