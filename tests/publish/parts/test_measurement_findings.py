"""Sentences on reliability, validity, factors and comparability say what the tables allow, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.edition import load_edition
from analysis.publish.parts.measurement import findings as told
from analysis.publish.words.labels import Labels
from analysis.publish.words.phrases import faults
from analysis.results import Store

NAN = float("nan")
NAMES = {
    "zh": {"efficiency": "服务效率", "attitude": "服务态度", "security": "服务安全性", "trust": "信任与安全感"},
    "en": {"efficiency": "efficiency", "attitude": "attitude", "security": "security", "trust": "trust and safety"},
}
DESIGNED = {"n": 5243, "cfi": 0.95, "rmsea": 0.03, "rmsea_low": 0.02, "rmsea_high": 0.04, "srmr": 0.025}
DESIGNED |= {"df": 724, "converged": True}
SINGLE = {"available": True, "converged": True, "cfi": 0.7, "rmsea": 0.1, "rmsea_low": 0.09, "shared": 0.424}
FACTORS = {"n": 4818, "kmo": 0.6, "chi2": 1234.56, "df": 820, "retained": 3}
EXPLORED = {"factors": 11, "items": 41, "placed": 41, "weakest": 0.456, "largest_cross": 0.213, "heywood": 0}
EXPLORED |= {"available": True}
COMPARABLE = {"group": "region", "groups": 4, "level": "scalar", "released": [], "converged": True}


@pytest.fixture(scope="module", params=["zh", "en"])
def labels(request: pytest.FixtureRequest, root: Path) -> Labels:
    return Labels(load_edition(root / "params" / "2025.yml"), request.param)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def _says(labels: Labels, key: str, **facts: str) -> str:
    """The wording of findings.`key`, in which every fact must be readable."""
    text = labels.text(f"findings.{key}", **facts)
    assert [fact for fact in facts.values() if fact not in text] == []
    return text


def _joined(labels: Labels, *sentences: str) -> str:
    return ("" if labels.lang == "zh" else " ").join(sentences)


def _both(labels: Labels, one: str, other: str) -> str:
    return f"{one}{'和' if labels.lang == 'zh' else ' and '}{other}"


def _save_reliability(
    store: Store,
    constructs: Mapping[str, tuple[float, float, float]],
    *,
    without: Sequence[tuple[str, str, float]] = (("efficiency", "eff1", NAN),),
    above: float = 0.0005,
) -> None:
    """Alpha, its lower bound (the upper one is close) and omega by construct; construct, item and alpha without it."""
    rows = [(key, *values, values[0] + above) for key, values in constructs.items()]
    columns = ["construct", "alpha", "alpha_low", "omega", "alpha_high"]
    store.save_table("reliability", pd.DataFrame(rows, columns=columns))
    store.save_table("item_statistics", pd.DataFrame(without, columns=["construct", "item", "alpha_without"]))


def test_alpha_at_the_threshold_reaches_it(store: Store, labels: Labels) -> None:
    constructs = {"trust": (0.9, 0.88, 0.915), "efficiency": (0.7, 0.7, 0.701), "loyalty": (NAN, NAN, NAN)}
    _save_reliability(store, constructs, without=[("efficiency", "eff1", 0.705), ("trust", "tru1", 0.8)])
    name, facts = NAMES[labels.lang], {"low": "0.700", "high": "0.900", "threshold": "0.70"}
    assert told.reliability(store, labels) == _joined(
        labels,
        _says(labels, "reliability.all", lowest=name["efficiency"], highest=name["trust"], **facts),
        _says(labels, "reliability.omega", gap="0.015"),
    )


def test_constructs_below_the_threshold_unsure_ones_and_items_that_lower_alpha_are_named(
    store: Store, labels: Labels
) -> None:
    constructs = {"trust": (0.71, 0.69, 0.71), "efficiency": (0.699, 0.68, 0.45), "security": (0.9, 0.89, 0.9)}
    constructs["attitude"] = (0.5, 0.4, 0.5)
    without = [("efficiency", "eff1", 0.72), ("efficiency", "eff2", 0.705), ("security", "sec1", 0.8)]
    _save_reliability(store, constructs, without=[*without, ("attitude", "att1", 0.52)])
    name = NAMES[labels.lang]
    quoted = [f"“{labels.item(item)}”" for item in ("eff1", "att1")]
    facts = {"low": "0.500", "lowest": name["attitude"], "high": "0.900", "highest": name["security"]}
    low = _both(labels, name["attitude"], name["efficiency"])
    assert told.reliability(store, labels) == _joined(
        labels,
        _says(labels, "reliability.some", **facts, threshold="0.70", names=low),
        _says(labels, "reliability.unsure", names=name["trust"], threshold="0.70"),
        _says(labels, "reliability.omega", gap="0.249"),
        _says(labels, "reliability.drop", items=_both(labels, *quoted)),
    )


@pytest.mark.parametrize(("alpha", "key"), [(0.7, "one"), (0.699, "one_low")])
def test_alpha_of_one_construct_spans_no_range(store: Store, labels: Labels, alpha: float, key: str) -> None:
    _save_reliability(store, {"trust": (alpha, alpha, NAN), "loyalty": (NAN, NAN, NAN)})
    facts = {"highest": NAMES[labels.lang]["trust"], "high": f"{alpha:.3f}", "threshold": "0.70"}
    assert told.reliability(store, labels) == _says(labels, f"reliability.{key}", **facts)


def test_alpha_that_nobody_could_compute_is_said_to_be_absent(store: Store, labels: Labels) -> None:
    _save_reliability(store, {"loyalty": (NAN, NAN, NAN)})
    assert told.reliability(store, labels) == labels.text("findings.reliability.none")


def _save_validity(
    store: Store,
    constructs: Mapping[str, tuple[float, bool | None, str]],
    *,
    pairs: Sequence[tuple[str, str, float, float, float]] = (),
    verdicts: Sequence[str] = (),
    above: float = 0.0005,
) -> None:
    """AVE (its upper bound close by), Fornell–Larcker and verdict by construct; pairs with HTMT and its interval."""
    rows = [(key, *values, values[0] + above) for key, values in constructs.items()]
    named = ["construct", "ave", "fornell_larcker", "verdict", "ave_high"]
    store.save_table("validity", pd.DataFrame(rows, columns=named))
    columns = ["construct", "other", "htmt", "htmt_low", "htmt_high"]
    if pairs:
        store.save_table("construct_pairs", pd.DataFrame(pairs, columns=columns))
    store.save_record("06_measurement", "measurement", {"confirmed": {"verdicts": list(verdicts)}})


def test_constructs_that_pass_every_criterion_are_said_to_pass(store: Store, labels: Labels) -> None:
    constructs = {"efficiency": (0.5, True, "sound"), "trust": (0.65, True, "sound")}
    _save_validity(store, constructs, pairs=[("efficiency", "trust", 0.85, 0.8, 0.9)])
    name = NAMES[labels.lang]
    facts = {"value": "0.850", "ci": "0.800–0.900", "threshold": "0.85"}
    assert told.validity(store, labels) == _joined(
        labels,
        _says(labels, "validity.ave_all", low="0.500", high="0.650", threshold="0.50"),
        labels.text("findings.validity.larcker_all"),
        _says(labels, "validity.htmt_below", one=name["efficiency"], other=name["trust"], **facts),
        labels.text("findings.validity.sound_all"),
    )


def test_each_missed_criterion_names_who_missed_it_after_the_faults_of_the_model(store: Store, labels: Labels) -> None:
    constructs = {"efficiency": (0.499, True, "not_convergent"), "attitude": (0.4, False, "not_convergent")}
    constructs |= {"security": (0.7, False, "not_distinct"), "trust": (0.6, True, "sound")}
    _save_validity(store, constructs, verdicts=["negative_variance"])
    name = NAMES[labels.lang]
    few = _both(labels, name["efficiency"], name["attitude"])
    close = _both(labels, name["attitude"], name["security"])
    assert told.validity(store, labels) == _joined(
        labels,
        faults(["negative_variance"], labels),
        _says(labels, "validity.ave_some", low="0.400", high="0.700", threshold="0.50", names=few),
        _says(labels, "validity.larcker_some", names=close),
        _says(labels, "validity.sound_some", n="1", total="4"),
    )


@pytest.mark.parametrize(
    ("htmt", "key", "shown"),
    [
        (0.85, "below", {"threshold": "0.85"}),
        (0.851, "between", {"threshold": "0.85", "related": "0.90"}),
        (0.899, "between", {"threshold": "0.85", "related": "0.90"}),
        (0.9, "above", {"related": "0.90"}),
    ],
)
def test_the_closest_pair_is_held_against_both_thresholds(
    store: Store, labels: Labels, htmt: float, key: str, shown: dict[str, str]
) -> None:
    pairs = [("efficiency", "attitude", 0.5, 0.4, 0.6), ("security", "trust", htmt, 0.8, 0.95)]
    pairs.append(("efficiency", "loyalty", NAN, NAN, NAN))
    _save_validity(store, {"trust": (0.6, True, "sound")}, pairs=pairs)
    facts = {"one": NAMES[labels.lang]["security"], "other": NAMES[labels.lang]["trust"], "ci": "0.800–0.950"}
    sentence = _says(labels, f"validity.htmt_{key}", value=f"{htmt:.3f}", **facts, **shown)
    assert sentence in told.validity(store, labels)


@pytest.mark.parametrize(("ave", "key"), [(0.5, "ave_one"), (0.499, "ave_one_low")])
def test_variance_extracted_by_one_construct_spans_no_range(store: Store, labels: Labels, ave: float, key: str) -> None:
    _save_validity(store, {"trust": (ave, None, "sound"), "loyalty": (NAN, None, "sound")})
    facts = {"names": NAMES[labels.lang]["trust"], "high": f"{ave:.3f}", "threshold": "0.50"}
    sound = labels.text("findings.validity.sound_all")
    assert told.validity(store, labels) == _joined(labels, _says(labels, f"validity.{key}", **facts), sound)


@pytest.mark.parametrize("pairs", [(), [("efficiency", "trust", NAN, NAN, NAN)]])
def test_criteria_that_could_not_be_judged_are_not_told(store: Store, labels: Labels, pairs: Any) -> None:
    constructs = {"efficiency": (NAN, None, "single_item"), "trust": (NAN, None, "unreliable")}
    _save_validity(store, constructs, pairs=pairs)
    assert told.validity(store, labels) == labels.text("findings.validity.sound_none", n=0, total=2)


def _save_fit(store: Store, *, designed: dict[str, Any], single: dict[str, Any]) -> None:
    record = {"confirmed": {**DESIGNED, **designed}, "single": {**SINGLE, **single}}
    store.save_record("06_measurement", "measurement", record)


def _designed(labels: Labels) -> str:
    facts = {"n": "5,243", "cfi": "0.950", "rmsea": "0.030", "ci": "0.020–0.040", "srmr": "0.025"}
    return _says(labels, "measured_fit.designed", **facts)


def test_a_single_factor_that_fits_clearly_worse_is_ruled_out(store: Store, labels: Labels) -> None:
    _save_fit(store, designed={}, single={})
    worse = _says(labels, "measured_fit.worse", cfi="0.700", rmsea="0.100", shared="42%")
    assert told.measured_fit(store, labels) == _joined(labels, _designed(labels), worse)


@pytest.mark.parametrize("single", [{"cfi": 0.945}, {"rmsea_low": 0.04}])
def test_a_single_factor_must_lose_by_both_indices(store: Store, labels: Labels, single: dict[str, float]) -> None:
    _save_fit(store, designed={}, single=single)
    facts = {"cfi": f"{single.get('cfi', 0.7):.3f}", "rmsea": "0.100"}
    not_worse = _says(labels, "measured_fit.not_worse", **facts)
    assert told.measured_fit(store, labels) == _joined(labels, _designed(labels), not_worse)


@pytest.mark.parametrize("single", [{"available": False, "reason": "too few answers"}, {**SINGLE, "converged": False}])
def test_a_single_factor_without_a_solution_tests_nothing(store: Store, labels: Labels, single: dict[str, Any]) -> None:
    store.save_record("06_measurement", "measurement", {"confirmed": DESIGNED, "single": single})
    alone = labels.text("findings.measured_fit.alone")
    assert told.measured_fit(store, labels) == _joined(labels, _designed(labels), alone)


def test_a_design_that_did_not_converge_is_shown_under_a_warning_and_compared_with_nothing(
    store: Store, labels: Labels
) -> None:
    _save_fit(store, designed={"converged": False}, single={})
    warning = labels.text("findings.structural.unconverged")
    assert told.measured_fit(store, labels) == _joined(labels, warning, _designed(labels))


def test_a_model_with_as_many_parameters_as_moments_speaks_for_nothing(store: Store, labels: Labels) -> None:
    _save_fit(store, designed={"df": 0, "cfi": 1.0, "rmsea": 0.0}, single={"df": 0, "cfi": 1.0, "rmsea": 0.0})
    assert told.measured_fit(store, labels) == _says(labels, "measured_fit.saturated", n="5,243")


def test_one_construct_is_a_single_factor_by_design(store: Store, labels: Labels) -> None:
    instrument = labels.edition.instrument
    instrument = instrument.model_copy(update={"constructs": instrument.constructs[:1]})
    alone = Labels(labels.edition.model_copy(update={"instrument": instrument}), labels.lang)
    _save_fit(store, designed={}, single={})
    assert told.measured_fit(store, alone) == _designed(labels)


def _factors(store: Store, labels: Labels, *, found: dict[str, Any], explored: dict[str, Any]) -> str:
    record = {"factors": {**FACTORS, **found}, "explored": {**EXPLORED, **explored}}
    store.save_record("06_measurement", "measurement", record)
    return told.factors(store, labels)


def test_items_that_sort_as_designed_are_said_to(store: Store, labels: Labels) -> None:
    assert _factors(store, labels, found={}, explored={}) == _joined(
        labels,
        _says(labels, "factors.adequate", n="4,818", kmo="0.600", chi2="1,234.6", df="820"),
        _says(labels, "factors.fewer", retained="3", designed="11"),
        _says(labels, "factors.placed_all", factors="11", items="41", weakest="0.46", cross="0.21"),
    )


def test_items_that_share_little_and_stray_are_said_to(store: Store, labels: Labels) -> None:
    found, explored = {"kmo": 0.599, "retained": 1}, {"factors": 6, "placed": 38, "heywood": 1}
    assert _factors(store, labels, found=found, explored=explored) == _joined(
        labels,
        _says(labels, "factors.inadequate", n="4,818", kmo="0.599", threshold="0.60"),
        _says(labels, "factors.fewer", retained="1", designed="11"),
        _says(labels, "factors.placed_some", factors="6", items="41", placed="38"),
        labels.text("findings.factors.heywood"),
    )


@pytest.mark.parametrize("placed", [41, 4])
def test_one_factor_sorts_nothing(store: Store, labels: Labels, placed: int) -> None:
    explored = {"factors": 1, "placed": placed, "largest_cross": 0.0}
    assert _factors(store, labels, found={}, explored=explored) == _joined(
        labels,
        _says(labels, "factors.adequate", n="4,818", kmo="0.600", chi2="1,234.6", df="820"),
        _says(labels, "factors.fewer", retained="3", designed="11"),
        labels.text("findings.factors.unsorted"),
    )


@pytest.mark.parametrize(("retained", "key"), [(8, "fewer"), (11, "as_designed"), (12, "more")])
def test_factors_retained_against_those_designed_are_a_finding(
    store: Store, labels: Labels, retained: int, key: str
) -> None:
    sentence = labels.text(f"findings.factors.{key}", retained=retained, designed=11)
    assert sentence in _factors(store, labels, found={"retained": retained}, explored={})


def test_factors_without_a_solution_still_tell_what_the_items_hold(store: Store, labels: Labels) -> None:
    record = {"factors": {**FACTORS, "kmo": 0.96, "retained": 8}, "explored": {"available": False, "reason": "stopped"}}
    store.save_record("06_measurement", "measurement", record)
    text = told.factors(store, labels)
    assert "0.960" in text
    assert _says(labels, "factors.fewer", retained="8", designed="11") in text
    assert labels.text("findings.factors.unsolved") in text


def test_a_value_whose_interval_holds_the_threshold_is_left_open(store: Store, labels: Labels) -> None:
    _save_reliability(store, {"trust": (0.69, 0.67, 0.69), "security": (0.9, 0.89, 0.9)}, above=0.02)
    text, name = told.reliability(store, labels), NAMES[labels.lang]["trust"]
    assert _says(labels, "reliability.unsure", names=name, threshold="0.70") in text
    _save_validity(store, {"trust": (0.499, True, "borderline"), "security": (0.6, True, "sound")}, above=0.02)
    text = told.validity(store, labels)
    assert _says(labels, "validity.ave_unsure", names=name, threshold="0.50") in text
    assert _says(labels, "validity.ave_range", low="0.499", high="0.600") in text


def test_an_improper_solution_is_told_and_nothing_of_it(store: Store, labels: Labels) -> None:
    confirmed = {"available": True, "improper": True, "verdicts": ["negative_variance"], "cfi": 0.987}
    store.save_record("06_measurement", "measurement", {"confirmed": confirmed})
    text = told.unmeasured(store, labels)
    assert labels.text("findings.unmeasured.improper") in text
    assert faults(["negative_variance"], labels) in text
    assert "0.987" not in text
    _save_validity(store, {"trust": (0.6, True, "sound")})
    assert told.unmeasured(store, labels) == ""


def _invariance(store: Store, labels: Labels, **changes: Any) -> str:
    store.save_record("06_measurement", "measurement", {"comparable": {**COMPARABLE, **changes}})
    return told.invariance(store, labels)


@pytest.mark.parametrize("level", ["configural", "metric", "scalar"])
def test_the_level_that_holds_says_what_may_be_compared(store: Store, labels: Labels, level: str) -> None:
    region = {"zh": "地区", "en": "region"}[labels.lang]
    assert _invariance(store, labels, level=level) == _says(labels, f"invariance.{level}", group=region, groups="4")


@pytest.mark.parametrize("level", ["metric", "scalar"])
def test_items_released_to_reach_the_level_are_named(store: Store, labels: Labels, level: str) -> None:
    items = _both(labels, *(f"“{labels.item(item)}”" for item in ("eff1", "tru2")))
    facts = {"group": labels.question("region").lower(), "groups": "4", "items": items}
    expected = _says(labels, f"invariance.{level}_partial", **facts)
    assert _invariance(store, labels, level=level, released=["eff1", "tru2"]) == expected


def test_a_step_that_did_not_converge_takes_the_conclusion_back(store: Store, labels: Labels) -> None:
    unconverged = labels.text("findings.invariance.unconverged")
    assert _invariance(store, labels, converged=False) == _joined(labels, _invariance(store, labels), unconverged)
