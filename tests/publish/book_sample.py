"""A small book in both languages with every feature of the report, for the tests of staging and rendering."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from analysis.publish.book.stage import BookContent, stage_book

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "report" / "assets"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="160" viewBox="0 0 320 160">'
    '<rect width="320" height="160" fill="#eaf1f8"/><rect x="20" y="40" width="200" height="30" fill="#1f4e79"/></svg>'
)
BIBLIOGRAPHY = """@article{fornell1996, author={Fornell, Claes and Johnson, Michael D.}, title={The Index},
journal={Journal of Marketing}, volume={60}, pages={7--18}, year={1996}}
"""
LONG_ZH = "调查覆盖银行、证券、基金、保险、理财和互联网金融平台六类机构，样本按机构类型与地区分层抽取。"
LONG_EN = "The survey covers banks, securities firms, fund companies, insurers and platforms, stratified by region."

CAPTIONS = {
    "zh": '![各维度得分](figures/dimensions.svg){#fig-dimensions width=90% fig-alt="条形图"}',
    "en": '![Scores of the dimensions](figures/dimensions.svg){#fig-dimensions width=90% fig-alt="Bars"}',
}
INDEX = {
    "zh": """# 摘要 {.unnumbered}

本版指数为 **{{< var csi.overall >}}**，见 @fig-dimensions 与 @tbl-profile ，方法参照 @fornell1996 。

## 要点

{{< include tables/_summary.md >}}
""",
    "en": """# Summary {.unnumbered}

The index is **{{< var csi.overall >}}**, see @fig-dimensions and @tbl-profile, after @fornell1996.

## Key points

{{< include tables/_summary.md >}}
""",
}
OVERVIEW = {
    "zh": f"""# 概述与背景 {{#sec-overview}}

开篇的一段话提到蓝鲸。{LONG_ZH}

## 目的与意义 {{#sec-purpose}}

{LONG_ZH}第一条脚注。[^1]

[^1]: 脚注的正文。

{{{{< figure dimensions >}}}}

::: {{.content-visible when-meta="has.trend"}}
趋势见 @sec-measures 。

::: {{.callout-note}}
## 怎样读区间
每个估计值都带区间。
:::
:::

::: {{.content-visible unless-meta="has.trend"}}
本版没有趋势数据。
:::

## 范围与对象

{{{{< include ../tables/_profile.md >}}}}
""",
    "en": f"""# Overview and background {{#sec-overview}}

The opening paragraph names a blue whale. {LONG_EN}

## Purpose {{#sec-purpose}}

{LONG_EN} A note.[^1]

[^1]: The text of the note.

{{{{< figure dimensions >}}}}

::: {{.content-visible when-meta="has.trend"}}
For the trend see @sec-measures.

::: {{.callout-note}}
## How to read an interval
Every estimate carries one.
:::
:::

::: {{.content-visible unless-meta="has.trend"}}
This edition has no trend data.
:::

## Scope

{{{{< include ../tables/_profile.md >}}}}
""",
}
MEASURES = {
    "zh": f"""# 满意度指标与评估 {{#sec-measures}}

## 指数

$$
\\mathrm{{CSI}} = \\frac{{\\sum_i w_i x_i}}{{\\sum_i w_i}}
$$ {{#eq-csi}}

指数按 @eq-csi 计算，其中 $w_i$ 为权重；参见 @sec-overview 、 @sec-purpose 与 @sec-questionnaire 。{LONG_ZH}

$$
\\hat V = \\frac{{n}}{{n-1}} \\sum_i (u_i - \\bar u)^2,
\\qquad u_i = \\frac{{w_i (y_i - \\hat\\theta)}}{{\\sum_j w_j}}, \\qquad i = 1, \\ldots, n
$$

## 宽表

{{{{< include ../tables/_wide.md >}}}}
""",
    "en": f"""# Satisfaction measures {{#sec-measures}}

## Index

$$
\\mathrm{{CSI}} = \\frac{{\\sum_i w_i x_i}}{{\\sum_i w_i}}
$$ {{#eq-csi}}

The index follows @eq-csi with weights $w_i$; see @sec-overview, @sec-purpose and @sec-questionnaire. {LONG_EN}

$$
\\hat V = \\frac{{n}}{{n-1}} \\sum_i (u_i - \\bar u)^2,
\\qquad u_i = \\frac{{w_i (y_i - \\hat\\theta)}}{{\\sum_j w_j}}, \\qquad i = 1, \\ldots, n
$$

## A wide table

{{{{< include ../tables/_wide.md >}}}}
""",
}
APPENDIX = {
    "zh": "# 问卷 {#sec-questionnaire}\n\n笔记本：[01_sampling](../notebooks/01_sampling.html)。[^1]\n\n"
    "[^1]: 附录的脚注。\n\n"
    "{{< include ../tables/_items.md >}}\n",
    "en": "# Questionnaire {#sec-questionnaire}\n\nNotebook: [01_sampling](../notebooks/01_sampling.html).[^1]\n\n"
    "[^1]: A note of the appendix.\n\n{{< include ../tables/_items.md >}}\n",
}


def pipe_table(rows: list[list[str]], *, caption: str, align: str) -> str:
    """Return a pipe table with a caption line, as the tables of the report are."""
    marks = [{"l": ":--", "r": "--:"}[letter] for letter in align]
    lines = [f"| {' | '.join(row)} |" for row in (rows[0], marks, *rows[1:])]
    return "\n".join(lines) + f"\n\n: {caption}\n"


def tables(lang: str) -> dict[str, str]:
    """Return the include files of the sample: a list, a plain, a wide and a long table."""
    zh = lang == "zh"
    wording = LONG_ZH if zh else LONG_EN
    return {
        "summary": "- 第一点\n- 第二点\n" if zh else "- first point\n- second point\n",
        "profile": pipe_table(
            [
                ["机构类型" if zh else "Institution", "n"],
                ["银行" if zh else "Bank", "2,410"],
                ["证券" if zh else "Broker", "1,020"],
            ],
            caption=("样本构成" if zh else "Sample profile") + " {#tbl-profile}",
            align="lr",
        ),
        "wide": pipe_table(
            [
                ["维度" if zh else "Dimension", *(f"C{i}" for i in range(12))],
                ["效率" if zh else "Efficiency", *["84.2 ± 1.1"] * 12],
            ],
            caption=("宽表" if zh else "Wide") + " {#tbl-wide}",
            align="l" + "r" * 12,
        ),
        "items": pipe_table(
            [["编号" if zh else "No.", "题目" if zh else "Wording"], *([f"Q{i}", wording] for i in range(1, 61))],
            caption=("题目" if zh else "Items") + " {#tbl-items}",
            align="ll",
        ),
    }


def write_sources(folder: Path, lang: str) -> Path:
    """Write the chapter sources of one language and return their folder."""
    chapters = folder / lang / "chapters"
    chapters.mkdir(parents=True, exist_ok=True)
    (folder / lang / "index.qmd").write_text(INDEX[lang], encoding="utf-8")
    (chapters / "01-overview.qmd").write_text(OVERVIEW[lang], encoding="utf-8")
    (chapters / "02-measures.qmd").write_text(MEASURES[lang], encoding="utf-8")
    (chapters / "a-questionnaire.qmd").write_text(APPENDIX[lang], encoding="utf-8")
    (folder / "references.bib").write_text(BIBLIOGRAPHY, encoding="utf-8")
    (folder / "dimensions.svg").write_text(SVG, encoding="utf-8")
    (folder / "01.html").write_text("<!doctype html><html lang='en'><title>n</title></html>", encoding="utf-8")
    return folder / lang


def sample_content(folder: Path, lang: str) -> BookContent:
    """Return the content that goes with `write_sources(folder, lang)`."""
    zh = lang == "zh"
    return BookContent(
        lang=lang,
        title="客户满意度调查报告" if zh else "Customer Satisfaction Report",
        subtitle="2025年版" if zh else "2025 edition",
        author="研究组" if zh else "Research Group",
        date="2025-12-31",
        file_name=f"finsat-2025-{lang}",
        notice="本报告使用模拟数据。" if zh else "This report uses simulated data.",
        variables={"csi": {"overall": "84.6"}},
        flags={"has.trend": True, "drawn.dimensions": True},
        tables=tables(lang),
        figures={"dimensions": folder / "dimensions.svg"},
        captions={"dimensions": CAPTIONS[lang]},
        attachments={"notebooks/01_sampling.html": folder / "01.html"},
        languages=("zh", "en"),
    )


def stage_sample(folder: Path, lang: str = "zh", *, overlays: Path | None = None, **changes: object) -> Path:
    """Stage the sample (sources written when missing) with some fields changed, and return the staged book."""
    source = folder / lang if (folder / lang).is_dir() else write_sources(folder, lang)
    content = replace(sample_content(folder, lang), **changes)
    target = folder / "book" / lang
    references = folder / "references.bib"
    return stage_book(content, source=source, assets=ASSETS, references=references, target=target, overlays=overlays)
