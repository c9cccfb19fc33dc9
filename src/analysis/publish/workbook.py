"""One workbook with every published table: unrounded numbers, headings in both languages, the same bytes every time."""

from __future__ import annotations

import datetime as dt
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Any

from analysis.publish.book.content import published_tables
from analysis.publish.labels import Labels
from analysis.publish.specs import TABLES
from analysis.publish.tables import caption, note

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from openpyxl import Workbook

    from analysis.edition import Edition
    from analysis.results import Store

EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time of every member of the archive: the earliest that the format knows."""


def write_workbook(edition: Edition, store: Store) -> Path:
    """Write tables/tables.xlsx: a sheet of contents, then one sheet per table; return its path."""
    from openpyxl import Workbook

    tables = published_tables(edition, store)
    languages = [Labels(edition, lang) for lang in edition.languages]
    book = Workbook()
    moment = dt.datetime.combine(edition.publication.date, dt.time())
    book.properties.created = book.properties.modified = moment
    book.properties.creator = edition.publication.institute[edition.languages[0]]
    _contents(book, tables, languages)
    for name, frame in tables.items():
        _sheet(book, name, frame, languages)
    path = store.root / "tables" / "tables.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(".tables.xlsx")
    partial.write_bytes(_same_bytes(book, moment))
    partial.replace(path)
    return path


def _contents(book: Workbook, tables: dict[str, pd.DataFrame], languages: list[Labels]) -> None:
    sheet: Any = book.active
    sheet.title = "contents"
    sheet.append(["table", *(f"title ({labels.lang})" for labels in languages), "rows"])
    for name, frame in tables.items():
        sheet.append([name, *(caption(TABLES[name], labels) for labels in languages), len(frame)])
        sheet.cell(row=sheet.max_row, column=1).hyperlink = f"#'{name}'!A1"
    sheet.freeze_panes = "A2"
    _dress(sheet, header=1)


def _sheet(book: Workbook, name: str, frame: pd.DataFrame, languages: list[Labels]) -> None:
    """Titles and notes of every language, then the headings, then the numbers as they are."""
    from openpyxl.styles import Font

    sheet: Any = book.create_sheet(name)
    spec = TABLES[name]
    for labels in languages:
        sheet.append([caption(spec, labels)])
        sheet.cell(row=sheet.max_row, column=1).font = Font(bold=True, size=12)
        sheet.append([note(spec, frame, labels)])
    headings = {source: column.heading for column in spec.columns for source in column.sources[-1:]}
    for labels in languages:
        level = "95%"
        words = [labels.text(f"columns.{headings[c]}", level=level) if c in headings else "" for c in frame.columns]
        sheet.append(words)
    sheet.append([str(column) for column in frame.columns])
    header = sheet.max_row
    missing = frame.isna().to_numpy()
    for row, blank in zip(frame.itertuples(index=False, name=None), missing, strict=True):
        sheet.append([None if gone else _plain(value) for value, gone in zip(row, blank, strict=True)])
    sheet.freeze_panes = f"A{header + 1}"
    _dress(sheet, header=header)


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


def _same_bytes(book: Workbook, moment: dt.datetime) -> bytes:
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
