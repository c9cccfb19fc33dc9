"""What was planted: read for a simulated edition that has been drawn, and for no other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.data import truth
from analysis.data.truth import FAULTS, planted_faults, planted_paths, planted_total_effects
from analysis.edition import Edition, load_edition

TOLD = {
    "careless": {"speeder": ["R1"], "straightline": ["R2", "R3"]},
    "duplicates": {"R9": "R1"},
    "broken_off": ["R4"],
    "out_of_range": ["R5"],
    "unreadable": ["R6"],
    "repeated_ids": ["R7"],
    "comments": {},
}


@pytest.fixture(scope="module")
def edition(root: Path) -> Edition:
    return load_edition(root / "params" / "2025.yml")


@pytest.fixture
def drawn(edition: Edition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data" / "raw" / edition.name
    folder.mkdir(parents=True)
    monkeypatch.setattr(truth, "from_root", lambda path: tmp_path / path)
    return folder / "truth.json"


def test_faults_are_told_by_kind_and_kinds_of_carelessness_are_one(edition: Edition, drawn: Path) -> None:
    drawn.write_text(json.dumps(TOLD), encoding="utf-8")
    faults = planted_faults(edition)
    assert faults is not None
    assert tuple(faults) == FAULTS
    assert faults["careless"] == {"R1", "R2", "R3"}
    assert faults["copies"] == {"R9"}
    assert faults["contract"] == {"R6", "R7"}


def test_an_edition_that_is_not_drawn_yet_has_no_known_faults(edition: Edition, drawn: Path) -> None:
    assert not drawn.exists()
    assert planted_faults(edition) is None


def test_a_real_edition_has_none_whatever_lies_in_its_folder(root: Path, drawn: Path) -> None:
    drawn.write_text(json.dumps(TOLD), encoding="utf-8")
    real = load_edition(root / "tests" / "editions" / "csibank.yml")
    assert planted_faults(real) is None
    assert planted_paths(real, [("SAT", "IMAG")]) is None


def test_a_path_that_was_not_planted_counts_as_zero(edition: Edition) -> None:
    table = planted_paths(edition, [("loyalty", "efficiency"), ("loyalty", "trust")])
    assert table is not None
    assert table.loc[0, "planted"] == 0.0
    assert table.loc[1, "planted"] > 0


def test_total_effects_add_up_all_ways_of_the_model(edition: Edition) -> None:
    chain = [("satisfaction", "results"), ("loyalty", "satisfaction"), ("loyalty", "trust"), ("trust", "satisfaction")]
    paths, totals = planted_paths(edition, chain), planted_total_effects(edition, chain)
    assert paths is not None
    assert totals is not None
    for kind in ("planted", "population"):
        path = paths.set_index(["outcome", "predictor"])[kind]
        total = totals.set_index(["outcome", "predictor"])[kind]
        onward = path["loyalty", "satisfaction"] + path["trust", "satisfaction"] * path["loyalty", "trust"]
        assert total["loyalty", "satisfaction"] == pytest.approx(onward)
        assert total["loyalty", "results"] == pytest.approx(onward * path["satisfaction", "results"])


def test_a_real_edition_has_no_planted_effects(root: Path) -> None:
    real = load_edition(root / "tests" / "editions" / "csibank.yml")
    assert planted_total_effects(real, [("SAT", "IMAG")]) is None


def test_what_is_planted_in_the_records_follows_from_the_plan(edition: Edition) -> None:
    from analysis.data.simulation.planted import load_planted
    from analysis.data.simulation.planted_service import nested_tuple

    plan, told = load_planted(edition), truth.planted_service(edition)
    assert told is not None
    planted = told.set_index(["quantity", "subject"])["planted"]
    late = sum(plan.service_log.lateness[key] * share for key, share in plan.service_log.institutions.items())
    step = plan.service_log.steps["complaint"]["result"].on_time
    assert step is not None
    assert planted["on_time", "complaint.result"] == pytest.approx(
        (1 - (1 - step) * late) * (1 - plan.service_log.abandoned)
    )
    assert planted["on_time", "urgent"] == pytest.approx(
        plan.feedback.classes["urgent"].on_time * (1 - plan.feedback.unanswered)
    )
    tiers = plan.customers.tiers
    ratio = (tiers["standard"].lifetime / tiers["high"].lifetime) ** plan.customers.shape
    assert planted["ratio", "high"] == pytest.approx(ratio)
    assert plan.training.mean_hours == pytest.approx(2 * 0.3 + 4 * 0.4 + 8 * 0.3)
    assert nested_tuple([1, [2, [3]]]) == (1, (2, (3,)))
