"""The benchmark of the banner book: every question by every column, timed in a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import tabulation
from bench.tabulation import ANSWERS, BANNERS, CASES, MULTIPLE, NUMERIC, PROFILE, RATED, run_case

pytestmark = pytest.mark.simulation  # the processor seconds are its subject


def test_the_book_that_is_timed_has_two_hundred_questions_by_forty_columns(root: Path) -> None:
    assert (RATED + PROFILE + MULTIPLE + NUMERIC, BANNERS * ANSWERS) == (200, 40)
    assert f"bench-{Path(__file__).stem.removeprefix('test_bench_')}" in (root / "Makefile").read_text()


@pytest.mark.parametrize("case", CASES)
def test_a_case_tabulates_every_question_by_every_column(monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    """Of a book of 20 questions by 15 columns, made as the large one is."""
    rated, profile, multiple, numeric, banners = sizes = (12, 4, 2, 2, 3)
    for name, size in zip(("RATED", "PROFILE", "MULTIPLE", "NUMERIC", "BANNERS"), sizes, strict=True):
        monkeypatch.setattr(tabulation, name, size)
    figure = run_case(case, 3000, 1)
    assert (figure["questions"], figure["columns"]) == (20, banners * ANSWERS)
    lines = rated * 7 + profile * 5 + multiple * 5 + numeric * 2
    assert figure["estimates"] == lines * (1 + banners * ANSWERS) - banners * 5 * 5  # nothing stands by itself
    assert figure["processor_seconds"] > 0
