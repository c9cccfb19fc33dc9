"""How long customers stay, and who leaves."""

from analysis.publish.part import Figure, Finding, Part
from analysis.publish.parts.relationships import findings
from analysis.publish.parts.relationships.figures import draw_lifetimes
from analysis.publish.parts.relationships.tables import TABLES

PART = Part(
    step="13_relationships",
    tables=TABLES,
    figures=(Figure("lifetimes", ("relationship_lifetimes",), draw_lifetimes),),
    findings=(
        Finding("lifetimes", findings.lifetimes, needs=("relationship_lifetimes",)),
        Finding("churn", findings.churn, needs=("relationship_churn",), summary=6, brief=findings.churn_in_brief),
        Finding("stages", findings.stages, needs=("relationship_stages",)),
    ),
    confidence=lambda edition: edition.service.confidence,
)
