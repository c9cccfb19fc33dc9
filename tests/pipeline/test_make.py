"""What make promises: only what changed runs again, a killed run is completed, two builds are the same bytes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from running import ROOT, edition_arguments, hashes, make

pytestmark = pytest.mark.slow


def test_nothing_runs_when_nothing_changed(built: Path, params: Path) -> None:
    started = time.monotonic()
    done = make("report", *edition_arguments(params, built))
    assert time.monotonic() - started < 3
    assert "[" not in done.stdout


def test_a_changed_horizon_runs_the_trend_and_the_rendering_only(built: Path, params: Path) -> None:
    before = params.read_text(encoding="utf-8")
    params.write_text(f"{before}trend:\n  horizon: 6\n", encoding="utf-8")
    try:
        done = make("report", *edition_arguments(params, built))
        ran = {line.split()[2] for line in done.stdout.splitlines() if line.startswith("[") and "…" in line}
        assert {name for name in ran if name[0].isdigit()} == {"09_trend"}
        assert "book zh" in done.stdout
        assert "book en" in done.stdout
    finally:
        params.write_text(before, encoding="utf-8")
        make("report", *edition_arguments(params, built))


def test_a_run_killed_half_way_is_completed_with_the_same_results(built: Path, params: Path, tmp_path: Path) -> None:
    output = tmp_path / "killed"
    command = ["make", "report", *edition_arguments(params, output)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as run:
        deadline = time.monotonic() + 120
        while not (output / "notebooks" / "03_cleaning.ipynb").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        os.killpg(run.pid, signal.SIGKILL)
    assert (output / "notebooks" / "03_cleaning.ipynb").exists()
    assert not (output / "manifest.json").exists()
    make("report", *edition_arguments(params, output))
    assert hashes(output) == hashes(built)


def test_two_builds_are_the_same_byte_for_byte(built: Path, params: Path, tmp_path: Path) -> None:
    shutil.rmtree(ROOT / "data" / "raw" / params.stem)
    make("report", "-j2", *edition_arguments(params, tmp_path / "again"))
    again, first = hashes(tmp_path / "again"), hashes(built)
    assert again == first
    assert sum(name.endswith(".svg") for name in first) > 10
    assert "tables/tables.xlsx" in first


def test_a_failing_run_keeps_the_earlier_report_and_names_the_fault(built: Path, params: Path) -> None:
    report = built / "report" / "zh" / "index.html"
    before, text = report.read_bytes(), params.read_text(encoding="utf-8")
    params.write_text(f"{text}trend:\n  horizn: 6\n", encoding="utf-8")
    try:
        done = make("report", *edition_arguments(params, built), check=False)
        assert done.returncode != 0
        assert "did you mean 'horizon'" in done.stderr
        assert "Traceback" not in done.stderr
        assert report.read_bytes() == before
    finally:
        params.write_text(text, encoding="utf-8")


def test_a_failing_notebook_leaves_its_partial_copy_and_is_not_taken_for_done(built: Path, params: Path) -> None:
    """A rule that excludes everybody stops the cleaning; the earlier report stays, and make tries again."""
    report = built / "report" / "zh" / "index.html"
    failed = built / "notebooks" / "03_cleaning.failed.ipynb"
    before, text = report.read_bytes(), params.read_text(encoding="utf-8")
    params.write_text(f"{text}cleaning:\n  max_longstring_share: 0.001\n", encoding="utf-8")
    try:
        for _ in range(2):
            done = make("report", *edition_arguments(params, built), check=False)
            assert done.returncode != 0
            assert "03_cleaning stopped" in done.stderr
            assert "leave no interview" in done.stderr
            assert "Traceback" not in done.stderr
            assert failed.exists()
            assert report.read_bytes() == before
    finally:
        params.write_text(text, encoding="utf-8")
        make("report", *edition_arguments(params, built))
    assert not failed.exists()


def test_check_reports_all_problems_and_writes_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text(
        f"extends: {ROOT / 'params/2025.yml'}\nsampling:\n  margin: 0\ntrend:\n  horizon: 0\n", encoding="utf-8"
    )
    done = make("check", *edition_arguments(broken, tmp_path / "out"), check=False)
    assert done.returncode != 0
    assert "2 problem(s) found" in done.stderr
    assert not (tmp_path / "out").exists()


def test_help_names_every_command() -> None:
    listed = make("help").stdout
    for command in ("report", "test", "lint", "check", "notebooks", "preview", "bench", "clean", "lab"):
        assert f"make {command}" in listed
