"""Time the intake of a large file of answers, from csv and from Parquet: `make bench-intake`.

60 columns: an identifier, a time stamp, a duration, a weight, 44 ratings of which three in a hundred are missing, and
12 background questions. Every case runs in a process of its own; the files are written by another one, with the seed of
the edition, before the clock starts.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from analysis.edition import load_edition
from analysis.pipeline.command import Call, run
from bench.runs import measured_apart, peak_mb, write_figures

if TYPE_CHECKING:
    import pandas as pd

CASES = ("csv", "parquet")
ROWS = 1_000_000
RATED, PROFILE, ANSWERS = 44, 12, 6


def main(call: Call) -> None:
    """Write a list of {"case", "rows", "columns", "seconds", …} to <output>/intake.json."""
    seed = load_edition(call.params).seed
    with tempfile.TemporaryDirectory() as folder:
        measured_apart("bench.intake", "files", folder, ROWS, seed)
        figures = [measured_apart("bench.intake", case, folder, ROWS, seed) for case in CASES]
    write_figures(call.output / "intake.json", figures)


def run_case(case: str, folder: Path, rows: int, seed: int) -> dict[str, Any]:
    """Seconds from the file to the frame that the notebooks read, and the peak of memory; or the files, written."""
    if case == "files":
        _write_files(folder, rows, seed)
        return {}
    from analysis.data.intake import load_table

    started, spent = time.perf_counter(), time.process_time()
    taken = load_table(load_edition(folder / f"{case}.yml"), "responses")
    seconds, processor = time.perf_counter() - started, time.process_time() - spent
    assert taken is not None
    assert len(taken.frame) == rows
    return {
        "case": case,
        "rows": rows,
        "columns": taken.frame.shape[1],
        "seconds": round(seconds, 2),
        "processor_seconds": round(processor, 2),
        "peak_mb": peak_mb(),
    }


def _write_files(folder: Path, rows: int, seed: int) -> None:
    """The answers in both formats, each with its params, and one instrument."""
    answers = _answers(rows, seed)
    answers.to_csv(folder / "answers.csv", index=False)
    answers.to_parquet(folder / "answers.parquet", index=False)
    (folder / "instrument.yml").write_text(yaml.safe_dump(_instrument()), encoding="utf-8")
    text = {"zh": "-", "en": "-"}
    publication = {"year": 2025, "title": text, "subtitle": text, "institute": text, "date": "2025-01-01"}
    for case in CASES:
        responses = {"path": str(folder / f"answers.{case}"), "columns": {"submitted_at": "time", "duration_s": "took"}}
        params = {
            "publication": publication,
            "seed": 1,
            "instrument": "instrument.yml",
            "data": {"source": "files", "tables": {"responses": responses}},
            "index": {"csat": {"construct": "rated", "satisfied_from": 4}},
        }
        written = yaml.safe_dump(params).replace("'2025-01-01'", "2025-01-01")
        (folder / f"{case}.yml").write_text(written, encoding="utf-8")


def _instrument() -> dict[str, Any]:
    text = {"zh": "题", "en": "Question"}
    items = [{"key": f"q{place}", **text} for place in range(RATED)]
    asked = [{"key": f"b{place}", "name": text, "question": text} for place in range(PROFILE)]
    return {
        "name": text,
        "scale": {"min": 1, "max": 5},
        "constructs": [{"key": "rated", "name": text, "items": items}],
        "profile": asked,
    }


def _answers(rows: int, seed: int) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(seed)
    words = np.array([f"answer {code}" for code in range(ANSWERS)], dtype=object)
    moment = pd.Timestamp("2025-03-01") + pd.to_timedelta(np.sort(rng.integers(0, 30 * 86_400, rows)), unit="s")
    frame: dict[str, Any] = {
        "respondent_id": [f"r{row}" for row in range(rows)],
        "time": moment.strftime("%Y-%m-%d %H:%M:%S"),
        "took": rng.integers(60, 1800, rows),
        "weight": rng.uniform(0.5, 2.0, rows).round(4),
    }
    for place in range(RATED):
        frame[f"q{place}"] = pd.array(rng.integers(1, 6, rows), dtype="Int64")
        frame[f"q{place}"][rng.random(rows) < 0.03] = pd.NA
    return pd.DataFrame(frame | {f"b{place}": words[rng.integers(0, ANSWERS, rows)] for place in range(PROFILE)})


if __name__ == "__main__":
    if sys.argv[1:2] == ["case"]:
        case, folder, rows, seed = sys.argv[2:]
        sys.stdout.write(json.dumps(run_case(case, Path(folder), int(rows), int(seed))))
    else:
        run(main, description=__doc__ or "")
