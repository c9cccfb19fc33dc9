"""The slides as a file: layouts of our own, pictures with words, notes, the same bytes, any text."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from book_sample import sample_content, stage_sample
from hostile_texts import HOSTILE
from office import A, P, faults, parts_of, seen, text_of, tree

from analysis.publish.book.embedded.pictures import draw_pictures
from analysis.publish.book.embedded.pptx import write_pptx
from analysis.publish.book.embedded.project import SLIDES, read_project
from analysis.publish.book.slides import Told, headline, sentences, slides
from analysis.publish.words.escape import plain

FINDINGS = {
    "dimensions": "Security (85.6; 85.2–86.1) scores highest. Innovation (78.0; 77.4–78.6) is last.",
    "advice_1_head": "Raise security.",
    "action_1": "It stands at 85.6.",
}
TOLD = Told("en", FINDINGS, [("Level", "It is 84.6 (84.0–85.2).")], {"dimensions": ()}, {})


def pptx_of(folder: Path, told: Told) -> Path:
    project = read_project(stage_sample(folder, told.lang, formats=("html", "pptx"), slides=slides(told)))
    assert "pptx" in project.downloads
    return write_pptx(project, draw_pictures(project, folder / "pictures"), folder)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pptx_of(tmp_path_factory.mktemp("pptx"), TOLD)


@pytest.fixture(scope="module")
def parts(file: Path) -> dict[str, bytes]:
    return parts_of(file)


def slides_of(parts: dict[str, bytes]) -> list[Any]:
    names = [name for name in parts if re.fullmatch(r"ppt/slides/slide\d+\.xml", name)]
    return [tree(parts, name) for name in sorted(names, key=lambda name: int(re.findall(r"\d+", name)[0]))]


def placeholder(slide: Any, *kinds: str) -> str:
    shapes = [one for one in slide.iter(f"{P}sp") if one.find(f".//{P}ph").get("type") in kinds]
    return " ".join(text_of(one, A) for one in shapes)


def test_no_part_and_no_relationship_is_broken(parts: dict[str, bytes]) -> None:
    assert faults(parts) == []


def test_the_slides_are_those_of_the_edition_behind_a_title(parts: dict[str, bytes]) -> None:
    content = sample_content(Path(), "en")
    titles = [placeholder(slide, "title", "ctrTitle") for slide in slides_of(parts)]
    assert titles == [content.title, "Key findings", "Security scores highest", "Three things to do first"]
    assert content.notice in placeholder(slides_of(parts)[0], "ftr")
    assert all(placeholder(slide, "sldNum") for slide in slides_of(parts)[1:])


def test_a_figure_is_a_picture_that_is_told_in_words_beside_its_text(parts: dict[str, bytes]) -> None:
    slide = slides_of(parts)[2]
    (picture,) = slide.iter(f"{P}pic")
    assert picture.find(f".//{P}cNvPr").get("descr") == "Security scores highest"
    assert "Innovation (78.0; 77.4–78.6) is last." in text_of(slide, A)
    ids = [one.get("id") for one in slide.iter(f"{P}cNvPr")]
    assert len(ids) == len(set(ids))


def test_the_notes_hold_the_finding_in_full(parts: dict[str, bytes]) -> None:
    notes = [text_of(tree(parts, name), A) for name in sorted(parts) if name.startswith("ppt/notesSlides/notes")]
    assert any(FINDINGS["dimensions"] in one for one in notes)
    assert len(notes) == 3


def test_fonts_and_language_are_those_of_the_book(parts: dict[str, bytes]) -> None:
    theme = parts["ppt/theme/theme1.xml"].decode()
    assert '<a:ea typeface="Microsoft YaHei"/>' in theme
    assert {run.get("lang") for slide in slides_of(parts) for run in slide.iter(f"{A}rPr")} == {"en-GB"}


def test_nothing_is_said_of_the_machine_and_two_files_are_the_same_bytes(file: Path, tmp_path: Path) -> None:
    again = pptx_of(tmp_path, TOLD)
    assert again.read_bytes() == file.read_bytes()
    parts = parts_of(file)
    assert not [name for name, content in parts.items() if b"/tmp" in content or b"/work" in content]
    assert b"2025-12-31T00:00:00Z" in parts["docProps/core.xml"]


def test_hostile_texts_read_back_as_themselves(tmp_path: Path) -> None:
    """As titles with a picture, as lines and in notes; one deck for each, since a deck tells a finding once.

    All decks are those of one staged book, in which only the slides are others.
    """
    book = stage_sample(tmp_path, "en", formats=("html", "pptx"), slides=slides(TOLD))
    assert (book / SLIDES).read_text(encoding="utf-8") == slides(TOLD)
    pictures = draw_pictures(read_project(book), tmp_path / "pictures")
    for hostile in HOSTILE:
        text = plain(hostile).strip(" ")
        found = {"dimensions": f"x{text}x scores highest. It is {text} that is last."}
        (book / SLIDES).write_text(slides(Told("en", found, [], {"dimensions": ()}, {})), encoding="utf-8")
        parts = parts_of(write_pptx(read_project(book), pictures, tmp_path))
        assert faults(parts) == []
        slide = slides_of(parts)[1]
        first = sentences(found["dimensions"], "en")[0]
        title = placeholder(slide, "title")
        assert title in {seen(headline(first, "en")), "Strengths and weaknesses"}
        assert seen(next(slide.iter(f"{P}pic")).find(f".//{P}cNvPr").get("descr")) == seen(headline(first, "en"))
        notes = text_of(tree(parts, "ppt/notesSlides/notesSlide1.xml"), A)
        assert seen(found["dimensions"]) in notes


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_shows_every_slide(file: Path, tmp_path: Path) -> None:
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", tmp_path, file], check=True, capture_output=True, timeout=300)
    from pypdf import PdfReader

    pages = PdfReader(tmp_path / f"{file.stem}.pdf").pages
    assert len(pages) == 4
    assert "Security scores highest" in seen(pages[2].extract_text())
