"""Notebooks stay what they are: short cells around functions of analysis, explained, without outputs."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from analysis.publish.notebook_source import IN_CHINESE, prose_of
from analysis.publish.parts import all_parts
from tests.publish.foreign_words import OTHERS, found, of_the_guide

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def _cells(path: Path, kind: str) -> list[dict[str, Any]]:
    """Cells of one kind, each with its source as one text."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell | {"source": "".join(cell["source"])} for cell in cells if cell["cell_type"] == kind]


def _facts(text: str) -> tuple[list[str], set[str], list[str]]:
    """What two texts have in common that say the same: levels of headings, names of the code, and numbers."""
    names = set(re.findall(r"`[^`]+`", text))
    numbers = sorted(re.findall(r"\d+(?:\.\d+)?", re.sub(r"`[^`]+`", "", text)))
    return re.findall(r"^(#+) ", text, re.MULTILINE), names, numbers


def test_every_step_has_a_part_of_the_report_and_the_other_way_round() -> None:
    assert {path.stem for path in NOTEBOOKS} == {part.step for part in all_parts()} - {"edition", "profiles"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestNotebook:
    def test_has_no_outputs(self, path: Path) -> None:
        assert all(not cell["outputs"] and cell["execution_count"] is None for cell in _cells(path, "code"))

    def test_has_short_cells_that_define_nothing(self, path: Path) -> None:
        for cell in _cells(path, "code"):
            assert len(cell["source"].splitlines()) <= 10
            nodes = ast.walk(ast.parse(cell["source"]))
            assert not any(isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda) for node in nodes)

    def test_has_one_parameters_cell_with_two_parameters(self, path: Path) -> None:
        tagged = [cell for cell in _cells(path, "code") if "parameters" in cell["metadata"].get("tags", [])]
        assert len(tagged) == 1
        names = [node.targets[0].id for node in ast.parse(tagged[0]["source"]).body]  # type: ignore[attr-defined]
        assert names == ["params_file", "output_dir"]

    def test_explains_as_much_as_it_computes(self, path: Path) -> None:
        text = "".join(cell["source"] for cell in _cells(path, "markdown"))
        assert len(_cells(path, "markdown")) >= len(_cells(path, "code")) - 1
        assert len(text) > 900

    def test_says_in_chinese_what_it_says_in_english(self, path: Path) -> None:
        """Every cell, with the same headings, names and numbers."""
        for cell in _cells(path, "markdown"):
            assert IN_CHINESE in cell["source"].splitlines(), cell["source"]
            told = prose_of(cell["source"])
            assert not re.search(r"[\u4e00-\u9fff]", told["en"])
            assert re.search(r"[\u4e00-\u9fff]", told["zh"])
            assert _facts(told["en"]) == _facts(told["zh"])

    def test_speaks_of_no_survey_in_particular(self, path: Path) -> None:
        """The same prose goes out with the report of every edition."""
        text = "\n".join("".join(cell["source"]) for cell in _cells(path, "markdown"))
        assert [
            place for lang in ("zh", "en") for place in (*of_the_guide(text, lang), *found(OTHERS[lang], text))
        ] == []

    def test_takes_only_its_own_figures_from_the_publishing_side(self, path: Path) -> None:
        """What is imported from there is no prerequisite: a changed word must not run statistics again."""
        source = "\n".join(cell["source"] for cell in _cells(path, "code"))
        taken = re.findall(r"from (analysis\.publish[\w.]*) import (.*)", source)
        assert taken == [("analysis.publish.preview", "preview")]
        assert f'preview("{path.stem}", tables, edition=edition)' in source

    def test_saves_its_tables_under_its_own_name(self, path: Path) -> None:
        source = "\n".join(cell["source"] for cell in _cells(path, "code"))
        assert f'store.save_tables("{path.stem}", tables)' in source
        assert set(re.findall(r'store\.save_\w+\("([^"]+)"', source)) == {path.stem}
