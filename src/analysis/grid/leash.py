"""Run a command that ends with the process that asked for it: python leash.py PID COMMAND …

A worker that is killed can clean up nothing. Linux ends this process with its parent; elsewhere the command goes on to
its end. Standard library only, and replaced by the command at once.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, command: list[str]) -> None:
    """Become `command`, unless `parent` has gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit(1)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
