"""Banner tables: every question by every background question, in chapters and in the workbook."""

from analysis.publish.part import Finding, Part
from analysis.publish.parts.tabulation import candidates, chapter, findings
from analysis.publish.parts.tabulation.layout import grids
from analysis.publish.parts.tabulation.sheets import sheets
from analysis.publish.parts.tabulation.tables import TABLES
from analysis.publish.words.labels import Labels
from analysis.results import Store


def _flags(store: Store, labels: Labels) -> dict[str, bool]:
    return {"tabulated.chapter": next(grids(store, labels, chapter=True), None) is not None}


PART = Part(
    step="15_tabulation",
    tables=TABLES,
    findings=(
        Finding("tabulated", findings.levels, needs=("tabulation",), leads=True),
        Finding("tabulated_groups", findings.groups, needs=("tabulation",), leads=True),
    ),
    flags=_flags,
    candidates=candidates.candidates,
    texts=chapter.texts,
    sheets=sheets,
)
