"""The text of a model taken apart: statements, sums, modifiers."""

from __future__ import annotations

import pytest

from analysis.sem.model.syntax import Modifier
from analysis.sem.model.terms import joined, modifiers_of, parted, statements


def test_statements_go_on_inside_brackets_and_after_commas() -> None:
    assert list(statements("a ~ c(x,\n y)*b # why\nk > 0; m == 2*\n k")) == [
        (1, "a ~ c(x, y)*b"),
        (3, "k > 0"),
        (3, "m == 2* k"),
    ]


def test_signs_in_brackets_part_nothing() -> None:
    assert parted("start(0.5 + 1)*a + b", "+") == ["start(0.5 + 1)*a", "b"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0.5", (Modifier(value=0.5),)),
        ("-1e-3", (Modifier(value=-0.001),)),
        ("NA", (Modifier(freed=True),)),
        ("k.1", (Modifier(label="k.1"),)),
        ('"k"', (Modifier(label="k"),)),
        ("start(2)", (Modifier(start=2.0),)),
        ("start(c(2, 3))", (Modifier(start=2.0), Modifier(start=3.0))),
        ("c(k, NA, 1)", (Modifier(label="k"), Modifier(freed=True), Modifier(value=1.0))),
    ],
)
def test_a_modifier_says_one_thing_of_each_group(text: str, said: tuple[Modifier, ...]) -> None:
    assert modifiers_of(text) == said


@pytest.mark.parametrize("text", ["nan", "start(k)", "c()", "equal(k)", "1e999"])
def test_what_is_no_modifier_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the reader says what is wrong
        modifiers_of(text)


def test_modifiers_of_one_term_join_unless_they_say_a_thing_twice() -> None:
    label, start = modifiers_of("c(j, k)"), modifiers_of("start(1)")
    assert joined(label, start) == (Modifier(label="j", start=1.0), Modifier(label="k", start=1.0))
    for one, other in (("j", "k"), ("1", "NA"), ("start(1)", "start(2)"), ("c(j, k)", "c(1, 2, 3)")):
        with pytest.raises(ValueError, match="of"):
            joined(modifiers_of(one), modifiers_of(other))
