"""Identification: what no data can tell apart is named with its lines, and what they can is let through."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from analysis.edition.instrument import Instrument
from analysis.errors import EditionError
from analysis.sem.model.reader import check_model
from analysis.sem.model.syntax import ModelSyntax

BLOCKS = {"a": ["a1", "a2", "a3"], "b": ["b1", "b2", "b3"]}


@pytest.fixture(scope="module")
def read(build_instrument: Callable[..., Instrument]) -> Callable[[str], ModelSyntax]:
    instrument = build_instrument(BLOCKS)
    return lambda model: check_model(model, instrument=instrument, where="model.lav")


@pytest.mark.parametrize(
    "model",
    [
        "a =~ a1 + a2 + a3",  # just identified
        "a =~ a1 + a2\nb =~ b1 + b2\nb ~ a",  # two items are enough beside another construct
        "a =~ a1\nb =~ b1 + b2 + b3\nb ~ a",  # a single item has no residual
        "a =~ a1 + x*a2 + x*a3\na1 ~~ a2",  # an equality makes room for a covariance
        "a =~ NA*a1 + a2 + a3\na ~~ 1*a",
    ],
)
def test_identified_models_pass(read: Callable[[str], ModelSyntax], model: str) -> None:
    assert read(model).latents


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("a =~ a1 + a2", r"line 1[\s\S]*3 moments for 4 free parameters"),
        ("a =~ NA*a1 + a2 + a3", "line 1"),  # no unit
        ("a =~ a1 + a2 + a3\na1 ~~ a2", r"lines 1, 2[\s\S]*6 moments for 7"),
        ("a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3\nb ~ a\na ~~ b", r"lines[\s\S]*b ~ a[\s\S]*a ~~ b"),
    ],
)
def test_parameters_that_are_entangled_are_named(read: Callable[[str], ModelSyntax], model: str, told: str) -> None:
    with pytest.raises(EditionError, match=rf"not identified[\s\S]*{told}"):
        read(model)
