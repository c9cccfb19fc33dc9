"""The regressions of an edition: which there are, on whom they rest, and what is left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.drivers.regression_tables import regressions_of, run_regressions
from analysis.edition.instrument import Instrument
from analysis.edition.sections.drivers import Drivers
from analysis.errors import MethodError

AGES = [{"code": code, "zh": code, "en": code} for code in ("old", "young", "unborn")]


@pytest.fixture
def instrument(build_instrument: Callable[..., Instrument]) -> Instrument:
    built = build_instrument(
        {"a": ["a1"], "b": ["b1"], "sat": ["s1"], "loy": ["l1"]}, sat="satisfaction", loy="loyalty"
    )
    content = built.model_dump()
    name = {"zh": "龄", "en": "Age"}
    content["profile"] = [
        {"key": "age", "name": name, "question": name, "categories": AGES},
        {"key": "place", "name": name, "question": name},
    ]
    return Instrument.model_validate(content)


def survey(rows: int = 300) -> tuple[pd.DataFrame, pd.DataFrame]:
    random = np.random.default_rng(1)
    a, b = random.normal(70, 10, rows), random.normal(60, 10, rows)
    age = np.where(random.random(rows) < 0.4, "young", "old")
    sat = 0.5 * a + 0.2 * b + 6 * (age == "young") + random.normal(0, 5, rows)
    scores = pd.DataFrame({"csi": (a + b) / 2 + 3 * (age == "young"), "a": a, "b": b, "sat": sat, "loy": sat + 1})
    scores["satisfied"] = (sat > 49).astype(float)
    responses = pd.DataFrame(
        {"age": age, "place": random.choice(["x", "y"], rows), "s1": np.digitize(sat, [42, 50, 55])}
    )
    return responses, scores


def run(instrument: Instrument, drivers: Drivers, **changed: Any) -> Any:
    responses, scores = survey()
    return run_regressions(
        changed.get("responses", responses), scores, instrument=instrument, drivers=drivers, satisfied="sat"
    )


def test_the_index_is_set_against_the_background_alone(instrument: Instrument) -> None:
    drivers = Drivers(background=("age",), ordered=("s1",))
    asked = regressions_of(drivers, instrument, satisfied="sat")
    assert [(one.outcome, one.family, one.scores) for one in asked] == [
        ("csi", "linear", ()),
        ("sat", "linear", ("a", "b")),
        ("loy", "linear", ("a", "b")),
        ("satisfied", "logistic", ("a", "b")),
        ("s1", "ordered", ("a", "b")),
    ]
    assert [one.outcome for one in regressions_of(Drivers(), instrument, satisfied="sat")] == [
        "sat",
        "loy",
        "satisfied",
    ]


def test_coefficients_name_what_they_rest_on(instrument: Instrument) -> None:
    drivers = Drivers(
        background=("age", "place"), reference={"age": "young"}, interactions=(("age", "place"), ("a", "age"))
    )
    found = run(instrument, drivers)
    sat = found.coefficients[found.coefficients["outcome"] == "sat"]
    assert sat["group"].tolist() == [None, None, "age=old", "place=y", "age=old; place=y", "age=old"]
    responses, _ = survey()
    both = ((responses["age"] == "old") & (responses["place"] == "y")).sum()
    assert sat["n"].tolist()[:5] == [300, 300, *((responses[["age", "place"]] == ["old", "y"]).sum()), both]
    assert set(found.of_scores["term"]) == {"a", "b"}
    assert found.of_background["group"].notna().all()


def test_effects_are_found_and_adjusted_means_differ_by_them(instrument: Instrument) -> None:
    found = run(instrument, Drivers(background=("age",)))
    sat = found.coefficients[found.coefficients["outcome"] == "sat"].set_index("term")
    assert sat.loc["a", "ci_low"] < 0.5 < sat.loc["a", "ci_high"]
    assert sat.loc["age", "ci_low"] < 6 < sat.loc["age", "ci_high"]
    adjusted = found.adjusted[found.adjusted["outcome"] == "sat"].set_index("category")["adjusted"]
    assert adjusted.index.tolist() == ["old", "young"]
    assert adjusted["young"] - adjusted["old"] == pytest.approx(sat.loc["age", "estimate"])
    logistic = found.coefficients[found.coefficients["family"] == "logistic"]
    np.testing.assert_allclose(logistic["odds"], np.exp(logistic["estimate"]))
    shares = found.adjusted[found.adjusted["outcome"] == "satisfied"]
    assert shares["adjusted"].between(0, 100).all()


def test_a_background_that_says_the_same_twice_is_told_and_nothing_is_fitted_with_it(instrument: Instrument) -> None:
    responses, _ = survey()
    responses["place"] = responses["age"].map({"old": "x", "young": "y"})
    with pytest.raises(MethodError, match="No regression could be fitted") as caught:
        run(instrument, Drivers(background=("age", "place")), responses=responses)
    assert "drivers.background" in str(caught.value)


def test_one_regression_that_fails_leaves_the_others(instrument: Instrument) -> None:
    responses, _ = survey()
    responses["s1"] = 3
    found = run(instrument, Drivers(background=("age",), ordered=("s1",)), responses=responses)
    assert found.omitted["outcome"].tolist() == ["s1"]
    assert found.record()["fitted"] == ["csi", "sat", "loy", "satisfied"]


def test_a_question_that_everybody_answers_alike_is_no_term(instrument: Instrument) -> None:
    responses, _ = survey()
    found = run(instrument, Drivers(background=("age", "place")), responses=responses.assign(place="x"))
    assert "place" not in set(found.coefficients["term"])
