"""Time the whole report in a folder of its own: from nothing, with nothing to do, and after one small change.

The edition is timed under a name of its own, so that its simulated data and its output stay as they are.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from analysis.edition import load_edition
from analysis.errors import SurveyReportError
from analysis.pipeline.command import Call, run, say
from analysis.pipeline.prepare import raw_folder
from analysis.project import ROOT, shown

PR_SET_CHILD_SUBREAPER = 36
TITLE = {"zh": "客户满意度", "en": "How satisfied customers are"}


def main(call: Call) -> None:
    """Write seconds as {"cold_s", "noop_s", "horizon_s", "word_s", "steps", "peak_mb"} to <output>/report.json.

    `word_s` is another title in both languages, `horizon_s` a forecast of one wave more, `steps` the notebooks and
    books of the cold run, `peak_mb` the largest process of it in MiB.
    """
    _adopt_orphans()
    target, params = call.output / "edition", call.output / "bench.yml"
    shutil.rmtree(target, ignore_errors=True)
    with _edition(call.params, params):
        cold = _timed_report(params, target)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
        noop = _timed_report(params, target)
        _write_params(params, call.params, publication={"title": TITLE})
        word = _timed_report(params, target)
        _write_params(params, call.params, trend={"horizon": load_edition(call.params).trend.horizon + 1})
        horizon = _timed_report(params, target)
    books = {f"book_{lang}": record["seconds"] for lang, record in manifest["renderer"].items()}
    seconds = {"cold_s": round(cold, 1), "noop_s": round(noop, 2), "horizon_s": round(horizon, 1)}
    figures = seconds | {"word_s": round(word, 1), "steps": manifest["steps"] | books, "peak_mb": round(peak)}
    report = call.output / "report.json"
    report.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    say(f"{report.read_text(encoding='utf-8')}→ {shown(report)}")


@contextmanager
def _edition(base: Path, path: Path) -> Iterator[None]:
    """The edition of `base` under the name of `path`, its simulated data not yet there; both gone afterwards."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_params(path, base)
    raw = raw_folder(load_edition(path))
    shutil.rmtree(raw, ignore_errors=True)
    try:
        yield
    finally:
        shutil.rmtree(raw, ignore_errors=True)
        path.unlink()


def _write_params(path: Path, base: Path, **changed: object) -> None:
    path.write_text(yaml.safe_dump({"extends": str(base), **changed}, allow_unicode=True), encoding="utf-8")


def _timed_report(params: Path, target: Path) -> float:
    """Seconds of `make report` with its output in `target`; what it leaves behind has ended when this returns."""
    environment = {key: value for key, value in os.environ.items() if key not in {"MAKEFLAGS", "MFLAGS", "MAKELEVEL"}}
    command = ["make", "--no-print-directory", "report", f"PARAMS={params}", f"OUT={target}"]
    started = time.monotonic()
    finished = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    seconds = time.monotonic() - started
    _await_orphans()
    if finished.returncode:
        raise SurveyReportError("The benchmarked run failed.", where=" ".join(command), got=finished.stderr[-2000:])
    return seconds


def _adopt_orphans() -> None:
    """Become the parent of what outlives make (its warm process), so that its memory counts too; on Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def _await_orphans() -> None:
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


if __name__ == "__main__":
    run(main, description=__doc__ or "")
