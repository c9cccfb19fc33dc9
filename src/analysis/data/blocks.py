"""A file of delimited text as raw tables of some rows each, so that it is never whole in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analysis.data.delimited import MAX_FIELD, delimiter_of, read_delimited, without_sep
from analysis.data.rawtable import RawTable, no_rows, unreadable
from analysis.edition.sections.data import TableSource
from analysis.errors import SourceError
from analysis.files import chunks_of

_BREAK, _QUOTE = ord("\n"), ord('"')
_WIDE = (b"\xff\xfe", b"\xfe\xff")
"""First bytes of a text in UTF-16, in which the bytes of a line break may be those of another character."""


@dataclass(frozen=True)
class _Block:
    """Bytes of whole records, and how many records they are; the first block of a file begins with its header."""

    data: bytes
    records: int


def tables_of(path: Path, source: TableSource, *, rows: int) -> Iterator[RawTable]:
    """Raw tables of at most `rows` records each, in the order of the file; parts that hold nothing are left out.

    Row numbers and `blank` are those of the whole file, whose hash is that of the last table. The delimiter is told
    from the first lines; without `encoding` the file is UTF-8. Raises SourceError as `read_raw`, with rows counted from
    the part in which they stand.
    """
    digest = hashlib.sha256()
    begin = next(chunks_of(path), b"")
    if not begin:
        raise no_rows(path, source)
    given = _settled(path, source, begin)
    blocks = _blocks(path, digest, header=source.header_rows, rows=rows)
    head = next(blocks).data
    before, blank, waiting = 0, 0, None
    for block in blocks:
        if _is_blank(block.data, given.delimiter):
            before, blank = before + block.records, blank + block.records
            continue
        raw = _read(path, head, block.data, given, before)
        own = replace(raw, rows=raw.rows + before, blank=raw.blank + blank)
        before, blank = before + len(raw.frame) + raw.blank, 0
        if waiting is not None:
            yield waiting
        waiting = own
    if waiting is None:
        read_delimited(path, head, given)  # says what is wrong with the header
        raise no_rows(path, source)
    yield replace(waiting, blank=waiting.blank + blank, sha256=digest.hexdigest())


def _read(path: Path, head: bytes, data: bytes, given: TableSource, before: int) -> RawTable:
    try:
        return read_delimited(path, head + data, given)
    except SourceError as error:
        if not before:
            raise
        first = given.header_rows + before + 1
        raise SourceError(
            error.problem,
            where=f"{error.where}, counted in the part that begins with row {first} and has the header before it",
            expected=error.expected,
            got=error.got,
            hint=error.hint,
        ) from None


def _settled(path: Path, source: TableSource, begin: bytes) -> TableSource:
    """The source with its encoding and its delimiter, which all parts of the file share."""
    encoding = "utf-8" if source.encoding == "auto" else source.encoding
    if begin.startswith(_WIDE) or encoding.lower().replace("_", "-").startswith(("utf-16", "utf-32")):
        raise unreadable(
            path,
            "A text in UTF-16 can't be read by partitions.",
            expected="UTF-8, or another encoding that has ASCII in it",
            got="UTF-16",
            hint="save the file as UTF-8, or leave data.partitions out",
        )
    try:
        text, stated = without_sep(begin.decode(encoding, errors="ignore"))
    except LookupError:
        text, stated = begin.decode("latin-1"), ""  # `decode` says that it knows no such encoding
    return source.model_copy(
        update={"encoding": encoding, "delimiter": delimiter_of(path, text, stated or source.delimiter)}
    )


def _is_blank(data: bytes, delimiter: str) -> bool:
    return not data.translate(None, b' \t\r\n"' + delimiter.encode())


def _blocks(path: Path, digest: hashlib._Hash, *, header: int, rows: int) -> Iterator[_Block]:
    """The header, then `rows` records at a time; a line break between quotes ends no record."""
    pending, ends, inside = bytearray(), np.empty(0, dtype=np.int64), False
    wanted = header + _says_delimiter(path)
    for chunk in chunks_of(path):
        digest.update(chunk)
        found, inside = _ends_of_records(chunk, inside)
        ends = np.concatenate([ends, found + len(pending)])
        pending += chunk
        while len(ends) >= wanted:
            cut = int(ends[wanted - 1])
            yield _Block(bytes(pending[:cut]), wanted)
            del pending[:cut]
            ends, wanted = ends[wanted:] - cut, rows
        if len(pending) - (int(ends[-1]) if len(ends) else 0) > MAX_FIELD:
            raise unreadable(
                path,
                "A row of the file does not end.",
                expected=f"rows of at most {MAX_FIELD:,} bytes that end with a line break",
                got="more bytes without one, or a quote that is never closed",
                hint="check the quotes in the file, or save it with line breaks of Windows or Unix",
            )
    if pending:
        yield _Block(bytes(pending), len(ends) + (not pending.endswith(b"\n")))


def _says_delimiter(path: Path) -> bool:
    """Whether the first line tells Excel the delimiter."""
    return bool(without_sep(next(chunks_of(path))[:64].decode("utf-8", errors="ignore"))[1])


def _ends_of_records(chunk: bytes, inside: bool) -> tuple[npt.NDArray[np.int64], bool]:
    """Places behind the line breaks that end a record, and whether the chunk ends inside of quotes."""
    codes = np.frombuffer(chunk, dtype=np.uint8)
    breaks = np.flatnonzero(codes == _BREAK)
    quotes = np.flatnonzero(codes == _QUOTE)
    outside = (np.searchsorted(quotes, breaks) + inside) % 2 == 0
    return breaks[outside] + 1, bool((len(quotes) + inside) % 2)
