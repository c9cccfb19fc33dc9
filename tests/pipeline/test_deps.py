"""Prerequisites follow from the source: of the real notebooks, and of small ones that go wrong."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from analysis.pipeline import deps
from analysis.pipeline.command import Call
from analysis.pipeline.deps import (
    OUTGOING,
    SECTIONS,
    DependencyError,
    Reads,
    check_order,
    closure,
    notebook_reads,
    rules,
    stage_reads,
)
from analysis.project import ROOT, steps

SOURCE = ROOT / "src" / "analysis"


@cache
def _found() -> dict[str, Reads]:
    """What every notebook reads."""
    return {step: notebook_reads(ROOT / "notebooks" / f"{step}.ipynb") for step in steps()}


def _notebook(folder: Path, *cells: str, name: str = "03_x") -> Path:
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": [cell]} for cell in cells]}))
    return path


def _code(step: str) -> set[str]:
    return {path.relative_to(SOURCE).as_posix() for path in _found()[step].code if path.is_relative_to(SOURCE)}


IMPORTING = """
import json, os, sys
import pandas, pyarrow, pydantic, yaml
for lines in json.load(sys.stdin):
    if os.fork() == 0:
        exec(lines)
        ours = [module.__file__ for name, module in sys.modules.items() if name.split(".")[0] == "analysis"]
        print(json.dumps(ours), flush=True)
        os._exit(0)
    assert os.wait()[1] == 0
"""
"""Each notebook's imports run in a process of its own, which has libraries of others loaded and nothing of ours."""


def _imports(step: str) -> str:
    cells = json.loads((ROOT / "notebooks" / f"{step}.ipynb").read_text(encoding="utf-8"))["cells"]
    lines = [line.rstrip() for cell in cells if cell["cell_type"] == "code" for line in cell["source"]]
    wanted = [line for line in lines if line.startswith(("from ", "import ")) and "analysis.publish" not in line]
    return "\n".join(wanted)


def test_what_python_imports_for_a_notebook_is_among_its_prerequisites() -> None:
    """The interpreter's own answer: the imports of the notebook run, and its modules are those of ours."""
    wanted = json.dumps([_imports(step) for step in steps()])
    done = subprocess.run([sys.executable, "-c", IMPORTING], input=wanted, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert len(lines) == len(steps())
    for step, line in zip(steps(), lines, strict=True):
        loaded = {Path(file).relative_to(SOURCE).as_posix() for file in json.loads(line)}
        assert loaded, step
        assert loaded <= _code(step), step


def test_the_publishing_side_is_no_prerequisite_of_any_notebook() -> None:
    assert not [name for step in _found() for name in _code(step) if name.startswith("publish/")]


@pytest.mark.parametrize(
    ("module", "wanted"),
    [
        ("survey/estimation/sandwich.py", {"02_fieldwork", "05_satisfaction", "07_structural"}),
        ("survey/estimation/differences.py", {"05_satisfaction", "07_structural"}),
        ("edition/sections/trend.py", set(steps())),
        ("trend/forecast.py", {"09_trend"}),
    ],
)
def test_a_module_concerns_the_notebooks_that_reach_it(module: str, wanted: set[str]) -> None:
    assert wanted <= {step for step in _found() if module in _code(step)}


def test_the_trend_hangs_on_the_waves_and_on_the_index_and_what_earlier_waves_are_made_ready_by() -> None:
    """Beside them on the dates of the fieldwork, and on what a simulated edition was planted with."""
    reads = _found()["09_trend"]
    made_ready = {"seed", "cleaning", "weighting", "index"}
    planted = {"data", "instrument", "standards", "simulation"}
    made_ready |= {"domain"}  # nothing was planted for a part of a simulated survey
    assert set(reads.sections) == {"trend", "publication.fieldwork"} | planted | made_ready
    assert set(reads.tables) == {"waves", "earlier_waves", "responses", "population"}
    assert set(reads.results) == {"03_cleaning", "04_weighting", "05_satisfaction"}
    assert reads.needs == ()


@pytest.mark.parametrize("step", ["01_sampling", "02_fieldwork", "04_weighting", "06_measurement", "07_structural"])
def test_a_step_that_draws_lots_reads_the_seed(step: str) -> None:
    assert "seed" in _found()[step].sections


def test_a_function_that_is_handed_the_edition_is_followed(tmp_path: Path) -> None:
    path = _notebook(
        tmp_path,
        "from analysis.data.truth import planted_faults\nfrom analysis.edition import load_edition",
        "edition = load_edition('x')\nplanted_faults(edition)",
    )
    assert notebook_reads(path).sections == ("data",)
    assert ROOT / "params" / "simulation" / "guide.yml" in notebook_reads(path).code


def test_so_is_one_that_an_optional_value_or_an_attempt_hands_it_to(tmp_path: Path) -> None:
    cells = (
        "from analysis.data.truth import planted_faults\nfrom analysis.edition.changed_params import changed_params",
        "before.then(changed_params, edition)\nattempt(planted_faults, edition)",
    )
    found = set(notebook_reads(_notebook(tmp_path, *cells)).sections)
    assert found == {
        "fieldwork",
        "cleaning",
        "weighting",
        "index",
        "measurement",
        "structural",
        "drivers",
        "disclosure",
        "data",
    }


def test_what_moved_hangs_on_every_param_that_it_compares_and_not_on_how_far_a_trend_is_forecast() -> None:
    sections = set(_found()["17_moved"].sections)
    assert {"trend.panel", "cleaning", "structural", "disclosure"} <= sections
    assert "trend" not in sections


def test_results_and_tables_are_told_apart(tmp_path: Path) -> None:
    path = _notebook(
        tmp_path,
        'store.record("intake", "waves")\nstore.quarantine("responses")\nstore.frame("01_a", "b")',
        'store.save_record("03_x", "c", {})\nstore.frame("03_x", "own")',
    )
    reads = notebook_reads(path)
    assert reads.tables == ("responses", "waves")
    assert reads.results == ("01_a",)


def test_what_is_imported_for_the_type_checker_alone_is_no_prerequisite() -> None:
    files = {path.relative_to(SOURCE).as_posix() for path in closure(["analysis.trend.gaussian"])}
    assert files == {"__init__.py", "trend/__init__.py", "trend/gaussian.py"}


def test_publishing_hangs_on_every_part_and_its_words() -> None:
    code = next(line for line in rules(_found()) if line.startswith("CODE_render")).split()
    assert "src/analysis/publish/parts/trend/words.yml" in code
    every = {f"src/analysis/publish/{path.relative_to(SOURCE / 'publish')}" for path in SOURCE.glob("publish/**/*.py")}
    assert {name for name in every if "/parts/" in name} <= set(code)


def test_every_section_is_read_by_a_step_or_by_what_goes_out() -> None:
    found = (*_found().values(), *(stage_reads(stage) for stage in OUTGOING))
    read = {section for reads in found for section in reads.sections}
    assert set(SECTIONS) - read <= {"publication", "simulation", "benchmarks", "standards", "withheld"}


def test_what_goes_out_besides_the_report_hangs_on_what_its_source_reads() -> None:
    form, file = (stage_reads(stage) for stage in OUTGOING)
    assert set(form.sections) == {"publication", "instrument"}
    assert (form.tables, form.results) == ((), ())
    assert file.results == ("03_cleaning", "04_weighting")
    assert {"data_release", "instrument", "weighting", "index"} <= set(file.sections)
    names = {path.relative_to(SOURCE).as_posix() for path in (*form.code, *file.code) if path.is_relative_to(SOURCE)}
    assert {"outgoing/words.yml", "outgoing/questionnaire.typ", "outgoing/codebook.html"} <= names


def _reads(*results: str) -> Reads:
    return Reads(sections=(), tables=(), results=results, code=())


def test_notebooks_that_read_each_other_are_an_error() -> None:
    with pytest.raises(DependencyError, match=r"circle[\s\S]*01_a → 02_b → 01_a|circle[\s\S]*02_b → 01_a → 02_b"):
        check_order({"01_a": _reads("02_b"), "02_b": _reads("01_a")})


def test_a_result_of_no_step_is_an_error() -> None:
    with pytest.raises(DependencyError, match="02_missing"):
        check_order({"01_a": _reads("02_missing")})


def test_make_begins_with_the_longest_chain() -> None:
    found = {"01_a": _reads(), "02_b": _reads(), "03_c": _reads("02_b"), "04_d": _reads("03_c")}
    assert next(iter(rules(found))) == "STEPS := 02_b 03_c 01_a 04_d"


def test_what_follows_from_the_source_is_derived_again_only_where_the_source_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or where what was derived is gone; the languages are those of the params each time."""
    monkeypatch.delenv("RUN_PID", raising=False)
    params, derived = tmp_path / "edition.yml", list[Path]()

    def derive(record: Path) -> list[str]:
        record.write_text("{}", encoding="utf-8")
        derived.append(record)
        return ["X := 1"]

    monkeypatch.setattr(deps, "_derived", derive)
    call = Call(params=params, output=tmp_path / "out", options=argparse.Namespace())
    for languages in ("[zh, en]", "[en]"):
        params.write_text(f"publication: {{languages: {languages}}}\n", encoding="utf-8")
        deps.main(call)
    first, *_, last = (call.output / "deps.mk").read_text(encoding="utf-8").splitlines()
    assert (first, last, len(derived)) == ("LANGUAGES := en", "X := 1", 1)
    (call.output / "deps.json").unlink()
    deps.main(call)
    assert len(derived) == 2
    monkeypatch.setattr(deps, "code_digest", lambda: "other")
    deps.main(call)
    assert len(derived) == 3
