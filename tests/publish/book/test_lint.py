"""The lint: every silent failure of the renderers is a problem with file and line."""

from pathlib import Path

import pytest
from book_sample import stage_sample

from analysis.publish.book.lint import BookLintError, book_problems, lint_book, lint_html
from analysis.publish.book.policy import POLICY, policy_tag

CHAPTER = "chapters/01-overview.qmd"


def problems_of(tmp_path: Path, text: str, *, name: str = CHAPTER) -> list[str]:
    book = stage_sample(tmp_path)
    (book / name).write_text(text, encoding="utf-8")
    return [str(problem) for problem in book_problems(book) if problem.file == name]


def chapter(body: str) -> str:
    """A chapter that keeps the ids which the other chapters of the sample refer to."""
    return (
        "# 一 {#sec-overview}\n\n## 二 {#sec-purpose}\n\n![图](../figures/dimensions.svg){#fig-dimensions}\n\n"
        "{{< include ../tables/_profile.md >}}\n\n" + body
    )


BROKEN = {
    "unknown variable": (
        "指数 {{< var csi.overal >}}。\n",
        9,
        "unknown variable csi.overal (did you mean 'csi.overall'?)",
    ),
    "a whole group as variable": ("{{< var csi >}}\n", 9, "unknown variable csi"),
    "variable in a formula": ("值 $x = {{< var csi.overall >}}$。\n", 9, "inside a formula"),
    "variable in a displayed formula": ("$$\nx = {{< var csi.overall >}}\n$$\n", 10, "inside a formula"),
    "foreign shortcode": ("{{< video x.mp4 >}}\n", 9, "shortcode that the report does not use"),
    "missing include": ("{{< include ../tables/_none.md >}}\n", 9, "included file is missing: ../tables/_none.md"),
    "missing image": ("![x](../figures/none.svg)\n", 9, "image is missing: ../figures/none.svg"),
    "remote image": ("![x](https://example.org/a.png)\n", 9, "from another host"),
    "image without words": ("![](../figures/dimensions.svg)\n", 9, "without a caption"),
    "unresolved figure": ("见 @fig-nothing 。\n", 9, "unresolved reference @fig-nothing"),
    "unresolved section": ("见 [-@sec-nothing]。\n", 9, "unresolved reference @sec-nothing"),
    "reference glued to a character": ("见@fig-dimensions 。\n", 9, "no space before @fig-dimensions"),
    "reference that swallows the text": ("见 @fig-dimensions图\n", 9, "unresolved reference @fig-dimensions图"),
    "unknown citation": ("见 [@nobody1999, p. 3]。\n", 9, "unresolved citation @nobody1999"),
    "duplicate id": ("## 三 {#sec-measures}\n\n文。\n", 1, "the id sec-measures is used twice"),
    "heading out of order": ("#### 四\n\n文。\n", 9, "headings out of order: level 4 follows level 2"),
    "second chapter title": ("# 又一章\n\n文。\n", 9, "a second level-1 heading"),
    "empty section": ("## 三\n\n## 四\n\n文。\n", 9, "an empty section"),
    "empty last section": ("## 三\n", 9, "an empty section"),
    "open div": ("::: {.callout-note}\n文。\n", 9, "never closed"),
    "stray fence": ("文。\n\n:::\n", 11, "without an opening one"),
    "unresolved condition": ('::: {.content-visible when-meta="x"}\n文。\n:::\n', 9, "not resolved"),
    "callout with id": ("::: {#nte-x .callout-note}\n文。\n:::\n", 9, "crashes the PDF"),
    "code cell": ("```{python}\n1\n```\n", 9, "a code cell"),
    "raw code": ("文`<b>x</b>`{=html}。\n", 9, "raw code for one format"),
    "a reference left open": ("见 \ufdd0sec-overview\ufdd1。\n", 9, "a reference of a wording"),
    "a raw block": ("```{=typst}\n#read(1)\n```\n", 9, "raw code for one format"),
    "an element": ("文<script src=x>。\n", 9, "raw HTML: <script src=x>"),
    "a comment": ("<!-- 文 -->\n", 9, "raw HTML"),
    "a spaced year": ("指南给出 2024 年的水平。\n", 9, "a space inside a date"),
    "a spaced day": ("自 2025年9月 1日起。\n", 9, "a space inside a date"),
    "a spaced value": ("在 {{< var csi.overall >}} 年。\n", 9, "a space inside a date"),
    "a spaced end": ("至10月31日 实施。\n", 9, "a space inside a date"),
    "a list before the sections": ("# 一\n\n- 点\n\n## 二\n\n- 点\n", 3, "a list before the first section"),
    "footnote without text": ("文。[^9]\n", 9, "the footnote [^9] has no text"),
    "unused footnote": ("文。\n\n[^9]: 无人提及。\n", 11, "referred to nowhere"),
    "a link that runs": ("[x](javascript:alert)\n", 9, "no address of a page: javascript:alert"),
    "a link to a file of the reader": ("[x](file:///etc/hosts)\n", 9, "no address of a page"),
    "broken link": ("[x](../none.html)\n", 9, "not in the book: ../none.html"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_chapter_is_named_with_its_line(tmp_path: Path, case: str) -> None:
    body, line, message = BROKEN[case]
    if case == "duplicate id":
        found = problems_of(tmp_path, chapter("文。\n") + body)
        assert not found
        book = tmp_path / "book" / "zh"
        found = [str(problem) for problem in book_problems(book)]
        assert any("02-measures.qmd:1: " in one and message in one for one in found)
        return
    found = problems_of(tmp_path, body if body.startswith("# 一") else chapter(body))
    assert any(one.startswith(f"{CHAPTER}:{line}: ") and message in one for one in found), found


@pytest.mark.parametrize(
    "body",
    [
        "邮箱 a@fig-x.example 之外，`@fig-none` 与 `{{< var no >}}` 是代码。\n",
        "```\n@fig-none {{< var no >}}\n# not a heading\n```\n",
        "花费 $5 与 $6，指数 {{< var csi.overall >}}。\n",
        "见 [图 @fig-dimensions; @tbl-profile] 与 [-@tbl-profile]。\n",
        "## 三\n\n### 三之一\n\n文。\n\n## 四\n\n{{< include ../tables/_items.md >}}\n",
        "2025年9月1日至 3 家，每年 1 次，1 < 2，`<b>`，<https://example.org>。\n",
        "[链接](../notebooks/01_sampling.html) 与 [外部](https://example.org)。\n",
    ],
)
def test_a_sound_chapter_passes(tmp_path: Path, body: str) -> None:
    assert not [one for one in problems_of(tmp_path, chapter(body)) if "a@fig" not in one and "fig-x" not in one]


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    book = stage_sample(tmp_path)
    (book / CHAPTER).write_text(chapter("{{< var a.b >}} @fig-zzz\n\n![x](../no.svg)\n"), encoding="utf-8")
    with pytest.raises(BookLintError) as caught:
        lint_book(book)
    text = str(caught.value)
    assert all(word in text for word in ("a.b", "fig-zzz", "no.svg", "3 problem(s)"))


def test_a_problem_in_an_include_is_named_there(tmp_path: Path) -> None:
    book = stage_sample(tmp_path)
    (book / "tables/_profile.md").write_text("见 @tbl-none 。\n", encoding="utf-8")
    assert any(problem.file == "tables/_profile.md" and problem.line == 1 for problem in book_problems(book))


def test_an_include_that_includes_itself_ends(tmp_path: Path) -> None:
    book = stage_sample(tmp_path)
    (book / "tables/_profile.md").write_text("{{< include _profile.md >}}\n", encoding="utf-8")
    assert any("included file is missing" in problem.message for problem in book_problems(book))


def test_a_folder_named_like_the_language_is_a_problem(tmp_path: Path) -> None:
    book = stage_sample(tmp_path)
    (book / "zh").mkdir()
    assert any("named like the language" in problem.message for problem in book_problems(book))


@pytest.mark.parametrize(
    ("html", "message"),
    [
        ("<p>?var:csi.x</p>", "unknown variable"),
        ("<p>{{&lt; var x &gt;}}</p>", "shortcode"),
        ("<p><strong>?@fig-x</strong></p>", "unresolved reference"),
        ("<p>a **b** c</p>", "markdown"),
        ('<img src="none.svg" alt="x">', "leads nowhere"),
        ('<a href="none.html#x">x</a>', "leads nowhere"),
        ('<script src="https://example.org/x.js"></script>', "another host"),
        ('<link rel="stylesheet" href="//example.org/x.css">', "another host"),
        ('<p id="a"></p><p id="a"></p>', "used twice"),
    ],
)
def test_a_broken_page_is_found(tmp_path: Path, html: str, message: str) -> None:
    page = tmp_path / "index.html"
    page.write_text(f"<html>{policy_tag(POLICY)}<body>{html}</body></html>", encoding="utf-8")
    with pytest.raises(BookLintError, match=message):
        lint_html(tmp_path, pages=[page])


def test_a_sound_page_passes(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    sound = '<p id="a"><a href="#a">x</a><a href="https://example.org">y</a> 2 ** 3</p>'
    page.write_text(policy_tag(POLICY) + sound, encoding="utf-8")
    lint_html(tmp_path, pages=[page])


def test_a_page_without_a_policy_is_found(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text("<p>x</p>", encoding="utf-8")
    with pytest.raises(BookLintError, match="no policy"):
        lint_html(tmp_path, pages=[page])
