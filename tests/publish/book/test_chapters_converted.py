"""Chapters are converted again when anything that pandoc reads for them is another, and only then."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from book_sample import stage_sample

from analysis.publish.book.embedded import chapters as module
from analysis.publish.book.embedded.chapters import Converted, converted
from analysis.publish.book.embedded.project import read_project

ALL = ["index", "chapters/01-overview", "chapters/02-measures", "chapters/references", "chapters/a-questionnaire"]


def _replace(*changes: tuple[str, str, str]) -> Callable[[Path], None]:
    def change(book: Path) -> None:
        for name, old, new in changes:
            text = (book / name).read_text(encoding="utf-8")
            assert old in text
            (book / name).write_text(text.replace(old, new), encoding="utf-8")

    return change


def _kept_file(book: Path) -> None:
    (book.parent / f".{book.name}.pandoc").write_text('{"index": {"made_from": "', encoding="utf-8")


def _filter(book: Path) -> None:
    path = book / "_embedded" / "book.lua"
    path.write_text(path.read_text(encoding="utf-8") + "\n-- more\n", encoding="utf-8")


OVERVIEW, MEASURES, FRONT = "chapters/01-overview.qmd", "chapters/02-measures.qmd", "index.qmd"
CHANGES: dict[str, tuple[Callable[[Path], None], list[list[str]]]] = {
    "title": (_replace(("_quarto.yml", "Customer", "Client"), ("_edition.yml", "Customer", "Client")), []),
    "word": (_replace((OVERVIEW, "blue whale", "grey whale")), [[ALL[1]]]),
    "figure more": (
        _replace((MEASURES, "## A wide", "![One](../figures/dimensions.svg){#fig-more}\n\n## A wide")),
        [[ALL[2]]],
    ),
    "figure before": (
        _replace((OVERVIEW, "## Purpose", "![One](../figures/dimensions.svg){#fig-more}\n\n## Purpose")),
        [[ALL[1]], [ALL[0]]],
    ),
    "section gone elsewhere": (
        _replace((OVERVIEW, "{#sec-purpose}", "{#sec-aim}"), (MEASURES, "@sec-purpose", "@sec-aim")),
        [[ALL[1], ALL[2]]],
    ),
    "chapter turns unnumbered": (
        _replace((OVERVIEW, "{#sec-overview}", "{#sec-overview .unnumbered}")),
        [[ALL[1], ALL[2]], [ALL[0]]],
    ),
    "work more": (
        _replace((OVERVIEW, "blue whale", "blue whale [@other1996]")),
        [[ALL[1]], [ALL[0], ALL[1], ALL[3]]],
    ),
    "work in the appendix": (
        _replace(("chapters/a-questionnaire.qmd", "Notebook:", "After @fornell1996. Notebook:")),
        [[ALL[4]], [ALL[3]]],
    ),
    "work gone": (_replace((FRONT, ", after @fornell1996", "")), [[ALL[0]], [ALL[3]]]),
    "reference": (_replace(("references.bib", "1996}", "1997}")), [ALL]),
    "filter": (_filter, [ALL]),
    "kept file": (_kept_file, [ALL]),
}


def _sample(folder: Path) -> Path:
    """A book whose chapters are cited by two works of one author and year, which only the whole book tells apart."""
    book = stage_sample(folder, "en")
    path = book / "references.bib"
    entry = path.read_text(encoding="utf-8")
    path.write_text(
        entry + entry.replace("fornell1996", "other1996").replace("The Index", "Another Index"), encoding="utf-8"
    )
    return book


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, converted for the first time: as a whole."""
    book = _sample(tmp_path_factory.mktemp("made"))
    with pytest.MonkeyPatch.context() as patched:
        _, asked = _counted(book, patched)
    assert asked == [ALL]
    return book


@pytest.fixture
def book(made: Path, tmp_path: Path) -> Path:
    """A copy of it, with what is kept of the conversion."""
    return shutil.copytree(made.parent, tmp_path / "book") / made.name


def _counted(book: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Converted, list[list[str]]]:
    asked, run = list[list[str]](), module._forms

    def counted(project: object, texts: dict[str, str], *rest: object) -> object:
        asked.append(list(texts))
        return run(project, texts, *rest)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(module, "_forms", counted)
        return converted(read_project(book)), asked


@pytest.mark.parametrize("name", CHANGES)
def test_chapters_are_converted_again_where_they_would_become_other_than_they_are(
    book: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """And become what they would in a book that is converted as a whole."""
    change, runs = CHANGES[name]
    change(book)
    found, asked = _counted(book, monkeypatch)
    assert asked == runs
    assert _counted(book, monkeypatch) == (found, [])
    (book.parent / f".{book.name}.pandoc").unlink()
    assert _counted(book, monkeypatch) == (found, [ALL])


def test_the_list_of_works_goes_into_the_last_chapter_where_none_has_a_place_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = _sample(tmp_path)
    _replace(("chapters/references.qmd", "::: {#refs}\n:::", "Nothing."))(book)
    first, _ = _counted(book, monkeypatch)
    assert "The Index" in first.pages[ALL[4]]
    _replace((OVERVIEW, "blue whale", "grey whale"))(book)
    found, asked = _counted(book, monkeypatch)
    assert asked == [ALL]
    assert found.pages[ALL[4]] == first.pages[ALL[4]]
    assert "grey whale" in found.pages[ALL[1]]
