"""Converts the chapters of a book with pandoc, and only those that would become other than they are.

Numbers, references and citations cross the chapters. So what others may point to in a chapter is noted with it, and a
chapter is converted again when its text changed, or anything that it points to, or the works that the book cites.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from analysis.project import tree_digest
from analysis.publish.book.embedded.pandoc import (
    chapter_markdown,
    pandoc_bytes,
    pandoc_version,
    reader,
    writer_settings,
)
from analysis.publish.book.embedded.project import Project

POINTED_TO = re.compile(r"[#@]([\w:.-]+)")
"""What the text of a chapter may point to, by its id."""
LIST = re.compile(r"\{[^}]*#refs\b")
Form = dict[str, Any]
"""What a chapter became (html, typst, technical), and what `places.lua` notes of it."""


@dataclass(frozen=True)
class Converted:
    """A book in the forms that the embedded templates take: HTML by chapter, and typst's text.

    technical: typst's text of the appendices, a volume of their own; empty where the book has none.
    """

    pages: Mapping[str, str]
    typst: str
    technical: str


def converted(project: Project) -> Converted:
    """Return the forms of the whole book, with numbers, references and citations in place.

    The forms of the chapters are kept beside the book, and taken from there while pandoc would make the same of them:
    figures drawn anew are no text. Raises BookError with pandoc's own words when it fails.
    """
    kept = project.root.with_name(f".{project.root.name}.pandoc")
    book, earlier = _Book(project), _kept(kept)
    forms = book.brought_up_to_date({stem: earlier[stem] for stem in book.texts if stem in earlier})
    if forms != earlier:
        partial = kept.with_suffix(".partial")
        partial.write_text(json.dumps(forms, ensure_ascii=False), encoding="utf-8")
        partial.replace(kept)
    ordered = [forms[stem] for stem in book.texts]
    # the list of works closes either volume
    volumes = sorted(ordered, key=lambda form: bool(form["lists"]))
    typst, technical = ("\n\n".join(form[name] for form in volumes if form[name]) for name in ("typst", "technical"))
    return Converted({form["file"]: form["html"] for form in ordered}, typst, technical)


def _kept(path: Path) -> dict[str, Form]:
    with contextlib.suppress(OSError, ValueError):
        return dict(json.loads(path.read_text(encoding="utf-8")))
    return {}


@dataclass(frozen=True)
class _Book:
    project: Project

    @cached_property
    def texts(self) -> dict[str, str]:
        """The chapters as pandoc reads them, by their names without ending, in their order."""
        return {
            chapter.stem: chapter_markdown(self.project, chapter, place)
            for place, chapter in enumerate(self.project.chapters, start=1)
        }

    @cached_property
    def has_list(self) -> bool:
        """Whether a chapter says where the list of works stands."""
        return any(LIST.search(text) for text in self.texts.values())

    @cached_property
    def common(self) -> str:
        """SHA-256 of what all forms depend on: pandoc and how it is called, its filters, the references, the words."""
        project, own = self.project, Path(__file__)
        files = [own, own.with_name("pandoc.py"), project.root / "_embedded", project.root / "references.bib"]
        files += [project.root / project.citation_style] if project.citation_style else []
        said = json.dumps([pandoc_version(), tree_digest(*files), writer_settings(project)], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()

    def brought_up_to_date(self, forms: dict[str, Form]) -> dict[str, Form]:
        """The forms of all chapters; those that are not what pandoc would make of the chapters are made again.

        Where a chapter has other ids, or cites other works, than it had, those that point to them follow.
        """
        while True:
            works = _works(self.texts, forms)
            stale = [
                stem
                for stem in self.texts
                if forms.get(stem, {}).get("made_from") != self._made_from(stem, forms, works)
            ]
            if not stale:
                return forms
            if works and not self.has_list:  # pandoc puts it into the last chapter of those that it is given
                stale = list(self.texts)
            given = works if len(stale) < len(self.texts) else []
            others = [_noted(forms[stem]) for stem in self.texts if stem not in stale]
            forms = forms | _forms(
                self.project, {stem: self.texts[stem] for stem in stale}, others, given, self.has_list
            )
            given = given or _works(self.texts, forms)
            for stem in stale:
                forms[stem]["made_from"] = self._made_from(stem, forms, given)

    def _made_from(self, stem: str, forms: Mapping[str, Form], works: Sequence[str]) -> str:
        """SHA-256 of all that the form of a chapter depends on, as far as the forms of the others are known."""
        text, form = self.texts[stem], forms.get(stem, {})
        wanted = frozenset(POINTED_TO.findall(text))
        places = [
            [other["file"], other["kind"], id, other["ids"][id]]
            for other in (forms[name] for name in self.texts if name in forms)
            for id in sorted(wanted & other["ids"].keys())
        ]
        cited = works if form.get("works") else []
        listed = [sorted(_cited(forms, volume)) for volume in (False, True)] if form.get("lists") else []
        said = json.dumps([self.common, text, self.has_list, places, cited, listed], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()


def _works(stems: Mapping[str, str], forms: Mapping[str, Form]) -> list[str]:
    """Keys of all works that the chapters cite, in the order in which the book does."""
    there = (forms[stem] for stem in stems if stem in forms)
    return list(dict.fromkeys(work for form in there if not form["lists"] for work in form["works"]))


def _cited(forms: Mapping[str, Form], in_appendix: bool) -> set[str]:
    """Keys of the works that the appendices cite, or the other chapters."""
    citing = (form for form in forms.values() if not form["lists"] and (form["kind"] == "appendix") == in_appendix)
    return {work for form in citing for work in form["works"]}


def _noted(form: Form) -> Form:
    return {key: form[key] for key in ("file", "kind", "lists", "ids", "works")}


def _forms(
    project: Project, texts: Mapping[str, str], others: Sequence[Form], works: Sequence[str], has_list: bool
) -> dict[str, Form]:
    """What pandoc makes of these chapters in one run, where `others` are not converted.

    works: those that the whole book cites, where only some of its chapters are given; has_list: whether one of its
    chapters holds the list of them.
    """
    text = "\n\n".join(texts.values())
    with tempfile.TemporaryDirectory() as scratch:
        told, forms = Path(scratch) / "settings.json", Path(scratch) / "forms.json"
        settings = {**writer_settings(project), "others": others, "works": works, "list": has_list}
        told.write_text(json.dumps(settings), encoding="utf-8")
        options = [
            f"--from={reader(text)}",
            "--to=html5",
            f"--metadata=settings:{told}",
            f"--metadata=forms:{forms}",
            f"--metadata=lang:{project.language.tag}",
            "--metadata=link-citations:true",
            f"--bibliography={project.root / 'references.bib'}",
            *([f"--csl={project.root / project.citation_style}"] if project.citation_style else []),
            f"--lua-filter={project.root / '_embedded' / 'book.lua'}",
        ]
        pandoc_bytes(project, options, text)
        made = json.loads(forms.read_text(encoding="utf-8"))
    return {form["file"]: {**form, "ids": dict(form["ids"] or {})} for form in made}
