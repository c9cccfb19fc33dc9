"""Runs pandoc over the whole book at once, so that numbers, references and citations cross the chapters."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from analysis.errors import BookError
from analysis.project import tree_digest
from analysis.publish.book.embedded.project import TECHNICAL, Chapter, Project
from analysis.publish.book.embedded.shortcodes import expanded_text
from analysis.publish.book.languages import word_group

READER = "markdown+east_asian_line_breaks-raw_html-raw_attribute-raw_tex"
FOOTNOTE = re.compile(r"\[\^([^\]\s]+)\]")
# A line that begins with a colon and follows text: the caption of a table follows the table's last row.
DEFINITION = re.compile(r"^(?!\s*[|+:]).*\S.*\n(?:[ \t]*\n)? {0,3}[:~][ \t]", re.MULTILINE)
MEMORY = ("+RTS", "-A64m", "-RTS")
"""Room that lets pandoc's run-time collect its garbage a few times instead of hundreds: a sixth of the time."""
CHAPTER_FENCE = ":" * 40


@dataclass(frozen=True)
class Converted:
    """A book in the forms that the embedded templates take: HTML chapters behind marker lines, and typst's text.

    technical: typst's text of the appendices, a volume of their own; empty where the book has none.
    """

    html: str
    typst: str
    technical: str


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


def pandoc_version() -> str:
    """Return the version of the pandoc that the wheel carries."""
    done = subprocess.run([pandoc_path(), "--version"], capture_output=True, text=True, encoding="utf-8", check=True)
    return done.stdout.split()[1]


def joined_markdown(project: Project) -> str:
    """Return all chapters as one text, each in a fenced div that names its file, kind and number."""
    return "\n\n".join(
        _wrapped(project, chapter, position) for position, chapter in enumerate(project.chapters, start=1)
    )


def _wrapped(project: Project, chapter: Chapter, position: int) -> str:
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


def converted(project: Project) -> Converted:
    """Return both forms of the whole book from one run of pandoc, with numbers, references and citations in place.

    They are kept beside the book, and taken from there while all that pandoc would read is the same: figures drawn anew
    are no text. Raises BookError with pandoc's own words when it fails.
    """
    text, settings = joined_markdown(project), writer_settings(project)
    kept, made_from = project.root.with_name(f".{project.root.name}.pandoc"), _digest(project, text, settings)
    with contextlib.suppress(OSError, ValueError, KeyError):
        found = json.loads(kept.read_text(encoding="utf-8"))
        if found["made_from"] == made_from:
            return Converted(html=found["html"], typst=found["typst"], technical=found["technical"])
    fresh = _converted(project, text, settings)
    partial = kept.with_suffix(".partial")
    partial.write_text(json.dumps({"made_from": made_from, **asdict(fresh)}, ensure_ascii=False), encoding="utf-8")
    partial.replace(kept)
    return fresh


def _digest(project: Project, text: str, settings: Mapping[str, Any]) -> str:
    """SHA-256 of pandoc and how it is called, its filters, the references with their style, the settings, the text."""
    files = [Path(__file__), project.root / "_embedded", project.root / "references.bib"]
    files += [project.root / project.citation_style] if project.citation_style else []
    said = json.dumps([pandoc_version(), tree_digest(*files), settings, text], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def writer_settings(project: Project) -> dict[str, Any]:
    """What the filters must know of the book."""
    callouts = word_group(project.lang, "callouts")
    volumes = {"typst": project.file("pdf"), "technical": project.file(TECHNICAL)}
    return {**project.words, "callouts": callouts, "volumes": volumes, "lang": project.lang, "depth": project.depth}


def _converted(project: Project, text: str, settings: Mapping[str, Any]) -> Converted:
    with tempfile.TemporaryDirectory() as scratch:
        path, typst, technical = (Path(scratch) / name for name in ("settings.json", "book.typ", "technical.typ"))
        path.write_text(json.dumps(settings), encoding="utf-8")
        options = [
            f"--from={reader(text)}",
            "--to=html5",
            "--wrap=none",
            f"--metadata=settings:{path}",
            f"--metadata=typst:{typst}",
            f"--metadata=technical:{technical}",
            f"--metadata=lang:{project.language.tag}",
            "--metadata=link-citations:true",
            f"--bibliography={project.root / 'references.bib'}",
            *([f"--csl={project.root / project.citation_style}"] if project.citation_style else []),
            f"--lua-filter={project.root / '_embedded' / 'book.lua'}",
        ]
        html = _pandoc(project, options, text)
        return Converted(html, typst.read_text(encoding="utf-8"), technical.read_text(encoding="utf-8"))


def _pandoc(project: Project, options: list[str], text: str) -> str:
    return pandoc_bytes(project, options, text).decode()


def pandoc_bytes(project: Project, options: list[str], text: str) -> bytes:
    """Return what pandoc makes of `text`; raise BookError with pandoc's own words when it fails."""
    command = [str(pandoc_path()), *options, *MEMORY]
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
