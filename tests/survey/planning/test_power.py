"""Power of the test of fit against R's noncentral chi-square and the published size for 100 degrees of freedom."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.edition.sections.sampling import ModelPower
from analysis.errors import MethodError
from analysis.survey.planning.power import model_degrees, power_table, rmsea_power, rmsea_sample_size

CASES = json.loads((Path(__file__).parents[2] / "golden" / "rmsea_power.json").read_text())["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['df']}-{case['null']}-{case['alternative']}")
def test_r_gives_the_same_power_and_the_same_size(case: dict[str, float]) -> None:
    options = {"degrees": int(case["df"]), "null": case["null"], "alternative": case["alternative"]}
    assert rmsea_power(n=200, **options) == pytest.approx(case["power_200"], rel=1e-8)
    assert rmsea_power(n=500, **options) == pytest.approx(case["power_500"], rel=1e-8)
    assert rmsea_sample_size(**options) == case["n_80"]


def test_close_fit_of_100_degrees_of_freedom_needs_132() -> None:
    """MacCallum, Browne & Sugawara 1996: .05 against .08, alpha .05, power .80."""
    assert rmsea_sample_size(degrees=100, null=0.05, alternative=0.08) == 132


def test_the_size_found_is_the_smallest() -> None:
    options = {"degrees": 35, "null": 0.05, "alternative": 0.08}
    n = rmsea_sample_size(power=0.9, **options)
    assert n is not None
    assert rmsea_power(n=n, **options) >= 0.9 > rmsea_power(n=n - 1, **options)


def test_a_difference_too_small_for_any_survey_has_no_size() -> None:
    assert rmsea_sample_size(degrees=1, null=0.05, alternative=0.0501) is None


def test_the_table_holds_three_tests_and_reads_them_against_the_target() -> None:
    table = power_table(degrees=100, n=150, rule=ModelPower()).set_index("test")
    assert table["needed_n"].to_dict() == {"close": 132, "not_close": 178, "exact": 164}
    assert table["met"].to_dict() == {"close": True, "not_close": False, "exact": False}


def test_a_question_without_answer_is_refused() -> None:
    for options in (
        {"n": 1, "degrees": 5, "null": 0.05, "alternative": 0.08},
        {"n": 100, "degrees": 0, "null": 0.05, "alternative": 0.08},
        {"n": 100, "degrees": 5, "null": 0.05, "alternative": 0.05},
    ):
        with pytest.raises(MethodError, match="can't be computed"):
            rmsea_power(**options)  # type: ignore[arg-type]


def test_degrees_of_freedom_are_moments_less_parameters() -> None:
    assert model_degrees(items=9, parameters=21) == 24
