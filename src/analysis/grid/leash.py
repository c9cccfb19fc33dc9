"""Run a command that ends with the process that asked for it: python leash.py PID BYTES COMMAND …

A worker that is killed can clean up nothing. Linux ends this process with its parent; elsewhere the command goes on to
its end. BYTES is what it, and each process that it starts, may take of memory (0: as much as there is), so that a cell
that needs too much fails by itself instead of taking its neighbours along. Standard library only, and replaced by the
command at once.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, memory: int, command: list[str]) -> None:
    """Become `command`, unless `parent` has gone already."""
    most = resource.getrlimit(resource.RLIMIT_DATA)[1]
    if memory and (most == resource.RLIM_INFINITY or memory < most):
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit(1)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
