"""Stages the self-contained Quarto project of one language: chapters, numbers, tables, figures, fonts, settings."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import yaml

from analysis.errors import BookError
from analysis.publish.book.conditions import (
    drop_pointers,
    has_citation,
    has_reference_list,
    resolve_conditions,
    unnumber_sections,
)
from analysis.publish.book.embedded.project import SLIDES
from analysis.publish.book.formats import DEFAULT_FORMATS
from analysis.publish.book.languages import LANGUAGES, book_words, word_group
from analysis.publish.book.lint import IDENTIFIER, BookLintError, Problem
from analysis.publish.book.policy import QUARTO_POLICY, policy_tag
from analysis.publish.book.render import replace_folder
from analysis.publish.figures.fonts import FontFiles, font_files
from analysis.publish.words.escape import as_markdown, as_typst_string

FIRST_PAGE = "index.qmd"
INCLUDE = re.compile(r"\{\{< include (?:\.\./)?tables/_(\w+)\.md >\}\}")
CHAPTER_NAME = re.compile(r"^\d{2}-[\w-]+\.qmd$")
APPENDIX_NAME = re.compile(r"^[a-z]-[\w-]+\.qmd$")


@dataclass(frozen=True)
class BookContent:
    """Everything that one edition puts into the book of one language; paths are files that exist.

    results_only: the chapters tell what was found and nothing besides, and those without a result are left out.
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
    attachments: Mapping[str, Path]
    languages: tuple[str, ...] = ()
    results_only: bool = False
    formats: tuple[str, ...] = DEFAULT_FORMATS
    slides: str = ""


def stage_book(content: BookContent, *, source: Path, assets: Path, references: Path, target: Path) -> Path:
    """Write the staged book into `target` (replacing it whole) and return `target`.

    Parameters
    ----------
    content : the edition's numbers, tables, figures and names in one language.
    source : chapter sources of the language: index.qmd and chapters/.
    assets : the theme, templates and filters (`report/assets`).
    references : the bibliography.

    Raises BookError for missing sources, and BookLintError for conditions that name no known flag.
    """
    if content.lang not in LANGUAGES:
        raise BookError("unknown language of a book", expected=" or ".join(LANGUAGES), got=content.lang)
    names = _source_names(source)
    scratch = target.parent / f".{target.name}.staging"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        names = _write_chapters(content, source, scratch, names)
        _write_results(content, scratch)
        if content.slides and "pptx" in content.formats:
            (scratch / SLIDES).write_text(content.slides, encoding="utf-8")
        _write_assets(content, assets, references, scratch, fonts=font_files())
        _write_yaml(
            scratch / "_quarto.yml", _settings(content, names, has_style=(scratch / "references.csl").is_file())
        )
        _write_yaml(scratch / "_edition.yml", _edition(content, source))
        replace_folder(scratch, target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return target


def _source_names(source: Path) -> list[str]:
    """Return the chapter files in reading order: index, numbered chapters, lettered appendices."""
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


def _write_chapters(content: BookContent, source: Path, target: Path, names: list[str]) -> list[str]:
    problems: list[Problem] = []
    (target / "chapters").mkdir()
    texts: dict[str, str] = {}
    for name in names:
        text = (source / name).read_text(encoding="utf-8")
        lean = content.results_only and name != FIRST_PAGE
        resolved = resolve_conditions(text, content.flags, file=name, problems=problems, results_only=lean)
        if resolved.strip():
            texts[name] = unnumber_sections(resolved)
    if problems:
        raise BookLintError(problems, where=str(source))
    if content.results_only:
        texts = _without_pointers(texts, content.tables)
    cited = any(has_citation(text) for text in texts.values())
    if cited and not any(has_reference_list(text) for text in texts.values()):
        texts["chapters/references.qmd"] = (
            f"# {book_words(content.lang)['references']} {{.unnumbered}}\n\n::: {{#refs}}\n:::\n"
        )
    for name, text in texts.items():
        (target / name).write_text(text + _language_links(content, source, name), encoding="utf-8")
    return list(texts)


def _without_pointers(texts: Mapping[str, str], tables: Mapping[str, str]) -> dict[str, str]:
    """The chapters without sentences that point to what was left out."""
    included = {name for text in texts.values() for name in INCLUDE.findall(text)}
    shown = [*texts.values(), *(text for name, text in tables.items() if name in included)]
    known = {found["id"] for text in shown for found in IDENTIFIER.finditer(text)}
    return {name: drop_pointers(text, known) for name, text in texts.items()}


def _language_links(content: BookContent, source: Path, name: str) -> str:
    """The same page in the other languages, for Quarto's pages alone: those of the embedded renderer have a frame."""
    up, links = "../" * (name.count("/") + 1), []
    for lang, stems in _translations(content, source).items():
        stem = str(Path(name).with_suffix(""))
        page = f"{stem if stem in stems else 'index'}.html"
        links.append(f'[{book_words(lang)["name"]}]({up}{lang}/{page}){{lang="{lang}" hreflang="{lang}"}}')
    if not links:
        return ""
    return f'\n:::: {{.content-visible when-format="html"}}\n::: {{.languages}}\n{" ".join(links)}\n:::\n::::\n'


def _translations(content: BookContent, source: Path) -> dict[str, list[str]]:
    """Pages of the other languages, by language."""
    return {lang: _stems(source.parent / lang) for lang in sorted(content.languages) if lang != content.lang}


def _write_results(content: BookContent, target: Path) -> None:
    for folder in ("tables", "figures"):
        (target / folder).mkdir()
    for name, text in sorted(content.tables.items()):
        (target / "tables" / f"_{name}.md").write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    for name, path in sorted(content.figures.items()):
        shutil.copyfile(path, target / "figures" / f"{name}.svg")
    for name, path in sorted(content.attachments.items()):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target / name)
    _write_yaml(target / "_variables.yml", content.variables)


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
    project = {"type": "book", "output-dir": "_book", "resources": [*sorted(content.attachments), "fonts/*.ttf"]}
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
    }


def _stems(source: Path) -> list[str]:
    return [str(Path(name).with_suffix("")) for name in _source_names(source)] if source.is_dir() else []


class _Quoted(yaml.SafeDumper):
    """Quotes every text: 1e3 and 0o17 are numbers to Quarto, which reads YAML 1.2, and texts to this library."""


_Quoted.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


def _write_yaml(path: Path, content: Mapping[str, Any]) -> None:
    sort = path.name == "_variables.yml"
    text = yaml.dump(dict(content), Dumper=_Quoted, allow_unicode=True, sort_keys=sort, width=10_000)
    path.write_text(text, encoding="utf-8")
