"""Earlier waves go through the rules of the edition as far as they have what these need."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.cleaning import Cleaning
from analysis.edition.sections.weighting import Weighting
from analysis.errors import MethodError
from analysis.waves.prepared import Rules, earlier_waves, usable_margins, with_items

NAME = {"zh": "问", "en": "Asked"}
INSTRUMENT = Instrument.model_validate(
    {
        "name": NAME,
        "scale": {"min": 1, "max": 5},
        "constructs": [
            {"key": "a", "role": "dimension", "name": NAME, "items": [{"key": f"a{i}", **NAME} for i in (1, 2)]},
            {"key": "b", "role": "dimension", "name": NAME, "items": [{"key": "b1", **NAME}]},
        ],
        "profile": [{"key": "region", "name": NAME, "question": NAME, "categories": ["east", "west"]}],
    }
)
POPULATION = pd.DataFrame({"variable": "region", "category": ["east", "west"], "population": [600, 400]})


def _wave(label: str, seed: int, count: int = 80, **columns: Any) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.integers(1, 6, (count, 3)).astype(float), columns=["a1", "a2", "b1"])
    frame.insert(0, "respondent_id", [f"{label}-{i}" for i in range(count)])
    frame["region"] = rng.choice(["east", "west"], count)
    return frame.assign(wave=label, **columns)


def _rules(**weighting: Any) -> Rules:
    cleaning = Cleaning.model_validate({"max_longstring_share": None})
    return Rules(INSTRUMENT, cleaning, Weighting.model_validate(weighting), 1)


def test_each_wave_is_fitted_to_the_margins_that_it_can_be_fitted_to() -> None:
    frame = pd.concat([_wave("2023", 1), _wave("2024", 2, region="east"), _wave("2025", 3, region=None)])
    made = earlier_waves(frame, rules=_rules(margins=["region"]), population=POPULATION)
    assert [wave.margins for wave in made] == [("region",), (), ()]
    first = made[0]
    east = first.design.weights[(first.responses["region"] == "east").to_numpy()].sum() / first.design.weights.sum()
    assert east == pytest.approx(0.6, abs=1e-6)
    assert np.ptp(made[1].design.weights) == 0
    assert usable_margins(first.responses, Weighting(margins=("region",)), None) == {}


def test_weights_and_design_columns_are_those_of_each_wave() -> None:
    old = _wave("2023", 1)
    new = _wave("2024", 2, weight=np.linspace(0.5, 2, 80), cluster=[str(i // 8) for i in range(80)])
    one, other = earlier_waves(pd.concat([old, new]), rules=_rules(psu="cluster", stratum="region"))
    assert (one.base, other.base) == ("equal", "given")
    assert one.design.variance_record() == {
        "variance": "taylor",
        "replicates": 0,
        "strata": 2,
        "units": 0,
        "finite": False,
    }
    assert other.design.variance_record()["units"] >= 10


def test_replicates_are_drawn_in_every_wave() -> None:
    made = earlier_waves(_wave("2023", 1), rules=_rules(replicates={"count": 20}))
    assert made[0].design.replicates is not None
    assert made[0].design.replicates.count == 20


def test_cleaning_knows_one_wave_at_a_time_and_what_it_asked() -> None:
    same = _wave("2023", 1)
    again = same.assign(wave="2024")
    lacking = _wave("2025", 3).drop(columns="b1")
    lacking.loc[0, ["a1", "a2"]] = np.nan
    first, second, third = earlier_waves(pd.concat([same, again, lacking]), rules=_rules())
    assert len(first.responses) == len(second.responses) == first.accepted == 80
    assert (third.accepted, len(third.responses)) == (80, 79)
    assert "b1" not in third.responses


def test_a_wave_of_which_nothing_is_left_is_named() -> None:
    empty = _wave("2023", 1)
    for place, item in enumerate(("a1", "a2", "b1")):
        empty[item] = [3.0 if i == place else np.nan for i in range(80)]
    frame = pd.concat([empty, _wave("2024", 2)])
    with pytest.raises(MethodError, match=r"Wave 2023"):
        earlier_waves(frame, rules=_rules())


def test_a_questionnaire_keeps_the_constructs_that_are_measured() -> None:
    part = with_items(INSTRUMENT, ["a2"])
    assert part.item_keys == ["a2"]
    assert [construct.key for construct in part.constructs] == ["a"]
