"""The planted truth is checked against the edition: what the instrument or the standards lack is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from analysis.data.simulation import planted as module
from analysis.data.simulation.planted import Margin, Planted, load_planted
from analysis.edition import Edition
from analysis.edition.reading import read_yaml
from analysis.errors import SurveyReportError


def test_exogenous_constructs_are_those_that_no_path_leads_to(truth: Planted) -> None:
    assert set(truth.exogenous) == set(truth.constructs) - set(truth.structure.paths)
    assert truth.exogenous


@pytest.mark.parametrize(
    ("margin", "told"),
    [
        ({"shares": {"a": 0.5, "b": 0.4}}, "add up to 1"),
        ({}, "either"),
        ({"shares": {"a": 1.0}, "given": "kind", "by": {"x": {"a": 1.0}}}, "either"),
        ({"given": "kind", "by": {"x": {"a": 0.9}}}, "add up to 1"),
    ],
)
def test_a_margin_has_shares_of_its_own_or_within_another(margin: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Margin.model_validate(margin)


def _drop_construct(content: dict[str, Any]) -> None:
    del content["constructs"]["trust"]


def _drop_loading(content: dict[str, Any]) -> None:
    content["constructs"]["trust"]["loadings"].pop()


def _add_answer(content: dict[str, Any]) -> None:
    content["shifts"]["institution_type"]["pawnshop"] = {"trust": 0.1}


def _add_question(content: dict[str, Any]) -> None:
    content["shifts"]["shoe_size"] = {"42": {"trust": 0.1}}


def _turn_paths_round(content: dict[str, Any]) -> None:
    paths = content["structure"]["paths"]
    content["structure"]["paths"] = dict(reversed(list(paths.items())))


def _add_step(content: dict[str, Any]) -> None:
    steps = content["service_log"]["steps"]
    steps[next(iter(steps))]["nap"] = {"hours": 1.0}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_drop_construct, "no level and loadings for the construct 'trust'"),
        (_drop_loading, "Loadings and offsets of 'trust'"),
        (_add_answer, "has no answer pawnshop"),
        (_add_question, "no profile question 'shoe_size'"),
        (_turn_paths_round, "is not planted before its outcome"),
        (_add_step, "no step 'nap'"),
    ],
)
def test_what_the_edition_lacks_is_named(
    simulated: Edition, monkeypatch: pytest.MonkeyPatch, change: Callable[[dict[str, Any]], None], told: str
) -> None:
    content = read_yaml(module.PLANTED_FILE)
    change(content)
    monkeypatch.setattr(module, "read_yaml", lambda _: content)
    with pytest.raises(SurveyReportError, match=told):
        load_planted(simulated)
