"""Where cells are made: Dask's scheduler and workers, on this machine or elsewhere; the only module that knows Dask.

A cell is one task. The scheduler gives it to a worker that is free, to another one where a worker dies, and again where
it fails; whatever ends is told at once. A scheduler that goes away takes what it knew with it: what has not ended is
asked for again, and cells that stand are found standing.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from concurrent.futures import Future as Promise
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from analysis.errors import SurveyReportError
from analysis.grid.build import Made, Task, build, digest_of, environment
from analysis.grid.exchange import Exchange, reachable

if TYPE_CHECKING:
    from distributed import Client, Future
    from tornado.ioloop import IOLoop

LOCAL = "local"
CONNECT_SECONDS = 10
WORKER_SECONDS = 60
"""How long a scheduler may be without a worker: they take a while to start."""
RECONNECTIONS = 10
"""Times that a scheduler may go away in one run."""
DEATHS = 10
"""Workers that may die over one cell before it counts as what kills them."""

Tell = Callable[[Task, "Made | None", str], None]
"""Called when a cell has ended: with what was made, or with why it failed."""


class EngineError(SurveyReportError):
    """The scheduler or its workers are not what they have to be."""


@dataclass(frozen=True)
class Engine:
    """A scheduler with its workers: `address` (of one that is elsewhere, or local).

    workers: of a local one (0: as many as cores). retries: how often a cell is tried again. work: what makes a cell.
    """

    address: str = LOCAL
    workers: int = 0
    retries: int = 2
    work: Callable[[Task], Made] = build

    @contextlib.contextmanager
    def connected(self) -> Iterator[Session]:
        """A session with the scheduler; a local one ends with it. Raises EngineError where none is to be had."""
        with _quiet():
            cluster = _local_cluster(self.workers) if self.address == LOCAL else None
            try:
                client = _client(self.address if cluster is None else cluster)
                try:
                    yield Session(self, client, cluster)
                finally:
                    with contextlib.suppress(Exception):
                        client.close(timeout=2)
            finally:
                if cluster is not None:
                    cluster.close(timeout=5)


@dataclass
class Session:
    """Tasks go in, what they made comes out."""

    engine: Engine
    client: Client
    cluster: Any

    @property
    def dashboard(self) -> str:
        """Address of the scheduler's own page on its workers and tasks."""
        return str(self.client.dashboard_link).replace("/status", "/info/main/workers.html")

    @property
    def slots(self) -> int:
        """Cells that can be made at a time."""
        return sum(self.client.nthreads().values()) or 1

    def check_workers(self) -> None:
        """Raise EngineError where there is no worker, or one with other versions of packages or of our code."""
        try:
            self.client.wait_for_workers(1, timeout=WORKER_SECONDS)
        except TimeoutError:
            raise EngineError("The scheduler has no workers.", where=self.engine.address, hint=_HINT) from None
        own, others = environment(), self._environments()
        for worker, theirs in others.items():
            if not isinstance(theirs, dict):
                raise EngineError(
                    "A worker can't load the project.",
                    where=worker,
                    expected="the project installed where the worker runs (`pip install -e .`)",
                    got=str(theirs)[:300],
                )
            differing = [name for name in own if theirs.get(name) != own[name]]
            if differing:
                raise EngineError(
                    "A worker has other versions than this machine.",
                    where=worker,
                    expected=", ".join(f"{name} {own[name]}" for name in differing),
                    got=", ".join(f"{name} {theirs.get(name, 'none')}" for name in differing),
                    hint="set all machines up from the same requirements.lock and the same commit",
                )

    def check_exchange(self, address: str) -> None:
        """Raise SurveyReportError where this machine, or a worker, can't use the place through which results travel."""
        Exchange(address).check()
        for worker, fault in self.client.run(reachable, address, on_error="return").items():
            if fault:
                raise EngineError(
                    "A worker can't reach the place through which results travel.", where=worker, got=str(fault)[:500]
                )

    def memory(self, stated: float | None) -> int:
        """Bytes that a process of a cell may take: as stated in GiB, else its share of this machine; 0: no limit."""
        if stated is not None:
            return int(stated * 2**30)
        if self.cluster is None or "SC_PHYS_PAGES" not in os.sysconf_names:
            return 0
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // self.slots

    def _environments(self) -> dict[str, Any]:
        return dict(self.client.run(environment, on_error="return"))

    def run(self, tasks: Sequence[Task], tell: Tell) -> None:
        """Make all cells; what fails is told and keeps nothing else from being made."""
        waiting, lost = {task.name: task for task in tasks}, 0
        while waiting:
            for task, made, fault in self._round(list(waiting.values())):
                del waiting[task.name]
                tell(task, made, fault)
            if waiting:
                lost += 1
                if lost > RECONNECTIONS or self.cluster is not None:
                    for task in waiting.values():
                        tell(task, None, "the scheduler went away, and did not come back")
                    return
                self._again()

    def _round(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Made | None, str]]:
        """What ends while the scheduler is there; the first of the tasks is begun first."""
        from distributed import as_completed

        futures: dict[Any, Task] = {}
        try:
            for place, task in enumerate(tasks):
                key = f"{task.name}-{digest_of({'task': task})[:12]}-{os.urandom(4).hex()}"
                future = self.client.submit(
                    self.engine.work, task, key=key, pure=False, retries=self.engine.retries, priority=-place
                )
                futures[future] = task
            for future in as_completed(list(futures), loop=self.client.loop):
                if future.status == "finished":
                    yield futures[future], future.result(), ""
                elif future.status == "error":
                    yield futures[future], None, _fault(future)
        except (OSError, TimeoutError, CancelledError):
            return

    def _again(self) -> None:
        """Connect to a scheduler that was started anew; raises EngineError where none comes."""
        with contextlib.suppress(Exception):
            self.client.close(timeout=1)
        until = time.monotonic() + 6 * CONNECT_SECONDS
        while True:
            try:
                self.client = _client(self.engine.address)
                self.client.wait_for_workers(1, timeout=WORKER_SECONDS)
                return
            except (EngineError, TimeoutError):
                if time.monotonic() > until:
                    raise


_HINT = "start one with workers: `make grid-workers`, or see params/grids/README.md for Kubernetes and SLURM"


def _fault(future: Future) -> str:
    """Why a cell failed, as the worker said it."""
    error = future.exception()
    if type(error).__name__ == "KilledWorker":
        return "the worker that made it died, again and again: its memory may be too small for this cell"
    return str(error)


@cache
def _loop() -> IOLoop:
    """The event loop of this process, in a thread of its own, however long that takes to begin.

    Dask gives a loop of its own ten seconds, and on a busy machine the thread may not have run by then.
    """
    from tornado.ioloop import IOLoop

    begun: Promise[IOLoop] = Promise()

    async def serve() -> None:
        begun.set_result(IOLoop.current())
        await asyncio.Event().wait()

    threading.Thread(target=lambda: asyncio.run(serve()), name="Dask", daemon=True).start()
    return begun.result()


def _client(where: Any) -> Client:
    from distributed import Client

    try:
        return Client(where, loop=_loop(), timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise EngineError(
            "The scheduler can't be reached.",
            where=f"ENGINE={where}",
            expected="the address of a scheduler that runs, such as tcp://127.0.0.1:8786, or local",
            got=type(error).__name__,
            hint=_HINT,
        ) from None


def _local_cluster(workers: int) -> Any:
    from distributed import LocalCluster

    return LocalCluster(
        loop=_loop(),
        n_workers=workers or os.cpu_count() or 1,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        silence_logs=50,
    )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Dask's settings of a run: patience with workers that die, and no words of its own where ours are said."""
    import logging

    import dask
    import distributed  # noqa: F401 - its defaults have to be there before they are set

    settings = {
        "distributed.scheduler.allowed-failures": DEATHS,
        "distributed.comm.timeouts.connect": CONNECT_SECONDS,
        "distributed.admin.tick.limit": "1h",
        "distributed.worker.daemon": False,
    }
    level = logging.getLogger("distributed").level
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with dask.config.set(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="distributed")
        yield
    logging.getLogger("distributed").setLevel(level)
