"""One run of make at a time in one folder: who works there is noted, and whoever comes second is refused.

The note names the process of make, when it was started and since when the machine runs: where no such process runs any
more, the note means nothing, so that a run that was killed never stands in the way of the next one.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from analysis.errors import SurveyReportError
from analysis.project import shown

NOTE = ".run"
"""File in the output folder that names the run of make which works there."""


class BusyError(SurveyReportError):
    """Another run of make works in the same folder."""


def claim(output: Path) -> None:
    """Note that this run of make (RUN_PID) works in `output`; raises BusyError while another one does."""
    run = os.environ.get("RUN_PID", "")
    if not run.isdigit():
        return
    output.mkdir(parents=True, exist_ok=True)
    with exclusive(output / NOTE) as note:
        other = note.read_text(encoding="utf-8").strip()
        mine = _running(run)
        if other and other != mine and other == _running(other.split()[0]):
            raise BusyError(
                "Another run of make is at work in this output folder.",
                where=shown(output),
                expected="one run at a time",
                got=f"process {other.split()[0]}",
                hint="wait until it has ended, or give this run a folder of its own: make report OUT=output/other",
            )
        note.write_text(f"{mine}\n", encoding="utf-8")


def another_run(output: Path) -> bool:
    """Whether a run of make that is not this one works in `output`."""
    try:
        noted = (output / NOTE).read_text(encoding="utf-8").strip()
    except OSError:
        return False
    return bool(noted) and noted.split()[0] != os.environ.get("RUN_PID") and noted == _running(noted.split()[0])


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[Path]:
    """Keep all other processes that ask for the same file waiting; the file is made where there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield path


def _running(process: str) -> str:
    """A process as the note names it; "" where none of that number runs."""
    proc = Path("/proc")
    try:
        if (proc / "self").exists():
            started = (proc / process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
            machine = (proc / "sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
            return f"{process} {started} {machine}"
        os.kill(int(process), 0)
    except (OSError, ValueError, IndexError):
        return ""
    return process
