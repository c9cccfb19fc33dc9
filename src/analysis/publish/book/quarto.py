"""The quarto renderer: HTML book and typst PDF from the staged project in one run."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import yaml

from analysis.errors import BookError

MINIMUM = (1, 9, 20)
"""The first that brings orange-book, the look of the PDF, as @preview."""
TIMEOUT_SECONDS = 900
# Warnings that Quarto ends with exit code 0, and that the report must not carry.
FATAL_WARNING = re.compile(
    r"Unable to resolve (?:crossref|link)|citeproc: citation|unknown font family|\?var:", re.IGNORECASE
)


def find_quarto() -> str | None:
    """Return the path of a quarto that is new enough, or None."""
    path = shutil.which("quarto")
    if path is None or _version(path) < MINIMUM:
        return None
    return path


def quarto_version(path: str) -> str:
    """Return the name and version, as in "quarto 1.9.38"."""
    return f"quarto {'.'.join(map(str, _version(path)))}"


def render_with_quarto(book: Path, target: Path) -> None:
    """Render the staged book with Quarto into the folder `target`.

    The book is rendered in a copy, because Quarto writes into the project. Raises BookError when Quarto is missing,
    fails, or ends well with a warning that a reader would see.
    """
    quarto = find_quarto()
    if quarto is None:
        raise BookError(
            "Quarto can't be used",
            expected=f"quarto {'.'.join(map(str, MINIMUM))} or newer on the PATH",
            got=shutil.which("quarto") or "no quarto",
            hint="install it, or render with RENDERER=embedded",
        )
    work = target.parent / f".{target.name}.quarto"
    shutil.rmtree(work, ignore_errors=True)
    try:
        shutil.copytree(book, work)
        _run(quarto, work, book)
        output = yaml.safe_load((work / "_quarto.yml").read_text(encoding="utf-8"))["project"]["output-dir"]
        shutil.copytree(work / output, target, dirs_exist_ok=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _run(quarto: str, work: Path, book: Path) -> None:
    command = [quarto, "render", str(work), "--no-execute-daemon"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise BookError("Quarto did not finish", where=str(book), expected=f"{TIMEOUT_SECONDS} s at most") from error
    log = f"{done.stdout}\n{done.stderr}".strip()
    if done.returncode != 0:
        raise BookError(
            "Quarto could not render the book", where=str(book), got=log[-3000:], hint="or use RENDERER=embedded"
        )
    warnings = [line.strip() for line in log.splitlines() if FATAL_WARNING.search(line)]
    if warnings:
        raise BookError("Quarto rendered the book with faults", where=str(book), got="\n".join(warnings))


def _version(path: str) -> tuple[int, ...]:
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return (0,)
    match = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", done.stdout.strip())
    return tuple(int(part) for part in match.groups() if part) if match else (0,)
