"""The benchmark of the banner book: every question by every column, timed in a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.tabulation import ANSWERS, BANNERS, CASES, run_case

pytestmark = pytest.mark.simulation  # the processor seconds are its subject


@pytest.mark.parametrize("case", CASES)
def test_a_case_tabulates_every_question_by_every_column(root: Path, case: str) -> None:
    assert f"bench-{Path(__file__).stem.removeprefix('test_bench_')}" in (root / "Makefile").read_text()
    figure = run_case(case, 3000, 1)
    assert (figure["questions"], figure["columns"]) == (200, BANNERS * ANSWERS)
    lines = 120 * 7 + 40 * 5 + 20 * 5 + 20 * 2
    assert figure["estimates"] == lines * (1 + BANNERS * ANSWERS) - BANNERS * 5 * 5  # nothing stands by itself
    assert figure["processor_seconds"] > 0
