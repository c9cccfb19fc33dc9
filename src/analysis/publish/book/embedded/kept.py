"""Files of a report that need not be made again: what they are made of is what it was."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from analysis.project import tree_digest
from analysis.publish.book.embedded.pandoc import writer_settings
from analysis.publish.book.embedded.pictures import FIGURES
from analysis.publish.book.embedded.project import Project

FIGURE = re.compile(r"([\w-]+)\.(?:svg|png)\b")
"""A figure as a text names it."""


@dataclass(frozen=True)
class KeptFiles:
    """The files of the report before, in the folder `earlier`, and what they were made of, noted beside the book."""

    project: Project
    earlier: Path | None
    tools: str
    notes: dict[str, list[str]] = field(default_factory=dict)

    def take(self, ending: str, target: Path, text: str, make: Callable[[], object]) -> None:
        """Put the file with this ending into `target`: the earlier one where it would be the same, else by `make`.

        text: what the file is made of, as its writer reads it; the figures of the book stand in it by their names.
        """
        path = target / self.project.file(ending)
        made_from, known = self._made_from(text), self._known().get(ending, [])
        before = self.earlier / path.name if self.earlier else None
        if before and before.is_file() and known == [made_from, _digest(before)]:
            shutil.copyfile(before, path)
        else:
            make()
        self.notes[ending] = [made_from, _digest(path)]

    def note(self) -> None:
        """Keep what the files of this report were made of."""
        partial = self._record.with_suffix(".partial")
        partial.write_text(json.dumps(self.notes, sort_keys=True) + "\n", encoding="utf-8")
        partial.replace(self._record)

    @property
    def _record(self) -> Path:
        return self.project.root.with_name(f".{self.project.root.name}.files")

    def _known(self) -> dict[str, list[str]]:
        with contextlib.suppress(OSError, ValueError):
            return dict(json.loads(self._record.read_text(encoding="utf-8")))
        return {}

    def _made_from(self, text: str) -> str:
        """SHA-256 of the code and the tools, the text with its figures, the looks, and what the book is called.

        In which formats it comes, and what else goes out beside it, is told on its pages alone.
        """
        project, named = self.project, frozenset(FIGURE.findall(text))
        figures = sorted(path for path in (project.root / FIGURES).glob("*") if path.stem in named)
        looks = [project.root / name for name in ("_embedded", "fonts", "references.bib", project.citation_style or "")]
        said = repr(replace(project, root=Path(), formats=(), resources=(), translations={}))
        files = [path for path in (*looks, *figures) if path != project.root and path.exists()]
        told = [_code(), self.tools, tree_digest(*files), said, writer_settings(project), text]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@cache
def _code() -> str:
    """SHA-256 of the modules that write books, and of those that write numbers, dates and signs."""
    publish = Path(__file__).parents[2]
    return tree_digest(*(path for room in ("book", "words") for path in sorted((publish / room).rglob("*.py"))))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
