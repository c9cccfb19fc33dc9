"""The cleaning: what was excluded or flagged, what was not answered, and what it changed."""

from analysis.publish.base import largest
from analysis.publish.part import Figure, Finding, Part
from analysis.publish.parts.cleaning import findings, headlines
from analysis.publish.parts.cleaning.figures import draw_exclusions
from analysis.publish.parts.cleaning.tables import TABLES

PART = Part(
    step="03_cleaning",
    tables=TABLES,
    figures=(
        Figure(
            "exclusions",
            ("exclusion_log",),
            draw_exclusions,
            headline=headlines.exclusions,
            base=largest("records", "exclusion_log", "remaining"),
        ),
    ),
    findings=(
        Finding("cleaning", findings.cleaning, needs=("exclusion_log",), summary=8, brief=findings.flow_of_records),
        Finding("missing", findings.missing, needs=("missing_data", "item_nonresponse")),
        Finding("sensitivity", findings.sensitivity, needs=("cleaning_sensitivity",)),
        Finding("accuracy", findings.accuracy, needs=("rule_accuracy",)),
    ),
    variables=findings.variables,
    flags=findings.flags,
)
