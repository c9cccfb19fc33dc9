"""Random structural models beside lavaan: `make bench-sem-models`.

Every model has two to six constructs of two to six items or a single one, paths without a circle, and some of:
cross-loadings, residual covariances, equal, fixed and freed loadings, intercepts, two to seven categories, skew, up to
20 % missing, weights, clusters, 60 to 3,000 rows. Each is fitted by ML, MLR, full information and WLSMV where it can
be, by us and by lavaan, which may start twice. What came of it is counted: agree, lavaan fails, ours fails, one
is better than the other, differ; what is refused beforehand (fewer rows than parameters) is counted apart.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.errors import SurveyReportError
from analysis.pipeline.command import Call, run, say
from analysis.project import shown

if TYPE_CHECKING:
    import pandas as pd

    from analysis.edition.instrument import Instrument

MODELS = 160
FIRST_SEED = 1
R_SCRIPT = Path(__file__).with_suffix(".R")
MOST_WITH_GAPS = 300
"""Rows with missing answers: lavaan takes minutes for more."""
PATIENCE = 60
"""Seconds that lavaan may take for one model."""
ESTIMATES, ERRORS, TESTS = 1e-2, 1e-2, 1e-3
"""Largest difference that counts as agreement: of estimates in standard errors, of errors and tests relative."""
BETTER = 1e-3
"""How much lower χ² is at another optimum."""


def main(call: Call) -> None:
    """Write the count by estimator, and every fit that does not agree, to <output>/sem_models.json."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        raise SurveyReportError("The bench of random models needs R with lavaan.", where="Rscript")
    fits = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(FIRST_SEED, FIRST_SEED + MODELS):
            fits += beside_lavaan(seed, Path(folder), rscript)
            say(f"{seed}: {dict(Counter(fit['verdict'] for fit in fits))}")
    counts: dict[str, dict[str, int]] = {}
    for fit in fits:
        row = counts.setdefault(fit["estimator"], {})
        row[fit["verdict"]] = row.get(fit["verdict"], 0) + 1
    target = call.output / "sem_models.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    apart = [fit for fit in fits if fit["verdict"] != "agree"]
    target.write_text(json.dumps({"counts": counts, "apart": apart}, indent=1) + "\n", encoding="utf-8")
    say(f"{json.dumps(counts, indent=1)}\n→ {shown(target)}")


def beside_lavaan(seed: int, folder: Path, rscript: str) -> list[dict[str, Any]]:
    """One random model by all estimators that it allows."""
    model, frame, kinds = draw(seed)
    data, text, answers = folder / "data.csv", folder / "model.txt", folder / "lavaan.json"
    frame.to_csv(data, index=False)
    text.write_text(model, encoding="utf-8")
    answers.unlink(missing_ok=True)
    command = [rscript, "--vanilla", str(R_SCRIPT), str(text), str(data), str(answers), *kinds]
    try:
        subprocess.run(command, check=False, capture_output=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        say(f"{seed}: lavaan took longer than {PATIENCE} s")
    lavaan = json.loads(answers.read_text(encoding="utf-8")) if answers.exists() else {}
    found = []
    for kind in kinds:
        started = time.perf_counter()
        ours = _ours(model, frame, kind)
        verdict, detail = compared(ours, lavaan.get(kind, {"timed_out": True}))
        facts = {
            "seed": seed,
            "estimator": kind,
            "rows": len(frame),
            "seconds": round(time.perf_counter() - started, 3),
        }
        found.append({**facts, "verdict": verdict, **detail})
    return found


def compared(ours: dict[str, Any], lavaan: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Verdict on one fit, and the figures behind it."""
    reached = [ours.get("converged", False), lavaan.get("converged", False)]
    detail = {"ours": ours.get("reason", ours.get("chi2")), "lavaan": lavaan.get("reason", lavaan.get("chi2"))}
    if ours.get("reason"):
        return "refused", detail
    if lavaan.get("timed_out"):
        return "lavaan_too_slow", detail
    if not any(reached):
        return "neither", detail
    if not all(reached):
        return ("lavaan_fails" if reached[0] else "ours_fails"), detail
    gap = ours["chi2"] - lavaan["chi2"]
    if abs(gap) > BETTER * max(1.0, lavaan["chi2"]):
        return ("ours_better" if gap < 0 else "lavaan_better"), detail
    shared = ours["estimates"].keys() & lavaan["estimates"].keys()
    apart: dict[str, float] = {"estimates": 0.0, "errors": 0.0, "scaled": 0.0}
    for key in shared:
        (one, se), (other, theirs) = ours["estimates"][key], lavaan["estimates"][key]
        apart["estimates"] = max(apart["estimates"], abs(one - other) / max(theirs or 0.0, 1e-2 * abs(other), 1e-3))
        if theirs and se:
            apart["errors"] = max(apart["errors"], abs(se / theirs - 1))
    if ours.get("scaled") and lavaan.get("scaled"):
        apart["scaled"] = abs(ours["scaled"] / lavaan["scaled"] - 1)
    elif bool(ours.get("scaled")) != bool(lavaan.get("scaled")):
        apart["scaled"] = float("inf")
    agree = apart["estimates"] < ESTIMATES and apart["errors"] < ERRORS and apart["scaled"] < TESTS
    return ("agree" if agree else "differ"), detail | apart | {"singular": ours["singular"]}


def _ours(model: str, frame: pd.DataFrame, kind: str) -> dict[str, Any]:
    """Estimates with errors, χ² and scaled χ² of one estimator, or the reason why there are none."""
    from analysis.edition.sections.structural import Structural
    from analysis.sem.structural import fit_structural
    from analysis.survey.design.survey_design import specify_design

    missing = "fiml" if kind == "FIML" else "listwise"
    params = Structural.model_validate({"estimator": "MLR" if kind == "FIML" else kind, "missing": missing})
    design = None
    if "w" in frame:
        design = specify_design(len(frame), weights=frame["w"].to_numpy(), psu=frame["cl"].to_numpy())
    try:
        result = fit_structural(frame, model=model, instrument=_instrument(frame), structural=params, design=design)
    except SurveyReportError as error:
        return {"converged": False, "reason": str(error).splitlines()[0]}
    rows = result.parameters[result.parameters["op"] != "|"]
    names = (rows["lhs"] + rows["op"] + rows["rhs"]).tolist()
    values = rows[["est", "se"]].to_numpy(dtype=float)
    robust = result.indices.robust
    return {
        "converged": result.converged,
        "chi2": result.indices.chi2,
        "scaled": robust.chi2 if robust else None,
        "singular": "singular_information" in result.verdicts,
        "estimates": {name: (one, np.nan_to_num(se)) for name, (one, se) in zip(names, values, strict=True)},
    }


def _instrument(frame: pd.DataFrame) -> Instrument:
    """An instrument that has the columns x<construct><item> as items."""
    from analysis.edition.instrument import Instrument

    items: dict[str, list[dict[str, str]]] = {}
    for name in (name for name in map(str, frame) if name.startswith("x")):
        items.setdefault(f"F{name[1]}", []).append({"key": name, "zh": name, "en": name})
    constructs = [
        {"key": key, "role": "dimension", "name": {"zh": key, "en": key}, "items": own} for key, own in items.items()
    ]
    answers = frame[[item["key"] for own in items.values() for item in own]].to_numpy()
    known = answers[~np.isnan(answers)]
    whole = bool((known == known.round()).all())
    scale = {"min": 1, "max": int(known.max())} if whole else {"min": 0, "max": 10, "continuous": True}
    return Instrument.model_validate({"name": {"zh": "x", "en": "x"}, "scale": scale, "constructs": constructs})


def draw(seed: int) -> tuple[str, pd.DataFrame, list[str]]:
    """A random model in lavaan syntax, answers that follow it more or less, and the estimators that it allows."""
    import pandas as pd

    random = np.random.default_rng([20, seed])
    sizes = [
        int(random.choice([1, 2, 3, 4, 5, 6], p=[0.08, 0.12, 0.3, 0.25, 0.15, 0.1]))
        for _ in range(random.integers(2, 7))
    ]
    if max(sizes) < 3:
        sizes[0] = 3
    n = int(np.exp(random.uniform(np.log(60), np.log(3000))))
    n = max(n, 4 * sum(sizes))
    has_gaps = random.random() < 0.4
    n = min(n, MOST_WITH_GAPS) if has_gaps else n
    model, paths = _model(random, sizes)
    answers = _answers(random, sizes, paths, n)
    categories = int(random.integers(2, 8)) if random.random() < 0.4 else 0
    if categories:
        cuts = np.quantile(answers, np.sort(random.dirichlet(np.full(categories, 3.0)).cumsum()[:-1]))
        answers = 1.0 + np.searchsorted(cuts, answers)
    elif random.random() < 0.3:
        answers = np.exp(0.6 * answers)
    frame = pd.DataFrame(answers, columns=[f"x{f}{i}" for f, size in enumerate(sizes) for i in range(size)])
    if has_gaps:
        frame = frame.mask(random.random(frame.shape) < random.uniform(0.01, 0.2))
    gaps = bool(frame.isna().to_numpy().any())
    designed = random.random() < 0.3
    if designed:
        frame["w"] = random.uniform(0.5, 2.5, n)
        frame["cl"] = np.arange(n) % max(30, n // 10)
    kinds = [] if designed else ["ML"]
    kinds += ["MLR"] + ["FIML"] * gaps
    ordered = categories and not designed and "~ 1" not in model and min(sizes) > 1
    return model, frame, kinds + ["WLSMV"] * bool(ordered)


def _model(random: np.random.Generator, sizes: list[int]) -> tuple[str, dict[tuple[int, int], float]]:
    """Text of the model, and its paths (outcome, predictor)."""
    lines, extra, free_variance = [], [], []
    for f, size in enumerate(sizes):
        names = [f"x{f}{i}" for i in range(size)]
        style = random.random()
        if size >= 3 and style < 0.15:
            names[0] = f"NA*{names[0]}"
            free_variance.append(f"F{f} ~~ 1*F{f}")
        elif size >= 3 and style < 0.3:
            names[1:3] = [f"e{f}*{name}" for name in names[1:3]]
        elif size >= 3 and style < 0.4:
            names[2] = f"{random.choice([0.5, 0.8, 1.0])}*{names[2]}"
        lines.append((f, names))
    big = [f for f, size in enumerate(sizes) if size >= 3]
    if len(big) > 1 and random.random() < 0.25:
        to, of = random.choice(big, 2, replace=False)
        lines[to][1].append(f"x{of}{sizes[of] - 1}")
    if len(big) > 1 and random.random() < 0.35:
        a, b = random.choice(big, 2, replace=False)
        extra.append(f"x{a}0 ~~ x{b}1")
    paths: dict[tuple[int, int], float] = {}
    for outcome in range(1, len(sizes)):
        for predictor in range(outcome):
            if random.random() < 0.45:
                paths[outcome, predictor] = float(random.uniform(-0.2, 0.6))
    stated: dict[int, list[str]] = {}
    for outcome, predictor in paths:
        text = f"F{predictor}" if random.random() < 0.9 else f"b{outcome}{predictor}*F{predictor}"
        stated.setdefault(outcome, []).append(text)
    if random.random() < 0.2 and big:
        extra.append(f"x{big[0]}1 ~ 1")
    model = [f"F{f} =~ {' + '.join(names)}" for f, names in lines]
    model += [f"F{outcome} ~ {' + '.join(causes)}" for outcome, causes in stated.items()]
    return "\n".join([*model, *free_variance, *extra]) + "\n", paths


def _answers(random: np.random.Generator, sizes: list[int], paths: dict[tuple[int, int], float], n: int) -> Any:
    """Normal answers whose constructs follow the paths, with loadings and errors of all sizes."""
    factors: list[Any] = []
    common = random.standard_normal(n)
    for f in range(len(sizes)):
        explained = sum(weight * factors[cause] for (outcome, cause), weight in paths.items() if outcome == f)
        factors.append(explained + 0.3 * common + 0.8 * random.standard_normal(n))
    columns = []
    for factor, size in zip(factors, sizes, strict=True):
        for _ in range(size):
            noise = random.uniform(0.3, 1.2) * random.standard_normal(n)
            columns.append(random.uniform(0.2, 1.1) * factor + noise)
    return np.column_stack(columns)


if __name__ == "__main__":
    run(main, description=__doc__ or "")
