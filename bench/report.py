"""Time the whole report in a folder of its own: from nothing, with nothing to do, and after one small change.

The edition is timed under a name of its own, so that its simulated data and its output stay as they are.
"""

from __future__ import annotations

import json
import resource
import shutil
from pathlib import Path

from analysis.edition import Edition, load_edition
from analysis.pipeline.command import Call, run, say
from analysis.project import shown
from bench.runs import adopt_orphans, edition_apart, timed_make, write_params

TITLE = {"zh": "客户满意度", "en": "How satisfied customers are"}


def main(call: Call) -> None:
    """Write seconds as {"cold_s", "noop_s", "word_s", "horizon_s", "service_s", "cpu", …} to <output>/report.json.

    `word_s` is another title in both languages, `horizon_s` a forecast of one wave more, `service_s` another level of
    confidence of the service steps (five of them read it), `relationships_s` another share of customers at risk, which
    one service step reads, and `cpu` seconds of all cores by the same names, which a busy machine stretches less.
    `steps` are the notebooks and the books, without their figures, of the cold run, `peak_mb` the largest process of it
    in MiB.
    """
    adopt_orphans()
    target, params = call.output / "edition", call.output / "bench.yml"
    shutil.rmtree(target, ignore_errors=True)
    with edition_apart(call.params, params):
        runs = {"cold": _timed(params, target)}
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
        runs["noop"] = _timed(params, target)
        said: dict[str, object] = {}
        for name, changed in _changes(load_edition(call.params)).items():
            said |= changed  # what was changed before stays, so that nothing else changes with it
            write_params(params, call.params, **said)
            runs[name] = _timed(params, target)
    books = {f"book_{lang}": record["seconds"] for lang, record in manifest["renderer"].items()}
    seconds = {f"{name}_s": round(wall, 2) for name, (wall, _) in runs.items()}
    cores = {name: round(cpu, 2) for name, (_, cpu) in runs.items()}
    figures = seconds | {"cpu": cores, "steps": manifest["steps"] | books, "peak_mb": round(peak)}
    report = call.output / "report.json"
    report.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    say(f"{report.read_text(encoding='utf-8')}→ {shown(report)}")


def _changes(edition: Edition) -> dict[str, dict[str, object]]:
    """One small change of the params for each run that is timed."""
    level, at_risk = round((1 + edition.service.confidence) / 2, 3), round(edition.relationships.at_risk / 2, 3)
    return {
        "word": {"publication": {"title": TITLE}},
        "horizon": {"trend": {"horizon": edition.trend.horizon + 1}},
        "service": {"service": {"confidence": level}},
        "relationships": {"relationships": {"at_risk": at_risk}},
    }


def _timed(params: Path, target: Path) -> tuple[float, float]:
    """Seconds of `make report` by the clock and of all cores, with what it leaves behind."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = timed_make("report", params, target)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    run(main, description=__doc__ or "")
