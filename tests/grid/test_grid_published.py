"""What of a grid is planned and published: params of cells, the league, the page, and errors before anything runs."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest
import yaml

from analysis.edition import load_edition
from analysis.errors import Problems, SurveyReportError
from analysis.grid import leash
from analysis.grid.__main__ import main
from analysis.grid.build import Task, link_or_copy
from analysis.grid.cells import Cell, load_grid
from analysis.grid.disclosure import Across, whom
from analysis.grid.engine import EngineError
from analysis.grid.index import ASSETS
from analysis.grid.league import UNTESTED, league
from analysis.grid.page import Shown, page
from analysis.grid.plan import cell_params, cell_title
from analysis.grid.run import Asked, Progress, publish_grid, telling
from analysis.publish.words.labels import Labels
from analysis.results import Store

ROOT = Path(__file__).resolve().parents[2]
OCCUPATIONS = ROOT / "tests" / "grids" / "occupations.yml"
MANAGER = Cell("Manager", {"Occupation": ("Manager",)}, {}, {})


def store(folder: Path, csi: float, *, difference: float = 0.0, p: float = 0.5) -> Store:
    """What a cell released of its index."""
    made = Store(folder)
    overall = {"measure": ["csi"], "estimate": [csi], "ci_low": [csi - 2], "ci_high": [csi + 2], "n": [100]}
    made.save_table("csi_overall", pd.DataFrame(overall))
    rows = [("csi", difference, p), ("csat", 1.0, 0.001), ("IMAG", difference, 0.001), ("VAL", -3.0, 0.2)]
    against = pd.DataFrame(rows, columns=["measure", "difference", "p"])
    against = against.assign(p_adjusted=against["p"], difference_low=-1.0, difference_high=1.0)
    made.save_table("against_whole", against)
    return made


def test_the_params_of_a_cell_are_those_of_the_base_for_its_part() -> None:
    grid = load_grid(OCCUPATIONS)
    edition = load_edition(grid.base)
    content = cell_params(grid, MANAGER, edition, Across({}, {}, ()))
    assert content["domain"] == {"of": "output/grids/occupations/work/csibank", "where": {"Occupation": ["Manager"]}}
    assert content["index"]["segments"] == ["Region"]
    assert content["publication"]["title"]["en"] == "Customer satisfaction with a credit institution: Manager"
    assert (ROOT / "output/grids/occupations/params" / content["instrument"]).resolve() == (
        ROOT / "tests/editions/csibank-instrument.yml"
    )
    changed = Cell("late", {}, {"trend": {"horizon": 2}}, {"zh": "晚", "en": "Late"})
    assert "domain" not in cell_params(grid, changed, edition, Across({}, {}, ()))
    assert cell_title(changed, edition, "zh") == "晚"


def test_the_params_of_a_part_of_the_default_edition_are_valid(root: Path, tmp_path: Path) -> None:
    """Comparisons of institutions make no sense within one, and nothing of the draw is a part's own."""
    grid = load_grid(root / "params" / "grids" / "institutions.yml")
    edition = load_edition(grid.base)
    own = Cell("bank", {"institution_type": ("bank",)}, {}, {})
    content = cell_params(grid, own, edition, Across({}, {}, ()))
    for key in ("instrument", "model", "standards", "benchmarks"):
        content[key] = str((root / "output/grids/institutions/params" / content[key]).resolve())
    path = tmp_path / "bank.yml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    found = load_edition(path)
    assert found.domain.where == {"institution_type": ("bank",)}
    assert "institution_type" not in found.index.segments
    assert not found.sampling.planned
    assert edition.predecessor
    assert found.predecessor is None, "an edition of all interviews is none before that of a part"


@pytest.mark.parametrize(
    "domain", [{"of": "x", "where": {"Job": ["a"]}}, {"where": {"Region": ["East"]}}, {"of": "x", "whose": {}}]
)
def test_a_domain_that_names_nobody_is_refused(tmp_path: Path, domain: dict[str, object]) -> None:
    path = tmp_path / "cell.yml"
    base = ROOT / "tests" / "editions" / "csibank.yml"
    path.write_text(yaml.safe_dump({"extends": str(base), "domain": domain}), encoding="utf-8")
    with pytest.raises((SurveyReportError, Problems)):
        load_edition(path)


def test_the_league_allows_for_as_many_tests_as_there_are_cells(tmp_path: Path) -> None:
    edition = load_edition(ROOT / "tests" / "editions" / "csibank.yml")
    stores = [
        ("a", store(tmp_path / "a", 70, difference=-4, p=0.02)),
        ("b", store(tmp_path / "b", 80, difference=6, p=0.001)),
        ("c", store(tmp_path / "c", 74, p=0.04)),
    ]
    found = league(stores, store(tmp_path / "whole", 74), index=edition.index)
    table = found.table.set_index("cell")
    assert list(table.index) == ["b", "c", "a"]
    assert found.tests == 3
    assert table["p_adjusted"].to_dict() == pytest.approx({"b": 0.003, "c": 0.04, "a": 0.04})
    assert table["verdict"].to_dict() == {
        "a": "lower",
        "b": "higher",
        "c": "higher" if table.loc["c", "difference"] > 0 else "lower",
    }
    assert table.loc["b", "higher_in"] == "IMAG"


def test_a_cell_whose_index_is_withheld_stands_last_and_is_not_compared(tmp_path: Path) -> None:
    edition = load_edition(ROOT / "tests" / "editions" / "csibank.yml")
    stores = [("a", store(tmp_path / "a", np.nan)), ("b", store(tmp_path / "b", 80, difference=6, p=0.001))]
    table = league(stores, store(tmp_path / "whole", 74), index=edition.index).table
    assert table["cell"].tolist() == ["b", "a"]
    assert table["verdict"].tolist() == ["higher", UNTESTED]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_shows_all_it_has_without_a_script_and_escapes_names(tmp_path: Path, lang: str) -> None:
    edition = load_edition(ROOT / "tests" / "editions" / "csibank.yml")
    found = league(
        [("a", store(tmp_path / "a", 70, difference=-4, p=0.001))], store(tmp_path / "w", 74), index=edition.index
    )
    links = {"a": {"report": "cells/a/en/index.html", "pdf": "cells/a/en/a.pdf"}, "b": {}}
    shown = Shown("T", {"a": "<i>A", "b": "B"}, links, {"b": "too_few"}, "cells/w/en/index.html", ("zh", "en"))
    text = page(found, shown, Labels(edition, lang))
    assert "&lt;i&gt;A" in text
    assert "<i>A" not in text
    assert ("少于" in text or "不足" in text) if lang == "zh" else "Fewer than 30" in text
    assert 'href="cells/a/en/a.pdf"' in text
    assert "Content-Security-Policy" in text
    assert re.findall(r"<script[^>]*>[^<]", text) == []
    assert set(re.findall(r'(?:src|href)="([^"]+)"', text)) <= {
        "grid.css", "grid.js", "league.csv", "zh.html", "en.html", "cells/a/en/index.html", "cells/a/en/a.pdf",
        "cells/w/en/index.html",
    }  # fmt: skip
    assert {path.name for path in ASSETS.iterdir()} == {"grid.css", "grid.js"}


def test_what_is_left_is_told_by_what_cells_took() -> None:
    progress = Progress(total=5, slots=2)
    task = Task("a", "", "", "", (), (), "", "")
    assert progress.left() == ""
    progress.tell(task, None, "it failed\nfor this reason")
    progress.seconds = [10.0]
    assert progress.left() == "  ·  about 20 s left"
    assert progress.faults == {"a": "it failed\nfor this reason"}


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("No step made the table 'x'.\n  where: y", "No step made the table 'x'."),
        ('  File "a.py", line 3, in draw\n    x = y[0]\nIndexError: out of bounds', "IndexError: out of bounds"),
        ("Traceback (most recent call last):\nKeyError: 'x'", "KeyError: 'x'"),
        ("", ""),
    ],
)
def test_the_line_of_a_cell_that_failed_is_the_one_that_says_why(fault: str, told: str) -> None:
    assert telling(fault) == told


@pytest.mark.parametrize("name", ["nothing-of-the-kind", "../x", ""])
def test_a_grid_that_is_not_there_ends_with_a_message(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["grid", "--grid", name])
    assert main() == 2
    assert "does not exist" in capsys.readouterr().err


def test_nothing_runs_where_the_scheduler_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.grid.engine.CONNECT_SECONDS", 1)
    monkeypatch.setattr("analysis.grid.run.claim", lambda _: None)
    with pytest.raises(EngineError, match="can't be reached"):
        publish_grid(Asked(OCCUPATIONS, engine="tcp://127.0.0.1:9"))


def test_a_command_on_a_leash_ends_with_who_started_it(tmp_path: Path) -> None:
    """The one in between is killed; what it had started does not live on."""
    note = tmp_path / "pid"
    sleeper = f"import os, time, pathlib; pathlib.Path({str(note)!r}).write_text(str(os.getpid())); time.sleep(60)"
    middle = (
        "import os, subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, {leash.__file__!r}, str(os.getpid()), '0', sys.executable,\n"
        f"'-c', {sleeper!r}])\n"
        "time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", middle])
    until = time.monotonic() + 30
    while not (note.exists() and note.read_text()) and time.monotonic() < until:
        time.sleep(0.05)
    process.kill()
    process.wait()
    pid = int(note.read_text())
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" and time.monotonic() < until:
        time.sleep(0.05)
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie"


def test_published_files_are_second_names(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x", encoding="utf-8")
    link_or_copy(str(tmp_path / "a"), str(tmp_path / "b"))
    assert (tmp_path / "b").read_text(encoding="utf-8") == "x"


def test_whom_a_cell_is_about_does_not_depend_on_how_it_was_written() -> None:
    assert whom({"b": ["2", "1"], "a": ["x"]}) == whom({"a": ("x",), "b": ("1", "2")})
