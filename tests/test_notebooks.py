"""Notebooks stay what they are: short cells around functions of analysis, explained, without outputs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import nbformat
import pytest
from analysis.publish.specs import STEPS

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def _cells(path: Path, kind: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def test_every_step_has_its_notebook_and_its_place_in_the_makefile() -> None:
    assert tuple(path.stem for path in NOTEBOOKS) == STEPS
    listed = re.search(r"^STEPS := (.*)$", MAKEFILE, re.M)
    assert listed
    assert tuple(listed[1].split()) == STEPS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestNotebook:
    def test_has_no_outputs(self, path: Path) -> None:
        assert all(not cell.outputs and cell.execution_count is None for cell in _cells(path, "code"))

    def test_has_short_cells_that_define_nothing(self, path: Path) -> None:
        for cell in _cells(path, "code"):
            assert len(cell.source.splitlines()) <= 10
            nodes = ast.walk(ast.parse(cell.source))
            assert not any(isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda) for node in nodes)

    def test_has_one_parameters_cell_with_two_parameters(self, path: Path) -> None:
        tagged = [cell for cell in _cells(path, "code") if "parameters" in cell.metadata.get("tags", [])]
        assert len(tagged) == 1
        names = [node.targets[0].id for node in ast.parse(tagged[0].source).body]  # type: ignore[attr-defined]
        assert names == ["params_file", "output_dir"]

    def test_explains_as_much_as_it_computes(self, path: Path) -> None:
        text = "".join(cell.source for cell in _cells(path, "markdown"))
        assert len(_cells(path, "markdown")) >= len(_cells(path, "code")) - 1
        assert len(text) > 900

    def test_declares_every_section_and_result_that_it_reads(self, path: Path) -> None:
        """What a notebook reads and the Makefile does not know would not run again when it changes."""
        source = "\n".join(cell.source for cell in _cells(path, "code"))
        rule = re.search(rf"^\$\(call done,{path.stem}\): (.*)$", MAKEFILE, re.M)
        assert rule
        stamps = _named(rule[1], "stamps") | _named(_line("$(DONE): $(CORE)"), "stamps")
        sections = set(re.findall(r"\bedition\.([a-z]+)", source))
        assert sections <= stamps
        read = set(re.findall(r'store\.(?:frame|record)\("([0-9a-z_]+)"', source))
        tables = set(re.findall(r'store\.(?:frame|record)\("intake", "([a-z_]+)"', source))
        assert read - {"intake"} <= _named(rule[1], "done")
        assert tables <= _named(rule[1], "taken")


def _line(start: str) -> str:
    return next(line for line in MAKEFILE.splitlines() if line.startswith(start))


def _named(text: str, function: str) -> set[str]:
    return {name for group in re.findall(rf"\$\(call {function},([^)]*)\)", text) for name in group.split()}
