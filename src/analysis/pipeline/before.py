"""Have the index of the edition before made, by one run of make at a time: whoever comes second waits and finds it.

    python -m analysis.pipeline.before FILE MAKE ARGUMENTS…

Two editions with the same one before them, or one edition made into two folders, may be published at once: both need
FILE, and make refuses a folder in which another run works. This process becomes MAKE once nobody else does; what locks
the folder then ends with it, however it ends.
"""

from __future__ import annotations

import fcntl
import os
import sys
import time
from pathlib import Path

from analysis.pipeline.command import say
from analysis.pipeline.lock import another_run
from analysis.project import from_root, shown

LOCK = ".before.lock"
"""File beside the results of the edition before: locked while it is made for another one."""
PAUSE = 0.5
"""Seconds between two looks at whether the other run has ended."""


def main(wanted: Path, command: list[str]) -> None:
    """Become `command` unless `wanted` is there by then."""
    folder = wanted.parents[2]  # of results/<step>/<file>
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    waiting = f"waiting for another run of make that works in {shown(folder)}"
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say(waiting)
        fcntl.flock(lock, fcntl.LOCK_EX)
    if not wanted.is_file() and another_run(folder):
        say(waiting)
        while not wanted.is_file() and another_run(folder):
            time.sleep(PAUSE)
    if not wanted.is_file():
        os.set_inheritable(lock, True)
        os.execvp(command[0], command)


if __name__ == "__main__":
    main(from_root(sys.argv[1]), sys.argv[2:])
