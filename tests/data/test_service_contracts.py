"""Contracts of the tables of the service: what makes a row the same one, and which layout a log has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analysis.data import service_contracts as contracts
from analysis.edition import load_edition


@pytest.mark.parametrize("label", ["2025", "2025H1", "2025Q4", "2025-09"])
def test_a_period_is_a_year_or_a_part_of_one(label: str) -> None:
    assert re.fullmatch(contracts.PERIOD, label)


@pytest.mark.parametrize("label", ["2025H3", "2025Q0", "2025-13", "2025-9", "25"])
def test_what_is_no_period_does_not_match(label: str) -> None:
    assert not re.fullmatch(contracts.PERIOD, label)


def test_a_log_of_events_is_known_by_its_layout_and_has_a_contract_of_its_own(root: Path) -> None:
    steps = load_edition(root / "params" / "2025.yml")
    events = load_edition(root / "tests" / "editions" / "permits.yml")
    assert (contracts.has_events(steps), contracts.has_events(events)) == (False, True)
    assert contracts.service_log(steps).unique == ("case_id", "scenario", "step", "opened_at")
    assert contracts.service_log(events).unique == ("case_id", "scenario", "step", "at", "lifecycle")
    assert ("opened_at", "completed_at") in contracts.service_log(steps).in_order


def test_covariates_of_the_params_become_columns_that_the_register_must_have(root: Path) -> None:
    edition = load_edition(root / "params" / "2025.yml")
    wider = edition.relationships.model_copy(update={"covariates": {"age": "number"}})
    fields = {
        field.name: field for field in contracts.customers(edition.model_copy(update={"relationships": wider})).fields
    }
    assert (fields["age"].kind, fields["age"].required) == ("number", True)
    assert not fields["value_tier"].required
