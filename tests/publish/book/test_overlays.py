"""Prose of an edition's own: put in by section, checked like the chapters, and never for a section that is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from book_sample import stage_sample

from analysis.errors import BookError
from analysis.publish.book.embedded.shortcodes import expanded_text
from analysis.publish.book.lint import BookLintError, book_problems
from analysis.publish.book.overlays import read_overlays, with_overlays

CHAPTER = "# One {#sec-one}\n\nOf one.\n\n## Two {#sec-two}\n\nOf two.\n\n### Three {#sec-three}\n\nOf three.\n"


def _own(folder: Path, **texts: str) -> Path:
    place = folder / "own"
    place.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (place / f"{name.replace('__', '.').replace('_', '-')}.md").write_text(text, encoding="utf-8")
    return place


def _shown(folder: Path, **texts: str) -> list[str]:
    overlays = read_overlays(_own(folder, **texts), ["sec-one", "sec-two", "sec-three"])
    text = with_overlays(CHAPTER, overlays, up="../")
    return [line for line in text.splitlines() if line]


def test_prose_stands_before_after_or_instead_of_the_text_of_its_section(tmp_path: Path) -> None:
    include = "{{< include ../overlays/_sec-two%s.md >}}"
    assert _shown(tmp_path / "a", sec_two="x")[3:6] == ["Of two.", include % "", "### Three {#sec-three}"]
    assert _shown(tmp_path / "b", sec_two__before="x")[2:5] == ["## Two {#sec-two}", include % ".before", "Of two."]
    assert _shown(tmp_path / "c", sec_two__instead="x")[2:5] == [
        "## Two {#sec-two}",
        include % ".instead",
        "### Three {#sec-three}",
    ]


def test_a_name_that_no_section_has_is_an_error_that_names_the_next_one(tmp_path: Path) -> None:
    with pytest.raises(BookError) as fault:
        _shown(tmp_path, sec_thre="x")
    assert "sec-thre.md" in str(fault.value)
    assert "sec-three" in str(fault.value)
    with pytest.raises(BookError, match=r"no place in the report"):
        _shown(tmp_path / "other", notes="x")


def test_own_prose_is_staged_with_numbers_and_checked_like_a_chapter(tmp_path: Path) -> None:
    own = _own(tmp_path, sec_purpose="Ours: {{< var csi.overall >}}, @tbl-profile.\n", sec_overview__before="First.\n")
    book = stage_sample(tmp_path, "en", overlays=own)
    assert not book_problems(book)
    text = expanded_text(book, Path("chapters/01-overview.qmd"), {"csi": {"overall": "80.1"}})
    assert text.index("First.") < text.index("blue whale")
    assert "Ours: 80.1, @tbl-profile." in text
    bad = _own(tmp_path / "bad", sec_purpose="<b>loud</b> and {{< var csi.nothing >}}, see @sec-nowhere.\n")
    problems = book_problems(stage_sample(tmp_path, "en", overlays=bad))
    assert {problem.file for problem in problems} == {"overlays/_sec-purpose.md"}
    told = " ".join(problem.message for problem in problems)
    assert all(word in told for word in ("raw HTML", "csi.nothing", "sec-nowhere"))


def test_conditions_hold_in_own_prose_too(tmp_path: Path) -> None:
    text = '::: {.content-visible when-meta="has.trend"}\nSeen.\n:::\n'
    book = stage_sample(
        tmp_path, "en", overlays=_own(tmp_path, sec_purpose=text), flags={"drawn.dimensions": True, "has.trend": False}
    )
    assert "Seen." not in (book / "overlays" / "_sec-purpose.md").read_text()
    unknown = _own(tmp_path / "bad", sec_purpose=text.replace("has.trend", "has.trent"))
    with pytest.raises(BookLintError, match=r"sec-purpose\.md.*has\.trent"):
        stage_sample(tmp_path, "en", overlays=unknown)


def test_a_section_with_prose_of_its_own_stays_without_a_result(tmp_path: Path) -> None:
    own = _own(tmp_path, sec_purpose="Why we asked.\n")
    kept = (stage_sample(tmp_path, "en", overlays=own, telling="results") / "chapters/01-overview.qmd").read_text()
    left = (stage_sample(tmp_path, "en", telling="results") / "chapters/01-overview.qmd").read_text()
    assert "{#sec-purpose}" in kept
    assert "_sec-purpose.md" in kept
    assert "_sec-purpose.md" not in left


def test_sections_can_be_left_out_by_name_with_what_points_to_them(tmp_path: Path) -> None:
    whole = stage_sample(tmp_path, "en")
    assert "{#sec-purpose}" in (whole / "chapters/01-overview.qmd").read_text()
    book = stage_sample(tmp_path, "en", leave_out=("sec-purpose",))
    assert "{#sec-purpose}" not in (book / "chapters/01-overview.qmd").read_text()
    assert not [p for p in book_problems(book) if "sec-purpose" in p.message]
    gone = stage_sample(tmp_path, "en", leave_out=("sec-overview",))
    assert not (gone / "chapters/01-overview.qmd").exists()
    with pytest.raises(BookError) as fault:
        stage_sample(tmp_path, "en", leave_out=("sec-purposes",))
    assert "sec-purpose" in str(fault.value)
