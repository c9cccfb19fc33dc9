"""Fixtures of the whole suite: where the project lies, and real data where it is present."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from small_survey import Survey

from analysis.edition.instrument import Instrument

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root."""
    return ROOT


@pytest.fixture
def survey(tmp_path: Path) -> Survey:
    """A survey in a folder of its own."""
    return Survey(tmp_path)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real data kept outside the project; a test that needs it is skipped where it is absent."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the real data are not on this machine")
    return folder


@pytest.fixture(scope="session")
def build_instrument() -> Callable[..., Instrument]:
    """Make an instrument from {construct: items}; `roles` names those that are not dimensions."""

    def build(constructs: Mapping[str, Sequence[str]], **roles: str) -> Instrument:
        def entry(key: str) -> dict[str, Any]:
            items = [{"key": item, "zh": item, "en": item} for item in constructs[key]]
            return {
                "key": key,
                "role": roles.get(key, "dimension"),
                "name": {"zh": key, "en": key},
                "items": items,
            }

        return Instrument.model_validate(
            {
                "name": {"zh": "试", "en": "test"},
                "scale": {"min": 0, "max": 10},
                "constructs": [entry(key) for key in constructs],
            }
        )

    return build
