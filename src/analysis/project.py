"""Where the project lies: every relative path in params and notebooks is resolved from its root."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def from_root(path: Path | str) -> Path:
    """Return `path` itself when absolute, else the path below the project's root."""
    return ROOT / path


def shown(path: Path) -> str:
    """`path` as a reader sees it: relative to the project's root where it lies below it."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.as_posix()


def steps() -> tuple[str, ...]:
    """Names of the notebooks, in the order in which they run."""
    return tuple(sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb")))
