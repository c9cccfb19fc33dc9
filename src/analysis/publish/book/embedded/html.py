"""Writes the pages of the HTML book from pandoc's chapters and the page template."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.publish.book.embedded.drawings import with_drawings
from analysis.publish.book.embedded.project import Chapter, Project
from analysis.publish.book.embedded.search import SearchEntry, write_search_index
from analysis.publish.book.embedded.webfont import write_web_fonts
from analysis.publish.book.explorer import FOLDER, PAGE, SCRIPTS, STYLES
from analysis.publish.book.languages import book_words
from analysis.publish.book.policy import POLICY, policy_tag
from analysis.publish.words import formats

if TYPE_CHECKING:
    import jinja2

STYLE_SHEET = "book.css"
ASSETS = (STYLE_SHEET, "book.js")
FONTS = Path("assets") / "fonts"
DESCRIPTION_LENGTH = 150


@dataclass(frozen=True)
class Section:
    """One heading of a page."""

    level: int
    id: str
    number: str
    title: str


@dataclass
class Page:
    """One page of the site, as the template needs it."""

    url: str
    up: str
    number: str
    label: str
    title: str
    body: str
    description: str
    is_index: bool
    starts_appendices: bool
    sections: tuple[Section, ...]
    entries: tuple[SearchEntry, ...]
    previous: Page | None = field(default=None, repr=False)
    next: Page | None = field(default=None, repr=False)
    translations: Sequence[dict[str, str]] = ()
    styles: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """The title with its label, as in a list of pages."""
        return f"{self.label}　{self.title}" if self.label else self.title


def write_html(project: Project, bodies: Mapping[str, str], target: Path, *, earlier: Path | None = None) -> None:
    """Write the whole HTML book, whose chapters pandoc made as `bodies`, into the folder `target`.

    `earlier` holds the report as it was before, whose web fonts are taken over where they show the same characters.
    """
    pages = book_pages(project, bodies)
    _copy_files(project, target)
    write_search_index([entry for page in pages for entry in page.entries], target / "assets" / "search.js")
    template = _template(project)
    shown = set(project.title + project.subtitle + project.author + (project.notice or ""))
    for page in pages:
        text = template.render(
            project=project,
            words=project.words,
            pages=pages,
            page=page,
            date=formats.date(project.day, project.lang),
            policy=policy_tag(POLICY),
        )
        path = target / page.url
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        shown.update(text)
    for page in pages:
        shown.update(*((target / name).read_text(encoding="utf-8") for name in page.scripts))
    fonts = write_web_fonts(
        project.root / "fonts",
        target / FONTS,
        characters=shown,
        earlier=earlier / FONTS if earlier else None,
    )
    _name_fonts(target / "assets" / STYLE_SHEET, fonts)


def _name_fonts(styles: Path, names: Mapping[str, str]) -> None:
    """Put the names that the web fonts have in the place of those that the style sheet gives."""
    text = styles.read_text(encoding="utf-8")
    for name, named in names.items():
        text = text.replace(f"fonts/{name}", f"fonts/{named}")
    styles.write_text(text, encoding="utf-8")


def book_pages(project: Project, bodies: Mapping[str, str]) -> list[Page]:
    """Return the pages in reading order, linked to their neighbours; bodies: of the chapters, by name."""
    first_appendix = next((chapter for chapter in project.chapters if chapter.kind == "appendix"), None)
    pages = [
        _page(project, chapter, bodies[chapter.stem].strip(), starts_appendices=chapter is first_appendix)
        for chapter in project.chapters
    ]
    if project.explorer:
        numbered = [place for place, one in enumerate(project.chapters, start=1) if one.kind == "chapter"]
        pages.insert(max(numbered, default=1), _explorer(project))
    for before, after in itertools.pairwise(pages):
        before.next, after.previous = after, before
    return pages


def _page(project: Project, chapter: Chapter, body: str, *, starts_appendices: bool) -> Page:
    import lxml.etree
    import lxml.html

    body = body.replace("<th ", '<th scope="col" ').replace("<th>", '<th scope="col">')
    tree = lxml.html.fragment_fromstring(body, create_parent="div")
    lxml.etree.strip_elements(tree, "annotation", with_tail=False)  # the TeX source inside MathML is no text to find
    title = _heading_text(tree.find(".//h1"))
    up = "../" * (len(chapter.path.parts) - 1)
    label = project.label(chapter)
    paragraph = next((text for p in tree.iter("p") if len(text := _text(p)) > 20), project.title)
    return Page(
        url=chapter.url,
        up=up,
        number=chapter.number,
        label=label,
        title=title,
        body=with_drawings(body, project.root / "figures"),
        description=paragraph[:DESCRIPTION_LENGTH],
        is_index=chapter.stem == "index",
        starts_appendices=starts_appendices,
        sections=tuple(_sections(tree)),
        entries=tuple(_entries(tree, url=chapter.url, chapter=f"{label} {title}".strip())),
        translations=[
            {"lang": lang, "name": book_words(lang)["name"], "url": f"{up}../{lang}/{_twin(chapter, pages)}"}
            for lang, pages in sorted(project.translations.items())
        ],
    )


def _explorer(project: Project) -> Page:
    """The page that a script of its own fills; its tables are no text to find, since they are in the appendix."""
    import lxml.html

    body = (project.root / FOLDER / "body.html").read_text(encoding="utf-8")
    tree = lxml.html.fragment_fromstring(body, create_parent="div")
    told = _text(next(tree.iter("p")))
    for folded in list(tree.iter("details", "noscript")):
        folded.drop_tree()
    return Page(
        url=PAGE,
        up="",
        number="",
        label="",
        title=project.explorer,
        body=body,
        description=told[:DESCRIPTION_LENGTH],
        is_index=False,
        starts_appendices=False,
        sections=tuple(_sections(tree)),
        entries=tuple(_entries(tree, url=PAGE, chapter=project.explorer)),
        translations=[
            {"lang": lang, "name": book_words(lang)["name"], "url": f"../{lang}/{PAGE}"}
            for lang in sorted(project.translations)
        ],
        styles=STYLES,
        scripts=SCRIPTS,
    )


def _twin(chapter: Chapter, pages: Sequence[str]) -> str:
    return chapter.url if chapter.stem in pages else "index.html"


def _text(element: Any) -> str:
    return " ".join(element.text_content().split())


def _heading_text(heading: Any) -> str:
    if heading is None:
        return ""
    number = heading.find('./span[@class="header-number"]')
    text = _text(heading)
    return text.removeprefix(_text(number)).strip() if number is not None else text


def _sections(tree: Any) -> list[Section]:
    found = []
    for element in tree.iter("section"):
        heading = next((child for child in element if child.tag in ("h2", "h3", "h4")), None)
        if heading is None or not element.get("id"):
            continue
        number = heading.find('./span[@class="header-number"]')
        found.append(
            Section(
                level=int(heading.tag[1]),
                id=element.get("id"),
                number=_text(number) if number is not None else "",
                title=_heading_text(heading),
            )
        )
    return found


def _entries(tree: Any, *, url: str, chapter: str) -> list[SearchEntry]:
    """Return one search entry per section; text before the first section belongs to the chapter."""
    entries = []
    for element in tree.iter("section"):
        heading = next((child for child in element if child.tag in ("h1", "h2", "h3", "h4")), None)
        if heading is None:
            continue
        own = " ".join(
            _text(child)
            for child in element
            if child is not heading and not (child.tag == "section" and child.get("id"))
        )
        title = chapter if heading.tag == "h1" else _text(heading)
        anchor = "" if heading.tag == "h1" else f"#{element.get('id')}"
        entries.append(SearchEntry(url=url + anchor, chapter=chapter, title=title, text=" ".join(own.split())))
    return entries


def _template(project: Project) -> jinja2.Template:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(project.root / "_embedded"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template("page.html")


def _copy_files(project: Project, target: Path) -> None:
    (target / "assets").mkdir(parents=True, exist_ok=True)
    for name in ASSETS:
        shutil.copyfile(project.root / "_embedded" / name, target / "assets" / name)
    if (project.root / "figures").is_dir():
        shutil.copytree(project.root / "figures", target / "figures", dirs_exist_ok=True)
    for name in project.resources:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(project.root / name, target / name)
