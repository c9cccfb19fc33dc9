"""The whole structural model against lavaan, and what it says when the solution is bad."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.structural import Structural
from analysis.errors import MethodError
from analysis.sem.structural import StructuralResult, fit_structural
from analysis.survey.design.survey_design import specify_design

CSIBANK = {"IMAG": 6, "EXPE": 4, "QUAL": 7, "VAL": 4, "SAT": 3, "LOY": 3}
PLSPM = {"IMAG": 5, "EXPE": 5, "QUAL": 5, "VAL": 4, "SAT": 4, "LOY": 4}
FIT_NAMES = {
    "chi2": "chisq",
    "df": "df",
    "pvalue": "pvalue",
    "baseline_chi2": "baseline.chisq",
    "cfi": "cfi",
    "tli": "tli",
    "rmsea": "rmsea",
    "rmsea_low": "rmsea.ci.lower",
    "rmsea_high": "rmsea.ci.upper",
    "rmsea_pvalue": "rmsea.pvalue",
    "srmr": "srmr",
    "logl": "logl",
    "aic": "aic",
    "bic": "bic",
    "parameters": "npar",
    "n": "ntotal",
}
PLAIN = Structural(estimator="ML", missing="listwise")
"""lavaan's defaults, which the goldens of plain ML were made with."""
Cells = dict[tuple[str, str, str], tuple[float, float]]
CellsOf = Callable[[list[list[Any]]], Cells]
ECSI = Callable[..., tuple[str, Instrument]]


@pytest.fixture(scope="module")
def csibank(shared: Path, ecsi: ECSI) -> StructuralResult:
    model, instrument = ecsi(**CSIBANK)
    frame = pd.read_csv(shared / "data" / "csibank" / "csibank.csv")
    return fit_structural(frame, model=model, instrument=instrument, structural=PLAIN)


@pytest.fixture(scope="module")
def degenerate(shared: Path, ecsi: ECSI) -> StructuralResult:
    model, instrument = ecsi(**PLSPM)
    frame = pd.read_csv(shared / "data" / "plspm_satisfaction" / "satisfaction.csv")
    return fit_structural(frame, model=model, instrument=instrument, structural=PLAIN)


def _assert_paths_agree(result: StructuralResult, estimates: Cells, standardized: Cells, tolerance: float) -> None:
    for row in result.paths.to_dict("records"):
        key = (row["outcome"], "~", row["predictor"])
        assert row["estimate"] == pytest.approx(estimates[key][0], abs=tolerance)
        assert row["se"] == pytest.approx(estimates[key][1], rel=1e-4)
        assert row["std"] == pytest.approx(standardized[key][0], abs=tolerance)
        half_width = (row["std_high"] - row["std_low"]) / 2
        assert half_width == pytest.approx(1.959963984540054 * standardized[key][1], rel=1e-3)


def _assert_loadings_agree(result: StructuralResult, estimates: Cells, standardized: Cells, tolerance: float) -> None:
    for row in result.loadings.to_dict("records"):
        key = (row["construct"], "=~", row["item"])
        assert row["estimate"] == pytest.approx(estimates[key][0], abs=tolerance)
        assert row["std"] == pytest.approx(standardized[key][0], abs=tolerance)
        if np.isfinite(row["se"]):
            assert row["se"] == pytest.approx(estimates[key][1], rel=1e-4)
        else:
            assert estimates[key] == (1, 0)


@pytest.mark.parametrize("name", FIT_NAMES)
def test_fit_of_the_bank_survey_equals_lavaan(
    csibank: StructuralResult, lavaan: Callable[[str], dict[str, Any]], name: str
) -> None:
    golden = lavaan("sem_csibank")["csibank"]["fit"][FIT_NAMES[name]]
    assert getattr(csibank.indices, name) == pytest.approx(golden, rel=1e-7, abs=1e-7)


def test_estimates_of_the_bank_survey_equal_lavaan(
    csibank: StructuralResult, lavaan: Callable[[str], dict[str, Any]], cells: CellsOf
) -> None:
    golden = lavaan("sem_csibank")["csibank"]
    estimates, standardized = cells(golden["estimates"]), cells(golden["standardized"])
    _assert_paths_agree(csibank, estimates, standardized, tolerance=1e-4)
    _assert_loadings_agree(csibank, estimates, standardized, tolerance=1e-4)
    r_squared = csibank.r_squared.set_index("construct")["r_squared"]
    assert r_squared.to_dict() == pytest.approx(golden["r_squared"], abs=1e-5)


def test_effects_of_the_bank_survey_equal_lavaan(csibank: StructuralResult, lavaan: Callable[[str], Any]) -> None:
    golden = lavaan("sem_csibank")["csibank"]
    effects = csibank.effects.set_index(["predictor", "outcome", "effect"])
    defined = [row for row in golden["estimates"] if row[1] == ":="]
    standardized = {row[0]: row for row in golden["standardized"] if row[1] == ":="}
    assert len(defined) == 9
    for name, _, _, estimate, se in defined:
        row = effects.loc[tuple(name.split("_"))]
        assert row["estimate"] == pytest.approx(estimate, abs=1e-4)
        assert row["se"] == pytest.approx(se, rel=1e-4)
        assert row["std"] == pytest.approx(standardized[name][3], abs=1e-4)
        assert row["std_high"] - row["std"] == pytest.approx(1.959963984540054 * standardized[name][4], rel=1e-3)


def test_effects_list_only_the_routes_that_the_model_has(csibank: StructuralResult) -> None:
    kinds = csibank.effects.groupby(["outcome", "predictor"], sort=False)["effect"].apply(list).to_dict()
    assert kinds["LOY", "IMAG"] == ["direct", "indirect", "total"]
    assert kinds["LOY", "VAL"] == ["indirect", "total"]
    assert kinds["LOY", "SAT"] == ["direct", "total"]
    assert ("SAT", "LOY") not in kinds


def test_direct_and_indirect_add_up_to_total(csibank: StructuralResult) -> None:
    table = csibank.effects.pivot_table(index=["outcome", "predictor"], columns="effect", values="std").fillna(0.0)
    assert (table["direct"] + table["indirect"]).to_numpy() == pytest.approx(table["total"].to_numpy(), abs=1e-12)


def test_an_inadmissible_solution_is_flagged(
    degenerate: StructuralResult, lavaan: Callable[[str], dict[str, Any]], cells: CellsOf
) -> None:
    assert "std_path_above_one" in degenerate.verdicts
    assert "collinear" in degenerate.verdicts
    subjects = degenerate.findings.set_index("verdict").loc["std_path_above_one", "subject"]
    assert "VAL ~ QUAL" in set(subjects)
    golden = lavaan("sem_csibank")["plspm_satisfaction"]
    assert degenerate.indices.chi2 == pytest.approx(golden["fit"]["chisq"], abs=1e-5)
    assert degenerate.converged
    standardized = cells(golden["standardized"])
    for row in degenerate.paths.to_dict("records"):
        assert row["std"] == pytest.approx(standardized[row["outcome"], "~", row["predictor"]][0], abs=1e-4)


def test_factor_model_without_paths_equals_lavaan(
    shared: Path,
    build_instrument: Callable[..., Instrument],
    lavaan: Callable[[str], dict[str, Any]],
    cells: CellsOf,
) -> None:
    blocks = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}
    model = "\n".join(f"{key} =~ {' + '.join(items)}" for key, items in blocks.items())
    frame = pd.read_csv(shared / "data" / "lavaan_classic" / "HolzingerSwineford1939.csv")
    result = fit_structural(frame, model=model, instrument=build_instrument(blocks), structural=PLAIN)
    golden = lavaan("sem_holzinger")["model"]
    for name, theirs in FIT_NAMES.items():
        assert getattr(result.indices, name) == pytest.approx(golden["fit"][theirs], rel=1e-7, abs=1e-7)
    _assert_loadings_agree(result, cells(golden["estimates"]), cells(golden["standardized"]), tolerance=1e-5)
    assert list(result.paths.columns)[:2] == ["outcome", "predictor"]
    assert result.paths.empty
    assert result.effects.empty
    assert result.r_squared.empty


DEMOCRACY = "ind60 =~ x1 + x2 + x3\ndem60 =~ y1 + y2 + y3 + y4\ndem65 =~ y5 + y6 + y7 + y8\n"
RESIDUALS = "y1 ~~ y5\ny2 ~~ y4 + y6\ny3 ~~ y7\ny4 ~~ y8\ny6 ~~ y8"
EQUAL = DEMOCRACY.replace("y2", "a*y2").replace("y3", "b*y3").replace("y4", "c*y4")
EQUAL = EQUAL.replace("y6", "a*y6").replace("y7", "b*y7").replace("y8", "c*y8")


DEMOCRACY_MODELS = {
    "model": f"{DEMOCRACY}dem60 ~ ind60\ndem65 ~ ind60 + dem60\n{RESIDUALS}",
    "equal_loadings": f"{EQUAL}dem60 + dem65 ~ ind60",
}


@pytest.mark.parametrize("case", DEMOCRACY_MODELS)
def test_democracy_model_equals_lavaan(
    shared: Path,
    build_instrument: Callable[..., Instrument],
    lavaan: Callable[[str], dict[str, Any]],
    cells: CellsOf,
    case: str,
) -> None:
    blocks = {"ind60": ["x1", "x2", "x3"], "dem60": ["y1", "y2", "y3", "y4"], "dem65": ["y5", "y6", "y7", "y8"]}
    frame = pd.read_csv(shared / "data" / "lavaan_classic" / "PoliticalDemocracy.csv")
    result = fit_structural(frame, model=DEMOCRACY_MODELS[case], instrument=build_instrument(blocks), structural=PLAIN)
    golden = lavaan("sem_democracy")[case]
    for name, theirs in FIT_NAMES.items():
        # lavaan counts equal parameters once in df, but each of them in npar
        if not (case == "equal_loadings" and name == "parameters"):
            assert getattr(result.indices, name) == pytest.approx(golden["fit"][theirs], rel=1e-6, abs=1e-6)
    estimates, standardized = cells(golden["estimates"]), cells(golden["standardized"])
    _assert_paths_agree(result, estimates, standardized, tolerance=1e-4)
    _assert_loadings_agree(result, estimates, standardized, tolerance=1e-4)


CHAIN = "a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3\nc =~ c1 + c2 + c3\nb ~ a\nc ~ b + a"


@pytest.fixture(scope="module")
def chain_instrument(build_instrument: Callable[..., Instrument]) -> Instrument:
    return build_instrument({key: [f"{key}{i}" for i in (1, 2, 3)] for key in "abc"}, c="loyalty")


def _chain(n: int, seed: int = 1, *, residual: float = 0.6) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    a = random.normal(size=n)
    b = 0.7 * a + random.normal(scale=0.5, size=n)
    c = 0.5 * b + 0.2 * a + random.normal(scale=0.5, size=n)
    items = {f"{key}{i}": latent for key, latent in zip("abc", (a, b, c), strict=True) for i in (1, 2, 3)}
    return pd.DataFrame({name: latent + random.normal(scale=residual, size=n) for name, latent in items.items()})


def test_planted_paths_are_recovered(chain_instrument: Instrument) -> None:
    result = fit_structural(_chain(800), model=CHAIN, instrument=chain_instrument, structural=PLAIN)
    truth = {("b", "a"): 0.7, ("c", "b"): 0.5, ("c", "a"): 0.2}
    for row in result.paths.to_dict("records"):
        assert abs(row["estimate"] - truth[row["outcome"], row["predictor"]]) < 4 * row["se"] < 0.4
    total = result.effects.set_index(["predictor", "outcome", "effect"]).loc["a", "c", "total"]
    assert abs(total["estimate"] - 0.55) < 4 * total["se"]
    assert result.converged
    assert result.verdicts == ()


def test_rows_with_a_gap_are_counted_and_left_out(chain_instrument: Instrument) -> None:
    frame = _chain(300)
    gappy = frame.copy()
    gappy.iloc[:20, 4] = np.nan
    before = gappy.copy()
    with_gaps = fit_structural(gappy, model=CHAIN, instrument=chain_instrument, structural=PLAIN)
    without = fit_structural(frame.iloc[20:], model=CHAIN, instrument=chain_instrument, structural=PLAIN)
    assert (with_gaps.n, with_gaps.dropped) == (280, 20)
    pd.testing.assert_frame_equal(with_gaps.paths, without.paths)
    pd.testing.assert_frame_equal(gappy, before)


def test_order_of_rows_and_units_of_items_change_no_standardised_path(chain_instrument: Instrument) -> None:
    frame = _chain(300)
    turned = frame.iloc[::-1] * 25 + 3
    ours = fit_structural(frame, model=CHAIN, instrument=chain_instrument, structural=PLAIN)
    theirs = fit_structural(turned, model=CHAIN, instrument=chain_instrument, structural=PLAIN)
    assert theirs.paths["std"].to_numpy() == pytest.approx(ours.paths["std"].to_numpy(), abs=1e-8)
    assert theirs.indices.chi2 == pytest.approx(ours.indices.chi2, abs=1e-7)


def test_confidence_sets_the_width_of_the_intervals(chain_instrument: Instrument) -> None:
    frame = _chain(300)
    wide, narrow = (
        fit_structural(
            frame, model=CHAIN, instrument=chain_instrument, structural=Structural(confidence=level, estimator="ML")
        ).paths
        for level in (0.95, 0.80)
    )
    ratio = (wide["ci_high"] - wide["ci_low"]) / (narrow["ci_high"] - narrow["ci_low"])
    assert ratio.to_numpy() == pytest.approx(1.959963984540054 / 1.2815515655446004)


def test_thresholds_decide_what_is_met(chain_instrument: Instrument) -> None:
    strict = Structural(min_cfi=0.9999, min_tli=0.5, max_rmsea=0.5, max_srmr=0.0001)
    fit = fit_structural(
        _chain(300, residual=0.9), model=CHAIN, instrument=chain_instrument, structural=strict
    ).fit.set_index("index")
    assert fit.loc["tli", "met"]
    assert fit.loc["rmsea", "met"]
    assert not fit.loc["srmr", "met"]
    assert pd.isna(fit.loc["chi2", "met"])
    assert fit.loc["rmsea", "low"] <= fit.loc["rmsea", "value"] <= fit.loc["rmsea", "high"]


def test_without_roles_the_last_construct_is_the_outcome(build_instrument: Callable[..., Instrument]) -> None:
    instrument = build_instrument({key: [f"{key}{i}" for i in (1, 2, 3)] for key in "abc"})
    result = fit_structural(_chain(200), model=CHAIN, instrument=instrument, structural=PLAIN)
    assert set(result.effects["outcome"]) == {"c"}


def test_record_is_plain_and_complete(chain_instrument: Instrument) -> None:
    record = fit_structural(_chain(200), model=CHAIN, instrument=chain_instrument, structural=PLAIN).record()
    assert set(record) == {
        *("available", "estimator", "weighted", "n", "complete", "dropped", "chi2", "df", "pvalue", "cfi", "tli"),
        *("rmsea", "rmsea_low", "rmsea_high", "srmr", "converged", "starts", "minima", "semopy_difference"),
        "semopy_excess",
        *("verdicts", "pairs", "large_residuals", "variance", "replicates", "failed_replicates", "numbers"),
    }
    assert record["available"] is True
    assert {type(value) for value in record.values()} <= {bool, int, float, list, str}


def test_a_negative_variance_is_flagged(chain_instrument: Instrument) -> None:
    # an item that correlates with its construct's others more than they allow: a Heywood case
    random = np.random.default_rng(3)
    frame = _chain(400)
    frame["a1"] = 0.9 * (frame["a2"] + frame["a3"]) + random.normal(scale=0.1, size=400)
    result = fit_structural(frame, model=CHAIN, instrument=chain_instrument, structural=PLAIN)
    assert {"negative_variance", "std_loading_above_one"} <= set(result.verdicts)
    assert "a1" in set(result.findings["subject"])


def test_quantities_of_the_model_come_with_both_intervals(chain_instrument: Instrument) -> None:
    labelled = (
        CHAIN.replace("b ~ a", "b ~ k*a").replace("c ~ b + a", "c ~ m*b + d*a") + "\nroute := k*m\nall := route + d"
    )
    structural = PLAIN.model_copy(update={"bootstrap": 200})
    result = fit_structural(_chain(400), model=labelled, instrument=chain_instrument, structural=structural, seed=3)
    assert result.defined is not None
    route, total = result.defined.to_dict("records")
    effects = result.effects.set_index(["predictor", "outcome", "effect"]).loc[("a", "c")]
    assert (route["quantity"], route["formula"]) == ("route", "k*m")
    assert route["est"] == pytest.approx(effects.loc["indirect", "estimate"], rel=1e-9)
    assert total["est"] == pytest.approx(effects.loc["total", "estimate"], rel=1e-9)
    assert route["se"] == pytest.approx(effects.loc["indirect", "se"], rel=1e-6)
    assert total["std_all"] == pytest.approx(effects.loc["total", "std"], rel=1e-6)
    for row in (route, total):
        for low, high in (("ci_low", "ci_high"), ("percentile_low", "percentile_high"), ("bca_low", "bca_high")):
            assert row[low] < row["est"] < row[high]
            assert (row[high] - row[low]) == pytest.approx(4 * row["se"], rel=0.3)


def test_units_of_several_rows_widen_the_intervals(chain_instrument: Instrument) -> None:
    frame = pd.concat([_chain(150)] * 2, ignore_index=True)
    design = specify_design(300, psu=np.tile(np.arange(150), 2))
    options = {"model": CHAIN, "instrument": chain_instrument, "structural": PLAIN}
    rows, units = fit_structural(frame, **options), fit_structural(frame, design=design, **options)
    assert (rows.variance, units.variance, units.estimator) == ("information", "taylor", "MLR")
    assert units.paths["estimate"].tolist() == pytest.approx(rows.paths["estimate"].tolist(), rel=1e-6)
    assert (units.paths["se"] > 1.2 * rows.paths["se"]).all()
    with pytest.raises(MethodError, match="design does not match"):
        fit_structural(frame, design=specify_design(299), **options)


def test_a_solution_that_the_data_do_not_determine_is_flagged(build_instrument: Callable[..., Instrument]) -> None:
    """Two items of a construct that is correlated with nothing: any pair of loadings with the same product fits."""
    random = np.random.default_rng(21)
    whole, common = random.normal(size=(400, 5)), random.normal(size=(400, 2))
    values = whole + common[:, [0, 0, 1, 1, 1]]
    values -= values.mean(axis=0)
    fitted = np.linalg.lstsq(values[:, :2], values[:, 2:], rcond=None)[0]
    values[:, 2:] -= values[:, :2] @ fitted
    instrument = build_instrument({"a": ["a1", "a2"], "b": ["b1", "b2", "b3"]})
    frame = pd.DataFrame(values, columns=["a1", "a2", "b1", "b2", "b3"])
    model = "a =~ a1 + a2\nb =~ b1 + b2 + b3\nb ~ a"
    result = fit_structural(frame, model=model, instrument=instrument, structural=PLAIN)
    assert "singular_information" in result.verdicts


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda frame: frame.head(9), "too few complete answers"),
        (lambda frame: frame.drop(columns="b2"), "not in the responses"),
        (lambda frame: frame.assign(b2=3.0), "same answer in every row"),
        (lambda frame: frame.assign(b2=frame["b1"]), "repeat each other exactly"),
        (lambda frame: frame.assign(b2=np.nan), "too few complete answers"),
    ],
)
def test_data_that_cannot_carry_the_model_are_refused(
    chain_instrument: Instrument, change: Callable[[pd.DataFrame], pd.DataFrame], problem: str
) -> None:
    with pytest.raises(MethodError, match=problem):
        fit_structural(change(_chain(200)), model=CHAIN, instrument=chain_instrument, structural=PLAIN)


def test_a_model_of_few_rows_is_fitted_and_flagged(chain_instrument: Instrument) -> None:
    few = fit_structural(_chain(49), model=CHAIN, instrument=chain_instrument, structural=PLAIN)
    enough = fit_structural(_chain(50), model=CHAIN, instrument=chain_instrument, structural=PLAIN)
    assert few.n == 49
    assert "few_rows" in few.verdicts
    assert "few_rows" not in enough.verdicts
