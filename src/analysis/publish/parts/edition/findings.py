"""Sentences on the benchmarks, and what stands on the cover."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

from analysis.publish.parts.edition.cells import amount
from analysis.publish.words import formats

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def benchmarks(store: Store, labels: Labels) -> str:
    """How many measures lie above, below and level with their benchmark, and the furthest of them."""
    frame = store.table("benchmark_comparison")
    verdicts = list(frame["verdict"])
    if len(verdicts) == 1:
        verdict = labels.text(f"findings.benchmarks.verdict_{verdicts[0]}")
        sentences = [labels.text("findings.benchmarks.one", verdict=verdict)]
    else:
        counts = {key: verdicts.count(key) for key in ("above", "below", "within")}
        parts = [
            labels.text(f"findings.benchmarks.{key}{'_one' if n == 1 else ''}", n=n) for key, n in counts.items() if n
        ]
        text = "，".join(parts) if labels.lang == "zh" else formats.listed(parts, labels.lang)
        sentences = [labels.text("findings.benchmarks.counts", total=len(verdicts), parts=text)]
    extremes: list[tuple[str, Any]] = [("lowest", frame[frame["verdict"] == "below"].nsmallest(1, "gap"))]
    extremes.append(("highest", frame[frame["verdict"] == "above"].nlargest(1, "gap")))
    for key, rows in extremes:
        for row in rows.to_dict("records"):
            sentences.append(
                labels.text(
                    f"findings.benchmarks.{key}",
                    name=row[f"measured_{labels.lang}"],
                    value=amount(row["value"], row["unit"], labels),
                    benchmark=amount(row["benchmark"], row["unit"], labels),
                    year=row["year"],
                )
            )
    if set(verdicts) == {"within"}:
        sentences.append(labels.text("findings.benchmarks.all_within"))
    return formats.joined([*sentences, labels.text("findings.benchmarks.caution")], labels.lang)


def variables(store: Store, labels: Labels) -> dict[str, dict[str, str]]:  # noqa: ARG001
    """Cover and run, for prose."""
    return {"edition": _edition(labels), "run": _run(labels)}


def flags(store: Store, labels: Labels) -> dict[str, bool]:  # noqa: ARG001
    """Conditions that the params decide."""
    return {"edition.simulated": labels.edition.simulated, "instrument.guide": labels.edition.instrument.guide}


def _edition(labels: Labels) -> dict[str, str]:
    publication = labels.edition.publication
    return {
        "title": publication.title[labels.lang],
        "subtitle": publication.subtitle[labels.lang],
        "year": str(publication.year),
        "fieldwork": formats.period(publication.fieldwork.start, publication.fieldwork.end, labels.lang),
        "institute": publication.institute[labels.lang],
    }


def _run(labels: Labels) -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "seed": str(labels.edition.seed),
        "commit_hint": labels.text("text.commit_hint", name=labels.edition.name),
    }
