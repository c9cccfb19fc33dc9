"""The section of the drivers: what it takes from the instrument, and how many drivers are too many."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.drivers import MOST_PREDICTORS, Drivers

Build = Callable[..., Instrument]


def _instrument(build: Build, dimensions: int) -> Instrument:
    constructs = {f"d{number}": [f"d{number}a"] for number in range(dimensions)}
    return build(constructs | {"sat": ["s1"], "loy": ["l1"]}, sat="satisfaction", loy="loyalty")


def test_nothing_named_means_every_dimension_on_satisfaction_and_loyalty(build_instrument: Build) -> None:
    instrument = _instrument(build_instrument, 3)
    assert Drivers().driving(instrument) == ("d0", "d1", "d2")
    assert Drivers().explained(instrument, "sat") == ("sat", "loy")
    assert Drivers(outcomes=("loy",), predictors=("sat",)).explained(instrument, "sat") == ("loy",)
    assert not list(Drivers().faults(instrument))


@pytest.mark.parametrize("named", [True, False])
def test_twenty_five_drivers_are_too_many(build_instrument: Build, named: bool) -> None:
    instrument = _instrument(build_instrument, 25)
    names = tuple(f"d{number}" for number in range(25)) if named else ()
    (fault,) = Drivers(predictors=names).faults(instrument)
    assert fault.where == "drivers.predictors"
    assert fault.expected == f"at most {MOST_PREDICTORS}"
    assert fault.got == ("25" if named else "25, all dimensions of the instrument")


def test_the_limit_is_that_of_the_method(build_instrument: Build) -> None:
    from analysis.drivers.importance import MOST_PREDICTORS as LIMIT

    assert LIMIT == MOST_PREDICTORS
    assert not list(Drivers().faults(_instrument(build_instrument, MOST_PREDICTORS)))
