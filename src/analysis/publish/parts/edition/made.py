"""Tables that come from the params and the run rather than from a notebook."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from analysis.edition.sections.data import TABLES
from analysis.publish.parts.edition.statement import aapor_table, iso_table
from analysis.publish.words.formats import is_missing

if TYPE_CHECKING:
    import pandas as pd

    from analysis.edition import Edition
    from analysis.edition.params import Text
    from analysis.edition.standards import Benchmark, Measure
    from analysis.results import Store

PACKAGES = ("pandas", "numpy", "scipy", "statsmodels", "semopy", "matplotlib", "seaborn", "papermill", "nbconvert")


def edition_tables(edition: Edition, store: Store) -> dict[str, pd.DataFrame]:
    """Every table made from the edition itself, by name; one that has no rows is left out.

    standards and benchmarks need their params files; benchmark_comparison needs the tables of the index.
    """
    import pandas as pd

    rows = {
        "standards": _standards(edition),
        "benchmarks": _benchmarks(edition),
        "benchmark_comparison": _comparison(edition, store),
        "instrument": _instrument(edition),
        "questionnaire": _questionnaire(edition),
        "profile_questions": _profile_questions(edition),
        "software": [{"package": package, "version": version(package)} for package in PACKAGES],
        "intake": _intake(store),
        "run_steps": _steps(store),
    }
    made = {name: pd.DataFrame(content) for name, content in rows.items() if content}
    return made | {"disclosure": aapor_table(edition, store), "iso_items": iso_table(edition, store)}


def _both(name: str, text: Text | None) -> dict[str, str]:
    return {f"{name}_zh": text.zh if text else "", f"{name}_en": text.en if text else ""}


def _standards(edition: Edition) -> list[dict[str, Any]]:
    scenarios = edition.standards.scenarios if edition.standards else ()
    return [
        {
            "scenario": scenario.key,
            **_both("step", step.name),
            **_both("owner", step.owner),
            **_both("rule", step.rule),
            "limit": step.limit.value if step.limit else None,
            "unit": step.limit.unit if step.limit else "",
            "bound": step.limit.bound if step.limit else "",
        }
        for scenario in scenarios
        for step in scenario.steps
    ]


def _benchmarks(edition: Edition) -> list[dict[str, Any]]:
    benchmarks = edition.benchmarks.benchmarks if edition.benchmarks else ()
    names = {benchmark.key: benchmark.name for benchmark in benchmarks}
    return [
        {
            **_both("benchmark", benchmark.name),
            "value": benchmark.value,
            "unit": benchmark.unit,
            "year": benchmark.year,
            "section": benchmark.section,
            **_both("disagrees", names.get(benchmark.disagrees_with or "")),
        }
        for benchmark in benchmarks
    ]


def _comparison(edition: Edition, store: Store) -> list[dict[str, Any]]:
    benchmarks = edition.benchmarks.benchmarks if edition.benchmarks else ()
    compared = [(benchmark, _measured(benchmark.measure, store)) for benchmark in benchmarks if benchmark.measure]
    return [_compared(benchmark, found) for benchmark, found in compared if found is not None]


def _compared(benchmark: Benchmark, found: tuple[float, float, float, float]) -> dict[str, Any]:
    value, low, high, n = found
    verdict = "above" if low > benchmark.value else "below" if high < benchmark.value else "within"
    return {
        "key": benchmark.key,
        **_both("measured", benchmark.name),
        "benchmark": benchmark.value,
        "unit": benchmark.unit,
        "year": benchmark.year,
        "value": value,
        "ci_low": low,
        "ci_high": high,
        "n": n,
        "gap": value - benchmark.value,
        "verdict": verdict,
    }


def _measured(measure: Measure | None, store: Store) -> tuple[float, float, float, float] | None:
    """Estimate, interval and base of a measure of this edition; None where it was not published."""
    if measure is None:
        return None
    found = _index_row(measure, store) if measure.kind in {"csi", "csat"} else _construct_row(measure, store)
    if found is None or any(is_missing(value) for value in found):
        return None
    value, low, high, n = found
    scale = 100.0 if measure.kind in {"csat", "construct_share"} else 1.0
    return value * scale, low * scale, high * scale, n


def _index_row(measure: Measure, store: Store) -> tuple[float, float, float, float] | None:
    if measure.segment is None:
        names = ["estimate", "ci_low", "ci_high", "n"]
        return _row(store, "csi_overall", {"measure": measure.kind}, names)
    names = ["csi", "ci_low", "ci_high", "n"] if measure.kind == "csi" else ["csat", "csat_low", "csat_high", "n"]
    return _row(store, "csi_segments", {"segment": measure.segment, "category": measure.category}, names)


def _construct_row(measure: Measure, store: Store) -> tuple[float, float, float, float] | None:
    share = measure.kind == "construct_share"
    key = {"construct": measure.construct_key}
    if measure.segment is None:
        names = (
            ["satisfied_share", "satisfied_low", "satisfied_high", "n"]
            if share
            else ["score", "ci_low", "ci_high", "n"]
        )
        found = _row(store, "csi_dimensions", key, names)
        if found is not None:
            return found
    names = ["high_share", "high_low", "high_high", "n"] if share else ["score", "ci_low", "ci_high", "n"]
    return _row(store, "construct_levels", {**key, "category": measure.category}, names)


def _row(
    store: Store, table: str, keys: dict[str, str | None], names: list[str]
) -> tuple[float, float, float, float] | None:
    if not store.has_table(table):
        return None
    frame = store.table(table)
    for column, value in keys.items():
        frame = frame[frame[column].isna()] if value is None else frame[frame[column] == value]
    if len(frame) != 1:
        return None
    estimate, low, high, n = (float(value) for value in frame[names].iloc[0])
    return estimate, low, high, n


def _instrument(edition: Edition) -> list[dict[str, Any]]:
    return [
        {
            "construct": construct.key,
            "role": construct.role,
            **_both("definition", construct.definition),
            "items": len(construct.items),
        }
        for construct in edition.instrument.constructs
    ]


def _questionnaire(edition: Edition) -> list[dict[str, Any]]:
    items = [(construct, item) for construct in edition.instrument.constructs for item in construct.items]
    return [
        {"construct": construct.key, "number": number, "wording_zh": item.zh, "wording_en": item.en}
        for number, (construct, item) in enumerate(items, start=1)
    ]


def _profile_questions(edition: Edition) -> list[dict[str, Any]]:
    return [
        {
            **_both("topic", question.name),
            **_both("wording", question.question),
            "answers_zh": "；".join(category.zh for category in question.categories),
            "answers_en": "; ".join(category.en for category in question.categories),
        }
        for question in edition.instrument.profile
    ]


def _intake(store: Store) -> list[dict[str, Any]]:
    """Rows read, filtered, quarantined and accepted, one row per table of the edition."""
    counts = [{"table": table, **store.record("intake", table)} for table in TABLES]
    names = ("table", "read", "filtered", "quarantined", "accepted")
    return [{name: record[name] for name in names} for record in counts if record["available"]]


def _steps(store: Store) -> list[dict[str, Any]]:
    """What each step reads, as the pipeline derived it from the code; nothing where it was not derived."""
    return [
        {"step": step, "title": step, "sections": ", ".join(read["sections"])} for step, read in store.steps().items()
    ]
