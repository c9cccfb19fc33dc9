"""The design: sample size, allocation, selection, power."""

from analysis.publish.base import total
from analysis.publish.part import Figure, Finding, Part
from analysis.publish.parts.sampling import findings, headlines
from analysis.publish.parts.sampling.figures import draw_allocation, draw_domain_precision
from analysis.publish.parts.sampling.tables import TABLES
from analysis.publish.words import formats
from analysis.publish.words.labels import Labels


def _values(labels: Labels) -> dict[str, str]:
    sampling = labels.edition.sampling
    return {
        "width": formats.number(2 * sampling.stratum_margin, 1),
        "target": formats.number(sampling.model.target, 2),
        "alpha": formats.number(sampling.model.alpha, 2),
    }


PART = Part(
    step="01_sampling",
    tables=TABLES,
    figures=(
        Figure(
            "allocation",
            ("allocation",),
            draw_allocation,
            headline=headlines.allocation,
            base=total("design", "allocation"),
        ),
        Figure(
            "domain_precision",
            ("domain_precision",),
            draw_domain_precision,
            measure="width",
            headline=headlines.domain_precision,
            base=total("design", "allocation"),
        ),
    ),
    findings=(
        Finding("sampling", findings.sampling, needs=("sample_size",)),
        Finding("allocation", findings.allocation, needs=("allocation",)),
        Finding("precision", findings.precision, needs=("domain_precision",)),
        Finding("selection", findings.selection, needs=("selection",)),
        Finding("power", findings.power, needs=("rmsea_power",)),
    ),
    confidence=lambda edition: edition.sampling.confidence,
    values=_values,
    variables=findings.variables,
    flags=findings.flags,
)
