"""Audit random editions, and time 200 tables of 500 cells: python tests/publish/audit/run.py 300."""

from __future__ import annotations

import sys
import tempfile
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pandas as pd

from analysis.edition.sections.disclosure import Disclosure
from analysis.publish.disclosure.tables import suppress
from analysis.publish.tables.columns import N, number
from analysis.publish.tables.spec import People, TableSpec
from audit.editions import edition
from audit.stranger import leaks


def audit(count: int) -> None:
    """Print how many of the editions leak, and how much was withheld."""
    leaky, withheld, start = 0, 0, time.perf_counter()
    for seed in range(count):
        made = edition(seed)
        with tempfile.TemporaryDirectory() as folder:
            shown = made.publish(Path(folder))
            found = leaks(Path(folder), totals=made.totals, min_base=30, population=made.population)
        withheld += sum(int(frame["suppressed"].notna().sum()) for frame in shown.values() if "suppressed" in frame)
        leaky += bool(found)
        if found:
            print(seed, found[:3])
    print(f"{count} editions, {leaky} leak, {withheld} rows withheld, {time.perf_counter() - start:.0f} s")


def large(tables: int, rows: int, columns: int) -> None:
    """Time cross tables of two of forty questions each, linked by the categories of these questions."""
    rng = np.random.default_rng(2025)
    people = pd.DataFrame({f"q{i}": rng.integers(0, rows if i % 2 else columns, 40_000).astype(str) for i in range(40)})
    spec, frames, specs = TableSpec("cross", (number("csi", 1), N), people=(People(category="category"),)), {}, {}
    for place in range(tables):
        one, other = f"q{2 * int(rng.integers(0, 20)) + 1}", f"q{2 * int(rng.integers(0, 20))}"
        counts = people.groupby([one, other]).size()
        names = [f"{one}={a}; {other}={b}" for a, b in counts.index]
        drawn = np.maximum(counts.to_numpy() - 30, 1)
        frames[f"t{place}"] = pd.DataFrame({"category": names, "csi": 80.0, "n": drawn})
        specs[f"t{place}"] = TableSpec(f"t{place}", spec.columns, people=spec.people)
    start, busy = time.perf_counter(), time.process_time()
    shown = suppress(frames, specs, rules=Disclosure())
    gone = sum(int(frame["n"].isna().sum()) for frame in shown.values())
    cells = sum(len(frame) for frame in frames.values())
    took = f"{time.perf_counter() - start:.1f} s ({time.process_time() - busy:.1f} s of processor)"
    print(f"{tables} tables, {cells} cells, {gone} withheld, {took}")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    large(200, 25, 20)
    audit(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
