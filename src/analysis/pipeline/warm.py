"""The warm process of one run of make: it imports the heavy libraries once and forks whatever is to be run.

`python -m analysis.pipeline.warm PID SOCKET` is started by warm_client.py. It listens at once, imports what most stages
need before it answers, and what notebooks need while nobody asks or a notebook runs: other children have the cores to
themselves, and after the first stage of the publication no notebook follows. A request is a length, JSON and the three
standard streams; the answers are a process id and, in the end, the exit code. A child leads a process group, which is
killed when the child ends, when its client goes away, and when PID (make) ends; then the server ends too.

Nothing is imported here that starts a thread: a process with threads can't be forked safely, and then every client is
sent away to run its module by itself. What most modules need of the project is imported too; a child forgets it where
a file was changed since.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from analysis import errors
from analysis.errors import SurveyReportError
from analysis.pipeline.warm_client import LENGTH

COMMON = (
    "numpy",
    "pandas",
    "pyarrow.parquet",
    "pyarrow.dataset",
    "pydantic",
    "yaml",
    "babel.dates",
    "lxml.html",
    "jinja2",
    "analysis.edition",
    "analysis.results",
    "analysis.data.intake",
    "analysis.pipeline.receipts",
    "analysis.publish.parts:all_parts",
    "analysis.publish.parts.edition.made",
    "analysis.publish.release",
    "analysis.publish.notebooks",
    "analysis.publish.book.content",
    "analysis.publish.book.stage",
    "analysis.publish.book.render",
    "analysis.publish.disclosure.published",
    "analysis.publish.words.labels:catalogue",
)
"""What most stages need, modules and functions to be called once: it is there before the first of them is forked."""
OF_NOTEBOOKS = (
    "scipy.optimize",
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "scipy.stats",
    "matplotlib.figure",
    "matplotlib.backends.backend_svg",
    "seaborn",
    "statsmodels.tsa.arima.model",
    "papermill",
    "semopy",
    "nbformat.validator:get_validator",
    "tornado.platform.asyncio",
    "ipykernel.debugger",
    "IPython.core.oinspect",
    "IPython.core.completerlib",
    "IPython.extensions.storemagic",
    "pandas.io.formats.html",
    "pandas.core.arrays.arrow.extension_types",
    "analysis.publish.preview",
    "analysis.sem.structural",
    "analysis.satisfaction.comparisons",
)
"""In the order of need."""
UNUSED = ("rfc3987_syntax", "debugpy")
"""Grammars of addresses, compiled for a second when papermill loads what checks notebooks, which asks for none; and a
debugger, loaded by every kernel."""
NOTEBOOKS = "analysis.pipeline.execute"
AFTER_NOTEBOOKS = "analysis.pipeline.release"
GARBAGE = (20_000, 20, 50)
"""Thresholds of the collector of garbage: by Python's own it takes every tenth second of a stage, and finds nothing."""
PATIENCE = 5.0
"""Seconds a client may take to say what it wants."""
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Request:
    """A module to run as __main__, with the arguments, folder and environment of the client."""

    module: str
    arguments: list[str]
    folder: str
    environment: dict[str, str]


@dataclass(frozen=True)
class Child:
    """A forked process, the descriptor that tells of its end, the client that waits for it, and what it runs."""

    pid: int
    end: int
    client: socket.socket
    module: str


class Server:
    """Listens at `path` until the process `run` ends."""

    def __init__(self, run: int, path: Path) -> None:
        self._path, self._pid, self._started = path, os.getpid(), time.time()
        self._libc = ctypes.CDLL(None)
        self._run = os.pidfd_open(run)
        self._children: dict[int, Child] = {}
        self._ours: set[str] = set()
        self._forkable = True
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen(128)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._run, selectors.EVENT_READ)
        self._selector.register(self._listener, selectors.EVENT_READ)

    def serve(self) -> Request | None:
        """Return in every child with what it has to run, and in the server with None when the run is over."""
        for library in UNUSED:
            sys.modules[library] = None  # type: ignore[assignment]  # its import fails, as where it is not installed
        for library in COMMON:
            self._load(library)
        libraries = list(OF_NOTEBOOKS)
        while True:
            running = {child.module for child in self._children.values()}
            if AFTER_NOTEBOOKS in running:
                libraries.clear()
            load = bool(libraries) and (not running or NOTEBOOKS in running)
            ready = [key for key, _ in self._selector.select(0 if load else None)]
            if not ready and load:
                self._load(libraries.pop(0))
            for key in ready:
                if key.fileobj == self._run:
                    self._close()
                    return None
                if key.fileobj == self._listener:
                    request = self._accept()
                    if request:
                        return request
                elif key.data.pid in self._children:
                    self._attend(key.data, ended=key.fileobj == key.data.end)

    def _load(self, library: str) -> None:
        """Import a library; what is missing or at fault is the business of the module that needs it."""
        module, _, function = library.partition(":")
        with contextlib.suppress(ImportError, SurveyReportError):
            found = importlib.import_module(module)
            if function:
                getattr(found, function)()
        self._ours = {module.__file__ for module in _project().values() if module.__file__}
        threads = len(list(Path("/proc/self/task").iterdir()))
        if threads > 1 and self._forkable:
            self._forkable = False
            print(f"{library} starts threads: no process can be forked from here", file=sys.stderr, flush=True)
        gc.freeze()

    def _accept(self) -> Request | None:
        """Fork for one client; a Request in the child, None in the server.

        What needs many objects is asked before: a child would copy every page of memory that it counts a reference on.
        """
        client, _ = self._listener.accept()
        client.settimeout(PATIENCE)
        try:
            request, streams = _receive(client)
        except (OSError, ValueError, TypeError):
            client.close()
            return None
        if not self._forkable:
            client.close()
        else:
            changed = self._changed()
            importlib.invalidate_caches()
            pid = os.fork()
            if pid == 0:
                self._leave(client)
                if changed:
                    for name in _project():
                        del sys.modules[name]
                _take_over(request, streams)
                return request
            with contextlib.suppress(OSError):
                os.setpgid(pid, pid)
            self._watch(Child(pid, os.pidfd_open(pid), client, request.module))
        for stream in streams:
            os.close(stream)
        return None

    def _changed(self) -> bool:
        """Whether a file of the project is younger than the server, or gone: then a child imports it anew."""
        files = dict(_saved(str(Path(errors.__file__).parent)))
        return bool(self._ours - files.keys()) or any(saved >= self._started for saved in files.values())

    def _watch(self, child: Child) -> None:
        self._children[child.pid] = child
        self._selector.register(child.end, selectors.EVENT_READ, child)
        self._selector.register(child.client, selectors.EVENT_READ, child)
        with contextlib.suppress(OSError):
            child.client.sendall(child.pid.to_bytes(LENGTH, "big"))

    def _attend(self, child: Child, *, ended: bool) -> None:
        """Pass on what the client signals, or the child's exit code to the client."""
        if not ended:
            try:
                signals = child.client.recv(16)
            except OSError:
                signals = b""
            for number in signals or bytes([signal.SIGKILL]):
                _signal_group(child.pid, number)
            if signals:
                return
        code = self._bury(child)
        with contextlib.suppress(OSError):
            child.client.sendall(code.to_bytes(LENGTH, "big", signed=True))
        child.client.close()

    def _bury(self, child: Child) -> int:
        """Exit code of a child that has ended or was killed, when nothing of its group is left."""
        self._selector.unregister(child.end)
        self._selector.unregister(child.client)
        os.waitid(os.P_PIDFD, child.end, os.WEXITED | os.WNOWAIT)
        _signal_group(child.pid, signal.SIGKILL)
        _, status = os.waitpid(child.pid, 0)
        os.close(child.end)
        del self._children[child.pid]
        return os.waitstatus_to_exitcode(status)

    def _close(self) -> None:
        """Kill what still runs and leave nothing behind."""
        self._path.unlink(missing_ok=True)
        self._path.with_name(f"{self._path.name}.log").unlink(missing_ok=True)
        for child in list(self._children.values()):
            _signal_group(child.pid, signal.SIGKILL)
            self._attend(child, ended=True)

    def _leave(self, client: socket.socket) -> None:
        """In the child: a group of its own that ends with the server, and none of the server's files."""
        os.setpgid(0, 0)
        self._libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != self._pid:
            os._exit(1)
        self._selector.close()
        self._listener.close()
        os.close(self._run)
        for child in self._children.values():
            child.client.close()
            os.close(child.end)
        client.close()


def _receive(client: socket.socket) -> tuple[Request, list[int]]:
    """What the client asks for; raises OSError for another user's process and ValueError for what is no request."""
    credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    if struct.unpack("3i", credentials)[1] != os.getuid():
        raise PermissionError
    head, streams, _, _ = socket.recv_fds(client, LENGTH, 3)
    length, message = int.from_bytes(head, "big"), b""
    while len(message) < length:
        received = client.recv(length - len(message))
        if not received:
            raise ConnectionAbortedError
        message += received
    return Request(**json.loads(message)), streams


def _signal_group(group: int, number: int) -> None:
    with contextlib.suppress(OSError):
        os.killpg(group, number)


def _project() -> dict[str, ModuleType]:
    """Modules of the project that are imported."""
    return {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "analysis"}


def _saved(folder: str) -> Iterator[tuple[str, float]]:
    """Modules and words below a folder, and when each was saved: every child asks, so by entries and not by paths."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith((".py", ".yml")):
                yield entry.path, entry.stat().st_mtime
            elif entry.is_dir() and entry.name != "__pycache__":
                yield from _saved(entry.path)


def _take_over(request: Request, streams: list[int]) -> None:
    """In the child: the streams, environment, folder, arguments and random state of a process of its own."""
    for place, stream in enumerate(streams):
        os.dup2(stream, place)
        os.close(stream)
    if not request.module.startswith("analysis.pipeline.") and signal.getsignal(signal.SIGINT) == signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # as Python starts; ours set it later
    os.environ.clear()
    os.environ.update(request.environment)
    os.chdir(request.folder)
    sys.path[0] = request.folder
    sys.argv = ["-m", *request.arguments]
    for name, place, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        old = getattr(sys, name)
        lines = name == "stderr" or os.isatty(place)
        new: Any = os.fdopen(place, mode, encoding=old.encoding, errors=old.errors, closefd=False)
        new.reconfigure(line_buffering=lines)
        setattr(sys, name, new)
        setattr(sys, f"__{name}__", new)
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()  # the standard library's generator is seeded anew by fork itself


def main(run: int, path: Path) -> None:
    """Serve until `run` ends; a child runs its module as if Python had been started for it."""
    os.closerange(3, 256)
    os.environ["JE_ARROW_MALLOC_CONF"] = "background_thread:false"
    gc.set_threshold(*GARBAGE)
    request = Server(run, path).serve()
    if request:
        _run(request.module)


def _run(module: str) -> None:
    """Run a module as __main__ and end; an exception goes Python's own way.

    Python takes a tenth of a second or two to clear away the imported libraries; after what a program asks for at its
    end (threads, atexit, buffers) the process ends without.
    """
    code = 0
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if not isinstance(end.code, int | None):
            raise
        code = end.code or 0
    getattr(threading, "_shutdown")()  # noqa: B009 - joins threads and pools, as Python does before atexit
    getattr(atexit, "_run_exitfuncs")()  # noqa: B009
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code & 0xFF)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
