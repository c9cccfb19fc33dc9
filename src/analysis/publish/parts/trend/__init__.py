"""The tracking series: level, change and forecast."""

from analysis.publish.part import Figure, Finding, Part
from analysis.publish.parts.trend import findings
from analysis.publish.parts.trend.figures import draw_trend
from analysis.publish.parts.trend.tables import TABLES

PART = Part(
    step="09_trend",
    tables=TABLES,
    figures=(Figure("trend", ("waves", "forecast"), draw_trend),),
    findings=(
        Finding("trend", findings.trend, needs=("waves",), summary=6, brief=findings.in_brief),
        Finding("forecast", findings.forecast, needs=("forecast", "waves")),
        Finding("course_recovery", findings.course_recovery, needs=("course_recovery",)),
    ),
    confidence=lambda edition: edition.trend.confidence,
    variables=findings.variables,
    flags=findings.flags,
)
