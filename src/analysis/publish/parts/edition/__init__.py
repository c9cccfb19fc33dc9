"""The edition itself: its params, its instrument, its benchmarks, the run, and the disclosure statement."""

from analysis.publish.part import Figure, Finding, Part
from analysis.publish.parts.edition import findings, questionnaire
from analysis.publish.parts.edition.figures import draw_service_process
from analysis.publish.parts.edition.tables import TABLES
from analysis.publish.words import formats
from analysis.publish.words.labels import Labels


def _values(labels: Labels) -> dict[str, str]:
    edition = labels.edition
    return {
        "adjustment": labels.text(f"adjustments.{edition.index.adjustment}"),
        "satisfied_from": formats.number(edition.index.csat.satisfied_from, 1),
        "min": str(edition.instrument.scale.min),
        "max": str(edition.instrument.scale.max),
    }


PART = Part(
    step="edition",
    tables=TABLES,
    figures=(Figure("service_process", ("standards",), draw_service_process),),
    findings=(
        Finding("benchmarks", findings.benchmarks, needs=("benchmark_comparison",), summary=7),
        Finding("scale", questionnaire.scale, needs=("questionnaire",)),
        Finding("outcome_benchmarks", findings.outcomes, needs=("benchmark_comparison",)),
    ),
    values=_values,
    variables=findings.variables,
    flags=findings.flags,
)
