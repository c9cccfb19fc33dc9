"""The fieldwork: response, norms of the channels, nonresponse, modes."""

from analysis.publish.base import largest, total
from analysis.publish.part import Figure, Finding, KeyPoint, Part
from analysis.publish.parts.fieldwork import findings, headlines, norm_points
from analysis.publish.parts.fieldwork.figures import draw_mode_index, draw_response_rates
from analysis.publish.parts.fieldwork.tables import TABLES

PART = Part(
    step="02_fieldwork",
    tables=TABLES,
    figures=(
        Figure(
            "response_rates",
            ("response_channels",),
            draw_response_rates,
            measure="rr1",
            headline=headlines.response_rates,
            base=total("invitations", "response_channels"),
        ),
        Figure(
            "mode_index",
            ("mode_index",),
            draw_mode_index,
            measure="estimate",
            headline=headlines.mode_index,
            base=largest("survey", "csi_overall"),
        ),
    ),
    findings=(
        Finding("response", findings.response, needs=("response_rates",)),
        Finding("norms", findings.norms, needs=("channel_norms",)),
        Finding("nonresponse", findings.nonresponse, any_of=("representativity", "margin_gaps")),
        Finding("least_heard", norm_points.least_heard, needs=("response_strata",)),
        Finding("modes_test", norm_points.modes_test, needs=("mode_index",)),
        Finding("modes", findings.modes, needs=("mode_index",)),
    ),
    points=(KeyPoint("feedback", norm_points.coverage, needs=("channel_norms",), order=4),),
    confidence=lambda edition: edition.fieldwork.confidence,
    flags=findings.flags,
)
