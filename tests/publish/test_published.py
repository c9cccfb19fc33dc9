"""The folder that goes out is read once more: ids, paths and personal data in pages, tables and workbooks are found."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pandas as pd
import pytest

from analysis.errors import BookError
from analysis.publish.disclosure import published
from analysis.publish.disclosure.published import check_exposed, contents, exposed
from analysis.text.masking import Personal

IDS = ["R000123", "R000124", "7"]
ROOT = "/srv/survey"

PAGES = {
    "id in a table": ("t.csv", "category,n\nR000123,40\n", "the id R000123"),
    "id in a page": ("a.html", "<td data-row='R000124'>40</td>", "the id R000124"),
    "path in a notebook": ("n.html", f"<pre>{ROOT}/data/raw.csv</pre>", f"the folder {ROOT}"),
    "path of another machine": ("n.html", "<pre>/Users/someone/raw.csv</pre>", "path"),
    "phone in a page": ("a.html", "<p>请致电 <b>13912345678</b></p>", "phone"),
    "identity card in a page": ("a.html", "<p>11010519491231002X</p>", "identity"),
    "card in a drawing": ("a.svg", "<text>6222 0212 3456 7890 123</text>", "card"),
    "plate in a table": ("t.csv", "沪A·D12345\n", "plate"),
}


@pytest.mark.parametrize("case", PAGES)
def test_what_must_not_go_out_is_found(case: str, tmp_path: Path) -> None:
    name, text, found = PAGES[case]
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / name).write_text(text, encoding="utf-8")
    lines = exposed(tmp_path, ids=IDS, roots=[ROOT])
    assert any(line.startswith(f"pages/{name}: {found}") for line in lines)
    with pytest.raises(BookError, match="holds personal data"):
        check_exposed(tmp_path, ids=IDS, roots=[ROOT])


def test_a_workbook_is_read_too(tmp_path: Path) -> None:
    pd.DataFrame({"category": ["R000123"]}).to_excel(tmp_path / "tables.xlsx", index=False)
    assert exposed(tmp_path, ids=IDS) == ["tables.xlsx: the id R000123"]


DOCUMENT = '<w:document><w:p><w:r><w:t>{}</w:t></w:r><w:r><w:t>{}</w:t></w:r></w:p><a descr="{}"/></w:document>'


@pytest.mark.parametrize(
    ("first", "second", "alt", "found"),
    [
        ("R000", "123", "", "the id R000123"),
        ("Bars", "", "of R000124 alone", "the id R000124"),
        ("139", "12345678", "", "phone '13912345678'"),
        ("Made in ", "", ROOT, f"the folder {ROOT}"),
    ],
)
@pytest.mark.parametrize("name", ["report.docx", "report.pptx"])
def test_documents_and_slides_are_read_as_their_readers_do(
    name: str, first: str, second: str, alt: str, found: str, tmp_path: Path
) -> None:
    """A word may be cut into runs, and a picture's words stand in an attribute."""
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr("word/document.xml", DOCUMENT.format(first, second, alt))
    assert f"{name}: {found}" in exposed(tmp_path, ids=IDS, roots=[ROOT])
    (tmp_path / name).unlink()
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr("word/document.xml", DOCUMENT.format("Bars", " alone", "of n = 5,020"))
        archive.writestr("word/media/1.png", b"\x89PNG R000124")
    assert exposed(tmp_path, ids=IDS, roots=[ROOT]) == []


def test_a_file_that_passed_is_not_read_again_until_it_changes(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text("<p>R000123</p>", encoding="utf-8")
    passed: dict[str, list[str]] = {digest: [] for digest in contents(tmp_path).values()}
    assert check_exposed(tmp_path, ids=IDS, passed=passed) == passed
    page.write_text("<p>R000124</p>", encoding="utf-8")
    with pytest.raises(BookError, match="R000124"):
        check_exposed(tmp_path, ids=IDS, passed=passed)


def test_of_a_file_that_changed_the_lines_that_are_new_are_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[str] = []

    def seen(text: str, **_: object) -> list[Personal]:
        searched.append(text)
        return []

    monkeypatch.setattr(published, "personal", seen)
    page, other = tmp_path / "a.html", tmp_path / "b.html"
    page.write_text("<p>one</p>\ntwo\nthree", encoding="utf-8")
    other.write_text("three\nfour", encoding="utf-8")
    passed = check_exposed(tmp_path)
    page.write_text("<p>one</p>\ntwo\nfive", encoding="utf-8")
    again = check_exposed(tmp_path, passed=passed)
    assert [text.split() for text in searched] == [["one", "two", "three"], ["four"], ["five"]]
    other.write_text("five\nthree\nsix", encoding="utf-8")
    check_exposed(tmp_path, passed=again)
    assert searched[-1].split() == ["three", "six"], "no file was known any more in which three was first met"


def test_new_lines_beside_known_ones_are_found(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text("fine\nas well", encoding="utf-8")
    passed = check_exposed(tmp_path, ids=IDS, roots=[ROOT])
    for told, found in (("call 13912345678", "phone"), ("<i>R000123</i>", "R000123"), (f"<b title='{ROOT}/x'>", ROOT)):
        page.write_text(f"fine\n{told}\nas well", encoding="utf-8")
        with pytest.raises(BookError, match=found):
            check_exposed(tmp_path, ids=IDS, roots=[ROOT], passed=passed)


@pytest.mark.parametrize("several", [False, True], ids=["one beginning", "many beginnings"])
def test_an_id_is_a_whole_word(several: bool, tmp_path: Path) -> None:
    """Ids are looked for by what they begin with; where they begin in many ways, word by word: both find the same."""
    many = [f"{chr(97 + place)}x{place:04}" for place in range(26)] if several else []
    ids = [*IDS, "X-R000124", *many]
    page = tmp_path / "a.html"
    for told, found in (
        ("AR000123 R0001234 R000123-1 C1-R000123", []),
        ("(R000124)", ["R000124"]),
        ("C1 X-R000124,R000123", ["R000123", "X-R000124"]),
    ):
        page.write_text(told, encoding="utf-8")
        assert exposed(tmp_path, ids=ids) == [f"a.html: the id {one}" for one in found]


@pytest.mark.parametrize(("one", "found"), [("20251031", False), ("043212", False), ("100200300", True)])
def test_an_id_of_digits_alone_is_told_from_dates_and_coordinates(one: str, found: bool, tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text(f"<path d='M 312.{one} 4'/>", encoding="utf-8")
    assert bool(exposed(tmp_path, ids=[one])) is found


def test_numbers_of_a_report_are_nobodys(tmp_path: Path) -> None:
    script = "<script>var a=13912345678</script>"
    text = f"<p>82.4 (82.1–82.8), n = 5,456, 24,000,000, 0.13912345678, 2025-09-01, 7</p>{script}"
    (tmp_path / "a.html").write_text(text, encoding="utf-8")
    assert exposed(tmp_path, ids=IDS, roots=[ROOT]) == []
    check_exposed(tmp_path, ids=IDS)
