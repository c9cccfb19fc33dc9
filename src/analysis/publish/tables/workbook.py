"""One workbook with every published table, by the conventions of official statistics for spreadsheets.

A cover, contents with links, notes, and one table to a sheet: its title in A1, notes below, one header row that is
marked as a table, no merged cells, no empty rows or columns, no formulas, shorthand for cells without a figure. What
passed disclosure, the same bytes every time. Source: UK Government Analysis Function, Releasing statistics in
spreadsheets (2021), and its package gptables.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from analysis.publish.tables.printed import caption, headings, note
from analysis.publish.tables.sheet import CONFIDENTIAL, UNAVAILABLE, Sheet, in_all
from analysis.publish.words.escape import as_cell, plain
from analysis.publish.words.labels import Labels

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from openpyxl import Workbook

    from analysis.edition import Edition
    from analysis.publish.part import Part
    from analysis.publish.tables.spec import Column, TableSpec
    from analysis.results import Store

FORMULA_MARKS, ERROR_MARK = frozenset("=+-@"), "#"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time of every member of the archive: the earliest that the format knows."""
FRONT = ("cover", "contents", "notes")
SHORTHAND = ("[c]", "[x]", "[z]")
SHOWN_ROWS = 200
"""Rows that the width of a column is made for."""


def write_workbook(edition: Edition, store: Store, parts: Sequence[Part]) -> Path:
    """Write tables/tables.xlsx: cover, contents, notes, then one sheet per table of the parts; return its path."""
    from openpyxl import Workbook

    languages = [Labels(edition, lang) for lang in edition.languages]
    sheets = list(_sheets(store, parts, languages))
    book = Workbook()
    moment = dt.datetime.combine(edition.publication.date, dt.time())
    book.properties.created = book.properties.modified = moment
    book.properties.creator = plain(edition.publication.institute[edition.languages[0]])
    book.properties.title = in_all(languages, [plain(edition.publication.title[one.lang]) for one in languages])
    book.remove(book.active)
    for sheet in (_cover(edition, languages), _contents(sheets, languages), _notes(edition, languages)):
        _write(book, sheet, number=0, back="")
    for number, sheet in enumerate(sheets, start=1):
        _write(book, sheet, number=number, back=_said(languages, "back"))
    for row, sheet in enumerate(sheets, start=4):
        _link(book["contents"].cell(row=row, column=1), sheet.name)
    path = store.root / "tables" / "tables.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(".tables.xlsx")
    partial.write_bytes(same_bytes(book, moment))
    partial.replace(path)
    return path


def _sheets(store: Store, parts: Sequence[Part], languages: Sequence[Labels]) -> Iterator[Sheet]:
    published = store.published()
    for part in parts:
        for spec in part.tables:
            if spec.name in published and not spec.laid_out:
                yield _of_table(part, spec, published[spec.name], languages)
        yield from part.sheets(store, languages)


def _said(languages: Sequence[Labels], key: str, **values: object) -> str:
    return in_all(languages, [labels.text(f"workbook.{key}", **values) for labels in languages])


def _cover(edition: Edition, languages: Sequence[Labels]) -> Sheet:
    """What the workbook is, who made it and when, and how it is laid out."""
    publication = edition.publication
    titles = [plain(publication.title[one.lang]) for one in languages]
    subtitles = [plain(publication.subtitle[one.lang]) for one in languages]
    institutes = [plain(publication.institute[one.lang]) for one in languages]
    rows = [
        [_said(languages, "subtitle"), in_all(languages, subtitles)],
        [_said(languages, "institute"), in_all(languages, institutes)],
        [_said(languages, "date"), publication.date.isoformat()],
        [_said(languages, "layout"), _said(languages, "layout_is")],
        [_said(languages, "disclosure"), _said(languages, "disclosure_is", min_base=edition.disclosure.min_base)],
    ]
    rows += [[_said(languages, "data"), in_all(languages, [one.text("text.simulated") for one in languages])]] * int(
        edition.simulated
    )
    header = [_said(languages, "item"), _said(languages, "text")]
    return Sheet(FRONT[0], in_all(languages, titles), [_said(languages, "cover")], header, rows)


def _contents(sheets: Sequence[Sheet], languages: Sequence[Labels]) -> Sheet:
    header = [_said(languages, key) for key in ("sheet", "title", "rows")]
    rows = [[sheet.name, sheet.title, len(sheet.rows)] for sheet in sheets]
    return Sheet(FRONT[1], _said(languages, "contents"), [_said(languages, "contents_note")], header, rows)


def _notes(edition: Edition, languages: Sequence[Labels]) -> Sheet:
    rules = edition.disclosure
    rows = [[mark, _said(languages, f"mark_{mark[1]}", min_base=rules.min_base)] for mark in SHORTHAND]
    header = [_said(languages, "shorthand"), _said(languages, "meaning")]
    return Sheet(FRONT[2], _said(languages, "notes"), [_said(languages, "notes_note")], header, rows)


def _of_table(part: Part, spec: TableSpec, frame: pd.DataFrame, languages: Sequence[Labels]) -> Sheet:
    """A table with the headings and notes of every language, and the numbers as they are."""
    values = [part.placeholders(labels) for labels in languages]
    pairs = list(zip(languages, values, strict=True))
    kept = frame.drop(columns="suppressed", errors="ignore")
    missing, withheld = kept.isna().to_numpy(), _withheld(frame)
    rows = [
        [CONFIDENTIAL if gone and hidden else UNAVAILABLE if gone else _plain(value) for value, gone in cells]
        for cells, hidden in zip(
            (
                list(zip(row, blank, strict=True))
                for row, blank in zip(kept.itertuples(index=False, name=None), missing, strict=True)
            ),
            withheld,
            strict=True,
        )
    ]
    return Sheet(
        spec.name,
        in_all(languages, [caption(spec, labels) for labels in languages]),
        [text for labels, value in pairs if (text := note(spec, frame, labels, value))],
        _header(spec, [str(name) for name in kept.columns], languages, [headings(spec, *pair) for pair in pairs]),
        rows,
    )


def _withheld(frame: pd.DataFrame) -> list[bool]:
    if "suppressed" not in frame:
        return [False] * len(frame)
    return [bool(one) for one in frame["suppressed"].notna()]


def _header(
    spec: TableSpec, names: Sequence[str], languages: Sequence[Labels], written: Sequence[Sequence[str]]
) -> list[str]:
    """One heading for every column of the frame, no two alike: as printed, else by its name among the results."""
    found: dict[str, str] = {}
    for place, column in enumerate(spec.columns):
        for source in column.sources:
            texts = [
                _of_source(column, source, texts[place], one) for texts, one in zip(written, languages, strict=True)
            ]
            found.setdefault(source, in_all(languages, texts))
    header: list[str] = []
    for name in names:
        text = found.get(name, name) or name
        header.append(text if text not in header and text != name else f"{text} [{name}]" if text != name else name)
    return [f"{text} [{name}]" if header.count(text) > 1 else text for text, name in zip(header, names, strict=True)]


def _of_source(column: Column, source: str, heading: str, labels: Labels) -> str:
    """Heading of one of the columns that a printed column is made of."""
    if len(column.sources) > 1:
        for ending in ("low", "high"):
            if source.endswith(f"_{ending}"):
                return labels.text(f"workbook.{ending}", heading=heading)
        if source.endswith(("_zh", "_en")):
            return f"{heading} ({source[-2:]})"
        return heading if source == column.sources[-1] else ""
    return heading


def _write(book: Workbook, sheet: Sheet, *, number: int, back: str) -> None:
    """Title in A1, notes below it, the link back, then the header and the rows as a marked table."""
    from openpyxl.styles import Font
    from openpyxl.worksheet.table import Table, TableStyleInfo

    page: Any = book.create_sheet(sheet.name)
    _append(page, [sheet.title])
    page["A1"].font = Font(bold=True, size=14)
    for text in sheet.notes:
        _append(page, [text])
    if back:
        _append(page, [back])
        _link(page.cell(row=page.max_row, column=1), FRONT[1])
    _append(page, list(sheet.header))
    top = page.max_row
    _make_heads(page[top])
    for row in sheet.rows:
        _append(page, row)
    if sheet.rows:
        last = page.cell(row=page.max_row, column=len(sheet.header)).coordinate
        named = Table(displayName=_table_name(sheet.name, number), ref=f"A{top}:{last}")
        named.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
        page.add_table(named)
    page.freeze_panes = f"A{top + 1}"
    _widen(page, sheet)


def _make_heads(cells: Sequence[Any]) -> None:
    """Set the cells of a header; those without a style of their own share one: each is looked up in the whole book."""
    from copy import copy

    from openpyxl.styles import Alignment, Font

    font, alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    plain: Any = None
    for cell in cells:
        if plain is not None and not cell.has_style:
            cell._style = copy(plain._style)
            continue
        plain = plain if cell.has_style else cell
        cell.font, cell.alignment = font, alignment


def _link(cell: Any, sheet: str) -> None:
    """Make a cell lead to the beginning of a sheet of the same workbook."""
    from openpyxl.worksheet.hyperlink import Hyperlink

    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{sheet}'!A1")
    cell.style = "Hyperlink"


def _table_name(sheet: str, number: int) -> str:
    """A name that no cell has: letters, digits and _ alone, and none like A1."""
    return f"table_{number}_{re.sub(r'[^A-Za-z0-9_]', '_', sheet)}"


def _append(sheet: Any, values: Sequence[Any]) -> None:
    """A row whose texts are texts: openpyxl would take =A1 for a formula and #N/A for an error."""
    sheet.append([as_cell(value) if isinstance(value, str) else value for value in values])
    marked = [
        (column, value[0])
        for column, value in enumerate(values, start=1)
        if isinstance(value, str) and value[:1] in FORMULA_MARKS | {ERROR_MARK}
    ]
    row = sheet.max_row if marked else 0
    for column, mark in marked:
        cell = sheet.cell(row=row, column=column)
        cell.data_type = "s"
        cell.quotePrefix = mark in FORMULA_MARKS


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _widen(page: Any, sheet: Sheet) -> None:
    """Columns as wide as what stands in them, within bounds."""
    from openpyxl.utils import get_column_letter

    for index, text in enumerate(sheet.header):
        shown = (str(row[index]) for row in sheet.rows[:SHOWN_ROWS] if row[index] is not None)
        width = max(map(len, shown), default=8)
        page.column_dimensions[get_column_letter(index + 1)].width = min(max(width + 2, len(text) // 2 + 2, 10), 60)


def same_bytes(book: Workbook, moment: dt.datetime) -> bytes:
    """The workbook as an archive whose members carry no time of writing."""
    from openpyxl.writer.excel import ExcelWriter

    raw, fixed = BytesIO(), BytesIO()
    ExcelWriter(book, zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED)).save()
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist()):
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _fixed_times(content, stamp)
            target.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return fixed.getvalue()


def _fixed_times(core: bytes, stamp: bytes) -> bytes:
    return re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp, core)
