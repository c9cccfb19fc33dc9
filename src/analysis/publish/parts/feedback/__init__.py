"""Feedback tickets: answered in time, closed, piling up."""

from analysis.publish.part import Figure, Finding, Part
from analysis.publish.parts.feedback import findings
from analysis.publish.parts.feedback.figures import draw_backlog
from analysis.publish.parts.feedback.tables import TABLES

PART = Part(
    step="10_feedback",
    tables=TABLES,
    figures=(Figure("ticket_backlog", ("ticket_backlog",), draw_backlog),),
    findings=(
        Finding("ticket_shares", findings.shares, needs=("ticket_shares",)),
        Finding("ticket_closing", findings.closing, needs=("ticket_closing",)),
        Finding("ticket_backlog", findings.backlog, needs=("ticket_backlog",)),
    ),
    confidence=lambda edition: edition.service.confidence,
)
