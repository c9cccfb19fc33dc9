"""Paths by group against lavaan's multi-group models, and on groups whose paths are known."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.errors import MethodError
from analysis.sem.groups.paths import PathComparison, compare_group_paths, compare_paths
from analysis.sem.model.reader import check_model
from analysis.survey.design.survey_design import specify_design

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "sem_paths_by_group.json").read_text())
BLOCKS = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}
MODEL = "\n".join(f"{key} =~ {' + '.join(items)}" for key, items in BLOCKS.items())
MODEL += "\ntextual ~ visual\nspeed ~ visual + textual"
CASES = ("plain", "partial", "weighted")


@pytest.fixture(scope="module")
def compared(shared: Path, build_instrument: Callable[..., Instrument]) -> dict[str, PathComparison]:
    data = pd.read_csv(shared / "data/lavaan_classic/HolzingerSwineford1939.csv")
    design = specify_design(len(data), weights=1 + (np.arange(1, len(data) + 1) % 4) / 2)
    options = {"model": MODEL, "instrument": build_instrument(BLOCKS), "group": "school"}
    return {
        "plain": compare_paths(data, **options),
        "partial": compare_paths(data, released=["x3"], **options),
        "weighted": compare_paths(data, design=design, **options),
    }


@pytest.mark.parametrize("case", CASES)
def test_paths_and_their_errors_equal_lavaan(compared: dict[str, PathComparison], case: str) -> None:
    ours = compared[case].paths.set_index(["outcome", "predictor", "category"])
    assert len(ours) == len(GOLDEN[case]["paths"])
    for outcome, predictor, school, estimate, se, std, low, high in GOLDEN[case]["paths"]:
        row = ours.loc[(outcome, predictor, school)]
        assert row["estimate"] == pytest.approx(estimate, rel=1e-4, abs=1e-5)
        assert row["se"] == pytest.approx(se, rel=1e-3)
        assert row[["std", "std_low", "std_high"]].tolist() == pytest.approx([std, low, high], rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("case", CASES)
def test_tests_of_equal_paths_equal_lavaan(compared: dict[str, PathComparison], case: str) -> None:
    result, golden = compared[case], GOLDEN[case]
    assert [result.difference, result.df, result.pvalue] == pytest.approx(golden["difference"], rel=1e-3)
    assert result.equality["chi2"].tolist() == pytest.approx(golden["wald"], rel=2e-3)
    assert (result.equality["df"] == 1).all()
    assert (result.equality["p_adjusted"] >= result.equality["pvalue"]).all()


def _groups(seed: int, path: float, n: int = 900) -> pd.DataFrame:
    """Two groups of n rows; b follows a by 0.5 in the first and by `path` in the second."""
    random = np.random.default_rng(seed)
    group = np.repeat(["north", "south"], n)
    a = random.normal(size=2 * n) * np.where(group == "north", 1.0, 1.3)
    b = np.where(group == "north", 0.5, path) * a + random.normal(scale=0.7, size=2 * n)
    items = {f"a{i}": a + random.normal(scale=0.7, size=2 * n) for i in (1, 2, 3)}
    items |= {f"b{i}": 2 + b + random.normal(scale=0.7, size=2 * n) for i in (1, 2, 3)}
    return pd.DataFrame(items).assign(group=group)


@pytest.fixture(scope="module")
def instrument(build_instrument: Callable[..., Instrument]) -> Instrument:
    return build_instrument({key: [f"{key}{i}" for i in (1, 2, 3)] for key in "ab"})


CHAIN = "a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3\nb ~ a"


@pytest.mark.parametrize(("path", "differs"), [(0.5, False), (0.9, True)])
def test_a_path_that_differs_is_found(instrument: Instrument, path: float, differs: bool) -> None:
    result = compare_paths(_groups(3, path), model=CHAIN, instrument=instrument, group="group")
    assert (result.pvalue < 0.01) == differs
    assert (result.equality.loc[0, "pvalue"] < 0.01) == differs
    truth = {"north": 0.5, "south": path}
    for row in result.paths.to_dict("records"):
        assert abs(row["estimate"] - truth[row["category"]]) < 4 * row["se"]
    assert result.record() | {"difference": 0, "pvalue": 0} == {
        "question": "group",
        "groups": 2,
        "n": 1800,
        "difference": 0,
        "df": 1,
        "pvalue": 0,
        "converged": True,
    }


def test_every_path_names_its_lowest_and_highest_group(instrument: Instrument) -> None:
    row = compare_paths(_groups(3, 0.9), model=CHAIN, instrument=instrument, group="group").equality.loc[0]
    assert (row["question"], row["lowest_category"], row["highest_category"]) == ("group", "north", "south")
    assert row["lowest"] < row["highest"]


def test_strata_enter_the_errors(instrument: Instrument) -> None:
    frame = _groups(4, 0.5)
    design = specify_design(len(frame), strata=np.digitize(frame["b1"], [1.0, 2.0, 3.0]))
    options = {"model": CHAIN, "instrument": instrument, "group": "group"}
    plain, stratified = compare_paths(frame, **options), compare_paths(frame, design=design, **options)
    assert (stratified.paths["estimate"] == plain.paths["estimate"]).all()
    assert (stratified.paths["se"] < plain.paths["se"]).all()


@pytest.mark.parametrize("line", ["a1 ~ b", "b ~ k*a; k > 0"])
def test_items_in_paths_and_constraints_are_refused(line: str, build_instrument: Callable[..., Instrument]) -> None:
    blocks = {key: [f"{key}{i}" for i in (1, 2, 3)] for key in "ab"}
    text = f"a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3\n{line}"
    syntax = check_model(text, instrument=build_instrument(blocks), where="model")
    with pytest.raises(MethodError, match="constructs alone"):
        compare_group_paths({}, syntax, question="q")


def test_one_group_is_refused(instrument: Instrument) -> None:
    with pytest.raises(MethodError, match="at least two groups"):
        compare_paths(_groups(5, 0.5).assign(group="one"), model=CHAIN, instrument=instrument, group="group")
