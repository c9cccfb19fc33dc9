"""The satisfaction index: level, dimensions, segments, levels of the other constructs."""

from analysis.publish.base import largest
from analysis.publish.part import Figure, Finding, KeyPoint, Part
from analysis.publish.parts.satisfaction import candidates, findings, headlines, item_findings, points
from analysis.publish.parts.satisfaction.figures import (
    draw_construct_levels,
    draw_dimensions,
    draw_segment_dimensions,
    draw_segments,
)
from analysis.publish.parts.satisfaction.tables import TABLES
from analysis.publish.parts.satisfaction.variables import flags, variables
from analysis.publish.parts.satisfaction.whole_findings import against_whole
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
        Figure(
            "dimensions",
            ("csi_dimensions", "csi_overall"),
            draw_dimensions,
            measure="score",
            headline=headlines.dimensions,
            base=largest("survey", "csi_overall"),
        ),
        Figure(
            "segments",
            ("csi_segments", "csi_overall"),
            draw_segments,
            measure="csi",
            headline=headlines.segments,
            base=largest("survey", "csi_overall"),
        ),
        Figure(
            "segment_dimensions",
            ("segment_dimensions",),
            draw_segment_dimensions,
            measure="score",
            headline=headlines.segment_dimensions,
            base=largest("survey", "csi_overall"),
        ),
        Figure(
            "construct_levels",
            ("construct_levels",),
            draw_construct_levels,
            measure="score",
            headline=headlines.construct_levels,
            base=largest("survey", "construct_levels"),
        ),
    ),
    findings=(
        Finding("overall", findings.overall, summary=1),
        Finding("against_whole", against_whole, needs=("against_whole",), summary=1),
        Finding("weights", findings.weights),
        Finding("dimensions", findings.dimensions, summary=2, brief=findings.dimensions_in_brief),
        Finding("items", item_findings.items, needs=("csi_items",)),
        Finding("segments", findings.segments, needs=("csi_segments", "segment_dimensions"), summary=3),
        Finding("outside", findings.outside, needs=("csi_outside",), summary=4),
        Finding("levels", findings.levels, needs=("construct_levels",), summary=5, brief=findings.levels_in_brief),
        Finding("associations", findings.associations, needs=("associations",)),
    ),
    points=(
        KeyPoint("measures", points.level, needs=("csi_overall", "csi_dimensions"), order=1),
        KeyPoint("measures", points.lowest_item, needs=("csi_items",), order=3),
        KeyPoint("experience", points.outcomes, needs=("construct_levels",), order=2),
    ),
    values=_values,
    candidates=candidates.candidates,
    variables=variables,
    flags=flags,
)
