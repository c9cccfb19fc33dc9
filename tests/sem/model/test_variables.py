"""What a model may call observed."""

from __future__ import annotations

from analysis.sem.model.checks import find_faults
from analysis.sem.model.constraints import constraint
from analysis.sem.model.syntax import Term
from analysis.sem.model.variables import Variables

KNOWN = Variables(frozenset({"q1", "q2"}), frozenset({"a"}), {"city": ("n", "s", "w"), "age": ()})


def test_items_numeric_questions_dummies_and_their_products_are_observed() -> None:
    assert all(map(KNOWN.is_observed, ("q1", "age", "city.s", "age:q1", "city.w:age")))
    assert not any(map(KNOWN.is_observed, ("a", "city", "city.x", "age.1", "age:a", "q3")))


def test_a_question_stands_for_all_its_answers_but_the_first() -> None:
    assert KNOWN.dummies("city") == ("city.s", "city.w")
    assert KNOWN.dummies("age") == ("age",)


def test_a_question_with_categories_is_no_outcome() -> None:
    (fault,) = find_faults([Term("city", "~", "q1", 3)], [], [], KNOWN)
    assert (fault.line, fault.hint) == (3, "as an outcome, name one answer: city.s, city.w")


def test_a_constraint_is_a_distance_from_its_bound() -> None:
    assert constraint("a", "<", "2*b", 1).value({"a": 1.0, "b": 3.0}) == 5.0
    assert constraint("a", ">", "2*b", 1).value({"a": 1.0, "b": 3.0}) == -5.0
    assert constraint("a", "==", "b", 1).equal
