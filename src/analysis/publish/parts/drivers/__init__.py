"""What moves customers: importance, priorities and the regressions behind them."""

from analysis.publish.part import Figure, Finding, Part
from analysis.publish.parts.drivers import findings
from analysis.publish.parts.drivers.figures import draw_importance
from analysis.publish.parts.drivers.tables import TABLES

PART = Part(
    step="08_drivers",
    tables=TABLES,
    figures=(Figure("importance", ("importance",), draw_importance),),
    findings=(Finding("importance", findings.importance, needs=("importance",)),),
    confidence=lambda edition: edition.drivers.confidence,
)
