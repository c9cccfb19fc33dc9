"""The service against its own limits."""

from analysis.publish.part import Figure, Finding, Part
from analysis.publish.parts.standards import findings
from analysis.publish.parts.standards.figures import draw_service_steps
from analysis.publish.parts.standards.tables import TABLES

PART = Part(
    step="11_standards",
    tables=TABLES,
    figures=(Figure("service_steps", ("service_steps",), draw_service_steps),),
    findings=(
        Finding("service_steps", findings.steps, needs=("service_steps",), summary=6, brief=findings.steps_in_brief),
        Finding("service_institutions", findings.institutions, needs=("service_institutions",)),
    ),
    confidence=lambda edition: edition.service.confidence,
    variables=findings.variables,
)
