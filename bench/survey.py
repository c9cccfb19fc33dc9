"""Time weighting and estimation on large samples, beside R survey where it is installed: `make bench-survey`.

Every case runs in a process of its own, so that its peak of memory is its own. The data are drawn with the edition's
seed: 40 items of 1–5, 30 domains, 20 strata, unequal weights, four margins of 6, 2, 7 and 6 categories. R draws the
same kind of data; its seconds are those of rake, svymean or svyby alone, ours include the design.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.edition import load_edition
from analysis.pipeline.command import Call, run
from bench.runs import measured_apart, peak_mb, write_figures

if TYPE_CHECKING:
    import pandas as pd

CASES = ("rake", "means40", "domains")
ROWS = (100_000, 1_000_000)
ITEMS, DOMAINS, STRATA = 40, 30, 20
MARGINS = {"institution": 6, "customer": 2, "region": 7, "age": 6}
R_SCRIPT = Path(__file__).with_suffix(".R")
R_PATIENCE = 600
"""Seconds after which R is not waited for: the figure is null then."""


def main(call: Call) -> None:
    """Write a list of {"case", "rows", "seconds", "r_survey_seconds", "peak_mb"} to <output>/survey.json."""
    seed = load_edition(call.params).seed
    figures = [_measured(case, rows, seed) for rows in ROWS for case in CASES]
    write_figures(call.output / "survey.json", figures)


def _measured(case: str, rows: int, seed: int) -> dict[str, Any]:
    """One case in a process of its own, and the same in R."""
    ours = measured_apart("bench.survey", case, rows, seed)
    return {
        "case": case,
        "rows": rows,
        "seconds": ours["seconds"],
        "r_survey_seconds": r_seconds(case, rows, seed),
        "peak_mb": ours["peak_mb"],
    }


def r_seconds(case: str, rows: int, seed: int) -> float | None:
    """Seconds R survey takes; none without R, without its package, or when it takes too long."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return None
    command = [rscript, "--vanilla", str(R_SCRIPT), case, str(rows), str(seed)]
    try:
        finished = subprocess.run(command, check=False, capture_output=True, text=True, timeout=R_PATIENCE)
    except subprocess.TimeoutExpired:
        return None
    return round(float(finished.stdout), 3) if finished.returncode == 0 and finished.stdout.strip() else None


def run_case(case: str, rows: int, seed: int) -> dict[str, float]:
    """Seconds of one call and the peak of memory of this process, data included."""
    import numpy as np
    import pandas as pd

    from analysis.survey.design.survey_design import specify_design
    from analysis.survey.estimation.estimates import means
    from analysis.survey.weighting.stages import rake

    rng = np.random.default_rng(seed)
    weights = rng.uniform(0.5, 2.0, rows)
    if case == "rake":
        frame, targets = _margins(rows, seed)
        started = time.perf_counter()
        rake(frame, margins=targets, base=weights)
    else:
        items = pd.DataFrame(
            rng.integers(1, 6, (ITEMS, rows)).astype(np.float64).T, columns=[f"q{i + 1}" for i in range(ITEMS)]
        )
        strata = rng.integers(0, STRATA, rows)
        domain = pd.Series(rng.integers(0, DOMAINS, rows)) if case == "domains" else None
        started = time.perf_counter()
        means(items, design=specify_design(rows, weights=weights, strata=strata), domain=domain)
    seconds = time.perf_counter() - started
    return {"seconds": round(seconds, 3), "peak_mb": peak_mb()}


def _margins(rows: int, seed: int) -> tuple[pd.DataFrame, dict[str, dict[str, float]]]:
    """Profile answers, and population shares that are off them."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(seed + 1)
    frame, targets = {}, {}
    for name, count in MARGINS.items():
        codes = [f"{name}{place}" for place in range(count)]
        frame[name] = pd.Categorical.from_codes(rng.integers(0, count, rows), pd.Index(codes))
        targets[name] = dict(zip(codes, rng.uniform(0.5, 1.5, count).tolist(), strict=True))
    return pd.DataFrame(frame), targets


if __name__ == "__main__":
    if sys.argv[1:2] == ["case"]:
        sys.stdout.write(json.dumps(run_case(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))
    else:
        run(main, description=__doc__ or "")
