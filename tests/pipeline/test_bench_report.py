"""The benchmark of the report changes the project's files and gives them back."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
from pathlib import Path
from types import ModuleType

import pytest

from analysis.errors import SurveyReportError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_report", ROOT / "bench" / "report.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "words.yml"
    path.write_text("{zh: 模型, en: Model}\n{zh: 来源, en: Source}\n", encoding="utf-8")
    os.utime(path, (1_000_000, 1_000_000))
    return path


def test_one_word_is_changed_and_content_and_time_come_back(bench: ModuleType, file: Path) -> None:
    before = file.read_bytes()
    with bench.changed(file, r"en: (\w+)\}", r"en: \1s}"):
        assert file.read_text(encoding="utf-8") == "{zh: 模型, en: Models}\n{zh: 来源, en: Source}\n"
        assert file.stat().st_mtime > 1_000_000
    assert (file.read_bytes(), file.stat().st_mtime) == (before, 1_000_000)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_benchmark_leaves_the_file_as_it_was(bench: ModuleType, file: Path, number: int) -> None:
    before = file.read_bytes()
    with pytest.raises((KeyboardInterrupt, SystemExit)), bench.changed(file, "Model", "Mode"):
        os.kill(os.getpid(), number)
    assert file.read_bytes() == before


def test_a_word_that_is_not_there_is_an_error(bench: ModuleType, file: Path) -> None:
    with pytest.raises(SurveyReportError, match="nothing to change"), bench.changed(file, "absent", "present"):
        pass


@pytest.mark.parametrize("name", ["SENTENCE", "WORD"])
def test_the_files_of_the_project_hold_what_is_looked_for(bench: ModuleType, name: str) -> None:
    path, pattern, replacement = getattr(bench, name)
    text = path.read_text(encoding="utf-8")
    assert re.sub(pattern, replacement, text, count=1) != text
