"""The engine on real processes: a worker killed while it works, a scheduler that is gone, workers that don't fit."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from analysis.grid.build import CellError, Made, Task, build, surroundings
from analysis.grid.cluster import LocalProcesses
from analysis.grid.engine import Engine, EngineError, Session

HERE = {"PYTHONPATH": str(Path(__file__).parent)}
"""Scheduler and workers import what this file has them do."""
pytestmark = pytest.mark.build


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine with much else to do a scheduler takes its time to answer."""
    monkeypatch.setattr("analysis.grid.engine.CONNECT_SECONDS", 60)
    monkeypatch.setattr("analysis.grid.engine.WORKER_SECONDS", 300)


def task(name: str, folder: Path, **more: object) -> Task:
    plain = Task(
        name=name,
        params="",
        work=str(folder),
        publish="",
        languages=(),
        formats=(),
        renderer="auto",
        environment=surroundings(""),
    )
    return replace(plain, **more)


def write(one: Task) -> Made:
    """A cell that takes a moment and leaves a file, and beside it who made it."""
    folder = Path(one.work)
    (folder / f"{one.name}.begun").write_text(str(os.getpid()), encoding="utf-8")
    time.sleep(0.4)
    if one.name == "broken":
        raise CellError("this one never works")
    (folder / one.name).write_text(one.name * 3, encoding="utf-8")
    return Made(one.name, 0.4)


def made(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir() if not path.suffix}


@pytest.fixture(scope="module")
def processes() -> Iterator[LocalProcesses]:
    running = LocalProcesses(workers=2, environment=HERE).start()
    yield running
    running.stop()


def run(session: Session, names: list[str], folder: Path) -> dict[str, str]:
    """Make cells; what failed, by name."""
    folder.mkdir(exist_ok=True)
    faults: dict[str, str] = {}
    session.run(
        [task(name, folder) for name in names], lambda one, _, fault: faults.update({one.name: fault} if fault else {})
    )
    return faults


def test_a_worker_killed_while_it_works_changes_nothing(processes: LocalProcesses, tmp_path: Path) -> None:
    names = [f"cell{number}" for number in range(8)]
    killed: list[int] = []

    def kill() -> None:
        until = time.monotonic() + 300
        while not killed and time.monotonic() < until:
            for path in (tmp_path / "killed").glob("*.begun"):
                text = path.read_text()
                if text and psutil.pid_exists(int(text)):
                    os.kill(int(text), signal.SIGKILL)
                    killed.append(int(text))
                    return
            time.sleep(0.02)

    with Engine(processes.address, work=write).connected() as session:
        session.check_workers()
        assert run(session, names, tmp_path / "calm") == {}
        killer = threading.Thread(target=kill)
        killer.start()
        assert run(session, names, tmp_path / "killed") == {}
        killer.join()
    assert killed
    assert made(tmp_path / "killed") == made(tmp_path / "calm") == {name: name * 3 for name in names}


def test_a_cell_that_fails_is_told_and_the_rest_is_made(processes: LocalProcesses, tmp_path: Path) -> None:
    with Engine(processes.address, retries=10, work=write).connected() as session:
        faults = run(session, ["one", "broken", "two"], tmp_path)
    assert faults == {"broken": "this one never works"}
    assert set(made(tmp_path)) == {"one", "two"}


def test_a_scheduler_that_is_started_anew_is_found_again(tmp_path: Path) -> None:
    own = LocalProcesses(workers=1, environment=HERE).start()

    def restart() -> None:
        while not list(tmp_path.glob("*.begun")):
            time.sleep(0.05)
        own.running[0].kill()
        own.running[0].wait()
        own.start_scheduler()
        own.start_worker()

    try:
        with Engine(own.address, work=write).connected() as session:
            session.check_workers()
            other = threading.Thread(target=restart)
            other.start()
            faults = run(session, ["a", "b", "c", "d"], tmp_path)
            other.join()
    finally:
        own.stop()
    assert faults == {}
    assert set(made(tmp_path)) == {"a", "b", "c", "d"}


def test_a_scheduler_that_is_not_there_is_an_error_before_anything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.grid.engine.CONNECT_SECONDS", 1)
    with pytest.raises(EngineError, match="can't be reached"), Engine("tcp://127.0.0.1:9").connected():
        pass
    with pytest.raises(EngineError, match="can't be reached"), Engine("nonsense").connected():
        pass


def test_a_worker_with_other_versions_is_named_before_anything_runs(tmp_path: Path) -> None:
    info = tmp_path / "pandas-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pandas\nVersion: 0.1\n", encoding="utf-8")
    own = LocalProcesses(workers=0).start()
    own.start_worker({"PYTHONPATH": str(tmp_path)})
    try:
        with Engine(own.address).connected() as session, pytest.raises(EngineError, match="other versions") as error:
            session.check_workers()
    finally:
        own.stop()
    assert "pandas 0.1" in str(error.value)


def test_a_worker_that_came_later_with_other_versions_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(CellError, match="other versions"):
        build(task("late", tmp_path, environment="something else"))
