"""What R's forecast package and StructTS() found on four made-up series, and waves with labels."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parents[1] / "golden" / "forecasts.json").read_text())
SERIES = ("walk", "drifting", "returning", "line")


@pytest.fixture(params=SERIES)
def golden(request: pytest.FixtureRequest) -> dict[str, Any]:
    return GOLDEN[request.param]


def quarters(values: Any, *, se: float | None = 0.4, first: int = 2018) -> pd.DataFrame:
    """A table of quarterly waves."""
    labels = [f"{first + i // 4}Q{i % 4 + 1}" for i in range(len(values))]
    return pd.DataFrame({"wave": labels, "csi": np.asarray(values, dtype=float), "se": se, "n": 900})


@pytest.fixture
def waves() -> Callable[..., pd.DataFrame]:
    return quarters


def walk_of(seed: int, size: int = 28, *, step: float = 0.5, drift: float = 0.0) -> np.ndarray:
    """A random walk about 80."""
    return 80 + np.cumsum(np.random.default_rng(seed).normal(drift, step, size))


@pytest.fixture
def walk() -> Callable[..., np.ndarray]:
    return walk_of
