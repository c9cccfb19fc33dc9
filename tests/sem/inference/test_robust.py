"""Robust, weighted, clustered and full-information ML against lavaan's MLR, and what must hold for any data."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.structural import Structural
from analysis.sem.assess.indices import fit_indices
from analysis.sem.fit.estimate import Solution, fit_maximum_likelihood
from analysis.sem.inference.robust import Robust, robust_inference, scaling_factor
from analysis.sem.inference.scores import ModelScores
from analysis.sem.model.reader import check_model
from analysis.sem.model.syntax import ModelSyntax
from analysis.sem.moments.between_units import between_units
from analysis.sem.moments.rows import drawn_sample
from analysis.sem.moments.sample import Sample
from analysis.sem.structural import fit_structural
from analysis.survey.design.survey_design import specify_design
from analysis.survey.estimation.sandwich import covariance_of_scores

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "sem_robust.json").read_text())
DESIGN = json.loads((Path(__file__).parents[2] / "golden" / "sem_design.json").read_text())
CASES = [name for name in GOLDEN if name != "made_with"]
DEMOCRACY = {"ind60": ["x1", "x2", "x3"], "dem60": ["y1", "y2", "y3", "y4"], "dem65": ["y5", "y6", "y7", "y8"]}
RESIDUALS = "y1 ~~ y5\ny2 ~~ y4 + y6\ny3 ~~ y7\ny4 ~~ y8\ny6 ~~ y8\n"
CSIBANK = {"IMAG": 6, "EXPE": 4, "QUAL": 7, "VAL": 4, "SAT": 3, "LOY": 3}
Fitted = tuple[Solution, Robust, Sample]


def _holes(values: np.ndarray) -> np.ndarray:
    """The gaps that the R script makes."""
    row, column = np.arange(1, len(values) + 1)[:, None], np.arange(1, values.shape[1] + 1)[None, :]
    return np.where((7 * row + 3 * column) % 11 == 0, np.nan, values)


@pytest.fixture(scope="module")
def fitted(shared: Path, ecsi: Callable[..., Any], build_instrument: Callable[..., Instrument]) -> dict[str, Fitted]:
    """Solution and robust inference of every case of the golden file."""
    measured = "\n".join(f"{key} =~ {' + '.join(items)}" for key, items in DEMOCRACY.items())
    model = f"{measured}\ndem60 ~ ind60\ndem65 ~ ind60 + dem60\n{RESIDUALS}"
    democracy = check_model(model, instrument=build_instrument(DEMOCRACY), where="model")
    text, instrument = ecsi(**CSIBANK)
    bank = check_model(text, instrument=instrument, where="model")
    nations = pd.read_csv(shared / "data/lavaan_classic/PoliticalDemocracy.csv")[list(democracy.items)].to_numpy(float)
    customers = pd.read_csv(shared / "data/csibank/csibank.csv")[list(bank.items)].to_numpy(float)
    number = np.arange(1, len(customers) + 1)
    weights = 1 + (number % 5) / 2
    weights = weights / weights.mean()
    even, same = np.ones(len(customers)), np.ones(len(nations))
    samples: dict[str, tuple[ModelSyntax, Sample]] = {
        "democracy_mlr": (democracy, Sample(nations, same)),
        "ecsi_mlr": (bank, Sample(customers, even)),
        "ecsi_weighted": (bank, Sample(customers, weights)),
        "ecsi_clustered": (bank, Sample(customers, weights, psu=number % 40)),
        "democracy_fiml": (democracy, Sample(_holes(nations), same)),
        "democracy_fiml_mlr": (democracy, Sample(_holes(nations), same)),
        "ecsi_fiml_weighted": (bank, Sample(_holes(customers), weights)),
    }
    result = {}
    for name, (syntax, sample) in samples.items():
        solution = fit_maximum_likelihood(sample, syntax)
        result[name] = (solution, robust_inference(solution, sample), sample)
    return result


@pytest.mark.parametrize("name", CASES)
def test_estimates_and_standard_errors_equal_lavaan(fitted: dict[str, Fitted], name: str) -> None:
    solution, robust, _ = fitted[name]
    covariance = solution.covariance if name == "democracy_fiml" else robust.covariance
    golden = {tuple(row[:3]): row[3:] for row in GOLDEN[name]["estimates"]}
    compared = 0
    for parameter in solution.structure.syntax.parameters:
        if parameter.name is None:
            continue
        lhs, rhs = parameter.lhs, parameter.rhs
        estimate, se = golden.get((lhs, parameter.op, rhs)) or golden[rhs, parameter.op, lhs]
        position = solution.structure.free[parameter.name]
        assert solution.theta[position] == pytest.approx(estimate, rel=1e-4, abs=1e-5), parameter
        assert np.sqrt(covariance[position, position]) == pytest.approx(se, rel=1e-4), parameter
        compared += 1
    assert compared == len(solution.theta)


@pytest.mark.parametrize("name", CASES)
def test_fit_equals_lavaan(fitted: dict[str, Fitted], name: str) -> None:
    solution, robust, _ = fitted[name]
    indices, golden = fit_indices(solution, robust), GOLDEN[name]["fit"]
    plain = {
        "chi2": "chisq",
        "df": "df",
        "baseline_chi2": "baseline.chisq",
        "cfi": "cfi",
        "tli": "tli",
        "rmsea": "rmsea",
    }
    plain |= {"logl": "logl", "srmr": "srmr", "aic": "aic", "bic": "bic", "parameters": "npar"}
    for ours, theirs in plain.items():
        assert getattr(indices, ours) == pytest.approx(golden[theirs], rel=1e-5), ours
    if name == "democracy_fiml":
        return
    assert indices.robust is not None
    scaled = {"chi2": "chisq.scaled", "pvalue": "pvalue.scaled", "scaling": "chisq.scaling.factor"}
    scaled |= {index: f"{index}.robust" for index in ("cfi", "tli", "rmsea")}
    for ours, theirs in scaled.items():
        within = 1e-4 if theirs == "rmsea.robust" and "fiml" in name else 1e-5
        assert getattr(indices.robust, ours) == pytest.approx(golden[theirs], rel=within, abs=1e-12), ours
    assert indices.robust.rmsea_low == pytest.approx(golden["rmsea.ci.lower.robust"], rel=1e-3)
    assert indices.robust.rmsea_high == pytest.approx(golden["rmsea.ci.upper.robust"], rel=1e-3)
    assert robust.baseline_scaling == pytest.approx(golden["baseline.chisq.scaling.factor"], rel=1e-5)


@pytest.mark.parametrize("name", ["strata", "psu_in_strata", "finite_strata", "finite_psu_in_strata"])
def test_errors_of_a_stratified_design_equal_r(shared: Path, ecsi: Callable[..., Any], name: str) -> None:
    """lavaan has no strata: its scores and information with R survey's variance of a total."""
    text, instrument = ecsi(**CSIBANK)
    syntax = check_model(text, instrument=instrument, where="model")
    values = pd.read_csv(shared / "data/csibank/csibank.csv")[list(syntax.items)].to_numpy(float)
    row = np.arange(1, len(values) + 1)
    units = name.endswith("psu_in_strata")
    size = (20 + 5 * (row % 4) if units else 500 + 100 * (row % 4)) if name.startswith("finite") else None
    design = specify_design(
        len(row), weights=1 + (row % 5) / 2, strata=row % 4, psu=row % 40 if units else None, fpc=size
    )
    sample = drawn_sample(values, design).used(np.arange(len(row)))
    solution = fit_maximum_likelihood(sample, syntax)
    errors = np.sqrt(np.diag(robust_inference(solution, sample).covariance))
    assert DESIGN["check"] < 1e-6
    for parameter in syntax.parameters:
        if parameter.name is not None:
            place, (lhs, rhs) = solution.structure.free[parameter.name], (parameter.lhs, parameter.rhs)
            key = next(k for k in (f"{lhs}{parameter.op}{rhs}", f"{rhs}{parameter.op}{lhs}") if k in DESIGN[name])
            assert solution.theta[place] == pytest.approx(DESIGN["estimates"][key], rel=1e-5, abs=1e-6)
            assert errors[place] == pytest.approx(DESIGN[name][key], rel=1e-3), key


def _sample(seed: int, n: int = 240) -> np.ndarray:
    random = np.random.default_rng(seed)
    latent = random.normal(size=(n, 1))
    second = 0.6 * latent + 0.8 * random.normal(size=(n, 1))
    return np.hstack([latent + 0.6 * random.normal(size=(n, 3)), second + 0.6 * random.normal(size=(n, 3))])


@pytest.fixture(scope="module")
def pair(build_instrument: Callable[..., Instrument]) -> ModelSyntax:
    instrument = build_instrument({key: [f"{key}{i}" for i in (1, 2, 3)] for key in "ab"})
    return check_model("a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3\nb ~ a", instrument=instrument, where="model")


def _robust(values: np.ndarray, weights: np.ndarray, syntax: ModelSyntax, **design: np.ndarray) -> tuple[Any, Any]:
    sample = Sample(values, weights / weights.mean(), **design)
    solution = fit_maximum_likelihood(sample, syntax)
    return solution, robust_inference(solution, sample)


@pytest.mark.parametrize("holes", [False, True])
def test_the_scale_of_the_weights_changes_nothing(pair: ModelSyntax, holes: bool) -> None:
    values = _holes(_sample(1)) if holes else _sample(1)
    weights = np.random.default_rng(2).uniform(0.3, 3, len(values))
    ours, theirs = _robust(values, weights, pair), _robust(values, 250 * weights, pair)
    assert theirs[0].theta == pytest.approx(ours[0].theta, rel=1e-9)
    assert theirs[1].covariance == pytest.approx(ours[1].covariance, rel=1e-9)


@pytest.mark.parametrize("holes", [False, True])
def test_a_whole_weight_is_a_repeated_row_for_the_estimates(pair: ModelSyntax, holes: bool) -> None:
    values = _holes(_sample(3)) if holes else _sample(3)
    weights = np.random.default_rng(4).integers(1, 4, len(values))
    weighted, _ = _robust(values, weights.astype(float), pair)
    repeated, _ = _robust(np.repeat(values, weights, axis=0), np.ones(int(weights.sum())), pair)
    assert weighted.theta == pytest.approx(repeated.theta, rel=1e-6)


def test_a_unit_of_one_row_is_no_clustering(pair: ModelSyntax) -> None:
    """But for the factor n / (n − 1) of the between-unit variance, which lavaan leaves out without clusters."""
    values, weights = _sample(5), np.random.default_rng(6).uniform(0.5, 2, 240)
    _, rows = _robust(values, weights, pair)
    _, units = _robust(values, weights, pair, psu=np.arange(len(values)))
    q = len(rows.covariance)  # PSU bring the means along
    assert units.covariance[:q, :q] == pytest.approx(rows.covariance * len(values) / (len(values) - 1), rel=1e-6)


def test_rows_copied_within_a_unit_add_no_information(pair: ModelSyntax) -> None:
    values = _sample(7)
    _, once = _robust(values, np.ones(len(values)), pair, psu=np.arange(len(values)))
    twice = np.repeat(values, 2, axis=0)
    _, copied = _robust(twice, np.ones(len(twice)), pair, psu=np.arange(len(twice)) // 2)
    assert copied.covariance == pytest.approx(once.covariance, rel=1e-6)


def test_strata_that_explain_the_answers_narrow_the_intervals(pair: ModelSyntax) -> None:
    values = _sample(8)
    stratum = np.digitize(values[:, 0] * values[:, 3], [-0.5, 0.5, 2.0])
    ones = np.ones(len(values))
    _, plain = _robust(values, ones, pair)
    _, stratified = _robust(values, ones, pair, stratum=stratum)
    assert np.trace(stratified.covariance) < np.trace(plain.covariance)


def test_missing_answers_use_every_row(build_instrument: Callable[..., Instrument]) -> None:
    instrument = build_instrument({key: [f"{key}{i}" for i in (1, 2, 3)] for key in "ab"})
    frame = pd.DataFrame(_holes(_sample(9)), columns=[f"{key}{i}" for key in "ab" for i in (1, 2, 3)])
    options = {"model": "a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3\nb ~ a", "instrument": instrument}
    full = fit_structural(frame, **options, structural=Structural())
    listwise = fit_structural(frame, **options, structural=Structural(missing="listwise"))
    assert (full.n, full.dropped) == (240, 0)
    assert listwise.n == full.complete == int(frame.notna().all(axis=1).sum()) < 240
    assert full.estimator == "MLR"
    assert full.paths.loc[0, "se"] < listwise.paths.loc[0, "se"]
    assert full.semopy_difference < 5e-3


def test_weights_call_for_design_based_errors(build_instrument: Callable[..., Instrument]) -> None:
    instrument = build_instrument({key: [f"{key}{i}" for i in (1, 2, 3)] for key in "ab"})
    frame = pd.DataFrame(_sample(10), columns=[f"{key}{i}" for key in "ab" for i in (1, 2, 3)])
    design = specify_design(len(frame), weights=np.random.default_rng(11).uniform(0.2, 4, len(frame)))
    options = {"model": "a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3\nb ~ a", "instrument": instrument}
    plain = fit_structural(frame, **options, structural=Structural(estimator="ML"))
    weighted = fit_structural(frame, **options, structural=Structural(estimator="ML"), design=design)
    assert (plain.estimator, weighted.estimator) == ("ML", "MLR")
    assert weighted.weighted
    assert "chi2_scaled" in set(weighted.fit["index"])
    assert "chi2_scaled" not in set(plain.fit["index"])


def test_a_census_leaves_no_error_and_a_share_leaves_its_root(build_instrument: Callable[..., Instrument]) -> None:
    instrument = build_instrument({key: [f"{key}{i}" for i in (1, 2, 3)] for key in "ab"})
    frame = pd.DataFrame(_sample(12), columns=[f"{key}{i}" for key in "ab" for i in (1, 2, 3)])
    options = {"model": "a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3\nb ~ a", "instrument": instrument}
    options |= {"structural": Structural()}
    designs = [specify_design(240, fpc=size) for size in (None, np.full(240, 480), np.full(240, 240))]
    endless, half, census = (fit_structural(frame, **options, design=design) for design in designs)
    assert half.paths["se"].to_numpy() == pytest.approx(np.sqrt(0.5) * endless.paths["se"].to_numpy(), rel=1e-9)
    # A table has no error to show where there is none; χ² has no scale then.
    assert census.parameters["se"].isna().all()
    assert census.indices.robust is None
    assert census.paths["estimate"].tolist() == endless.paths["estimate"].tolist()


@pytest.mark.parametrize(("singleton", "counts"), [("centred", True), ("certainty", False)])
def test_a_stratum_of_one_row_counts_as_the_design_says(pair: ModelSyntax, singleton: Any, counts: bool) -> None:
    values = _sample(13)
    values[0] += 3
    strata = np.where(np.arange(240) == 0, 9, np.arange(240) % 3)
    design = specify_design(240, strata=strata, singleton=singleton)
    sample = drawn_sample(values, design)
    solution = fit_maximum_likelihood(sample, pair)
    scores = ModelScores(solution.point, solution.structure, solution.matrices)
    (between,) = between_units(sample, matrices=[scores], traces=[])
    rows = scores(values, np.zeros(240, dtype=np.int64))
    assert between == pytest.approx(covariance_of_scores(rows, design) / 240, rel=1e-9, abs=1e-12)
    (without,) = between_units(sample.chosen(np.arange(1, 240)), matrices=[scores], traces=[])
    alone = np.outer(rows[0], rows[0]) / 240 if counts else 0.0
    assert between == pytest.approx(without * sample.chosen(np.arange(1, 240)).patterns.total / 240 + alone, rel=1e-6)


@pytest.mark.parametrize(
    ("missing", "chi2", "cfi"), [("listwise", 1046.32382, 0.8087052), ("fiml", 1128.90876, 0.8135907)]
)
def test_a_negative_scaling_factor_leaves_the_plain_test(
    shared: Path, build_instrument: Callable[..., Instrument], missing: str, chi2: float, cfi: float
) -> None:
    """45 clusters, loadings that are wrongly equal: lavaan 0.6-14 gives χ² and its indices, and no scaled test."""
    folder = shared / "cases" / "sem" / "negative_scaling"
    blocks = json.loads((folder / "spec.json").read_text(encoding="utf-8"))["latents"]
    answers = pd.read_csv(folder / "data.csv")
    found = fit_structural(
        answers,
        model=(folder / "model.txt").read_text(encoding="utf-8"),
        instrument=build_instrument(blocks),
        structural=Structural(estimator="MLR", missing=missing, weighted=False, bootstrap=0),
        design=specify_design(len(answers), psu=answers["cl"]),
    )
    fit = found.fit.set_index("index")["value"]
    assert "chi2_scaled" not in fit
    assert fit[["chi2", "cfi"]].to_numpy() == pytest.approx([chi2, cfi], rel=1e-6)


@pytest.mark.parametrize(("trace", "df", "factor"), [(9.0, 6, 1.5), (-0.6, 6, None), (0.0, 6, None), (9.0, 0, None)])
def test_a_scaling_factor_is_positive_or_not_there(trace: float, df: int, factor: float | None) -> None:
    assert scaling_factor(trace, df) == pytest.approx(factor if factor else np.nan, nan_ok=True)


def test_without_a_scaling_factor_there_is_no_scaled_fit(fitted: dict[str, Fitted]) -> None:
    solution, robust, _ = fitted["democracy_mlr"]
    assert fit_indices(solution, robust).robust is not None
    assert fit_indices(solution, replace(robust, scaling=scaling_factor(-3.0, 35))).robust is None
