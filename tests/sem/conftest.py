"""Instruments, models and lavaan's answers for the tests of the structural model."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analysis.edition.instrument import Instrument

ECSI_PATHS = """
EXPE ~ IMAG
QUAL ~ EXPE
VAL ~ EXPE + QUAL
SAT ~ IMAG + EXPE + QUAL + VAL
LOY ~ IMAG + SAT
"""


@pytest.fixture(scope="session")
def ecsi(build_instrument: Callable[..., Instrument]) -> Callable[..., tuple[str, Instrument]]:
    """Make model text and instrument of the ECSI from the number of items of each construct."""

    def build(**sizes: int) -> tuple[str, Instrument]:
        blocks = {key: [f"{key.lower()}{i}" for i in range(1, size + 1)] for key, size in sizes.items()}
        measured = "\n".join(f"{key} =~ {' + '.join(items)}" for key, items in blocks.items())
        return measured + ECSI_PATHS, build_instrument(blocks, SAT="satisfaction", LOY="loyalty")

    return build


@pytest.fixture(scope="session")
def lavaan(root: Path) -> Callable[[str], dict[str, Any]]:
    """Read what lavaan answered, from tests/golden."""

    def read(name: str) -> dict[str, Any]:
        return dict(json.loads((root / "tests" / "golden" / f"{name}.json").read_text(encoding="utf-8")))

    return read


@pytest.fixture(scope="session")
def cells() -> Callable[[list[list[Any]]], dict[tuple[str, str, str], tuple[float, float]]]:
    """Index lavaan's rows (lhs, op, rhs, estimate, se) by their first three entries."""
    return lambda rows: {(row[0], row[1], row[2]): (row[3], row[4]) for row in rows}


@pytest.fixture(scope="session")
def benchmark(root: Path) -> Any:
    """The module beside the goldens that draws the 41-item benchmark."""
    spec = importlib.util.spec_from_file_location("sem_benchmark", root / "tests" / "golden" / "sem_benchmark.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
