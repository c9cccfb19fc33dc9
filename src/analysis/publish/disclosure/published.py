"""What lies in a folder that goes out, read once more for what must not be in it: ids, local paths, personal data."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from analysis.errors import BookError
from analysis.text.masking import personal

TEXTS = frozenset({".html", ".csv", ".svg", ".md", ".json", ".ipynb", ".txt", ".xml"})
OFFICE = frozenset({".docx", ".pptx"})
ARCHIVES = frozenset({".xlsx", ".zip"}) | OFFICE
KINDS = frozenset({"phone", "identity", "card", "plate", "path"})
"""Personal data that no published file has a reason to hold; an address for letters or mail may be the institute's."""

TELLING, TELLING_DIGITS = 6, 9
"""Length from which an id can be told from a number, and one of digits alone from coordinates and dates."""

_MARKUP = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>|data:[^\s\"')]*", re.S)
_PARAGRAPH = re.compile(r"</(?:w|a|m):(?:p|tc)>")
_TAG = re.compile(r"<[^>]*>")
_WORDS = re.compile(r'\b(?:descr|title|name|Target)="([^"]{6,})"')
"""Attributes of Office files that hold words or an address, and no code of a font or a colour."""
_DIGIT = re.compile(r"\d")
_TOKEN = re.compile(r"[\w-]{6,}")


def exposed(
    folder: Path,
    *,
    ids: Collection[str] = (),
    roots: Collection[str] = (),
    digests: Mapping[Path, str] | None = None,
    passed: Collection[str] = (),
) -> list[str]:
    """One line for each thing in the files under `folder` that must not go out; empty where there is none.

    ids: of people, of which those are looked for that can be told from numbers. roots: folders of this machine. Pages
    are read as a reader sees them and, for ids and paths, as they are written. digests: of the files, where they are
    known (`contents`). passed: those of files that passed before with the same ids and roots, which are not read again.
    """
    wanted = frozenset(filter(_is_telling, map(str, ids)))
    lines: list[str] = []
    read: set[str] = set()
    for path, digest in (contents(folder) if digests is None else digests).items():
        found = (find for text in _texts(path) for find in exposed_in(text, ids=wanted, roots=roots, read=read))
        lines += [] if digest in passed else [f"{path.relative_to(folder).as_posix()}: {find}" for find in found]
    return lines


def contents(folder: Path) -> dict[Path, str]:
    """SHA-256 of every file under `folder` that can be read, in the order of their names."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix in TEXTS | ARCHIVES)
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def _is_telling(one: str) -> bool:
    return len(one) >= (TELLING_DIGITS if one.isdigit() else TELLING) and _DIGIT.search(one) is not None


def exposed_in(
    text: str, *, ids: Collection[str] = (), roots: Collection[str] = (), read: set[str] | None = None
) -> list[str]:
    """What of `text`, a page as it is written or the text of a PDF, must not go out: one line for each find.

    What a reader sees of lines that are among those `read` before is not searched again: much stands on every page.
    """
    lines = [f"the folder {root}" for root in roots if root in text]
    lines += [f"the id {one}" for one in sorted(frozenset(ids).intersection(_TOKEN.findall(text)))]
    seen = _once(_MARKUP.sub(" ", text), set() if read is None else read)
    return lines + [f"{one.kind} {one.text!r}" for one in personal(seen, said=False, kinds=KINDS)]


def _once(text: str, read: set[str]) -> str:
    """The lines of `text` that are not among those `read` before, which now they are."""
    fresh = [line for line in dict.fromkeys(text.split("\n")) if line not in read]
    read.update(fresh)
    return "\n".join(fresh)


def check_exposed(
    folder: Path,
    *,
    ids: Collection[str] = (),
    roots: Collection[str] = (),
    digests: Mapping[Path, str] | None = None,
    passed: Collection[str] = (),
) -> None:
    """Raise BookError where `exposed` finds anything, with the first finds."""
    found = exposed(folder, ids=ids, roots=roots, digests=digests, passed=passed)
    if found:
        raise BookError(
            "A file that would go out holds personal data or a path of this machine.",
            where=str(folder),
            got="; ".join(found[:5]),
            hint="look where it came from: a category, a title, an address in the params",
        )


def _texts(path: Path) -> Iterator[str]:
    if path.suffix in TEXTS:
        yield path.read_text(encoding="utf-8", errors="replace")
        return
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if path.suffix not in OFFICE:
                yield archive.read(name).decode("utf-8", errors="replace")
            elif name.endswith((".xml", ".rels")):
                yield _running_text(archive.read(name).decode("utf-8", errors="replace"))


def _running_text(part: str) -> str:
    """A part of an Office file line by line: paragraphs, whatever they are cut into, and what pictures are told by."""
    values = "\n".join(dict.fromkeys(_WORDS.findall(part)))
    return f"{_TAG.sub('', _PARAGRAPH.sub(chr(10), part))}\n{values}"
