"""The edition itself: its params, its instrument, its benchmarks, the run, and the disclosure statement."""

from analysis.publish.base import Base, largest
from analysis.publish.part import Figure, Finding, Part
from analysis.publish.parts.edition import candidates, findings, headlines, overview, questionnaire, use
from analysis.publish.parts.edition.benchmark_figures import draw_benchmarks, headline
from analysis.publish.parts.edition.figures import draw_service_process
from analysis.publish.parts.edition.tables import TABLES
from analysis.publish.words.labels import Labels
from analysis.publish.words.phrases import scale_values


def _values(labels: Labels) -> dict[str, str]:
    edition = labels.edition
    return {
        "adjustment": labels.text(f"adjustments.{edition.index.adjustment}"),
        **scale_values(labels),
    }


PART = Part(
    step="edition",
    tables=TABLES,
    figures=(
        Figure(
            "service_process",
            ("standards",),
            draw_service_process,
            headline=headlines.service_process,
            base=Base("standards", headlines.steps),
        ),
        Figure(
            "benchmarks",
            ("benchmark_comparison",),
            draw_benchmarks,
            measure="gap",
            least=2,
            headline=headline,
            base=largest("survey", "benchmark_comparison"),
        ),
    ),
    findings=(
        Finding("benchmarks", findings.benchmarks, needs=("benchmark_comparison",), summary=7),
        Finding("scale", questionnaire.scale, needs=("questionnaire",)),
        Finding("outcome_benchmarks", findings.outcomes, needs=("benchmark_comparison",)),
    ),
    points=overview.POINTS,
    values=_values,
    variables=findings.variables,
    flags=findings.flags,
    texts=lambda store, labels: {**overview.texts(store, labels), **use.texts(store, labels)},
    candidates=candidates.candidates,
)
