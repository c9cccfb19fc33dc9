"""A small instrument with two dimensions, satisfaction and loyalty, and answers to it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.index import Csat, Index


def _construct(key: str, role: str, items: int) -> dict[str, object]:
    name = {"zh": key, "en": key}
    return {"key": key, "role": role, "name": name, "items": [{"key": f"{key}{i + 1}", **name} for i in range(items)]}


@pytest.fixture
def instrument() -> Instrument:
    """Scale 1–5; a, b: dimensions of 4 and 2 items; c: a third of 1; sat 3 items, loy 2 items; profile `type`."""
    parts = [("a", "dimension", 4), ("b", "dimension", 2), ("c", "dimension", 1), ("sat", "satisfaction", 3)]
    categories = [{"code": code, "zh": code, "en": code} for code in ("bank", "fund", "other")]
    return Instrument.model_validate(
        {
            "name": {"zh": "t", "en": "t"},
            "scale": {"min": 1, "max": 5},
            "constructs": [_construct(*part) for part in [*parts, ("loy", "loyalty", 2)]],
            "profile": [
                {"key": key, "name": {"zh": key, "en": key}, "question": {"zh": key, "en": key}, "categories": listed}
                for key, listed in (("type", categories), ("region", []))
            ],
        }
    )


@pytest.fixture
def index() -> Index:
    """Equal weights, half of the items needed, satisfied from 3.5."""
    return Index(csat=Csat(construct="sat", satisfied_from=3.5), segments=("type", "region"))


@pytest.fixture
def responses(instrument: Instrument) -> pd.DataFrame:
    """200 respondents, some answers missing."""
    rng = np.random.default_rng(11)
    keys = instrument.item_keys
    frame = pd.DataFrame(rng.integers(1, 6, (200, len(keys))).astype(float), columns=keys)
    frame = frame.mask(rng.random(frame.shape) < 0.05)
    frame.insert(0, "respondent_id", [f"r{i}" for i in range(200)])
    frame["type"] = rng.choice(["fund", "bank", "new"], 200)
    frame["region"] = pd.Series(rng.choice(["s", "n"], 200)).where(rng.random(200) < 0.9)
    return frame
