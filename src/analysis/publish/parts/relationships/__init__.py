"""How long customers stay, and who leaves."""

from analysis.publish.base import largest
from analysis.publish.part import Figure, Finding, KeyPoint, Part
from analysis.publish.parts.relationships import candidates, findings, headlines, model_findings, points
from analysis.publish.parts.relationships.figures import draw_churn, draw_journey, draw_lifetimes
from analysis.publish.parts.relationships.tables import TABLES

PART = Part(
    step="13_relationships",
    tables=TABLES,
    figures=(
        Figure(
            "journey",
            ("journey",),
            draw_journey,
            measure="score",
            headline=headlines.journey,
            base=largest("survey", "journey"),
        ),
        Figure(
            "lifetimes",
            ("relationship_lifetimes",),
            draw_lifetimes,
            measure="mean",
            headline=headlines.lifetimes,
            base=largest("register", "relationship_lifetimes"),
        ),
        Figure(
            "churn_model",
            ("churn_hazards", "churn_calibration"),
            draw_churn,
            measure="ratio",
            headline=headlines.churn_model,
            base=largest("register", "relationship_lifetimes"),
        ),
    ),
    findings=(
        Finding("lifetimes", findings.lifetimes, needs=("relationship_lifetimes",)),
        Finding("lifetime_benchmarks", points.lifetime_benchmarks, needs=("relationship_lifetimes",)),
        Finding("churn", findings.churn, needs=("relationship_churn",), summary=6, brief=findings.churn_in_brief),
        Finding("journey", model_findings.journey, needs=("journey",)),
        Finding("hazards", model_findings.hazards, needs=("churn_hazards", "churn_quality")),
        Finding("revenue_at_risk", model_findings.revenue, needs=("revenue_at_risk",)),
        Finding("loyalty_levels", model_findings.levels, needs=("loyalty_levels",)),
        Finding("value_loyalty", model_findings.value, needs=("value_loyalty",)),
        Finding("stage_index", findings.stage_index, needs=("relationship_stages",)),
        Finding("stages", findings.stages, needs=("relationship_stages",)),
    ),
    points=(
        KeyPoint("experience", points.journey, needs=("journey",), order=1),
        KeyPoint("experience", points.lifetimes, needs=("relationship_lifetimes",), order=4),
        KeyPoint("experience", points.leaving, order=5),
    ),
    confidence=lambda edition: edition.service.confidence,
    candidates=candidates.candidates,
)
