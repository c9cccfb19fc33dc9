"""Raw files as text tables: csv, xlsx, sav and parquet, read strictly, every fault named by file and row."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import pandas as pd

from analysis.data.delimited import read_delimited
from analysis.data.rawtable import RawTable, clean_name, finish, header_names, no_rows, unreadable
from analysis.edition.sections.data import TableSource
from analysis.errors import SourceError, did_you_mean

_SUFFIXES = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".xls": "xlsx",
    ".sav": "sav",
    ".zsav": "sav",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_SIGNATURES = (
    (b"PK\x03\x04", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"$FL2", "sav"),
    (b"$FL3", "sav"),
    (b"PAR1", "parquet"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_KINDS = {"csv": "delimited text", "xlsx": "an Excel workbook", "sav": "an SPSS file", "parquet": "a Parquet file"}

_DAMAGE = (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, EOFError, OSError, ParseError)
"""What openpyxl raises, depending on which part of a workbook is broken."""


def read_raw(path: Path, source: TableSource) -> RawTable:
    """Read a file as its source describes it.

    Raises SourceError when the file is missing, of another type, damaged, cut off, in another encoding, or empty.
    """
    kind = _expected_kind(path, source)
    data = _read_bytes(path)
    _check_kind(path, data, kind, source)
    if kind == "csv":
        return read_delimited(path, data, source)
    if kind == "xlsx":
        return _read_workbook(path, data, source)
    return _read_typed(path, source, kind)


def _expected_kind(path: Path, source: TableSource) -> str:
    if source.format != "auto":
        return source.format
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise unreadable(
            path,
            "The format of the file can't be told from its name.",
            expected=".csv, .txt, .tsv, .xlsx, .sav or .parquet",
            got=suffix or "no extension",
            hint="set `format` for this table in the params",
        )
    return _SUFFIXES[suffix]


def _read_bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        siblings = sorted(p.name for p in path.parent.iterdir()) if path.parent.is_dir() else []
        close = get_close_matches(path.name, siblings, n=1)
        raise unreadable(
            path,
            "The data file does not exist.",
            expected="a file at this path (relative paths start at the project's root)",
            got="no such file" if path.parent.is_dir() else "no such folder",
            hint=f"did you mean {close[0]!r}?" if close else "check `path` of this table in the params",
        ) from None
    except IsADirectoryError:
        raise unreadable(
            path, "The path of a data file is a folder.", expected="a file", got="a folder", hint="add the file name"
        ) from None
    except OSError as error:
        raise unreadable(
            path, "The data file can't be opened.", got=str(error.strerror), hint="check its permissions"
        ) from None
    if not data:
        raise unreadable(
            path,
            "The data file is empty.",
            expected="a header and rows",
            got="0 bytes",
            hint="export the file again, or copy it again",
        )
    return data


def _kind_of(data: bytes) -> str:
    """What the first bytes say the file is: one of csv, xlsx, sav, parquet, or words for something else."""
    kind = next((kind for signature, kind in _SIGNATURES if data.startswith(signature)), "")
    if not kind:
        head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        if head.startswith(b"<"):
            return "a web page or XML (many systems export that under an Excel name)"
        return "JSON" if head.startswith((b"{", b'[{"')) else "csv"
    if kind == "zip":
        return "xlsx" if b"xl/workbook.xml" in data or b"xl/worksheets" in data else "a zip archive"
    if kind == "ole":
        protected = "EncryptedPackage".encode("utf-16-le") in data
        return "a password-protected workbook" if protected else "an old Excel workbook (.xls)"
    return kind


def _check_kind(path: Path, data: bytes, expected: str, source: TableSource) -> None:
    found = _kind_of(data)
    if found == expected:
        return
    if found == "a zip archive" and expected == "xlsx":
        hint = "the workbook is damaged or another kind of archive: save it again as .xlsx"
    elif found in _KINDS and not (found == "csv" and not _looks_like_text(data)):
        hint = f"set `format: {found}` for this table in the params, or give the file its right extension"
    elif found == "an old Excel workbook (.xls)":
        hint = "open it in a spreadsheet program and save it as .xlsx or as csv (UTF-8)"
    elif "password" in found:
        hint = "open it, remove the password, and save it as .xlsx"
    else:
        hint = "the file may be damaged or not fully copied: export it again as csv (UTF-8), xlsx, sav or parquet"
    got = _KINDS.get(found, found) if found != "csv" or _looks_like_text(data) else "bytes of no known format"
    wanted = f"{_KINDS[expected]} ({'from its extension' if source.format == 'auto' else 'format in the params'})"
    raise unreadable(path, "The data file is of another type than expected.", expected=wanted, got=got, hint=hint)


def _looks_like_text(data: bytes) -> bool:
    head = data[:4096]
    return b"\x00" not in head and sum(byte < 9 for byte in head) == 0


def _read_workbook(path: Path, data: bytes, source: TableSource) -> RawTable:
    cells = _sheet_cells(path, data, source.sheet)
    while cells and not any(value is not None and str(value).strip() for value in cells[-1]):
        cells.pop()
    if not cells:
        raise unreadable(path, "The sheet is empty.", expected="a header and rows", got="no cell", hint="check `sheet`")
    width = max(len(row) for row in cells)
    texts = [[_cell_text(value) for value in row] + [""] * (width - len(row)) for row in cells]
    names = header_names(path, texts[: source.header_rows], source)
    body = texts[source.header_rows :]
    if not body:
        raise no_rows(path, source)
    frame = pd.DataFrame({i: pd.Series(list(column), dtype="str") for i, column in enumerate(zip(*body, strict=True))})
    return finish(path, names, frame, first_row=source.header_rows + 1, source=source)


def _sheet_cells(path: Path, data: bytes, sheet: str | int) -> list[tuple[Any, ...]]:
    import openpyxl

    try:
        with warnings.catch_warnings():
            # openpyxl warns of styles and validations that it drops; neither holds data
            warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            try:
                named = {worksheet.title: worksheet for worksheet in book.worksheets}
                chosen = _choose_sheet(path, list(named), sheet)
                named[chosen].reset_dimensions()
                return list(named[chosen].iter_rows(values_only=True))
            finally:
                book.close()
    except SourceError:
        raise
    except (
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        EOFError,
        OSError,
        ParseError,
    ) as error:
        raise unreadable(
            path,
            "The workbook is damaged.",
            expected="a readable .xlsx file",
            got=f"{type(error).__name__}: {error}",
            hint="open it in a spreadsheet program and save it again, or copy it again",
        ) from None


def _choose_sheet(path: Path, titles: Sequence[str], sheet: str | int) -> str:
    if isinstance(sheet, int) and 0 <= sheet < len(titles):
        return titles[sheet]
    if isinstance(sheet, str) and sheet in titles:
        return sheet
    raise unreadable(
        path,
        f"The workbook has no sheet {sheet!r}.",
        expected="one of its sheets, by name or by number from 0",
        got=", ".join(titles) or "no sheet with cells",
        hint=did_you_mean(sheet, titles) if isinstance(sheet, str) else "correct `sheet` of this table in the params",
    )


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if hasattr(value, "total_seconds"):
        return str(value.total_seconds())
    return str(value)


def _read_typed(path: Path, source: TableSource, kind: str) -> RawTable:
    """Read an SPSS or Parquet file; its typed columns become text, so that all formats go one way."""
    import pyarrow as pa

    try:
        if kind == "parquet":
            from pyarrow import parquet

            table = parquet.read_table(path, partitioning=None)
            names, columns = table.column_names, list(table.columns)
        else:
            names, columns = _sav_columns(path, source)
        texts = {i: _arrow_text(column) for i, column in enumerate(columns)}
    except (pa.ArrowException, OSError, ValueError, UnicodeError) as error:
        raise unreadable(
            path,
            f"The file can't be read as {_KINDS[kind]}.",
            expected=f"a complete .{kind} file",
            got=str(error).splitlines()[0][:200] or type(error).__name__,
            hint="it may be cut off or damaged: export or copy it again",
        ) from None
    if not texts or not len(next(iter(texts.values()))):
        raise no_rows(path, source)
    cleaned = tuple(clean_name(name) for name in names)
    return finish(path, cleaned, pd.DataFrame(texts), first_row=1, source=source)


def _sav_columns(path: Path, source: TableSource) -> tuple[list[str], list[Any]]:
    import pyarrow as pa
    import pyreadstat

    encoding = None if source.encoding == "auto" else source.encoding
    try:
        frame, _ = pyreadstat.read_sav(
            str(path),
            apply_value_formats=source.value_labels == "labels",
            formats_as_category=False,
            encoding=encoding,
        )
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
        raise ValueError(str(error)) from None
    columns: list[Any] = []
    for name in frame.columns:
        try:
            columns.append(pa.array(frame[name], from_pandas=True))
        except (pa.ArrowInvalid, pa.ArrowTypeError):  # labels and bare codes in one column
            columns.append(pa.array([None if pd.isna(v) else _cell_text(v) for v in frame[name]], type=pa.string()))
    return list(frame.columns), columns


def _arrow_text(column: Any) -> pd.Series:
    """A typed Arrow column as text: 5.0 becomes "5", a date its ISO form, true "1", nothing "" ."""
    import pyarrow as pa
    from pyarrow import compute

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_boolean(kind):
        column = column.cast(pa.int8())
    elif pa.types.is_timestamp(kind) and kind.tz is not None:
        column = compute.local_timestamp(column)
    elif pa.types.is_floating(kind):
        column = compute.if_else(compute.is_nan(column), None, column)
    elif pa.types.is_duration(kind):
        column = compute.divide(column.cast(pa.duration("ns")).cast(pa.int64()).cast(pa.float64()), 1e9)
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        text = pa.array([str(value) for value in column.to_pylist()], type=pa.string())
    else:
        text = column.cast(pa.string())
    series: pd.Series = compute.fill_null(text, "").to_pandas()
    return series.astype("str").reset_index(drop=True)
