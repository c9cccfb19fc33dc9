"""A model made explicit: what lavaan's sem() adds is there, named once where labels are equal, in causal order."""

from __future__ import annotations

from graphlib import CycleError

import pytest

from analysis.sem.model.completion import complete
from analysis.sem.model.syntax import INTERCEPT, ModelSyntax, Modifier, Term, causal_order


def _term(text: str, *, label: str | None = None, value: float | None = None, freed: bool = False) -> Term:
    lhs, op, rhs = text.split()
    return Term(lhs, op, rhs, 1, (Modifier(label, value, freed),))


MEASURED = [_term(f"{key} =~ {key}{i}") for key in "abc" for i in (1, 2)]


def _cells(syntax: ModelSyntax) -> dict[str, float | None]:
    return {p.text: p.value for p in syntax.parameters}


def test_first_loadings_are_one_and_variances_and_exogenous_covariances_free() -> None:
    cells = _cells(complete([*MEASURED, _term("c ~ a"), _term("c ~ b")]))
    assert [cells[f"{key} =~ {key}1"] for key in "abc"] == [1.0] * 3
    assert {"a ~~ a", "a ~~ b", "c ~~ c", "a1 ~~ a1"} <= cells.keys()
    assert "a ~~ c" not in cells
    assert cells["a ~~ b"] is None


def test_final_outcomes_covary_and_what_stands_between_does_not() -> None:
    cells = _cells(complete([*MEASURED, _term("b ~ a"), _term("c ~ a")]))
    assert "b ~~ c" in cells
    cells = _cells(complete([*MEASURED, _term("b ~ a"), _term("c ~ b")]))
    assert "b ~~ c" not in cells


def test_a_stated_covariance_is_not_added_again() -> None:
    syntax = complete([*MEASURED, _term("b ~~ a", value=0.0)])
    assert [p.value for p in syntax.parameters if {p.lhs, p.rhs} == {"a", "b"}] == [0.0]


def test_a_freed_or_fixed_first_loading_is_left_as_it_is() -> None:
    freed = complete([_term("a =~ a1", freed=True), _term("a =~ a2")])
    assert _cells(freed)["a =~ a1"] is None
    fixed = complete([_term("a =~ a1", value=2.0), _term("a =~ a2")])
    assert _cells(fixed)["a =~ a1"] == 2.0
    assert _cells(fixed)["a =~ a2"] is None


def test_equal_labels_are_one_parameter_and_a_fixed_one_fixes_all() -> None:
    equal = complete([_term("a =~ a1"), _term("a =~ a2", label="x"), _term("a =~ a3", label="x")])
    names = [p.name for p in equal.parameters if p.label == "x"]
    assert len(set(names)) == 1
    assert len(equal.free) == len({p.name for p in equal.parameters if p.name})
    marked = complete([_term("a =~ a1", label="x", value=None, freed=False), _term("a =~ a2", label="x")])
    assert [p.value for p in marked.parameters if p.op == "=~"] == [1.0, 1.0]


def test_a_single_item_has_no_residual_unless_it_measures_more() -> None:
    assert _cells(complete([_term("a =~ a1")]))["a1 ~~ a1"] == 0.0
    crossed = complete([_term("a =~ a1"), _term("b =~ a1"), _term("b =~ b1")])
    assert _cells(crossed)["a1 ~~ a1"] is None


def test_means_come_last_among_the_free_parameters_and_leave_again() -> None:
    syntax = complete(MEASURED)
    with_means = syntax.with_means()
    assert with_means.means
    assert with_means.free[: len(syntax.free)] == syntax.free
    assert len(with_means.free) == len(syntax.free) + len(syntax.items)
    assert {p.value for p in with_means.parameters if p.op == INTERCEPT and p.lhs in syntax.latents} == {0.0}
    assert with_means.without_means() == syntax
    assert len(syntax.with_means(latent=True).free) == len(with_means.free) + len(syntax.latents)


def test_causes_stand_before_their_effects_and_a_circle_has_no_order() -> None:
    order = causal_order([("c", "b"), ("b", "a")])
    assert order == ["a", "b", "c"]
    with pytest.raises(CycleError):
        causal_order([("a", "b"), ("b", "a")])
    assert complete([*MEASURED, _term("c ~ b"), _term("b ~ a")]).endogenous == ("b", "c")


def test_the_text_states_every_parameter() -> None:
    text = complete([_term("a =~ a1"), _term("a =~ a2")]).text
    assert text.splitlines() == ["a =~ 1.0*a1", "a =~ p1*a2", "a1 ~~ p2*a1", "a2 ~~ p3*a2", "a ~~ p4*a"]
