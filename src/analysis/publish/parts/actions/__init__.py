"""The register of measures and what became of them."""

from analysis.publish.part import Finding, Part
from analysis.publish.parts.actions import findings
from analysis.publish.parts.actions.tables import TABLES

PART = Part(
    step="14_actions",
    tables=TABLES,
    findings=(Finding("actions", findings.actions, needs=("action_register",)),),
    confidence=lambda edition: edition.service.confidence,
)
