"""Defined quantities: arithmetic of labels, on numbers, arrays and complex steps, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.sem.model.definitions import Definition


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a*b", 6.0),
        ("a + b^2", 11.0),
        ("-(a - b)/2", 0.5),
        ("exp(log(a)) + sqrt(4)", 4.0),
        ("2^3^2", 512.0),  # from the right, as in R
        ("-a^2", -4.0),
    ],
)
def test_an_expression_has_the_value_that_r_gives_it(text: str, value: float) -> None:
    assert Definition("x", text, 1).value({"a": 2.0, "b": 3.0}) == pytest.approx(value)


def test_names_are_listed_once_in_their_order() -> None:
    assert Definition("x", "b*a + log(b) - 2", 1).names == ("b", "a")


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "(a + b).real",
        "a[0]",
        "a if b else a",
        "lambda: a",
        "open(a)",
        "exp(a, b)",
        "a == b",
        "'a'",
        "a @ b",
    ],
)
def test_what_is_no_arithmetic_is_not_evaluated(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text of the part is the message
        _ = Definition("x", text, 1).names


def test_a_label_may_have_dots_and_is_no_attribute() -> None:
    defined = Definition("x", "b.qual * a.real", 1)
    assert defined.names == ("b.qual", "a.real")
    assert defined.value({"b.qual": 2.0, "a.real": 3.0}) == 6.0


def test_an_unfinished_expression_can_not_be_read() -> None:
    with pytest.raises(SyntaxError):
        _ = Definition("x", "a*", 1).names


def test_the_same_expression_is_differentiated_and_stacked() -> None:
    defined = Definition("x", "exp(a)*b", 1)
    slope = defined.value({"a": 1.0 + 1e-30j, "b": 2.0}).imag / 1e-30
    assert slope == pytest.approx(2 * np.e)
    assert defined.value({"a": np.zeros(3), "b": np.arange(3.0)}) == pytest.approx([0.0, 1.0, 2.0])
