"""The edition itself: its params, its instrument, its benchmarks, the run, and the disclosure statement."""

from analysis.publish.part import Figure, Finding, Part
from analysis.publish.parts.edition import findings
from analysis.publish.parts.edition.figures import draw_service_process
from analysis.publish.parts.edition.tables import TABLES
from analysis.publish.words.labels import Labels


def _values(labels: Labels) -> dict[str, str]:
    return {"adjustment": labels.text(f"adjustments.{labels.edition.index.adjustment}")}


PART = Part(
    step="edition",
    tables=TABLES,
    figures=(Figure("service_process", ("standards",), draw_service_process),),
    findings=(Finding("benchmarks", findings.benchmarks, needs=("benchmark_comparison",), summary=7),),
    values=_values,
    variables=findings.variables,
    flags=findings.flags,
)
