"""Where the project lies: every relative path in params and notebooks is resolved from its root."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHES = frozenset({"__pycache__", ".ipynb_checkpoints"})


def from_root(path: Path | str) -> Path:
    """Return `path` itself when absolute, else the path below the project's root."""
    return ROOT / path


def shown(path: Path) -> str:
    """`path` as a reader sees it: relative to the project's root where it lies below it."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.as_posix()


def steps() -> tuple[str, ...]:
    """Names of the notebooks, in the order in which they run."""
    return tuple(sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb")))


def tree_digest(*paths: Path, without: Path | None = None) -> str:
    """SHA-256 over the contents of files and of all files below folders, with their names; caches are left out.

    without: a folder that does not count.
    """
    found = hashlib.sha256()
    for top in paths:
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            counts = path.is_file() and not any(part in CACHES or part.endswith(".egg-info") for part in path.parts)
            if counts and (without is None or not path.is_relative_to(without)):
                found.update(path.relative_to(top.parent).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


@lru_cache(maxsize=1)
def code_digest() -> str:
    """SHA-256 over the modules of the project: code without words."""
    return tree_digest(*sorted((ROOT / "src").rglob("*.py")))
