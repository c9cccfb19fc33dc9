"""Runs of make to be timed, on an edition of their own whose data and output stay apart from all others."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from analysis.edition import load_edition
from analysis.errors import SurveyReportError
from analysis.pipeline.command import say
from analysis.pipeline.prepare import raw_folder
from analysis.project import ROOT, shown

PR_SET_CHILD_SUBREAPER = 36
_OF_THIS_MAKE = frozenset({"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "RUN_PID"})


@contextmanager
def edition_apart(base: Path, path: Path, **changed: object) -> Iterator[None]:
    """The edition of `base` under the name of `path`, its simulated data not yet there; both gone afterwards."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_params(path, base, **changed)
    raw = raw_folder(load_edition(path))
    shutil.rmtree(raw, ignore_errors=True)
    try:
        yield
    finally:
        shutil.rmtree(raw, ignore_errors=True)
        path.unlink()


def write_params(path: Path, base: Path, **changed: object) -> None:
    """Write params that extend `base` by what `changed` says of its sections."""
    path.write_text(yaml.safe_dump({"extends": str(base), **changed}, allow_unicode=True), encoding="utf-8")


def timed_make(goal: str, params: Path, target: Path) -> float:
    """Seconds of `make <goal>` with its output in `target`; what it leaves behind has ended when this returns."""
    command = ["make", "--no-print-directory", goal, f"PARAMS={params}", f"OUT={target}"]
    started = time.monotonic()
    finished = subprocess.run(command, cwd=ROOT, env=own_run(), check=False, capture_output=True, text=True)
    seconds = time.monotonic() - started
    _await_orphans()
    if finished.returncode:
        raise SurveyReportError("The benchmarked run failed.", where=" ".join(command), got=finished.stderr[-2000:])
    return seconds


def own_run() -> dict[str, str]:
    """The environment without what the make that runs the bench told its own: neither its jobs nor its run."""
    return {key: value for key, value in os.environ.items() if key not in _OF_THIS_MAKE}


def measured_apart(module: str, *arguments: object) -> dict[str, Any]:
    """The figures that `module`, called with "case" and `arguments` in a process of its own, prints as JSON."""
    command = [sys.executable, "-m", module, "case", *map(str, arguments)]
    finished = subprocess.run(command, check=False, capture_output=True, text=True)
    if finished.returncode:
        raise SurveyReportError("A benchmark case failed.", where=" ".join(command[3:]), got=finished.stderr[-2000:])
    return dict(json.loads(finished.stdout))


def peak_mb() -> int:
    """Most memory that this process has held since its program began, in MiB.

    getrusage also counts what the process that started it held at that moment, so Linux is asked for its own figure.
    """
    status = Path("/proc/self/status")
    own = status.read_text(encoding="ascii").partition("VmHWM:")[2].split() if status.exists() else []
    kibibytes = int(own[0]) if own else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(kibibytes / 1024)


def write_figures(target: Path, figures: Sequence[Mapping[str, Any]]) -> None:
    """Write one line for each case to `target`, and show them."""
    target.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n ".join(json.dumps(figure) for figure in figures)
    target.write_text(f"[{lines}]\n", encoding="utf-8")
    say(f"{target.read_text(encoding='utf-8')}→ {shown(target)}")


def adopt_orphans() -> None:
    """Become the parent of what outlives make (its warm process), so that its memory counts too; on Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def _await_orphans() -> None:
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return
