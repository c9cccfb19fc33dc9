"""The rooms of src/analysis keep to the order of work: who may import whom, and who may touch files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "analysis"
CORE = {"errors", "files", "csv_files", "edition", "project", "optional", "periods"}
ESTIMATION = {"survey.design", "survey.estimation"}
STATISTICS = {
    "survey",
    "measurement",
    "sem",
    "satisfaction",
    "drivers",
    "trend",
    "waves",
    "robustness",
    "service",
    "monitoring",
}
PRINTING = {
    "publish.words",
    "publish.tables",
    "publish.figures.fonts",
    "publish.book.languages",
    "publish.typesetting",
}
ROOMS = {
    "data": CORE | {"service.calendar"},
    "results": CORE | {"compact"},
    "survey": CORE,
    "sem": CORE | ESTIMATION,
    "measurement": CORE | ESTIMATION | {"sem"},
    "satisfaction": CORE | ESTIMATION | {"sem", "drivers.importance"},
    "drivers": CORE | ESTIMATION,
    "trend": CORE | ESTIMATION,
    "waves": CORE | {"survey", "satisfaction"},
    "robustness": CORE | {"survey", "satisfaction", "drivers"},
    "service": CORE | ESTIMATION,
    "monitoring": CORE | ESTIMATION | {"service.shares"},
    "text": CORE | ESTIMATION | {"service.shares"},
    "draft": CORE | {"data", "measurement"},
    "outgoing": CORE | PRINTING | {"results", "text.masking"},
    "publish": CORE | STATISTICS | {"results", "text"},
}
"""What each room may import besides itself. The simulation of `data` counts working
days as the norms of `service` do."""

ABOVE: dict[str, set[str]] = {"pipeline": {"grid"}, "grid": set()}
"""Rooms that may import everything but these: a grid makes many editions as the pipeline makes one."""

FLOORS = {
    "survey": ("design", "estimation", "planning fieldwork cleaning weighting tabulation"),
    "sem": ("model", "moments", "fit", "inference", "assess", "report", "groups"),
    "publish": ("words", "tables", "disclosure", "figures", "parts", "front", "book"),
}
"""Floors of a room from the ground up: each rests on those below it; several in one line know nothing of each other."""

ONLY_IN = {
    "semopy": ("sem/",),
    "matplotlib": ("publish/figures/", "publish/parts/", "publish/part.py"),
    "seaborn": ("publish/figures/", "publish/parts/"),
    "papermill": ("pipeline/",),
    "distributed": ("grid/engine.py",),
    "dask": ("grid/engine.py",),
}
FILE_ACCESS = re.compile(
    r"\.(read_text|write_text|read_bytes|write_bytes|open|mkdir|unlink|read_csv|read_excel|read_parquet|to_parquet|to_csv)\("
)


@cache
def _modules() -> dict[str, ast.Module]:
    """Source of every module by its path; read when a test asks for it, not by every worker."""
    files = sorted(SOURCE.rglob("*.py"))
    return {path.relative_to(SOURCE).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in files}


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def _imported() -> dict[str, tuple[str, ...]]:
    return {name: tuple(_imports(tree)) for name, tree in _modules().items()}


def test_a_room_imports_only_what_stands_before_it() -> None:
    wrong = []
    for name, modules in _imported().items():
        room = name.split("/", maxsplit=1)[0].removesuffix(".py")
        allowed = ROOMS.get(room, CORE) | {room}
        inside = [module.removeprefix("analysis.") for module in modules if module.startswith("analysis.")]
        known = [any(one == ok or one.startswith(f"{ok}.") for ok in allowed) for one in inside]
        if room in ABOVE:
            wrong += [f"{name} imports {one}" for one in inside if one.split(".")[0] in ABOVE[room]]
        elif room != "__init__":
            wrong += [f"{name} imports {one}" for one, ok in zip(inside, known, strict=True) if not ok]
    assert wrong == []


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_stays_in_its_room(library: str) -> None:
    strangers = [
        name
        for name, modules in _imported().items()
        for module in modules
        if module.split(".")[0] == library and not name.startswith(ONLY_IN[library])
    ]
    assert not strangers


@pytest.mark.parametrize("room", FLOORS)
def test_a_floor_rests_on_those_below_it(room: str) -> None:
    height = {floor: level for level, floors in enumerate(FLOORS[room]) for floor in floors.split()}
    assert {path.name for path in (SOURCE / room).iterdir() if path.is_dir() and path.name != "__pycache__"} == set(
        height
    )
    wrong = []
    for name, modules in _imported().items():
        parts = name.split("/")
        if parts[0] != room or len(parts) < 3:
            continue
        for module in modules:
            above = module.split(".")
            if above[:2] != ["analysis", room] or len(above) < 3 or above[2] not in height or above[2] == parts[1]:
                continue
            if height[above[2]] >= height[parts[1]]:
                wrong.append(f"{name} imports {module}")
    assert not wrong


def test_statistics_do_not_touch_files() -> None:
    rooms = tuple(f"{room}/" for room in STATISTICS)
    touching = [
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if path.relative_to(SOURCE).as_posix().startswith(rooms)
        and FILE_ACCESS.search(path.read_text(encoding="utf-8"))
    ]
    assert not touching


def test_no_source_names_an_item_or_a_category_of_the_guide(root: Path) -> None:
    """An instrument is data: nothing in src/ may know the guide's."""
    from analysis.edition.instrument import load_instrument

    instrument = load_instrument(root / "params" / "instruments" / "guide.yml")
    keys = {*instrument.item_keys, *(c.key for c in instrument.constructs if c.role in {"dimension", "emotional"})}
    keys -= {"results", "attitude", "security"}  # also everyday words of the code
    naming = [
        (name, node.value)
        for name, tree in _modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value in keys
    ]
    assert not naming


def test_files_stay_short_and_functions_read_as_their_steps() -> None:
    long = []
    for name, tree in _modules().items():
        lines = (SOURCE / name).read_text(encoding="utf-8").count("\n")
        long += [f"{name}: {lines} lines"] if lines > 400 else []
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                if body and (node.end_lineno or 0) - body[0].lineno >= 40:
                    long.append(f"{name}: {node.name}")
    assert not long


RUN_BY_MAKE = {"pipeline/workbook.py", "pipeline/pages.py", "pipeline/instrument.py", "pipeline/data_release.py"}
"""Stages of a few lines that the tests have make run."""


def _in_tests(root: Path) -> tuple[set[str], set[str]]:
    """Modules that the tests import, with the packages above them, and what the test files are named after."""
    files = sorted((root / "tests").rglob("*.py"))
    texts = [path.read_text(encoding="utf-8") for path in files]
    imported = {name for text in texts for name in _imports(ast.parse(text))}
    imported |= {name for text in texts for name in re.findall(r"\banalysis(?:\.\w+)+", text)}
    above = {".".join(name.split(".")[:end]) for name in imported for end in range(2, name.count(".") + 2)}
    return above, {path.stem.removeprefix("test_") for path in files}


def test_every_module_with_logic_has_a_test_of_its_own(root: Path) -> None:
    """Imported by a test, or named by one (test_warm.py, test_embedded_html.py). Of a part of the report its package
    is: tests of a part go through all its tables, figures and sentences.
    """
    imported, named = _in_tests(root)
    alone = []
    for name, tree in _modules().items():
        path = SOURCE / name
        module = ["analysis", *path.relative_to(SOURCE).with_suffix("").parts]
        tested = ".".join(module[:4] if module[1:3] == ["publish", "parts"] else module) in imported
        logic = any(isinstance(node, ast.FunctionDef) for node in ast.walk(tree))
        if logic and path.name != "__init__.py" and name not in RUN_BY_MAKE and not tested:
            alone += [] if {path.stem, f"{path.parent.name}_{path.stem}"} & named else [name]
    assert alone == []
