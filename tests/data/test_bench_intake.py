"""The bench of the intake at a small size: the same columns, and a bound that a row-wise reading would break."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.intake import CASES, run_case

ROWS = 20_000
SECONDS = {"csv": 2.5, "parquet": 1.5}
"""Five times what a million rows may take, for as many rows; and what does not depend on their number."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("answers")
    run_case("files", made, ROWS, 1)
    return made


@pytest.mark.parametrize("case", CASES)
def test_a_large_file_is_taken_in_by_columns(folder: Path, case: str) -> None:
    figures = run_case(case, folder, ROWS, 1)
    assert (figures["rows"], figures["columns"]) == (ROWS, 60)
    assert figures["processor_seconds"] < SECONDS[case]


def test_make_times_it(root: Path) -> None:
    assert f"bench-{Path(__file__).stem.removeprefix('test_bench_')}" in (root / "Makefile").read_text()
