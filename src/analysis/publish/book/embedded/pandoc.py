"""Runs pandoc: what it reads, how it is called, what it is told of the book."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from analysis.errors import BookError
from analysis.publish.book.embedded.project import TECHNICAL, Chapter, Project
from analysis.publish.book.embedded.shortcodes import expanded_text
from analysis.publish.book.languages import word_group

READER = "markdown+east_asian_line_breaks-raw_html-raw_attribute-raw_tex"
FOOTNOTE = re.compile(r"\[\^([^\]\s]+)\]")
# A line that begins with a colon and follows text: the caption of a table follows the table's last row.
DEFINITION = re.compile(r"^(?!\s*[|+:]).*\S.*\n(?:[ \t]*\n)? {0,3}[:~][ \t]", re.MULTILINE)
LONG, ROOM = 200_000, (64, 256)
"""Characters of a text from which pandoc's run-time has the larger of two rooms, in MB, for what it makes of it.

In a small one it collects its garbage more often, which takes a long book 0.6 seconds; a large one has to be laid out,
which takes a short book 0.2 seconds.
"""
CHAPTER_FENCE = ":" * 40


def pandoc_path() -> Path:
    """Return the pandoc of the wheel.

    pypandoc's own search would also take an older pandoc on the PATH, and is not safe when two threads search at once.
    """
    spec = importlib.util.find_spec("pypandoc")
    for root in (spec.submodule_search_locations if spec else None) or ():
        for name in ("pandoc", "pandoc.exe"):
            path = Path(root) / "files" / name
            if path.is_file():
                return path
    raise BookError(
        "pandoc is not installed", expected="the package pypandoc_binary", hint="install the project's requirements"
    )


@cache
def pandoc_version() -> str:
    """Return the version of the pandoc that the wheel carries."""
    done = subprocess.run([pandoc_path(), "--version"], capture_output=True, text=True, encoding="utf-8", check=True)
    return done.stdout.split()[1]


def joined_markdown(project: Project) -> str:
    """Return all chapters as one text, each in a fenced div that names its file, kind and number."""
    return "\n\n".join(
        chapter_markdown(project, chapter, position) for position, chapter in enumerate(project.chapters, start=1)
    )


def chapter_markdown(project: Project, chapter: Chapter, position: int) -> str:
    """Return a chapter, the one at `position`, in a fenced div that names its file, kind and number."""
    text = expanded_text(project.root, chapter.path, project.variables)
    # Footnotes of different chapters may share a name; joined into one text they may not.
    text = FOOTNOTE.sub(rf"[^c{position}-\1]", text)
    attributes = (
        f'{{.chapter file="{chapter.stem}" kind="{chapter.kind}" '
        f'number="{chapter.number}" label="{project.label(chapter)}"}}'
    )
    return f"{CHAPTER_FENCE} {attributes}\n\n{text}\n\n{CHAPTER_FENCE}\n"


def reader(text: str) -> str:
    """Return pandoc's reader; looking for definition lists takes it as long as all the rest, so only where one is."""
    return READER if DEFINITION.search(text) else f"{READER}-definition_lists"


def writer_settings(project: Project) -> dict[str, Any]:
    """What the filters must know of the book."""
    callouts = word_group(project.lang, "callouts")
    volumes = {"typst": project.file("pdf"), "technical": project.file(TECHNICAL)}
    return {**project.words, "callouts": callouts, "volumes": volumes, "lang": project.lang, "depth": project.depth}


def pandoc_bytes(project: Project, options: list[str], text: str) -> bytes:
    """Return what pandoc makes of `text`; raise BookError with pandoc's own words when it fails."""
    command = [str(pandoc_path()), *options, "+RTS", f"-A{ROOM[len(text) >= LONG]}m", "-RTS"]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    if done.returncode != 0:
        raise BookError(
            "pandoc could not convert the book",
            where=str(project.root),
            got=done.stderr.decode(errors="replace").strip(),
            hint="correct the chapter that the message names",
        )
    return done.stdout


@cache
def default_data(name: str) -> bytes:
    """Return a file that pandoc brings, as reference.docx."""
    command = [str(pandoc_path()), f"--print-default-data-file={name}"]
    return subprocess.run(command, capture_output=True, check=True).stdout
