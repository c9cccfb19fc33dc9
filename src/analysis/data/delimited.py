"""Delimited text as text columns: encoding and delimiter found or taken from the params, every row checked."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.data.encoding import decode
from analysis.data.rawtable import RawTable, check_extent, finish, header_names, no_rows, unreadable
from analysis.edition.sections.data import TableSource
from analysis.errors import SourceError

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
MAX_FIELD = 1 << 26
"""Characters of one value."""
csv.field_size_limit(MAX_FIELD)


def _records(text: str, delimiter: str, *, strict: bool = False) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)


def delimiter_of(path: Path, text: str, named: str) -> str:
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
    text = decode(path, data, source.encoding)
    _refuse_nul(path, text)
    text, stated = without_sep(text)
    if not text.strip():
        raise unreadable(
            path, "The data file is empty.", expected="a header and rows", got="blank lines", hint="export it again"
        )
    delimiter = delimiter_of(path, text, stated or source.delimiter)
    check_extent(path, columns=text.count(delimiter, 0, _end_of_line(text)) + 1)
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
    wrapped = any("\n" in name for row in header for name in row)
    if columns is None or bad or wrapped or ('"' in body and lines != len(columns)):
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


def without_sep(text: str) -> tuple[str, str]:
    """The text behind a first line `sep=;`, which tells Excel the delimiter, and that delimiter."""
    found = re.match(r"\ufeff?\"?sep=(.)\"?[ \t]*\r?\n", text, re.IGNORECASE)
    return (text[found.end() :], found[1]) if found else (text, "")


def _refuse_nul(path: Path, text: str) -> None:
    """Raise SourceError for NUL characters, which stand where a file was cut off while it was written."""
    if "\x00" not in text:
        return
    line = text.count("\n", 0, text.index("\x00")) + 1
    raise unreadable(
        path,
        f"The file holds {text.count(chr(0)):,} NUL characters, which no text has.",
        row=f"line {line}",
        expected="text",
        got="zero bytes among the text",
        hint="a copy or an export broke off there: export the file again",
    )


def _end_of_line(text: str) -> int:
    """Position of the first end of a line; of the end of the text where it has none."""
    return min((at for end in "\n\r" if (at := text.find(end)) >= 0), default=len(text))


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
    lines = io.StringIO(text, newline="").readlines()
    try:
        for number, record in enumerate(reader, start=1):
            if width is not None and number > skip and record and len(record) != width:
                wrong = f"{len(record)} value(s): {delimiter.join(record)[:80]!r}"
                break
            if _holds_rows(lines[line - 1 : reader.line_num], delimiter, len(record)):
                raise _glued(path, number, line, reader.line_num)
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


def _holds_rows(lines: list[str], delimiter: str, width: int) -> bool:
    """Whether the lines of one row look like rows of their own: the quotes that hold them together are stray.

    A text of several lines makes other numbers of values of its lines; where rows are short, which may happen by
    chance, the first values must be alike in their form too.
    """
    if len(lines) < 2 or width < 2:
        return False
    whole = [line for line in lines if line.count(delimiter) == width - 1]
    if len(whole) < 0.8 * len(lines):
        return False
    forms = {re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", line.split(delimiter)[0].strip('" '))) for line in whole}
    return width > 3 or (len(forms) == 1 and forms != {"a"})


def _glued(path: Path, number: int, first: int, last: int) -> SourceError:
    return unreadable(
        path,
        f"A quote at the start of a value is closed only {last - first} line(s) later, and swallows the rows between.",
        row=f"row {number} (lines {first} to {last})",
        expected="quotes around whole values, doubled where they belong to a value",
        got="lines that look like rows of their own, inside one value",
        hint="remove the stray quotes in these lines, or export the file again",
    )
