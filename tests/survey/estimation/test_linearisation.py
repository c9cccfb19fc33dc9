"""Estimates and variances of all domains at once, against the formulas written out row by row."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.survey.design.codes import Domains, domain_codes
from analysis.survey.design.replicate_weights import ReplicateWeights
from analysis.survey.design.survey_design import SurveyDesign, specify_design
from analysis.survey.estimation import linearisation
from analysis.survey.estimation.differences import estimate_jointly
from analysis.survey.estimation.linearisation import deviations, estimate_domains

ROWS = 60
BLOCKS = ReplicateWeights.blocks


def _survey() -> tuple[np.ndarray, np.ndarray, np.ndarray, Domains]:
    """Two items and a denominator with gaps, weights with zeros, and a domain that some are in none of."""
    rng, i = np.random.default_rng(4), np.arange(ROWS)
    values = rng.normal(20, 5, (ROWS, 2))
    values[i % 11 == 0, 1] = np.nan
    base = np.where(i == 7, np.nan, rng.uniform(1, 3, ROWS))
    weights = np.where(i % 13 == 5, 0.0, rng.uniform(0.5, 2, ROWS))
    domain = pd.Series(np.array(["x", "y", "z"])[i % 3]).where(i % 10 != 3)
    return values, base, weights, domain_codes(domain, ROWS)


def _designs(weights: np.ndarray) -> dict[str, SurveyDesign]:
    i = np.arange(ROWS)
    given: dict[str, dict[str, Any]] = {
        "rows": {},
        "strata": {"strata": i % 4},
        "units": {"strata": i % 2, "psu": i % 12, "fpc": np.where(i % 2, 9, 30)},
    }
    return {name: specify_design(ROWS, weights=weights, **options) for name, options in given.items()}


def _variance(scores: np.ndarray, design: SurveyDesign) -> float:
    (stage,) = design.stages
    unit = np.arange(ROWS) if stage.unit is None else stage.unit
    total = 0.0
    for h in np.unique(design.stratum):
        inside = design.stratum == h
        sums = np.array([scores[inside & (unit == j)].sum() for j in np.unique(unit[inside])])
        total += (1 - stage.fractions[h]) * len(sums) * np.var(sums, ddof=1)
    return float(total)


@pytest.mark.parametrize("name", ["rows", "strata", "units"])
@pytest.mark.parametrize("kind", ["mean", "ratio", "total"])
@pytest.mark.parametrize("block", [7, 4096])
def test_the_formulas_written_out_give_the_same(
    name: str, kind: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linearisation, "BLOCK_ROWS", block)
    values, x, weights, domains = _survey()
    design = _designs(weights)[name]
    base = x if kind == "ratio" else None
    found = estimate_domains(values, base, design=design, domains=domains, kind="total" if kind == "total" else "ratio")
    assert found.estimate.shape == (3, 2)
    for d, column in np.ndindex(3, 2):
        y = values[:, column]
        there = (domains.codes == d) & ~np.isnan(y) & ~np.isnan(x if kind == "ratio" else y)
        w, y, below = weights * there, np.nan_to_num(y), np.nan_to_num(x) if kind == "ratio" else np.ones(ROWS)
        whole = (w * below).sum()
        estimate = (w * y).sum() / (1 if kind == "total" else whole)
        scores = w * y if kind == "total" else w * (y - estimate * below) / whole
        assert found.estimate[d, column] == pytest.approx(estimate, rel=1e-12)
        assert found.variance[d, column] == pytest.approx(_variance(scores, design), rel=1e-9)
        assert found.n[d, column] == (w > 0).sum()
        assert found.kish[d, column] == pytest.approx(w.sum() ** 2 / (w**2).sum())


def test_degrees_are_units_with_an_answer_less_their_strata() -> None:
    values, _, weights, domains = _survey()
    design = _designs(weights)["units"]
    found = estimate_domains(values, None, design=design, domains=domains, kind="ratio")
    for d, column in np.ndindex(3, 2):
        there = (domains.codes == d) & ~np.isnan(values[:, column]) & (weights > 0)
        units = {(h, j) for h, j in zip(design.stratum[there], (np.arange(ROWS) % 12)[there], strict=True)}
        assert found.degrees[d, column] == len(units) - len({h for h, _ in units})


def test_every_unit_drawn_leaves_no_sampling_error() -> None:
    i = np.arange(12)
    design = specify_design(12, psu=i // 3, fpc=np.full(12, 4))
    found = estimate_domains(i[:, None] ** 2.0, None, design=design, domains=domain_codes(None, 12), kind="ratio")
    assert found.variance.item() == 0
    assert found.estimate.item() == np.mean(i**2)


def test_one_answer_has_no_variance_and_none_no_estimate() -> None:
    values = np.array([[5.0, np.nan], [np.nan, np.nan], [np.nan, np.nan]])
    found = estimate_domains(values, None, design=specify_design(3), domains=domain_codes(None, 3), kind="ratio")
    assert found.estimate[0, 0] == 5
    assert np.isnan(found.estimate[0, 1])
    assert np.isnan(found.variance).all()
    assert found.n.tolist() == [[1, 0]]


def test_nothing_asked_is_an_empty_answer_for_every_domain() -> None:
    domains = domain_codes(pd.Series(["a", "b"]), 2)
    found = estimate_domains(np.empty((2, 0)), None, design=specify_design(2), domains=domains, kind="ratio")
    assert found.estimate.shape == found.variance.shape == (2, 0)


def test_many_columns_are_read_in_parts_that_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    values, _, weights, domains = _survey()
    wide, design = np.hstack([values, values**2, values - 3]), _designs(weights)["units"]
    whole = estimate_domains(wide, None, design=design, domains=domains, kind="ratio")
    monkeypatch.setattr(linearisation, "LARGEST_SUMS", 1)
    parts = estimate_domains(wide, None, design=design, domains=domains, kind="ratio")
    for name in ("estimate", "variance", "degrees", "n", "simple", "kish"):
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), rtol=1e-12)


@pytest.mark.parametrize("centre", ["estimate", "mean"])
def test_replicates_scatter_around_the_estimate_or_their_mean(centre: Any) -> None:
    values, _, weights, domains = _survey()
    drawn = np.random.default_rng(8).uniform(0, 2, (ROWS, 6)) * weights[:, None]
    drawn[domains.codes == 0, 2] = 0  # one replicate without anybody of the first domain
    factors = np.array([0.1, 0.2, 0.3, 0.1, 0.2, 0.1])
    replicates = ReplicateWeights(drawn, factors, degrees=5, method="bootstrap", centre=centre)
    design = specify_design(ROWS, weights=weights, replicates=replicates)
    found = estimate_domains(values[:, :1], None, design=design, domains=domains, kind="ratio")
    for d in range(3):
        there = domains.codes == d
        each = np.array([np.average(values[there, 0], weights=w) for w in drawn[there].T if w.any()])
        used = np.array([w.any() for w in drawn[there].T])
        middle = found.estimate[d, 0] if centre == "estimate" else each.mean()
        assert found.variance[d, 0] == pytest.approx((factors[used] * (each - middle) ** 2).sum(), rel=1e-10)
    assert (found.degrees <= 5).all()


def test_a_replicate_without_an_estimate_does_not_deviate() -> None:
    replicates = ReplicateWeights(np.ones((2, 3)), np.array([4.0, 1.0, 1.0]), degrees=2, method="x", centre="estimate")
    found = deviations(np.array([[3.0, np.nan, 0.0]]), np.array([1.0]), replicates)
    np.testing.assert_allclose(found, [[4.0, 0.0, -1.0]])


def test_replicates_are_read_once_block_by_block(tmp_path: Path) -> None:
    count, peaks, reads = 50, [], []
    for rows in (20_000, 80_000):
        rng = np.random.default_rng(3)
        np.save(tmp_path / "weights.npy", rng.uniform(0.5, 2, (rows, count)).astype(np.float32))
        weights = np.load(tmp_path / "weights.npy", mmap_mode="r")
        drawn = ReplicateWeights(weights, np.full(count, 1 / count), 30, method="bootstrap")
        design = specify_design(rows, replicates=drawn)
        values = pd.DataFrame(rng.normal(size=(rows, 3)))
        domain = pd.Series(rng.choice(["x", "y", "z"], rows))
        tracemalloc.start()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ReplicateWeights, "blocks", lambda one: reads.append(1) or BLOCKS(one))
            estimate_jointly(values, design=design, domain=domain)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert len(reads) == 2
    assert (peaks[1] - peaks[0]) / 60_000 < 4 * count  # what the weights take would be 8 bytes each
