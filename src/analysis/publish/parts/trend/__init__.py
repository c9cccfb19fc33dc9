"""The tracking series: level, change and forecast."""

from analysis.publish.part import Figure, Finding, Part
from analysis.publish.parts.trend import candidates, findings
from analysis.publish.parts.trend.figures import draw_trend, draw_waves
from analysis.publish.parts.trend.tables import TABLES

PART = Part(
    step="09_trend",
    tables=TABLES,
    figures=(
        Figure("trend", ("waves", "forecast"), draw_trend, headline=findings.course),
        Figure("waves", ("waves",), draw_waves, measure="csi", least=2, unless=("forecast",), headline=findings.course),
    ),
    findings=(
        Finding("trend", findings.trend, needs=("waves",), summary=6, brief=findings.in_brief),
        Finding("wave_parts", findings.wave_parts, needs=("wave_samples",), any_of=("wave_parts", "wave_share_steps")),
        Finding("wave_samples", findings.wave_samples, needs=("wave_samples",)),
        Finding("forecast", findings.forecast, needs=("forecast", "waves")),
        Finding("no_forecast", findings.no_forecast, needs=("waves",)),
        Finding("course_recovery", findings.course_recovery, needs=("course_recovery",)),
    ),
    confidence=lambda edition: edition.trend.confidence,
    variables=findings.variables,
    candidates=candidates.candidates,
)
