"""One workbook with every published table: what passed disclosure, headings in both languages, the same bytes."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from analysis.publish.tables.printed import caption, headings, note
from analysis.publish.words.escape import as_cell, plain
from analysis.publish.words.labels import Labels

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from openpyxl import Workbook

    from analysis.edition import Edition
    from analysis.publish.part import Part
    from analysis.publish.tables.spec import TableSpec
    from analysis.results import Store

FORMULA_MARKS, ERROR_MARK = frozenset("=+-@"), "#"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time of every member of the archive: the earliest that the format knows."""


def write_workbook(edition: Edition, store: Store, parts: Sequence[Part]) -> Path:
    """Write tables/tables.xlsx: a sheet of contents, then one sheet per table of the parts; return its path."""
    from openpyxl import Workbook

    published = store.published()
    tables = [(part, spec, published[spec.name]) for part in parts for spec in part.tables if spec.name in published]
    languages = [Labels(edition, lang) for lang in edition.languages]
    book = Workbook()
    moment = dt.datetime.combine(edition.publication.date, dt.time())
    book.properties.created = book.properties.modified = moment
    book.properties.creator = plain(edition.publication.institute[edition.languages[0]])
    _contents(book, tables, languages)
    for part, spec, frame in tables:
        _sheet(book, part, spec, frame, languages)
    path = store.root / "tables" / "tables.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(".tables.xlsx")
    partial.write_bytes(same_bytes(book, moment))
    partial.replace(path)
    return path


def _contents(book: Workbook, tables: Sequence[tuple[Part, TableSpec, pd.DataFrame]], languages: list[Labels]) -> None:
    sheet: Any = book.active
    sheet.title = "contents"
    _append(sheet, ["table", *(f"title ({labels.lang})" for labels in languages), "rows"])
    for _, spec, frame in tables:
        _append(sheet, [spec.name, *(caption(spec, labels) for labels in languages), len(frame)])
        sheet.cell(row=sheet.max_row, column=1).hyperlink = f"#'{spec.name}'!A1"
    sheet.freeze_panes = "A2"
    _dress(sheet, header=1)


def _sheet(book: Workbook, part: Part, spec: TableSpec, frame: pd.DataFrame, languages: list[Labels]) -> None:
    """Titles and notes of every language, then the headings, then the numbers as they are."""
    from openpyxl.styles import Font

    sheet: Any = book.create_sheet(spec.name)
    for labels in languages:
        _append(sheet, [caption(spec, labels)])
        sheet.cell(row=sheet.max_row, column=1).font = Font(bold=True, size=12)
        _append(sheet, [note(spec, frame, labels, part.placeholders(labels))])
    for labels in languages:
        written = headings(spec, labels, part.placeholders(labels))
        named = {column.sources[-1]: text for column, text in zip(spec.columns, written, strict=True)}
        _append(sheet, [named.get(str(column), "") for column in frame.columns])
    _append(sheet, [str(column) for column in frame.columns])
    header = sheet.max_row
    missing = frame.isna().to_numpy()
    for row, blank in zip(frame.itertuples(index=False, name=None), missing, strict=True):
        _append(sheet, [None if gone else _plain(value) for value, gone in zip(row, blank, strict=True)])
    sheet.freeze_panes = f"A{header + 1}"
    _dress(sheet, header=header)


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


def _dress(sheet: Any, *, header: int) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    for cell in sheet[header]:
        cell.font = Font(bold=True, color="1F4E79")
    for index, column in enumerate(sheet.iter_cols(min_row=header), start=1):
        width = max((len(str(cell.value)) for cell in column if cell.value is not None), default=8)
        sheet.column_dimensions[get_column_letter(index)].width = min(max(width + 2, 10), 60)


def same_bytes(book: Workbook, moment: dt.datetime) -> bytes:
    """The workbook as an archive whose members carry no time of writing."""
    raw, fixed = BytesIO(), BytesIO()
    book.save(raw)
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist()):
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _fixed_times(content, stamp)
            target.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return fixed.getvalue()


def _fixed_times(core: bytes, stamp: bytes) -> bytes:
    import re

    return re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp, core)
