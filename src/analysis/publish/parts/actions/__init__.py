"""The monitored indicators, the register of measures and what became of them, and what is recommended next."""

from analysis.publish.base import Base
from analysis.publish.part import Figure, Finding, KeyPoint, Part
from analysis.publish.parts.actions import advice, advice_points, candidates, findings, headlines, short
from analysis.publish.parts.actions.figures import draw_control_charts
from analysis.publish.parts.actions.points import POINTS
from analysis.publish.parts.actions.tables import TABLES

REGISTER, CHARTS, ADVICE = ("action_register",), ("control_points", "control_summary"), ("recommendations",)
NUMBERS = range(1, advice.MOST + 1)

PART = Part(
    step="14_actions",
    tables=TABLES,
    figures=(
        Figure(
            "control_charts",
            CHARTS,
            draw_control_charts,
            measure="value",
            headline=headlines.control_charts,
            base=Base("indicators", headlines.values),
        ),
    ),
    findings=(
        Finding("monitoring", findings.monitoring, needs=CHARTS),
        Finding("step_changes", findings.step_changes, needs=CHARTS),
        Finding("actions", findings.actions, needs=REGISTER),
        Finding("action_changes", findings.action_changes, needs=REGISTER),
        Finding("action_each", advice_points.each, needs=REGISTER),
        Finding("promises", findings.promises, needs=("promises",)),
        Finding("records_recovery", findings.records_recovery, needs=("records_recovery",)),
        Finding("recommendations", advice.recommendations, needs=ADVICE, brief=advice.in_brief),
        Finding("feedback_advice", advice.on_feedback, needs=ADVICE),
        *(Finding(f"advice_{number}", advice.paragraph(number), needs=ADVICE) for number in NUMBERS),
        *(Finding(f"action_{n}", advice.brief(n), needs=ADVICE) for n in range(1, advice.IN_BRIEF + 1)),
        *(Finding(f"advice_{number}_head", advice.heading(number), needs=ADVICE) for number in NUMBERS),
    ),
    points=(*POINTS, KeyPoint("outlook", advice_points.recommended, needs=ADVICE, order=3)),
    confidence=lambda edition: edition.monitoring.confidence,
    variables=findings.variables,
    flags=findings.flags,
    texts=short.texts,
    candidates=candidates.candidates,
)
