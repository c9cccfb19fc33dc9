"""The warm process of a run: its children behave like fresh Python processes, and nothing outlives the run."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from analysis import errors
from analysis.pipeline import warm_client
from analysis.pipeline.warm import OF_NOTEBOOKS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the warm process needs Linux")

CLIENT = (sys.executable, "-I", "-S", "-E", warm_client.__file__)
PATIENCE = 30.0


def _heed_interrupts() -> None:
    """What runs in the background of a shell ignores SIGINT, and so would all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Run:
    """A run of "make": a sleeping process that the server watches, and modules in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.make = subprocess.Popen(["sleep", "3600"])
        self.clients: list[subprocess.Popen[str]] = []
        (folder / "t").mkdir()
        self.environment = dict(os.environ) | {
            "RUN_PID": str(self.make.pid),
            "TMPDIR": str(folder / "t"),
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "PYTHONHASHSEED": "0",
        }
        self.environment.pop("WARM", None)

    def module(self, name: str, source: str) -> str:
        """A module that a process in the folder of the run finds."""
        (self.folder / f"{name}.py").write_text(source, encoding="utf-8")
        return name

    def start(self, module: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """The client, with its streams in pipes."""
        client = subprocess.Popen(
            [*CLIENT, module, *arguments],
            cwd=self.folder,
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_heed_interrupts,  # noqa: PLW1509 - it does nothing that a thread could hold up
        )
        self.clients.append(client)
        return client

    def ask(self, source: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `source` as a module, through the client."""
        client = self.start(self.module("asked", source), *arguments, **environment)
        out, err = client.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(client.args, client.returncode, out, err)

    def server(self) -> int:
        """Process id of the server, by asking a child for its parent."""
        return int(self.ask("import os; print(os.getppid())").stdout)

    def end(self) -> None:
        """Kill "make"."""
        self.make.kill()
        self.make.wait()


def _running(folder: Path) -> Iterator[Run]:
    run = Run(folder)
    yield run
    run.end()
    for client in run.clients:
        client.kill()
        client.communicate()


@pytest.fixture
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run of its own, whose server a test may kill, or that has none yet."""
    yield from _running(tmp_path_factory.mktemp("w"))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run whose server all tests ask that leave it as it is."""
    yield from _running(tmp_path_factory.mktemp("s"))


def _alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _eventually(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def _catches(pid: int, number: int) -> bool:
    """Whether the process has a handler of its own for the signal."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


def _sleeper(run: Run) -> tuple[subprocess.Popen[str], int, int]:
    """A client whose module sleeps beside a child of its own: the client and both process ids."""
    source = (
        "import os, subprocess, time\n"
        "print(os.getpid(), subprocess.Popen(['sleep', '200']).pid, flush=True)\n"
        "time.sleep(200)\n"
    )
    client = run.start(run.module("sleeper", source))
    assert client.stdout is not None
    module, child = client.stdout.readline().split()
    return client, int(module), int(child)


def test_output_arguments_and_exit_code_come_back(served: Run) -> None:
    done = served.ask("import sys; print(sys.argv[1:]); print('no', file=sys.stderr); sys.exit(3)", "a", "b c")
    assert (done.returncode, done.stdout, done.stderr) == (3, "['a', 'b c']\n", "no\n")


@pytest.mark.parametrize(
    ("source", "code", "error"),
    [
        ("1 / 0", 1, "ZeroDivisionError: division by zero"),
        ("raise SystemExit('stop')", 1, "stop"),
        ("raise SystemExit", 0, ""),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL, ""),
    ],
)
def test_a_module_ends_as_under_python(served: Run, source: str, code: int, error: str) -> None:
    done = served.ask(source)
    assert done.returncode == code
    assert done.stderr.strip().endswith(error)


def test_threads_atexit_and_buffers_are_waited_for(served: Run) -> None:
    source = (
        "import atexit, threading, time\n"
        "atexit.register(print, 'at exit', end='')\n"
        "threading.Thread(target=lambda: (time.sleep(0.2), print('thread'))).start()\n"
    )
    assert served.ask(source).stdout == "thread\nat exit"


def test_a_module_has_the_folder_and_the_environment_of_its_client(served: Run) -> None:
    source = "import os, sys; print(os.getcwd(), os.environ.get('COLOUR'), sys.path[0], __name__)"
    done = served.ask(source, COLOUR="green")
    assert done.stdout.split() == [str(served.folder), "green", str(served.folder), "__main__"]
    assert served.ask(source).stdout.split()[1] == "None"


def test_imports_are_shared_and_children_do_not_see_each_other(served: Run) -> None:
    source = "import sys; print('pandas' in sys.modules and 'papermill' in sys.modules); sys.modules['left'] = sys"
    assert _eventually(lambda: served.ask(source).stdout == "True\n")
    assert served.ask("import sys; print('left' in sys.modules)").stdout == "False\n"


def test_the_server_has_one_thread_with_all_imported(served: Run) -> None:
    last = OF_NOTEBOOKS[-1]
    assert _eventually(lambda: served.ask(f"import sys; print({last!r} in sys.modules)").stdout == "True\n")
    assert len(list(Path(f"/proc/{served.server()}/task").iterdir())) == 1


@pytest.mark.parametrize("changed", ["errors.py", "publish/words/shared.yml"])
def test_a_changed_file_of_the_project_is_read_by_the_next_module(served: Run, changed: str) -> None:
    source = "import sys; print('analysis.publish.words.labels' in sys.modules)"
    assert _eventually(lambda: served.ask(source).stdout == "True\n")
    file = Path(errors.__file__).parent / changed
    before = file.stat()
    try:
        os.utime(file, (before.st_atime, time.time() + 1))
        assert served.ask(source).stdout == "False\n"
    finally:
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert served.ask(source).stdout == "True\n"


def test_hashes_are_those_of_a_plain_run_and_random_numbers_are_new(served: Run) -> None:
    source = (
        "import random, numpy as np; a = (random.random(), np.random.random(), np.random.default_rng().random())\n"
        "random.seed(1); np.random.seed(1); print(*a, hash('word'), random.random(), np.random.random())"
    )
    assert _eventually(lambda: "True" in served.ask("import sys; print('numpy.random' in sys.modules)").stdout)
    first, second, plain = (served.ask(source, **more).stdout.split() for more in ({}, {}, {"WARM": "0"}))
    assert len({*first[:3], *second[:3], *plain[:3]}) == 9
    assert first[3:] == second[3:] == plain[3:]


def test_a_changed_setting_that_python_reads_once_gets_a_server_of_its_own(run: Run) -> None:
    source = "print(hash('word'))"
    assert run.ask(source, PYTHONHASHSEED="5").stdout == run.ask(source, PYTHONHASHSEED="5", WARM="0").stdout
    assert run.ask(source).stdout != run.ask(source, PYTHONHASHSEED="5").stdout


def test_two_requests_run_at_once(served: Run) -> None:
    source = (
        "import pathlib, sys, time\n"
        "pathlib.Path(sys.argv[1]).touch()\n"
        "until = time.monotonic() + 20\n"
        "while not pathlib.Path(sys.argv[2]).exists() and time.monotonic() < until: time.sleep(0.01)\n"
        "print(pathlib.Path(sys.argv[2]).exists())\n"
    )
    name = served.module("meet", source)
    clients = [served.start(name, "a", "b"), served.start(name, "b", "a")]
    assert [client.communicate(timeout=PATIENCE)[0] for client in clients] == ["True\n", "True\n"]


def test_clients_that_come_together_share_one_server(run: Run) -> None:
    name = run.module("parent", "import os; print(os.getppid())")
    clients = [run.start(name) for _ in range(4)]
    assert len({client.communicate(timeout=PATIENCE)[0] for client in clients}) == 1


def test_a_killed_client_takes_its_module_and_what_it_started_along(served: Run) -> None:
    client, module, child = _sleeper(served)
    assert _alive(module)
    assert _alive(child)
    client.kill()
    client.communicate()
    assert _eventually(lambda: not _alive(module) and not _alive(child))


def test_an_interrupt_reaches_the_module(served: Run) -> None:
    source = (
        "import time\ntry:\n    print('on', flush=True)\n    time.sleep(60)\n"
        "except KeyboardInterrupt: print('interrupted')"
    )
    client = served.start(served.module("waiting", source))
    assert client.stdout is not None
    client.stdout.readline()
    client.send_signal(signal.SIGINT)
    assert client.communicate(timeout=PATIENCE)[0] == "interrupted\n"
    assert client.returncode == 0


def test_an_interrupt_after_the_answer_changes_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in run.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("WARM", raising=False)
    path = warm_client.socket_path()
    assert path
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(path)
        listener.listen()
        client = run.start("anything")
        connection, _ = listener.accept()
        with connection:
            connection.recv(1 << 16)
            connection.sendall(os.getpid().to_bytes(warm_client.LENGTH, "big"))
            assert _eventually(lambda: _catches(client.pid, signal.SIGTERM))
            client.send_signal(signal.SIGSTOP)
            connection.sendall(bytes(warm_client.LENGTH))
        client.send_signal(signal.SIGINT)
        client.send_signal(signal.SIGCONT)
        assert client.communicate(timeout=PATIENCE) == ("", "")
    assert client.returncode == 0


def test_nothing_outlives_make(run: Run) -> None:
    client, module, child = _sleeper(run)
    server = run.server()
    run.end()
    assert _eventually(lambda: not any(_alive(pid) for pid in (server, module, child)))
    client.communicate(timeout=PATIENCE)
    assert client.returncode == -signal.SIGKILL
    assert [path.name for path in (run.folder / "t").glob("warm-*/*")] == ["lock"]


def test_a_crashed_server_is_an_error_to_those_it_served_and_is_replaced_for_the_next(run: Run) -> None:
    client, module, child = _sleeper(run)
    server = run.server()
    os.kill(server, signal.SIGKILL)
    _, error = client.communicate(timeout=PATIENCE)
    assert client.returncode == 70
    assert "ended before sleeper did" in error
    assert _eventually(lambda: not _alive(module) and not _alive(child))
    assert run.server() != server


@pytest.mark.parametrize("without", [{"WARM": "0"}, {"RUN_PID": ""}, {"RUN_PID": "none"}, {"TMPDIR": "/proc/nowhere"}])
def test_without_a_server_the_client_becomes_the_module(run: Run, without: dict[str, str]) -> None:
    client = run.start(run.module("pid", "import os; print(os.getpid())"), **without)
    out, error = client.communicate(timeout=PATIENCE)
    assert (out, error) == (f"{client.pid}\n", "")


def test_a_folder_that_others_may_enter_is_not_used(run: Run) -> None:
    folder = run.folder / "t" / f"warm-{os.getuid()}"
    folder.mkdir()
    folder.chmod(0o755)
    client = run.start(run.module("pid", "import os; print(os.getpid())"))
    assert client.communicate(timeout=PATIENCE)[0] == f"{client.pid}\n"


def test_the_socket_lies_in_a_folder_of_the_user_alone(run: Run) -> None:
    run.ask("")
    folder = run.folder / "t" / f"warm-{os.getuid()}"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert any(path.is_socket() for path in folder.iterdir())


def test_the_server_can_be_started_before_anything_is_asked(run: Run) -> None:
    source = "from analysis.pipeline import warm_client; warm_client.start()"
    subprocess.run([sys.executable, "-c", source], cwd=run.folder, env=run.environment, check=True)
    sockets = {path.name for path in (run.folder / "t").glob("warm-*/*") if path.is_socket()}
    assert len(sockets) == 1
    run.ask("")
    assert {path.name for path in (run.folder / "t").glob("warm-*/*") if path.is_socket()} == sockets
