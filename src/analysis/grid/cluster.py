"""A scheduler and some workers on this machine, as a cluster has them: to try `ENGINE=tcp://…`, and for tests.

What runs elsewhere is the same two commands of Dask's, `dask scheduler` and `dask worker`, in containers or jobs.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from analysis.project import ROOT

HOST = "127.0.0.1"


@dataclass
class LocalProcesses:
    """A scheduler at `port` (0: a free one) and `workers` worker processes, each with a nanny that starts it anew.

    environment: what all of them have besides.
    """

    workers: int = 2
    port: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where the scheduler listens."""
        return f"tcp://{HOST}:{self.port}"

    def start(self) -> LocalProcesses:
        """Start the scheduler, then its workers."""
        self.port = self.port or _free_port()
        self.start_scheduler()
        for _ in range(self.workers):
            self.start_worker()
        return self

    def start_scheduler(self) -> subprocess.Popen[bytes]:
        """A scheduler that listens to this machine alone; returns when it answers."""
        options = ["--host", HOST, "--port", str(self.port), "--dashboard-address", f"{HOST}:0"]
        process = self._run("distributed.cli.dask_scheduler", options)
        until = time.monotonic() + 30
        while time.monotonic() < until and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex((HOST, self.port)) == 0:
                    return process
            time.sleep(0.1)
        return process

    def start_worker(self, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """A worker of one thread, with more in its environment where that is asked for."""
        options = [
            self.address,
            "--nthreads",
            "1",
            "--nworkers",
            "1",
            "--host",
            HOST,
            "--dashboard-address",
            f"{HOST}:0",
        ]
        return self._run("distributed.cli.dask_worker", options, environment)

    def stop(self) -> None:
        """End all of them."""
        for process in reversed(self.running):
            process.send_signal(signal.SIGTERM)
        for process in self.running:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _run(
        self, module: str, options: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        own = os.environ | {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "10"} | dict(self.environment)
        own |= dict(environment or {})
        process = subprocess.Popen(
            [sys.executable, "-m", module, *options],
            cwd=ROOT,
            env=own,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.running.append(process)
        return process


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Run until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8786)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    processes = LocalProcesses(given.workers, given.port).start()
    print(f"make grid ENGINE={processes.address} GRID=…   (Ctrl-C ends the scheduler and its workers)", flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        processes.running[0].wait()
    except KeyboardInterrupt:
        pass
    finally:
        processes.stop()


if __name__ == "__main__":
    main()
