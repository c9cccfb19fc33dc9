"""Files of a report that need not be made again: what they are made of is what it was."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from analysis.project import code_digest, tree_digest
from analysis.publish.book.embedded.project import SLIDES, Project


@dataclass(frozen=True)
class KeptFiles:
    """The files of the report before, in the folder `earlier`, and what they were made of, noted beside the book."""

    project: Project
    earlier: Path | None
    tools: str
    notes: dict[str, list[str]] = field(default_factory=dict)

    def take(self, ending: str, target: Path, make: Callable[[], object]) -> None:
        """Put the file with this ending into `target`: the earlier one where it would be the same, else by `make`."""
        path = target / self.project.file(ending)
        made_from, known = self._made_from(ending), self._known().get(ending, [])
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

    def _made_from(self, ending: str) -> str:
        """SHA-256 of the code and the tools, and of the staged book but for what tells in which formats it comes."""
        staged = sorted(path for path in self.project.root.iterdir() if path.name not in {"_edition.yml", SLIDES})
        slides = [self.project.root / SLIDES] if ending == "pptx" else []
        said = repr(replace(self.project, root=Path(), formats=()))
        text = json.dumps([code_digest(), self.tools, tree_digest(*staged, *slides), said])
        return hashlib.sha256(text.encode()).hexdigest()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
