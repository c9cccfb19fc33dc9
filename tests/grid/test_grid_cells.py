"""Cells of a grid: their names, their number, and what is wrong with a grid before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from analysis.edition import load_edition
from analysis.errors import EditionError, SurveyReportError
from analysis.grid.cells import Grid, cells_of, check_against, load_grid

BASE = Path(__file__).resolve().parents[1] / "editions" / "csibank.yml"
ANSWERS = {"Occupation": ["Manager", "Retired"], "Region": ["East", "North", "Center"]}


def grid(tmp_path: Path, name: str = "trial", **content: Any) -> Grid:
    path = tmp_path / f"{name}.yml"
    path.write_text(
        yaml.safe_dump({"base": str(BASE), "title": {"zh": "网格", "en": "Grid"}} | content), encoding="utf-8"
    )
    return load_grid(path)


def test_cells_are_all_combinations_in_their_order(tmp_path: Path) -> None:
    vary = [{"where": "Occupation"}, {"where": "Region", "only": ["North", "East"]}]
    vary += [{"key": "trend.horizon", "values": {"short": 2}}]
    cells = cells_of(grid(tmp_path, vary=vary), ANSWERS)
    assert [cell.name for cell in cells] == [
        "Manager-North-short", "Manager-East-short", "Retired-North-short", "Retired-East-short",
    ]  # fmt: skip
    assert cells[0].where == {"Occupation": ("Manager",), "Region": ("North",)}
    assert cells[0].changes == {"trend": {"horizon": 2}}


def test_listed_cells_stand_beside_combined_ones(tmp_path: Path) -> None:
    listed = [{"name": "two", "where": {"Region": ["East", "North"]}, "params": {"seed": 4}}]
    cells = cells_of(grid(tmp_path, vary=[{"where": "Occupation"}], cells=listed), ANSWERS)
    assert [cell.name for cell in cells] == ["Manager", "Retired", "two"]
    assert cells[2].where == {"Region": ("East", "North")}


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".", "..", "work", "x" * 81, "a b", "/etc"])
def test_a_name_that_is_no_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(EditionError, match="can't be called that"):
        grid(tmp_path, cells=[{"name": name}])


def test_a_path_among_the_answers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EditionError, match="can't be called that"):
        cells_of(grid(tmp_path, vary=[{"where": "Region"}]), {"Region": ["../x"]})


@pytest.mark.parametrize("answers", [["a/b c", "a"], ["A", "a"], ["60+", "60 +"], ["csibank", "b"]])
def test_two_cells_of_one_name_are_refused(tmp_path: Path, answers: list[str]) -> None:
    with pytest.raises(EditionError, match=r"one name|can't be called"):
        cells_of(grid(tmp_path, vary=[{"where": "Region"}]), {"Region": answers})


def test_a_hundred_thousand_cells_are_a_mistake(tmp_path: Path) -> None:
    vary = [
        {"where": key, "only": [str(n) for n in range(size)]} for key, size in (("Occupation", 1000), ("Region", 100))
    ]
    with pytest.raises(EditionError, match="too many cells") as error:
        cells_of(grid(tmp_path, vary=vary), {})
    assert "100,000 = 1000 × 100" in str(error.value)


def test_a_question_that_nobody_was_asked_is_named(tmp_path: Path) -> None:
    with pytest.raises(EditionError, match="'Ocupation' is not a profile question"):
        check_against(grid(tmp_path, vary=[{"where": "Ocupation"}]), load_edition(BASE))


@pytest.mark.parametrize(
    "content",
    [{}, {"vary": [{"where": "Region", "key": "seed", "values": {"a": 1}}]}, {"vary": [{"key": "seed"}]}, {"most": 0}],
)
def test_a_grid_that_says_nothing_or_too_much_is_refused(tmp_path: Path, content: dict[str, Any]) -> None:
    with pytest.raises(SurveyReportError):
        grid(tmp_path, **content)


def test_the_grids_that_come_with_the_project_are_valid(root: Path) -> None:
    for path in [*(root / "params" / "grids").glob("*.yml"), *(root / "tests" / "grids").glob("*.yml")]:
        found = load_grid(path)
        check_against(found, load_edition(found.base))
