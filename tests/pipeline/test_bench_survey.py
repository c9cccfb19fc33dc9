"""The benchmark of weighting and estimation: one figure per case, its data as it says."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from analysis.pipeline.bench_survey import CASES, R_SCRIPT, run_case


@pytest.mark.parametrize("case", CASES)
def test_a_case_is_timed_in_a_process_of_its_own(case: str) -> None:
    command = [sys.executable, "-m", "analysis.pipeline.bench_survey", "case", case, "2000", "1"]
    figure = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert set(figure) == {"seconds", "peak_mb"}
    assert 0 < figure["seconds"] < 60
    assert 20 < figure["peak_mb"] < 2000


def test_r_runs_the_same_cases() -> None:
    script = R_SCRIPT.read_text(encoding="utf-8")
    assert "rake(design" in script
    assert "svymean(formula, design)" in script
    assert "svyby(formula, ~domain" in script
    assert run_case("domains", 3000, 1)["seconds"] > 0
