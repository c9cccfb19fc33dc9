"""Modification indices against lavaan's, and on a model that leaves something out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.sem.assess.modification import modification_indices
from analysis.sem.fit.estimate import fit_maximum_likelihood
from analysis.sem.model.reader import check_model
from analysis.sem.moments.sample import Sample

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "sem_modification.json").read_text())["indices"]
BLOCKS = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}


def test_lavaan_gives_the_same_indices(shared: Path, build_instrument: Callable[..., Instrument]) -> None:
    text = "\n".join(f"{key} =~ {' + '.join(items)}" for key, items in BLOCKS.items())
    syntax = check_model(text, instrument=build_instrument(BLOCKS), where="model")
    data = pd.read_csv(shared / "data/lavaan_classic/HolzingerSwineford1939.csv")[list(syntax.items)].to_numpy(float)
    table = modification_indices(fit_maximum_likelihood(Sample(data, np.ones(len(data))), syntax))
    golden = {tuple(row[:3]): row[3:] for row in GOLDEN}
    assert len(table) == len(golden)
    for row in table.to_dict("records"):
        index, change = golden[row["lhs"], row["op"], row["rhs"]]
        assert row["index"] == pytest.approx(index, rel=1e-4, abs=1e-5)
        assert row["change"] == pytest.approx(change, rel=1e-4, abs=1e-6)


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
