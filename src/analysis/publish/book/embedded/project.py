"""Reads a staged book: its settings, its chapters in order, and the label that each chapter carries."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from analysis.errors import BookError
from analysis.publish.book.formats import DEFAULT_FORMATS
from analysis.publish.book.languages import LANGUAGES, Language, book_words

TECHNICAL = "technical.pdf"
"""Ending of the technical volume, a PDF of the appendices, behind the name of the book."""
SLIDES = "_slides.md"
"""The slides of a staged book, where it has some."""
FIRST_HEADING = re.compile(r"^# +(?P<title>.*?)(?:\s*\{(?P<attributes>[^}]*)\})?\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Chapter:
    """One source file of the book: `kind` is front, chapter or appendix; `number` is empty when unnumbered."""

    path: PurePosixPath
    kind: str
    number: str

    @property
    def stem(self) -> str:
        """The path without its ending, as `chapters/01-overview`."""
        return str(self.path.with_suffix(""))

    @property
    def url(self) -> str:
        """The address of the page, seen from the root of the report."""
        return f"{self.stem}.html"


@dataclass(frozen=True)
class Project:
    """A staged book as the renderers need it; explorer: heading of that page, empty where the book has none."""

    root: Path
    lang: str
    title: str
    subtitle: str
    author: str
    date: str
    file_name: str
    notice: str | None
    depth: int
    citation_style: str | None
    chapters: tuple[Chapter, ...]
    resources: tuple[str, ...]
    variables: Mapping[str, Any] = field(repr=False)
    translations: Mapping[str, Sequence[str]] = field(default_factory=dict)
    explorer: str = ""
    formats: tuple[str, ...] = DEFAULT_FORMATS

    @property
    def words(self) -> Mapping[str, str]:
        """The book's own words in its language."""
        return book_words(self.lang)

    @property
    def downloads(self) -> Mapping[str, str]:
        """The book in other formats than pages: what the link to each file says, by its ending."""
        made = [name for name in self.formats if name != "html"]
        if "pdf" in made and any(chapter.kind == "appendix" for chapter in self.chapters):
            made.insert(made.index("pdf") + 1, TECHNICAL)
        there = [name for name in made if name != "pptx" or (self.root / SLIDES).is_file()]
        return {name: self.words[f"download.{name}"] for name in there}

    def file(self, ending: str) -> str:
        """Name of the file with this ending: the technical volume has one of its own."""
        return f"{self.file_name}{'-' if ending == TECHNICAL else '.'}{ending}"

    @property
    def files(self) -> Mapping[str, str]:
        """What the link to each file says, by the name of the file."""
        return {self.file(ending): said for ending, said in self.downloads.items()}

    @property
    def language(self) -> Language:
        """What the tools must know of the book's language."""
        return LANGUAGES[self.lang]

    @property
    def day(self) -> datetime.date:
        """The date of publication."""
        return datetime.date.fromisoformat(self.date)

    def label(self, chapter: Chapter) -> str:
        """Return "Chapter 1" or "Appendix A" in the language of the book, or nothing for an unnumbered chapter."""
        if not chapter.number:
            return ""
        return self.words["app" if chapter.kind == "appendix" else "ch"] % chapter.number


def read_yaml(path: Path) -> dict[str, Any]:
    """Return a YAML mapping of the staged book; raise BookError when the file is missing or no mapping."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except OSError as error:
        raise BookError("the staged book is not complete", where=str(path), hint="stage the book again") from error
    except yaml.YAMLError as error:
        raise BookError("a file of the staged book is not valid YAML", where=str(path), got=str(error)) from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise BookError("a settings file must hold a mapping", where=str(path), got=type(content).__name__)
    return content


def read_project(root: Path) -> Project:
    """Return the settings of a staged book; raise BookError when it is not one."""
    settings = read_yaml(root / "_quarto.yml")
    edition = read_yaml(root / "_edition.yml") if (root / "_edition.yml").is_file() else {}
    book = settings.get("book", {})
    lang = settings.get("lang", "")
    if lang not in LANGUAGES:
        raise BookError(
            "the book has no known language",
            where=str(root / "_quarto.yml"),
            expected=f"lang: one of {', '.join(sorted(LANGUAGES))}",
            got=str(lang),
        )
    missing = [key for key in ("title", "author", "date", "output-file", "chapters") if not book.get(key)]
    if missing:
        raise BookError("the book's settings are not complete", where=str(root / "_quarto.yml"), expected=str(missing))
    return Project(
        root=root,
        lang=lang,
        title=edition.get("title", book["title"]),
        subtitle=edition.get("subtitle", book.get("subtitle", "")),
        author=edition.get("author", book["author"]),
        date=str(book["date"]),
        file_name=book["output-file"],
        notice=edition.get("notice"),
        depth=int(settings.get("number-depth", 3)),
        citation_style=settings.get("csl"),
        chapters=_chapters(root, book),
        resources=tuple(name for name in settings.get("project", {}).get("resources", ()) if "*" not in name),
        variables=read_yaml(root / "_variables.yml") if (root / "_variables.yml").is_file() else {},
        translations=edition.get("translations", {}),
        explorer=edition.get("explorer", ""),
        formats=tuple(edition.get("formats", DEFAULT_FORMATS)),
    )


def _chapters(root: Path, book: Mapping[str, Any]) -> tuple[Chapter, ...]:
    chapters: list[Chapter] = []
    count = 0
    for path in book["chapters"]:
        numbered = _is_numbered(root / path)
        count += numbered
        kind = "chapter" if numbered else "front"
        chapters.append(Chapter(PurePosixPath(path), kind, str(count) if numbered else ""))
    for position, path in enumerate(book.get("appendices", ())):
        chapters.append(Chapter(PurePosixPath(path), "appendix", chr(ord("A") + position)))
    return tuple(chapters)


def _is_numbered(path: Path) -> bool:
    if not path.is_file():
        raise BookError("a chapter of the book is missing", where=str(path), hint="stage the book again")
    heading = FIRST_HEADING.search(path.read_text(encoding="utf-8"))
    attributes = (heading["attributes"] or "") if heading else ".unnumbered"
    return not ({".unnumbered", "-"} & set(attributes.split()))
