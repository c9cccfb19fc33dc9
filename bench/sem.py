"""Time the structural model of the edition, beside lavaan and semopy where they are: `make bench-sem`.

Every case runs in a process of its own on the same file of five-point answers, drawn with the edition's seed from the
edition's model: exogenous constructs correlate 0.55, paths to one construct are equal and explain about half of it.
For FIML 5 % of the answers are missing at random; `replicates` refits such a model with 200 replicate weights. `stream`
is MLR of a Parquet file that is read in blocks. Times are CPU seconds of the process, which other work on the machine
leaves alone; `ratio` is ours to lavaan's of the same case, of a stream to lavaan's ML of 200,000 rows.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.edition import Edition, load_edition
from analysis.errors import SurveyReportError
from analysis.pipeline.command import Call, run, say
from analysis.project import shown
from bench.runs import peak_mb

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from analysis.sem.model.syntax import ModelSyntax

CASES = (
    ("ML", 2_000),
    ("MLR", 2_000),
    ("FIML", 2_000),
    ("WLSMV", 2_000),
    ("bootstrap", 2_000),
    ("replicates", 2_000),
    ("ML", 200_000),
)
GAPS = ("FIML", "replicates")
"""Cases with missing answers."""
STREAMED = (1_000_000, 10_000_000)
"""Rows of the files that are streamed; the first is also fitted in memory, for the difference."""
CHUNK = 200_000
"""Rows of such a file that are drawn at a time."""
REPLICATES = 1_000
WEIGHTS = 200
"""Replicate weights of the case `replicates`."""
LAVAAN_REPLICATES = 20
"""lavaan refits one by one: its time is taken for few and scaled up."""
R_SCRIPT = Path(__file__).with_suffix(".R")
R_PATIENCE = 900
"""Seconds after which lavaan is not waited for: the figure is null then."""


def main(call: Call) -> None:
    """Write a list of {"case", "rows", "seconds", "lavaan_seconds", "ratio", "semopy_seconds", "max_rel_diff"}.

    Entries of a streamed file have "peak_mb" besides, and the difference is that from the fit of the same in memory.
    """
    edition = load_edition(call.params)
    if edition.model is None:
        raise SurveyReportError("The edition has no structural model to time.", where=shown(call.params))
    with tempfile.TemporaryDirectory() as folder:
        figures = [_measured(call, edition, case, rows, Path(folder)) for case, rows in CASES]
        figures += [_streamed(call, edition, rows, Path(folder), figures[-1]["lavaan_seconds"]) for rows in STREAMED]
    target = call.output / "sem.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n ".join(json.dumps(figure) for figure in figures)
    target.write_text(f"[{lines}]\n", encoding="utf-8")
    say(f"{target.read_text(encoding='utf-8')}→ {shown(target)}")


def _measured(call: Call, edition: Edition, case: str, rows: int, folder: Path) -> dict[str, Any]:
    """One case by us and by semopy in processes of their own, and by lavaan."""
    data = folder / f"{case}-{rows}.csv"
    draw(edition, rows, missing=0.05 if case in GAPS else 0.0).to_csv(data, index=False)
    ours = _own_process(call, "ours", case, data)
    semopy = _own_process(call, "semopy", case, data) if case == "ML" else None
    theirs = _lavaan(edition, case, data) if case != "replicates" else None
    return {
        "case": case,
        "rows": rows,
        "seconds": ours["seconds"],
        "lavaan_seconds": theirs["seconds"] if theirs else None,
        "ratio": round(ours["seconds"] / theirs["seconds"], 4) if theirs else None,
        "semopy_seconds": semopy["seconds"] if semopy else None,
        "max_rel_diff": _difference(ours["estimates"], theirs["estimates"]) if theirs else None,
    }


def _streamed(call: Call, edition: Edition, rows: int, folder: Path, beside: float | None) -> dict[str, Any]:
    """Robust ML of a Parquet file in a process of its own; drawing and writing the file is not part of the time."""
    data = folder / f"stream-{rows}.parquet"
    _write(edition, rows, data)
    ours = _own_process(call, "ours", "stream", data)
    theirs = _own_process(call, "memory", "stream", data) if rows == STREAMED[0] else None
    data.unlink()
    return {
        "case": "stream",
        "rows": rows,
        "seconds": ours["seconds"],
        "lavaan_seconds": None,
        "ratio": round(ours["seconds"] / beside, 3) if beside else None,
        "semopy_seconds": None,
        "max_rel_diff": _difference(ours["estimates"], theirs["estimates"]) if theirs else None,
        "peak_mb": ours["peak_mb"],
    }


def _write(edition: Edition, rows: int, path: Path) -> None:
    """Answers as 8-bit integers, `CHUNK` rows in each row group."""
    import numpy as np
    import pyarrow as pa
    from pyarrow import parquet

    rng = np.random.default_rng(edition.seed)
    schema = pa.schema([(item, pa.int8()) for item in _syntax(edition).items])
    with parquet.ParquetWriter(path, schema) as writer:
        for start in range(0, rows, CHUNK):
            answers = draw(edition, min(CHUNK, rows - start), missing=0.0, rng=rng)
            writer.write_table(pa.Table.from_pandas(answers.astype("int8"), schema=schema, preserve_index=False))


def _own_process(call: Call, who: str, case: str, data: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.sem", who, case, str(data), str(call.params)]
    finished = subprocess.run(command, check=False, capture_output=True, text=True)
    if finished.returncode:
        raise SurveyReportError("A benchmark case failed.", where=f"{case}, {who}", got=finished.stderr[-2000:])
    return dict(json.loads(finished.stdout))


def _lavaan(edition: Edition, case: str, data: Path) -> dict[str, Any] | None:
    """Seconds and estimates of lavaan; None without R, without its package, or when it takes too long."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return None
    model = data.with_suffix(".lav")
    model.write_text(edition.model or "", encoding="utf-8")
    command = [rscript, "--vanilla", str(R_SCRIPT), case, str(data), str(model), str(LAVAAN_REPLICATES)]
    try:
        finished = subprocess.run(command, check=False, capture_output=True, text=True, timeout=R_PATIENCE)
    except subprocess.TimeoutExpired:
        return None
    if finished.returncode or not finished.stdout.strip():
        return None
    answer = dict(json.loads(finished.stdout))
    if case == "bootstrap":
        answer["seconds"] *= REPLICATES / LAVAAN_REPLICATES
    return answer | {"seconds": round(answer["seconds"], 3)}


def _difference(ours: dict[str, float], theirs: dict[str, float]) -> float:
    """Largest difference between the estimates, relative to lavaan's (to 0.1 where that is smaller)."""
    shared = ours.keys() & theirs.keys()
    return max(abs(ours[name] - theirs[name]) / max(abs(theirs[name]), 0.1) for name in shared)


def draw(edition: Edition, rows: int, *, missing: float, rng: np.random.Generator | None = None) -> pd.DataFrame:
    """Five-point answers that follow the edition's model."""
    import numpy as np
    import pandas as pd

    syntax, rng = _syntax(edition), rng or np.random.default_rng(edition.seed)

    def normal() -> np.ndarray[Any, np.dtype[np.float32]]:
        return rng.standard_normal(rows, dtype=np.float32)

    common = normal()
    latent = {name: 0.55**0.5 * common + 0.45**0.5 * normal() for name in syntax.exogenous}
    for name in syntax.endogenous:
        causes = [predictor for outcome, predictor in syntax.regressions if outcome == name]
        mean = sum(latent[cause] for cause in causes) / len(causes)
        latent[name] = 0.7 * mean + 0.6 * normal()
    loadings = {p.rhs: p.lhs for p in syntax.parameters if p.op == "=~"}
    answers = {
        item: np.clip(np.round(3.9 + 0.75 * latent[loadings[item]] + 0.55 * normal()), 1, 5) for item in syntax.items
    }
    frame = pd.DataFrame(answers)
    return frame.mask(rng.random(frame.shape) < missing) if missing else frame


def _syntax(edition: Edition) -> ModelSyntax:
    from analysis.sem.model.reader import check_model

    return check_model(edition.model or "", instrument=edition.instrument, where="model")


def run_case(who: str, case: str, data: Path, params: Path) -> dict[str, Any]:
    """CPU seconds from the frame to estimates with errors, and the estimates by `lhs op rhs`."""
    import numpy as np
    import pandas as pd

    from analysis.sem.fit.categorical import fit_categorical
    from analysis.sem.fit.estimate import fit_maximum_likelihood
    from analysis.sem.fit.reference import semopy_estimates
    from analysis.sem.inference.bootstrap import bootstrap, bootstrap_intervals
    from analysis.sem.inference.effects import all_effects
    from analysis.sem.inference.replication import replicate_variance
    from analysis.sem.inference.robust import robust_inference
    from analysis.sem.moments.ordinal import ordinal_moments
    from analysis.sem.moments.sample import Sample
    from analysis.survey.design.replication import bootstrap as replicated

    syntax, frame = _syntax(load_edition(params)), pd.read_csv(data)
    first = frame[list(syntax.items)].dropna().head(500).to_numpy(dtype=float)
    fit_maximum_likelihood(Sample(first, np.ones(len(first))), syntax)  # imports are not part of a fit
    started = time.process_time()
    sample = Sample(frame[list(syntax.items)].to_numpy(dtype=float), np.ones(len(frame)))
    if who == "semopy":
        theta = semopy_estimates(syntax, sample.patterns.spread[0])
    elif case == "WLSMV":
        categorical = fit_categorical(ordinal_moments(sample, syntax.items), syntax)
        syntax, theta = categorical.structure.syntax, categorical.theta
    else:
        solution = fit_maximum_likelihood(sample, syntax)
        theta = solution.theta
        if case == "MLR":
            robust_inference(solution, sample)
        if case == "replicates":
            replicate_variance(solution, sample, replicated(np.ones(len(frame)), replicates=WEIGHTS, seed=1))
        if case == "bootstrap":
            started = time.process_time()
            drawn = bootstrap(solution, sample, replicates=REPLICATES, seed=1)
            bootstrap_intervals(drawn, all_effects, confidence=0.95)
    seconds = time.process_time() - started
    return {"seconds": round(seconds, 3), "estimates": _estimates(syntax, theta)}


def _estimates(syntax: ModelSyntax, theta: np.ndarray[Any, Any]) -> dict[str, float]:
    places = {name: place for place, name in enumerate(syntax.free)}
    return {f"{p.lhs} {p.op} {p.rhs}": float(theta[places[p.name]]) for p in syntax.parameters if p.name}


def run_streamed(data: Path, params: Path, *, in_memory: bool) -> dict[str, Any]:
    """CPU seconds from the Parquet file to robust errors, peak of memory in MiB, and the estimates."""
    import numpy as np
    from pyarrow import parquet

    from analysis.data.parquet import ParquetTable
    from analysis.sem.fit.estimate import fit_maximum_likelihood
    from analysis.sem.inference.robust import robust_inference
    from analysis.sem.moments.sample import Sample
    from analysis.sem.moments.stream import stream

    syntax = _syntax(load_edition(params))
    with parquet.ParquetFile(data) as file:
        first = next(file.iter_batches(batch_size=500)).to_pandas().to_numpy(dtype=float)
    fit_maximum_likelihood(Sample(first, np.ones(len(first))), syntax)  # imports are not part of a fit
    started = time.process_time()
    if in_memory:
        answers = parquet.read_table(data).to_pandas()[list(syntax.items)].to_numpy(dtype=float)
        sample: Any = Sample(answers, np.ones(len(answers)))
    else:
        sample = stream(ParquetTable(data), syntax.items)
    solution = fit_maximum_likelihood(sample, syntax)
    robust_inference(solution, sample)
    seconds = time.process_time() - started
    return {"seconds": round(seconds, 3), "peak_mb": peak_mb(), "estimates": _estimates(syntax, solution.theta)}


if __name__ == "__main__":
    who, rest = sys.argv[1] if len(sys.argv) > 1 else "", sys.argv[2:]
    if rest and rest[0] == "stream":
        sys.stdout.write(json.dumps(run_streamed(Path(rest[1]), Path(rest[2]), in_memory=who == "memory")))
    elif who in {"ours", "semopy"}:
        sys.stdout.write(json.dumps(run_case(who, rest[0], Path(rest[1]), Path(rest[2]))))
    else:
        run(main, description=__doc__ or "")
