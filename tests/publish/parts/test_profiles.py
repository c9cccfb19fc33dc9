"""A page for each group: what it holds, which groups have one, and that nothing is told that is not there."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from analysis.edition import load_edition
from analysis.publish.book.made import Made
from analysis.publish.parts.profiles import PART, chapter, figures
from analysis.publish.parts.profiles.data import profiles, withheld
from analysis.publish.parts.profiles.facts import facts, in_short, side
from analysis.publish.words.labels import Labels
from analysis.publish.words.phrases import construct_inside
from analysis.results import Store

SEGMENT = "institution_type"
GAPS = {"efficiency": -2.0, "innovation": 3.0, "security": 0.1}


@pytest.fixture(scope="module", params=["zh", "en"])
def labels(request: pytest.FixtureRequest, root: Path) -> Labels:
    return Labels(load_edition(root / "params" / "2025.yml"), request.param)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Banks with a page, platforms with one, insurers withheld."""
    store = Store(tmp_path)
    store.save_record("04_weighting", "weighting", {"available": False, "base_source": "equal"})
    index = pd.DataFrame({"segment": SEGMENT, "category": ["bank", "insurance", "internet"], "csi": [83.0, None, 80.0]})
    index = index.assign(ci_low=index["csi"] - 1, ci_high=index["csi"] + 1, n=[1407, None, 976])
    store.save_table("csi_segments", index)
    rows = [
        {"segment": SEGMENT, "category": unit, "construct": key, "score": 82 + gap * sign, "n": 900}
        for unit, sign in (("bank", -1), ("internet", 1))
        for key, gap in GAPS.items()
    ]
    frame = pd.DataFrame(rows).assign(ci_low=lambda t: t["score"] - 1, ci_high=lambda t: t["score"] + 1)
    store.save_table("segment_dimensions", frame)
    fair = frame.assign(adjusted=frame["score"], difference=frame["score"] - 82, overall=82.0)
    store.save_table("fair_dimensions", fair.assign(p_adjusted=(fair["difference"].abs() < 1) * 0.5 + 0.001))
    store.save_table("csi_dimensions", pd.DataFrame({"construct": list(GAPS), "score": 82.0}))
    store.save_table("csi_overall", pd.DataFrame({"measure": ["csi"], "estimate": [82.2]}))
    return store


def test_every_published_group_has_a_page_and_a_withheld_one_a_line(store: Store, labels: Labels) -> None:
    assert [one.category for one in profiles(store, labels)] == ["bank", "internet"]
    assert withheld(store, labels) == [(SEGMENT, "insurance")]
    text = chapter.texts(store, labels)["profiles"]
    assert re.findall(r"^## .*\{#(\S+) \.profile\}$", text, re.M) == ["sec-profile-1", "sec-profile-2"]
    assert re.findall(r"^!.*\n\n(.*)$", text, re.M) == ["{{< made profile_1 >}}", "{{< made profile_2 >}}"]
    (line,) = [one for one in text.split("\n") if labels.category(SEGMENT, "insurance") in one]
    assert str(labels.edition.disclosure.min_base) in line
    assert chapter.flags(store, labels) == {"profiles.chapter": True}


def test_a_figure_tells_its_source_its_own_base_and_what_it_was_drawn_from(store: Store, labels: Labels) -> None:
    bank, platform = figures.each(store, labels)
    lines = [one.base.line(store, labels) for one in (bank, platform) if one.base]
    assert [("1,407" in line, "976" in line) for line in lines] == [(True, False), (False, True)]
    assert all(labels.text("sources.unweighted") in line for line in lines)
    made = Made(["segment_dimensions", "fair_dimensions"], ["05_satisfaction"])
    note = made.below(bank, lines[0], labels, up="../", classes=" .stays")
    assert note.startswith("::: {.figure-note .stays}\n")
    files = ["data/segment_dimensions.csv", "data/fair_dimensions.csv"]
    files += ["figures/profile_1.svg", "figures/profile_1.png", "notebooks/05_satisfaction.html"]
    assert re.findall(r"\]\(\.\./([^)#]+)", note) == files


def test_bands_follow_the_comparison_of_like_with_like(store: Store, labels: Labels) -> None:
    bank, platform = profiles(store, labels)
    assert {row["construct"]: row["band"] for row in platform.dimensions} == {
        "innovation": "higher",
        "security": "same",
        "efficiency": "lower",
    }
    assert [row["construct"] for row in bank.of("higher")] == ["efficiency"]
    assert [row["score"] for row in platform.dimensions] == [85.0, 82.1, 80.0]


def test_facts_are_told_as_far_as_there_are_tables(store: Store, labels: Labels) -> None:
    bank, _ = profiles(store, labels)
    before = [name for name, _ in facts(bank)]
    kept = {"category": ["bank", "internet"], "due": [1722, 665], "kept": [0.873, 0.87], "ci_low": 0.85, "ci_high": 0.9}
    tested = {"others": 0.849, "difference": 0.024, "p_adjusted": 0.88}
    store.save_table("service_institutions", pd.DataFrame({**kept, **tested}))
    quotes = {"theme": "attitude", "institution_type": ["internet", "bank"], "quote": ["排队太久", "态度很好"]}
    store.save_table("comment_quotes", pd.DataFrame(quotes))
    told = dict(facts(bank))
    assert len(told) == len(before) + 2
    text = " ".join(told.values())
    assert "87.3%" in text
    assert "1,722" in text
    assert "态度很好" in text
    assert "排队太久" not in text  # another institution's


def _gaps(store: Store, rows: dict[str, tuple[int, float, float, float]]) -> None:
    """Save what banks would gain, by dimension: rank, distance to platforms, half of its interval, gain."""
    named = ["construct", "rank", "gap", "half", "index_gain"]
    frame = pd.DataFrame([(key, *values) for key, values in rows.items()], columns=named)
    frame = frame.assign(gap_low=frame["gap"] - frame["half"], gap_high=frame["gap"] + frame["half"])
    frame = frame.assign(performance=79.0, target=79.0 + frame["gap"], category="bank", target_category="internet")
    frame = frame.assign(index_low=frame["index_gain"] - 0.25, index_high=frame["index_gain"] + 0.25)
    frame = frame.assign(basis="model", outcome="loyalty", priority=frame["index_gain"] / 2)
    frame = frame.assign(priority_low=frame["priority"] - 0.1, priority_high=frame["priority"] + 0.1)
    store.save_table("group_priorities", frame.assign(segment=SEGMENT, target_segment=SEGMENT))


def test_a_priority_tells_the_gain_with_its_interval_where_the_distance_is_clear(store: Store, labels: Labels) -> None:
    clear = {"innovation": (2, 6.0, 1.0, 0.86), "security": (1, 2.0, 1.0, 1.03)}
    _gaps(store, clear | {"efficiency": (3, 0.5, 1.0, 0.4), "attitude": (0, 5.0, 1.0, 0.03)})
    bank, platform = profiles(store, labels)
    told = dict(facts(bank))[labels.text("profiles.facts.priorities")]
    assert told.index("0.78–1.28") < told.index("0.61–1.11")
    assert "0.03" not in told, "nor is a gain told that is too small to be seen"
    assert labels.construct("efficiency").lower() not in told.lower()
    assert "0.78–1.28" in in_short(bank)
    assert "@sec-directions" in chapter.texts(store, labels)["profiles"]
    assert labels.text("profiles.facts.priorities") not in dict(facts(platform))
    assert in_short(platform) == ""


def test_a_group_that_is_nowhere_clearly_behind_is_told_so_and_promised_nothing(store: Store, labels: Labels) -> None:
    _gaps(store, {"innovation": (1, 0.8, 1.0, 0.2)})
    bank, _ = profiles(store, labels)
    told = dict(facts(bank))[labels.text("profiles.facts.priorities")]
    assert told.lower() == labels.text("profiles.nothing_to_gain").lower()
    assert in_short(bank) == labels.text("profiles.in_short_nothing", group=bank.name)


def test_many_dimensions_on_one_side_are_counted(store: Store, labels: Labels, monkeypatch: pytest.MonkeyPatch) -> None:
    bank, platform = profiles(store, labels)
    assert side(platform, "higher") == labels.construct("innovation").lower()
    monkeypatch.setattr("analysis.publish.parts.profiles.facts.MOST_NAMED", 0)
    assert re.findall(r"\d", side(bank, "higher")) == ["2"]


def test_a_voice_in_another_language_than_the_page_says_so(store: Store, labels: Labels) -> None:
    quotes = {"theme": "attitude", "institution_type": "bank", "quote": ["态度很好，也很耐心"]}
    store.save_table("comment_quotes", pd.DataFrame(quotes))
    told = dict(facts(profiles(store, labels)[0]))
    if labels.lang == "zh":
        assert "lang=" not in told[labels.text("profiles.facts.voices")]
    else:
        assert '[态度很好，也很耐心]{lang="zh"}' in told[labels.text("profiles.facts.voices_zh")]


def test_each_profile_has_a_figure_that_shows_all_of_it(store: Store, labels: Labels) -> None:
    drawn = PART.each(store, labels)
    assert [one.name for one in drawn] == ["profile_1", "profile_2"]
    tables = store.published()
    assert all(one.is_drawn(tables) for one in drawn)
    drawing = drawn[1].draw(tables, labels)
    (axes,) = drawing.axes
    low, high = axes.get_xlim()
    for row in profiles(store, labels)[1].dimensions:
        assert low < min(row["ci_low"], row["everybody"])
        assert max(row["ci_high"], row["everybody"]) < high
    assert "▲" in " ".join(text.get_text() for text in axes.texts)
    assert figures.headline(profiles(store, labels)[1]) == labels.text(
        "profiles.headline.both",
        higher=labels.construct("innovation") if labels.lang == "zh" else "innovation",
        lower=labels.construct("efficiency") if labels.lang == "zh" else "efficiency",
    )


@pytest.mark.parametrize(("named", "expected"), [(("customer_type",), ["corporate"]), ((), [])])
def test_the_params_name_other_questions_or_none(
    store: Store, labels: Labels, named: tuple[str, ...], expected: list[str]
) -> None:
    group = {"question": "customer_type", "category": "corporate", "other": None, "ci_low": 82.0, "ci_high": 84.0}
    store.save_table("index_groups", pd.DataFrame([{**group, "score": 83.0, "n": 400}]))
    scores = [{**group, "construct": key, "score": 83.0, "n": 400} for key in GAPS]
    store.save_table("dimension_groups", pd.DataFrame(scores))
    publication = labels.edition.publication.model_copy(update={"profiles": named})
    other = Labels(labels.edition.model_copy(update={"publication": publication}), labels.lang)
    found = profiles(store, other)
    assert [one.category for one in found] == expected
    assert all(len(one.dimensions) == len(GAPS) for one in found)
    if not named:
        assert chapter.texts(store, other) == {}


def test_a_survey_without_an_index_has_no_profiles(tmp_path: Path, labels: Labels) -> None:
    assert profiles(Store(tmp_path), labels) == []
    assert PART.texts(Store(tmp_path), labels) == {}


def test_of_one_dimension_none_is_highest_and_lowest(labels: Labels) -> None:
    rows = [{"construct": "efficiency", "band": ""}, {"construct": "innovation", "band": ""}]
    alone, both = (SimpleNamespace(labels=labels, dimensions=rows[:count], of=lambda _: []) for count in (1, 2))
    name = construct_inside("efficiency", labels)
    assert figures.headline(alone) == labels.text("profiles.headline.single", high=name)
    assert figures.headline(both).count(name) == 1
    assert figures.headline(alone) != figures.headline(both)
