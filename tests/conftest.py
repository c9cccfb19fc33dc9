"""Fixtures of the whole suite: where the project lies, and real data where it is present."""

from __future__ import annotations

import os

# As make has it, and before NumPy is there: two processes with two threads each on two cores are five times as slow.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# isort: split

import gc
import shutil
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from small_survey import Survey

from analysis.edition.instrument import Instrument

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[1]
MARKED = {"builds": "build", "browser": "browser"}
"""Fixtures, and the mark of the tests that ask for them, themselves or through another fixture."""
LONG = ("build", "browser", "simulation")
"""Marks of the tests that `make test-quick` leaves out, those that take longest first."""
QUICK = 15.0
"""Seconds of one core that a test without such a mark may take: twice what the longest takes, for a busy machine."""
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--in-process-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by the fixtures they ask for, and begin with the files that take longest."""
    for item in items:
        for fixture in MARKED.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(MARKED[fixture])
    ranks: dict[Path, int] = {}
    for item in items:
        marks = [rank for rank, mark in enumerate(LONG) if item.get_closest_marker(mark)]
        ranks[item.path] = min([ranks.get(item.path, len(LONG)), *marks])
    items.sort(key=lambda item: ranks[item.path])


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """No garbage is looked for while tests are collected."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """What the collection has made stays to the end: the collector of garbage need not look at it again and again.

    Nor at what tests make, as often as it would: it takes every tenth second, and finds little.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_configure() -> None:
    """The workers of a run name their builds after it."""
    os.environ.setdefault("MAKETEST", str(os.getpid()))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Remove the data that builds have simulated, when all workers have ended."""
    if not hasattr(session.config, "workerinput"):
        for path in (ROOT / "data" / "raw").glob(f"*maketest{os.environ['MAKETEST']}*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """A test that takes long on a core carries a mark that says so, or fails."""
    started = time.process_time()
    yield
    took = time.process_time() - started
    if took > QUICK and not any(item.get_closest_marker(mark) for mark in LONG):
        pytest.fail(f"took {took:.1f} s of one core: a quick test takes at most {QUICK:g} s, others are marked")


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root."""
    return ROOT


@pytest.fixture
def survey(tmp_path: Path) -> Survey:
    """A survey in a folder of its own."""
    return Survey(tmp_path)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real data kept outside the project; a test that needs it is skipped where it is absent."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the real data are not on this machine")
    return folder


@pytest.fixture(scope="session")
def build_instrument() -> Callable[..., Instrument]:
    """Make an instrument from {construct: items}; `roles` names those that are not dimensions."""

    def build(constructs: Mapping[str, Sequence[str]], **roles: str) -> Instrument:
        def entry(key: str) -> dict[str, Any]:
            items = [{"key": item, "zh": item, "en": item} for item in constructs[key]]
            return {
                "key": key,
                "role": roles.get(key, "dimension"),
                "name": {"zh": key, "en": key},
                "items": items,
            }

        return Instrument.model_validate(
            {
                "name": {"zh": "试", "en": "test"},
                "scale": {"min": 0, "max": 10},
                "constructs": [entry(key) for key in constructs],
            }
        )

    return build


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium; tests are skipped where there is none."""
    if not CHROMIUM.exists():
        pytest.skip("no chromium on this machine")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield running
        running.close()
