"""What moves customers: importance, priorities and the regressions behind them."""

from analysis.publish.base import largest, total
from analysis.publish.part import Figure, Finding, KeyPoint, Part
from analysis.publish.parts.drivers import (
    candidates,
    fair_findings,
    findings,
    group_findings,
    headlines,
    order,
    points,
    service_findings,
)
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
        Figure(
            "importance",
            ("importance",),
            draw_importance,
            headline=headlines.importance,
            measure="share",
            base=largest("survey", "importance"),
        ),
        Figure(
            "importance_performance",
            ("importance_performance",),
            draw_map,
            measure="importance",
            headline=headlines.importance_performance,
            base=largest("survey", "importance_performance"),
        ),
        Figure(
            "priorities",
            ("priorities",),
            draw_priorities,
            measure="priority",
            headline=headlines.priorities,
            base=largest("survey", "priorities"),
        ),
        Figure(
            "scorecard",
            ("fair_index", "fair_dimensions"),
            draw_scorecard,
            measure="adjusted",
            headline=headlines.scorecard,
            base=total("survey", "fair_index"),
        ),
        Figure(
            "fair_funnel",
            ("fair_funnel",),
            draw_funnel,
            measure="adjusted",
            headline=headlines.fair_funnel,
            base=total("survey", "fair_funnel"),
        ),
        Figure(
            "asymmetry",
            ("asymmetry",),
            draw_asymmetry,
            measure="penalty_high",
            headline=headlines.asymmetry,
            base=largest("survey", "asymmetry"),
        ),
        Figure(
            "service_effect",
            ("service_effect", "service_effect_groups"),
            draw_service_effect,
            measure="estimate",
            headline=headlines.service_effect,
            base=largest("survey", "service_effect"),
        ),
    ),
    findings=(
        Finding("importance", findings.importance, needs=("importance",)),
        Finding("background", findings.background, needs=("adjusted_index", "background_coefficients")),
        Finding("adjusted_gaps", group_findings.adjusted_gaps, needs=("adjusted_index", "background_coefficients")),
        Finding("online_share", group_findings.online_share, needs=("service_share",)),
        Finding("map_groups", group_findings.map_groups, needs=("importance_performance_groups",)),
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
    points=(
        KeyPoint("measures", points.importance, needs=("importance",), order=4),
        KeyPoint("measures", points.fair, needs=("fair_index",), order=5),
        KeyPoint("outlook", points.priorities, needs=("priorities",), order=2),
        KeyPoint("outlook", points.digital, needs=("service_effect",), order=4),
    ),
    confidence=lambda edition: edition.drivers.confidence,
    values=values,
    candidates=candidates.candidates,
)
