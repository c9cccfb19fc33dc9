"""Stages the self-contained Quarto project of one language: chapters, numbers, tables, figures, fonts, settings."""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import yaml

from analysis.errors import BookError
from analysis.publish.book.captions import figure_ids, unknown_figures, with_figures, with_list
from analysis.publish.book.conditions import (
    Telling,
    drop_pointers,
    drop_sections,
    has_citation,
    has_reference_list,
    resolve_conditions,
    unnumber_sections,
    without_references,
)
from analysis.publish.book.embedded.project import SLIDES
from analysis.publish.book.embedded.shortcodes import fill_variables
from analysis.publish.book.explorer import PAGE, SCRIPTS, STYLES
from analysis.publish.book.explorer.files import Explorer, stage_explorer
from analysis.publish.book.formats import DEFAULT_FORMATS
from analysis.publish.book.languages import LANGUAGES, book_words, word_group
from analysis.publish.book.lint import IDENTIFIER, REFERENCE, BookLintError, Problem
from analysis.publish.book.overlays import FOLDER, own_sections, with_overlays
from analysis.publish.book.policy import QUARTO_POLICY, policy_tag
from analysis.publish.book.render import replace_folder
from analysis.publish.book.sources import list_of_sources, to_the_list, with_linked_numbers
from analysis.publish.figures.fonts import FontFiles, font_files
from analysis.publish.words.escape import as_markdown, as_typst_string

FIRST_PAGE = "index.qmd"
INCLUDE = re.compile(r"\{\{< include (?:\.\./)?tables/_(\w+)\.md >\}\}")
CHAPTER_NAME = re.compile(r"^\d{2}-[\w-]+\.qmd$")
APPENDIX_NAME = re.compile(r"^[a-z]-[\w-]+\.qmd$")


@dataclass(frozen=True)
class BookContent:
    """Everything that one edition puts into the book of one language; paths are files that exist.

    telling: what the chapters tell beside results. leave_out: ids of sections that the book does without. leading: the
    name of the chapter that comes first, where it is not the one with the lowest number.
    captions: each figure as markdown with its caption and description, the path of its picture as from the first page.
    sourced: groups of variables whose source the appendix tells.
    formats: what is published: html and any of pdf, docx, pptx. slides: those of the edition, as markdown.
    """

    lang: str
    title: str
    subtitle: str
    author: str
    date: str
    file_name: str
    notice: str | None
    variables: Mapping[str, Any]
    flags: Mapping[str, bool]
    tables: Mapping[str, str]
    figures: Mapping[str, Path]
    captions: Mapping[str, str]
    attachments: Mapping[str, Path]
    languages: tuple[str, ...] = ()
    telling: Telling = "everything"
    leave_out: tuple[str, ...] = ()
    leading: str = ""
    explorer: Explorer | None = None
    formats: tuple[str, ...] = DEFAULT_FORMATS
    slides: str = ""
    sourced: frozenset[str] = frozenset()


def stage_book(
    content: BookContent, *, source: Path, assets: Path, references: Path, target: Path, overlays: Path | None = None
) -> Path:
    """Write the staged book into `target` (replacing it whole) and return `target`.

    Parameters
    ----------
    content : the edition's numbers, tables, figures and names in one language.
    source : chapter sources of the language: index.qmd and chapters/.
    assets : the theme, templates and filters (`report/assets`).
    references : the bibliography.
    overlays : folder with prose that the edition adds to sections.

    Raises BookError for missing sources and unknown sections, and BookLintError for conditions that name no known flag.
    """
    if content.lang not in LANGUAGES:
        raise BookError("unknown language of a book", expected=" or ".join(LANGUAGES), got=content.lang)
    names = chapter_files(source)
    scratch = target.parent / f".{target.name}.staging"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        sources = {name: (source / name).read_text(encoding="utf-8") for name in _in_order(names, content.leading)}
        texts = _chapters(content, sources, overlays)
        names = _write_chapters(content, source, scratch, texts)
        first = set(INCLUDE.findall(texts.get(FIRST_PAGE, "")))
        _write_results(content, scratch, texts, known=_known(content, sources, texts), first=first)
        if content.slides and "pptx" in content.formats:
            (scratch / SLIDES).write_text(content.slides, encoding="utf-8")
        _write_assets(content, assets, references, scratch, fonts=font_files())
        if content.explorer:
            notice = content.notice or ""
            stage_explorer(content.explorer, assets / "embedded", scratch, lang=content.lang, notice=notice)
        _write_yaml(
            scratch / "_quarto.yml", _settings(content, names, has_style=(scratch / "references.csl").is_file())
        )
        _write_yaml(scratch / "_edition.yml", _edition(content, source))
        replace_folder(scratch, target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return target


def chapter_files(source: Path) -> list[str]:
    """The chapter files of a language in reading order: index, numbered chapters, lettered appendices."""
    if not (source / FIRST_PAGE).is_file():
        raise BookError("the report has no first page", where=str(source), expected="index.qmd and chapters/")
    found = sorted(path.name for path in (source / "chapters").glob("*.qmd"))
    stray = [name for name in found if not (CHAPTER_NAME.match(name) or APPENDIX_NAME.match(name))]
    if stray:
        raise BookError(
            "a chapter file has no place in the book",
            where=str(source / "chapters"),
            expected="01-name.qmd for chapters, a-name.qmd for appendices",
            got=", ".join(stray),
        )
    return [FIRST_PAGE, *(f"chapters/{name}" for name in found)]


def _in_order(names: list[str], leading: str) -> list[str]:
    """The first page, the chapter that leads, where there is one, and the others."""
    leads = f"-{leading}.qmd"
    return sorted(names, key=lambda name: (name != FIRST_PAGE, not (leading and name.endswith(leads))))


def _chapters(content: BookContent, sources: Mapping[str, str], overlays: Path | None) -> dict[str, str]:
    """The chapters and the overlays of the edition as staged, by name; those without anything to tell are left out."""
    own = own_sections(sources.values(), overlays, content.leave_out)
    words, problems = {"words": content.variables.get("words", {})}, list[Problem]()
    texts: dict[str, str] = {}
    kept = {one.section for one in own}
    for name, text in sources.items():
        telling = "everything" if name == FIRST_PAGE else content.telling
        resolved = resolve_conditions(text, content.flags, file=name, problems=problems, telling=telling, own=kept)
        resolved = fill_variables(drop_sections(resolved, content.leave_out), words)
        problems += unknown_figures(name, text, content.flags)
        if resolved.strip():
            texts[name] = with_figures(unnumber_sections(resolved), content.captions, up="../" * name.count("/"))
    home = list_of_sources(texts)
    if home:
        texts = {name: with_linked_numbers(text, content.sourced) for name, text in texts.items()}
    known = _known(content, sources, texts)
    texts = {name: text if known is None else drop_pointers(text, known) for name, text in with_list(texts).items()}
    texts = {name: with_overlays(text, own, up="../" * name.count("/")) for name, text in texts.items()}
    for one in own:
        text = one.path.read_text(encoding="utf-8")
        resolved = resolve_conditions(text, content.flags, file=f"{FOLDER}/{one.path.name}", problems=problems)
        texts[one.staged] = fill_variables(resolved, words)
    texts = {name: to_the_list(text, name, home) for name, text in texts.items()}
    if problems:
        raise BookLintError(problems, where="report/")
    return texts


def _write_chapters(content: BookContent, source: Path, target: Path, texts: Mapping[str, str]) -> list[str]:
    """Write chapters and overlays; return the names of the chapters in reading order."""
    for folder in ("chapters", FOLDER):
        (target / folder).mkdir()
    chapters = {name: text for name, text in texts.items() if not name.startswith(f"{FOLDER}/")}
    cited = any(has_citation(text) for text in texts.values())
    if cited and not any(has_reference_list(text) for text in chapters.values()):
        chapters["chapters/references.qmd"] = (
            f"# {book_words(content.lang)['references']} {{.unnumbered}}\n\n::: {{#refs}}\n:::\n"
        )
    for name, text in texts.items():
        (target / name).write_text(text, encoding="utf-8")
    for name, text in chapters.items():
        (target / name).write_text(text + _language_links(content, source, name), encoding="utf-8")
    return list(chapters)


def _known(content: BookContent, sources: Mapping[str, str], texts: Mapping[str, str]) -> set[str] | None:
    """Ids that may be pointed to; None where nothing was left out that has one.

    A book that tells all leaves out what belongs to other editions; what is nowhere at all is a fault, and stays.
    """
    ids = _ids(content, texts)
    if content.telling != "everything" or content.leave_out:
        return ids
    gone = (_ids(content, sources) | set(figure_ids(sources.values()))) - ids
    shown = [*texts.values(), *content.tables.values(), *content.variables.get("findings", {}).values()]
    mentioned = {found["key"] for text in shown for found in REFERENCE.finditer(text)}
    return (ids | mentioned) - gone if gone else None


def _ids(content: BookContent, texts: Mapping[str, str]) -> set[str]:
    """Ids of the sections, figures and tables that these chapters hold."""
    included = {name for text in texts.values() for name in INCLUDE.findall(text)}
    shown = [*texts.values(), *(text for name, text in content.tables.items() if name in included)]
    return {found["id"] for text in shown for found in IDENTIFIER.finditer(text)}


def _language_links(content: BookContent, source: Path, name: str) -> str:
    """The same page in the other languages and the explorer, for Quarto's pages alone: the others have a frame."""
    up, links = "../" * (name.count("/") + 1), []
    for lang, stems in _translations(content, source).items():
        stem = str(Path(name).with_suffix(""))
        page = f"{stem if stem in stems else 'index'}.html"
        links.append(f'[{book_words(lang)["name"]}]({up}{lang}/{page}){{lang="{lang}" hreflang="{lang}"}}')
    if content.explorer:
        links.append(f"[{as_markdown(content.explorer.name)}]({up.removesuffix('../')}{PAGE})")
    if not links:
        return ""
    return f'\n:::: {{.content-visible when-format="html"}}\n::: {{.languages}}\n{" ".join(links)}\n:::\n::::\n'


def _translations(content: BookContent, source: Path) -> dict[str, list[str]]:
    """Pages of the other languages, by language."""
    return {lang: _stems(source.parent / lang) for lang in sorted(content.languages) if lang != content.lang}


def _write_results(
    content: BookContent,
    target: Path,
    texts: Mapping[str, str],
    *,
    known: Collection[str] | None,
    first: Collection[str],
) -> None:
    """Write tables (of the `first` page with its addresses), figures and variables; only `known` ids are pointed to."""
    for folder in ("tables", "figures"):
        (target / folder).mkdir()
    for name, text in sorted(content.tables.items()):
        shown = text if known is None else without_references(text, known)
        shown = shown.replace("](../", "](") if name in first else shown
        (target / "tables" / f"_{name}.md").write_text(shown.rstrip("\n") + "\n", encoding="utf-8")
    drawn = {f"figures/{name}.svg": path for name, path in content.figures.items()}
    for name, path in sorted({**drawn, **content.attachments}.items()):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target / name)
    variables, home = dict(content.variables), list_of_sources(texts)
    if "findings" in variables:
        told = {key: to_the_list(text, f"chapters/{key}", home) for key, text in variables["findings"].items()}
        variables["findings"] = {k: text if known is None else drop_pointers(text, known) for k, text in told.items()}
    _write_yaml(target / "_variables.yml", variables)


def _write_assets(content: BookContent, assets: Path, references: Path, target: Path, *, fonts: FontFiles) -> None:
    shutil.copytree(assets / "embedded", target / "_embedded")
    (target / "fonts").mkdir()
    for font in (fonts.regular, fonts.bold):
        shutil.copyfile(font, target / "fonts" / font.name)
    shutil.copyfile(references, target / "references.bib")
    if _citation_style(assets, content.lang).is_file():
        shutil.copyfile(_citation_style(assets, content.lang), target / "references.csl")
    language, words = LANGUAGES[content.lang], book_words(content.lang)
    values = {
        "lang": content.lang,
        "region": language.region,
        "features": language.features,
        "rules": language.rules,
        "foreground": _foreground(content.notice),
        "chapter": words["ch"],
        "appendix": words["app"],
    }
    for path in sorted((assets / "quarto").iterdir()):
        text = path.read_text(encoding="utf-8")
        if path.name in {"typst-header.typ", "typst-body.typ"}:
            text = Template(text).substitute(values)
        # a pandoc template of its own: only these words are ours to fill in
        text = text.replace("@chapter@", words["running_head"])
        # pandoc would escape it for markup, and in a string of typst's such an escape is an error
        text = text.replace("@author@", as_typst_string(content.author).replace("$", "$$"))
        (target / path.name).write_text(text, encoding="utf-8")
    (target / "policy.html").write_text(f"{policy_tag(QUARTO_POLICY)}\n", encoding="utf-8")


def _citation_style(assets: Path, lang: str) -> Path:
    """Return the style of the language's citations; without one pandoc's own (Chicago, author and date) holds."""
    return assets / "csl" / f"{lang}.csl"


def _foreground(notice: str | None) -> str:
    if notice is None:
        return "none"
    text = as_typst_string(notice)
    return f'align(bottom + center, pad(bottom: 8mm, text(size: 8pt, fill: rgb("#5b6775"), {text})))'


def _settings(content: BookContent, names: list[str], *, has_style: bool) -> dict[str, Any]:
    book: dict[str, Any] = {
        "title": as_markdown(content.title),
        "subtitle": as_markdown(content.subtitle),
        "author": as_markdown(content.author),
        "date": content.date,
        "date-format": LANGUAGES[content.lang].date_format,
        "output-file": content.file_name,
        **({"downloads": ["pdf"]} if "pdf" in content.formats else {}),
        "reader-mode": True,
        "chapters": [name for name in names if not APPENDIX_NAME.match(Path(name).name)],
        "appendices": [name for name in names if APPENDIX_NAME.match(Path(name).name)],
    }
    if not book["appendices"]:
        del book["appendices"]
    if content.notice:
        book["body-header"] = f"::: {{.notice}}\n{as_markdown(content.notice)}\n:::"
        book["page-footer"] = {"center": as_markdown(content.notice)}
    explorer = [PAGE, *STYLES, *SCRIPTS] if content.explorer else []
    resources = [*sorted(content.attachments), *explorer, "fonts/*.ttf"]
    project = {"type": "book", "output-dir": "_book", "resources": resources}
    return {
        "project": project,
        "lang": content.lang,
        "language": word_group(content.lang, "quarto"),
        "book": book,
        "bibliography": "references.bib",
        **({"csl": "references.csl"} if has_style else {}),
        "link-citations": True,
        "execute": {"enabled": False},
        "number-depth": 3,
        "tbl-colwidths": False,
        "from": "markdown+east_asian_line_breaks",
        "format": _formats(content),
    }


def _formats(content: BookContent) -> dict[str, Any]:
    """Of Quarto's; what it has no book for, or no fields in, pandoc writes from the same staged book."""
    made = {
        "html": {
            "theme": ["cosmo", "theme.scss"],
            "css": "fonts.css",
            "include-in-header": "policy.html",
            "toc": True,
            "toc-depth": 3,
            "html-math-method": "mathml",
            "fig-align": "center",
            "embed-resources": False,
        },
        "typst": {
            "papersize": "a4",
            "toc": True,
            "toc-depth": 2,
            "number-sections": True,
            "citeproc": True,
            "font-paths": ["fonts"],
            "template-partials": ["typst-show.typ"],
            "include-in-header": "typst-header.typ",
            "include-before-body": "typst-body.typ",
        },
    }
    return {name: made[name] for name in made if name == "html" or "pdf" in content.formats}


def _edition(content: BookContent, source: Path) -> dict[str, Any]:
    """Return what only the embedded renderer reads: texts as they are, and the pages of the other languages."""
    return {
        "title": content.title,
        "subtitle": content.subtitle,
        "author": content.author,
        "notice": content.notice,
        "formats": list(content.formats),
        "translations": _translations(content, source),
        **({"explorer": content.explorer.title} if content.explorer else {}),
    }


def _stems(source: Path) -> list[str]:
    return [str(Path(name).with_suffix("")) for name in chapter_files(source)] if source.is_dir() else []


class _Quoted(yaml.SafeDumper):
    """Quotes every text: 1e3 and 0o17 are numbers to Quarto, which reads YAML 1.2, and texts to this library."""


_Quoted.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


def _write_yaml(path: Path, content: Mapping[str, Any]) -> None:
    sort = path.name == "_variables.yml"
    text = yaml.dump(dict(content), Dumper=_Quoted, allow_unicode=True, sort_keys=sort, width=10_000)
    path.write_text(text, encoding="utf-8")
