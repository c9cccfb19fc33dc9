"""The slides: titles and lines are sentences of the findings, notes have base and interval, no more than fits."""

from __future__ import annotations

import html

import pytest

from analysis.publish.book.languages import word_group
from analysis.publish.book.slides import DECK, LINE, LINES, Told, headline, sentences, slides
from analysis.publish.parts import all_parts
from analysis.publish.tables.columns import N, interval, number, text
from analysis.publish.tables.markdown import display_width
from analysis.publish.tables.printed import Printed
from analysis.publish.tables.spec import TableSpec
from analysis.publish.words.escape import with_references

SPEC = TableSpec("scores", (text("category"), number("score", 1), interval("low", "high", 1), N))
TABLE = Printed(
    SPEC, "Scores by group", "Base: all customers.", ["Group", "Score", "95% interval", "n"],
    [["Banks", "83.3", "82.7–83.9", "1,407"], ["Insurers", "80.5", "79.6–81.4", "660"]],
)  # fmt: skip
FINDINGS = {
    "overall": "The index is 82.2 (95% interval 81.9–82.6); 86.8% are satisfied (85.7–87.7%).",
    "trend": "It has not changed in a year (+0.4; −0.4 to 1.1). It will rise.",
    "dimensions": "Security (85.6; 85.2–86.1) scores highest, innovation (78.0; 77.4–78.6) lowest. They differ.",
    "advice_1_head": "Raise security.",
    "action_1": "It stands at 85.6 (85.2–86.1). Banks show how.",
    "advice_1": "It stands at 85.6 (85.2–86.1). By 2026.",
    "response": "Of 16,935 people 5,891 answered. More follows.",
}


def told(**changes: object) -> Told:
    values: dict[str, object] = {
        "lang": "en",
        "findings": FINDINGS,
        "summary": [("Level", FINDINGS["overall"]), ("Strengths", FINDINGS["dimensions"])],
        "drawn": {"dimensions": ("scores",)},
        "tables": {"scores": TABLE},
    }
    return Told(**(values | changes))  # type: ignore[arg-type]


def test_every_slide_names_a_finding_and_a_figure_that_there_are_and_has_words_for_its_title() -> None:
    findings = {one.key for part in all_parts() for one in part.findings} | {"summary", "actions", "method"}
    figures = {one.name for part in all_parts() for one in part.figures}
    assert {one.finding for one in DECK} <= findings
    assert {one.also for one in DECK if one.also} <= findings
    assert {one.figure for one in DECK if one.figure} <= figures
    for lang in ("zh", "en"):
        assert {one.finding for one in DECK} == set(word_group(lang, "slides"))
    assert 11 <= len(DECK) <= 15  # and one for the title


def test_a_title_is_a_finding_without_its_intervals() -> None:
    assert headline("Security (85.6; 85.2–86.1) scores highest, innovation (78.0) lowest.", "en") == (
        "Security scores highest, innovation lowest"
    )
    assert headline("指数为 82.2 分（95% 区间 81.9–82.6）。", "zh") == "指数为 82.2 分"
    assert headline("Banks (the old ones) lead.", "en") == "Banks (the old ones) lead"


def test_sentences_end_where_they_end() -> None:
    assert sentences("It is 82.2 of 100. Banks lead! Mr. Smith’s do not.", "en") == [
        "It is 82.2 of 100.", "Banks lead!", "Mr. Smith’s do not.",
    ]  # fmt: skip
    assert sentences("甲为 82.2 分。乙更低。", "zh") == ["甲为 82.2 分。", "乙更低。"]
    assert sentences(with_references("One stays. See @tbl-items for more."), "en") == ["One stays."]


def test_slides_say_what_was_found_and_the_notes_the_base_and_interval_of_each_number() -> None:
    text = slides(told())
    titles = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    assert titles == [
        "The index is 82.2; 86.8% are satisfied",
        "Key findings",
        "Security scores highest, innovation lowest",
        "Three things to do first",
        "How it was done",
    ]
    slide = text.split("## Security")[1].split("\n## ")[0]
    shown, notes = slide.split("::: {.notes}")
    assert "![](figures/dimensions.svg)" in shown
    assert "They differ." in shown
    assert FINDINGS["dimensions"] in notes
    notes = html.unescape(notes)
    assert "Banks: Score 83.3; 95% interval 82.7–83.9; n 1,407" in notes
    assert "Base: all customers." in notes


def test_a_title_without_its_numbers_gives_way_to_that_of_the_figure() -> None:
    shown = slides(told(headlines={"dimensions": "Security first (85.6), innovation last (78.0)"}))
    slide = shown.split("## Security first (85.6), innovation last (78.0)")[1].split("::: {.notes}")[0]
    assert FINDINGS["dimensions"].split(". ")[0] in slide
    undrawn = slides(told(headlines={"dimensions": "Security first"}, drawn={}))
    assert "Security first" not in undrawn


def test_what_an_edition_lacks_has_no_slide_and_nothing_found_no_slides() -> None:
    assert slides(told(findings={}, summary=[], drawn={}, tables={})) == ""
    assert (
        slides(told(findings={"dimensions": "One is. One is not."}, summary=[], drawn={}, tables={})).count("## ") == 1
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_slide_holds_more_points_than_fit(lang: str) -> None:
    long = "很长的一句话" * 20 + "。" if lang == "zh" else "A long sentence about nothing much. " * 5
    found = {f"advice_{n}_head": long for n in "123"} | {"monitoring": long * 9}
    summary = [("甲" if lang == "zh" else "Lead", long)] * 9
    text = slides(told(lang=lang, findings=found, summary=summary, drawn={}, tables={}))
    for slide in text.split("\n## "):
        points = [
            line for line in slide.split("::: {.notes}")[0].splitlines() if line.startswith(("- ", "1", "2", "3"))
        ]
        lines = sum(-(-display_width(point) // LINE[lang]) for point in points if point.startswith("- "))
        assert lines <= LINES + 1


def test_a_sentence_alone_has_no_slide_without_a_figure_and_is_not_said_twice_with_one() -> None:
    alone = {"dimensions": "Nothing can be told apart."}
    assert slides(told(findings=alone, summary=[], drawn={}, tables={})) == ""
    shown = slides(told(findings=alone, summary=[])).split("::: {.notes}")[0]
    assert shown.count("Nothing can be told apart") == 2  # the title, and the words of the picture
    assert "![](figures/dimensions.svg)" in shown
    told_once = slides(told(findings={"dimensions": "Security leads (85.6)."}, summary=[])).split("::: {.notes}")[0]
    assert "## Security leads\n\nSecurity leads (85.6)." in told_once


def test_a_first_sentence_that_is_too_long_gives_way_to_words() -> None:
    text = slides(told(findings={"segments": "By kind, " + "the index is highest for banks, " * 9 + "."}, summary=[]))
    assert "## Differences between groups" in text
    assert "the index is highest" in text.split("::: {.notes}")[0]
