"""Chapters of an edition without interviews: what was found, its sections, and no pointer to what was left out."""

from __future__ import annotations

from analysis.publish.book.conditions import drop_pointers, resolve_conditions

FLAGS = {"has.a": True, "has.b": False, "edition.interviewed": False}
WHEN, UNLESS = '::: {.content-visible when-meta="%s"}', '::: {.content-visible unless-meta="%s"}'


def _resolved(*lines: str, flags: dict[str, bool] = FLAGS) -> list[str]:
    text = resolve_conditions("\n".join(lines), flags, file="x", problems=[], telling="records")
    return [line for line in text.splitlines() if line]


def test_prose_that_no_result_asked_for_goes_and_what_was_found_stays() -> None:
    chapter = (
        "# One",
        "Written for a survey.",
        WHEN % "has.a",
        "Found.",
        ":::",
        "More.",
        UNLESS % "has.b",
        "Not.",
        ":::",
    )
    assert _resolved(*chapter) == ["# One", "Found."]


def test_a_chapter_without_any_result_is_left_out() -> None:
    assert (
        _resolved("# One", "Prose.", "## Two", WHEN % "has.b", "Absent.", ":::", UNLESS % "has.b", "Not.", ":::") == []
    )


def test_what_is_written_for_records_is_no_result_by_itself() -> None:
    own = (UNLESS % "edition.interviewed", "For records.", ":::")
    assert _resolved("# One", *own) == []
    assert _resolved("# One", *own, WHEN % "has.a", "Found.", ":::") == ["# One", "For records.", "Found."]
    nested = (UNLESS % "edition.interviewed", WHEN % "has.a", "Found.", ":::", ":::")
    assert _resolved("# One", *nested) == ["# One", "Found."]


def test_a_section_that_says_nothing_gives_way_to_those_below() -> None:
    chapter = (
        "# One",
        "## Two {#sec-two}",
        "Prose.",
        "### Three",
        WHEN % "has.a",
        "Found.",
        ":::",
        "### Four",
        "Prose.",
    )
    assert _resolved(*chapter) == ["# One", "## Three", "Found."]


def test_a_line_of_code_is_no_heading() -> None:
    assert _resolved("# One", WHEN % "has.a", "```", "# no heading", "```", ":::", "```", "# nor this", "```") == [
        "# One",
        "```",
        "# no heading",
        "```",
    ]


def test_an_edition_with_interviews_keeps_everything() -> None:
    lines = ("# One", "Prose.", "## Two", "More.")
    text = resolve_conditions("\n".join(lines), FLAGS, file="x", problems=[])
    assert [line for line in text.splitlines() if line] == list(lines)


def test_a_sentence_that_points_to_what_was_left_out_goes() -> None:
    text = "It is so. @tbl-gone has more. See @tbl-there for the rest (@sec-gone)."
    assert drop_pointers(text, {"tbl-there"}) == "It is so. See @tbl-there for the rest."
    assert drop_pointers("如此。详见 @tbl-gone 。其余见 @tbl-there 。", {"tbl-there"}) == "如此。其余见 @tbl-there 。"
    told = "{{< var findings.x >}} @sec-gone says how. "
    assert drop_pointers(told, set()) == "{{< var findings.x >}}"
    assert drop_pointers("{{< var findings.x >}}读法见 @sec-gone 。", set()) == "{{< var findings.x >}}"
    assert drop_pointers("Of {{< var n >}} cases, @fig-there shows half.", {"fig-there"}).startswith("Of {{< var n")


SURVEY = {"has.a": True, "has.b": False, "edition.interviewed": True, "edition.guided": False}


def _told(*lines: str, own: tuple[str, ...] = ()) -> list[str]:
    text = resolve_conditions("\n".join(lines), SURVEY, file="x", problems=[], telling="results", own=own)
    return [line for line in text.splitlines() if line]


def test_a_survey_keeps_its_prose_beside_results_and_drops_what_was_not_measured() -> None:
    absent = (UNLESS % "has.b", "Not measured.", ":::")
    section = ("# One", "Prose.", "{{< include ../tables/_x.md >}}", *absent)
    assert _told(*section) == ["# One", "Prose.", "{{< include ../tables/_x.md >}}"]
    limit = '::: {.content-visible .limit unless-meta="has.b"}'
    assert _told(*section, limit, "Nobody was drawn by chance.", ":::")[-1] == "Nobody was drawn by chance."


def test_a_survey_drops_sections_without_a_result() -> None:
    chapter = ("# One", "Prose.", "## Two", "Prose.", "## Three", "{{< var findings.x >}}")
    assert _told(*chapter) == ["# One", "Prose.", "## Three", "{{< var findings.x >}}"]
    assert _told("# One", "Prose.", "## Two", WHEN % "edition.interviewed", "Of its kind.", ":::") == []


def test_what_is_written_for_a_kind_of_edition_is_no_gap() -> None:
    kinds = (WHEN % "edition.guided", "With the guide.", ":::", UNLESS % "edition.guided", "Without.", ":::")
    assert _told("# One", "{{< var findings.x >}}", *kinds) == ["# One", "{{< var findings.x >}}", "Without."]


def test_a_section_with_prose_of_the_edition_is_kept() -> None:
    assert _told("# One", "## Two {#sec-two}", "Prose.", own=("sec-two",)) == ["# One", "## Two {#sec-two}", "Prose."]
