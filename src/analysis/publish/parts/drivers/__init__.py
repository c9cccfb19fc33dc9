"""What moves customers: importance, priorities and the regressions behind them."""

from analysis.publish.part import Figure, Finding, Part
from analysis.publish.parts.drivers import candidates, fair_findings, findings, order, service_findings
from analysis.publish.parts.drivers.compared_figures import (
    draw_asymmetry,
    draw_funnel,
    draw_scorecard,
    draw_service_effect,
)
from analysis.publish.parts.drivers.compared_tables import COMPARED, values
from analysis.publish.parts.drivers.figures import draw_importance
from analysis.publish.parts.drivers.maps import draw_map, draw_priorities
from analysis.publish.parts.drivers.tables import TABLES

PART = Part(
    step="08_drivers",
    tables=(*TABLES, *COMPARED),
    figures=(
        Figure("importance", ("importance",), draw_importance),
        Figure("importance_performance", ("importance_performance",), draw_map),
        Figure("priorities", ("priorities",), draw_priorities, measure="priority"),
        Figure("scorecard", ("fair_index", "fair_dimensions"), draw_scorecard),
        Figure("fair_funnel", ("fair_funnel",), draw_funnel),
        Figure("asymmetry", ("asymmetry",), draw_asymmetry),
        Figure("service_effect", ("service_effect", "service_effect_groups"), draw_service_effect),
    ),
    findings=(
        Finding("importance", findings.importance, needs=("importance",)),
        Finding("background", findings.background, needs=("adjusted_index", "background_coefficients")),
        Finding("map", findings.quadrants, needs=("importance_performance",)),
        Finding("priorities", order.priorities, needs=("priorities",), summary=5, brief=order.priorities_in_brief),
        Finding("suggestions", order.suggestions, needs=("suggestions",)),
        Finding("fair", fair_findings.fair, needs=("fair_index",)),
        Finding("fair_adjustment", fair_findings.fair_adjustment, needs=("fair_index", "fair_spread")),
        Finding("asymmetry", fair_findings.asymmetry, needs=("asymmetry",)),
        Finding("necessity", fair_findings.necessity, needs=("necessity",)),
        Finding("service_effect", service_findings.service_effect, needs=("service_effect",)),
        Finding("service_groups", service_findings.service_effect_groups, needs=("service_effect_groups",)),
        Finding("service_alike", service_findings.service_alike, needs=("service_effect", "service_balance")),
        Finding("service_checks", service_findings.service_checks, needs=("service_effect", "service_balance")),
        Finding("comparisons_recovered", service_findings.comparisons_recovered, needs=("service_recovery",)),
    ),
    confidence=lambda edition: edition.drivers.confidence,
    values=values,
    candidates=candidates.candidates,
)
