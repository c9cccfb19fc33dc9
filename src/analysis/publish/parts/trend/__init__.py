"""The tracking series and its forecast."""

from analysis.publish.part import Figure, Finding, Part
from analysis.publish.parts.trend import findings
from analysis.publish.parts.trend.figures import draw_trend
from analysis.publish.parts.trend.tables import TABLES

PART = Part(
    step="09_trend",
    tables=TABLES,
    figures=(Figure("trend", ("waves", "forecast", "arima_candidates"), draw_trend),),
    findings=(Finding("trend", findings.trend, needs=("forecast",), summary=6),),
    confidence=lambda edition: edition.trend.confidence,
    variables=findings.variables,
)
