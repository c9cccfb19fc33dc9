"""What README says of adding a step: a notebook and a folder, and nothing else is touched."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

NOTEBOOK = """
from analysis.edition import load_edition
from analysis.results import Store

edition, store = load_edition("params/2025.yml"), Store("output")
waves = store.frame("intake", "waves")
store.save_tables("15_weather", {"weather": waves, "level": edition.trend.horizon})
"""
PART = '''"""The weather on the days of the interviews."""

from analysis.publish.part import Figure, Finding, Part
from analysis.publish.tables.columns import number, text
from analysis.publish.tables.spec import TableSpec


def draw_weather(tables, labels):
    from analysis.publish.figures.style import new_figure

    figure, (axes,) = new_figure(2)
    axes.bar(tables["weather"]["city"], tables["weather"]["degrees"])
    return figure


PART = Part(
    step="15_weather",
    tables=(TableSpec("weather", (text("city"), number("degrees", 1))),),
    figures=(Figure("weather", ("weather",), draw_weather),),
    findings=(Finding("weather", lambda store, labels: labels.text("findings.weather"), needs=("weather",)),),
)
'''
WORDS = """
tables:
  weather: {zh: 访问当日气温, en: Weather on the days of the interviews}
columns:
  city: {zh: 城市, en: City}
  degrees: {zh: 气温, en: Degrees}
findings:
  weather: {zh: 天气不错。, en: It was fine.}
"""
CHECK = """
import json
from pathlib import Path

import pandas as pd

from analysis.edition import load_edition
from analysis.edition.sections.disclosure import Disclosure
from analysis.pipeline.deps import notebook_reads, rules
from analysis.project import ROOT, steps
from analysis.publish.parts import all_parts
from analysis.publish.release import release
from analysis.publish.tables.markdown import markdown
from analysis.publish.tables.printed import printed
from analysis.publish.words.labels import Labels
from analysis.results import Store

labels, store = Labels(load_edition(ROOT / "params/2025.yml"), "en"), Store(ROOT / "output")
part = next(part for part in all_parts() if part.step == "15_weather")
tables = release({"weather": pd.DataFrame({"city": ["Xi'an"], "degrees": [21.5]})}, all_parts(), rules=Disclosure())
store.save_table("weather", tables["weather"])
told = part.told(store, labels)
page = markdown(printed(part.tables[0], tables["weather"], labels, part.placeholders(labels)), labels)
found = {step: notebook_reads(ROOT / "notebooks" / f"{step}.ipynb") for step in steps()}
rule = next(line for line in rules(found) if line.startswith("$(OUT)/notebooks/15_weather.ipynb:"))
print(json.dumps({"told": told, "page": page, "drawn": list(part.drawn(tables, labels)), "rule": rule}))
"""


def test_a_step_is_a_notebook_and_a_folder(root: Path, tmp_path: Path) -> None:
    for name in ("src", "params", "notebooks"):
        shutil.copytree(root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    cell = {"cell_type": "code", "id": "weather", "metadata": {}, "outputs": [], "execution_count": None}
    notebook = {"cells": [cell | {"source": NOTEBOOK.strip()}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "notebooks" / "15_weather.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    folder = tmp_path / "src" / "analysis" / "publish" / "parts" / "weather"
    folder.mkdir()
    (folder / "__init__.py").write_text(PART, encoding="utf-8")
    (folder / "words.yml").write_text(WORDS, encoding="utf-8")
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path / 'src')!r})\n{CHECK}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["told"] == {"weather": "It was fine."}
    assert "| Xi&#39;an" in found["page"]
    assert "Weather on the days of the interviews" in found["page"]
    assert found["drawn"] == ["weather"]
    assert "$(STAMP)/trend.json" in found["rule"]
    assert "$(OUT)/results/intake/waves.json" in found["rule"]
