"""Robustness: what the index, the ranking and the drivers come to under every combination of choices."""

from analysis.publish.base import largest
from analysis.publish.part import Figure, Finding, Part
from analysis.publish.parts.robustness import findings, headlines
from analysis.publish.parts.robustness.figures import draw_specifications
from analysis.publish.parts.robustness.tables import TABLES

PART = Part(
    step="16_robustness",
    tables=TABLES,
    figures=(
        Figure(
            "specifications",
            ("specifications",),
            draw_specifications,
            measure="estimate",
            least=2,
            headline=headlines.specifications,
            base=largest("survey", "specifications"),
        ),
    ),
    findings=(
        Finding("robust_index", findings.index, needs=("specifications", "specification_choices")),
        Finding("robust_ranking", findings.ranking, needs=("specifications",)),
        Finding("robust_drivers", findings.drivers, needs=("driver_specifications",)),
        Finding("no_choices", findings.no_choices),
        Finding("options_left_out", findings.left_out),
        Finding("index_depends", findings.index_depends, needs=("specifications", "specification_choices")),
        Finding("ranking_depends", findings.ranking_depends, needs=("specifications",)),
        Finding("driver_depends", findings.driver_depends, needs=("driver_specifications",)),
    ),
)
