"""Run a module as `python -m MODULE ARGS…` would, forked from the warm process of this run of make.

    python -I -S -E src/analysis/pipeline/warm_client.py MODULE ARGS…

Called by its path and with the standard library only, so that it starts in a few hundredths of a second. The first
caller starts the server (see warm.py). The module gets this process's folder, environment and standard streams;
signals are passed on, and the exit code comes back. Where there can be no server (WARM=0, no RUN_PID, not Linux) the
module runs in this process.
"""

from __future__ import annotations

import signal

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # an interrupt during the imports below ends without a traceback

# isort: split

import contextlib
import fcntl
import json
import os
import socket
import stat
import sys
import time
import zlib

SERVER = "analysis.pipeline.warm"
READ_ONCE = ("PYTHONPATH", "PYTHONHASHSEED", "PYTHONWARNINGS", "PYTHONIOENCODING", "LANG", "LC_ALL", "TZ")
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""A process reads these once, when it starts: processes that differ in them have servers of their own."""
PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LENGTH = 4
"""Bytes of a message's length, of a process id and of an exit code."""
START_PATIENCE = 20.0
CONNECT_PATIENCE = 30.0
LONGEST_SOCKET = 100
"""Bytes a path of a socket may have, of the 108 that Linux knows."""


def main(module: str, arguments: list[str]) -> int:
    """Exit code of the module; does not return where it runs in this process."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON)
    connection = _request(module, arguments)
    child = _answer(connection) if connection else b""
    if not (connection and child):
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.execv(sys.executable, [sys.executable, "-m", module, *arguments])
    for number in PASSED_ON:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda received, _: _pass_on(connection, received))
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    answer = _answer(connection)
    if len(answer) < LENGTH:
        _kill_group(int.from_bytes(child, "big"))
        print(f"The warm process of this run ended before {module} did.\n  what to do: run again", file=sys.stderr)
        return 70
    code = int.from_bytes(answer, "big", signed=True)
    if code < 0:  # ended by a signal: so do we
        signal.signal(-code, signal.SIG_DFL) if -code not in {signal.SIGKILL, signal.SIGSTOP} else None
        os.kill(os.getpid(), -code)
    return code


def start() -> None:
    """Have the server of this run import its libraries while the caller works."""
    path = socket_path()
    connection = path and (_connected(path) or _started(path))
    if connection:
        connection.close()


def socket_path() -> str | None:
    """Where the server of this run listens, in a folder of the user alone; None where there can be no server."""
    run = os.environ.get("RUN_PID", "")
    if os.environ.get("WARM") == "0" or not run.isdigit() or sys.platform != "linux":
        return None
    folder = os.path.join(os.environ.get("TMPDIR") or "/tmp", f"warm-{os.getuid()}")
    settings = [sys.executable, os.path.realpath(__file__)]
    settings += [f"{name}={os.environ.get(name)}" for name in (*READ_ONCE, *THREADS)]
    path = os.path.join(folder, f"{run}-{zlib.crc32(os.fsencode(chr(0).join(settings))):08x}")
    if len(os.fsencode(path)) > LONGEST_SOCKET:
        return None
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        found = os.lstat(folder)
    except OSError:
        return None
    private = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077
    return path if private else None


def _request(module: str, arguments: list[str]) -> socket.socket | None:
    """A connection on which the server was asked; None where there is no server to ask."""
    path = socket_path()
    connection = path and (_connected(path) or _started(path))
    if not connection:
        return None
    request = {"module": module, "arguments": arguments, "folder": os.getcwd(), "environment": dict(os.environ)}
    message = json.dumps(request).encode()
    try:
        socket.send_fds(connection, [len(message).to_bytes(LENGTH, "big")], [0, 1, 2])
        connection.sendall(message)
    except OSError:
        return None
    return connection


def _connected(path: str) -> socket.socket | None:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(CONNECT_PATIENCE)
    try:
        connection.connect(path)
    except OSError:
        connection.close()
        return None
    return connection


def _started(path: str) -> socket.socket | None:
    """A connection to the server, which the first caller starts while the others wait for the lock."""
    with open(os.path.join(os.path.dirname(path), "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        connection = _connected(path)
        if connection:
            return connection
        server, until = _spawn(path), time.monotonic() + START_PATIENCE
        while time.monotonic() < until and not os.waitpid(server, os.WNOHANG)[0]:
            connection = _connected(path)
            if connection:
                return connection
            time.sleep(0.005)
    return None


def _spawn(path: str) -> int:
    """Process id of a new server, in a session of its own and without our files."""
    nothing = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1)]
    log = (os.POSIX_SPAWN_OPEN, 2, f"{path}.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    command = [sys.executable, "-m", SERVER, os.environ["RUN_PID"], path]
    files = [*nothing, log]
    return os.posix_spawn(
        sys.executable, command, os.environ, file_actions=files, setsid=True, setsigmask=(), setsigdef=PASSED_ON
    )


def _answer(connection: socket.socket) -> bytes:
    """A number as it came; b"" when the server is gone. When our parent ends, so does the module."""
    parent, answer = os.getppid(), b""
    connection.settimeout(1)
    while len(answer) < LENGTH:
        try:
            received = connection.recv(LENGTH - len(answer))
        except TimeoutError:
            if os.getppid() != parent:
                os._exit(1)
            continue
        except ConnectionError:
            break
        if not received:
            break
        answer += received
    return answer


def _pass_on(connection: socket.socket, number: int) -> None:
    """Tell the server of a signal; it may have answered and gone, and then its answer is what counts."""
    with contextlib.suppress(OSError):
        connection.sendall(bytes([number]))


def _kill_group(group: int) -> None:
    """End what a module has started, where the server can't: the module itself ends with the server."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
