"""Delimited text as text columns: encoding and delimiter found or taken from the params, every row checked."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.data.rawtable import RawTable, finish, header_names, no_rows, unreadable
from analysis.edition.sections.data import TableSource

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
_CHINESE = {"gbk", "gb2312", "cp936"}
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def _decode(path: Path, data: bytes, encoding: str) -> str:
    if encoding == "auto":
        return _decode_unknown(path, data)
    name = "gb18030" if encoding.lower().replace("-", "").replace("_", "") in _CHINESE else encoding
    if name.lower().replace("_", "-") in {"utf-8", "utf8"}:
        name = "utf-8-sig"
    try:
        return data.decode(name)
    except LookupError:
        raise unreadable(
            path,
            f"The encoding {encoding!r} is not known.",
            expected="auto, utf-8, gb18030, utf-16 or another Python encoding",
            got=encoding,
            hint="set `encoding: auto`, or correct its name",
        ) from None
    except UnicodeError as error:
        start = getattr(error, "start", 0)
        raise unreadable(
            path,
            f"The file is not text in the encoding {encoding!r}.",
            row=f"line {data.count(10, 0, start) + 1}",
            expected=encoding,
            got=f"bytes {data[start : start + 4].hex(' ')}",
            hint="set `encoding: auto`, or name the encoding that the file was saved in (gb18030, utf-8, utf-16)",
        ) from None


def _decode_unknown(path: Path, data: bytes) -> str:
    for bom, name in _BOMS:
        if data.startswith(bom):
            return _decode(path, data, name)
    if b"\x00" in data[:100_000]:
        return _decode_wide(path, data)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3 and not data[: error.start].isascii():
            raise unreadable(
                path,
                "The file is cut off: it ends in the middle of a character.",
                row=f"line {data.count(10) + 1}",
                expected="a complete file",
                got=f"{len(data)} bytes",
                hint="export or copy the file again",
            ) from None
        return _decode_chinese(path, data)


def _decode_chinese(path: Path, data: bytes) -> str:
    """Decode as GB18030, but refuse what only happens to decode: real Chinese text is mostly GB2312."""
    text = data.decode("gb18030", errors="replace")
    sample = [char for char in text[:200_000] if ord(char) > 127]
    common = sum(bool(char.encode("gb2312", errors="ignore")) for char in sample)
    if "\ufffd" in text or common < 0.5 * len(sample):
        binary = sum(byte < 9 for byte in data[:4096]) > 0
        raise unreadable(
            path,
            "The file is binary, not text." if binary else "The encoding of the file can't be recognised.",
            expected="text in UTF-8, GB18030 or UTF-16",
            got="binary content" if binary else "text in another encoding, or damaged text",
            hint="save it as csv (UTF-8), or name its encoding in the params, for example `encoding: latin-1`",
        )
    return text


def _decode_wide(path: Path, data: bytes) -> str:
    """Decode UTF-16 without a mark: its zero bytes lie on every other place only; in binary files they lie anywhere."""
    even, odd = data[:100_000:2].count(0), data[1:100_000:2].count(0)
    if not even or not odd:
        with suppress(UnicodeDecodeError):
            return data.decode("utf-16-be" if even else "utf-16-le")
    raise unreadable(
        path,
        "The file is binary, not text.",
        expected="text in UTF-8, GB18030 or UTF-16",
        got="zero bytes",
        hint="check that this is the exported file; export it again as csv (UTF-8)",
    )


def _records(text: str, delimiter: str, *, strict: bool = False) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)


def _delimiter(path: Path, text: str, named: str) -> str:
    """The delimiter named in the params, or the one that splits the first rows most evenly."""
    if named != "auto":
        delimiter = DELIMITERS.get(named.lower(), "\t" if named == "\\t" else named)
        if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n':
            raise unreadable(
                path,
                "The delimiter is not one plain character.",
                expected="auto, one of , ; | or tab",
                got=repr(named),
                hint="correct `delimiter` of this table in the params",
            )
        return delimiter
    head = "".join(text[:200_000].splitlines(keepends=True)[:60])

    def evenness(delimiter: str) -> float:
        widths = [len(record) for record in _records(head, delimiter) if record]
        most = max(set(widths), key=widths.count) if widths else 1
        return (most - 1) * widths.count(most) / max(len(widths), 1)

    return max(DELIMITERS.values(), key=evenness)


def read_delimited(path: Path, data: bytes, source: TableSource) -> RawTable:
    text = _decode(path, data, source.encoding)
    if not text.strip():
        raise unreadable(
            path, "The data file is empty.", expected="a header and rows", got="blank lines", hint="export it again"
        )
    delimiter = _delimiter(path, text, source.delimiter)
    if text.count('"') % 2:
        _report_fault(path, text, delimiter, width=None)
    stream = io.StringIO(text, newline="")
    reader = csv.reader(stream, delimiter=delimiter)
    header = list(islice(reader, source.header_rows))
    names = header_names(path, header, source)
    body = text[stream.tell() :]
    if not body.strip():
        raise no_rows(path, source)
    columns, bad = _parse(body, delimiter, len(names))
    lines = body.count("\n") + (not body.endswith("\n"))
    if columns is None or bad or ('"' in body and lines != len(columns)):
        _report_fault(path, text, delimiter, width=len(names), skip=source.header_rows)
    if columns is None or bad:
        raise unreadable(
            path,
            "The rows of the file don't fit its header.",
            expected=f"{len(names)} values in every row",
            got=f"{len(bad)} other row(s)",
            hint="check `delimiter`, `header_rows` and the quotes in the file",
        )
    return finish(path, names, columns, header=header, source=source)


def _parse(body: str, delimiter: str, width: int) -> tuple[pd.DataFrame | None, list[int]]:
    """Split `body` into `width` text columns; returns also the record numbers of rows with another width."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    bad: list[int] = []

    def skip(row: Any) -> str:
        bad.append(int(row.number or 0))
        return "skip"

    names = [str(position) for position in range(width)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(body.encode("utf-8")),
            read_options=arrow_csv.ReadOptions(use_threads=False, column_names=names, block_size=1 << 24),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=skip
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
            ),
        )
    except pa.ArrowInvalid:
        return None, bad
    frame: pd.DataFrame = table.to_pandas()
    frame.columns = pd.RangeIndex(width)
    return frame, bad


def _report_fault(path: Path, text: str, delimiter: str, *, width: int | None, skip: int = 0) -> None:
    """Raise SourceError for the first row whose quotes or number of values are wrong; return when there is none."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number, line = 0, 1
    record: list[str] = []
    wrong = ""
    try:
        for number, record in enumerate(reader, start=1):
            if width is not None and number > skip and record and len(record) != width:
                wrong = f"{len(record)} value(s): {delimiter.join(record)[:80]!r}"
                break
            line = reader.line_num + 1
    except csv.Error as error:
        number += 1
        cut = "end of data" in str(error) or "field limit" in str(error)
        wrong = "a quote that is opened and never closed" if cut else "a quote in the middle of a value"
    if not wrong:
        return
    last = next(reader, None) is None if record and not wrong.startswith("a quote") else "never closed" in wrong
    raise unreadable(
        path,
        "The file is cut off or damaged: its last row is not complete." if last else "A row of the file is damaged.",
        row=f"row {number} (line {line})",
        expected=f"{width} values, as in the header" if width else "values with closed quotes",
        got=wrong,
        hint="export or copy the file again; if the row is right, check `delimiter` and the quotes in it",
    )
