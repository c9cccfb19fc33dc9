"""The structural model: fit, paths, effects, routes, groups."""

from analysis.publish.base import Base
from analysis.publish.part import Figure, Finding, KeyPoint, Part
from analysis.publish.parts.structural import findings, headlines, plain_findings, points, routes
from analysis.publish.parts.structural.diagram import draw_path_diagram
from analysis.publish.parts.structural.effects import draw_effects
from analysis.publish.parts.structural.groups import group_model
from analysis.publish.parts.structural.tables import TABLES
from analysis.publish.parts.structural.variables import flags, values, variables

PART = Part(
    step="07_structural",
    tables=TABLES,
    figures=(
        Figure(
            "path_diagram",
            ("paths", "r_squared"),
            draw_path_diagram,
            measure="std",
            headline=headlines.path_diagram,
            base=Base("survey", headlines.interviews),
        ),
        Figure(
            "effects",
            ("effects",),
            draw_effects,
            measure="std_high",
            headline=headlines.effects,
            base=Base("survey", headlines.interviews),
        ),
    ),
    findings=(
        Finding("structural", findings.structural, needs=("fit",)),
        Finding("chain", plain_findings.chain, needs=("fit", "paths", "r_squared")),
        Finding("unmodelled", findings.unmodelled),
        Finding("estimation", findings.estimation, needs=("fit",)),
        Finding("effects", findings.effects, needs=("effects",), summary=5),
        Finding("mediation", routes.mediation, needs=("mediation",)),
        Finding("path_comparison", routes.path_comparison, needs=("path_equality",)),
        Finding("group_model", group_model, needs=("group_fit",)),
        Finding("recovery", routes.recovery, needs=("recovery",)),
    ),
    points=(KeyPoint("experience", points.leading, needs=("effects", "mediators"), order=3),),
    confidence=lambda edition: edition.structural.confidence,
    values=values,
    variables=variables,
    flags=flags,
)
