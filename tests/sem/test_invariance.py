"""Measurement invariance against lavaan's multi-group fits, and what must hold for any data."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.errors import MethodError
from analysis.sem.groups.invariance import (
    LEVELS,
    Level,
    compare_groups,
    fit_level,
    invariance,
    score_statistics,
    separate_fits,
)
from analysis.sem.groups.model import GroupedModel
from analysis.sem.model.reader import check_model
from analysis.sem.model.syntax import ModelSyntax
from analysis.sem.moments.sample import Sample

STEPS = (*LEVELS, ("strict", ("loadings", "intercepts", "residuals")))
"""Residual variances besides: nothing the analysis needs, but the algebra of equality must hold for them too."""
GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "sem_groups.json").read_text())
BLOCKS = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}
TEXT = "\n".join(f"{key} =~ {' + '.join(items)}" for key, items in BLOCKS.items())
Build = Callable[..., Instrument]


@pytest.fixture(scope="module")
def syntax(build_instrument: Build) -> ModelSyntax:
    return check_model(TEXT, instrument=build_instrument(BLOCKS), where="model")


def _schools(shared: Path, syntax: ModelSyntax, *, weighted: bool) -> dict[str, Sample]:
    data = pd.read_csv(shared / "data/lavaan_classic/HolzingerSwineford1939.csv")
    weight = 1 + (np.arange(1, len(data) + 1) % 4) / 2 if weighted else np.ones(len(data))
    weight = weight / weight.mean()
    groups = {}
    for school in data["school"].unique():
        rows = (data["school"] == school).to_numpy()
        groups[str(school)] = Sample(data.loc[rows, list(syntax.items)].to_numpy(float), weight[rows])
    return groups


@pytest.fixture(scope="module", params=["mlr", "mlr_weighted"])
def fitted(request: pytest.FixtureRequest, shared: Path, syntax: ModelSyntax) -> tuple[str, GroupedModel, list[Level]]:
    model = GroupedModel(syntax, list(_schools(shared, syntax, weighted=request.param == "mlr_weighted").values()))
    levels = [separate_fits(model, syntax)]
    for name, equal in STEPS:
        levels.append(fit_level(model, name, equal, set(), levels[-1]))
    return request.param, model, levels[1:]


def test_every_level_equals_lavaan(fitted: tuple[str, GroupedModel, list[Level]]) -> None:
    name, _, levels = fitted
    for level in levels:
        golden = GOLDEN[name][level.name]
        assert level.converged
        assert level.df == golden["df"]
        assert level.chi2 == pytest.approx(golden["chisq"], rel=1e-6)
        assert level.scaling == pytest.approx(golden["chisq.scaling.factor"], rel=1e-5)
        assert level.cfi == pytest.approx(golden["cfi.robust"], rel=1e-5)
        assert level.rmsea == pytest.approx(golden["rmsea.robust"], rel=1e-5)


def test_latent_means_equal_lavaan(fitted: tuple[str, GroupedModel, list[Level]]) -> None:
    name, model, levels = fitted
    matrices = model.structure.matrices(model.own(levels[2].x, levels[2].layout, 1))
    assert matrices.latent_mean == pytest.approx(GOLDEN[name]["latent_means"], abs=1e-5)


def test_score_statistics_equal_lavaan(fitted: tuple[str, GroupedModel, list[Level]]) -> None:
    name, model, levels = fitted
    if name != "mlr":
        pytest.skip("lavaan's score test has no weights in the golden file")
    loadings, intercepts = (score_statistics(model, levels[2], kind) for kind in ("loadings", "intercepts"))
    assert [*loadings.values(), *intercepts.values()] == pytest.approx(GOLDEN["score"], rel=1e-4, abs=1e-4)


def test_scaled_differences_equal_lavaan(shared: Path, syntax: ModelSyntax) -> None:
    steps = invariance(_schools(shared, syntax, weighted=False), syntax, max_released=0.0).steps.set_index("level")
    for level in ("metric", "scalar"):
        golden = GOLDEN["mlr"][f"{level}_step"]
        assert steps.loc[level, "difference"] == pytest.approx(golden["chisq"], rel=1e-4)
        assert steps.loc[level, "difference_df"] == golden["df"]
        assert steps.loc[level, "pvalue"] == pytest.approx(golden["pvalue"], rel=1e-4)
    assert steps["holds"].tolist() == [True, True, False]


def _planted(seed: int, shift: float, n: int = 1500) -> pd.DataFrame:
    """Two groups with a latent mean of 0.5 in the second, and one intercept that moves by `shift`."""
    random = np.random.default_rng(seed)
    group = np.repeat(["north", "south"], n)
    latent = random.normal(size=2 * n) + 0.5 * (group == "south")
    second = 0.5 * latent + random.normal(scale=0.9, size=2 * n)
    items = {f"a{i}": latent + random.normal(scale=0.7, size=2 * n) for i in (1, 2, 3, 4)}
    items |= {f"b{i}": second + random.normal(scale=0.7, size=2 * n) for i in (1, 2, 3, 4)}
    frame = pd.DataFrame(items).assign(group=group)
    frame.loc[frame["group"] == "south", "a2"] += shift
    return frame


@pytest.fixture(scope="module")
def instrument(build_instrument: Build) -> Instrument:
    return build_instrument({key: [f"{key}{i}" for i in (1, 2, 3, 4)] for key in "ab"})


MODEL = "a =~ a1 + a2 + a3 + a4\nb =~ b1 + b2 + b3 + b4\nb ~ a"


def test_equal_measurement_is_found_and_the_latent_mean_recovered(instrument: Instrument) -> None:
    result = compare_groups(_planted(1, 0.0), model=MODEL, instrument=instrument, group="group")
    assert result.steps["holds"].all()
    assert result.steps["released"].tolist() == ["", "", ""]
    means = result.means.set_index(["construct", "group"])["mean"]
    assert means["a", "north"] == 0
    assert means["a", "south"] == pytest.approx(0.5, abs=0.12)


def test_an_item_that_means_something_else_is_released(instrument: Instrument) -> None:
    result = compare_groups(_planted(2, 1.0), model=MODEL, instrument=instrument, group="group")
    scalar = result.steps.set_index("level").loc["scalar"]
    assert scalar["released"] == "a2"
    assert scalar["holds"]
    means = result.means.set_index(["construct", "group"])["mean"]
    assert means["a", "south"] == pytest.approx(0.5, abs=0.12)


def test_rows_with_gaps_and_small_groups_are_left_out(instrument: Instrument) -> None:
    frame = pd.concat([_planted(3, 0.0, 300), _planted(4, 0.0, 5).assign(group="tiny")], ignore_index=True)
    frame.loc[:9, "a1"] = np.nan
    groups = compare_groups(frame, model=MODEL, instrument=instrument, group="group").groups
    assert dict(zip(groups["group"], groups["n"], strict=True)) == {"north": 290, "south": 300}


@pytest.mark.parametrize("change", [{"group": "one"}, {"a1": np.nan}])
def test_fewer_than_two_groups_are_refused(instrument: Instrument, change: dict[str, Any]) -> None:
    with pytest.raises(MethodError, match="at least two groups"):
        compare_groups(_planted(5, 0.0, 300).assign(**change), model=MODEL, instrument=instrument, group="group")
