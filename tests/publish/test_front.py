"""The front page tells the strongest patterns that there are, no theme twice, and none that is not there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.edition import load_edition
from analysis.publish.book.content import _offered
from analysis.publish.front.choice import MOST, chosen, likeness, strength
from analysis.publish.front.fallback import ENOUGH, filled
from analysis.publish.front.page import measured, pages, standing
from analysis.publish.front.scorecard import scorecard
from analysis.publish.part import Candidate
from analysis.publish.parts import all_parts
from analysis.publish.parts.drivers import candidates as drivers
from analysis.publish.parts.satisfaction import candidates as satisfaction
from analysis.publish.parts.standards import candidates as standards
from analysis.publish.parts.trend import candidates as trend
from analysis.publish.words.labels import Labels
from analysis.publish.words.spoken import errors, spoken
from analysis.results import Store


@pytest.fixture(scope="module", params=["zh", "en"])
def labels(request: pytest.FixtureRequest, root: Path) -> Labels:
    return Labels(load_edition(root / "params" / "2025.yml"), request.param)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def _candidate(theme: str, size: float = 5.0, about: tuple[str, ...] = (), **more: float) -> Candidate:
    return Candidate(theme, theme, "", "sec-x", about, size, **more)


def test_strength_grows_with_the_size_and_levels_off() -> None:
    sizes = [strength(_candidate("a", size)) for size in (0.0, 2.0, 4.0, 20.0, 200.0)]
    assert sizes == sorted(sizes)
    assert sizes[0] == 0
    assert sizes[-1] - sizes[-2] < sizes[1] - sizes[0]
    # what is not clear is not told for being surprising
    assert strength(_candidate("a", 0.2, surprise=1.0, contrast=1.0, use=1.0)) < strength(_candidate("a", 3.0))


def test_no_theme_is_told_twice_and_the_strongest_of_it_is() -> None:
    found = chosen([_candidate("a", 9), _candidate("a", 30), *(_candidate(name, 3) for name in "bcdefg")])
    assert (found[0].theme, found[0].size) == ("a", 30)
    assert len({one.theme for one in found}) == len(found) == MOST


def test_what_repeats_the_names_of_a_stronger_finding_gives_way() -> None:
    first, same, other = (
        _candidate("a", 9, ("bank", "security")),
        _candidate("b", 8, ("bank", "security")),
        _candidate("c", 2, ("queue",)),
    )
    assert likeness(first, same) == 1.0
    assert [one.theme for one in chosen([first, same, other], most=2)] == ["a", "c"]


def test_numbers_are_said_whole_where_that_tells_them_apart() -> None:
    assert spoken([80.9, 77.8]) == ["81", "78"]
    assert spoken([80.4, 80.3]) == ["80.4", "80.3"]
    assert spoken([0.805, 0.87], share=True) == ["81%", "87%"]
    assert errors(2.0, 1.0, 3.0) == pytest.approx(4.0)
    assert errors(2.0, 1.0, 1.0) == 0


SCORES = {
    ("bank", "innovation"): 77.8,
    ("internet", "innovation"): 80.9,
    ("bank", "security"): 87.9,
    ("internet", "security"): 79.7,
    ("bank", "attitude"): 85.0,
    ("internet", "attitude"): 84.9,
}


SIZES = {"bank": 1400, "internet": 970}


def _pairs(store: Store, p: dict[str, float]) -> None:
    """Platforms ahead on innovation and behind on security, with these adjusted p values."""
    rows = [
        {"segment": "institution_type", "a": "bank", "b": "internet", "construct": key, "se": 0.6, "p_adjusted": value}
        | {"difference": SCORES["bank", key] - SCORES["internet", key], "n_a": 1400, "n_b": 970}
        for key, value in p.items()
    ]
    frame = pd.DataFrame(rows)
    store.save_table(
        "dimension_pairs", frame.assign(ci_low=frame["difference"] - 1.2, ci_high=frame["difference"] + 1.2)
    )
    told = [
        {"segment": "institution_type", "category": unit, "construct": key, "score": score, "n": SIZES[unit]}
        for (unit, key), score in SCORES.items()
    ]
    store.save_table("segment_dimensions", pd.DataFrame(told))
    store.save_table(
        "csi_segments",
        pd.DataFrame({"segment": "institution_type", "category": ["bank", "internet"], "csi": [83.0, 80.0]}),
    )


def test_a_reversal_is_found_when_it_is_there(store: Store, labels: Labels) -> None:
    _pairs(store, {"innovation": 0.001, "security": 0.0001, "attitude": 0.9})
    (found,) = satisfaction.reversals(store, labels)
    assert re.findall(r"\d+", found.sentence) == ["81", "78", "80", "88"]
    platforms, banks = (labels.group("institution_type", code) for code in ("internet", "bank"))
    assert found.sentence.lower().index(platforms.lower()) < found.sentence.lower().index(banks.lower())
    assert {"internet", "bank", "innovation", "security"} == set(found.about)
    assert "970" in found.basis
    assert "1.9–4.3" in found.basis  # the lead on innovation, as a positive distance


@pytest.mark.parametrize(
    "p",
    [
        {"innovation": 0.06, "security": 0.0001, "attitude": 0.9},
        {"innovation": 0.001, "security": 0.2, "attitude": 0.9},
        {"innovation": 0.9, "security": 0.9, "attitude": 0.9},
    ],
)
def test_a_reversal_is_not_told_when_one_side_could_be_chance(
    store: Store, labels: Labels, p: dict[str, float]
) -> None:
    _pairs(store, p)
    assert list(satisfaction.reversals(store, labels)) == []


def test_a_dimension_that_was_measured_badly_makes_no_reversal(store: Store, labels: Labels) -> None:
    _pairs(store, {"innovation": 0.001, "security": 0.0001, "attitude": 0.9})
    store.save_table("construct_verdicts", pd.DataFrame({"construct": ["security"], "verdict": ["improper"]}))
    assert list(satisfaction.reversals(store, labels)) == []


def _fair(store: Store, verdicts: dict[str, dict[str, float]]) -> None:
    """Differences from what was to be expected by unit and dimension ("" for the index); clear ones are beyond 1."""
    rows = [
        {"segment": "institution_type", "category": unit, "construct": key, "difference": gap, "n": 700, "se": 0.4}
        | {"p_adjusted": 0.001 if abs(gap) > 1 else 0.6, "adjusted": 82 + gap, "overall": 82.0, "score": 82 + gap}
        for unit, gaps in verdicts.items()
        for key, gap in gaps.items()
    ]
    frame = pd.DataFrame(rows).assign(adjusted_low=80.0, adjusted_high=84.0, range_low=81.0, range_high=83.0)
    store.save_table("fair_index", frame[frame["construct"] == ""])
    store.save_table("fair_dimensions", frame[frame["construct"] != ""])


DIMENSIONS = ("efficiency", "attitude", "results", "security", "continuity", "innovation")


def test_a_unit_that_breaks_its_own_rule_is_found(store: Store, labels: Labels) -> None:
    _fair(
        store,
        {
            "internet": {"": -2.0, **dict.fromkeys(DIMENSIONS[:-1], -2.0), "innovation": 3.0},
            "bank": {"": 2.0, **dict.fromkeys(DIMENSIONS, 2.0)},
        },
    )
    (odd,) = drivers.exceptions(store, labels)
    assert odd.about == ("internet", "innovation")
    assert "85" in odd.sentence
    (standing,) = drivers.standing(store, labels)
    assert standing.about == ("bank", "internet")


def test_units_that_are_as_expected_offer_nothing(store: Store, labels: Labels) -> None:
    _fair(store, {unit: {"": 0.3, **dict.fromkeys(DIMENSIONS, -0.4)} for unit in ("internet", "bank")})
    assert [*drivers.exceptions(store, labels), *drivers.standing(store, labels)] == []


def test_the_scorecard_tells_each_band_by_sign_word_and_class(store: Store, labels: Labels) -> None:
    _fair(
        store,
        {
            "internet": {"": -2.0, "efficiency": 0.2, "innovation": 3.0},
            "bank": {"": 2.0, "efficiency": -1.5, "innovation": 0.0},
            "fund": {"": 0.5, "efficiency": 0.0, "innovation": 0.0},
        },
    )
    card = scorecard(store, labels)
    rows = [line for line in card.split("\n") if line.startswith("|")][2:]
    names = [labels.category("institution_type", code) for code in ("bank", "fund", "internet")]
    assert [row.split("|")[1].strip() for row in rows] == names  # by the index
    words = {band: labels.text(f"front.bands.{band}") for band in ("higher", "same", "lower")}
    for row, bands in zip(rows, (("higher", "lower", "same"), ("same",) * 3, ("lower", "same", "higher")), strict=True):
        assert [cell.split("[")[3].split("]")[0] for cell in row.split("|")[2:-1]] == [words[band] for band in bands]
    assert card.count("▲") == card.count(".better") == 2
    assert card.count("▼") == card.count(".worse") == 2


def test_one_unit_has_no_scorecard(store: Store, labels: Labels) -> None:
    _fair(store, {"bank": {"": 2.0, "efficiency": 2.0}})
    assert scorecard(store, labels) == ""


def _promises(store: Store, kept: float, rated: float) -> None:
    row: dict[str, Any] = {"category": "insurance", "n_rated": 690, "satisfied": 0.88, "due": 543, "kept": 0.805}
    row |= {"satisfied_low": 0.85, "satisfied_high": 0.9, "ci_low": 0.77, "ci_high": 0.84}
    row |= {"rated_difference": -0.04, "rated_p_adjusted": rated, "difference": -0.06, "p_adjusted": kept}
    store.save_table("perception_institutions", pd.DataFrame([row]))
    store.save_table("service_institutions", pd.DataFrame([{"category": "insurance", "others": 0.869}]))


@pytest.mark.parametrize(
    ("kept", "rated", "told"),
    [(0.003, 0.01, "lower_lower"), (0.003, 0.6, "lower_same"), (0.6, 0.01, "same_lower"), (0.6, 0.6, "")],
)
def test_promises_and_how_they_are_felt_go_together_or_apart(
    store: Store, labels: Labels, kept: float, rated: float, told: str
) -> None:
    _promises(store, kept, rated)
    found = list(standards.promises(store, labels))
    assert len(found) == bool(told)
    if told:
        units = labels.group("institution_type", "insurance")
        said = labels.text(f"front.promises.{told}", units=units, kept="81%", others="87%")
        assert found[0].sentence == said[:1].upper() + said[1:]


@pytest.mark.parametrize(("low", "high", "told"), [(2.8, 4.4, True), (-0.2, 4.4, False)])
def test_a_change_is_told_where_it_is_clear(store: Store, labels: Labels, low: float, high: float, told: bool) -> None:
    row = {"change": "first", "against": "2019Q1", "before": 78.6, "difference": 3.6, "ci_low": low, "ci_high": high}
    store.save_table("changes", pd.DataFrame([row]))
    assert len(list(trend.candidates(store, labels))) == told


def _overall(store: Store) -> None:
    rows = [
        {"measure": "csi", "estimate": 82.2, "ci_low": 81.9, "ci_high": 82.6, "n": 5020},
        {"measure": "csat", "estimate": 0.868, "ci_low": 0.857, "ci_high": 0.877, "n": 5020},
    ]
    store.save_table("csi_overall", pd.DataFrame(rows))


@pytest.mark.parametrize(("low", "high", "way"), [(-0.4, 1.1, "same"), (0.1, 1.1, "higher"), (None, None, "")])
def test_the_index_stands_once_with_its_change_and_how_sure_it_is(
    store: Store, labels: Labels, low: float | None, high: float | None, way: str
) -> None:
    _overall(store)
    if way:
        row = {"change": "year", "against": "2024Q3", "difference": 0.4, "ci_low": low, "ci_high": high}
        store.save_table("changes", pd.DataFrame([row]))
    text = pages(standing(store, labels), [], labels)["front_first"]
    assert text.count("82.2") == 1
    assert "5,020" in text
    said = labels.text(f"front.index.{way}", before="", change="", ci="") if way else ""
    head = re.split("[:：]", said)[0]
    assert head in text
    assert ("2024" in text) == bool(way)


@pytest.mark.parametrize(
    ("difference", "p", "said"), [(1.5, 0.001, ("高于", "Higher")), (-1.5, 0.001, ("低于", "Lower")),
                                  (-1.5, 0.2, ("相当", "About the same"))]
)  # fmt: skip
def test_the_index_of_a_part_stands_beside_that_of_all(
    store: Store, labels: Labels, difference: float, p: float, said: tuple[str, str]
) -> None:
    row = {"estimate": 81.7, "ci_low": 80.8, "ci_high": 82.6, "n": 748}
    store.save_table("csi_overall", pd.DataFrame([{"measure": "csi", **row}]))
    assert "83.2" not in measured(store, labels)
    against = {"measure": ["csi", "csat"], "value": 81.7, "whole": [83.2, 90.0], "difference": difference}
    ends = {"difference_low": difference - 0.9, "difference_high": difference + 0.9, "p_adjusted": p}
    store.save_table("against_whole", pd.DataFrame(against | ends))
    told = measured(store, labels)
    assert said[0 if labels.lang == "zh" else 1] in told
    assert "83.2" in told
    assert "90.0" not in told


def test_a_store_without_tables_has_an_empty_front(store: Store, labels: Labels) -> None:
    assert pages(standing(store, labels), [], labels) == {"front_first": "", "front_second": ""}
    assert [one for part in all_parts() for one in part.candidates(store, labels)] == []


def test_parts_without_candidates_fill_the_page_and_others_do_not(labels: Labels) -> None:
    keys = [[finding.key for finding in part.findings] for part in all_parts()]
    said = [{"offered": [], "told": dict.fromkeys(own, "It is 81.7."), "briefs": {}} for own in keys]
    withheld = [{**one, "told": dict.fromkeys(one["told"], "Nothing can be published by v2.")} for one in said]
    assert filled([_candidate("a")], withheld, labels) == [_candidate("a")]
    found = filled([_candidate("a")], said, labels)
    assert len(found) == ENOUGH
    assert found[0].theme == "a"
    assert all(one.lead for one in found[1:])
    busy = [one | {"offered": [{"theme": "x"}]} for one in said]
    assert filled([_candidate("a")], busy, labels) == [_candidate("a")]


def test_a_candidate_survives_being_remembered() -> None:
    from dataclasses import asdict

    one = _candidate("a", 3.0, ("x", "y"), contrast=0.5)
    assert chosen(_offered([{"offered": [asdict(one)]}]))[0].sentence == one.sentence
