"""What make promises: only what changed runs again, a killed run is completed, two builds are the same bytes."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from running import ROOT, edition_arguments, hashes, make, own_environment

from analysis.pipeline.deps import closure, notebook_reads
from analysis.project import steps

pytestmark = pytest.mark.build


@pytest.fixture(scope="module")
def params(small_params: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Params of the small edition, to be changed."""
    return Path(shutil.copy2(small_params, tmp_path_factory.mktemp("params")))


@pytest.fixture(scope="module")
def built(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the report of the small edition, to be taken to pieces; its files keep their times."""
    return Path(shutil.copytree(small, tmp_path_factory.mktemp("make") / "built"))


def test_nothing_runs_when_nothing_changed(built: Path, params: Path) -> None:
    started = time.monotonic()
    done = make("report", *edition_arguments(params, built))
    assert time.monotonic() - started < 3
    assert "[" not in done.stdout


def test_a_changed_horizon_runs_the_trend_and_the_rendering_only(built: Path, params: Path) -> None:
    before = params.read_text(encoding="utf-8")
    params.write_text(f"{before}trend:\n  horizon: 6\n", encoding="utf-8")
    try:
        done = make("report", *edition_arguments(params, built))
        ran = {line.split()[2] for line in done.stdout.splitlines() if line.startswith("[") and "…" in line}
        assert {name for name in ran if name[0].isdigit()} == {"09_trend"}
        assert "book zh" in done.stdout
        assert "book en" in done.stdout
    finally:
        params.write_text(before, encoding="utf-8")
        make("report", *edition_arguments(params, built))


def test_a_run_killed_half_way_is_completed_with_the_same_results(built: Path, params: Path, tmp_path: Path) -> None:
    output = tmp_path / "killed"
    arguments = ["report", "LANGS=en", *edition_arguments(params, output)]
    with subprocess.Popen(
        ["make", *arguments],
        cwd=ROOT,
        env=own_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as run:
        deadline = time.monotonic() + 120
        while not (output / "notebooks" / "03_cleaning.ipynb").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        os.killpg(run.pid, signal.SIGKILL)
    assert (output / "notebooks" / "03_cleaning.ipynb").exists()
    assert not (output / "manifest.json").exists()
    make(*arguments)
    assert hashes(output) == {name: found for name, found in hashes(built).items() if "/zh/" not in name}


def test_two_builds_are_the_same_byte_for_byte(built: Path, params: Path, tmp_path: Path) -> None:
    shutil.rmtree(ROOT / "data" / "raw" / params.stem)
    make("report", "-j2", *edition_arguments(params, tmp_path / "again"))
    again, first = hashes(tmp_path / "again"), hashes(built)
    assert again == first
    assert sum(name.endswith(".svg") for name in first) > 10
    assert "tables/tables.xlsx" in first


def test_a_failing_run_keeps_the_earlier_report_and_names_the_fault(built: Path, params: Path) -> None:
    report = built / "report" / "zh" / "index.html"
    before, text = report.read_bytes(), params.read_text(encoding="utf-8")
    params.write_text(f"{text}trend:\n  horizn: 6\n", encoding="utf-8")
    try:
        done = make("report", *edition_arguments(params, built), check=False)
        assert done.returncode != 0
        assert "did you mean 'horizon'" in done.stderr
        assert "Traceback" not in done.stderr
        assert report.read_bytes() == before
    finally:
        params.write_text(text, encoding="utf-8")


def test_a_failing_notebook_leaves_its_partial_copy_and_is_not_taken_for_done(built: Path, params: Path) -> None:
    """A rule that excludes everybody stops the cleaning; the earlier report stays, and make tries again."""
    report = built / "report" / "zh" / "index.html"
    failed = built / "notebooks" / "03_cleaning.failed.ipynb"
    before, text = report.read_bytes(), params.read_text(encoding="utf-8")
    params.write_text(f"{text}cleaning:\n  max_longstring_share: 0.001\n", encoding="utf-8")
    try:
        for _ in range(2):
            done = make("report", *edition_arguments(params, built), check=False)
            assert done.returncode != 0
            assert "03_cleaning stopped" in done.stderr
            assert "leave no interview" in done.stderr
            assert "Traceback" not in done.stderr
            assert failed.exists()
            assert report.read_bytes() == before
    finally:
        params.write_text(text, encoding="utf-8")
        make("report", *edition_arguments(params, built))
    assert not failed.exists()


def _rehearsed(built: Path, params: Path) -> set[str]:
    """Notebooks, tables and stages that make would run."""
    listed = make("-n", "report", *edition_arguments(params, built)).stdout
    steps = re.findall(r"--step (\w+)|--table (\w+)|--lang (\w+)|pipeline\.(release|workbook)", listed)
    return {name for found in steps for name in found if name}


@pytest.mark.parametrize(
    ("product", "stage"),
    [
        ("report/en/chapters/03-measures.html", "en"),
        ("report/zh/finsat-maketest-zh.pdf", "zh"),
        ("figures/en/dimensions.svg", "en"),
        ("book/zh/chapters/01-overview.qmd", "zh"),
        ("results/09_trend/tables/forecast.parquet", "09_trend"),
        ("results/intake/waves.parquet", "waves"),
        ("results/disclosed/csi_overall.parquet", "release"),
        ("tables/csi_overall.csv", "release"),
        ("tables/tables.xlsx", "workbook"),
        ("quarantine/responses.csv", "responses"),
    ],
)
def test_a_product_that_was_deleted_comes_back_with_its_stage(
    built: Path, params: Path, product: str, stage: str
) -> None:
    kept = built / product
    content, times = kept.read_bytes(), kept.stat()
    kept.unlink()
    try:
        assert stage in _rehearsed(built, params)
    finally:
        kept.write_bytes(content)
        os.utime(kept, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert _rehearsed(built, params) == set()


def test_a_deleted_page_is_made_again(built: Path, params: Path) -> None:
    page = built / "report" / "en" / "chapters" / "08-outlook.html"
    before = page.read_bytes()
    page.unlink()
    done = make("report", *edition_arguments(params, built))
    assert page.read_bytes() == before
    assert "03_cleaning" not in done.stdout


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("notebooks/09_trend.ipynb", "09_trend"),
        ("results/disclosed/tables.json", "release"),
        ("tables/tables.xlsx", "workbook"),
        ("report/en/index.html", "en"),
    ],
)
def test_a_product_dated_in_the_future_is_named_and_made_again(
    built: Path, params: Path, name: str, stage: str
) -> None:
    product = built / name
    times = product.stat()
    os.utime(product, (time.time() + 86_400,) * 2)
    try:
        done = make("-n", "report", *edition_arguments(params, built))
        assert "dated in the future and not trusted" in done.stderr
        assert name in done.stderr
        assert stage in _rehearsed(built, params)
    finally:
        os.utime(product, ns=(times.st_atime_ns, times.st_mtime_ns))


def _touched(paths: Sequence[Path], built: Path, params: Path) -> set[str]:
    """What make would run if these sources had just been saved."""
    times = [(path, path.stat()) for path in paths]
    for path in paths:
        path.touch()
    try:
        return _rehearsed(built, params)
    finally:
        for path, was in times:
            os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))


def _signatures() -> dict[frozenset[str], list[Path]]:
    """Modules by the set of notebooks whose imports reach them."""
    reads = {step: set(notebook_reads(ROOT / "notebooks" / f"{step}.ipynb").code) for step in steps()}
    found: dict[frozenset[str], list[Path]] = {}
    for module in sorted((ROOT / "src" / "analysis").rglob("*.py")):
        reached = frozenset(step for step, code in reads.items() if module in code)
        found.setdefault(reached, []).append(module)
    return found


def test_every_module_runs_the_notebooks_that_reach_it_and_their_followers(built: Path, params: Path) -> None:
    """Every module is touched once, those that the same notebooks reach together."""
    reads = {step: notebook_reads(ROOT / "notebooks" / f"{step}.ipynb").results for step in steps()}
    intake = set(closure(["analysis.pipeline.intake"]))
    for reached, modules in _signatures().items():
        wanted = set(reached)
        for _ in steps():
            wanted |= {step for step, results in reads.items() if set(results) & wanted}
        for group in ([m for m in modules if m not in intake], [m for m in modules if m in intake]):
            if group:
                would = _touched(group, built, params)
                expected = set(steps()) if group[0] in intake else wanted
                assert {name for name in would if name[0].isdigit()} == expected, [m.name for m in group]


@pytest.mark.parametrize(
    "source", ["parts/trend/words.yml", "parts/satisfaction/tables.py", "figures/style.py", "disclosure/tables.py"]
)
def test_a_changed_word_heading_or_colour_runs_no_statistics(built: Path, params: Path, source: str) -> None:
    would = _touched([ROOT / "src/analysis/publish" / source], built, params)
    assert would == {"release", "workbook", "zh", "en"}


def test_check_reports_all_problems_and_writes_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text(
        f"extends: {ROOT / 'params/2025.yml'}\nsampling:\n  margin: 0\ntrend:\n  horizon: 0\n", encoding="utf-8"
    )
    done = make("check", *edition_arguments(broken, tmp_path / "out"), check=False)
    assert done.returncode != 0
    assert "2 problem(s) found" in done.stderr
    assert not (tmp_path / "out").exists()


def test_help_names_every_command() -> None:
    listed = make("help").stdout
    for command in ("report", "test", "test-quick", "lint", "check", "notebooks", "preview", "bench", "clean", "lab"):
        assert f"make {command}" in listed
