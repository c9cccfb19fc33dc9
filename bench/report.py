"""Time the whole report: a cold run into a folder of its own, a run with nothing to do, and small changes.

The horizon is changed in a params file of the benchmark's own. Words are changed in the project's files, which get
their content and their time back, also when the benchmark is interrupted.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analysis.edition import load_edition
from analysis.errors import SurveyReportError
from analysis.pipeline.command import Call, run, say
from analysis.pipeline.prepare import raw_folder
from analysis.project import ROOT, shown

SENTENCE = (ROOT / "report/en/chapters/03-measures.qmd", r"(?m)^([A-Z].*)$", r"\1 Timed.")
WORD = (ROOT / "src/analysis/publish/parts/trend/words.yml", r"en: ([A-Z][a-z]+)\}", r"en: \1s}")
"""File, pattern and replacement of the two changes."""
OF_THE_RUN = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "RUN_PID"}
"""What a make hands to the makes below it; the timed ones start afresh."""


def main(call: Call) -> None:
    """Write seconds ("cold_s", "noop_s", "horizon_s", "sentence_s", "word_s", "steps") and "peak_mb" to report.json."""
    params, target = call.output / call.params.name, call.output / "edition"
    shutil.rmtree(target, ignore_errors=True)
    call.output.mkdir(parents=True, exist_ok=True)
    params.write_text(f"extends: {call.params}\n", encoding="utf-8")
    edition = load_edition(params)
    if edition.simulated:
        shutil.rmtree(raw_folder(edition), ignore_errors=True)
    figures: dict[str, object] = {"cold_s": _timed_report(params, target)}
    figures["peak_mb"] = round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
    figures["noop_s"] = _timed_report(params, target)
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    books = {f"book_{lang}": record["seconds"] for lang, record in manifest["renderer"].items()}
    if edition.trend is not None:
        params.write_text(f"extends: {call.params}\ntrend:\n  horizon: {edition.trend.horizon + 1}\n", encoding="utf-8")
        figures["horizon_s"] = _timed_report(params, target)
    with changed(*SENTENCE):
        figures["sentence_s"] = _timed_report(params, target)
    with changed(*WORD):
        figures["word_s"] = _timed_report(params, target)
    report = call.output / "report.json"
    report.write_text(json.dumps(figures | {"steps": manifest["steps"] | books}, indent=1) + "\n", encoding="utf-8")
    say(f"{report.read_text(encoding='utf-8')}→ {shown(report)}")


@contextmanager
def changed(path: Path, pattern: str, replacement: str) -> Iterator[None]:
    """Have the first match of `pattern` in the file replaced, and the file as it was afterwards."""
    content, times = path.read_bytes(), path.stat()
    text, count = re.subn(pattern, replacement, content.decode(), count=1)
    if not count:
        raise SurveyReportError("There is nothing to change for the benchmark.", where=shown(path), expected=pattern)
    ended = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        path.write_text(text, encoding="utf-8")
        yield
    finally:
        path.write_bytes(content)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        signal.signal(signal.SIGTERM, ended)


def _timed_report(params: Path, target: Path) -> float:
    """Seconds of `make report` with its output in `target`."""
    environment = {key: value for key, value in os.environ.items() if key not in OF_THE_RUN}
    command = ["make", "--no-print-directory", "report", f"PARAMS={shown(params)}", f"OUT={shown(target)}"]
    started = time.monotonic()
    finished = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    if finished.returncode:
        raise SurveyReportError("The benchmarked run failed.", where=" ".join(command), got=finished.stderr[-2000:])
    return round(time.monotonic() - started, 2)


if __name__ == "__main__":
    run(main, description=__doc__ or "")
