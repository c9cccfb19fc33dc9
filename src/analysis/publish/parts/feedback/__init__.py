"""What customers write: tickets answered in time, what texts are about, where the service is weak."""

from analysis.publish.base import largest, total
from analysis.publish.part import Figure, Finding, KeyPoint, Part
from analysis.publish.parts.feedback import candidates, findings, headlines, points, text_findings
from analysis.publish.parts.feedback.figures import draw_backlog
from analysis.publish.parts.feedback.tables import CLOCK_TABLES
from analysis.publish.parts.feedback.text_figures import draw_classes, draw_comment_themes, draw_ticket_themes
from analysis.publish.parts.feedback.text_tables import TEXT_TABLES

PART = Part(
    step="10_feedback",
    tables=CLOCK_TABLES + TEXT_TABLES,
    figures=(
        Figure(
            "ticket_backlog",
            ("ticket_backlog",),
            draw_backlog,
            headline=headlines.ticket_backlog,
            base=total("tickets", "ticket_backlog", "received"),
        ),
        Figure(
            "ticket_classes",
            ("ticket_classes",),
            draw_classes,
            measure="on_time",
            headline=headlines.ticket_classes,
            base=total("tickets", "ticket_classes"),
        ),
        Figure(
            "ticket_themes",
            ("ticket_themes",),
            draw_ticket_themes,
            measure="share",
            headline=headlines.ticket_themes,
            base=largest("tickets", "ticket_themes"),
        ),
        Figure(
            "comment_themes",
            ("comment_themes",),
            draw_comment_themes,
            measure="share",
            headline=headlines.comment_themes,
            base=largest("answers", "comment_themes"),
        ),
    ),
    findings=(
        Finding("ticket_shares", findings.shares, needs=("ticket_shares",)),
        Finding("ticket_closing", findings.closing, needs=("ticket_closing",)),
        Finding("ticket_backlog", findings.backlog, needs=("ticket_backlog",)),
        Finding("ticket_classes", text_findings.classes, needs=("ticket_classes",)),
        Finding("ticket_repeats", text_findings.repeats, needs=("ticket_repeats",)),
        Finding("ticket_equity", text_findings.equity, needs=("ticket_equity",)),
        Finding("ticket_themes", text_findings.ticket_themes, needs=("ticket_themes",)),
        Finding("theme_changes", text_findings.changes, needs=("theme_changes",)),
        Finding("comment_themes", text_findings.comment_themes, needs=("comment_themes",)),
        Finding("comment_scores", text_findings.comment_scores, needs=("comment_aspects",)),
        Finding("text_reading", text_findings.reading, any_of=("text_tone",)),
        Finding("topics", text_findings.topics, needs=("topics",)),
        Finding("weak_points", text_findings.weak, needs=("weak_points",)),
        Finding("text_quality", text_findings.quality, needs=("text_quality",)),
    ),
    points=(
        KeyPoint("feedback", points.classes, needs=("ticket_classes",), order=1),
        KeyPoint("feedback", points.closing, needs=("ticket_closing",), order=2),
        KeyPoint("feedback", points.repeats, needs=("ticket_repeats",), order=3),
        KeyPoint("feedback", points.weak, needs=("weak_points",), order=5),
    ),
    confidence=lambda edition: edition.service.confidence,
    flags=text_findings.flags,
    candidates=candidates.candidates,
)
