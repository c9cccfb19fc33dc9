"""What moves customers: importance, priorities and the regressions behind them."""

from analysis.publish.part import Figure, Finding, Part
from analysis.publish.parts.drivers import findings, order
from analysis.publish.parts.drivers.figures import draw_importance
from analysis.publish.parts.drivers.maps import draw_map, draw_priorities
from analysis.publish.parts.drivers.tables import TABLES

PART = Part(
    step="08_drivers",
    tables=TABLES,
    figures=(
        Figure("importance", ("importance",), draw_importance),
        Figure("importance_performance", ("importance_performance",), draw_map),
        Figure("priorities", ("priorities",), draw_priorities),
    ),
    findings=(
        Finding("importance", findings.importance, needs=("importance",)),
        Finding("background", findings.background, needs=("adjusted_index", "background_coefficients")),
        Finding("map", findings.quadrants, needs=("importance_performance",)),
        Finding("priorities", order.priorities, needs=("priorities",), summary=5),
        Finding("suggestions", order.suggestions, needs=("suggestions",)),
    ),
    confidence=lambda edition: edition.drivers.confidence,
)
