"""The variance of totals of scores: block by block as at once, and as R survey has it for rows that are left out."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.survey.design.survey_design import SurveyDesign, specify_design
from analysis.survey.estimation.sandwich import ScoreSums, covariance_of_scores, products, squares, trace

ROWS = 90


def _designs() -> dict[str, SurveyDesign]:
    i = np.arange(ROWS)
    strata, psu = np.where(i == 0, 7, i % 3), i % 18
    return {
        "rows": specify_design(ROWS),
        "strata": specify_design(ROWS, strata=strata, singleton="centred"),
        "certainty": specify_design(ROWS, strata=strata, singleton="certainty"),
        "units": specify_design(ROWS, psu=psu, fpc=np.full(ROWS, 40)),
        "units in strata": specify_design(ROWS, strata=i % 3, psu=psu),
    }


def _by_hand(scores: np.ndarray, design: SurveyDesign) -> np.ndarray:
    """Σ_h (1 − f_h) n_h/(n_h − 1) Σ_j (u_hj − ū_h)(u_hj − ū_h)ᵀ written out, unit by unit."""
    (stage,) = design.stages
    unit = np.arange(ROWS) if stage.unit is None else stage.unit
    found = np.zeros((scores.shape[1],) * 2)
    for h in np.unique(design.stratum):
        inside = design.stratum == h
        totals = np.array([scores[inside & (unit == j)].sum(axis=0) for j in np.unique(unit[inside])])
        n, fraction = len(totals), stage.fractions[h]
        if n == 1:
            found += np.outer(totals[0], totals[0]) * (design.singleton == "centred")
            continue
        away = totals - totals.mean(axis=0)
        found += (1 - fraction) * n / (n - 1) * away.T @ away
    return found


@pytest.mark.parametrize("name", list(_designs()))
def test_the_formula_written_out_gives_the_same_at_once_and_in_blocks(name: str) -> None:
    design = _designs()[name]
    scores = np.random.default_rng(3).normal(1, 2, (ROWS, 4))
    expected = _by_hand(scores, design)
    found = covariance_of_scores(scores, design)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(covariance_of_scores(scores, design, diagonal=True), np.diag(expected), rtol=1e-9)
    (stage,) = design.stages
    ready = scores if stage.unit is not None else scores * np.sqrt(stage.factors)[stage.parent][:, None]
    group = stage.parent if stage.unit is None else stage.unit
    for product, whole in ((products, expected), (squares, np.diag(expected)), (trace, np.trace(expected))):
        sums = ScoreSums(product, rows_are_units=stage.unit is None)
        for start in range(0, ROWS, 7):
            order = start + np.argsort(group[start : start + 7], kind="stable")
            sums.add(ready[order], group[order])
        np.testing.assert_allclose(sums.variance(stage), whole, rtol=1e-9, atol=1e-9)


def test_rows_that_are_left_out_count_as_scores_of_zero() -> None:
    scores = np.random.default_rng(4).normal(size=(ROWS, 2))
    kept = np.arange(ROWS) % 5 != 2
    for design in _designs().values():
        np.testing.assert_allclose(
            covariance_of_scores(scores[kept], design.subset(kept)),
            covariance_of_scores(np.where(kept[:, None], scores, 0.0), design),
            rtol=1e-9,
            atol=1e-9,
        )
