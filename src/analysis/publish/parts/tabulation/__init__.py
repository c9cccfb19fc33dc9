"""Banner tables: every question by every background question, in chapters and in the workbook."""

from analysis.publish.part import Finding, Part
from analysis.publish.parts.tabulation import candidates, chapter, findings
from analysis.publish.parts.tabulation.layout import grids
from analysis.publish.parts.tabulation.sheets import sheets
from analysis.publish.parts.tabulation.tables import TABLES
from analysis.publish.words.labels import Labels
from analysis.results import Store


def _flags(store: Store, labels: Labels) -> dict[str, bool]:
    """Whether the book has a chapter of banner tables, and whether any of them has columns besides that of all."""
    shown = list(grids(store, labels, chapter=True))
    by_group = any(grid.banners for grid in shown)
    return {
        "tabulated.chapter": bool(shown),
        "tabulated.groups": by_group,
        "tabulated.whole": bool(shown) and not by_group,
    }


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
