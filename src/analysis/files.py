"""Reading files that people name: only plain files, only up to a limit, and every refusal says what is there."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import BinaryIO

from analysis.errors import EditionError, SourceError, SurveyReportError

DATA_LIMIT = 2 << 30
"""Bytes of a raw data file."""
STREAM_LIMIT = 1 << 36
"""Bytes of a raw data file that is read some bytes at a time."""
_CHUNK = 1 << 23
PARAMS_LIMIT = 2 << 20
"""Bytes of a params file and of whatever it refers to."""

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def read_data(path: Path) -> bytes:
    """Content of a raw data file; raises SourceError."""
    key = "`path` of this table in the params"
    return _read(path, kind="data file", most=DATA_LIMIT, error=SourceError, key=key)


def chunks_of(path: Path) -> Iterator[bytes]:
    """A raw data file some bytes at a time; raises SourceError as `read_data`, whose limit it does not have."""
    key = "`path` of this table in the params"
    with _opened(path, kind="data file", most=STREAM_LIMIT, error=SourceError, key=key) as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def hash_of(path: Path) -> str:
    """SHA-256 of a raw data file; raises SourceError when it can't be read."""
    digest = hashlib.sha256()
    for chunk in chunks_of(path):
        digest.update(chunk)
    return digest.hexdigest()


def hash_of_all(hashes: Sequence[str]) -> str:
    """One hash of several files by the hash of each; that of a single file is its own."""
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()


def read_params(path: Path, *, kind: str = "params file", key: str = "") -> bytes:
    """Content of a params file, or of a file that `key` of the params names; raises EditionError."""
    key = f"the key `{key}`" if key else "the name, or the key that refers to it"
    return _read(path, kind=kind, most=PARAMS_LIMIT, error=EditionError, key=key)


def real_path(path: Path | str) -> Path:
    """`path` made absolute, links followed; links that lead in a circle are left to whoever reads the file."""
    try:
        return Path(path).resolve()
    except (OSError, RuntimeError, ValueError):
        return Path(os.path.abspath(path))  # noqa: PTH100 - works with any text


def _read(path: Path, *, kind: str, most: int, error: type[SurveyReportError], key: str) -> bytes:
    with _opened(path, kind=kind, most=most, error=error, key=key) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise _too_large(kind, most, error, str(path), "more")
    return data


@contextmanager
def _opened(path: Path, *, kind: str, most: int, error: type[SurveyReportError], key: str) -> Iterator[BinaryIO]:
    """A plain file of at most `most` bytes; whatever fails while it is open is an `error` that says so."""
    where = str(path).replace("\0", "\\0")
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            got = _KINDS.get(stat.S_IFMT(found.st_mode), "no plain file")
            raise error(f"The path of a {kind} is {got}.", where=where, expected="a file", got=got, hint=f"check {key}")
        if found.st_size > most:
            raise _too_large(kind, most, error, where, f"{found.st_size:,} bytes")
        with path.open("rb") as file:
            yield file
    except FileNotFoundError:
        raise _missing(path, kind, error, key) from None
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or str(fault)
        raise error(
            f"The {kind} can't be opened.",
            where=where,
            expected="a file that may be read",
            got=reason,
            hint=f"check its permissions and {key}",
        ) from None


def _too_large(kind: str, most: int, error: type[SurveyReportError], where: str, got: str) -> SurveyReportError:
    expected, hint = f"at most {most:,} bytes", "check that this is the right file, or split it"
    return error(f"The {kind} is too large.", where=where, expected=expected, got=got, hint=hint)


def _missing(path: Path, kind: str, error: type[SurveyReportError], key: str) -> SurveyReportError:
    folder = path.parent.is_dir()
    siblings = sorted(other.name for other in path.parent.iterdir()) if folder else []
    close = get_close_matches(path.name, siblings, n=1)
    roots = "the project's root" if error is SourceError else "the params file"
    return error(
        f"The {kind} does not exist.",
        where=str(path),
        expected=f"a file at this path (relative paths start at {roots})",
        got="no such file" if folder else "no such folder",
        hint=f"did you mean {close[0]!r}?" if close else f"check {key}",
    )
