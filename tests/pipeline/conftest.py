"""One build of the small edition for all tests of the pipeline."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import ROOT, edition_arguments, make


@pytest.fixture(scope="session")
def params(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small edition under a name of its own, to be changed by the tests."""
    path = tmp_path_factory.mktemp("params") / "maketest.yml"
    path.write_text(f"extends: {ROOT / 'tests/editions/small.yml'}\n", encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def built(params: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    output = tmp_path_factory.mktemp("make") / "built"
    make("report", *edition_arguments(params, output))
    yield output
    shutil.rmtree(ROOT / "data" / "raw" / params.stem, ignore_errors=True)
