"""What is staged for Quarto alone, checked without it: settings, styles, and the parts of its PDF."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import lxml.html
import pytest
import typst
import yaml
from book_sample import sample_content, stage_sample, write_sources
from pypdf import PdfReader

from analysis.publish.book.embedded.chapters import converted
from analysis.publish.book.embedded.pandoc import pandoc_path
from analysis.publish.book.embedded.project import read_project
from analysis.publish.book.embedded.shortcodes import chapter_lines
from analysis.publish.book.languages import book_words

PACKAGES = Path(__file__).with_name("packages")
"""The interface of the template that Quarto's PDF is set with."""

DOCUMENTED = {
    "": "project lang language book bibliography csl link-citations execute number-depth tbl-colwidths from format",
    "project": "type output-dir resources",
    "book": "title subtitle author date date-format output-file downloads reader-mode chapters appendices body-header "
    "page-footer",
    "book.page-footer": "center",
    "execute": "enabled",
    "format": "html typst",
    "format.html": "theme css include-in-header toc toc-depth html-math-method fig-align embed-resources",
    "format.typst": "papersize toc toc-depth number-sections citeproc font-paths template-partials include-in-header "
    "include-before-body",
    "language": "crossref-fig-title crossref-fig-prefix crossref-tbl-title crossref-tbl-prefix crossref-eq-prefix "
    "crossref-ch-prefix crossref-sec-prefix crossref-apx-prefix section-title-references download-pdf",
}
"""Keys of _quarto.yml that Quarto's reference documents; in `book` an unknown one is an error."""

BODY = r"""
#heading(level: 1, numbering: none)[Summary]
#figure([#table(columns: 2, [a], [b])], caption: [first], kind: "quarto-float-tbl", supplement: "T")<tbl-first>
#ref(<tbl-first>, supplement: [T]) + #ref(<sec-one>, supplement: [C]) + #ref(<sec-method>, supplement: [App])。

= One <sec-one>
== Section <sec-two>
=== Third <sec-three>
#figure([#table(columns: 2, [a], [b])], caption: [second], kind: "quarto-float-tbl", supplement: "T")<tbl-second>
#figure([#table(columns: 2, [a], [b])], caption: [third], kind: "quarto-float-tbl", supplement: "T")<tbl-third>
#ref(<tbl-third>, supplement: [T]) + #ref(<sec-two>, supplement: [S]) + #ref(<sec-three>, supplement: [S])。
$ x = 1 $
#pagebreak()
Second page of One. 自2025年9月1日起。
#heading(level: 1, numbering: none)[References]
Works.
#pagebreak()
Second page of References.
#show: appendices.with("Appendices", hide-parent: true)
= Method <sec-method>
$ y = 2 $
#math.equation(block: true, numbering: n => "(A.1)", $ z = 3 $)<eq-z>
#figure([#table(columns: 2, [a], [b])], caption: [fourth], kind: "quarto-float-tbl", supplement: "T")<tbl-fourth>
#ref(<tbl-fourth>, supplement: [T])。
#pagebreak()
Second page of Method.
"""


def keys(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in settings.items():
        yield prefix, key
        if isinstance(value, dict):
            yield from keys(value, f"{prefix}.{key}".strip("."))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_settings_hold_documented_keys_only(tmp_path: Path, lang: str) -> None:
    settings = yaml.safe_load((stage_sample(tmp_path, lang) / "_quarto.yml").read_text())
    assert [f"{at}.{key}" for at, key in keys(settings) if key not in DOCUMENTED[at].split()] == []
    assert settings["tbl-colwidths"] is False
    assert settings["number-depth"] == 3


def test_every_file_that_the_settings_name_is_staged(tmp_path: Path) -> None:
    book = stage_sample(tmp_path)
    formats = yaml.safe_load((book / "_quarto.yml").read_text())["format"]
    html, pdf = formats["html"], formats["typst"]
    named = [html["css"], html["include-in-header"], html["theme"][1], *pdf["template-partials"]]
    named += [pdf["include-in-header"], pdf["include-before-body"]]
    assert [name for name in named if not (book / name).is_file()] == []
    urls = re.findall(r'url\("([^"]+)"\)', (book / html["css"]).read_text())
    assert len(urls) == 2
    assert [url for url in urls if not (book / url).is_file()] == []


@pytest.mark.parametrize("text", ["1e3", "0o17", "12:30", "null", "yes", "~", "2025-01-01", "{a: b}", "x: y"])
def test_a_text_of_the_settings_is_a_text_in_every_version_of_yaml(tmp_path: Path, text: str) -> None:
    book = stage_sample(tmp_path, variables={"csi": {"overall": text}})
    assert f': "{text}"' in (book / "_variables.yml").read_text(encoding="utf-8")
    assert yaml.safe_load((book / "_variables.yml").read_text(encoding="utf-8")) == {"csi": {"overall": text}}


def quarto_numbers(book: Path) -> dict[str, str]:
    """Numbers of chapters, sections, figures, tables and equations by the rules that were measured on Quarto."""
    settings = yaml.safe_load((book / "_quarto.yml").read_text(encoding="utf-8"))
    numbers: dict[str, str] = {}
    chapters, letters = iter(range(1, 100)), iter("ABCDEFGH")
    for name in [*settings["book"]["chapters"], *settings["book"]["appendices"]]:
        text = "\n".join(line.text for line in chapter_lines(book, PurePosixPath(name))[0])
        title = text.splitlines()[0]
        appendix, numbered = name in settings["book"]["appendices"], ".unnumbered" not in title
        chapter = next(letters) if appendix else str(next(chapters)) if numbered else ""
        counts: dict[str, int] = {}
        levels = [0] * 7
        for match in re.finditer(r"^(#+) .*?(?:\{(.*)\})?$|\{#((?:fig|tbl|eq)-[\w-]+)", text, re.M):
            if match[3]:
                kind = match[3][:3]
                counts[kind] = counts.get(kind, 0) + 1
                numbers[match[3]] = f"{chapter}.{counts[kind]}".lstrip(".")
                continue
            level, attributes = len(match[1]), match[2] or ""
            if level > 1 and ".unnumbered" not in attributes and chapter and level <= settings["number-depth"]:
                levels[level] += 1
                levels[level + 1 :] = [0] * (6 - level)
            label = re.search(r"#([\w-]+)", attributes)
            if label and chapter:
                numbers[label[1]] = ".".join([chapter, *(str(n) for n in levels[2 : level + 1])])
    return numbers


def embedded_numbers(book: Path) -> dict[str, str]:
    pages = converted(read_project(book)).pages
    tree = lxml.html.fragment_fromstring("\n".join(pages.values()), create_parent="div")
    numbers = {}
    for element in tree.xpath("//*[@id]"):
        label = element.xpath("./figcaption/span[@class='caption-label'] | ./div[@class='equation-number']")
        heading = element.xpath("./*[self::h1 or self::h2 or self::h3]/span[@class='header-number']")
        if label or heading:
            numbers[element.get("id")] = re.sub(r"^\D* |[()]", "", (label or heading)[0].text_content().strip())
    return numbers


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_both_renderers_give_the_same_number_to_the_same_thing(tmp_path: Path, lang: str) -> None:
    source = write_sources(tmp_path, lang)
    index = source / "index.qmd"
    index.write_text(index.read_text(encoding="utf-8") + "\n{{< include tables/_first.md >}}\n", encoding="utf-8")
    more = "\n### Third {#sec-third}\n\nText.\n\n$$\nx = 1\n$$ {#eq-third}\n\nsee @sec-third and @eq-third.\n"
    for name in ("02-measures", "a-questionnaire"):
        path = source / "chapters" / f"{name}.qmd"
        own = more.replace("third", name[:1] + "third")
        path.write_text(f"{path.read_text(encoding='utf-8')}\n## Second\n{own}", encoding="utf-8")
    first = "| a | b |\n|:--|:--|\n| 1 | 2 |\n\n: First {#tbl-first}\n"
    book = stage_sample(tmp_path, lang, tables={**sample_content(tmp_path, lang).tables, "first": first})
    expected = quarto_numbers(book)
    assert expected["tbl-first"] == "1"
    assert expected["sec-athird"].startswith("A.")
    found = embedded_numbers(book)
    assert {key: found[key] for key in expected} == expected


def pdf_pages(book: Path, **metadata: str) -> list[str]:
    """The pages of a small book set with the staged parts in the order in which Quarto puts them together."""
    head = (book / "typst-header.typ").read_text(encoding="utf-8")
    start = (book / "typst-body.typ").read_text(encoding="utf-8")
    template = book / "whole.typ"
    template.write_text("$typst-show.typ()$\n$body$\n", encoding="utf-8")
    given = [f"--metadata={key}:{value}" for key, value in metadata.items()]
    command = [pandoc_path(), "--from=markdown", "--to=typst", f"--template={template}", *given]
    shown = subprocess.run(command, input="", capture_output=True, text=True, check=True, cwd=book).stdout
    source = f"{head}\n{shown}\n{start}\n{BODY}"
    pdf = typst.compile(
        source.encode(), root=str(book), font_paths=[str(book / "fonts")], ignore_system_fonts=True,
        package_path=str(PACKAGES), format="pdf",
    )  # fmt: skip
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


@pytest.fixture(scope="module", params=["zh", "en"])
def pages(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[str]]:
    folder = tmp_path_factory.mktemp("parts")
    book = stage_sample(folder, request.param, author='Trust @Bank "$5" \\ #x')
    metadata = {"title": "T", "subtitle": "Sub", "date": "2025-12-31", "lang": request.param, "toc-depth": "2"}
    return request.param, pdf_pages(book, **metadata)


def page_with(pages: list[str], text: str) -> str:
    return next(page for page in pages[2:] if text in page)


def test_a_chinese_date_is_set_without_spaces(pages: tuple[str, list[str]]) -> None:
    lang, texts = pages
    if lang == "zh":
        assert "自2025年9月1日起" in page_with(texts, "Second page of One").replace(" 自", "自")


def test_the_cover_names_title_author_and_date(pages: tuple[str, list[str]]) -> None:
    cover = pages[1][0]
    assert 'Trust @Bank "$5" \\ #x' in cover
    assert cover.index("Sub") < cover.index("2025-12-31")


def test_tables_equations_and_references_are_numbered_as_in_html(pages: tuple[str, list[str]]) -> None:
    printed = [page.replace("\xa0", " ").replace(": ", " ") for page in pages[1]]
    summary, one, method = (page_with(printed, text) for text in ("first", "second", "fourth"))
    for page, numbers in {
        summary: ("T 1 first", "T 1 + C 1 + App A。"),
        one: ("T 1.1 second", "T 1.2 third", "T 1.2 + S 1.1 + S 1.1.1。"),
        method: ("T A.1 fourth", "T A.1。"),
    }.items():
        assert [number for number in numbers if number not in page] == []
    assert one.count("(1.1)") == 0
    assert method.count("(A.1)") == 1
    assert "(0.1)" not in "".join(pages[1])


def test_the_running_head_names_the_chapter_in_the_words_of_the_language(pages: tuple[str, list[str]]) -> None:
    lang, texts = pages
    words = book_words(lang)
    assert page_with(texts, "Second page of One").startswith(f"{words['ch'] % '1'} One")
    assert page_with(texts, "Second page of References").startswith("References")
    assert page_with(texts, "Second page of Method").startswith(f"{words['app'] % 'A'} Method")
    assert "stale head" not in "".join(texts[2:])


def test_the_parts_hold_no_words_of_a_language_of_their_own() -> None:
    assets = Path(__file__).resolve().parents[3] / "report" / "assets" / "quarto"
    for path in assets.glob("*.typ"):
        assert not re.search("[\u4e00-\u9fff]", path.read_text(encoding="utf-8")), path.name


def test_the_styles_are_balanced_and_win_over_bootstrap(tmp_path: Path) -> None:
    text = (stage_sample(tmp_path) / "theme.scss").read_text(encoding="utf-8")
    bare = re.sub(r"/\*.*?\*/|\"[^\"]*\"", "", text, flags=re.S)
    assert bare.count("{") == bare.count("}")
    assert text.index("/*-- scss:defaults --*/") < text.index("/*-- scss:rules --*/")
    assert set(re.findall(r"\$[\w-]+", bare.split("h1, h2")[1])) <= set(re.findall(r"^(\$[\w-]+):", text, re.M))
    for rule in ("table.table {", ".table > thead th {", ".quarto-float-tbl td {", ".languages {", ".notice {"):
        assert rule in text
    phone = text[text.index("@media (max-width: 767.98px)") :]
    assert "width: max-content" in phone


@pytest.mark.parametrize(("lang", "other", "name"), [("zh", "en", "English"), ("en", "zh", "中文")])
def test_every_page_of_quartos_site_links_its_twin(tmp_path: Path, lang: str, other: str, name: str) -> None:
    for one in ("zh", "en"):
        stage_sample(tmp_path, one)
    book = stage_sample(tmp_path, lang)
    for page, link in {
        "index.qmd": f"../{other}/index.html",
        "chapters/01-overview.qmd": f"../../{other}/chapters/01-overview.html",
        "chapters/references.qmd": f"../../{other}/index.html",
    }.items():
        assert f"[{name}]({link})" in (book / page).read_text(encoding="utf-8")


def test_a_book_in_one_language_links_no_other(tmp_path: Path) -> None:
    assert "hreflang" not in (stage_sample(tmp_path, languages=("zh",)) / "index.qmd").read_text(encoding="utf-8")


def test_the_notice_stands_at_the_top_of_quartos_pages(tmp_path: Path) -> None:
    settings = yaml.safe_load((stage_sample(tmp_path) / "_quarto.yml").read_text())
    assert settings["book"]["body-header"] == "::: {.notice}\n本报告使用模拟数据。\n:::"


def test_quartos_pages_load_nothing_from_outside(tmp_path: Path) -> None:
    policy = (stage_sample(tmp_path) / "policy.html").read_text()
    assert "default-src 'none'" in policy
    assert "http" not in policy.replace("http-equiv", "")
