"""The structural model: fit, paths, effects, routes, groups."""

from analysis.publish.part import Figure, Finding, Part
from analysis.publish.parts.structural import findings, routes
from analysis.publish.parts.structural.diagram import draw_path_diagram
from analysis.publish.parts.structural.effects import draw_effects
from analysis.publish.parts.structural.groups import group_model
from analysis.publish.parts.structural.tables import TABLES
from analysis.publish.parts.structural.variables import flags, variables

PART = Part(
    step="07_structural",
    tables=TABLES,
    figures=(
        Figure("path_diagram", ("paths", "r_squared"), draw_path_diagram),
        Figure("effects", ("effects",), draw_effects),
    ),
    findings=(
        Finding("structural", findings.structural, needs=("fit",)),
        Finding("unmodelled", findings.unmodelled),
        Finding("estimation", findings.estimation, needs=("fit",)),
        Finding("effects", findings.effects, needs=("effects",), summary=5),
        Finding("mediation", routes.mediation, needs=("mediation",)),
        Finding("path_comparison", routes.path_comparison, needs=("path_equality",)),
        Finding("group_model", group_model, needs=("group_fit",)),
        Finding("recovery", routes.recovery, needs=("recovery",)),
    ),
    confidence=lambda edition: edition.structural.confidence,
    variables=variables,
    flags=flags,
)
