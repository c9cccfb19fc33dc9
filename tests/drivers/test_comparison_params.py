"""Params of the comparisons: what the instrument does not have, and comparisons of nobody with anybody."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.edition import load_edition
from analysis.edition.instrument import Instrument, load_instrument
from analysis.edition.sections.drivers import Drivers
from analysis.errors import SurveyReportError


@pytest.fixture(scope="module")
def instrument(root: Path) -> Instrument:
    return load_instrument(root / "params" / "instruments" / "guide.yml")


def _drivers(**sections: dict[str, object]) -> Drivers:
    return Drivers.model_validate(sections)


GOOD = {
    "fair": {"unit": "institution_type", "adjust": ["age", "region"]},
    "effect": {"treatment": "channel", "treated": ["app", "web"], "adjust": ["age"], "by": "age"},
}


def test_what_the_instrument_has_is_no_fault(instrument: Instrument) -> None:
    assert not list(_drivers(**GOOD).faults(instrument))
    assert not list(Drivers().faults(instrument))


@pytest.mark.parametrize(
    ("section", "change", "where"),
    [
        ("fair", {"unit": "bank"}, "drivers.fair.unit: bank"),
        ("fair", {"adjust": ["agee"]}, "drivers.fair.adjust: agee"),
        ("fair", {"adjust": ["age", "institution_type"]}, "drivers.fair.adjust: institution_type"),
        ("fair", {"unit": None}, "drivers.fair.unit"),
        ("effect", {"treatment": "telex", "by": None}, "drivers.effect.treatment: telex"),
        ("effect", {"treated": ["app", "fax"]}, "drivers.effect.treated: fax"),
        ("effect", {"treated": ["branch", "app", "web", "phone", "social"]}, "drivers.effect.treated"),
        ("effect", {"treated": []}, "drivers.effect.treated"),
        ("effect", {"treatment": None}, "drivers.effect.treatment"),
        ("effect", {"adjust": ["channel"]}, "drivers.effect.adjust: channel"),
        ("effect", {"by": "channel"}, "drivers.effect.by: channel"),
        ("effect", {"by": "years"}, "drivers.effect.by: years"),
    ],
)
def test_each_mistake_is_named_once_with_its_place(
    instrument: Instrument, section: str, change: dict[str, object], where: str
) -> None:
    found = list(_drivers(**{**GOOD, section: {**GOOD[section], **change}}).faults(instrument))
    assert [fault.where for fault in found] == [where]


@pytest.mark.parametrize(
    "text",
    [
        "necessity: {levels: [120]}",
        "necessity: {levels: [0]}",
        "necessity: {permutations: 5}",
        "fair: {units: age}",
        "effect: {treatmnt: channel}",
    ],
)
def test_values_out_of_range_and_unknown_keys_are_refused(root: Path, tmp_path: Path, text: str) -> None:
    path = tmp_path / "edition.yml"
    path.write_text(f"extends: {root / 'params' / '2025.yml'}\ndrivers: {{{text}}}\n", encoding="utf-8")
    with pytest.raises(SurveyReportError) as raised:
        load_edition(path)
    assert "drivers" in str(raised.value)
