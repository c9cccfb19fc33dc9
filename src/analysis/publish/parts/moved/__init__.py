"""What moved since the last edition, and what it is made of."""

from analysis.publish.base import both_editions
from analysis.publish.part import Figure, Finding, Part
from analysis.publish.parts.moved import findings, headlines
from analysis.publish.parts.moved.figures import draw_moved
from analysis.publish.parts.moved.tables import TABLES

PART = Part(
    step="17_moved",
    tables=TABLES,
    figures=(
        Figure(
            "moved",
            ("headline_changes", "change_parts"),
            draw_moved,
            measure="difference",
            headline=headlines.moved,
            base=both_editions("headline_changes"),
        ),
    ),
    findings=(
        Finding("moved", findings.moved, needs=("headline_changes", "change_parts")),
        Finding("moved_measures", findings.measures, needs=("headline_changes",)),
        Finding("moved_otherwise", findings.otherwise, needs=("headline_changes", "change_parts")),
        Finding("moved_series", findings.series, needs=("headline_changes", "waves")),
        Finding("moved_questions", findings.questions, needs=("headline_changes",)),
        Finding("moved_methods", findings.methods, needs=("headline_changes",)),
        Finding("moved_overlap", findings.overlap, needs=("headline_changes",)),
    ),
)
