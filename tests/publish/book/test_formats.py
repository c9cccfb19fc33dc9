"""FORMATS: what is asked for is made and linked, what is there and would be the same is not made again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from book_sample import sample_content, stage_sample
from office import parts_of

from analysis.errors import BookError
from analysis.publish.book.embedded.kept import KeptFiles
from analysis.publish.book.embedded.package import EPOCH, read_parts, write_parts
from analysis.publish.book.embedded.pandoc import joined_markdown
from analysis.publish.book.embedded.pictures import RESOLUTION, draw_pictures
from analysis.publish.book.embedded.project import read_project
from analysis.publish.book.formats import formats_of
from analysis.publish.book.render import render_book

SLIDES = "## A title\n\n- A point\n\n::: {.notes}\n\nA note\n\n:::\n"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("html pdf", ("html", "pdf")),
        ("docx", ("html", "docx")),
        ("pptx, PDF", ("html", "pdf", "pptx")),
        ("", ("html",)),
    ],
)
def test_pages_are_always_made_and_beside_them_what_is_asked_for(asked: str, found: tuple[str, ...]) -> None:
    assert formats_of(asked) == found


def test_an_unknown_format_is_an_error_that_names_the_others() -> None:
    with pytest.raises(BookError, match=r"(?s)doc.*did you mean 'docx'"):
        formats_of("html doc")


def report_of(folder: Path, *formats: str) -> Path:
    book = stage_sample(folder, "en", formats=("html", *formats), slides=SLIDES)
    render_book(book, folder / "report", renderer="embedded")
    return folder / "report"


def test_a_report_holds_what_was_asked_for_and_its_front_links_to_it(tmp_path: Path) -> None:
    name = sample_content(tmp_path, "en").file_name
    report = report_of(tmp_path, "docx", "pptx")
    front = (report / "index.html").read_text(encoding="utf-8")
    page = (report / "chapters" / "01-overview.html").read_text(encoding="utf-8")
    for ending in ("docx", "pptx"):
        assert (report / f"{name}.{ending}").is_file()
        assert f'href="{name}.{ending}"' in front
        assert f'href="../{name}.{ending}"' in page
    assert not (report / f"{name}.pdf").exists()
    assert f"{name}.pdf" not in front


def test_a_format_more_makes_that_one_file_and_a_format_less_takes_it_away(tmp_path: Path) -> None:
    name = sample_content(tmp_path, "en").file_name
    before = report_of(tmp_path, "pdf", "docx")
    made = {ending: (before / f"{name}.{ending}").read_bytes() for ending in ("pdf", "docx")}
    noted = tmp_path / "book" / ".en.files"
    known = json.loads(noted.read_text(encoding="utf-8"))
    report = report_of(tmp_path, "pdf", "docx", "pptx")
    assert {ending: (report / f"{name}.{ending}").read_bytes() for ending in made} == made
    assert known.items() <= json.loads(noted.read_text(encoding="utf-8")).items()
    report = report_of(tmp_path, "docx")
    assert sorted(path.suffix for path in report.glob(f"{name}.*")) == [".docx"]


def test_a_file_is_made_again_only_where_the_book_or_the_file_changed(tmp_path: Path) -> None:
    book = stage_sample(tmp_path, "en")
    earlier, target, calls = tmp_path / "earlier", tmp_path / "target", []
    earlier.mkdir()
    target.mkdir()

    def take(project_folder: Path) -> None:
        project = read_project(project_folder)
        files = KeptFiles(project, earlier, "tools 1")
        path = target / f"{project.file_name}.pdf"
        files.take("pdf", target, joined_markdown(project), lambda: calls.append(path.write_bytes(b"made")))
        files.note()
        path.replace(earlier / path.name)

    take(book)
    take(book)
    assert len(calls) == 1
    next(earlier.iterdir()).write_bytes(b"touched")
    take(book)
    assert len(calls) == 2
    take(stage_sample(tmp_path, "en", variables={"csi": {"overall": "84.7"}}))
    assert len(calls) == 3
    other = stage_sample(tmp_path, "en", variables={"csi": {"overall": "84.7"}}, formats=("html", "pdf", "docx"))
    take(other)
    assert len(calls) == 3
    (other / "figures" / "other.svg").write_text("<svg/>", encoding="utf-8")
    take(other)
    assert len(calls) == 3  # the book does not show it
    figure = other / "figures" / "dimensions.svg"
    figure.write_text(figure.read_text(encoding="utf-8") + " ", encoding="utf-8")
    take(other)
    assert len(calls) == 4


def test_parts_are_written_in_one_order_and_without_a_time(tmp_path: Path) -> None:
    import zipfile

    one = write_parts({"b.xml": b"<b/>", "[Content_Types].xml": b"<t/>", "a.png": b"x"}, tmp_path / "one.docx")
    other = write_parts({"a.png": b"x", "[Content_Types].xml": b"<t/>", "b.xml": b"<b/>"}, tmp_path / "other.docx")
    assert one.read_bytes() == other.read_bytes()
    with zipfile.ZipFile(one) as archive:
        assert archive.namelist() == ["[Content_Types].xml", "a.png", "b.xml"]
        assert {info.date_time for info in archive.infolist()} == {EPOCH}
    assert read_parts(one.read_bytes()) == parts_of(one)


def test_a_picture_has_the_size_of_its_figure(tmp_path: Path) -> None:
    project = read_project(stage_sample(tmp_path, "en"))
    picture = draw_pictures(project, tmp_path / "pictures")["dimensions"]
    assert picture.path.read_bytes().startswith(b"\x89PNG")
    assert picture.width == pytest.approx(320 / 96, abs=1 / RESOLUTION)  # pixels of the page are 96 to the inch
    assert picture.height == pytest.approx(160 / 96, abs=1 / RESOLUTION)


def test_a_figure_that_is_none_is_an_error_with_its_name(tmp_path: Path) -> None:
    project = read_project(stage_sample(tmp_path, "en"))
    (project.root / "figures" / "dimensions.svg").write_text("no picture", encoding="utf-8")
    with pytest.raises(BookError, match="could not be drawn"):
        draw_pictures(project, tmp_path / "pictures")
