"""The specification curve: the published result in it, what depends on a choice, and surveys that leave none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.index import Index
from analysis.edition.sections.weighting import Weighting
from analysis.robustness.samples import EVERYONE, KEPT, STRICT, Frame, cleanings, weightings
from analysis.robustness.specifications import Curve, Survey, specification_curve
from analysis.satisfaction.index import score_respondents
from analysis.survey.design.survey_design import drawn_design
from analysis.survey.estimation.estimates import means
from analysis.survey.weighting.stages import rake

NAME = {"zh": "问", "en": "Asked"}
ROWS, LEAST = 1200, 30
POPULATION = pd.DataFrame({"variable": "region", "category": ["east", "west"], "population": [600, 400]})


def _construct(key: str, role: str) -> dict[str, Any]:
    return {"key": key, "role": role, "name": NAME, "items": [{"key": f"{key}{i}", **NAME} for i in range(3)]}


INSTRUMENT = Instrument.model_validate(
    {
        "name": NAME,
        "scale": {"min": 1, "max": 5},
        "constructs": [_construct("a", "dimension"), _construct("b", "dimension"), _construct("s", "satisfaction")],
        "profile": [
            {"key": "kind", "name": NAME, "question": NAME, "categories": ["bank", "fund", "shop"]},
            {"key": "region", "name": NAME, "question": NAME, "categories": ["east", "west"]},
        ],
    }
)
INDEX = Index.model_validate({"csat": {"construct": "s", "satisfied_from": 4}, "segments": ["kind"]})


def _responses(rng: np.random.Generator, rows: int = ROWS, gaps: float = 0.02) -> pd.DataFrame:
    """Three kinds: bank clearly above fund, and fund above shop."""
    kind = rng.choice(["bank", "fund", "shop"], rows)
    level = pd.Series(kind).map({"bank": 4.1, "fund": 3.4, "shop": 2.7}).to_numpy()[:, None]
    a, b, other = (rng.standard_normal((rows, 1)) for _ in range(3))
    behind = np.hstack([a + 0 * b] * 3 + [b] * 3 + [0.2 * a + 0.9 * b + 0.3 * other] * 3)
    answers = np.clip(np.rint(level + 0.7 * behind + 0.5 * rng.standard_normal((rows, 9))), 1, 5)
    answers[rng.random((rows, 9)) < gaps] = np.nan
    frame = pd.DataFrame(answers, columns=INSTRUMENT.item_keys).assign(kind=kind)
    frame["region"] = rng.choice(["east", "west"], rows, p=[0.4, 0.6])
    frame.insert(0, "respondent_id", [f"R{row}" for row in range(rows)])
    return frame


def _decisions(kept: np.ndarray[Any, Any], flagged: np.ndarray[Any, Any]) -> pd.DataFrame:
    decision = np.where(~kept, "excluded", np.where(flagged, "review", "kept"))
    return pd.DataFrame({"decision": decision, "flags": flagged.astype(int) + ~kept})


def _curve(
    responses: pd.DataFrame, decisions: pd.DataFrame, rule: Weighting, index: Index = INDEX, **change: Any
) -> Curve:
    kept = responses[decisions["decision"].isin(["kept", "review"]).to_numpy()].reset_index(drop=True)
    margins = {"region": {"east": 600.0, "west": 400.0}} if rule.margins else {}
    weights = rake(kept, margins=margins, trim=rule.trimming).weights
    design = drawn_design(kept, weighting=rule, weights=weights)
    scores = score_respondents(kept, instrument=INSTRUMENT, index=index)
    survey = Survey(responses, decisions, scores, design, Frame(rule, POPULATION, None), {"a": 0.5, "b": 0.5})
    options: dict[str, Any] = {"instrument": INSTRUMENT, "index": index, "outcome": "s", "least": LEAST}
    return specification_curve(survey, **(options | change))


RULE = Weighting.model_validate({"margins": ["region"]})


def test_every_choice_is_combined_with_every_other_and_the_published_result_is_among_them() -> None:
    rng = np.random.default_rng(1)
    responses = _responses(rng)
    kept, flagged = rng.random(ROWS) > 0.08, rng.random(ROWS) < 0.1
    found = _curve(responses, _decisions(kept, flagged), RULE)
    table = found.specifications
    sizes = {name: table[name].nunique() for name in ("cleaning", "weighting", "missing", "scoring")}
    assert sizes == {"cleaning": 3, "weighting": 2, "missing": 3, "scoring": 4}
    assert len(table) == 3 * 2 * 3 * 4
    own = table[table["published"]]
    assert len(own) == 1
    rows = responses[kept].reset_index(drop=True)
    weights = rake(rows, margins={"region": {"east": 6.0, "west": 4.0}}, trim=RULE.trimming).weights
    values = score_respondents(rows, instrument=INSTRUMENT, index=INDEX)[["csi"]]
    expected = means(values, design=drawn_design(rows, weighting=RULE, weights=weights)).iloc[0]
    for name in ("estimate", "se", "ci_low", "ci_high", "n"):
        assert own[name].iloc[0] == pytest.approx(expected[name], rel=1e-12)
    assert table[table["scoring"] != "high"]["estimate"].is_monotonic_increasing


def test_a_ranking_and_a_driver_that_are_clear_hold_in_every_specification() -> None:
    rng = np.random.default_rng(2)
    found = _curve(_responses(rng), _decisions(rng.random(ROWS) > 0.08, rng.random(ROWS) < 0.1), RULE)
    assert set(found.specifications["first"]) == {"bank"}
    assert set(found.specifications["last"]) == {"shop"}
    assert (found.specifications["order_kept"] == 1).all()
    assert set(found.drivers["first"]) == {"b"}
    assert (found.drivers["ci_low"] < found.drivers["strength"]).all()
    assert (found.choices[["first_kept", "last_kept", "driver_kept"]].fillna(1.0) == 1.0).all(axis=None)


def test_a_ranking_that_hangs_on_cleaning_is_seen_to_do_so() -> None:
    """Planted: a third of the banks' interviews are careless ones at the lowest answer, and cleaning excludes them."""
    rng = np.random.default_rng(3)
    responses = _responses(rng)
    careless = (responses["kind"] == "bank").to_numpy() & (rng.random(ROWS) < 0.4)
    responses.loc[careless, INSTRUMENT.item_keys] = 1.0
    found = _curve(responses, _decisions(~careless, np.zeros(ROWS, dtype=bool)), RULE)
    by = found.specifications.groupby("cleaning")["first"].agg(set)
    assert by.to_dict() == {EVERYONE: {"fund"}, KEPT: {"bank"}}
    table = found.choices.set_index(["choice", "option"])
    assert table.loc[("cleaning", EVERYONE), "first_kept"] == 0.0
    assert table.loc[("cleaning", KEPT), "first_kept"] == 1.0
    weighting = table.loc["weighting"]
    assert (weighting["first_kept"] == 0.5).all()
    assert table.loc[("cleaning", EVERYONE), "shift"] < -5 < table["shift"].drop(("cleaning", EVERYONE)).min()


def test_what_makes_no_difference_is_no_choice() -> None:
    rng = np.random.default_rng(5)
    nobody = np.ones(ROWS, dtype=bool)
    plain = _curve(_responses(rng, gaps=0.0), _decisions(nobody, ~nobody), Weighting())
    table = plain.specifications
    assert {name: table[name].unique().tolist() for name in ("cleaning", "weighting", "missing")} == {
        "cleaning": [KEPT],
        "weighting": ["published"],
        "missing": ["available"],
    }
    assert plain.left_out == {EVERYONE: "nobody", STRICT: "nobody", "complete": "nobody", "imputed": "nobody"}
    assert set(plain.choices["choice"]) == {"scoring", "driven"}


def test_options_that_differ_in_a_few_interviews_are_not_compared() -> None:
    decisions = _decisions(np.arange(ROWS) >= LEAST - 1, np.arange(ROWS) < 2 * LEAST)
    masks, why = cleanings(decisions, counted=np.ones(ROWS, dtype=bool), least=LEAST)
    assert list(masks) == [KEPT, STRICT]
    assert why == {EVERYONE: "few"}
    outside = np.arange(ROWS) >= LEAST
    assert list(cleanings(decisions, counted=outside, least=LEAST)[0]) == [KEPT, STRICT]


def test_without_segment_outcome_or_weights_there_is_an_index_alone() -> None:
    rng = np.random.default_rng(6)
    bare = INDEX.model_copy(update={"segments": ()})
    decisions = _decisions(rng.random(ROWS) > 0.1, np.zeros(ROWS, dtype=bool))
    found = _curve(_responses(rng), decisions, Weighting(), bare, outcome=None)
    assert found.specifications["first"].isna().all()
    assert found.drivers.empty
    assert found.segment is found.outcome is None
    assert found.choices["first_kept"].isna().all()
    assert "driven" not in set(found.choices["choice"])
    assert found.specifications["published"].sum() == 1


def test_drivers_that_no_specification_can_tell_are_none() -> None:
    """Hardly anybody was asked for the outcome, so that there is nothing to explain."""
    responses, everybody = _responses(np.random.default_rng(5)), np.ones(ROWS, dtype=bool)
    responses.loc[2:, [f"s{place}" for place in range(3)]] = np.nan
    found = _curve(responses, _decisions(everybody, ~everybody), Weighting())
    assert found.drivers.empty
    assert not found.specifications.empty


def test_small_categories_are_not_ranked() -> None:
    rng = np.random.default_rng(7)
    responses = _responses(rng)
    few = np.flatnonzero(responses["kind"] == "shop")[LEAST - 1 :]
    responses.loc[few, "kind"] = "fund"
    nobody = np.ones(ROWS, dtype=bool)
    found = _curve(responses, _decisions(nobody, ~nobody), Weighting())
    assert set(found.specifications["last"]) == {"fund"}


def test_weights_come_from_the_margins_by_another_distance_too() -> None:
    responses = _responses(np.random.default_rng(8)).assign(weight=np.linspace(0.5, 2.0, ROWS))
    rule = Weighting.model_validate({"margins": ["region"], "trim": {"lower": 0.2, "upper": 1.9}})
    made = dict(weightings(responses, Frame(rule, POPULATION, None), own=None))
    assert set(made) == {"published", "unweighted", "base", "otherwise"}
    east = (responses["region"] == "east").to_numpy()
    for name in ("published", "otherwise"):
        weights = made[name].weights
        assert weights[east].sum() / weights.sum() == pytest.approx(0.6, abs=1e-6)
    assert made["published"].weights.max() <= 1.9 + 1e-9 < made["otherwise"].weights.max()
    share = means(pd.DataFrame({"east": east.astype(float)}), design=made["otherwise"])
    assert share["se"].iloc[0] == pytest.approx(0.0, abs=1e-9)


def test_interviews_that_no_weight_can_be_found_for_are_no_choice() -> None:
    """Whoever the rules left out has no stratum, so that all accepted interviews can't be weighted."""
    rng = np.random.default_rng(9)
    kept = rng.random(ROWS) > 0.1
    responses = _responses(rng)
    responses.loc[~kept, "region"] = None
    rule = Weighting.model_validate({"stratum": "region"})
    found = _curve(responses, _decisions(kept, rng.random(ROWS) < 0.1), rule)
    assert set(found.specifications["cleaning"]) == {KEPT, STRICT}
    assert found.left_out[EVERYONE] == "unweighted"


def test_the_published_interval_is_that_of_the_report_where_it_holds_more() -> None:
    rng = np.random.default_rng(10)
    responses = _responses(rng)
    decisions = _decisions(np.ones(ROWS, dtype=bool), np.zeros(ROWS, dtype=bool))
    error = {"se": 0.5, "ci_low": 60.0, "ci_high": 62.0}
    scores = score_respondents(responses, instrument=INSTRUMENT, index=INDEX)
    design = drawn_design(responses, weighting=Weighting())
    survey = Survey(responses, decisions, scores, design, Frame(Weighting(), None, None), {"a": 1, "b": 1}, error)
    found = specification_curve(survey, instrument=INSTRUMENT, index=INDEX, outcome="s", least=LEAST)
    own = found.specifications.query("published")
    assert own[list(error)].iloc[0].to_dict() == error
    assert (found.specifications.query("not published")["se"] != error["se"]).all()
