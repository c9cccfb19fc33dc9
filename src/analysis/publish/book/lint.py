"""Finds in a staged book, and in its rendered pages, what Quarto and pandoc let pass in silence.

Quarto renders unknown variables, unresolved references, missing images and duplicate ids with a warning or none at
all. Here each is a problem with file and line, and all problems of a book are reported together.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from analysis.errors import BookError, did_you_mean
from analysis.publish.book.embedded.project import Project, read_project
from analysis.publish.book.embedded.shortcodes import PAGE_BREAK, VARIABLE, Line, chapter_lines, lookup
from analysis.publish.book.policy import POLICY_NAME

HEADING = re.compile(r"^(?P<marks>#{1,6})\s+(?P<title>.*)$")
DIV = re.compile(r"^\s*(?P<colons>:{3,})\s*(?P<attributes>.*?)\s*:*\s*$")
IDENTIFIER = re.compile(r"\{[^{}]*?(?<!&)#(?P<id>[\w.:-]+)[^{}]*\}")
REFERENCE = re.compile(r"@(?P<key>(?:fig|tbl|sec|eq)-[\w-]+)", re.IGNORECASE)
CITATION = re.compile(r"(?<![\w@.\\])@(?P<key>[A-Za-z][\w:.#$%&+?<>~/-]*\w)")
IMAGE = re.compile(r"!\[(?P<alt>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<path>[^)\s]+)[^)]*\)(?P<attributes>\{[^}]*\})?")
LINK = re.compile(r"(?<!!)\[(?:[^\[\]]|\[[^\]]*\])*\]\((?P<path>[^)\s]+)[^)]*\)")
FOOTNOTE = re.compile(r"\[\^(?P<key>[^\]\s]+)\](?P<colon>:?)")
INLINE_MATH = re.compile(r"(?<![\\$])\$(?!\s|\$)(?P<body>[^$\n]*?)(?<![\s\\])\$(?!\d)")
SHORTCODE = re.compile(r"\{\{<.*?>\}\}")
INLINE_CODE = re.compile(r"`[^`]*`")
BIBLIOGRAPHY_KEY = re.compile(r"^\s*@\w+\s*\{\s*(?P<key>[^,\s]+)", re.MULTILINE)
CALLOUT_ID = re.compile(r"#(?:nte|tip|wrn|imp|cau)-")
CODE_CELL = re.compile(r"^\s*(?:`{3,}|~{3,})\s*\{(?:python|r|julia|ojs|mermaid|dot)\b")
MARK = "\ufdd0"
"""What begins a reference in a wording until `as_markdown` writes it; no font shows it."""
RAW_CODE = re.compile(r"`\s*\{=\w+|^\s*(?:`{3,}|~{3,})\s*\{\s*=\w+")
RAW_HTML = re.compile(r"<(?:[A-Za-z][\w-]*(?=[\s/>])|/[A-Za-z]|[!?])")
LIST_ITEM = re.compile(r"(?:[-*+]|\d+\.)\s")
KEY_POINTS = "_points_"
"""What the name of a file with key points begins with: what they say, the chapter's sections say too."""
SPACED_DATE = re.compile(r"(?<=[0-9}])\s+[年月日]|(?<=[0-9}][年月])\s+[0-9{]|(?<=[0-9}]日)\s+[\u4e00-\u9fff]")
REMOTE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
PUBLIC = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
HREF = re.compile(r"<(?P<tag>[a-z]+)\b[^>]*?\s(?P<name>href|src|poster|data)=\"(?P<value>[^\"]*)\"", re.IGNORECASE)
HTML_ID = re.compile(r"<[a-z][^>]*?\sid=\"(?P<id>[^\"]+)\"", re.IGNORECASE)
SILENT = {
    "an unknown variable": re.compile(r"\?var:|\?meta:"),
    "a shortcode left as it stands": re.compile(r"\{\{&lt;|\{\{<"),
    "an unresolved reference": re.compile(r"\?@\w|(?:>|\s)\?(?:fig|tbl|sec|eq)-"),
    "an unresolved citation": re.compile(r"citeproc-not-found|<strong>[\w-]+\?</strong>"),
    "markdown left as it stands": re.compile(r"[^*\s]\*\*[^*]|\*\*[^*\s]"),
}
NOT_PROSE = re.compile(r"(<(script|style|pre|code|annotation)\b[^>]*>).*?(</\2>)", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that must be put right, with the place where it stands."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


@dataclass(frozen=True)
class ChapterText:
    """A chapter as the checks read it: lines with includes put in, code and inline code blanked out."""

    path: PurePosixPath
    lines: tuple[Line, ...]


class BookLintError(BookError):
    """A book that must not be published: carries every problem found."""

    def __init__(self, problems: Sequence[Problem], *, where: str) -> None:
        self.problems = tuple(problems)
        shown = "\n".join(f"    {problem}" for problem in self.problems)
        super().__init__(
            f"{len(self.problems)} problem(s) in the book",
            where=where,
            got=f"\n{shown}",
            hint="correct the chapters under report/ (line numbers are the same there) and stage the book again",
        )


def lint_book(book: Path) -> None:
    """Check a staged book; raise BookLintError that lists every problem with file and line."""
    problems = book_problems(book)
    if problems:
        raise BookLintError(problems, where=str(book))


def book_problems(book: Path) -> list[Problem]:
    """Return every problem of a staged book, sorted by file and line."""
    project = read_project(book)
    problems: list[Problem] = []
    chapters = []
    if (book / project.lang).is_dir():
        problems.append(
            Problem(project.lang, 0, "a folder named like the language breaks Quarto's captions: rename it")
        )
    for chapter in project.chapters:
        lines, missing = chapter_lines(book, chapter.path)
        chapters.append(ChapterText(chapter.path, tuple(_masked(line) for line in lines)))
        problems += [Problem(str(m.file), m.number, f"the included file is missing: {m.path}") for m in missing]
        problems += [_at(x, "a code cell: chapters hold no code") for x in lines if CODE_CELL.match(x.text)]
        problems += [
            _at(x, "raw code for one format: only text is published") for x in lines if RAW_CODE.search(x.text)
        ]
        problems += [
            _at(x, "a reference of a wording that was not written as markdown") for x in lines if MARK in x.text
        ]
    for text in chapters:
        problems += _text_problems(text, project.lang)
        problems += _structure_problems(text)
        problems += _shortcode_problems(text, project)
        problems += _file_problems(text, book, made=project.files)
        problems += _footnote_problems(text)
    problems += _reference_problems(chapters, book)
    return sorted(set(problems))


def closest(word: str, known: Iterable[str]) -> str:
    """Return " (did you mean …?)" when a known word is close, and nothing otherwise."""
    hint = did_you_mean(word, known) or ""
    return f" ({hint})" if hint.startswith("did you mean") else ""


def _masked(line: Line) -> Line:
    text = "" if line.is_code else INLINE_CODE.sub(lambda match: " " * len(match[0]), line.text)
    return Line(line.file, line.number, text, line.is_code)


def _at(line: Line, message: str) -> Problem:
    return Problem(str(line.file), line.number, message)


def _text_problems(text: ChapterText, lang: str) -> Iterator[Problem]:
    """Yield markup that is none of markdown's, lists out of the search, and dates set as no Chinese reader does."""
    in_section = False
    for line in text.lines:
        in_section = in_section or line.text.startswith("## ")
        found = LIST_ITEM.match(line.text) and not Path(line.file).name.startswith(KEY_POINTS)
        if found and not in_section:
            yield _at(line, "a list before the first section, which Quarto's search does not find: give it a heading")
        markup = RAW_HTML.search(line.text)
        if markup:
            yield _at(line, f"raw HTML: {line.text[markup.start() :][:40]}")
        if lang == "zh" and line.file == text.path and SPACED_DATE.search(line.text):
            yield _at(line, "a space inside a date: 2025年9月1日 is written without")


def _structure_problems(text: ChapterText) -> Iterator[Problem]:
    """Yield headings out of order, empty sections and divs that are not closed."""
    open_divs: list[Line] = []
    last: tuple[int, Line] | None = None
    filled = True
    for line in text.lines:
        div = DIV.match(line.text)
        if div:
            filled = filled or "#refs" in div["attributes"]  # the reference list fills it
            if div["attributes"]:
                open_divs.append(line)
                if "when-meta" in line.text or "unless-meta" in line.text:
                    yield _at(line, "a condition that was not resolved at staging")
            elif open_divs:
                open_divs.pop()
            else:
                yield _at(line, "a closing ::: without an opening one")
            continue
        heading = HEADING.match(line.text)
        if heading is None or open_divs:
            filled = filled or bool(line.text.strip()) or line.is_code
            continue
        level = len(heading["marks"])
        yield from _order_problems(line, level, last)
        if last and not filled and level <= last[0]:
            yield _at(last[1], "an empty section: the heading is followed by no text")
        last, filled = (level, line), False
    if last is None:
        yield Problem(str(text.path), 1, "the chapter has no title: it must begin with a level-1 heading")
    elif not filled:
        yield _at(last[1], "an empty section: the heading is followed by no text")
    for line in open_divs:
        yield _at(line, "a ::: div that is never closed")


def _order_problems(line: Line, level: int, last: tuple[int, Line] | None) -> Iterator[Problem]:
    if last is None and level != 1:
        yield _at(line, "the first heading of a chapter must have level 1")
    elif last is not None and level == 1:
        yield _at(line, "a second level-1 heading: one file is one chapter")
    elif last is not None and level > last[0] + 1:
        yield _at(line, f"headings out of order: level {level} follows level {last[0]}")


def _shortcode_problems(text: ChapterText, project: Project) -> Iterator[Problem]:
    in_math = False
    for line in text.lines:
        displays = line.text.count("$$")
        math = [match["body"] for match in INLINE_MATH.finditer(line.text)]
        if in_math or displays:
            math.append(line.text)
        in_math ^= bool(displays % 2)
        if any(SHORTCODE.search(body) for body in math):
            yield _at(line, "a shortcode inside a formula comes out as garbage: put the number outside of $…$")
        for shortcode in SHORTCODE.finditer(line.text):
            variable = VARIABLE.fullmatch(shortcode[0])
            if variable is None:
                if not PAGE_BREAK.match(shortcode[0]):
                    yield _at(line, f"a shortcode that the report does not use: {shortcode[0]}")
            elif lookup(project.variables, variable["name"]) is None:
                yield _at(
                    line, f"unknown variable {variable['name']}{closest(variable['name'], _names(project.variables))}"
                )


def _names(variables: object, prefix: str = "") -> list[str]:
    if not isinstance(variables, dict):
        return [prefix.rstrip(".")]
    return [name for key, value in variables.items() for name in _names(value, f"{prefix}{key}.")]


def _file_problems(text: ChapterText, book: Path, *, made: Collection[str]) -> Iterator[Problem]:
    """made: names of the files that are made beside the pages."""
    folder = book / text.path.parent
    for line in text.lines:
        for image in IMAGE.finditer(line.text):
            if REMOTE.match(image["path"]):
                yield _at(line, f"an image from another host: {image['path']}")
            elif not (folder / unquote(image["path"])).is_file():
                yield _at(line, f"the image is missing: {image['path']}")
            if not image["alt"].strip() and "fig-alt" not in (image["attributes"] or ""):
                yield _at(line, f"an image without a caption or fig-alt: {image['path']}")
        for link in LINK.finditer("" if "hreflang=" in line.text else line.text):  # another language has its own book
            path = link["path"].partition("#")[0]
            if REMOTE.match(path) and not PUBLIC.match(path):
                yield _at(line, f"a link that is no address of a page: {path}")
            there = (folder / unquote(path)).is_file() or Path(path).name in made
            if path and not REMOTE.match(path) and not there:
                yield _at(line, f"a link to a file that is not in the book: {path}")


def _footnote_problems(text: ChapterText) -> Iterator[Problem]:
    used: dict[str, Line] = {}
    defined: dict[str, Line] = {}
    for line in text.lines:
        for match in FOOTNOTE.finditer(line.text):
            is_definition = bool(match["colon"]) and match.start() == 0
            if is_definition and match["key"] in defined:
                yield _at(line, f"the footnote [^{match['key']}] is defined twice in this chapter")
            (defined if is_definition else used).setdefault(match["key"], line)
    for key in sorted(used.keys() - defined.keys()):
        yield _at(used[key], f"the footnote [^{key}] has no text")
    for key in sorted(defined.keys() - used.keys()):
        yield _at(defined[key], f"the footnote [^{key}] is referred to nowhere")


def _reference_problems(chapters: Iterable[ChapterText], book: Path) -> Iterator[Problem]:
    lines = [line for chapter in chapters for line in chapter.lines]
    ids: dict[str, Line] = {}
    for line in lines:
        for match in IDENTIFIER.finditer(line.text):
            if match["id"] in ids:
                first = ids[match["id"]]
                yield _at(line, f"the id {match['id']} is used twice (first in {first.file}:{first.number})")
            ids.setdefault(match["id"], line)
        if line.text.lstrip().startswith(":::") and CALLOUT_ID.search(line.text):
            yield _at(line, "a callout with a reference id crashes the PDF of a Chinese book: drop the id")
    keys = _bibliography_keys(book / "references.bib")
    for line in lines:
        yield from _unresolved(line, ids, keys)


def _bibliography_keys(path: Path) -> frozenset[str]:
    if not path.is_file():
        return frozenset()
    return frozenset(match["key"] for match in BIBLIOGRAPHY_KEY.finditer(path.read_text(encoding="utf-8")))


def _unresolved(line: Line, ids: dict[str, Line], keys: frozenset[str]) -> Iterator[Problem]:
    for match in REFERENCE.finditer(line.text):
        before = line.text[match.start() - 1 : match.start()]
        if before.isalnum():
            yield _at(line, f"no space before @{match['key']}: it would be printed as it stands")
        elif match["key"] not in ids:
            yield _at(line, f"unresolved reference @{match['key']}{closest(match['key'], ids)}")
    for match in CITATION.finditer(line.text):
        if not REFERENCE.match(match[0]) and match["key"] not in keys and "{{<" not in match["key"]:
            yield _at(line, f"unresolved citation @{match['key']}: not in references.bib")


def literal_words(book: Path) -> frozenset[str]:
    """Return the words that data brought into a staged book and that look like what a renderer leaves behind."""
    files = [book / "_variables.yml", book / "_quarto.yml", *sorted((book / "tables").glob("*.md"))]
    escaped = {word for file in files for word in file.read_text(encoding="utf-8").split() if "&#" in word}
    words = {html.unescape(word).strip('"') for word in escaped}
    return frozenset(word for word in words if any(pattern.search(f" {word} ") for pattern in SILENT.values()))


def lint_html(report: Path, *, pages: Iterable[Path], literal: frozenset[str] = frozenset()) -> None:
    """Check rendered pages; raise BookLintError with every broken link, image, leftover or outside address.

    `literal`: words that are no leftovers, because data hold them.
    """
    there = frozenset(path.relative_to(report).as_posix() for path in (report, *report.rglob("*")))
    problems = sorted({problem for page in pages for problem in _page_problems(report, page, literal, there)})
    if problems:
        raise BookLintError(problems, where=str(report))


def _page_problems(report: Path, page: Path, literal: frozenset[str], there: frozenset[str]) -> Iterator[Problem]:
    """there: files and folders of the report."""
    name = page.relative_to(report).as_posix()
    visible = NOT_PROSE.sub(r"\1\3", page.read_text(encoding="utf-8"))
    for what, pattern in SILENT.items():
        for match in pattern.finditer(visible):
            if literal and any(word in _passage(visible, match) for word in literal):
                continue
            around = " ".join(visible[max(0, match.start() - 40) : match.end() + 40].split())
            yield Problem(name, visible.count("\n", 0, match.start()) + 1, f"{what}: …{around}…")
    if POLICY_NAME not in visible:
        yield Problem(name, 0, "the page has no policy of what it may load and run")
    seen: set[str] = set()
    for match in HTML_ID.finditer(visible):
        if match["id"] in seen:
            yield Problem(name, 0, f"the id {match['id']} is used twice")
        seen.add(match["id"])
    for match in HREF.finditer(visible):
        yield from _address_problems(name, match["tag"].lower(), match["value"], there)


def _passage(page: str, match: re.Match[str]) -> str:
    """The text around a match, up to the next tags on both sides."""
    start, end = page.rfind(">", 0, match.start() + 1), page.find("<", match.end())
    return html.unescape(page[start + 1 : end])


def _address_problems(page: str, tag: str, value: str, there: frozenset[str]) -> Iterator[Problem]:
    if REMOTE.match(value):
        if tag != "a" and not value.startswith("data:"):
            yield Problem(page, 0, f"a request to another host: {value}")
        return
    path = unquote(re.split("[?#]", value, maxsplit=1)[0])
    target = posixpath.normpath(posixpath.join(posixpath.dirname(page), path))
    if path and target not in there and not target.startswith(("../", "/")):
        yield Problem(page, 0, f"an address that leads nowhere: {value}")
