"""Reading and checking the model text."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from analysis.edition.instrument import Instrument, ProfileQuestion
from analysis.errors import EditionError, Problems
from analysis.sem.model.reader import check_model
from analysis.sem.model.syntax import ModelSyntax

MEASURED = "a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3\nc =~ c1 + c2 + c3\n"


@pytest.fixture(scope="module")
def instrument(build_instrument: Callable[..., Instrument]) -> Instrument:
    built = build_instrument({key: [f"{key}{i}" for i in (1, 2, 3)] for key in "abcd"} | {"single": ["one"]})
    asked = {"name": {"zh": "问", "en": "asked"}, "question": {"zh": "问", "en": "asked"}}
    questions = [
        ProfileQuestion.model_validate({"key": "city", "categories": ["north", "south", "west"], **asked}),
        ProfileQuestion.model_validate({"key": "sex", "categories": ["f", "m"], **asked}),
        ProfileQuestion.model_validate({"key": "age", **asked}),
    ]
    return built.model_copy(update={"profile": tuple(questions)})


@pytest.fixture(scope="module")
def check(instrument: Instrument) -> Callable[[str], ModelSyntax]:
    return lambda model: check_model(model, instrument=instrument, where="models/m.lav")


def test_a_model_is_read_into_its_parts(check: Callable[[str], ModelSyntax]) -> None:
    syntax = check(MEASURED + "c ~ b\nb ~ a")
    assert syntax.latents == ("a", "b", "c")
    assert syntax.items == ("a1", "a2", "a3", "b1", "b2", "b3", "c1", "c2", "c3")
    assert syntax.exogenous == ("a",)
    assert syntax.endogenous == ("b", "c")
    assert syntax.regressions == (("c", "b"), ("b", "a"))
    assert len(syntax.free) == 6 + 9 + 3 + 2


def test_comments_continuations_and_semicolons_do_not_change_a_model(check: Callable[[str], ModelSyntax]) -> None:
    spread = "# title\na =~ a1 +\n  a2 ! two\n  + a3; b =~ b1 + b2 + b3\n\nc =~ c1 + c2 + c3\nc ~\n a + b"
    assert check(spread) == check(MEASURED + "c ~ a + b")


def test_exogenous_constructs_and_final_outcomes_covary(check: Callable[[str], ModelSyntax]) -> None:
    stated = {(p.lhs, p.rhs) for p in check(MEASURED + "d =~ d1 + d2 + d3\nc + d ~ a + b").parameters if p.op == "~~"}
    assert {pair for pair in stated if pair[0] != pair[1]} == {("a", "b"), ("c", "d")}


def test_a_mediator_covaries_with_nothing_by_itself(check: Callable[[str], ModelSyntax]) -> None:
    parameters = check(MEASURED + "b ~ a\nc ~ b").parameters
    assert not [p for p in parameters if p.op == "~~" and p.lhs != p.rhs]


def test_the_first_loading_is_one_unless_freed(check: Callable[[str], ModelSyntax]) -> None:
    def first(model: str) -> float | None:
        return check(model).parameters[0].value

    assert first("a =~ a1 + a2 + a3") == 1.0
    assert first("a =~ 0.5*a1 + a2 + a3") == 0.5
    assert first("a =~ NA*a1 + a2 + a3\na ~~ 1*a") is None


def test_equal_labels_make_one_parameter(check: Callable[[str], ModelSyntax]) -> None:
    assert len(check(MEASURED.replace("a2", "k*a2").replace("a3", "k*a3")).free) == len(check(MEASURED).free) - 1


def test_the_only_item_of_a_construct_has_no_residual(check: Callable[[str], ModelSyntax]) -> None:
    parameters = check("single =~ one\na =~ a1 + a2 + a3\na ~ single").parameters
    assert next(p.value for p in parameters if (p.lhs, p.op, p.rhs) == ("one", "~~", "one")) == 0.0


@pytest.mark.parametrize(
    ("line", "problem", "detail"),
    [
        ("d =~ d1 + d2 + dd3", "'dd3' is not the name of an item", "did you mean 'd3'?"),
        ("singel =~ d1 + d2 + d3", "'singel' is not the name of a construct", "did you mean 'single'?"),
        ("c ~ d", "The construct 'd' has no items in the model", "d =~ its items"),
        ("c ~ aa", "'aa' is not the name of a construct", "did you mean 'a'?"),
        ("c ~ ag", "'ag' is not the name of a construct, an item or a background question", "did you mean 'a'?"),
        ("c ~ sex:agee", "'sex:agee' is not the name of", None),
        ("c ~ a:b", "A product with a construct can't be estimated", "age:income"),
        ("a1:b1 ~ c", "A product of variables can't be explained", "a1:b1"),
        ("city ~ c", "The question 'city' has categories and no one value", "city.south, city.west"),
        ("c ~ k*city", "The question 'city' stands for several variables", "one of them: city.south, city.west"),
        ("c <~ d1 + d2", "no such operator", "<~"),
        ("a =~ d1 + d2", "The construct 'a' is defined twice", "first on line 1"),
        ("d =~ single + d1", "The construct 'single' has no items in the model", "single =~"),
        ("d =~ d + d1", "measures itself", None),
        ("d =~ d1 + d1", "states 'd =~ d1' twice", "first on line 4"),
        ("a1 =~ d1 + d2", "'a1' is the name of an item and of a construct", "rename"),
        ("c -> a", "no such operator", "=~ (is measured by)"),
        ("c = a", "no such operator", "c = a"),
        ("c", "no such operator", "~ (is regressed on)"),
        ("x := 2*k", "'k' is not a label of the model", "a label (label*x)"),
        ("c ~ k*a; x := kk*2", "'kk' is not a label of the model", "did you mean 'k'?"),
        ("c ~ k*a; x := y*2; y := k", "'y' is not a label of the model", "define it on a line above"),
        ("c ~ k*a; k := 2*k", "'k' is the name of a label", "line 4"),
        ("c ~ k*a; x := k*(", "A definition of the model can't be read", "x := k*("),
        ("c ~ k*a; x := k if k else 1", "A definition of the model can't be read", "exp, log, sqrt"),
        ("c ~ k*a; := k", "A defined quantity has no name", "name := a*b"),
        ("d ~ 1", "The construct 'd' has no items in the model", "d =~"),
        ("aa ~ 1", "'aa' is not the name of a construct", "did you mean 'a'?"),
        ("a1 ~ 1; a1 ~ 0*1", "states 'a1 ~ 1' twice", "line 4"),
        ("c ~ a +", "can't be read", "c ~"),
        ("c ~ start(x)*a", "unknown modifier", "start(x)"),
        ("c ~ j*k*a", "unknown modifier", "j*k"),
        ("c ~ 1*k*NA*a", "unknown modifier", "1*k*NA"),
        ("c ~ j*a + k*a", "states 'c ~ a' twice", "line 4"),
        ("c ~ c(k, j)*a", "several groups", "structural.group"),
        ("c ~ k*a; k == j", "'j' is not a label of the model", "a label (label*x)"),
        ("c ~ k*a; k > 0; k > 0", "A constraint is stated twice", "k > 0"),
        ("c ~ k*a; k == 1 == 2", "A constraint of the model can't be read", "a == b"),
        ("c ~ k*a; 1 > 0", "binds no parameter", "1 > 0"),
        ("c ~ k*a; k = 0", "no such operator", "k = 0"),
        ("c ～ a", "no such operator", "c ～ a"),
        ("a1 ~~ d1", "'d1' is not the name of an item of this model", "line 4"),
        ("a ~~ d", "The construct 'd' has no items in the model", "d =~"),
        ("a ~~ b; b ~~ a", "states 'b ~~ a' twice", "line 4"),
        ("c ~ c", "causes itself", "c ~ c"),
        ("c ~ b; b ~ c", "not identified", "c ~ b, b ~ c"),
    ],
)
def test_a_fault_is_named_with_its_line(
    check: Callable[[str], ModelSyntax], line: str, problem: str, detail: str | None
) -> None:
    with pytest.raises(EditionError) as caught:
        check(MEASURED + line)
    assert problem in str(caught.value)
    assert detail is None or detail in str(caught.value)
    assert re.search(r"models/m.lav, lines? [\d, ]*4", str(caught.value))


def test_all_faults_are_reported_together(check: Callable[[str], ModelSyntax]) -> None:
    with pytest.raises(Problems) as caught:
        check("a =~ a1 + a9\nb =~ b1 + b2\nb ~ zz")
    assert [problem.where for problem in caught.value.problems] == ["models/m.lav, line 1", "models/m.lav, line 3"]


@pytest.mark.parametrize("model", ["", "# only a comment\n", "a1 ~~ a2"])
def test_a_model_without_a_construct_is_refused(check: Callable[[str], ModelSyntax], model: str) -> None:
    with pytest.raises((EditionError, Problems)):
        check(model)


@pytest.mark.parametrize(
    ("model", "lines", "named"),
    [
        ("a =~ a1 + a2", "line 1", "a =~ a2"),
        ("a =~ a1 + a2 + a3\na ~ 1", "lines 1, 2", "a ~ 1, a1 ~ 1, a2 ~ 1, a3 ~ 1"),
        ("a =~ NA*a1 + a2 + a3", "line 1", "a =~ a1, a =~ a2, a =~ a3, a ~~ a"),
        ("a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3\nb ~ a\na ~~ b", "lines 2, 3, 4", "b ~ a, a ~~ b"),
    ],
)
def test_a_model_that_no_data_identify_is_refused_by_name(
    check: Callable[[str], ModelSyntax], model: str, lines: str, named: str
) -> None:
    with pytest.raises(EditionError, match="not identified") as caught:
        check(model)
    assert lines in str(caught.value)
    assert named in str(caught.value)


def test_a_measurement_model_of_two_items_each_is_identified_by_what_correlates(
    check: Callable[[str], ModelSyntax],
) -> None:
    assert len(check("a =~ a1 + a2\nb =~ b1 + b2\nb ~ a").free) == 9


def test_intercepts_bring_a_mean_structure(check: Callable[[str], ModelSyntax]) -> None:
    syntax = check("a =~ a1 + a2 + a3\na1 ~ 0*1\na ~ m*1\na2 ~ 0")
    cells = {(p.lhs, p.op): (p.name is not None, p.value, p.label) for p in syntax.parameters if p.op == "~1"}
    assert cells == {
        ("a1", "~1"): (False, 0.0, None),
        ("a2", "~1"): (False, 0.0, None),
        ("a3", "~1"): (True, None, None),
        ("a", "~1"): (True, None, "m"),
    }
    assert len(syntax.free) == 6 + 2
    assert not syntax.without_means().means


def test_a_definition_is_arithmetic_over_labels(check: Callable[[str], ModelSyntax]) -> None:
    syntax = check(MEASURED + "b ~ k*a\nc ~ m*b + a\nroute := k*m # a comment\nother := -(route - 2)^2 / exp(k)")
    route, other = syntax.defined
    assert (route.name, route.line, other.names) == ("route", 6, ("route", "k"))
    assert route.value({"k": 2.0, "m": 0.5}) == 1.0
    assert other.value({"route": 5.0, "k": 0.0}) == -9.0
