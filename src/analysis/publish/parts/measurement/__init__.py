"""The measurement: reliability, validity, factors, comparability."""

from analysis.publish.base import largest
from analysis.publish.part import Figure, Finding, Part
from analysis.publish.parts.measurement import findings, headlines, plain_findings
from analysis.publish.parts.measurement.figures import draw_construct_map, draw_scree
from analysis.publish.parts.measurement.tables import TABLES
from analysis.publish.words import formats
from analysis.publish.words.labels import Labels


def _values(labels: Labels) -> dict[str, str]:
    rule = labels.edition.measurement
    names = ("min_alpha", "min_ave", "max_htmt", "max_htmt_related")
    return {name: formats.number(getattr(rule, name), 2) for name in names}


PART = Part(
    step="06_measurement",
    tables=TABLES,
    figures=(
        Figure(
            "construct_map",
            ("construct_pairs", "validity"),
            draw_construct_map,
            measure="correlation",
            headline=headlines.construct_map,
            base=largest("survey", "validity"),
        ),
        Figure("scree", ("eigenvalues",), draw_scree, headline=headlines.scree, base=largest("survey", "validity")),
    ),
    findings=(
        Finding("reliability", findings.reliability, needs=("reliability",)),
        Finding("trusted", plain_findings.trusted, needs=("construct_verdicts",)),
        Finding("validity", findings.validity, needs=("validity",)),
        Finding("unmeasured", findings.unmeasured),
        Finding("measured_fit", findings.measured_fit, needs=("validity",)),
        Finding("factors", findings.factors, needs=("eigenvalues",)),
        Finding("invariance", findings.invariance, needs=("invariance",)),
    ),
    confidence=lambda edition: edition.measurement.confidence,
    values=_values,
    flags=findings.flags,
)
