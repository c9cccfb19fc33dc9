"""Instruments, data and R's answers for the tests of the measurement."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument

BANK = {"IMAG": 6, "EXPE": 4, "QUAL": 7, "VAL": 4, "SAT": 3, "LOY": 3}
SCHOOL = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}


@pytest.fixture(scope="session")
def build() -> Callable[[Mapping[str, Sequence[str]]], Instrument]:
    """Make an instrument from {construct: items}."""

    def instrument(constructs: Mapping[str, Sequence[str]]) -> Instrument:
        entries = [
            {
                "key": key,
                "role": "dimension",
                "name": {"zh": key, "en": key},
                "items": [{"key": item, "zh": item, "en": item} for item in items],
            }
            for key, items in constructs.items()
        ]
        scale = {"min": 0, "max": 10}
        return Instrument.model_validate({"name": {"zh": "试", "en": "test"}, "scale": scale, "constructs": entries})

    return instrument


@pytest.fixture(scope="session")
def r_answers(root: Path) -> dict[str, Any]:
    """What psych, lavaan and base R answered (measurement.R)."""
    return dict(json.loads((root / "tests" / "golden" / "measurement.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="session", params=["csibank", "school"])
def survey(
    request: pytest.FixtureRequest,
    shared: Path,
    r_answers: dict[str, Any],
    build: Callable[[Mapping[str, Sequence[str]]], Instrument],
) -> tuple[pd.DataFrame, Instrument, dict[str, Any]]:
    """A real data set, its instrument and R's answers."""
    if request.param == "school":
        frame = pd.read_csv(shared / "data" / "lavaan_classic" / "HolzingerSwineford1939.csv")
        return frame, build(SCHOOL), r_answers["school"]
    blocks = {key: [f"{key.lower()}{i}" for i in range(1, size + 1)] for key, size in BANK.items()}
    return pd.read_csv(shared / "data" / "csibank" / "csibank.csv"), build(blocks), r_answers["csibank"]


@pytest.fixture(scope="session")
def two(build: Callable[[Mapping[str, Sequence[str]]], Instrument]) -> tuple[pd.DataFrame, Instrument]:
    """Six items of two correlated constructs, 400 rows."""
    random = np.random.default_rng(11)
    first = random.normal(size=400)
    second = 0.4 * first + random.normal(scale=0.9, size=400)
    columns = {f"a{i}": first + random.normal(scale=0.8, size=400) for i in (1, 2, 3)}
    columns |= {f"b{i}": second + random.normal(scale=0.8, size=400) for i in (1, 2, 3)}
    return pd.DataFrame(columns), build({"A": ["a1", "a2", "a3"], "B": ["b1", "b2", "b3"]})
