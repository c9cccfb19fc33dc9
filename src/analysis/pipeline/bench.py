"""Time the whole report: one cold run into a folder of its own, then one run with nothing to do."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import time

from analysis.edition import load_edition
from analysis.errors import SurveyReportError
from analysis.pipeline.command import Call, run, say
from analysis.pipeline.prepare import raw_folder
from analysis.project import ROOT, shown


def main(call: Call) -> None:
    """Write {"cold_s", "noop_s", "steps", "peak_mb"} to <output>/report.json."""
    target = call.output / "edition"
    shutil.rmtree(target, ignore_errors=True)
    edition = load_edition(call.params)
    if edition.simulated:
        shutil.rmtree(raw_folder(edition), ignore_errors=True)
    cold = _timed_report(call, str(target))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    noop = _timed_report(call, str(target))
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    steps = manifest["steps"] | {f"book_{lang}": record["seconds"] for lang, record in manifest["renderer"].items()}
    figures = {"cold_s": round(cold, 1), "noop_s": round(noop, 2), "steps": steps, "peak_mb": round(peak)}
    report = call.output / "report.json"
    report.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    say(f"{report.read_text(encoding='utf-8')}→ {shown(report)}")


def _timed_report(call: Call, target: str) -> float:
    """Seconds of `make report` with its output in `target`."""
    environment = {key: value for key, value in os.environ.items() if key not in {"MAKEFLAGS", "MFLAGS", "MAKELEVEL"}}
    command = ["make", "--no-print-directory", "report", f"PARAMS={shown(call.params)}", f"OUT={target}"]
    started = time.monotonic()
    finished = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    if finished.returncode:
        raise SurveyReportError("The benchmarked run failed.", where=" ".join(command), got=finished.stderr[-2000:])
    return time.monotonic() - started


if __name__ == "__main__":
    run(main, description=__doc__ or "")
