"""The benchmark of weighting and estimation: one figure per case, its data as it says."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"
CASES = ("rake", "means40", "domains")


@pytest.mark.parametrize("case", CASES)
def test_a_case_is_timed_in_a_process_of_its_own(case: str) -> None:
    command = [sys.executable, str(BENCH / "survey.py"), "case", case, "2000", "1"]
    figure = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert set(figure) == {"seconds", "peak_mb"}
    assert 0 < figure["seconds"] < 60
    assert 20 < figure["peak_mb"] < 2000


@pytest.mark.parametrize("case", CASES)
def test_r_runs_the_same_case(case: str) -> None:
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("R is not on this machine")
    known = subprocess.run([rscript, "--vanilla", "-e", "library(survey)"], check=False, capture_output=True)
    if known.returncode:
        pytest.skip("R has no package survey here")
    command = [rscript, "--vanilla", str(BENCH / "survey.R"), case, "2000", "1"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert 0 < float(done.stdout) < 60
