"""One build of the small edition and one of csibank for all tests that only read them, whichever worker they run on."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from running import NAME, ROOT, built, edition_arguments, leave_alike, make

Build = Callable[..., None]


@pytest.fixture(scope="session")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this session share."""
    own = tmp_path_factory.getbasetemp()
    folder = (own if own.name.startswith("pytest-") else own.parent) / "builds"
    folder.mkdir(exist_ok=True)
    return folder


def _once(folder: Path, build: Callable[[], None]) -> Path:
    """`folder` as the first worker that asked for it built it; the others wait."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "manifest.json").exists():
            build()
    return folder


@pytest.fixture(scope="session")
def small_params(builds: Path) -> Path:
    """The small edition under a name of its own."""
    path, text = builds / f"{NAME}.yml", f"extends: {ROOT / 'tests/editions/small.yml'}\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def build(builds: Path) -> Build:
    """Make what tests only read: what is alike in all editions is made once."""
    return partial(built, builds / "alike")


@pytest.fixture(scope="session")
def small(small_params: Path, builds: Path) -> Path:
    """The report of the small edition, to be read; a copy of it may be made again."""
    output = builds / "small"

    def from_nothing() -> None:
        make("report", *edition_arguments(small_params, output))
        leave_alike(output, builds / "alike")

    return _once(output, from_nothing)


@pytest.fixture(scope="session")
def csibank(root: Path, shared: Path, builds: Path, build: Build) -> Path:
    """The whole line on a real survey, by params alone, to be read."""
    assert (shared / "data/csibank/csibank.csv").exists()
    output = builds / "csibank"
    arguments = edition_arguments(root / "tests/editions/csibank.yml", output)
    return _once(output, lambda: build("report", *arguments))
