"""What was planted in a simulated survey: its faults, read from the file beside its tables, its paths and its series."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.edition import Edition
from analysis.project import from_root

if TYPE_CHECKING:
    import pandas as pd

FAULTS = ("careless", "copies", "broken_off", "out_of_range", "contract")


def planted_faults(edition: Edition) -> dict[str, frozenset[str]] | None:
    """Identifiers of the interviews with each kind of planted fault; None for an edition that is not simulated.

    careless: answered without care, of whatever kind; copies: stored again under another number; broken_off; and the
    rows that the intake should refuse: out_of_range, contract (a cell that can't be read, a number used twice).
    """
    path = from_root(f"data/raw/{edition.name}/truth.json")
    if not edition.simulated or not path.exists():
        return None
    truth = json.loads(path.read_text(encoding="utf-8"))
    return {
        "careless": frozenset(name for kind in truth["careless"].values() for name in kind),
        "copies": frozenset(truth["duplicates"]),
        "broken_off": frozenset(truth["broken_off"]),
        "out_of_range": frozenset(truth["out_of_range"]),
        "contract": frozenset([*truth["unreadable"], *truth["repeated_ids"]]),
    }


def planted_paths(edition: Edition, regressions: Sequence[tuple[str, str]]) -> pd.DataFrame | None:
    """Standardised path of each (outcome, predictor) in the simulation; None for an edition that is not simulated.

    planted: as the simulation states it, within groups of customers; population: over all customers, where the shifts
    between groups have changed variances and covariances.
    """
    import pandas as pd

    from analysis.data.simulation.planted import load_planted
    from analysis.data.simulation.population import population_paths

    if not edition.simulated:
        return None
    planted = load_planted(edition)
    rows = [
        (outcome, predictor, planted.structure.paths.get(outcome, {}).get(predictor, 0.0), population)
        for (outcome, predictor), population in population_paths(planted, regressions).items()
    ]
    return pd.DataFrame(rows, columns=["outcome", "predictor", "planted", "population"])


def planted_course(edition: Edition) -> pd.DataFrame | None:
    """Slope a year, effect of each quarter and of each wave of a dip in the simulated series of waves.

    Returns feature (slope, season, wave), name and planted; None for an edition that is not simulated.
    """
    import pandas as pd

    from analysis.data.simulation.planted import load_planted

    if not edition.simulated:
        return None
    waves = load_planted(edition).waves
    slope = (waves.last_level - waves.first_level) / (waves.count - 1) * len(waves.seasonal)
    middle = sum(waves.seasonal) / len(waves.seasonal)
    rows = [("slope", "", slope)]
    rows += [("season", str(part), effect - middle) for part, effect in enumerate(waves.seasonal, start=1)]
    rows += [("wave", wave, size) for wave, size in waves.dips.items()]
    return pd.DataFrame(rows, columns=["feature", "name", "planted"])
