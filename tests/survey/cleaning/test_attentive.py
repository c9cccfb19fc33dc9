"""One answer throughout: how many attentive people give it, and when the rule against it excludes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.cleaning import Cleaning
from analysis.survey.cleaning.attentive import CONTENT, attentive_share, short_scales
from analysis.survey.cleaning.missingness import missing_data
from analysis.survey.cleaning.rules import clean

LIMIT = 0.9


def _instrument(constructs: int, items: int, *, reverse: tuple[str, ...] = ()) -> Instrument:
    text = {"zh": "题", "en": "item"}

    def item(key: str) -> dict[str, Any]:
        return {"key": key, **text, "reverse": key in reverse}

    blocks = [
        {"key": f"c{c}", "role": "dimension", "name": text, "items": [item(f"i{c}_{k}") for k in range(items)]}
        for c in range(constructs)
    ]
    return Instrument.model_validate({"name": text, "scale": {"min": 1, "max": 5}, "constructs": blocks})


def _attentive(
    instrument: Instrument, *, rows: int, shared: float, between: float, shares: tuple[float, ...], seed: int = 0
) -> pd.DataFrame:
    """People who choose each answer by itself, from a factor for every construct."""
    random = np.random.default_rng(seed)
    sizes = [len(construct.items) for construct in instrument.constructs]
    general = np.sqrt(between) * random.standard_normal((rows, 1))
    factors = general + np.sqrt(1 - between) * random.standard_normal((rows, len(sizes)))
    level = np.sqrt(shared) * np.repeat(factors, sizes, axis=1)
    level += np.sqrt(1 - shared) * random.standard_normal(level.shape)
    cuts = np.quantile(random.standard_normal(10**6), np.cumsum(shares)[:-1])
    answers = 1.0 + np.searchsorted(cuts, level)
    frame = pd.DataFrame(answers, columns=instrument.item_keys)
    frame.insert(0, "respondent_id", [f"r{row}" for row in range(rows)])
    return frame


def test_content_customers_answer_short_homogeneous_scales_alike() -> None:
    table = short_scales(LIMIT).set_index(["answers", "items", "shared"])["share"]
    assert table["content", 10, 0.5] == pytest.approx(0.06, abs=0.01)
    assert table["content", 10, 0.7] == pytest.approx(0.13, abs=0.015)
    assert table["even", 40, 0.5] < 0.005
    assert (table.unstack("items").diff(axis=1).iloc[:, 1:] < 0).all(axis=None)
    assert (table.unstack("shared").diff(axis=1).iloc[:, 1:] > 0).all(axis=None)


@pytest.mark.parametrize(("constructs", "items", "shared", "between"), [(1, 12, 0.6, 1.0), (4, 4, 0.7, 0.6)])
def test_the_share_found_from_answers_is_that_of_those_who_gave_them(
    constructs: int, items: int, shared: float, between: float
) -> None:
    instrument = _instrument(constructs, items)
    options = {"shared": shared, "between": between, "shares": CONTENT["content"]}
    frame = _attentive(instrument, rows=6000, seed=1, **options)
    answers = frame[instrument.item_keys].to_numpy(dtype=float)
    same = np.array([max(np.bincount(row.astype(int))) for row in answers]) == answers.shape[1]
    found = attentive_share(answers, limit=1.0)
    assert found == pytest.approx(same.mean(), rel=0.25)


def test_an_answer_that_never_varies_leaves_nothing_to_tell() -> None:
    assert attentive_share(np.full((50, 12), 4.0), limit=LIMIT) == 1.0
    assert attentive_share(np.tile(np.arange(1.0, 6.0), 10)[:, None], limit=LIMIT) == 1.0


def _actions(frame: pd.DataFrame, instrument: Instrument, **cleaning: Any) -> tuple[int, int]:
    """How many interviews the rule flags and how many it excludes."""
    log = clean(frame, instrument=instrument, cleaning=Cleaning(**cleaning)).log.set_index("rule")
    return int(log.loc["straightlining", "flagged"]), int(log.loc["straightlining", "excluded"])


def test_content_customers_of_a_short_scale_are_flagged_and_stay() -> None:
    instrument = _instrument(1, 12)
    frame = _attentive(instrument, rows=2000, shared=0.6, between=1.0, shares=CONTENT["very content"])
    flagged, excluded = _actions(frame, instrument)
    assert flagged > 200
    assert excluded == 0
    assert _actions(frame, instrument, actions={"straightlining": "exclude"}) == (flagged, flagged)
    assert _actions(frame, instrument, actions={"straightlining": "flag"}) == (flagged, 0)
    assert _actions(frame, instrument, max_wronged=0.49) == (flagged, flagged)


def test_a_long_and_varied_questionnaire_excludes_by_itself() -> None:
    instrument = _instrument(8, 5)
    frame = _attentive(instrument, rows=1000, shared=0.5, between=0.3, shares=CONTENT["even"])
    frame.loc[:19, instrument.item_keys] = 4.0
    assert _actions(frame, instrument) == (20, 20)


def test_a_second_sign_confirms() -> None:
    instrument = _instrument(1, 12)
    frame = _attentive(instrument, rows=500, shared=0.6, between=1.0, shares=CONTENT["very content"])
    frame["duration_s"] = 300.0
    frame.loc[:49, instrument.item_keys] = 5.0
    frame.loc[:9, "duration_s"] = 20.0
    _, excluded = _actions(frame, instrument, actions={"speeders": "flag"})
    assert excluded == 10


def test_reversed_items_answered_like_the_others_confirm_unless_by_the_middle() -> None:
    reverse = ("i0_2", "i0_5", "i0_8")
    instrument = _instrument(1, 12, reverse=reverse)
    frame = _attentive(instrument, rows=400, shared=0.6, between=1.0, shares=CONTENT["content"])
    same = pd.DataFrame(5.0, index=range(10), columns=instrument.item_keys)
    same[list(reverse)] = 1.0  # as the intake recodes an answer of 5
    frame.loc[:9, instrument.item_keys] = same
    frame.loc[10:19, instrument.item_keys] = 3.0
    decided = clean(frame, instrument=instrument, cleaning=Cleaning(max_wronged=0.0)).decisions
    assert (decided["first_reason"].iloc[:10] == "straightlining").all()
    assert (decided["decision"].iloc[10:20] == "review").all()


def test_only_rules_that_can_be_confirmed_may_ask_for_it() -> None:
    with pytest.raises(ValueError, match="only straightlining"):
        Cleaning(actions={"speeders": "confirm"})


def test_an_item_that_was_not_asked_is_no_gap() -> None:
    instrument = _instrument(2, 5)
    frame = _attentive(instrument, rows=100, shared=0.5, between=0.5, shares=CONTENT["even"])
    routed = [f"i1_{k}" for k in range(5)]
    frame.loc[:39, routed] = np.nan
    frame.loc[40:44, routed] = np.nan
    frame["not_asked"] = [" ".join(routed)] * 40 + [""] * 60
    log = clean(frame, instrument=instrument, cleaning=Cleaning()).log.set_index("rule")
    assert log.loc["missing", "excluded"] == 5
    found = missing_data(frame, items=instrument.item_keys)
    rates = found.items.set_index("item")
    assert rates.loc["i1_0", ["asked", "missing"]].tolist() == [60, 5]
    assert rates.loc["i0_0", ["asked", "missing"]].tolist() == [100, 0]
    summary = found.summary.set_index("quantity")["value"]
    assert summary["without_gaps"] == 95
    assert summary["missing_share"] == pytest.approx(25 / (100 * 5 + 60 * 5))
