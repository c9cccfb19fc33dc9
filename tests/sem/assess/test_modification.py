"""Modification indices against lavaan's, and on a model that leaves something out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.sem.assess.modification import modification_indices
from analysis.sem.fit.estimate import Solution, fit_maximum_likelihood
from analysis.sem.model.reader import check_model
from analysis.sem.moments.sample import Sample

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "sem_modification.json").read_text())
BLOCKS = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}


DEMOCRACY = {
    "ind60": ["x1", "x2", "x3"],
    "dem60": ["y1", "y2", "y3", "y4"],
    "dem65": ["y5", "y6", "y7", "y8"],
}
MEASURED = "\n".join(f"{key} =~ {' + '.join(items)}" for key, items in DEMOCRACY.items())
PATHS = f"{MEASURED}\ndem60 ~ ind60\ndem65 ~ dem60"
MODELS = {
    "factors": ("HolzingerSwineford1939", BLOCKS, "\n".join(f"{k} =~ {' + '.join(v)}" for k, v in BLOCKS.items())),
    "paths": ("PoliticalDemocracy", DEMOCRACY, PATHS),
    "intercept": ("PoliticalDemocracy", DEMOCRACY, f"{PATHS}\ny1 ~ 5*1"),
}
EQUAL = (
    "ind60 =~ x1 + x2 + x3\ndem60 =~ y1 + a*y2 + b*y3 + c*y4\ndem65 =~ y5 + a*y6 + b*y7 + c*y8\n"
    "dem60 ~ ind60\ndem65 ~ ind60 + dem60"
)
Build = Callable[..., Instrument]


def _fitted(data: pd.DataFrame, blocks: dict[str, list[str]], text: str, build: Build) -> Solution:
    syntax = check_model(text, instrument=build(blocks), where="model")
    answers = data[list(syntax.items)].to_numpy(float)
    syntax = syntax.with_means() if np.isnan(answers).any() else syntax
    return fit_maximum_likelihood(Sample(answers, np.ones(len(answers))), syntax)


def _check(solution: Solution, golden: list[list[Any]], *, near: float) -> None:
    """Every index of lavaan's is ours, and every one of ours is lavaan's."""
    ours = {(row.lhs, row.op, row.rhs): (row.index, row.change) for row in _rows(modification_indices(solution))}
    for lhs, op, rhs, index, change in golden:
        found = ours.get((lhs, op, rhs)) or ours[rhs, op, lhs]
        assert found == pytest.approx((index, change), rel=near, abs=1e-5), (lhs, op, rhs)
    assert len(ours) == len(golden)


def _rows(table: pd.DataFrame) -> Any:
    return table.itertuples(index=False, name="Row")


@pytest.mark.parametrize("name", MODELS)
def test_lavaan_gives_the_same_indices(name: str, shared: Path, build_instrument: Build) -> None:
    file, blocks, text = MODELS[name]
    data = pd.read_csv(shared / f"data/lavaan_classic/{file}.csv")
    solution = _fitted(data, blocks, text, build_instrument)
    _check(solution, GOLDEN[name], near=1e-3)


def test_loadings_held_equal_are_those_of_its_score_test(shared: Path, build_instrument: Build) -> None:
    data = pd.read_csv(shared / "data/lavaan_classic/PoliticalDemocracy.csv")
    table = modification_indices(_fitted(data, DEMOCRACY, EQUAL, build_instrument)).set_index(["lhs", "op", "rhs"])
    for lhs, op, rhs, index, _ in GOLDEN["equal"]:
        assert table.loc[(lhs, op, rhs), "index"] == pytest.approx(index, rel=1e-4)
    for one, other in (("y2", "y6"), ("y3", "y7"), ("y4", "y8")):
        assert table.loc[("dem60", "=~", one), "index"] == pytest.approx(table.loc[("dem65", "=~", other), "index"])


def test_the_covariance_left_out_comes_first(build_instrument: Callable[..., Instrument]) -> None:
    random = np.random.default_rng(1)
    latent, shared_part = random.normal(size=(600, 1)), random.normal(size=(600, 1))
    answers = latent + random.normal(scale=0.7, size=(600, 5))
    answers[:, [1, 3]] += 0.5 * shared_part
    instrument = build_instrument({"a": [f"a{i}" for i in range(1, 6)]})
    syntax = check_model("a =~ a1 + a2 + a3 + a4 + a5", instrument=instrument, where="model")
    table = modification_indices(fit_maximum_likelihood(Sample(answers, np.ones(600)), syntax))
    assert tuple(table.loc[0, ["lhs", "op", "rhs"]]) == ("a2", "~~", "a4")
    assert table.loc[0, "change"] == pytest.approx(0.25, abs=0.1)


def test_indices_with_missing_answers_are_those_of_lavaan(shared: Path, build_instrument: Build) -> None:
    """Fixed loadings, a fixed path, a path back and a covariance of constructs among them."""
    folder = shared / "cases/sem/fiml_modification"
    data, blocks = pd.read_csv(folder / "data.csv"), json.loads((folder / "spec.json").read_text())["latents"]
    golden = json.loads((folder / "lavaan_ML_fiml.json").read_text())["mi"]
    solution = _fitted(data, blocks, (folder / "model.txt").read_text(), build_instrument)
    _check(solution, [list(row.values()) for row in golden], near=1e-3)
