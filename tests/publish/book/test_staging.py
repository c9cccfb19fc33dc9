"""Staging: what the staged project holds, and how conditions are resolved."""

from pathlib import Path

import pytest
import yaml
from book_sample import ASSETS, OVERVIEW, sample_content, stage_sample, write_sources

from analysis.errors import BookError
from analysis.publish.book.lint import BookLintError, lint_book
from analysis.publish.book.stage import stage_book


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_sample_stages_into_a_book_without_problems(tmp_path: Path, lang: str) -> None:
    lint_book(stage_sample(tmp_path, lang))


def test_chapters_come_in_order_with_references_before_the_appendices(tmp_path: Path) -> None:
    settings = yaml.safe_load((stage_sample(tmp_path) / "_quarto.yml").read_text())
    assert settings["book"]["chapters"] == [
        "index.qmd",
        "chapters/01-overview.qmd",
        "chapters/02-measures.qmd",
        "chapters/references.qmd",
    ]
    assert settings["book"]["appendices"] == ["chapters/a-questionnaire.qmd"]


def test_the_settings_follow_the_measured_behaviour_of_quarto(tmp_path: Path) -> None:
    settings = yaml.safe_load((stage_sample(tmp_path) / "_quarto.yml").read_text())
    assert settings["execute"] == {"enabled": False}
    assert settings["format"]["html"]["html-math-method"] == "mathml"
    assert settings["format"]["typst"]["font-paths"] == ["fonts"]
    assert settings["format"]["typst"]["citeproc"] is True
    assert settings["book"]["output-file"] == "finsat-2025-zh"
    assert settings["project"]["resources"] == ["notebooks/01_sampling.html", "fonts/*.ttf"]
    assert settings["book"]["page-footer"]["center"] == "本报告使用模拟数据。"


def test_the_staged_book_holds_all_that_quarto_needs(tmp_path: Path) -> None:
    staged = files(stage_sample(tmp_path))
    for name in (
        "_variables.yml",
        "tables/_profile.md",
        "figures/dimensions.svg",
        "fonts/NotoSansSC-Regular.ttf",
        "references.bib",
        "theme.scss",
        "typst-header.typ",
        "typst-show.typ",
        "notebooks/01_sampling.html",
    ):
        assert name in staged


@pytest.mark.parametrize(("lang", "region"), [("zh", "cn"), ("en", "gb")])
def test_the_typst_header_sets_font_language_and_notice(tmp_path: Path, lang: str, region: str) -> None:
    header = (stage_sample(tmp_path, lang) / "typst-header.typ").read_text()
    assert f'lang: "{lang}", region: "{region}"' in header
    assert sample_content(tmp_path, lang).notice in header


def test_the_running_head_of_the_quarto_pdf_speaks_the_language(tmp_path: Path) -> None:
    assert 'supplement-chapter: "章"' in (stage_sample(tmp_path, "zh") / "typst-show.typ").read_text()
    assert 'supplement-chapter: "Chapter"' in (stage_sample(tmp_path, "en") / "typst-show.typ").read_text()


def test_a_real_survey_carries_no_notice(tmp_path: Path) -> None:
    book = stage_sample(tmp_path, notice=None)
    assert "page-footer" not in yaml.safe_load((book / "_quarto.yml").read_text())["book"]
    assert "foreground: none" in (book / "typst-header.typ").read_text()


def test_staging_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    first = files(stage_sample(tmp_path))
    assert files(stage_sample(tmp_path)) == first


def test_staging_replaces_what_an_earlier_staging_left(tmp_path: Path) -> None:
    book = stage_sample(tmp_path)
    (book / "tables" / "_old.md").write_text("old")
    assert not (stage_sample(tmp_path) / "tables" / "_old.md").exists()


def test_a_condition_that_holds_keeps_its_content_and_loses_its_fence(tmp_path: Path) -> None:
    text = (stage_sample(tmp_path) / "chapters/01-overview.qmd").read_text()
    assert "趋势见" in text
    assert "callout-note" in text
    assert "没有趋势数据" not in text
    assert "when-meta" not in text


def test_a_condition_that_fails_takes_everything_inside_it_away(tmp_path: Path) -> None:
    book = stage_sample(tmp_path, flags={"drawn.dimensions": True, "has.trend": False})
    text = (book / "chapters/01-overview.qmd").read_text()
    assert "趋势见" not in text
    assert "callout" not in text
    assert "没有趋势数据" in text
    lint_book(book)


def test_line_numbers_stay_those_of_the_source(tmp_path: Path) -> None:
    lines = (stage_sample(tmp_path) / "chapters/01-overview.qmd").read_text().splitlines()
    source = OVERVIEW["zh"].splitlines()
    assert lines.index("## 范围与对象") == source.index("## 范围与对象")


def test_conditions_nest_with_fences_of_any_length(tmp_path: Path) -> None:
    source = write_sources(tmp_path, "zh")
    text = """# 嵌套

::::: {.content-visible when-meta="a.b"}
外层

:::: {.content-visible unless-meta="has.trend"}
不见

::: {.callout-tip}
也不见
:::
::::
外层之二
:::::

```
::: {.content-visible when-meta="in.code"}
```
"""
    (source / "chapters/03-nested.qmd").write_text(text)
    book = stage_sample(tmp_path, flags={"drawn.dimensions": True, "a.b": True, "has.trend": True})
    staged = (book / "chapters/03-nested.qmd").read_text()
    assert "外层之二" in staged
    assert "不见" not in staged
    assert "in.code" in staged
    assert ":::::" not in staged


def test_what_points_to_a_figure_that_is_not_drawn_goes_with_it(tmp_path: Path) -> None:
    source = write_sources(tmp_path, "en") / "chapters" / "01-overview.qmd"
    told = "{{< figure of_groups >}}\n\nThe data behind @fig-of-groups stand elsewhere. This stays.\n"
    source.write_text(source.read_text(encoding="utf-8") + told, encoding="utf-8")
    flags = sample_content(tmp_path, "en").flags | {"drawn.of_groups": False}
    book = stage_sample(tmp_path, "en", flags=flags)
    staged = (book / "chapters" / "01-overview.qmd").read_text(encoding="utf-8")
    assert "of-groups" not in staged
    assert "This stays." in staged
    lint_book(book)


def test_includes_and_variables_of_a_dropped_part_need_not_exist(tmp_path: Path) -> None:
    source = write_sources(tmp_path, "zh")
    hidden = """# 三

文。

::: {.content-visible unless-meta="has.trend"}
{{< var no.such >}} @fig-none

{{< include ../tables/_none.md >}}
:::
"""
    (source / "chapters/03-hidden.qmd").write_text(hidden)
    lint_book(stage_sample(tmp_path))


def test_an_unknown_flag_is_an_error_with_file_line_and_a_guess(tmp_path: Path) -> None:
    with pytest.raises(BookLintError, match=r"chapters/01-overview\.qmd:13: unknown flag 'has\.trend'") as caught:
        stage_sample(tmp_path, flags={"drawn.dimensions": True, "has.trends": True})
    assert "did you mean 'has.trends'" in str(caught.value)
    assert len(caught.value.problems) == 2


def test_a_failed_staging_leaves_the_earlier_book(tmp_path: Path) -> None:
    book = stage_sample(tmp_path)
    before = files(book)
    with pytest.raises(BookLintError):
        stage_sample(tmp_path, flags={})
    assert files(book) == before
    assert [path.name for path in book.parent.iterdir()] == ["zh"]


def test_sections_of_an_unnumbered_chapter_are_unnumbered_too(tmp_path: Path) -> None:
    assert "## 要点 {.unnumbered}" in (stage_sample(tmp_path) / "index.qmd").read_text()


def test_a_chapter_file_outside_the_naming_scheme_is_an_error(tmp_path: Path) -> None:
    (write_sources(tmp_path, "zh") / "chapters" / "notes.qmd").write_text("# x\n")
    with pytest.raises(BookError, match=r"notes\.qmd"):
        stage_sample(tmp_path)


def test_a_report_without_first_page_is_an_error(tmp_path: Path) -> None:
    content = sample_content(tmp_path, "zh")
    with pytest.raises(BookError, match="first page"):
        stage_book(
            content, source=tmp_path / "none", assets=ASSETS, references=tmp_path / "x.bib", target=tmp_path / "b"
        )
