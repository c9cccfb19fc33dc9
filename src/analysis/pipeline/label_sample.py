"""Draw the sheet of texts that a person labels: <output>/labels/sample.xlsx, masked, with known chances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.errors import SurveyReportError
from analysis.pipeline.command import Call, run, say
from analysis.project import shown
from analysis.results import Store

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from analysis.edition import Edition

STEP = "10_feedback"
TONES = ("positive", "negative", "neutral")
NONE = "none"


def main(call: Call) -> None:
    """Write the sheet, with a second one of the codes that may be filled in; raises where no text was read."""
    from analysis.text.labelling import draw_for_labelling

    edition, store = call.edition(), Store(call.output)
    texts = store.frame(STEP, "texts")
    if not len(texts):
        raise SurveyReportError("This edition has no texts to label.", hint="give the table feedback a column text")
    by_source = {str(name): own for name, own in texts.groupby("source", sort=True)}
    sheet = draw_for_labelling(by_source, size=edition.text.labels, seed=edition.seed)
    path = write_sheet(sheet, edition, call.output / "labels" / "sample.xlsx")
    say(f"→ {shown(path)}: {len(sheet)} texts; fill in tone, triage_class and theme, keep the other columns,")
    say("  and name a copy of it under data.tables.labels.path")


def write_sheet(sheet: pd.DataFrame, edition: Edition, path: Path) -> Path:
    """The texts on one sheet and the codes on another; every cell of a text is text, whatever it begins with."""
    from openpyxl import Workbook

    from analysis.publish.words.escape import as_cell

    book = Workbook()
    rows: Any = book.active
    rows.title = "texts"
    rows.append(list(sheet.columns))
    filled = sheet.astype(object).where(sheet.notna(), None)
    for place, row in enumerate(filled.itertuples(index=False, name=None), start=2):
        for column, value in enumerate(row, start=1):
            cell = rows.cell(row=place, column=column, value=as_cell(value) if isinstance(value, str) else value)
            if isinstance(value, str):
                cell.data_type, cell.quotePrefix = "s", value[:1] in "=+-@"
    rows.column_dimensions["E"].width = 90
    rows.freeze_panes = "A2"
    codes: Any = book.create_sheet("codes")
    for line in _codes(edition):
        codes.append(line)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}")
    book.save(partial)
    partial.replace(path)
    return path


def _codes(edition: Edition) -> list[list[str]]:
    """Column, code and its names, of all that may be filled in."""
    words = edition.dictionary
    lines = [["column", "code", "zh", "en"], *(["tone", tone, "", ""] for tone in TONES)]
    for column, listed in (("triage_class", words.classes), ("theme", words.themes)):
        lines += [[column, one.key, one.name.zh, one.name.en] for one in listed]
        lines.append([column, NONE, "", ""])
    return lines


if __name__ == "__main__":
    run(main, description=__doc__ or "")
