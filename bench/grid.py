"""Time a grid of small editions, what scheduling adds, and how far more workers help: `make bench-grid`.

60 units of 300 interviews each, two dimensions, satisfaction, loyalty and two background questions, in one language,
as HTML and PDF, by two workers. Scheduling is timed by itself, with tasks that do nothing. Up to 64 workers are
simulated: the measured seconds of the cells are dealt out, the longest first, each to the worker that is free first,
after what can't be shared: the whole up to its index, and the index of the grid at the end.
"""

from __future__ import annotations

import argparse
import datetime as dt
import heapq
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from analysis.grid.build import Made, Task, surroundings
from analysis.grid.engine import Engine
from analysis.grid.run import Asked, Progress, publish_grid
from analysis.project import from_root
from bench.runs import write_figures

if TYPE_CHECKING:
    from collections.abc import Sequence

CELLS, INTERVIEWS, WORKERS = 60, 300, 2
EMPTY = 200
"""Tasks that do nothing."""
MOST_WORKERS = (1, 2, 4, 8, 16, 32, 64)
SIMULATED = 400
"""Cells of the simulated runs, whose seconds are those measured, over and over."""


def main() -> None:
    """Write seconds of cells, of scheduling and of simulated runs to <output>/grid.json, and their plot beside it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", default="output/bench")
    parser.add_argument("--cells", type=int, default=CELLS)
    given = parser.parse_args()
    output = from_root(given.output)
    path = write_survey(output / "grid", given.cells)
    told: list[Progress] = []
    started = time.monotonic()
    publish_grid(Asked(path, "local", WORKERS, "auto"), told.append)
    total = time.monotonic() - started
    seconds = sorted(told[0].seconds[WORKERS:] or told[0].seconds)
    cells_at = told[0].started
    overhead = scheduling()
    serial = (cells_at - started) + max(total - (cells_at - started) - told[0].span, 0.0)
    mean = sum(seconds) / len(seconds)
    many = [seconds[number % len(seconds)] for number in range(SIMULATED)]
    figures: dict[str, Any] = {
        "cells": given.cells,
        "workers": WORKERS,
        "seconds_in_all": round(total, 1),
        "seconds_before_the_cells": round(cells_at - started, 1),
        "seconds_a_cell": round(told[0].span / max(len(told[0].seconds), 1), 2),
        "seconds_of_a_worker_a_cell": round(mean, 2),
        "scheduling_seconds_a_task": round(overhead, 5),
        "scheduling_share": round(overhead / mean, 5),
        "simulated_cells": SIMULATED,
        "simulated": [simulated(many, n, serial, overhead) for n in MOST_WORKERS],
    }
    write_figures(output / "grid.json", [figures])
    plot(figures, output / "grid.svg")
    print(json.dumps(figures, indent=1))


def nothing(task: Task) -> Made:
    """A cell that is made in no time."""
    return Made(task.name, 0.0)


def scheduling() -> float:
    """Seconds from asking to telling of a task that does nothing, many at once."""
    task = Task("", "", "", "", (), (), "auto", surroundings(""))
    tasks = [Task(**{**task.__dict__, "name": f"empty{number}"}) for number in range(EMPTY)]
    ended: list[str] = []
    with Engine(workers=WORKERS, work=nothing).connected() as session:
        session.check_workers()
        session.run(tasks[:WORKERS], lambda one, _, __: ended.append(one.name))
        started = time.monotonic()
        session.run(tasks[WORKERS:], lambda one, _, __: ended.append(one.name))
        return (time.monotonic() - started) / (EMPTY - WORKERS)


def simulated(seconds: Sequence[float], workers: int, serial: float, dispatch: float) -> dict[str, float]:
    """Seconds of a run by so many workers, and how often faster it is than by one.

    The scheduler hands out one task at a time, every `dispatch` seconds; `serial` is what no worker can share.
    """
    return {
        "workers": workers,
        "seconds": round(serial + _makespan(seconds, workers, dispatch), 1),
        "speedup": round(
            (serial + _makespan(seconds, 1, dispatch)) / (serial + _makespan(seconds, workers, dispatch)), 2
        ),
        "speedup_of_cells": round(_makespan(seconds, 1, dispatch) / _makespan(seconds, workers, dispatch), 2),
    }


def _makespan(seconds: Sequence[float], workers: int, dispatch: float) -> float:
    free = [0.0] * workers
    for number, one in enumerate(sorted(seconds, reverse=True)):
        begin = max(heapq.heappop(free), number * dispatch)
        heapq.heappush(free, begin + one)
    return max(free)


def plot(figures: dict[str, Any], target: Path) -> None:
    """Speed-up over workers: all of the run, its cells alone, and the straight line."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4))
    axes = figure.add_subplot()
    workers = [one["workers"] for one in figures["simulated"]]
    axes.plot(workers, workers, color="#8796a6", linestyle=":", label="linear")
    axes.plot(workers, [one["speedup_of_cells"] for one in figures["simulated"]], marker="o", label="cells")
    axes.plot(workers, [one["speedup"] for one in figures["simulated"]], marker="s", label="whole run")
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    axes.set_xticks(workers, [str(n) for n in workers])
    axes.set_yticks(workers, [str(n) for n in workers])
    axes.set_xlabel("workers")
    axes.set_ylabel("times faster than one worker")
    axes.legend()
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, metadata={"Date": None})


def write_survey(folder: Path, cells: int) -> Path:
    """Write the params, the instrument, the interviews and the grid; the grid's path."""
    import numpy as np
    import pandas as pd

    rng, rows = np.random.default_rng(7), cells * INTERVIEWS
    folder.mkdir(parents=True, exist_ok=True)
    unit = np.repeat(np.arange(cells), INTERVIEWS)
    level = rng.normal(0, 0.25, cells)[unit] + rng.normal(0, 0.8, rows)
    items = {f"q{place}": np.clip(np.rint(7 + level * 1.5 + rng.normal(0, 1, rows)), 1, 10) for place in range(1, 11)}
    frame = pd.DataFrame({key: answers.astype(int) for key, answers in items.items()})
    frame["unit"] = [f"u{one:03d}" for one in unit]
    frame["region"], frame["age"] = rng.choice(["north", "south", "east"], rows), rng.choice(["young", "old"], rows)
    frame.to_csv(folder / "answers.csv", index=False)
    for name, content in (("instrument", _instrument()), ("bench", _params(folder)), ("units", _grid())):
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        (folder / f"{name}.yml").write_text(text, encoding="utf-8")
    return folder / "units.yml"


def _text(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def _instrument() -> dict[str, Any]:
    named = (
        ("speed", "dimension", 3),
        ("advice", "dimension", 3),
        ("overall", "satisfaction", 2),
        ("stay", "loyalty", 2),
    )
    place, constructs = 0, []
    for key, role, count in named:
        items = [{"key": f"q{place + n}", **_text(f"题 {place + n}", f"Item {place + n}")} for n in range(1, count + 1)]
        place += count
        constructs.append({"key": key, "role": role, "name": _text(key, key.capitalize()), "items": items})
    asked = {"unit": "机构", "region": "地区", "age": "年龄"}
    profile = [
        {"key": key, "name": _text(name, key.capitalize()), "question": _text(f"您的{name}", f"Your {key}")}
        for key, name in asked.items()
    ]
    name = _text("问卷", "Questionnaire")
    return {"name": name, "scale": {"min": 1, "max": 10}, "constructs": constructs, "profile": profile}


def _params(folder: Path) -> dict[str, Any]:
    words = _text("测试", "Bench")
    return {
        "publication": {
            "year": 2026,
            "title": words,
            "subtitle": words,
            "institute": words,
            "date": dt.date(2026, 1, 31),
        }
        | {"fieldwork": {"start": dt.date(2026, 1, 1), "end": dt.date(2026, 1, 31)}},
        "seed": 1,
        "instrument": "instrument.yml",
        "data": {"source": "files", "tables": {"responses": {"path": str(folder / "answers.csv")}}},
        "cleaning": {
            "duplicates": False,
            "max_longstring_share": None,
            "attention_check": False,
            "max_match_share": None,
        },
        "index": {"csat": {"construct": "overall", "satisfied_from": 7}, "segments": ["region", "age"]},
    }


def _grid() -> dict[str, Any]:
    return {"base": "bench.yml", "title": _text("机构", "Units"), "vary": [{"where": "unit"}], "languages": ["en"]}


if __name__ == "__main__":
    main()
