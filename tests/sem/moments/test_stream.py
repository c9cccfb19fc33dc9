"""A fit from a Parquet file, read in blocks, against the same rows in memory; the variance between units by hand."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.data import parquet
from analysis.data.parquet import ParquetTable
from analysis.edition.instrument import Instrument
from analysis.errors import MethodError, SourceError
from analysis.sem.fit.estimate import fit_maximum_likelihood
from analysis.sem.fit.likelihood import Point
from analysis.sem.inference.robust import robust_inference
from analysis.sem.inference.scores import FreeScores, ModelScores, WhiteScores
from analysis.sem.model.reader import check_model
from analysis.sem.model.syntax import ModelSyntax
from analysis.sem.moments import sample as moments
from analysis.sem.moments.between_units import between_units
from analysis.sem.moments.sample import Sample
from analysis.sem.moments.stream import stream

ITEMS = [f"{key}{i}" for key in "ab" for i in (1, 2, 3)]
N = 500
DESIGNS = {
    "plain": [],
    "weights": ["weights"],
    "strata": ["weights", "stratum"],
    "psu": ["weights", "psu"],
    "psu in strata": ["weights", "stratum", "psu"],
}


@pytest.fixture(scope="module")
def syntax(build_instrument: Callable[..., Instrument]) -> ModelSyntax:
    instrument = build_instrument({key: [f"{key}{i}" for i in (1, 2, 3)] for key in "ab"})
    return check_model("a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3\nb ~ a", instrument=instrument, where="model")


def _frame(*, holes: bool) -> pd.DataFrame:
    """Five-point answers that differ by region, with weights, regions by name, branches numbered within regions."""
    random = np.random.default_rng(1)
    stratum = random.integers(0, 4, N)
    a = random.normal(size=N) + 0.5 * stratum
    b = 0.6 * a + random.normal(size=N)
    latent = np.stack([a, a, a, b, b, b], axis=1)
    answers = np.clip(np.round(3 + 0.7 * latent + 0.6 * random.normal(size=latent.shape)), 1, 5)
    if holes:
        row, column = np.arange(N)[:, None], np.arange(6)[None, :]
        answers = np.where((7 * row + 3 * column) % 11 == 0, np.nan, answers)
        answers[17] = np.nan
    frame = pd.DataFrame(answers, columns=ITEMS).astype("Int8")
    return frame.assign(
        weights=random.uniform(20, 300, N), stratum=np.array(list("nesw"))[stratum], psu=random.integers(0, 12, N)
    )


def _in_memory(frame: pd.DataFrame, columns: list[str]) -> Sample:
    used = frame[frame[ITEMS].notna().any(axis=1)]
    weights = used["weights"].to_numpy() if "weights" in columns else np.ones(len(used))
    codes = {name: pd.factorize(used[name])[0] for name in ("stratum", "psu") if name in columns}
    return Sample(used[ITEMS].to_numpy(dtype=float, na_value=np.nan), weights / weights.mean(), **codes)


@pytest.mark.parametrize("rows", [3, 64, 100_000])
@pytest.mark.parametrize("holes", [False, True])
@pytest.mark.parametrize("design", DESIGNS)
def test_a_file_in_blocks_gives_what_memory_gives(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, syntax: ModelSyntax, design: str, holes: bool, rows: int
) -> None:
    frame, columns = _frame(holes=holes), DESIGNS[design]
    whole = _in_memory(frame, columns)
    expected = fit_maximum_likelihood(whole, syntax)
    robust = robust_inference(expected, whole)
    frame.to_parquet(tmp_path / "rows.parquet", row_group_size=170)
    monkeypatch.setattr(moments, "BLOCK", rows)
    monkeypatch.setattr(parquet, "_ROWS", 2 * rows)
    sample = stream(ParquetTable(tmp_path / "rows.parquet"), ITEMS, **{name: name for name in columns})
    assert sample.n == whole.n == N - holes
    assert np.array_equal(sample.patterns.observed, whole.patterns.observed)
    for part in ("weight", "mean", "spread"):
        ours, theirs = getattr(sample.patterns, part), getattr(whole.patterns, part)
        assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-12), part
    solution = fit_maximum_likelihood(sample, syntax)
    assert solution.theta == pytest.approx(expected.theta, rel=1e-9, abs=1e-9)
    streamed = robust_inference(solution, sample)
    assert streamed.covariance == pytest.approx(robust.covariance, rel=1e-9, abs=1e-12)
    assert streamed.scaling == pytest.approx(robust.scaling, rel=1e-9)
    assert streamed.baseline_scaling == pytest.approx(robust.baseline_scaling, rel=1e-9)


def test_listwise_uses_complete_rows(tmp_path: Path) -> None:
    frame = _frame(holes=True)
    frame.to_parquet(tmp_path / "rows.parquet")
    sample = stream(ParquetTable(tmp_path / "rows.parquet"), ITEMS, weights="weights", missing="listwise")
    complete = _in_memory(frame, ["weights"]).complete
    assert sample.n == complete.n < N / 2
    assert sample.patterns.spread == pytest.approx(complete.patterns.spread, rel=1e-12)


@pytest.mark.parametrize("design", DESIGNS)
def test_the_variance_between_units_is_that_of_their_totals(
    monkeypatch: pytest.MonkeyPatch, syntax: ModelSyntax, design: str
) -> None:
    """B from the scores of all rows at once; without a model, whitened scores say what A⁻¹B says."""
    monkeypatch.setattr(moments, "BLOCK", 7)
    sample = _in_memory(_frame(holes=False), DESIGNS[design])
    solution = fit_maximum_likelihood(sample, syntax)
    free = Point(sample.patterns, solution.moments.mean, solution.moments.covariance)
    model, plain = ModelScores(solution.point, solution.structure, solution.matrices), FreeScores(free)
    white = WhiteScores(free.mean, free.covariance, means=True)
    of_model, of_plain, trace = between_units(sample, matrices=[model, plain], traces=[white])
    whitened = white(sample.answers)
    assert (whitened.T @ whitened / sample.n).trace() == pytest.approx(white.squared(sample.answers).mean())
    for kind, ours in ((model, of_model), (plain, of_plain)):
        scores = kind(sample.answers, np.zeros(sample.n, dtype=int)) * sample.weights[:, None]
        theirs = np.zeros_like(ours)
        stratum = np.zeros(sample.n) if sample.stratum is None else sample.stratum
        unit = np.arange(sample.n) if sample.psu is None else sample.psu
        for h in np.unique(stratum):
            inside = stratum == h
            totals = np.array([scores[inside & (unit == j)].sum(axis=0) for j in np.unique(unit[inside])])
            factor = len(totals) / (len(totals) - 1) if design not in ("plain", "weights") else 1.0
            away = totals - (totals.mean(axis=0) if sample.stratum is not None else 0.0)
            theirs += factor * away.T @ away / sample.n
        assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-9)
    p = len(ITEMS)
    pairs = np.stack(np.tril_indices(p), axis=1)
    inverse = free.covariance[np.ix_(pairs[:, 0], pairs[:, 0])] * free.covariance[np.ix_(pairs[:, 1], pairs[:, 1])]
    crossed = free.covariance[np.ix_(pairs[:, 0], pairs[:, 1])] * free.covariance[np.ix_(pairs[:, 1], pairs[:, 0])]
    of_covariances = np.einsum("kl,kl->", inverse + crossed, of_plain[p:, p:])
    assert trace == pytest.approx(np.einsum("ij,ij->", free.covariance, of_plain[:p, :p]) + of_covariances, rel=1e-9)


@pytest.mark.parametrize(
    ("changed", "options", "error", "said"),
    [
        ({}, {"items": [*ITEMS, "b4"]}, SourceError, r"no b4[\s\S]*known: a1, a2"),
        ({}, {"weights": "weight"}, SourceError, r"no weight[\s\S]*did you mean 'weights'"),
        ({"a2": "agree"}, {}, SourceError, r"not numeric[\s\S]*a2 \("),
        ({"weights": 0.0}, {"weights": "weights"}, MethodError, r"column weights[\s\S]*positive numbers[\s\S]*0\.0"),
        ({"weights": None}, {"weights": "weights"}, SourceError, r"not numeric[\s\S]*weights \("),
        ({"stratum": None}, {"stratum": "stratum"}, MethodError, r"column stratum[\s\S]*500 rows without"),
        ({"b1": 4}, {}, MethodError, r"same answer[\s\S]*b1"),
        ({"b3": np.nan}, {}, MethodError, r"Nobody answered[\s\S]*b3"),
        ({"b3": np.nan}, {"missing": "listwise"}, MethodError, r"too few rows[\s\S]*got: 0"),
    ],
)
def test_what_a_file_lacks_is_said(
    tmp_path: Path, changed: dict[str, object], options: dict[str, object], error: type[Exception], said: str
) -> None:
    _frame(holes=False).assign(**changed).to_parquet(tmp_path / "rows.parquet")
    with pytest.raises(error, match=said):
        stream(ParquetTable(tmp_path / "rows.parquet"), **{"items": ITEMS, **options})


def test_a_file_that_is_no_parquet_is_said(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("a1,a2\n1,2\n", encoding="utf-8")
    for path in (tmp_path / "rows.csv", tmp_path / "absent.parquet"):
        with pytest.raises(SourceError, match=r"a Parquet file"):
            stream(ParquetTable(path), ITEMS)


@pytest.mark.parametrize("design", ["weights", "strata"])
def test_memory_does_not_grow_with_the_rows(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, syntax: ModelSyntax, design: str
) -> None:
    """Where rows are units; ten times the rows, less than a tenth more memory."""
    monkeypatch.setattr(moments, "BLOCK", 250)
    monkeypatch.setattr(parquet, "_ROWS", 500)
    frame = _frame(holes=False)
    peaks = []
    for times in (10, 100):
        pd.concat([frame] * times).to_parquet(tmp_path / "rows.parquet", row_group_size=1000)
        columns = {name: name for name in DESIGNS[design]}
        tracemalloc.start()
        sample = stream(ParquetTable(tmp_path / "rows.parquet"), ITEMS, **columns)
        robust_inference(fit_maximum_likelihood(sample, syntax), sample)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]
