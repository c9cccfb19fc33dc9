"""The service against its own limits, as its cases really went, and as customers rate it."""

from analysis.publish.base import largest, total
from analysis.publish.part import Figure, Finding, Part
from analysis.publish.parts.standards import candidates, findings, headlines, process_findings, process_tables, short
from analysis.publish.parts.standards.figures import draw_service_steps
from analysis.publish.parts.standards.points import POINTS
from analysis.publish.parts.standards.process_figures import (
    draw_perception,
    draw_perception_of_kinds,
    draw_service_flow,
)
from analysis.publish.parts.standards.tables import TABLES
from analysis.publish.words.labels import Labels


def _values(labels: Labels) -> dict[str, str]:
    """Where the norms stand."""
    standards = labels.edition.standards
    return {"source": standards.source[labels.lang] if standards else ""}


PART = Part(
    step="11_standards",
    tables=(*TABLES, *process_tables.TABLES),
    figures=(
        Figure(
            "service_steps",
            ("service_steps",),
            draw_service_steps,
            measure="on_time",
            headline=headlines.service_steps,
            base=total("log", "service_steps"),
        ),
        Figure(
            "service_flow",
            ("service_flows", "service_times", "service_cases"),
            draw_service_flow,
            measure="n",
            headline=headlines.service_flow,
            base=total("cases", "service_cases"),
        ),
        Figure(
            "service_perception",
            ("service_perception",),
            draw_perception,
            measure="satisfied",
            headline=headlines.service_perception,
            base=largest("survey_and_log", "csi_overall"),
        ),
        Figure(
            "perception_institutions",
            ("perception_institutions",),
            draw_perception_of_kinds,
            measure="satisfied",
            headline=headlines.perception_institutions,
            base=total("survey_and_log", "perception_institutions", "n_rated"),
        ),
    ),
    findings=(
        Finding("service_steps", findings.steps, needs=("service_steps",), summary=6, brief=findings.steps_in_brief),
        Finding("service_institutions", findings.institutions, needs=("service_institutions",)),
        Finding("service_process", process_findings.process, needs=("service_cases",)),
        Finding("process_advice", process_findings.advice, needs=("service_cases",)),
        Finding("weak_links", process_findings.weak_links, needs=("weak_links",)),
        Finding("service_perception", process_findings.perception, needs=("service_perception",)),
        Finding("perception_institutions", process_findings.perception_of_kinds, needs=("perception_institutions",)),
        Finding("service_norms", process_findings.norms, needs=("service_norms",)),
        Finding("service_consultations", process_findings.consultations, needs=("service_norms",)),
        Finding("service_branches", process_findings.branches, needs=("service_branches",)),
    ),
    points=POINTS,
    confidence=lambda edition: edition.service.confidence,
    values=_values,
    variables=findings.variables,
    texts=short.texts,
    candidates=candidates.candidates,
)
