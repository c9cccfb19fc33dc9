"""An edition weighted by the rules of the one before."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.sections.weighting import Weighting
from analysis.survey.design.survey_design import drawn_design
from analysis.waves.other_rules import weights_by_rules_of

POPULATION = pd.DataFrame({"variable": "kind", "category": ["bank", "fund"], "population": [700, 300]})


def _edition(rule: Weighting) -> Any:
    responses = pd.DataFrame({"respondent_id": np.arange(10).astype(str), "kind": ["bank"] * 4 + ["fund"] * 6})
    design = drawn_design(responses, weighting=rule, weights=np.full(10, 2.0))
    return SimpleNamespace(responses=responses, weighting=rule, design=design)


def test_the_rules_of_another_give_its_weights_relative_to_the_own_ones() -> None:
    fitted, plain = _edition(Weighting(margins=("kind",), trim=None)), _edition(Weighting(trim=None))
    relative = weights_by_rules_of(fitted, plain, POPULATION, None)
    assert relative is not None
    assert relative * 2.0 == pytest.approx(np.repeat([7 / 4, 3 / 6], [4, 6]))


def test_where_the_rules_are_the_same_nothing_is_weighted_again() -> None:
    one, other = (_edition(Weighting(margins=("kind",), psu=psu)) for psu in (None, "respondent_id"))
    assert weights_by_rules_of(one, other, POPULATION, None) is None
