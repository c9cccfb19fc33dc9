"""Excel workbooks as text columns: every cell that holds a value, and a refusal where one would be lost."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import pandas as pd

from analysis.data.rawtable import RawTable, cell_text, finish, header_names, no_rows, unreadable
from analysis.edition.sections.data import TableSource
from analysis.errors import SourceError, did_you_mean

_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    EOFError,
    OSError,
    ParseError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
)
"""What openpyxl and zipfile raise, depending on which part of a workbook is broken."""
MAX_UNPACKED = 2 << 30
"""Bytes of all parts of a workbook."""
MAX_CELLS = 50_000_000
MAX_GAP_ROWS, MAX_GAP_COLUMNS = 10_000, 1_000
"""Empty rows and columns before a cell that still belongs to the table."""


@dataclass
class _Sheet:
    """Rows of texts, formulas that were never calculated, and merged ranges (first column and row, last of both)."""

    rows: list[list[str]]
    uncalculated: list[str]
    merged: list[tuple[int, int, int, int]]


def read_workbook(path: Path, data: bytes, source: TableSource) -> RawTable:
    """One sheet of a workbook.

    Raises SourceError also where a value would be lost: formulas without a result, merged cells among the answers, a
    cell far away from all others.
    """
    sheet = _read_sheet(path, data, source.sheet)
    if sheet.uncalculated:
        raise _uncalculated(path, sheet.uncalculated)
    if not sheet.rows:
        raise unreadable(path, "The sheet is empty.", expected="a header and rows", got="no cell", hint="check `sheet`")
    width = max(len(row) for row in sheet.rows)
    texts = [row + [""] * (width - len(row)) for row in sheet.rows]
    names = header_names(path, texts[: source.header_rows], source)
    _check_merged(path, sheet, texts, source)
    body = texts[source.header_rows :]
    if not body:
        raise no_rows(path, source)
    frame = pd.DataFrame({i: pd.Series(list(column), dtype="str") for i, column in enumerate(zip(*body, strict=True))})
    return finish(path, names, frame, header=texts[: source.header_rows], source=source)


def _read_sheet(path: Path, data: bytes, sheet: str | int) -> _Sheet:
    import openpyxl

    try:
        _check_unpacked(path, data)
        with warnings.catch_warnings():
            # openpyxl warns of styles and validations that it drops (neither holds data) and of dates out of range
            warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            try:
                named = {worksheet.title: worksheet for worksheet in book.worksheets}
                shown = [title for title, worksheet in named.items() if worksheet.sheet_state == "visible"]
                return _cells(path, book, named[_choose_sheet(path, list(named), shown, sheet)])
            finally:
                book.close()
    except SourceError:
        raise
    except _DAMAGE as error:
        raise unreadable(
            path,
            "The workbook is damaged.",
            expected="a readable .xlsx file",
            got=f"{type(error).__name__}: {error}"[:200],
            hint="open it in a spreadsheet program and save it again, or copy it again",
        ) from None


def _check_unpacked(path: Path, data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = sum(part.file_size for part in archive.infolist())
    if size > MAX_UNPACKED:
        raise unreadable(
            path,
            "The workbook is too large.",
            expected=f"at most {MAX_UNPACKED:,} bytes unpacked",
            got=f"{size:,}",
            hint="save the table as csv (UTF-8)",
        )


def _cells(path: Path, book: Any, worksheet: Any) -> _Sheet:
    """Read the cells of a sheet as they are stored, the filled ones only."""
    parser_type = _parser()
    with worksheet._get_source() as part:
        parser = parser_type(
            part,
            worksheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        rows = list(_texts(path, parser))
        ranges = parser.merged_cells.mergeCell if parser.merged_cells else []
    merged = [(found.min_col, found.min_row, found.max_col, found.max_row) for found in ranges]
    return _Sheet(rows, parser.uncalculated, merged)


def _parser() -> Any:
    from openpyxl.worksheet._reader import FORMULA_TAG, VALUE_TAG, WorkSheetParser

    class Parser(WorkSheetParser):  # type: ignore[misc]
        """Notes the formulas that no program has calculated: without a value, and not text that may be empty."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.uncalculated: list[str] = []

        def parse_cell(self, element: Any) -> Any:
            cell = super().parse_cell(element)
            is_text = element.get("t") == "str" and element.find(VALUE_TAG) is not None
            if cell["value"] is None and not is_text and element.find(FORMULA_TAG) is not None:
                self.uncalculated.append(str(element.get("r")))
            return cell

    return Parser


def _texts(path: Path, parser: Any) -> Iterator[list[str]]:
    """Rows up to the last filled one, each up to its last filled cell; a cell far from all others is refused."""
    number = width = count = 0
    for index, stored in parser.parse():
        filled = {cell["column"]: text for cell in stored if (text := cell_text(cell["value"])).strip()}
        if not filled:
            continue
        last = width
        for column in sorted(filled):
            if column - last > MAX_GAP_COLUMNS or index - number > MAX_GAP_ROWS:
                raise _stray(path, index, column, filled[column])
            last = max(last, column)
        if index <= number:
            raise ValueError(f"row {index} is stored twice")
        yield from ([] for _ in range(number + 1, index))
        yield [filled.get(column, "") for column in range(1, max(filled) + 1)]
        number, width, count = index, max(width, last), count + max(filled)
        if count > MAX_CELLS:
            raise unreadable(
                path, "The sheet is too large.", expected=f"at most {MAX_CELLS:,} cells", hint="save it as csv (UTF-8)"
            )


def _name(column: int, row: int) -> str:
    from openpyxl.utils import get_column_letter

    return f"{get_column_letter(column)}{row}"


def _stray(path: Path, row: int, column: int, text: str) -> SourceError:
    return unreadable(
        path,
        "A cell of the sheet stands far away from all others.",
        row=f"cell {_name(column, row)}",
        expected="one table without large gaps",
        got=repr(text[:40]),
        hint="clear that cell, or copy the table to a sheet of its own",
    )


def _uncalculated(path: Path, cells: list[str]) -> SourceError:
    return unreadable(
        path,
        f"{len(cells)} formula(s) of the sheet have no calculated value.",
        row=f"cells {_listed(cells)}",
        expected="values",
        got="formulas that no program has calculated",
        hint="open the workbook in a spreadsheet program and save it, or paste the values in place of the formulas",
    )


def _check_merged(path: Path, sheet: _Sheet, texts: list[list[str]], source: TableSource) -> None:
    """A merged range below the header holds one value for several cells: nobody can tell for which rows it is meant."""
    width = len(texts[0])
    lost = [
        f"{_name(left, top)}:{_name(right, bottom)}"
        for left, top, right, bottom in sheet.merged
        if bottom > source.header_rows and top <= len(texts) and left <= width and texts[top - 1][left - 1]
    ]
    if lost:
        raise unreadable(
            path,
            f"{len(lost)} merged range(s) of the sheet hold one value for several cells.",
            row=f"cells {_listed(lost)}",
            expected="a value in every cell of the table",
            got="merged cells, of which only the first holds a value",
            hint="unmerge the cells and fill the value into each of them",
        )


def _listed(cells: Sequence[str]) -> str:
    return ", ".join(cells[:8]) + (f", … ({len(cells)})" if len(cells) > 8 else "")


def _choose_sheet(path: Path, titles: Sequence[str], shown: Sequence[str], sheet: str | int) -> str:
    """The sheet of that name, hidden or not, or of that number among those that a spreadsheet program shows."""
    if isinstance(sheet, int) and 0 <= sheet < len(shown):
        return shown[sheet]
    if isinstance(sheet, str) and sheet in titles:
        return sheet
    raise unreadable(
        path,
        f"The workbook has no sheet {sheet!r}.",
        expected="one of its sheets, by name, or by number from 0 among those that are shown",
        got=", ".join(title if title in shown else f"{title} (hidden)" for title in titles) or "no sheet with cells",
        hint=did_you_mean(sheet, titles) if isinstance(sheet, str) else "correct `sheet` of this table in the params",
    )
