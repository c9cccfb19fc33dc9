"""The weighting: its stages, what each did, and what it cost."""

from analysis.publish.base import largest
from analysis.publish.part import Figure, Finding, Part
from analysis.publish.parts.weighting import findings, headlines
from analysis.publish.parts.weighting.figures import draw_margins, draw_weight_stages
from analysis.publish.parts.weighting.tables import TABLES

PART = Part(
    step="04_weighting",
    tables=TABLES,
    figures=(
        Figure(
            "margins",
            ("weighting_margins",),
            draw_margins,
            measure="sample_share",
            headline=headlines.margins,
            base=largest("survey", "weighting_diagnostics"),
        ),
        Figure(
            "weight_stages",
            ("weighting_diagnostics",),
            draw_weight_stages,
            measure="deff",
            headline=headlines.weight_stages,
            base=largest("survey", "weighting_diagnostics"),
        ),
    ),
    findings=(
        Finding("weighting", findings.weighting),
        Finding("calibration", findings.calibration, needs=("weighting_margins",)),
        Finding("replicates", findings.replicates),
    ),
    variables=findings.variables,
    flags=findings.flags,
)
