"""What lies in a folder that goes out, read once more for what must not be in it: ids, local paths, personal data."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
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
HEADS = 20
"""Different beginnings of ids, up to which they are looked for in a text at once."""

_MARKUP = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>|data:[^\s\"')]*", re.S)
_PARAGRAPH = re.compile(r"</(?:w|a|m):(?:p|tc)>")
_TAG = re.compile(r"<[^>]*>")
_WORDS = re.compile(r'\b(?:descr|title|name|Target)="([^"]{6,})"')
"""Attributes of Office files that hold words or an address, and no code of a font or a colour."""
_DIGIT = re.compile(r"\d")
_TOKEN = re.compile(r"[\w-]{6,}")


class LookedFor:
    """What must not stand in a text: ids of people, folders of this machine, personal data.

    ids: those are looked for that can be told from numbers. known: digests of lines, as readers see them, that were
    searched before: they are not searched again, nor is a line that is met twice.
    """

    def __init__(
        self, ids: Collection[str] = (), roots: Collection[str] = (), *, known: Collection[str] = frozenset()
    ) -> None:
        self._ids = frozenset(filter(_is_telling, map(str, ids)))
        self._roots, self._known = roots, known
        self._read: set[str] = set()

    def found_in(self, text: str) -> tuple[list[str], list[str]]:
        """One line for each find, and the digests of the lines that had not been met before."""
        lines = [f"the folder {root}" for root in self._roots if root in text]
        lines += [f"the id {one}" for one in self._ids_in(text)]
        met = [line for line in dict.fromkeys(_MARKUP.sub(" ", text).split("\n")) if line not in self._read]
        self._read.update(met)
        digests = [_digest(line) for line in met]
        seen = "\n".join(line for line, digest in zip(met, digests, strict=True) if digest not in self._known)
        return lines + [f"{one.kind} {one.text!r}" for one in personal(seen, said=False, kinds=KINDS)], digests

    def _ids_in(self, text: str) -> list[str]:
        """The ids among the words of a text; where none begins and ends as an id does, its words are not cut apart."""
        if self._beginning and self._ids.isdisjoint(self._beginning.findall(text)):
            return []
        return sorted(self._ids.intersection(_TOKEN.findall(text)))

    @cached_property
    def _beginning(self) -> re.Pattern[str] | None:
        """A piece of text that begins as the ids do, up to the end of its word; None where they have little in common.

        A word that is an id is found by it whole, since what stands before it ends before it.
        """
        heads = {_DIGIT.split(one, maxsplit=1)[0] for one in self._ids}
        alternatives = "|".join(map(re.escape, sorted(heads)))
        return re.compile(rf"(?:{alternatives})\d[\w-]*") if 0 < len(heads) <= HEADS else None


def exposed(folder: Path, *, ids: Collection[str] = (), roots: Collection[str] = ()) -> list[str]:
    """One line for each thing in the files under `folder` that must not go out; empty where there is none.

    ids: of people. roots: folders of this machine. Pages are read as a reader sees them and, for ids and paths, as they
    are written.
    """
    return _looked_through(folder, ids=ids, roots=roots, passed={})[0]


def _looked_through(
    folder: Path, *, ids: Collection[str], roots: Collection[str], passed: Mapping[str, list[str]]
) -> tuple[list[str], dict[str, list[str]]]:
    """Finds in a folder, and what was searched: of each file, by its digest, the digests of the lines first met in it.

    passed: the same of files that passed before with the same ids and roots, which are not read again.
    """
    looked_for = LookedFor(ids, roots, known=frozenset().union(*passed.values()))
    finds: list[str] = []
    searched: dict[str, list[str]] = {}
    for path, digest in contents(folder).items():
        if digest in passed or digest in searched:
            searched.setdefault(digest, passed.get(digest, []))
            continue
        searched[digest] = []
        for text in _texts(path):
            lines, met = looked_for.found_in(text)
            searched[digest] += met
            finds += [f"{path.relative_to(folder).as_posix()}: {line}" for line in lines]
    return finds, searched


def contents(folder: Path) -> dict[Path, str]:
    """SHA-256 of every file under `folder` that can be read, in the order of their names."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix in TEXTS | ARCHIVES)
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def _is_telling(one: str) -> bool:
    return len(one) >= (TELLING_DIGITS if one.isdigit() else TELLING) and _DIGIT.search(one) is not None


def exposed_in(text: str, *, ids: Collection[str] = (), roots: Collection[str] = ()) -> list[str]:
    """What of `text`, a page as it is written or the text of a PDF, must not go out: one line for each find."""
    return LookedFor(ids, roots).found_in(text)[0]


def _digest(line: str) -> str:
    return hashlib.blake2b(line.encode("utf-8", errors="replace"), digest_size=8).hexdigest()


def check_exposed(
    folder: Path,
    *,
    ids: Collection[str] = (),
    roots: Collection[str] = (),
    passed: Mapping[str, list[str]] | None = None,
) -> dict[str, list[str]]:
    """Raise BookError where `exposed` finds anything, with the first finds.

    passed: of files that passed before with the same ids and roots, by their digests, those of the lines first met in
    them: neither are searched again. Returns the same of the files that are there now.
    """
    found, searched = _looked_through(folder, ids=ids, roots=roots, passed=passed or {})
    if found:
        raise BookError(
            "A file that would go out holds personal data or a path of this machine.",
            where=str(folder),
            got="; ".join(found[:5]),
            hint="look where it came from: a category, a title, an address in the params",
        )
    return searched


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
