"""The rooms of src/analysis keep to the order of work: who may import whom, and who may touch files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "analysis"
CORE = {"errors", "edition", "optional", "project"}
ESTIMATION = {"survey.design", "survey.estimation"}
ROOMS = {
    "data": CORE,
    "results": CORE,
    "survey": CORE,
    "measurement": CORE | ESTIMATION | {"sem"},
    "sem": CORE | ESTIMATION,
    "satisfaction": CORE | ESTIMATION,
    "trend": CORE | ESTIMATION,
    "drivers": CORE | ESTIMATION,
    "service": CORE | ESTIMATION,
    "publish": CORE
    | {"results", "data", "survey", "measurement", "sem", "satisfaction", "trend", "drivers", "service"},
}
"""What each room may import besides itself; `pipeline` may import everything."""

ONLY_IN = {"semopy": "sem/", "matplotlib": "publish/figures/", "seaborn": "publish/figures/", "papermill": "pipeline/"}
FILE_ACCESS = re.compile(
    r"\.(read_text|write_text|read_bytes|write_bytes|open|mkdir|unlink|read_csv|read_excel|read_parquet|to_parquet|to_csv)\("
)


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield path.relative_to(SOURCE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize(("name", "tree"), list(_modules()), ids=lambda value: value if isinstance(value, str) else "")
def test_a_room_imports_only_what_stands_before_it(name: str, tree: ast.Module) -> None:
    room = name.split("/", maxsplit=1)[0].removesuffix(".py")
    allowed = ROOMS.get(room, CORE) | {room}
    if room in {"pipeline", "__init__"}:
        return
    for module in _imports(tree):
        if not module.startswith("analysis."):
            continue
        inside = module.removeprefix("analysis.")
        known = any(inside == permitted or inside.startswith(f"{permitted}.") for permitted in allowed)
        assert known, f"{name} imports {module}"


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_stays_in_its_room(library: str) -> None:
    strangers = [
        name
        for name, tree in _modules()
        for module in _imports(tree)
        if module.split(".")[0] == library and not name.startswith(ONLY_IN[library])
    ]
    assert not strangers


def test_statistics_do_not_touch_files() -> None:
    rooms = ("survey/", "measurement/", "sem/", "satisfaction/", "trend/", "service/")
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
        for name, tree in _modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value in keys
    ]
    assert not naming


def test_files_stay_short_and_functions_readable() -> None:
    long = []
    for name, tree in _modules():
        lines = (SOURCE / name).read_text(encoding="utf-8").count("\n")
        long += [f"{name}: {lines} lines"] if lines > 450 else []
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno > 70:
                long.append(f"{name}: {node.name}")
    assert not long
