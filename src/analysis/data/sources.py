"""Raw files as text tables: csv, xlsx, sav and parquet, read strictly, every fault named by file and row."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from analysis.data.blocks import tables_of
from analysis.data.delimited import read_delimited
from analysis.data.rawtable import KINDS, RawTable, unreadable
from analysis.data.typed import read_typed
from analysis.data.workbook import read_workbook
from analysis.edition.sections.data import TableSource
from analysis.files import chunks_of, read_data

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


def read_raw(path: Path, source: TableSource) -> RawTable:
    """Read a file as its source describes it.

    Raises SourceError when the file is missing, of another type, damaged, cut off, in another encoding, or empty.
    """
    kind = _expected_kind(path, source)
    data = _read_bytes(path)
    _check_kind(path, data, kind, source)
    if kind == "csv":
        raw = read_delimited(path, data, source)
    elif kind == "xlsx":
        raw = read_workbook(path, data, source)
    else:
        raw = read_typed(path, data, source, kind)
    return replace(raw, sha256=hashlib.sha256(data).hexdigest())


def read_by_rows(path: Path, source: TableSource, *, rows: int) -> Iterator[RawTable]:
    """The tables of a delimited text, of at most `rows` rows each (`tables_of`).

    Raises SourceError as `read_raw`, and for a file of another format, which can only be read as a whole.
    """
    kind = _expected_kind(path, source)
    _check_kind(path, next(chunks_of(path), b"") or _read_bytes(path), kind, source)
    if kind != "csv":
        raise unreadable(
            path,
            "Only delimited text can be read by partitions.",
            expected="csv, tsv or txt",
            got=KINDS[kind],
            hint="export the responses as csv, or leave data.partitions out",
        )
    return tables_of(path, source, rows=rows)


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
    data = read_data(path)
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
    elif found in KINDS and not (found == "csv" and not _looks_like_text(data)):
        hint = f"set `format: {found}` for this table in the params, or give the file its right extension"
    elif found == "an old Excel workbook (.xls)":
        hint = "open it in a spreadsheet program and save it as .xlsx or as csv (UTF-8)"
    elif "password" in found:
        hint = "open it, remove the password, and save it as .xlsx"
    else:
        hint = "the file may be damaged or not fully copied: export it again as csv (UTF-8), xlsx, sav or parquet"
    got = KINDS.get(found, found) if found != "csv" or _looks_like_text(data) else "bytes of no known format"
    wanted = f"{KINDS[expected]} ({'from its extension' if source.format == 'auto' else 'format in the params'})"
    raise unreadable(path, "The data file is of another type than expected.", expected=wanted, got=got, hint=hint)


def _looks_like_text(data: bytes) -> bool:
    head = data[:4096]
    return b"\x00" not in head and sum(byte < 9 for byte in head) == 0
