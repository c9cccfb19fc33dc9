"""What lies in a folder that goes out, read once more for what must not be in it: ids, local paths, personal data."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path

from analysis.errors import BookError
from analysis.text.masking import personal

TEXTS = frozenset({".html", ".csv", ".svg", ".md", ".json", ".ipynb", ".txt", ".xml"})
ARCHIVES = frozenset({".xlsx", ".zip"})
KINDS = frozenset({"phone", "identity", "card", "plate", "path"})
"""Personal data that no published file has a reason to hold; an address for letters or mail may be the institute's."""

TELLING = 6
"""Length from which an id can be told from a number of the report."""

_MARKUP = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>|data:[^\s\"')]*", re.S)
_TOKEN = re.compile(r"[\w-]{6,}")


def exposed(folder: Path, *, ids: Collection[str] = (), roots: Collection[str] = ()) -> list[str]:
    """One line for each thing in the files under `folder` that must not go out; empty where there is none.

    ids: respondents', of which those of at least six characters with a digit are looked for. roots: folders of this
    machine. Pages are read as a reader sees them and, for ids and paths, as they are written.
    """
    wanted = {one for one in map(str, ids) if len(one) >= TELLING and any(sign.isdigit() for sign in one)}
    lines: list[str] = []
    read: set[str] = set()
    for path, text in _texts(folder):
        where = path.relative_to(folder).as_posix()
        found = exposed_in(text, ids=wanted, roots=roots, read=read)
        lines += [f"{where}: {find}" for find in found]
    return lines


def exposed_in(
    text: str, *, ids: Collection[str] = (), roots: Collection[str] = (), read: set[str] | None = None
) -> list[str]:
    """What of `text`, a page as it is written or the text of a PDF, must not go out: one line for each find.

    What a reader sees of lines that are among those `read` before is not searched again: much stands on every page.
    """
    lines = [f"the folder {root}" for root in roots if root in text]
    lines += [f"the id {one}" for one in sorted(set(ids).intersection(_TOKEN.findall(text)))]
    seen = _once(_MARKUP.sub(" ", text), set() if read is None else read)
    return lines + [f"{one.kind} {one.text!r}" for one in personal(seen, said=False, kinds=KINDS)]


def _once(text: str, read: set[str]) -> str:
    """The lines of `text` that are not among those `read` before, which now they are."""
    fresh = [line for line in dict.fromkeys(text.split("\n")) if line not in read]
    read.update(fresh)
    return "\n".join(fresh)


def check_exposed(folder: Path, *, ids: Collection[str] = (), roots: Collection[str] = ()) -> None:
    """Raise BookError where `exposed` finds anything, with the first finds."""
    found = exposed(folder, ids=ids, roots=roots)
    if found:
        raise BookError(
            "A file that would go out holds personal data or a path of this machine.",
            where=str(folder),
            got="; ".join(found[:5]),
            hint="look where it came from: a category, a title, an address in the params",
        )


def _texts(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in TEXTS:
            yield path, path.read_text(encoding="utf-8", errors="replace")
        elif path.suffix in ARCHIVES:
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    yield path, archive.read(name).decode("utf-8", errors="replace")
