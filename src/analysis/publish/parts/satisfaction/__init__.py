"""The satisfaction index: level, dimensions, segments, levels of the other constructs."""

from analysis.publish.part import Figure, Finding, Part
from analysis.publish.parts.satisfaction import candidates, findings
from analysis.publish.parts.satisfaction.figures import (
    draw_construct_levels,
    draw_dimensions,
    draw_segment_dimensions,
    draw_segments,
)
from analysis.publish.parts.satisfaction.tables import TABLES
from analysis.publish.parts.satisfaction.variables import flags, variables
from analysis.publish.words.labels import Labels
from analysis.publish.words.phrases import scale_values


def _values(labels: Labels) -> dict[str, str]:
    edition = labels.edition
    return {
        **scale_values(labels),
        "adjustment": labels.text(f"adjustments.{edition.index.adjustment}"),
    }


PART = Part(
    step="05_satisfaction",
    tables=TABLES,
    figures=(
        Figure("dimensions", ("csi_dimensions", "csi_overall"), draw_dimensions),
        Figure("segments", ("csi_segments", "csi_overall"), draw_segments),
        Figure("segment_dimensions", ("segment_dimensions",), draw_segment_dimensions),
        Figure("construct_levels", ("construct_levels",), draw_construct_levels),
    ),
    findings=(
        Finding("overall", findings.overall, summary=1),
        Finding("weights", findings.weights),
        Finding("dimensions", findings.dimensions, summary=2, brief=findings.dimensions_in_brief),
        Finding("segments", findings.segments, needs=("csi_segments", "segment_dimensions"), summary=3),
        Finding("outside", findings.outside, needs=("csi_outside",), summary=4),
        Finding("levels", findings.levels, needs=("construct_levels",), summary=5, brief=findings.levels_in_brief),
        Finding("associations", findings.associations, needs=("associations",)),
    ),
    values=_values,
    candidates=candidates.candidates,
    variables=variables,
    flags=flags,
)
