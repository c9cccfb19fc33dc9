"""Time the banner book of a large survey, then its release and its workbook: `make bench-tabulation`.

200 questions (ratings, background, several choices, numbers) by 8 background questions of 5 answers, 40 columns, on
100,000 interviews with unequal weights: drawn within strata, and in units within strata. Every case runs in a process
of its own. The answers are drawn with the edition's seed.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

from analysis.edition import load_edition
from analysis.pipeline.command import Call, run
from bench.runs import measured_apart, peak_mb, write_figures

if TYPE_CHECKING:
    import pandas as pd

    from analysis.edition.instrument import Instrument

CASES = ("strata", "units")
ROWS = 100_000
RATED, PROFILE, MULTIPLE, NUMERIC = 120, 40, 20, 20
BANNERS, ANSWERS, STRATA, UNITS = 8, 5, 20, 600


def main(call: Call) -> None:
    """Write a list of {"case", "rows", "questions", "columns", "seconds", …} to <output>/tabulation.json."""
    seed = load_edition(call.params).seed
    figures = [measured_apart("bench.tabulation", case, ROWS, seed) for case in CASES]
    write_figures(call.output / "tabulation.json", figures)


def run_case(case: str, rows: int, seed: int) -> dict[str, Any]:
    """Seconds of the tables and of their release, processor seconds of the tables, and the peak of memory."""
    import numpy as np

    from analysis.edition.sections.disclosure import Disclosure
    from analysis.edition.sections.tabulation import Tabulation
    from analysis.publish.parts import all_parts
    from analysis.publish.release import release
    from analysis.survey.design.survey_design import specify_design
    from analysis.survey.tabulation.book import tabulate
    from analysis.survey.tabulation.plan import plan_tables

    rng, instrument = np.random.default_rng(seed), _instrument()
    responses = _answers(rows, seed)
    unit = rng.integers(0, UNITS, rows)
    psu = unit if case == "units" else None
    started, spent = time.perf_counter(), time.process_time()
    design = specify_design(rows, weights=rng.uniform(0.5, 2.0, rows), strata=unit % STRATA, psu=psu)
    plan = plan_tables(Tabulation.model_validate({"banner": [f"b{place}" for place in range(BANNERS)]}), instrument)
    found = tabulate(responses, plan, instrument=instrument, design=design, min_base=30)
    seconds, processor = time.perf_counter() - started, time.process_time() - spent
    started = time.perf_counter()
    release({"tabulation": found.cells}, all_parts(), rules=Disclosure())
    return {
        "case": case,
        "rows": rows,
        "questions": len(plan),
        "columns": BANNERS * ANSWERS,
        "estimates": len(found.cells),
        "seconds": round(seconds, 2),
        "processor_seconds": round(processor, 2),
        "release_seconds": round(time.perf_counter() - started, 2),
        "peak_mb": peak_mb(),
    }


def _instrument() -> Instrument:
    from analysis.edition.instrument import Instrument

    name = {"zh": "题", "en": "Question"}
    asked: dict[str, list[dict[str, Any]]] = {kind: [] for kind in "bmn"}
    for kind, place in _keys():
        asked[kind].append({"key": f"{kind}{place}", "name": name, "question": name})
    answers = [str(code) for code in range(ANSWERS)]
    items = [{"key": f"q{place}", "zh": "题", "en": "Item"} for place in range(RATED)]
    return Instrument.model_validate(
        {
            "name": name,
            "scale": {"min": 1, "max": 5},
            "constructs": [{"key": "rated", "role": "other", "name": name, "items": items}],
            "profile": [one | {"categories": answers} for one in asked["b"]],
            "multiple": [one | {"options": answers} for one in asked["m"]],
            "numeric": asked["n"],
        }
    )


def _keys() -> list[tuple[str, int]]:
    sizes = {"b": PROFILE, "m": MULTIPLE, "n": NUMERIC}
    return [(kind, place) for kind, size in sizes.items() for place in range(size)]


def _answers(rows: int, seed: int) -> pd.DataFrame:
    """Ratings of which three in a hundred are missing, categories, choices and amounts."""
    import numpy as np
    import pandas as pd

    rng, names = np.random.default_rng(seed + 1), np.array([str(code) for code in range(ANSWERS)], dtype=object)
    frame: dict[str, Any] = {}
    for place in range(RATED):
        frame[f"q{place}"] = np.where(rng.random(rows) < 0.03, np.nan, rng.integers(1, 6, rows))
    for kind, place in _keys():
        key = f"{kind}{place}"
        if kind == "b":
            frame[key] = names[rng.integers(0, ANSWERS, rows)]
        elif kind == "m":
            frame |= {f"{key}.{code}": rng.integers(0, 2, rows).astype(float) for code in names}
        else:
            frame[key] = rng.gamma(2, 1000, rows)
    return pd.DataFrame(frame)


if __name__ == "__main__":
    if sys.argv[1:2] == ["case"]:
        sys.stdout.write(json.dumps(run_case(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))
    else:
        run(main, description=__doc__ or "")
