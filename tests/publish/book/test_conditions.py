"""Conditions of a chapter: what holds stays, what doesn't goes, line numbers stay, code is left alone."""

from __future__ import annotations

import pytest

from analysis.publish.book.conditions import (
    Telling,
    has_citation,
    has_reference_list,
    resolve_conditions,
    unnumber_sections,
)
from analysis.publish.book.lint import Problem

FLAGS = {"has.a": True, "has.b": False}


def _resolved(*lines: str) -> tuple[list[str], list[Problem]]:
    problems: list[Problem] = []
    text = resolve_conditions("\n".join(lines) + "\n", FLAGS, file="x.qmd", problems=problems)
    return text.split("\n")[:-1], problems


@pytest.mark.parametrize(
    ("kind", "flag", "kept"),
    [("when", "has.a", 1), ("when", "has.b", 0), ("unless", "has.a", 0), ("unless", "has.b", 1)],
)
def test_a_div_stays_where_its_condition_holds(kind: str, flag: str, kept: int) -> None:
    lines, problems = _resolved("a", f'::: {{.content-visible {kind}-meta="{flag}"}}', "b", ":::", "c")
    assert lines == ["a", "", "b" if kept else "", "", "c"]
    assert problems == []


def test_what_stands_inside_goes_with_what_it_stands_in() -> None:
    lines, _ = _resolved(
        '::: {.content-visible when-meta="has.b"}',
        '::: {.content-visible when-meta="has.a"}',
        "inner",
        ":::",
        "::: {.note}",
        "note",
        ":::",
        ":::",
        "after",
    )
    assert lines == [""] * 8 + ["after"]


@pytest.mark.parametrize("telling", ["everything", "results", "records"])
def test_a_section_of_which_nothing_holds_goes_with_its_heading(telling: Telling) -> None:
    def section(level: int, name: str, flag: str) -> str:
        return f'{"#" * level} Of {name} {{#sec-{name}}}\n\n::: {{.content-visible when-meta="{flag}"}}\nText.\n:::\n\n'

    text = f"# Chapter {{#sec-chapter}}\n\n{section(2, 'none', 'has.none')}{section(2, 'own', 'has.none')}"
    text += f"## Above {{#sec-above}}\n\n{section(3, 'below', 'has.some')}{section(3, 'nil', 'has.none')}"
    flags, problems = {"has.some": True, "has.none": False}, list[Problem]()
    left = resolve_conditions(text, flags, file="x", problems=problems, telling=telling, own=["sec-own"])
    heads = [line.split("#sec-")[1].rstrip("}") for line in left.splitlines() if line.startswith("#")]
    assert heads in (["chapter", "own", "above", "below"], ["chapter", "own", "below"])
    assert left.count("Text.") == 1
    assert not problems
    nothing = resolve_conditions(text, {**flags, "has.some": False}, file="x", problems=problems, telling=telling)
    assert not nothing.strip()


def test_an_ordinary_div_keeps_its_fences() -> None:
    lines, _ = _resolved("::: {.note}", '::: {.content-visible when-meta="has.a"}', "b", ":::", ":::")
    assert lines == ["::: {.note}", "", "b", "", ":::"]


def test_an_unknown_flag_is_named_with_its_line_and_the_nearest() -> None:
    lines, problems = _resolved("a", '::: {.content-visible when-meta="has.aa"}', "b", ":::")
    assert lines == ["a", "", "b"]
    assert [(p.file, p.line) for p in problems] == [("x.qmd", 2)]
    assert "'has.aa'" in problems[0].message
    assert "has.a" in problems[0].message.replace("'has.aa'", "")


def test_code_is_no_condition() -> None:
    code = ["```", '::: {.content-visible when-meta="has.b"}', "b", ":::", "```"]
    assert _resolved(*code)[0] == code


def test_sections_of_an_unnumbered_chapter_are_unnumbered_too() -> None:
    text = "# A {.unnumbered}\n\n## B {#sec-b}\n### C\n```\n## code\n```\n## D {.unnumbered}\n"
    assert unnumber_sections(text).split("\n")[2:] == [
        *("## B {#sec-b .unnumbered}", "### C {.unnumbered}", "```", "## code", "```", "## D {.unnumbered}", ""),
    ]
    numbered = "# A\n\n## B\n"
    assert unnumber_sections(numbered) == numbered
    assert unnumber_sections("# A {-}\n## B\n").endswith("## B {.unnumbered}\n")


@pytest.mark.parametrize(
    ("text", "cites"), [("by @fornell1996", True), ("see @tbl-a and @sec-b", False), ("a@b.cn", False)]
)
def test_a_reference_to_a_table_is_no_citation(text: str, cites: bool) -> None:
    assert has_citation(text) is cites
    assert has_reference_list(text) is False
    assert has_reference_list("::: {#refs}\n:::")
