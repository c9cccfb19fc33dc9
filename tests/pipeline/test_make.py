"""What make promises: only what changed runs again, a killed run is completed, two builds are the same bytes."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pytest
from running import NAME, ROOT, edition_arguments, hashes, make, own_environment

from analysis.pipeline.deps import Reads, closure, notebook_reads
from analysis.project import steps


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


def _copied(built: Path, params: Path, folder: Path) -> tuple[Path, Path]:
    """The report and its params in another folder, where what a test changes need not be put right again."""
    copy = Path(shutil.copytree(built, folder / "copy"))
    return copy, Path(shutil.copy2(params, folder / params.name))


def test_a_changed_horizon_runs_the_trend_and_the_rendering_only(built: Path, params: Path, tmp_path: Path) -> None:
    """And the comparison with the edition before, which reads the section."""
    output, own = _copied(built, params, tmp_path)
    own.write_text(f"{own.read_text(encoding='utf-8')}trend:\n  horizon: 6\n", encoding="utf-8")
    assert _rehearsed(output, own) == {"09_trend", "release", "workbook", "zh", "en"}
    done = make("notebooks", *edition_arguments(own, output))
    assert _begun(done.stdout) == {"09_trend"}
    assert len(pd.read_parquet(output / "results" / "09_trend" / "tables" / "forecast.parquet")) == 6


def _begun(told: str) -> set[str]:
    """Notebooks and stages that make has run, by the first word of what they say."""
    return {line.partition("]")[2].split()[0] for line in told.splitlines() if line.startswith("[")}


def test_a_format_more_runs_the_rendering_only_and_leaves_the_other_files(
    built: Path, params: Path, tmp_path: Path
) -> None:
    """And a page that was deleted is made again with it."""
    output, own = _copied(built, params, tmp_path)
    arguments = ["report", *edition_arguments(own, output)]
    pdf = next((output / "report" / "en").glob("*-en.pdf"))
    page = output / "report" / "en" / "chapters" / "08-outlook.html"
    before, there = pdf.read_bytes(), _without_downloads(page)
    page.unlink()
    done = make(*arguments, "FORMATS=html pdf docx pptx")
    ran = {
        line.split("]")[1].split()[0] for line in done.stdout.splitlines() if line.startswith("[") and "…" not in line
    }
    assert ran == {"book", "manifest.json"}
    for lang in ("zh", "en"):
        assert {path.suffix for path in (output / "report" / lang).glob("finsat-*")} == {".pdf", ".docx", ".pptx"}
    assert pdf.read_bytes() == before
    assert _without_downloads(page) == there
    assert "[" not in make(*arguments, "FORMATS=html pdf docx pptx").stdout
    done = make(*arguments, "FORMATS=html doc", check=False)
    assert done.returncode != 0
    assert "did you mean 'docx'" in done.stderr


def _without_downloads(page: Path) -> list[str]:
    """Lines of a page but for those that lead to its other formats."""
    return [line for line in page.read_text(encoding="utf-8").splitlines() if 'class="download"' not in line]


def test_a_run_killed_half_way_is_completed_and_two_builds_are_the_same_byte_for_byte(
    built: Path, params: Path, build: Callable[..., None], tmp_path: Path
) -> None:
    """The second build simulates its data anew, under another name in another folder, and is killed on its way.

    What is compared is made before the PDF, which it leaves out.
    """
    output = tmp_path / "again"
    arguments = [
        "report",
        "FORMATS=html",
        *edition_arguments(shutil.copy2(params, tmp_path / f"{NAME}again.yml"), output),
    ]
    with subprocess.Popen(
        ["make", "-j2", *arguments],
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
    build(*arguments)
    again, first = hashes(output), hashes(built)
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


def test_a_failing_notebook_leaves_its_partial_copy_and_is_not_taken_for_done(
    built: Path, params: Path, tmp_path: Path
) -> None:
    """A rule that excludes everybody stops the cleaning; the earlier report stays, and make tries again."""
    output, own = _copied(built, params, tmp_path)
    report = output / "report" / "zh" / "index.html"
    failed, notebook = (output / "notebooks" / f"03_cleaning{end}.ipynb" for end in (".failed", ""))
    before, text = report.read_bytes(), own.read_text(encoding="utf-8")
    own.write_text(
        f"{text}cleaning:\n  max_longstring_share: 0.001\n  actions: {{straightlining: exclude}}\n", encoding="utf-8"
    )
    for _ in range(2):
        done = make("report", *edition_arguments(own, output), check=False)
        assert done.returncode != 0
        assert "03_cleaning stopped" in done.stderr
        assert "leave no interview" in done.stderr
        assert "Traceback" not in done.stderr
        assert failed.exists()
        assert report.read_bytes() == before
    own.write_text(text, encoding="utf-8")
    make(str(notebook), *edition_arguments(own, output))
    assert not failed.exists()


def _rehearsed(built: Path, params: Path) -> set[str]:
    """Notebooks, tables and stages that make would run."""
    return _stages(make("-n", "report", *edition_arguments(params, built)).stdout)


def _stages(listed: str) -> set[str]:
    """Those that a rehearsal names."""
    steps = re.findall(r"--step (\w+)|--table (\w+)|--lang (\w+)|pipeline\.(release|workbook)", listed)
    return {name for found in steps for name in found if name}


@pytest.mark.parametrize(
    ("product", "stage"),
    [
        ("report/en/chapters/03-measures.html", "en"),
        (f"report/zh/finsat-{NAME}-zh.pdf", "zh"),
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


def test_what_was_put_back_as_it_was_runs_nothing(built: Path, params: Path) -> None:
    product = built / "tables" / "csi_overall.csv"
    content, times = product.read_bytes(), product.stat()
    product.unlink()
    product.write_bytes(content)
    os.utime(product, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert _rehearsed(built, params) == set()


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
        assert stage in _stages(done.stdout)
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


@pytest.fixture(scope="module")
def reads() -> dict[str, Reads]:
    """What every notebook reads, by its source."""
    return {step: notebook_reads(ROOT / "notebooks" / f"{step}.ipynb") for step in steps()}


def _signatures(reads: dict[str, Reads]) -> dict[frozenset[str], list[Path]]:
    """Modules by the set of notebooks whose imports reach them."""
    found: dict[frozenset[str], list[Path]] = {}
    for module in sorted((ROOT / "src" / "analysis").rglob("*.py")):
        reached = frozenset(step for step, read in reads.items() if module in read.code)
        found.setdefault(reached, []).append(module)
    return found


def _made_from(built: Path, params: Path) -> dict[str, set[str]]:
    """Targets of every file that make takes for a prerequisite, from its own data base."""
    listed = make("-pn", "report", *edition_arguments(params, built)).stdout
    found: dict[str, set[str]] = {}
    for line in listed.partition("# Files")[2].splitlines():
        target, colon, needs = line.partition(": ")
        if colon and " " not in target and not target.startswith("#"):
            for need in needs.partition("|")[0].split():
                found.setdefault(need, set()).add(target)
    return found


def _reached(module: Path, targets: dict[str, set[str]]) -> set[str]:
    """Notebooks that are too old once `module` is saved, and those that follow them."""
    reached: set[str] = set()
    waiting = {module.relative_to(ROOT).as_posix()}
    while waiting:
        reached |= waiting
        waiting = {target for name in waiting for target in targets.get(name, ())} - reached
    return {Path(name).stem for name in reached if name.endswith(".ipynb")}


def _followers(reached: frozenset[str], reads: dict[str, Reads]) -> set[str]:
    """Steps that `reached` and those which read their results."""
    wanted = set(reached)
    for _ in reads:
        wanted |= {step for step, read in reads.items() if set(read.results) & wanted}
    return wanted


def test_every_module_runs_the_notebooks_that_reach_it_and_their_followers(
    built: Path, params: Path, reads: dict[str, Reads]
) -> None:
    """By make's own data base for every module."""
    targets, intake = _made_from(built, params), set(closure(["analysis.pipeline.intake"]))
    for reached, modules in _signatures(reads).items():
        wanted = _followers(reached, reads)
        for module in modules:
            would = _reached(module, targets)
            assert would == (set(steps()) if module in intake else wanted), module


def test_touched_modules_run_what_the_data_base_says(built: Path, params: Path, reads: dict[str, Reads]) -> None:
    """Modules of the three most common signatures, of the rarest ones and of the intake are touched."""
    targets, intake = _made_from(built, params), set(closure(["analysis.pipeline.intake"]))
    often = sorted(_signatures(reads).items(), key=lambda found: -len(found[1]))
    groups = [[m for m in modules if m not in intake] for _, modules in (*often[:3], *often[-3:])]
    for group in (*filter(None, groups), sorted(intake & {*(ROOT / "src" / "analysis" / "data").glob("*.py")})):
        wanted = set().union(*(_reached(m, targets) for m in group))
        would = _touched(group, built, params)
        assert {name for name in would if name[0].isdigit()} == wanted, [m.name for m in group]


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
    named = ("report", "test", "test-quick", "lint", "check", "notebooks", "preview", "bench", "clean", "lab")
    for command in (*named, "instrument", "data-release"):
        assert f"make {command}" in listed
