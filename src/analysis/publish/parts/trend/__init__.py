"""The tracking series: level, change and forecast."""

from analysis.publish.base import Base
from analysis.publish.part import Figure, Finding, KeyPoint, Part
from analysis.publish.parts.trend import candidates, findings, headlines, points
from analysis.publish.parts.trend.figures import draw_trend, draw_waves
from analysis.publish.parts.trend.tables import TABLES

PART = Part(
    step="09_trend",
    tables=TABLES,
    figures=(
        Figure(
            "trend",
            ("waves", "forecast"),
            draw_trend,
            measure="csi",
            headline=findings.course,
            base=Base("waves", headlines.latest_interviews),
        ),
        Figure(
            "waves",
            ("waves",),
            draw_waves,
            measure="csi",
            least=2,
            unless=("forecast",),
            headline=findings.course,
            base=Base("waves", headlines.latest_interviews),
        ),
    ),
    findings=(
        Finding("trend", findings.trend, needs=("waves",), summary=6, brief=findings.in_brief),
        Finding("wave_parts", findings.wave_parts, needs=("wave_samples",), any_of=("wave_parts", "wave_share_steps")),
        Finding("wave_samples", findings.wave_samples, needs=("wave_samples",)),
        Finding("forecast", findings.forecast, needs=("forecast", "waves")),
        Finding("no_forecast", findings.no_forecast, needs=("waves",)),
        Finding("course_recovery", findings.course_recovery, needs=("course_recovery",)),
    ),
    points=(
        KeyPoint("measures", points.change, needs=("waves",), order=2),
        KeyPoint("outlook", points.outlook, needs=("forecast", "waves"), order=1),
    ),
    confidence=lambda edition: edition.trend.confidence,
    variables=findings.variables,
    candidates=candidates.candidates,
)
