"""A whole small grid by two real workers, one of which is killed in the middle: the bytes of one cell made alone."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import yaml

from analysis.grid.run import Asked, publish_grid
from bench.grid import write_survey

ROOT = Path(__file__).resolve().parents[2]
NAME = f"built-{os.getpid()}"
FOLDER = ROOT / "output" / "grids" / NAME
MADE = ("report", "book", "results", "tables", "figures", "quarantine", "notebooks", "params")
"""What of an edition's folder must not depend on where and by whom it was made."""
PLACE = re.compile(rb"output_dir = \\\"[^\"]*\\\"|\"(?:seconds|digests)\": [^\n]*|output/grids/[^\s\"]*")
"""What a notebook was told of where it writes and reads, and how long a book took."""
LEFT = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "RUN_PID")
"""What a make above the tests leaves in their environment."""
pytestmark = pytest.mark.build


@pytest.fixture
def grid(tmp_path: Path) -> Iterator[Path]:
    """Two units of 300 interviews."""
    units = write_survey(tmp_path, 2)
    content = yaml.safe_load(units.read_text(encoding="utf-8")) | {"patience": 30}
    path = tmp_path / f"{NAME}.yml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    yield path
    shutil.rmtree(FOLDER, ignore_errors=True)


def worker_of(cell: str) -> int | None:
    """The worker that has make build a cell, once the cell's index stands; None before."""
    if not (FOLDER / "work" / cell / "notebooks" / "05_satisfaction.ipynb").is_file():
        return None
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if f"OUT=output/grids/{NAME}/work/{cell}" in process.cmdline() and process.name() == "make":
                return process.ppid()
    return None


def content(folder: Path) -> dict[str, str]:
    """Digest of every file that was made, by its place in the folder."""
    files = [path for name in MADE for path in sorted((folder / name).rglob("*")) if path.is_file()]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(PLACE.sub(b"", path.read_bytes())).hexdigest()
        for path in files
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


def test_a_worker_killed_in_the_middle_of_a_cell_leaves_the_bytes_of_the_cell_made_alone(grid: Path) -> None:
    killed: list[int] = []
    ended = threading.Event()

    def kill() -> None:
        while not ended.is_set():
            if worker := worker_of("u000"):
                os.kill(worker, signal.SIGKILL)
                killed.append(worker)
                return
            time.sleep(0.1)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        assert publish_grid(Asked(grid, workers=2)) == 0
    finally:
        ended.set()
        killer.join()
    assert killed
    out = FOLDER / "report" / "cells"
    assert sorted(path.name for path in out.iterdir()) == ["bench", "u000", "u001"]
    made = content(FOLDER / "u000")

    alone = FOLDER / "alone" / "u000"
    options = [f"PARAMS={FOLDER / 'params' / 'u000.yml'}", f"OUT={alone.relative_to(ROOT)}", "LANGS=en"]
    own = {key: value for key, value in os.environ.items() if key not in LEFT}
    done = subprocess.run(["make", "report", *options], cwd=ROOT, env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = content(alone)
    assert sorted(found) == sorted(made)
    assert [name for name in made if found[name] != made[name]] == []
    report = {path.relative_to(alone): path.read_bytes() for path in (alone / "report").rglob("*") if path.is_file()}
    assert len(report) > 100
    assert {name: (FOLDER / "u000" / name).read_bytes() for name in report} == report
    published = out / "u000" / "en" / "index.html"
    assert published.read_bytes() == (alone / "report" / "en" / "index.html").read_bytes()
