"""The explorer as a reader uses it, in a headless Chromium, opened from files."""

from __future__ import annotations

import itertools
import math
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from scipy.stats import norm, t
from statsmodels.stats.proportion import proportion_confint

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from analysis.results import Store

SAMPLES = Path(__file__).resolve().parents[1] / "publish"
Z = float(norm.ppf(0.975))


@pytest.fixture(scope="module")
def explored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Store]:
    """The sample book with the explorer in zh/, en/ and, with hostile names, hostile/; and what was released."""
    if str(SAMPLES) not in sys.path:
        sys.path.insert(0, str(SAMPLES))
    from book_sample import stage_sample
    from explorer_sample import computed, edition, publish, renamed
    from hostile_texts import HOSTILE

    from analysis.publish.book.explorer.files import Explorer
    from analysis.publish.book.explorer.page import explorer
    from analysis.publish.book.render import render_book
    from analysis.publish.words.labels import Labels

    folder, known = tmp_path_factory.mktemp("explored"), edition()
    store = publish(folder / "store", known, computed(known))
    for name, lang, told in (("zh", "zh", known), ("en", "en", known), ("hostile", "en", renamed(known, HOSTILE))):
        made = Explorer(**explorer(Labels(told, lang), store))
        book = stage_sample(folder / "books" / name, lang, explorer=made)
        render_book(book, folder / "report" / name, renderer="embedded")
    return folder / "report", store


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails its test for anything on the console: an error, a warning, a script that the policy stopped."""
    faults: list[str] = []
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.on("console", lambda message: faults.append(message.text))
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("requestfailed", lambda request: faults.append(request.url))
    opened.on("dialog", lambda dialog: faults.append(dialog.message))
    yield opened
    opened.close()
    assert faults == []


def go(page: Page, explored: tuple[Path, Store], name: str, choice: str = "") -> None:
    page.goto((explored[0] / name / "explore.html").as_uri() + choice)


def rows(page: Page) -> list[list[str]]:
    """Texts of the cells of every row but the head, the chart left out."""
    found = page.locator(".explorer-table tbody tr").all()
    return [[text.strip() for text in row.locator("th, td:not(.chart)").all_inner_texts()] for row in found]


def summary(page: Page) -> str:
    return page.locator(".explorer-summary").inner_text()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_opens_with_the_index_by_the_first_segment_as_the_book_writes_it(
    page: Page, explored: tuple[Path, Store], lang: str
) -> None:
    from analysis.publish.words import formats

    go(page, explored, lang)
    frame = explored[1].table("csi_segments")
    frame = frame[frame["segment"] == "institution_type"]
    overall = explored[1].table("csi_overall").iloc[0]
    written = [
        [
            formats.number(row["csi"] if "csi" in row else row["estimate"]),
            formats.interval(row["ci_low"], row["ci_high"], lang),
            formats.count(row["n"]),
            formats.count(row["n_eff"]),
        ]
        for row in [overall, *(row for _, row in frame.iterrows())]
    ]
    assert [row[1:] for row in rows(page)] == written
    assert rows(page)[1][0] == ("银行" if lang == "zh" else "Bank")
    assert page.locator(".explorer-table .strip").count() == len(written)
    assert formats.number(overall["estimate"]) in summary(page)


def test_every_control_has_a_name_and_the_keyboard_alone_picks(page: Page, explored: tuple[Path, Store]) -> None:
    go(page, explored, "en")
    page.get_by_label("Measure", exact=True).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.labels[0].textContent") == "By"
    for name in ("And by", "Order", "Compare with"):
        page.keyboard.press("Tab")
        while page.evaluate("!document.activeElement.labels"):
            page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.labels[0].textContent") == name
    assert summary(page).startswith("Efficiency by institution type")
    for _ in ("Compare with", "score", "n", "back"):
        page.keyboard.press("Tab")
    assert page.locator(".explorer :is(select, input):not([hidden])").count() == 8


def test_two_groups_are_crossed_and_withheld_ones_say_so(page: Page, explored: tuple[Path, Store]) -> None:
    go(page, explored, "en")
    page.get_by_label("And by", exact=True).select_option(label="Occupation")
    frame = explored[1].table("index_groups")
    frame = frame[(frame["question"] == "institution_type") & (frame["other"] == "occupation")]
    told = [row for row in rows(page)[1:] if len(row) > 1]
    assert len(told) == len(frame)
    assert sum(row[1] == "withheld" for row in told) == frame["score"].isna().sum() > 0
    assert f"{frame['score'].notna().sum()} groups are published" in summary(page)
    assert f"Withheld: {frame['score'].isna().sum()}." in summary(page)
    assert page.locator(".explorer-table tr.part").count() == frame["category"].nunique()


def test_the_other_order_of_two_groups_shows_the_same_figures(page: Page, explored: tuple[Path, Store]) -> None:
    go(page, explored, "en", "#m=csi&a=institution_type&b=age")
    one = sorted(row[1:] for row in rows(page))
    go(page, explored, "zh", "#m=csi&a=age&b=institution_type")
    assert [row[1:] for row in rows(page) if len(row) > 2] != []
    page.goto("about:blank")
    go(page, explored, "en", "#m=csi&a=age&b=institution_type")
    other = rows(page)
    assert other[1] == ["18–29"]
    assert sorted(row[1:] for row in other if len(row) > 1) == [row for row in one if row]


def test_by_value_the_highest_comes_first_and_what_is_withheld_last(page: Page, explored: tuple[Path, Store]) -> None:
    go(page, explored, "en", "#m=csi&a=age")
    page.get_by_label("Order").select_option(label="By value")
    values = [float(row[1]) for row in rows(page)[1:]]
    assert values == sorted(values, reverse=True)


def test_everybody_shows_the_measures_of_a_family_side_by_side(page: Page, explored: tuple[Path, Store]) -> None:
    go(page, explored, "en", "#m=score%20security")
    assert len(rows(page)) == 7
    assert page.locator(".explorer-table tr.chosen th").inner_text() == "Security"
    assert page.get_by_label("And by", exact=True).is_disabled()


@pytest.mark.parametrize(
    "choice", ["csi&a=age", "mean%20eff1", "high%20trust&a=institution_type", "csi&a=region&b=customer_type"]
)
def test_the_axis_says_where_its_lines_are(page: Page, explored: tuple[Path, Store], choice: str) -> None:
    """Numbers of equal steps at places of equal steps: no tick is rounded."""
    go(page, explored, "en", f"#m={choice}")
    ticks = page.locator(".explorer-table .axis text").all()
    told = [numbers(tick.text_content() or "")[0] for tick in ticks]
    places = [float((tick.get_attribute("x") or "").removesuffix("%")) for tick in ticks]
    assert len(told) >= 2
    steps = {round(b - a, 6) for a, b in itertools.pairwise(told)}
    assert len(steps) == 1
    per_unit = (places[-1] - places[0]) / (told[-1] - told[0])
    assert places == pytest.approx([places[0] + per_unit * (one - told[0]) for one in told])


def test_a_choice_is_kept_in_the_address(page: Page, explored: tuple[Path, Store]) -> None:
    go(page, explored, "en")
    page.get_by_label("By", exact=True).select_option(label="Age")
    page.get_by_label("And by", exact=True).select_option(label="Institution type")
    shown = rows(page)
    assert page.url.endswith("#m=csi&a=age&b=institution_type")
    page.reload()
    assert rows(page) == shown


def test_a_broken_address_opens_the_page_all_the_same(page: Page, explored: tuple[Path, Store]) -> None:
    go(page, explored, "en", "#m=%20nothing&a=%E0&b=age")
    assert rows(page)


def published(explored: tuple[Path, Store], table: str, category: str) -> pd.Series:
    frame = explored[1].table(table)
    return frame[(frame["segment"] == "institution_type") & (frame["category"] == category)].iloc[0]


def numbers(text: str) -> list[float]:
    return [float(one.replace("−", "-").replace(",", "")) for one in re.findall(r"[+−]?\d[\d,]*\.?\d*", text)]


def compare(page: Page, own: str, n: str, sd: str = "", group: str = "Bank") -> list[str]:
    page.locator("#explorer-compare select").select_option(label=group)
    fields = page.locator("#explorer-compare input")
    for place, value in enumerate((own, n, sd)):
        if value or place < 2:
            fields.nth(place).fill(value)
    return page.locator(".explorer-verdict p").all_inner_texts()


@pytest.mark.parametrize(("own", "n", "sd"), [(75.0, 40, 12.5), (70.5, 400, 15.0), (84.0, 250, 9.0), (76.0, 5, 20.0)])
def test_the_gap_of_a_score_is_that_of_two_independent_means(
    page: Page, explored: tuple[Path, Store], own: float, n: int, sd: float
) -> None:
    go(page, explored, "en")
    row = published(explored, "csi_segments", "bank")
    word, sentence, detail = compare(page, str(own), str(n), str(sd))
    half = t.ppf(0.975, n - 1) * sd / math.sqrt(n)
    gap, wide = own - row["csi"], math.hypot(half, Z * row["se"])
    unit = 0.1 if row["n"] >= 400 else 0.5
    allowance = 0.0 if unit == 0.1 else unit / 2
    low, high = gap - wide - allowance, gap + wide + allowance
    expected = "Higher" if low > 0 else "Lower" if high < 0 else "About the same"
    assert word == expected
    told = numbers(sentence)
    assert told[:3] == pytest.approx([own, row["csi"], gap], abs=0.051)
    assert told[3:5] == pytest.approx([low, high], abs=0.051)
    assert numbers(detail)[:2] == pytest.approx([own - half, own + half], abs=0.051)


def test_without_a_standard_deviation_the_published_spread_stands_in(page: Page, explored: tuple[Path, Store]) -> None:
    go(page, explored, "en")
    row = published(explored, "csi_segments", "bank")
    _, _, detail = compare(page, "75", "100")
    spread = row["se"] * math.sqrt(row["n_eff"])
    half = t.ppf(0.975, 99) * spread / 10
    assert numbers(detail)[:2] == pytest.approx([75 - half, 75 + half], abs=0.06)
    assert f"{spread:.1f}" in page.locator(".explorer-field .explorer-help").inner_text()


@pytest.mark.parametrize(("own", "n"), [(62.0, 300), (99.0, 60), (87.5, 2000)])
def test_the_gap_of_a_share_takes_each_side_with_its_own_interval(
    page: Page, explored: tuple[Path, Store], own: float, n: int
) -> None:
    """Newcombe's method: Wilson's interval of one's own share, the published interval as it is released."""
    go(page, explored, "en", "#m=high%20satisfaction&a=institution_type")
    row = published(explored, "csi_segments", "bank")
    word, sentence, _ = compare(page, str(own), str(n))
    share, p = own / 100, row["csat"]
    below, above = proportion_confint(share * n, n, method="wilson")
    unit = 0.01 if row["n"] < 200 else 0.005 if row["n"] < 1000 else 0.0
    gap = share - p
    low = gap - math.hypot(share - below, row["csat_high"] - p + unit) - unit / 2
    high = gap + math.hypot(above - share, p - row["csat_low"] + unit) + unit / 2
    assert word == ("Higher" if low > 0 else "Lower" if high < 0 else "About the same")
    assert numbers(sentence)[3:5] == pytest.approx([100 * low, 100 * high], abs=0.11)
    assert "percentage points" in sentence


def test_what_is_wrong_is_said_and_marked(page: Page, explored: tuple[Path, Store]) -> None:
    go(page, explored, "en")
    assert compare(page, "120", "3") == [
        "The figure should lie between 0 and 100. The number of interviews should be a whole number of 5 or more."
    ]
    marks = [field.get_attribute("aria-invalid") for field in page.locator("#explorer-compare input").all()]
    assert marks == ["true", "true", "false"]
    assert compare(page, "80", "") == ["Enter your figure and the number of interviews."]
    assert page.locator(".explorer-verdict").get_attribute("role") == "status"


def test_ones_own_figure_is_drawn_beside_the_group_that_it_is_compared_with(
    page: Page, explored: tuple[Path, Store]
) -> None:
    go(page, explored, "zh")
    assert page.locator("circle.own").count() == 0
    compare(page, "80", "100", group="银行")
    assert page.locator("tr.compared th").inner_text() == "银行"
    assert page.locator("tr.compared circle.own").count() == 1


@pytest.mark.parametrize("name", ["zh", "en", "hostile"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_choice_scrolls_the_page_sideways(page: Page, explored: tuple[Path, Store], name: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    for choice in ("", "#m=csi&a=institution_type&b=occupation", "#m=mean%20eff1"):
        page.goto("about:blank")
        go(page, explored, name, choice)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, choice


def test_without_scripts_the_tables_hold_the_figures(browser: Browser, explored: tuple[Path, Store]) -> None:
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    go(opened, explored, "en")
    assert opened.locator(".explorer-missing").is_visible()
    assert not opened.locator("#compare").is_visible()
    folded = opened.locator(
        "details", has_text="Satisfaction index and share of satisfied customers, by institution type"
    )
    folded.locator("summary").first.click()
    row = published(explored, "csi_segments", "bank")
    cell = folded.locator("table").first.locator("td", has_text=f"{row['csi']:.1f} (").first
    assert cell.is_visible()
    assert f"{row['n']:,.0f})" in cell.inner_text()
    context.close()


def test_hostile_names_are_shown_as_they_are(page: Page, explored: tuple[Path, Store]) -> None:
    from explorer_sample import edition, renamed
    from hostile_texts import HOSTILE

    from analysis.publish.words.labels import Labels

    labels = Labels(renamed(edition(), HOSTILE), "en")
    go(page, explored, "hostile")
    codes = list(explored[1].table("csi_segments").query("segment == 'institution_type'")["category"])
    names = page.locator(".explorer-table tbody th").all_text_contents()[1:]
    assert names == [labels.category("institution_type", code) for code in codes]
    assert page.locator("#explorer img, #explorer script, #explorer-compare img").count() == 0


def test_the_print_leaves_the_controls_out(page: Page, explored: tuple[Path, Store]) -> None:
    go(page, explored, "en")
    page.emulate_media(media="print")
    assert not page.locator("#explorer .explorer-controls").is_visible()
    assert page.locator(".explorer-table").is_visible()
