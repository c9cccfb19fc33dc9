"""Time all notebooks with many simulated responses: the same edition, small and large, and what a row costs in each.

Only the responses grow; the tables of the service stay as they are. The data are simulated before the clock starts.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys

from analysis.pipeline.command import Call, run, say
from analysis.project import ROOT, shown
from bench.runs import adopt_orphans, edition_apart, own_run, timed_make

SIZES = (60_000, 1_000_000)


def main(call: Call) -> None:
    """Write {size: {"seconds", "cpu_seconds", "microseconds_a_row", "steps", "peak_mb"}} to <output>/scale.json.

    `peak_mb` is the largest process of all runs so far in MiB.
    """
    adopt_orphans()
    figures = {size: _timed(call, size) for size in SIZES}
    report = call.output / "scale.json"
    report.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    say(f"{report.read_text(encoding='utf-8')}→ {shown(report)}")


def _timed(call: Call, size: int) -> dict[str, object]:
    target, params = call.output / f"scale_{size}", call.output / f"scale_{size}.yml"
    shutil.rmtree(target, ignore_errors=True)
    with edition_apart(call.params, params, simulation={"responses": size}):
        options = ["--params", str(params), "--output", str(target), "--renderer", "auto", "--dry", "no"]
        options += ["--langs", "zh en", "--formats", "html pdf"]
        prepare = [sys.executable, "-m", "analysis.pipeline.prepare", *options]
        subprocess.run(prepare, cwd=ROOT, env=own_run(), check=True)
        before = _cpu_seconds()
        seconds = timed_make("notebooks", params, target)
        used = _cpu_seconds() - before
    made = sorted((target / "made").glob("[0-9]*.json"))
    steps = {path.stem: json.loads(path.read_text(encoding="utf-8"))["seconds"] for path in made}
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    shutil.rmtree(target)
    return {
        "seconds": round(seconds, 1),
        "cpu_seconds": round(used, 1),
        "microseconds_a_row": round(seconds / size * 1e6),
        "steps": steps,
        "peak_mb": round(peak),
    }


def _cpu_seconds() -> float:
    """What the processes that have ended took of the processors, on a machine with other work too."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    run(main, description=__doc__ or "")
