"""Text from data and params is text everywhere: whatever it holds, it is published and reads back as itself.

More examples: pytest --hypothesis-profile=thorough (registered in tests/publish/conftest.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lxml.html
import pytest
import typst
from book_sample import sample_content, stage_sample, write_sources
from hostile_texts import HOSTILE, TEXTS, THOROUGH
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from analysis.publish.book.embedded.chapters import Converted, converted
from analysis.publish.book.embedded.pdf import typst_source
from analysis.publish.book.embedded.project import read_project
from analysis.publish.book.lint import BookLintError, lint_book, lint_html, literal_words
from analysis.publish.book.policy import POLICY, policy_tag
from analysis.publish.book.render import render_book
from analysis.publish.words.escape import as_markdown, plain, with_references


def seen(text: str) -> str:
    """What a reader sees of `text`: runs of white space are one space."""
    return " ".join(plain(text).split())


def book_of(folder: Path, texts: list[str]) -> Path:
    """The sample book with every text as a variable, in all kinds of places, and as cells of a table."""
    write_sources(folder, "en")
    prose = [
        f"## {{{{< var t.v{i} >}}}} within\n\n{{{{< var t.v{i} >}}}}\n\nBegin **{{{{< var t.v{i} >}}}}** end.\n\n"
        f"- {{{{< var t.v{i} >}}}}\n- last\n\n"
        f'![x{{{{< var t.v{i} >}}}}x](../figures/dimensions.svg){{#fig-t{i} fig-alt="x{{{{< var t.v{i} >}}}}x"}}\n'
        for i in range(len(texts))
    ]
    chapter = "# Texts {#sec-texts}\n\n{{< include ../tables/_texts.md >}}\n\n" + "\n".join(prose)
    (folder / "en" / "chapters" / "03-texts.qmd").write_text(chapter, encoding="utf-8")
    written = [as_markdown(plain(text)) for text in texts]
    lines = [f"| {written[0]} | n |", "|:--|:--|", *(f"| {one} | x{one} |" for one in written)]
    lines += ["", f": {written[0]} {{#tbl-texts}}", "", "::: {.table-note}", f"Note: {written[0]}", ":::"]
    content = sample_content(folder, "en")
    return stage_sample(
        folder,
        "en",
        title=plain(texts[0]).strip() or "t",  # params refuse a blank one
        subtitle=plain(texts[1 % len(texts)]),
        author=plain(texts[2 % len(texts)]) or "a",
        variables={"csi": {"overall": "84.6"}, "t": {f"v{i}": one for i, one in enumerate(written)}},
        tables={**content.tables, "texts": "\n".join(lines)},
    )


def text_of(element: Any) -> str:
    return " ".join(element.text_content().split())


def check_html(chapter: str, texts: list[str]) -> None:
    """Every text stands where it was put, and nothing of it became an element."""
    tree = lxml.html.fragment_fromstring(chapter, create_parent="div")
    assert {element.tag for element in tree.iter()} <= ELEMENTS
    assert not tree.xpath("//*[@onerror or @onmouseover]")
    assert {img.get("src") for img in tree.iter("img")} == {"../figures/dimensions.svg"}
    assert not [a.get("href") for a in tree.iter("a")]
    assert text_of(tree.xpath(".//thead//th")[0]) == seen(texts[0])
    assert text_of(tree.xpath(".//div[@class='table-note']")[0]) == seen(f"Note: {texts[0]}")
    assert text_of(tree.xpath(".//figcaption")[0]) == seen(f"Table 3.1 {texts[0]}")
    for i, (text, row, section) in enumerate(
        zip(texts, tree.xpath(".//tbody/tr"), tree.xpath("./section/section"), strict=True), start=1
    ):
        assert [text_of(cell) for cell in row] == [seen(text), seen(f"x{plain(text).strip(' ')}")]
        assert text_of(section.find("h2")) == seen(f"3.{i} {text} within")
        assert f"Begin {seen(text)} end." in [" ".join(text_of(p).split()) for p in section.iter("p")] or not seen(text)
        assert not seen(text) or text_of(section.find("p")) == seen(text)
        assert text_of(section.xpath(".//li")[0]) == seen(text)
        assert text_of(section.xpath(".//figcaption")[0]) == seen(f"Figure 3.{i} x{plain(text).strip(' ')}x")
        assert " ".join(next(section.iter("img")).get("alt").split()) == seen(f"x{plain(text).strip(' ')}x")


ELEMENTS = set(
    "div section h1 h2 p strong ul li figure img figcaption span table colgroup col thead tbody tr th td".split()
)


def flat(content: Any) -> Iterator[str]:
    """The text of an element of typst's, in order."""
    if isinstance(content, list):
        for one in content:
            yield from flat(one)
    elif isinstance(content, dict):
        func = content.get("func")
        if func in {"space", "linebreak", "parbreak"}:
            yield " "
        elif func == "smartquote":
            yield '"' if content.get("double", True) else "'"
        elif func == "symbol" or "text" in content:
            yield content["text"]
        for key in ("body", "child", "children"):
            yield from flat(content.get(key))


def shown(text: str) -> str:
    """`text` without what is not printed: pandoc drops a space behind it at the beginning of a block."""
    return " ".join("".join(char for char in text if char.isprintable() or char.isspace()).split())


def check_typst(book: Path, both: Converted, texts: list[str]) -> None:
    """typst finds the same texts in the cells and headings as it was given."""
    project = read_project(book)
    source = typst_source(project, both.typst).encode()
    options: dict[str, Any] = {"root": str(project.root), "font_paths": [str(project.root / "fonts")]}
    options["ignore_system_fonts"] = True

    def found(selector: str) -> list[Any]:
        return list(json.loads(typst.query(source, selector, **options)))

    header, *rows = found("table")[-1]["children"]
    every = [cell for one in rows for cell in one.get("children", [one])]  # the last rows are the foot, with the note
    cells = [cell for cell in every if cell.get("colspan", 1) == 1]
    printed = [shown("".join(flat(cell))) for cell in cells]
    assert printed == [shown(put) for text in texts for put in (seen(text), seen(f"x{plain(text).strip(' ')}"))]
    assert shown("".join(flat(header["children"][0]))) == shown(seen(texts[0]))
    headings = [shown("".join(flat(one["body"]))) for one in found("heading")]
    own = [one for one in headings if one.startswith("3.")]
    assert own == [shown(seen(f"3.{i} {text} within")) for i, text in enumerate(texts, start=1)]


@settings(max_examples=max(1, int(4 * THOROUGH)), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(TEXTS, min_size=20, max_size=20))
@example(list(HOSTILE))
@example(["\U0001bca0", "\u200b", "\u2060 a", *"abcdefghijklmnopq"])
def test_any_text_publishes_and_reads_back(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    book = book_of(tmp_path_factory.mktemp("texts"), texts)
    lint_book(book)
    both = converted(read_project(book))
    check_html(both.pages["chapters/03-texts"], texts)
    check_typst(book, both, texts)


def test_hostile_texts_are_published_whole(tmp_path: Path) -> None:
    book = book_of(tmp_path, list(HOSTILE))
    render_book(book, tmp_path / "out", renderer="embedded")
    pages = sorted((tmp_path / "out").rglob("*.html"))
    page = lxml.html.parse(tmp_path / "out" / "index.html").getroot()
    assert seen(HOSTILE[0]) in text_of(page.find(".//title"))
    assert text_of(page.xpath("//p[@class='hero-title']")[0]) == seen(HOSTILE[0])
    assert text_of(page.xpath("//p[@class='hero-subtitle']")[0]) == seen(HOSTILE[1])
    assert page.xpath("//meta[@name='author']/@content") == [HOSTILE[2]]
    for one in pages:
        scripts = lxml.html.parse(one).xpath("//script")
        assert all(script.get("src") and not script.text for script in scripts)


def test_what_data_hold_is_no_leftover_but_the_same_elsewhere_is(tmp_path: Path) -> None:
    book = book_of(tmp_path, ["{{< x >}}", "plain"])
    literal = literal_words(book)
    page = tmp_path / "index.html"
    page.write_text(policy_tag(POLICY) + "<p>of {{&lt; x &gt;}} said</p>", encoding="utf-8")
    lint_html(tmp_path, pages=[page], literal=literal)
    page.write_text("<p>a ?var:csi.x</p>", encoding="utf-8")
    with pytest.raises(BookLintError, match="unknown variable"):
        lint_html(tmp_path, pages=[page], literal=literal)


def test_a_reference_in_our_words_stays_one_and_in_data_is_text() -> None:
    ours = with_references("see @tbl-items and {name}.").format(name=plain("@tbl-items \ufdd0tbl-items\ufdd1"))
    assert as_markdown(ours) == "see @tbl-items and &#64;tbl-items \ufffdtbl-items\ufffd."


@pytest.mark.parametrize(
    "text", ["81.2", "80.3–82.2", "−0.35 to 0.12", "5,400 of 2025-09", "1.5% (a; b)", "满意，其余不变。"]
)
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert as_markdown(text) == text
