"""Stages the self-contained Quarto project of one language: chapters, numbers, tables, figures, fonts, settings."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import yaml

from analysis.errors import BookError
from analysis.publish.book.embedded.wording import WORDING
from analysis.publish.book.lint import CITATION, DIV, REFERENCE, BookLintError, Problem, closest
from analysis.publish.book.render import replace_folder
from analysis.publish.figures.fonts import FontFiles, font_files

CHAPTER_NAME = re.compile(r"^\d{2}-[\w-]+\.qmd$")
APPENDIX_NAME = re.compile(r"^[a-z]-[\w-]+\.qmd$")
CONDITION = re.compile(r"(?P<kind>when|unless)-meta\s*=\s*\"(?P<flag>[^\"]*)\"")
HEADING = re.compile(r"^(?P<text>#{2,6}\s.*?)(?:\s*\{(?P<attributes>[^}]*)\})?\s*$")
CODE_FENCE = re.compile(r"^\s{0,3}(`{3,}|~{3,})")
REFERENCES_DIV = re.compile(r"\{[^}]*#refs\b")
UNNUMBERED = re.compile(r"^# .*\{[^}]*(?:\.unnumbered|(?<![\w-])-(?![\w-]))[^}]*\}\s*$", re.MULTILINE)
LABELS: Mapping[str, Mapping[str, Any]] = {
    "zh": {
        "region": "cn",
        "chapter": "章",
        "features": "",
        "language": {
            "crossref-fig-title": "图",
            "crossref-fig-prefix": "图",
            "crossref-tbl-title": "表",
            "crossref-tbl-prefix": "表",
            "crossref-eq-prefix": "式",
            "crossref-ch-prefix": "章节",
            "crossref-sec-prefix": "小节",
            "crossref-apx-prefix": "附录",
            "section-title-references": "参考文献",
            "download-pdf": "下载 PDF",
        },
        "date-format": "YYYY 年 M 月 D 日",
    },
    "en": {
        "region": "gb",
        "chapter": "Chapter",
        "features": ', features: ("pwid", "palt")',
        "language": {},
        "date-format": "D MMMM YYYY",
    },
}


@dataclass(frozen=True)
class BookContent:
    """Everything that one edition puts into the book of one language; paths are files that exist."""

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
    if content.lang not in LABELS:
        raise BookError("unknown language of a book", expected=" or ".join(LABELS), got=content.lang)
    names = _source_names(source)
    scratch = target.parent / f".{target.name}.staging"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        names = _write_chapters(content, source, scratch, names)
        _write_results(content, scratch)
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
    if not (source / "index.qmd").is_file():
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
    return ["index.qmd", *(f"chapters/{name}" for name in found)]


def _write_chapters(content: BookContent, source: Path, target: Path, names: list[str]) -> list[str]:
    problems: list[Problem] = []
    (target / "chapters").mkdir()
    texts: dict[str, str] = {}
    for name in names:
        text = (source / name).read_text(encoding="utf-8")
        resolved = _resolve_conditions(text, content.flags, file=name, problems=problems)
        texts[name] = _unnumber_sections(resolved) if UNNUMBERED.search(resolved) else resolved
    if problems:
        raise BookLintError(problems, where=str(source))
    cited = any(_has_citation(text) for text in texts.values())
    if cited and not any(REFERENCES_DIV.search(text) for text in texts.values()):
        texts["chapters/references.qmd"] = (
            f"# {WORDING[content.lang]['references']} {{.unnumbered}}\n\n::: {{#refs}}\n:::\n"
        )
    for name, text in texts.items():
        (target / name).write_text(text, encoding="utf-8")
    return list(texts)


def _has_citation(text: str) -> bool:
    return any(not REFERENCE.match(match[0]) for match in CITATION.finditer(text))


def _resolve_conditions(text: str, flags: Mapping[str, bool], *, file: str, problems: list[Problem]) -> str:
    """Drop conditional divs that don't hold and the fences of those that do; blank lines keep the line numbers."""
    kept: list[str] = []
    stack: list[bool | None] = []  # None: an ordinary div; otherwise: whether the condition holds
    code = ""
    for number, line in enumerate(text.splitlines(), start=1):
        fence = CODE_FENCE.match(line)
        if fence:
            code = "" if code and line.strip().startswith(code) else code or fence[1]
        div = None if code or fence else DIV.match(line)
        visible = all(state is not False for state in stack)
        condition = CONDITION.search(line) if div else None
        is_fence_of_condition = condition is not None
        if div and div["attributes"]:
            if condition and condition["flag"] not in flags:
                message = f"unknown flag {condition['flag']!r} in a condition{closest(condition['flag'], flags)}"
                problems.append(Problem(file, number, message))
            stack.append(_holds(condition, flags) if condition else None)
        elif div and stack:
            is_fence_of_condition = stack.pop() is not None
        kept.append(line if visible and not is_fence_of_condition else "")
    return "\n".join(kept).rstrip("\n") + "\n"


def _holds(condition: re.Match[str], flags: Mapping[str, bool]) -> bool:
    holds = flags.get(condition["flag"], True)
    return holds if condition["kind"] == "when" else not holds


def _unnumber_sections(text: str) -> str:
    """Mark the sections of an unnumbered chapter as unnumbered too: Quarto would number them 0.1, 0.2, …"""

    def lines() -> Iterator[str]:
        code = ""
        for line in text.splitlines():
            fence = CODE_FENCE.match(line)
            if fence:
                code = "" if code and line.strip().startswith(code) else code or fence[1]
            heading = None if code or fence else HEADING.match(line)
            attributes = (heading["attributes"] or "") if heading else ""
            if heading is None or ".unnumbered" in attributes:
                yield line
            else:
                yield f"{heading['text']} {{{f'{attributes} .unnumbered'.strip()}}}"

    return "\n".join(lines()) + "\n"


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
    labels = LABELS[content.lang]
    values = {
        "lang": content.lang,
        "region": labels["region"],
        "features": labels["features"],
        "foreground": _foreground(content.notice),
    }
    for path in sorted((assets / "quarto").iterdir()):
        text = path.read_text(encoding="utf-8")
        if path.name == "typst-header.typ":
            text = Template(text).substitute(values)
        # a pandoc template of its own: only the one word is ours to fill in
        text = text.replace("@chapter@", labels["chapter"])
        (target / path.name).write_text(text, encoding="utf-8")


def _citation_style(assets: Path, lang: str) -> Path:
    """Return the style of the language's citations; without one pandoc's own (Chicago, author and date) holds."""
    return assets / "csl" / f"{lang}.csl"


def _foreground(notice: str | None) -> str:
    if notice is None:
        return "none"
    text = notice.replace("\\", "\\\\").replace('"', '\\"')
    return f'align(bottom + center, pad(bottom: 8mm, text(size: 8pt, fill: rgb("#5b6775"), "{text}")))'


def _settings(content: BookContent, names: list[str], *, has_style: bool) -> dict[str, Any]:
    labels = LABELS[content.lang]
    book: dict[str, Any] = {
        "title": content.title,
        "subtitle": content.subtitle,
        "author": content.author,
        "date": content.date,
        "date-format": labels["date-format"],
        "output-file": content.file_name,
        "downloads": ["pdf"],
        "reader-mode": True,
        "chapters": [name for name in names if not APPENDIX_NAME.match(Path(name).name)],
        "appendices": [name for name in names if APPENDIX_NAME.match(Path(name).name)],
    }
    if not book["appendices"]:
        del book["appendices"]
    if content.notice:
        book["page-footer"] = {"center": content.notice}
    project: dict[str, Any] = {"type": "book", "output-dir": "_book"}
    if content.attachments:
        project["resources"] = sorted(content.attachments)
    return {
        "project": project,
        "lang": content.lang,
        **({"language": labels["language"]} if labels["language"] else {}),
        "book": book,
        "bibliography": "references.bib",
        **({"csl": "references.csl"} if has_style else {}),
        "link-citations": True,
        "execute": {"enabled": False},
        "number-depth": 2,
        "from": "markdown+east_asian_line_breaks",
        "format": _formats(),
    }


def _formats() -> dict[str, Any]:
    return {
        "html": {
            "theme": ["cosmo", "theme.scss"],
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


def _edition(content: BookContent, source: Path) -> dict[str, Any]:
    """Return what only the embedded renderer reads: the notice and the pages of the other languages."""
    others = [lang for lang in content.languages if lang != content.lang]
    return {
        "notice": content.notice,
        "translations": {lang: _stems(source.parent / lang) for lang in sorted(others)},
    }


def _stems(source: Path) -> list[str]:
    return [str(Path(name).with_suffix("")) for name in _source_names(source)] if source.is_dir() else []


def _write_yaml(path: Path, content: Mapping[str, Any]) -> None:
    text = yaml.safe_dump(dict(content), allow_unicode=True, sort_keys=path.name == "_variables.yml", width=10_000)
    path.write_text(text, encoding="utf-8")
