"""Time the whole report in a folder of its own: from nothing, with nothing to do, and after one small change.

The edition is timed under a name of its own, so that its simulated data and its output stay as they are.
"""

from __future__ import annotations

import json
import resource
import shutil

from analysis.edition import load_edition
from analysis.pipeline.command import Call, run, say
from analysis.project import shown
from bench.runs import adopt_orphans, edition_apart, timed_make, write_params

TITLE = {"zh": "客户满意度", "en": "How satisfied customers are"}


def main(call: Call) -> None:
    """Write seconds as {"cold_s", "noop_s", "horizon_s", "word_s", "steps", "peak_mb"} to <output>/report.json.

    `word_s` is another title in both languages, `horizon_s` a forecast of one wave more, `steps` the notebooks and
    books of the cold run, `peak_mb` the largest process of it in MiB.
    """
    adopt_orphans()
    target, params = call.output / "edition", call.output / "bench.yml"
    shutil.rmtree(target, ignore_errors=True)
    with edition_apart(call.params, params):
        cold = timed_make("report", params, target)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
        noop = timed_make("report", params, target)
        write_params(params, call.params, publication={"title": TITLE})
        word = timed_make("report", params, target)
        write_params(params, call.params, trend={"horizon": load_edition(call.params).trend.horizon + 1})
        horizon = timed_make("report", params, target)
    books = {f"book_{lang}": record["seconds"] for lang, record in manifest["renderer"].items()}
    seconds = {"cold_s": round(cold, 1), "noop_s": round(noop, 2), "horizon_s": round(horizon, 1)}
    figures = seconds | {"word_s": round(word, 1), "steps": manifest["steps"] | books, "peak_mb": round(peak)}
    report = call.output / "report.json"
    report.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    say(f"{report.read_text(encoding='utf-8')}→ {shown(report)}")


if __name__ == "__main__":
    run(main, description=__doc__ or "")
