"""The edition before: which make has to have, when it is made, and that one which is there stays as it is."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest
from running import ROOT, edition_arguments, make

from analysis.errors import EditionError
from analysis.pipeline.command import Call
from analysis.pipeline.deps import main, notebook_reads
from analysis.pipeline.lock import claim
from analysis.results import Store

TARGET = "notebooks/17_moved.ipynb"


def _params(folder: Path, text: str) -> Path:
    path = folder / "mine.yml"
    path.write_text(f"extends: {ROOT / 'tests/editions/small.yml'}\n{text}", encoding="utf-8")
    return path


def _rules(folder: Path, params: Path) -> str:
    main(Call(params=params, output=folder / "mine", options=argparse.Namespace()))
    return (folder / "mine" / "deps.mk").read_text(encoding="utf-8")


def test_the_edition_before_is_named_for_make_where_the_params_name_one(tmp_path: Path) -> None:
    found = _rules(tmp_path, _params(tmp_path, "publication: {predecessor: older}\n"))
    assert f"PREDECESSOR := {tmp_path / 'older.yml'}" in found
    assert f"BEFORE := {tmp_path / 'older'}\n" in found
    assert "PREDECESSOR" not in _rules(tmp_path, _params(tmp_path, ""))


def test_the_step_reads_the_name_and_nothing_else_of_the_publication() -> None:
    sections = notebook_reads(ROOT / "notebooks" / "17_moved.ipynb").sections
    assert "publication.predecessor" in sections
    assert "publication" not in sections


@pytest.mark.build
def test_make_has_the_index_before_made_only_where_it_is_not_there(tmp_path: Path) -> None:
    params, output = _params(tmp_path, "publication: {predecessor: older}\n"), tmp_path / "mine"
    (tmp_path / "older.yml").write_text(f"extends: {ROOT / 'tests/editions/small.yml'}\n", encoding="utf-8")
    planned = make("-n", str(output / TARGET), *edition_arguments(params, output)).stdout
    assert f"OUT={tmp_path / 'older'}" in planned
    assert planned.count("05_satisfaction") > 1
    assert str(tmp_path / "older/notebooks/08_drivers.ipynb") not in planned
    there = tmp_path / "older/results/05_satisfaction/scores.parquet"
    there.parent.mkdir(parents=True, exist_ok=True)
    there.touch()
    planned = make("-n", str(output / TARGET), *edition_arguments(params, output)).stdout
    assert f"OUT={tmp_path / 'older'}" not in planned


def test_results_of_another_edition_are_there_or_it_is_said_why_not(tmp_path: Path) -> None:
    store = Store(tmp_path / "2025")
    assert store.beside(None).reason == "no edition before this one is named"
    assert store.beside("2024").reason == "no results of the edition 2024"
    other = Store(tmp_path / "2024")
    (other.root / "results/05_satisfaction").mkdir(parents=True)
    (other.root / "results/05_satisfaction/scores.parquet").touch()
    assert not store.beside("2024")
    (other.root / "edition.json").write_text("{}", encoding="utf-8")
    found = store.beside("2024")
    assert found.value is not None
    assert found.value.root == other.root
    with pytest.raises(EditionError, match="snapshot"):
        found.value.edition()


HOLD = "import pathlib, sys, time; time.sleep(0.5); open(sys.argv[2], 'a').write('x');pathlib.Path(sys.argv[1]).touch()"
"""In place of make: what is wanted is there after a while, and a mark for each that made it."""


def _wanted(folder: Path) -> Path:
    path = folder / "results" / "05_satisfaction" / "scores.parquet"
    path.parent.mkdir(parents=True)
    return path


def _waits_for(wanted: Path, marks: Path, run: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "analysis.pipeline.before", str(wanted), sys.executable, "-c", HOLD]
    return subprocess.Popen([*command, str(wanted), str(marks)], env=os.environ | {"RUN_PID": str(run)})


def test_of_several_runs_that_need_the_index_before_one_makes_it(tmp_path: Path) -> None:
    wanted, marks = _wanted(tmp_path / "2024"), tmp_path / "marks"
    runs = [_waits_for(wanted, marks, number) for number in range(1, 5)]
    assert [run.wait(60) for run in runs] == [0] * 4
    assert marks.read_text(encoding="utf-8") == "x"


def test_who_needs_the_index_before_waits_for_the_run_that_publishes_that_edition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, marks = _wanted(tmp_path / "2024"), tmp_path / "marks"
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as other:
        monkeypatch.setenv("RUN_PID", str(other.pid))
        claim(tmp_path / "2024")
        waiting = _waits_for(wanted, marks, os.getpid())
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(3)
        other.kill()
    assert waiting.wait(60) == 0
    assert marks.exists(), "the other run was killed: this one makes it"
