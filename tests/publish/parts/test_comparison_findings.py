"""Sentences of the comparisons say what the one rule allows, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.edition import load_edition
from analysis.publish.parts.drivers import fair_findings, service_findings
from analysis.publish.parts.drivers.compared_tables import COMPARED
from analysis.publish.words.labels import Labels
from analysis.publish.words.phrases import construct_inside
from analysis.results import Store


@pytest.fixture(scope="module", params=["zh", "en"])
def labels(request: pytest.FixtureRequest, root: Path) -> Labels:
    return Labels(load_edition(root / "params" / "2025.yml"), request.param)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def _units(rows: dict[str, tuple[float, float]], **more: object) -> pd.DataFrame:
    """Units with difference and adjusted p."""
    return pd.DataFrame(
        {
            "segment": "institution_type",
            "category": list(rows),
            "adjusted": [80 + difference for difference, _ in rows.values()],
            "range_low": 79.0,
            "range_high": 81.0,
            "difference": [difference for difference, _ in rows.values()],
            "p_adjusted": [p for _, p in rows.values()],
            **more,
        }
    )


def _names(labels: Labels, *codes: str) -> list[str]:
    return [labels.group("institution_type", code) for code in codes]


def test_units_are_banded_by_their_adjusted_p_and_not_by_their_difference(store: Store, labels: Labels) -> None:
    store.save_table("fair_index", _units({"bank": (2.0, 0.01), "fund": (5.0, 0.06), "insurance": (-1.0, 0.001)}))
    told = fair_findings.fair(store, labels)
    bank, fund, insurance = (told.index(name) for name in _names(labels, "bank", "fund", "insurance"))
    assert bank < insurance < fund
    assert "82.0" in told
    assert "85.0" not in told  # about the same: named without a figure


def test_where_nobody_stands_out_that_is_said(store: Store, labels: Labels) -> None:
    store.save_table("fair_index", _units({"bank": (2.0, 0.5), "fund": (-2.0, 0.5)}))
    told = fair_findings.fair(store, labels)
    assert all(name in told for name in _names(labels, "bank", "fund"))
    assert "82.0" not in told


def test_a_unit_that_is_better_on_one_dimension_and_worse_on_another_is_told(store: Store, labels: Labels) -> None:
    store.save_table("fair_index", _units({"bank": (2.0, 0.01), "internet": (0.1, 0.9)}))
    parts = [
        _units({"bank": (2.0, 0.01), "internet": (3.0, 0.01)}, construct="innovation"),
        _units({"bank": (2.0, 0.01), "internet": (-4.0, 0.01)}, construct="security"),
    ]
    store.save_table("fair_dimensions", pd.concat(parts, ignore_index=True))
    told = fair_findings.fair(store, labels)
    unit = _names(labels, "internet")[0]
    values = {"higher": construct_inside("innovation", labels), "lower": construct_inside("security", labels)}
    assert labels.text("findings.fair.reversal", unit=unit, **values) in told
    assert told.count(_names(labels, "bank")[0]) == 1


def test_kinds_of_factors_are_told_with_both_sides(store: Store, labels: Labels) -> None:
    rows = [("results", 2.6, 1.2, "basic"), ("attitude", 0.4, 2.1, "excitement"), ("security", 1.9, 1.8, "performance")]
    frame = pd.DataFrame(rows, columns=["construct", "penalty", "reward", "kind"])
    store.save_table("asymmetry", frame)
    told = fair_findings.asymmetry(store, labels)
    assert told.index(construct_inside("results", labels)) < told.index(construct_inside("attitude", labels))
    assert labels.text("findings.asymmetry.rest", n=1) in told
    store.save_table("asymmetry", frame.assign(kind="performance"))
    told = fair_findings.asymmetry(store, labels)
    assert construct_inside("results", labels) not in told


def _necessity(*rows: tuple[str, float, str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["construct", "effect", "size", "p", "required"]).assign(level=90.0)


def test_only_conditions_of_some_size_are_called_necessary(store: Store, labels: Labels) -> None:
    rows = (
        ("security", 0.15, "medium", 0.001, 31.2),
        ("results", 0.05, "small", 0.001, 60.0),
        ("innovation", 0.3, "large", 0.2, 70.0),
        ("efficiency", 0.12, "medium", 0.001, 31.0),
    )
    store.save_table("necessity", _necessity(*rows))
    told = fair_findings.necessity(store, labels)
    assert told.count("31") == 1
    assert "60" not in told
    assert "70" not in told
    assert construct_inside("efficiency", labels) in told
    store.save_table("necessity", _necessity(*rows[1:3]))
    assert labels.text("findings.necessity.none", level="90", outcome=construct_inside("satisfaction", labels)) in (
        fair_findings.necessity(store, labels)
    )
    store.save_table("necessity", _necessity(*rows).assign(level=float("nan")))
    assert fair_findings.necessity(store, labels) == ""


def _effects(outcome: str, **estimates: tuple[float, float]) -> pd.DataFrame:
    rows = [
        {"outcome": outcome, "method": method, "estimate": value, "ci_low": value - 1, "ci_high": value + 1}
        | {"p_adjusted": p, "e_value": 1.5, "e_value_limit": 1.2}
        for method, (value, p) in estimates.items()
    ]
    return pd.DataFrame(rows)


def _record(store: Store, **more: Any) -> None:
    effect = {"treatment": "channel", "treated": ["app"], "adjust": ["age"], "n": 900, "trimmed": 100}
    effect |= {"largest_before": 0.7, "largest_after": 0.03} | more
    store.save_record("08_drivers", "comparisons", {"effect": effect})


def test_an_effect_that_the_plain_difference_hides_is_told_as_such(store: Store, labels: Labels) -> None:
    _record(store)
    first = _effects("satisfaction", aipw=(1.4, 0.04), naive=(2.2, 0.01))
    second = _effects("loyalty", aipw=(2.1, 0.01), naive=(0.9, 0.2))
    hidden = labels.text("findings.service_effect.hidden")
    store.save_table("service_effect", first)
    assert hidden not in service_findings.service_effect(store, labels)
    store.save_table("service_effect", pd.concat([first, second], ignore_index=True))
    told = service_findings.service_effect(store, labels)
    assert hidden in told
    assert told.count(labels.category("channel", "app")[1:]) == 1
    store.save_table("service_effect", _effects("loyalty", aipw=(-0.3, 0.8), naive=(0.9, 0.2)))
    told = service_findings.service_effect(store, labels)
    assert "−0.3" in told
    assert hidden not in told


@pytest.mark.parametrize(("p", "apart"), [(0.01, True), (0.2, False)])
def test_groups_differ_only_when_their_difference_does(store: Store, labels: Labels, p: float, apart: bool) -> None:
    rows = [("18-29", 4.0), ("60+", -1.0), ("40-49", float("nan"))]
    table = pd.DataFrame(rows, columns=["category", "estimate"]).assign(outcome="loyalty", segment="age")
    table["ci_low"], table["ci_high"] = table["estimate"] - 2, table["estimate"] + 2
    store.save_table("service_effect_groups", table)
    pair = {"outcome": "loyalty", "a": "60+", "b": "18-29", "p_adjusted": p}
    store.save_frame("08_drivers", "effect_differences", pd.DataFrame([pair]))
    told = service_findings.service_effect_groups(store, labels)
    marked = {"zh": "因年龄而异", "en": "differs by"}[labels.lang]
    assert (marked in told) == apart
    assert "+4.0" in told
    assert "−1.0" in told


def test_a_second_outcome_of_the_same_kind_is_told_in_other_words(store: Store, labels: Labels) -> None:
    sizes = {"18-29": 4.0, "60+": 3.0}
    rows = [(outcome, key, size) for outcome in ("satisfaction", "loyalty") for key, size in sizes.items()]
    table = pd.DataFrame(rows, columns=["outcome", "category", "estimate"]).assign(segment="age")
    table["ci_low"], table["ci_high"] = table["estimate"] - 2, table["estimate"] + 2
    store.save_table("service_effect_groups", table)
    pairs = [{"outcome": one, "a": "60+", "b": "18-29", "p_adjusted": 0.4} for one in ("satisfaction", "loyalty")]
    store.save_frame("08_drivers", "effect_differences", pd.DataFrame(pairs))
    told = service_findings.service_effect_groups(store, labels)
    assert told.count({"zh": "按年龄", "en": "By age"}[labels.lang]) == 1
    assert told.count("+4.0") == told.count("+3.0") == 2


def test_groups_that_stay_unlike_make_the_comparison_tentative(store: Store, labels: Labels) -> None:
    store.save_table("service_effect", _effects("loyalty", aipw=(2.1, 0.01), naive=(0.9, 0.2)))
    _record(store)
    fine = service_findings.service_checks(store, labels)
    assert "10.0%" in fine
    assert "1.20" in fine
    _record(store, largest_after=0.3, trimmed=0)
    unlike = service_findings.service_checks(store, labels)
    assert unlike != fine
    assert "0.30" in unlike
    assert "10.0%" not in unlike
    tentative = service_findings.service_alike(store, labels)
    _record(store)
    assert service_findings.service_alike(store, labels) != tentative


def test_a_funnel_names_the_units_that_stand_out(labels: Labels) -> None:
    from analysis.publish.figures.style import figure_style
    from analysis.publish.parts.drivers.compared_figures import draw_funnel

    frame = _units({"bank": (2.0, 0.01), "fund": (-0.5, 0.5), "internet": (-2.0, 0.02)}, overall=80.0, n=[50, 90, 70])
    with figure_style():
        axes = draw_funnel({"fair_funnel": frame}, labels).axes[0]
    assert {text.get_text() for text in axes.texts} == {
        labels.category("institution_type", code) for code in ("bank", "internet")
    }


def test_a_scorecard_shows_what_is_withheld_as_withheld(labels: Labels) -> None:
    from analysis.publish.figures.style import figure_style
    from analysis.publish.parts.drivers.compared_figures import draw_scorecard

    index = _units({"bank": (2.0, 0.01), "fund": (float("nan"), float("nan"))})
    tables = {"fair_index": index, "fair_dimensions": index.assign(construct="security")}
    with figure_style():
        axes = draw_scorecard(tables, labels).axes[0]
    assert sorted(text.get_text() for text in axes.texts) == ["—", "—", "▲ 82.0", "▲ 82.0"]


def test_tables_of_comparisons_print_their_verdicts(labels: Labels) -> None:
    spec = next(one for one in COMPARED if one.name == "fair_index")
    column = next(one for one in spec.columns if one.heading == "band")
    cells = [
        column.kind.write({"difference": difference, "p_adjusted": p}, column, labels)
        for difference, p in ((1.0, 0.01), (-1.0, 0.01), (3.0, 0.2), (float("nan"), float("nan")))
    ]
    assert cells == [*(labels.text(f"bands.{band}") for band in ("higher", "lower", "same")), "—"]


def test_planted_comparisons_are_told_as_far_as_the_edition_makes_them(store: Store, labels: Labels) -> None:
    """In a report on banks alone no kinds of institutions are compared."""
    store.save_table("service_recovery", pd.DataFrame({"inside": [True, True, False]}))
    counts = {"differences": {"total": 6, "inside": 5}, "kinds": {"total": 7, "right": 4}}
    told = []
    for recovered in (counts, counts | {"differences": None}, {"differences": None, "kinds": None}):
        store.save_record("08_drivers", "comparisons", {"recovered": recovered})
        told.append(service_findings.comparisons_recovered(store, labels))
    assert all("3" in text and "2" in text for text in told)
    assert ["6" in text for text in told] == [True, False, False]
    assert ["7" in text for text in told] == [True, True, False]
