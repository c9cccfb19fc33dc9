"""Tables that come from the params and the run rather than from a notebook."""

from __future__ import annotations

from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from analysis.edition.sections.data import TAKEN
from analysis.publish.parts.edition.questionnaire import answers, in_both, other_questions, remark
from analysis.publish.parts.edition.statement import aapor_table, iso_table
from analysis.publish.parts.edition.use import glossary
from analysis.publish.words.labels import Labels

if TYPE_CHECKING:
    import pandas as pd

    from analysis.edition import Edition
    from analysis.edition.params import Text
    from analysis.results import Store

PACKAGES = ("pandas", "numpy", "scipy", "statsmodels", "semopy", "matplotlib", "seaborn", "papermill", "nbconvert")


def edition_tables(edition: Edition, store: Store) -> dict[str, pd.DataFrame]:
    """Every table made from the edition itself, by name; one that has no rows is left out.

    standards and benchmarks need their params files; the questionnaire, and what a reader is entitled to know of a
    survey, somebody who was asked.
    """
    import pandas as pd

    asked: dict[str, list[dict[str, Any]]] = {}
    if edition.interviewed:
        asked["instrument"], asked["questionnaire"] = _instrument(edition), _questionnaire(edition)
        asked["profile_questions"] = _profile_questions(edition)
        asked["other_questions"] = other_questions(edition)
    rows = {
        "standards": _standards(edition),
        "benchmarks": _benchmarks(edition),
        **asked,
        "software": [{"package": package, "version": version(package)} for package in PACKAGES],
        "intake": _intake(store),
        "run_steps": _steps(edition, store),
        "glossary": glossary(edition, store),
    }
    made = {name: pd.DataFrame(content) for name, content in rows.items() if content}
    if edition.interviewed:
        made["disclosure"] = aapor_table(edition, store)
    if edition.indexed:
        made["iso_items"] = iso_table(edition, store)
    return made


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
            "follows": step.follows,
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
            "year": "" if benchmark.year is None else str(benchmark.year),
            "section": benchmark.section,
            **_both("note", benchmark.note),
            **_both("disagrees", names.get(benchmark.disagrees_with or "")),
        }
        for benchmark in benchmarks
    ]


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
    both = {f"wording_{lang}": Labels(edition, lang) for lang in ("zh", "en")}
    return [
        {"construct": construct.key, "number": number}
        | {name: labels.item_on_scale(item.key) for name, labels in both.items()}
        | in_both("remark", edition, partial(remark, item))
        for number, (construct, item) in enumerate(items, start=1)
    ]


def _profile_questions(edition: Edition) -> list[dict[str, Any]]:
    return [
        {
            **_both("topic", question.name),
            **_both("wording", question.question),
            **in_both("answers", edition, partial(answers, question.categories)),
        }
        for question in edition.instrument.profile
    ]


def _intake(store: Store) -> list[dict[str, Any]]:
    """Rows read, filtered, quarantined and accepted, one row per table of the edition."""
    counts = [{"table": table, **store.record("intake", table)} for table in TAKEN]
    names = ("table", "read", "filtered", "quarantined", "accepted")
    return [{name: record[name] for name in names} for record in counts if record["available"]]


def _steps(edition: Edition, store: Store) -> list[dict[str, Any]]:
    """What each step reads, as the pipeline derived it from the code; nothing where it was not derived.

    Without an index, or where gaps are not told, of the steps that found something.
    """
    return [
        {"step": step, "title": step, "sections": ", ".join(read["sections"])}
        for step, read in store.steps().items()
        if (edition.indexed and edition.tells_gaps) or store.has_tables(step)
    ]
