"""Cells made on machines that share no disk: folders travel packed, whole or not at all; limits of a worker."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from fsspec.core import url_to_fs

from analysis.grid import build as building
from analysis.grid import leash
from analysis.grid.build import CellError, Task, build, made_from, stands, surroundings
from analysis.grid.cells import GridFile
from analysis.grid.engine import Engine, Session
from analysis.grid.exchange import Exchange, ExchangeError, note, reachable, state_of
from analysis.grid.run import _arrived
from analysis.project import tree_digest

MEBIBYTE = 2**20
PARAMS = "base: x\n"


def cell(exchange: str, **more: object) -> Task:
    plain = Task(
        name="bank",
        params="grids/params/bank.yml",
        work="grids/work/bank",
        publish="grids/bank",
        languages=("en",),
        formats=("html",),
        renderer="auto",
        environment=surroundings("grids/params/bank.yml"),
        inputs="now",
        exchange=exchange,
        text=PARAMS,
        whole="grids/work/all",
    )
    return replace(plain, **more)


def at(machine: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work as another machine would, where the project lies elsewhere."""
    machine.mkdir(exist_ok=True)
    building.environment()  # found once in a process: of the project, and not of the folder that stands in for it
    monkeypatch.setattr(building, "ROOT", machine)
    return machine


def make_book(task: Task, _held: int) -> None:
    """In place of make: a book that says what the whole was."""
    book = building.ROOT / task.work / "report" / "en"
    book.mkdir(parents=True)
    book.joinpath("index.html").write_text((building.ROOT / task.whole / "score").read_text(encoding="utf-8"))


@pytest.fixture
def place(tmp_path: Path) -> str:
    return f"file://{tmp_path / 'exchange'}"


def test_a_cell_is_made_from_what_travelled_there_and_travels_back(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = at(tmp_path / "here", monkeypatch)
    whole = here / "grids" / "work" / "all"
    whole.mkdir(parents=True)
    (whole / "score").write_text("82.2")
    os.utime(whole / "score", (1e9, 1e9))
    (whole / ".run").write_text("a note of this machine")
    Exchange(place).put(whole, "all.work")

    there = at(tmp_path / "there", monkeypatch)
    monkeypatch.setattr(building, "_make", make_book)
    task = cell(place)
    build(task)
    received = there / "grids" / "work" / "all"
    assert (received / "score").stat().st_mtime == 1e9, "make goes by the times of files"
    assert not (received / ".run").exists()
    assert state_of(received) == "now"

    at(here, monkeypatch)
    (here / task.params).parent.mkdir(parents=True)
    (here / task.params).write_text(PARAMS)
    assert not stands(task)
    assert _arrived(task, here / task.publish) == []
    assert (here / "grids" / "bank" / "report" / "en" / "index.html").read_text() == "82.2"
    assert stands(task)
    assert not stands(replace(task, inputs="later"))
    (fault,) = _arrived(task, here / task.publish)
    assert "did not arrive" in fault, "what has arrived is not left lying about"


def test_folders_travel_through_a_store_without_folders(tmp_path: Path) -> None:
    """Names in a store of objects, as s3:// has them: nothing to make beforehand, no rename, no times of its own."""
    address = f"memory://bucket-{tmp_path.name}/grids"
    whole, there = tmp_path / "all", tmp_path / "there"
    (whole / "results").mkdir(parents=True)
    (whole / "results" / "scores").write_text("82.2")
    os.utime(whole / "results" / "scores", (1e9, 1e9))
    exchange = Exchange(address)
    assert reachable(address) == ""
    exchange.put(whole, "all.work")
    (whole / "results" / "scores").write_text("83.3")
    exchange.put(whole, "all.work")  # again, in the place of what lies there
    exchange.take("all.work", there, "now")
    assert (there / "results" / "scores").read_text() == "83.3"
    assert state_of(there) == "now"
    system, place = url_to_fs(address)
    assert [Path(name).name for name in system.find(place)] == ["all.work.tar.gz"]
    exchange.drop("all.work")
    exchange.drop("all.work")
    assert system.find(place) == []
    with pytest.raises(FileNotFoundError):
        exchange.take("all.work", there, "later")
    assert state_of(there) == "now", "what stood stays where nothing came"


def test_the_whole_travels_again_only_when_it_is_another(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = at(tmp_path / "there", monkeypatch)
    monkeypatch.setattr(building, "_make", lambda *_: None)
    whole = there / "grids" / "work" / "all"
    whole.mkdir(parents=True)
    (whole / "score").write_text("old")
    note(whole, "now")
    unpublished = cell(place, publish="")
    (there / unpublished.work).mkdir()
    build(unpublished)
    assert (whole / "score").read_text() == "old"
    with pytest.raises(CellError, match=r"all\.work"):
        build(replace(unpublished, inputs="later"))
    assert (whole / "score").read_text() == "old", "what stood stays where nothing came"


def test_how_a_cell_travels_does_not_decide_what_it_becomes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = at(tmp_path, monkeypatch)
    (here / "grids" / "params").mkdir(parents=True)
    (here / "grids" / "params" / "bank.yml").write_text(PARAMS)
    plain = cell("", text="", whole="")
    assert made_from(cell("file:///elsewhere", memory=5, jobs=3)) == made_from(plain)
    assert made_from(replace(plain, inputs="later")) != made_from(plain)


@pytest.mark.parametrize("address", ["nonsense://x", "file:///proc/nowhere", "s4//bucket"])
def test_a_place_that_can_not_be_written_to_is_an_error_before_anything_runs(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.getuid", lambda: 1000)
    if address.startswith("s4"):
        (tmp_path / "s4").write_text("a file where a folder is needed")
    with pytest.raises(ExchangeError, match="can't travel"):
        Exchange(address).check()
    assert "can't travel" in reachable(address)


def test_a_place_leaves_no_trace_of_the_check(tmp_path: Path) -> None:
    assert reachable(f"file://{tmp_path / 'e'}") == ""
    assert list((tmp_path / "e").iterdir()) == []


def test_a_full_disk_is_told_as_the_cell_s_own_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at(tmp_path, monkeypatch)

    def fill(_task: Task, _held: int) -> None:
        with Path("/dev/full").open("w") as full:
            full.write("x")

    monkeypatch.setattr(building, "_make", fill)
    with pytest.raises(CellError) as error:
        build(cell("", whole=""))
    assert os.strerror(errno.ENOSPC) in str(error.value)
    assert "make room" in str(error.value)
    assert str(tmp_path) not in str(error.value)


def test_a_cell_that_could_not_be_put_in_its_place_leaves_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = at(tmp_path, monkeypatch)
    task = cell("", whole="")
    (here / task.params).parent.mkdir(parents=True)
    (here / task.params).write_text(PARAMS)

    def full(_source: str, _target: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def make(task: Task, _held: int) -> None:
        (here / task.work).mkdir(parents=True)
        (here / task.work / "file").write_text("x")

    monkeypatch.setattr(building, "_make", make)
    monkeypatch.setattr(building, "link_or_copy", full)
    with pytest.raises(CellError):
        build(task)
    assert sorted(path.name for path in (here / "grids").iterdir()) == ["params", "work"]


def test_a_process_that_needs_too_much_memory_fails_by_itself() -> None:
    def run(memory: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, leash.__file__, str(os.getpid()), str(memory)]
        greedy = f"print(len(bytearray({300 * MEBIBYTE})))"
        return subprocess.run([*command, sys.executable, "-c", greedy], capture_output=True, text=True, check=False)

    assert run(0).returncode == run(1000 * MEBIBYTE).returncode == 0
    assert "MemoryError" in run(200 * MEBIBYTE).stderr


def test_a_cell_that_needed_too_much_memory_is_told_so(tmp_path: Path) -> None:
    log = tmp_path / "make.log"
    log.write_text(
        "[1/2] step\nnumpy._core._exceptions._ArrayMemoryError: Unable to allocate 9 GiB\n", encoding="utf-8"
    )
    assert "2.0 GiB" in building._said(log, cell("", memory=2 * 2**30))
    assert "may take" not in building._said(log, cell(""))


def test_memory_is_what_the_file_says_or_a_share_of_this_machine() -> None:
    class Client:
        def nthreads(self) -> dict[str, int]:
            return {"a": 1, "b": 1}

    session = Session(Engine(), Client(), cluster=object())  # type: ignore[arg-type]
    own = session.memory(None)
    assert session.memory(1.5) == 1536 * MEBIBYTE
    assert own == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    assert Session(Engine("tcp://x"), Client(), cluster=None).memory(None) == 0  # type: ignore[arg-type]


def test_a_grid_file_names_memory_and_exchange() -> None:
    title = {"zh": "各", "en": "All"}
    file = GridFile.model_validate(
        {"base": "x.yml", "title": title, "vary": [{"where": "kind"}], "memory": 2, "exchange": "s3://bucket/grids"}
    )
    assert (file.memory, file.exchange) == (2.0, "s3://bucket/grids")


def test_prose_of_an_edition_decides_of_its_own_cell_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A researcher may write on one edition while the cells of another are made."""
    machine = at(tmp_path / "machine", monkeypatch)
    found = [surroundings("grids/params/bank.yml"), tree_digest(machine, without=machine / building.PROSE)]
    for name, same in (("fund", True), ("bank", False)):
        prose = machine / building.PROSE / name / "en" / "sec-purpose.md"
        prose.parent.mkdir(parents=True)
        prose.write_text("Why we asked.\n", encoding="utf-8")
        assert (surroundings("grids/params/bank.yml") == found[0]) is same, name
        assert tree_digest(machine, without=machine / building.PROSE) == found[1]
