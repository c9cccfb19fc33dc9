"""A store that notes what is read from it: what is made of it is made again when that changes, and has a source."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from analysis.results import DISCLOSED, Store

if TYPE_CHECKING:
    from pathlib import Path


class WatchedStore(Store):
    """A store that notes the files which were read or looked for, by their places below its root.

    One that watches a watched store tells it too.
    """

    def __init__(self, store: Store) -> None:
        super().__init__(store.root)
        self._read, self._store = store._read, store
        self.files: set[str] = set()

    def _asked(self, path: Path) -> Path:
        self.files.add(path.relative_to(self.root).as_posix())
        return self._store._asked(path)

    def tables_read(self) -> list[str]:
        """Names of the published tables among them that there are."""
        folder = PurePosixPath("results") / DISCLOSED
        names = {PurePosixPath(file).stem for file in self.files if PurePosixPath(file).parent == folder}
        return sorted(name for name in names if self._store.has_table(name))
