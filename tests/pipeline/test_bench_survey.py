"""The benchmark of weighting and estimation: one figure per case, and R asked for the same case."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from running import ROOT

from bench import survey
from bench.survey import CASES, R_SCRIPT, r_seconds


@pytest.mark.parametrize("case", CASES)
def test_a_case_is_timed_in_a_process_of_its_own(case: str) -> None:
    command = [sys.executable, "-m", "bench.survey", "case", case, "2000", "1"]
    figure = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)
    assert set(figure) == {"seconds", "peak_mb"}
    assert 0 < figure["seconds"] < 60
    assert 20 < figure["peak_mb"] < 2000


def test_memory_of_a_case_is_its_own_whatever_the_process_that_started_it_holds() -> None:
    held = b"x" * 500_000_000
    command = [sys.executable, "-c", "from bench.runs import peak_mb; print(peak_mb())"]
    assert 10 < int(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout) < 400
    assert len(held) == 500_000_000


@pytest.fixture
def rscript(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for R that writes down how it was called and answers with the seconds in the file `answer`."""
    program, answer = tmp_path / "Rscript", tmp_path / "answer"
    answer.write_text("1.23456")
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/called\ncat {answer}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def test_r_is_asked_for_the_same_case_rows_and_seed(rscript: Path) -> None:
    assert r_seconds("domains", 3000, 7) == 1.235
    assert (rscript / "called").read_text().split() == ["--vanilla", str(R_SCRIPT), "domains", "3000", "7"]


def test_without_an_answer_of_r_there_is_no_figure(rscript: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (rscript / "answer").write_text("")
    assert r_seconds("rake", 3000, 7) is None
    (rscript / "Rscript").write_text("#!/bin/sh\nexec sleep 5\n")
    monkeypatch.setattr(survey, "R_PATIENCE", 0.1)
    assert r_seconds("rake", 3000, 7) is None
    monkeypatch.setenv("PATH", str(rscript / "nowhere"))
    assert r_seconds("rake", 3000, 7) is None


@pytest.fixture(scope="module")
def r_survey() -> None:
    """R with its package survey; a test that needs it is skipped where it is absent."""
    if shutil.which("Rscript") is None:
        pytest.skip("R is not on this machine")
    if subprocess.run(["Rscript", "-e", "find.package('survey')"], capture_output=True, check=False).returncode:
        pytest.skip("R has no package survey on this machine")


@pytest.mark.usefixtures("r_survey")
@pytest.mark.parametrize("case", CASES)
def test_r_itself_answers_every_case(case: str) -> None:
    """The script runs: a case that R does not know, or a call that R survey refuses, gives no figure."""
    seconds = r_seconds(case, 1500, 1)
    assert seconds is not None
    assert 0 <= seconds < 60
