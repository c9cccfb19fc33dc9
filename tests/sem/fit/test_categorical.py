"""Ordered answers against lavaan's WLSMV, and what must hold for any ordered data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from analysis.edition.instrument import Instrument
from analysis.edition.sections.structural import Structural
from analysis.errors import MethodError
from analysis.sem.assess.indices import categorical_fit_indices
from analysis.sem.assess.modification import categorical_modification_indices
from analysis.sem.fit.categorical import CategoricalSolution, ResponseStructure, fit_categorical
from analysis.sem.inference.effects import parameter_errors, path_effects, standardised_loadings
from analysis.sem.model.reader import check_model
from analysis.sem.model.syntax import ModelSyntax
from analysis.sem.moments.ordinal import OrdinalMoments, ordinal_moments
from analysis.sem.moments.sample import Sample
from analysis.sem.report.parameters import threshold_table
from analysis.sem.structural import fit_structural
from analysis.survey.design.survey_design import specify_design

Build = Callable[..., Instrument]
FACTORS = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}
MODEL = "\n".join(f"{key} =~ {' + '.join(items)}" for key, items in FACTORS.items())
RESTRICTED = MODEL.replace("x2 + x3", "a*x2 + a*x3") + "\ntextual ~ visual\nspeed ~ visual + textual\nx7 ~~ x8"
BANK = {"IMAG": 6, "EXPE": 4, "QUAL": 7, "VAL": 4, "SAT": 3, "LOY": 3}
ECSI_PATHS = "\nEXPE ~ IMAG\nQUAL ~ EXPE\nVAL ~ EXPE + QUAL\nSAT ~ IMAG + EXPE + QUAL + VAL\nLOY ~ IMAG + SAT"
QUANTILE = 1.959963984540054
HALF = [-1.0, 0.0, 1.0]
CUTS = {
    "four": [HALF] * 9,
    "mixed": [[0.0], [-0.5, 0.5], *[HALF] * 7],
    "binary": [[k] for k in (1, -1.2, 0.3, 1, -1.2, 0, 0.8, -0.8, 0.2)],
    "weighted": [HALF] * 9,
}
ORDERED = Structural(estimator="WLSMV", missing="listwise")


@dataclass(frozen=True)
class Case:
    """Our moments and solution beside lavaan's answers."""

    syntax: ModelSyntax
    answers: pd.DataFrame
    moments: OrdinalMoments
    solution: CategoricalSolution
    golden: dict[str, Any]


def _cut(frame: pd.DataFrame, cuts: Sequence[Sequence[float]]) -> pd.DataFrame:
    """Categories as the R script makes them."""
    result = {}
    for number, at in enumerate(cuts, start=1):
        values = frame[f"x{number}"].to_numpy()
        ends = values.mean() + np.array(at) * values.std(ddof=1)
        result[f"x{number}"] = 1 + (values[:, None] > ends).sum(axis=1)
    return pd.DataFrame(result)


@pytest.fixture(scope="module", params=[*CUTS, "bank", "benchmark"])
def case(request: pytest.FixtureRequest, build_instrument: Build, lavaan: Callable[[str], Any]) -> Case:
    name = request.param
    if name == "bank":
        shared = request.getfixturevalue("shared")
        blocks = {key: [f"{key.lower()}{i}" for i in range(1, size + 1)] for key, size in BANK.items()}
        model = "\n".join(f"{key} =~ {' + '.join(items)}" for key, items in blocks.items()) + ECSI_PATHS
        answers = pd.read_csv(shared / "data" / "csibank" / "csibank.csv")
    elif name == "benchmark":
        module = request.getfixturevalue("benchmark")
        blocks, answers, model = module.ITEMS, module.complete(), module.MODEL
    else:
        shared = request.getfixturevalue("shared")
        frame = pd.read_csv(shared / "data" / "lavaan_classic" / "HolzingerSwineford1939.csv")
        blocks, answers, model = FACTORS, _cut(frame, CUTS[name]), RESTRICTED if name == "mixed" else MODEL
    syntax = check_model(model, instrument=build_instrument(blocks), where="model")
    weights = 1 + (np.arange(1, len(answers) + 1) % 5) / 2 if name == "weighted" else np.ones(len(answers))
    sample = Sample(answers[list(syntax.items)].to_numpy(dtype=float), weights / weights.mean())
    moments = ordinal_moments(sample, syntax.items)
    return Case(syntax, answers, moments, fit_categorical(moments, syntax), lavaan("sem_ordinal")[name])


def test_moments_of_the_latent_responses_equal_lavaan(case: Case) -> None:
    thresholds = case.moments.thresholds
    assert thresholds[~np.isnan(thresholds)] == pytest.approx(case.golden["thresholds"], abs=1e-8)
    assert case.moments.covariance[case.moments.pairs] == pytest.approx(case.golden["correlations"], abs=1e-6)
    assert np.diag(case.moments.gamma) == pytest.approx(case.golden["variances"], rel=1e-5)
    assert case.moments.converged


def test_thresholds_and_their_errors_equal_lavaan(case: Case) -> None:
    table = threshold_table(case.moments, case.syntax.items, QUANTILE)
    golden = case.golden["threshold_rows"]
    assert table[["lhs", "op", "rhs"]].to_numpy().tolist() == [row[:3] for row in golden]
    assert table["est"].tolist() == pytest.approx([row[3] for row in golden], abs=1e-7)
    assert table["se"].tolist() == pytest.approx([row[4] for row in golden], rel=1e-5)


def _value(case: Case, parameter: tuple[str, str, str], rows: str) -> tuple[float, float]:
    lhs, op, rhs = parameter
    found = {(row[0], row[1], row[2]): (row[3], row[4]) for row in case.golden[rows]}
    return found[lhs, op, rhs] if (lhs, op, rhs) in found else found[rhs, op, lhs]


def test_estimates_and_errors_equal_lavaan(case: Case) -> None:
    structure, errors = case.solution.structure, np.sqrt(np.diag(case.solution.covariance))
    for parameter in structure.syntax.parameters:
        if parameter.name is not None:
            estimate, se = _value(case, (parameter.lhs, parameter.op, parameter.rhs), "estimates")
            place = structure.free[parameter.name]
            assert case.solution.theta[place] == pytest.approx(estimate, abs=5e-5)
            assert errors[place] == pytest.approx(se, rel=1e-5)
    assert np.diag(case.solution.matrices.residual) == pytest.approx(case.golden["residuals"], abs=5e-5)
    assert case.solution.converged
    assert not case.solution.singular


def test_standardised_solution_equals_lavaan(case: Case) -> None:
    structure, syntax = case.solution.structure, case.syntax
    loadings, paths = standardised_loadings(case.solution), path_effects(case.solution).std_direct
    for parameter in syntax.parameters:
        if parameter.op in {"=~", "~"}:
            estimate, se = _value(case, (parameter.lhs, parameter.op, parameter.rhs), "standardized")
            if parameter.op == "=~":
                derived, cell = loadings, (structure.items[parameter.rhs], structure.latents[parameter.lhs])
            else:
                derived, cell = paths, (structure.latents[parameter.lhs], structure.latents[parameter.rhs])
            assert derived.estimate[cell] == pytest.approx(estimate, abs=5e-5)
            assert derived.se[cell] == pytest.approx(se, rel=1e-4)


def test_fit_equals_lavaan(case: Case) -> None:
    ours, theirs = categorical_fit_indices(case.solution), case.golden["fit"]
    names = {"chi2": "chisq", "df": "df", "baseline_chi2": "baseline.chisq", "baseline_df": "baseline.df"}
    names |= {"rmsea_low": "rmsea.ci.lower", "rmsea_high": "rmsea.ci.upper", "n": "ntotal"}
    names |= {name: name for name in ("cfi", "tli", "rmsea", "srmr")}
    for name, golden in names.items():
        assert getattr(ours, name) == pytest.approx(theirs[golden], rel=1e-5, abs=1e-5), name
    assert ours.robust is not None
    scaled = {"chi2": "chisq.scaled", "pvalue": "pvalue.scaled", "scaling": "chisq.scaling.factor"}
    scaled |= {"rmsea_low": "rmsea.ci.lower.robust", "rmsea_high": "rmsea.ci.upper.robust"}
    scaled |= {name: f"{name}.robust" for name in ("cfi", "tli", "rmsea")}
    for name, golden in scaled.items():
        if theirs[golden] is None:  # correlations that are not positive definite
            assert np.isnan(getattr(ours.robust, name)), name
        else:
            assert getattr(ours.robust, name) == pytest.approx(theirs[golden], rel=1e-4, abs=1e-5), name
    assert ours.robust.shift == pytest.approx(case.golden["shift"], rel=1e-5)
    assert case.solution.baseline.chi2_scaled == pytest.approx(theirs["baseline.chisq.scaled"], rel=1e-5)


def test_modification_indices_are_those_of_lavaan_but_for_its_factor(case: Case) -> None:
    """lavaan takes the score with a factor (n − 1)/n that its information has not."""
    factor = (case.moments.n - 1) / case.moments.n
    ours = categorical_modification_indices(case.solution).set_index(["lhs", "op", "rhs"])
    shared = [row for row in case.golden["modification"] if tuple(row[:3]) in ours.index]
    assert shared
    for lhs, op, rhs, index, change in shared:
        assert ours.loc[(lhs, op, rhs), "index"] * factor == pytest.approx(index, rel=1e-3)
        assert ours.loc[(lhs, op, rhs), "change"] * factor == pytest.approx(change, rel=1e-3)


def test_a_two_by_two_table_with_an_empty_cell_is_among_the_goldens(shared: Path) -> None:
    frame = _cut(pd.read_csv(shared / "data" / "lavaan_classic" / "HolzingerSwineford1939.csv"), CUTS["binary"])
    tables = [pd.crosstab(frame[a], frame[b]).to_numpy() for a in frame for b in frame if a < b]
    assert any((table == 0).any() for table in tables)


CHAIN = {key: [f"{key}{i}" for i in (1, 2, 3)] for key in "abc"}
CHAIN_MODEL = "\n".join(f"{key} =~ {' + '.join(items)}" for key, items in CHAIN.items()) + "\nb ~ a\nc ~ b + a"
TRUTH = {("b", "a"): 0.6, ("c", "b"): 0.5, ("c", "a"): 0.2}


def _chain(n: int, seed: int = 1) -> pd.DataFrame:
    """Skewed answers of two to five categories to responses with loadings of 0.8; constructs have variance 1."""
    random = np.random.default_rng(seed)
    a = random.normal(size=n)
    b = 0.6 * a + 0.8 * random.normal(size=n)
    c = 0.5 * b + 0.2 * a + np.sqrt(1 - 0.25 - 0.04 - 0.12) * random.normal(size=n)
    ends = {1: [-1.2, -0.8, 0.1, 0.9], 2: [-0.5, 1.0], 3: [0.7]}
    return pd.DataFrame(
        {
            f"{key}{i}": 1 + ((0.8 * latent + 0.6 * random.normal(size=n))[:, None] > ends[i]).sum(axis=1)
            for key, latent in zip("abc", (a, b, c), strict=True)
            for i in (1, 2, 3)
        }
    )


@pytest.fixture(scope="module")
def chain(build_instrument: Build) -> dict[str, Any]:
    return {"model": CHAIN_MODEL, "instrument": build_instrument(CHAIN, c="loyalty"), "structural": ORDERED}


def test_planted_paths_are_recovered_from_ordered_answers(chain: dict[str, Any]) -> None:
    result = fit_structural(_chain(2000), **chain)
    for row in result.paths.to_dict("records"):
        truth = TRUTH[row["outcome"], row["predictor"]]
        assert row["std_low"] < truth < row["std_high"]
        assert abs(row["std"] - truth) < 0.1
    assert result.loadings["std"].to_numpy() == pytest.approx(np.full(9, 0.8), abs=0.06)
    assert (result.estimator, result.verdicts, result.converged) == ("WLSMV", (), True)
    shown = set(result.fit["index"])
    assert {"chi2", "chi2_scaled", "cfi", "srmr"} <= shown
    assert not {"aic", "bic"} & shown
    assert np.isnan(result.semopy_difference)
    assert result.indices.robust is not None
    assert result.record()["chi2"] == result.indices.robust.chi2
    assert len(result.modification) == 10


def test_labels_of_the_categories_change_nothing(chain: dict[str, Any]) -> None:
    frame = _chain(400)
    stretched = frame**3 - 7  # also leaves numbers out, as an answer nobody chose does
    one, other = fit_structural(frame, **chain), fit_structural(stretched, **chain)
    pd.testing.assert_frame_equal(one.paths, other.paths)
    pd.testing.assert_frame_equal(one.fit, other.fit)


def test_a_reversed_item_turns_its_loading_only(chain: dict[str, Any]) -> None:
    frame = _chain(400)
    one, other = fit_structural(frame, **chain), fit_structural(frame.assign(b2=-frame["b2"]), **chain)
    signs = np.where(one.loadings["item"] == "b2", -1.0, 1.0)
    assert other.loadings["std"].to_numpy() == pytest.approx(signs * one.loadings["std"].to_numpy(), abs=1e-6)
    assert other.indices.chi2 == pytest.approx(one.indices.chi2, rel=1e-6)


def test_whole_weights_give_the_estimates_of_repeated_rows(chain: dict[str, Any]) -> None:
    frame, times = _chain(300), np.random.default_rng(2).integers(1, 4, 300)
    weighted = fit_structural(frame, design=specify_design(300, weights=times), **chain)
    repeated = fit_structural(frame.loc[frame.index.repeat(times)], **chain)
    assert weighted.weighted
    # the diagonal weights of F count rows, not weights: the correlations agree exactly, the estimates nearly
    assert weighted.paths["std"].to_numpy() == pytest.approx(repeated.paths["std"].to_numpy(), abs=0.03)
    samples = (
        Sample(frame.to_numpy(dtype=float), times / times.mean()),
        Sample(frame.loc[frame.index.repeat(times)].to_numpy(dtype=float), np.ones(int(times.sum()))),
    )
    one, other = (ordinal_moments(sample, list(frame)) for sample in samples)
    assert one.covariance == pytest.approx(other.covariance, abs=1e-9)


def test_strata_that_explain_the_answers_narrow_the_intervals(chain: dict[str, Any]) -> None:
    frame = _chain(600)
    stratum = pd.Series(np.digitize(frame["a1"] + frame["b1"], [4, 6, 8]))
    plain, stratified = (
        fit_structural(frame, **chain),
        fit_structural(frame, design=specify_design(600, strata=stratum), **chain),
    )
    assert stratified.paths.loc[0, "se"] < plain.paths.loc[0, "se"]


def test_rows_with_a_gap_are_left_out(chain: dict[str, Any]) -> None:
    frame = _chain(400).astype(float)
    gappy = frame.copy()
    gappy.iloc[:30, 4] = np.nan
    result, without = fit_structural(gappy, **chain), fit_structural(frame.iloc[30:], **chain)
    assert (result.n, result.dropped) == (370, 30)
    pd.testing.assert_frame_equal(result.paths, without.paths)


def test_the_jacobian_of_the_correlations_is_exact(case: Case) -> None:
    structure, theta = case.solution.structure, case.solution.theta
    derivatives = structure.derivatives(case.solution.matrices)
    for place in range(0, len(theta), 7):
        moved = theta.astype(complex)
        moved[place] += 1e-30j
        stepped = structure.matrices(moved).implied.imag / 1e-30
        assert derivatives[place] == pytest.approx(stepped, abs=1e-12)


def test_responses_have_unit_variance_whatever_the_parameters(case: Case) -> None:
    structure = ResponseStructure(case.syntax)
    stack = np.random.default_rng(3).normal(size=(4, len(structure.free)))
    diagonal = np.diagonal(structure.matrices(stack).implied, axis1=-2, axis2=-1)
    assert diagonal == pytest.approx(np.ones(diagonal.shape), abs=1e-9)


def test_errors_of_the_loadings_are_in_their_places(case: Case) -> None:
    errors, free = parameter_errors(case.solution).loadings, np.sqrt(np.diag(case.solution.covariance))
    cells = case.solution.structure.cells["loadings"]
    assert errors[cells.i, cells.j] == pytest.approx(free[cells.parameter])


def test_correlations_that_no_responses_can_have_are_flagged(chain: dict[str, Any]) -> None:
    """Few answers to binary items: their correlations are estimated pair by pair and contradict each other."""
    random = np.random.default_rng(5)
    frame = (_chain(60, seed=8) > [3, 2, 1] * 3).astype(int)
    frame = frame.mask(random.random(frame.shape) < 0.12, 1 - frame)
    with_faults = fit_structural(frame, **chain)
    values = frame.to_numpy(dtype=float)
    smallest = np.linalg.eigvalsh(ordinal_moments(Sample(values, np.ones(len(values))), list(frame)).covariance)[0]
    assert smallest < 0
    assert "correlations_not_pd" in with_faults.verdicts
    assert with_faults.findings.set_index("verdict").loc["correlations_not_pd", "value"] == pytest.approx(smallest)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.assign(b2=np.arange(len(frame)) % 20), "ordered categories"),
        (lambda frame: frame.assign(a3=frame["c3"]), "repeat each other"),
        (lambda frame: frame.assign(a3=3 - frame["c3"]), "repeat each other"),
    ],
    ids=["too many categories", "the same item", "the same item reversed"],
)
def test_data_that_cannot_carry_ordered_answers(
    chain: dict[str, Any], change: Callable[[pd.DataFrame], pd.DataFrame], message: str
) -> None:
    with pytest.raises(MethodError, match=message):
        fit_structural(change(_chain(200)), **chain)


def test_an_item_with_one_category_left_is_named() -> None:
    answers = np.column_stack([np.tile([1.0, 2.0, 3.0], 20), np.full(60, 4.0)])
    with pytest.raises(MethodError, match="q2") as raised:
        ordinal_moments(Sample(answers, np.ones(60)), ["q1", "q2"])
    assert "got: 1" in str(raised.value)


@pytest.mark.parametrize(
    ("options", "word"), [({}, "missing"), ({"missing": "listwise", "bootstrap": 100}, "bootstrap")]
)
def test_params_that_ordered_answers_cannot_have(options: dict[str, Any], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        Structural(estimator="WLSMV", **options)
