"""What was planted in a simulated survey: its faults, read from the file beside its tables, and what it is to show."""

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

    planted: as the simulation states it, within groups of customers; population: over all customers, without those whom
    `index.exclude` names, where the shifts between groups have changed variances and covariances.
    """
    import pandas as pd

    from analysis.data.simulation.planted import load_planted
    from analysis.data.simulation.population import population_paths

    if not edition.simulated or edition.domain.where:
        return None
    planted = load_planted(edition)
    rows = [
        (outcome, predictor, planted.structure.paths.get(outcome, {}).get(predictor, 0.0), population)
        for (outcome, predictor), population in population_paths(
            planted, regressions, exclude=edition.index.exclude
        ).items()
    ]
    return pd.DataFrame(rows, columns=["outcome", "predictor", "planted", "population"])


def planted_effects(
    edition: Edition, treatment: str, treated: Sequence[str], outcomes: Sequence[str]
) -> pd.DataFrame | None:
    """Points that digital service adds to each outcome, of all and by age; None where this treatment is not planted."""
    from analysis.data.simulation.effects import digital_effects
    from analysis.data.simulation.planted import load_planted

    digital = load_planted(edition).digital if edition.simulated else None
    if digital is None or (treatment, set(treated)) != (digital.question, set(digital.answers)):
        return None
    return digital_effects(load_planted(edition), outcomes, instrument=edition.instrument)


def planted_differences(edition: Edition, unit: str, measures: Sequence[str]) -> pd.DataFrame | None:
    """Points by which each answer to `unit` is rated above all; None for an edition that is not simulated."""
    from analysis.data.simulation.effects import unit_differences
    from analysis.data.simulation.planted import load_planted

    if not edition.simulated or edition.domain.where:
        return None
    return unit_differences(load_planted(edition), unit, measures, instrument=edition.instrument)


def planted_kinds(edition: Edition, outcome: str, predictors: Sequence[str]) -> pd.DataFrame | None:
    """Kind of factor that each predictor is planted as; None for an edition that is not simulated."""
    import pandas as pd

    from analysis.data.simulation.planted import load_planted

    if not edition.simulated or edition.domain.where:
        return None
    slopes = load_planted(edition).structure.bends.get(outcome, {})
    pairs = [slopes.get(key, (0.0, 0.0)) for key in predictors]
    kinds = ["basic" if low > high else "excitement" if low < high else "performance" for low, high in pairs]
    return pd.DataFrame({"construct": list(predictors), "planted": kinds})


def planted_total_effects(edition: Edition, regressions: Sequence[tuple[str, str]]) -> pd.DataFrame | None:
    """Standardised total effect along all paths of a model in the simulation; None for one that is not simulated.

    Columns outcome, predictor, planted and population as `planted_paths`, of every pair that a path leads between.
    """
    import numpy as np
    import pandas as pd

    paths = planted_paths(edition, regressions)
    if paths is None:
        return None
    names = list(dict.fromkeys([*paths["predictor"], *paths["outcome"]]))
    place = {name: number for number, name in enumerate(names)}
    cell = paths["outcome"].map(place), paths["predictor"].map(place)
    total = {}
    for kind in ("planted", "population"):
        direct = np.zeros((len(names), len(names)))
        direct[cell] = paths[kind]
        total[kind] = np.linalg.inv(np.eye(len(names)) - direct) - np.eye(len(names))
    outcome, predictor = np.nonzero(total["population"])
    ends = {"outcome": [names[row] for row in outcome], "predictor": [names[column] for column in predictor]}
    return pd.DataFrame(ends | {kind: found[outcome, predictor] for kind, found in total.items()})


def planted_course(edition: Edition) -> pd.DataFrame | None:
    """Slope a year, effect of each quarter and of each wave of a dip in the simulated series of waves.

    Returns feature (slope, season, wave), name and planted; None for an edition that is not simulated.
    """
    import pandas as pd

    from analysis.data.simulation.planted import load_planted

    if not edition.simulated or edition.domain.where:
        return None
    waves = load_planted(edition).waves
    slope = (waves.last_level - waves.first_level) / (waves.count - 1) * len(waves.seasonal)
    middle = sum(waves.seasonal) / len(waves.seasonal)
    rows = [("slope", "", slope)]
    rows += [("season", str(part), effect - middle) for part, effect in enumerate(waves.seasonal, start=1)]
    rows += [("wave", wave, size) for wave, size in waves.dips.items()]
    return pd.DataFrame(rows, columns=["feature", "name", "planted"])


def planted_texts(edition: Edition) -> pd.DataFrame | None:
    """Share of each class and theme that tickets are written with; None for an edition that is not simulated.

    Columns what (triage_class, theme), category and planted.
    """
    import pandas as pd

    from analysis.data.simulation.planted import load_planted

    if not edition.simulated or edition.domain.where:
        return None
    plan = load_planted(edition).feedback
    total = sum(plan.themes.values())
    rows = [("theme", theme, share / total) for theme, share in plan.themes.items()]
    rows += [
        ("triage_class", name, sum(plan.themes[theme] for theme in group.themes) / total)
        for name, group in plan.classes.items()
    ]
    return pd.DataFrame(rows, columns=["what", "category", "planted"])


def planted_service(edition: Edition) -> pd.DataFrame | None:
    """What is planted in the records of the service; None for an edition that is not simulated.

    Columns step, quantity, subject and planted. on_time: share of a step (scenario.step) or of a class of tickets.
    lift: points that training adds to a measure. ratio: risk of leaving of a value tier against the standard one, or of
    one product more. lifetime: years by value tier. minutes: mean time of a service at the counter. change: of an
    indicator at a stated step (indicator.period).
    """
    import math

    import pandas as pd

    from analysis.data.simulation.planted import load_planted

    if not edition.simulated or edition.domain.where:
        return None
    plan = load_planted(edition)
    log, tickets, staff, customers = plan.service_log, plan.feedback, plan.training, plan.customers
    lateness = sum(share * log.lateness[code] for code, share in log.institutions.items())
    rows = [
        ("11_standards", "on_time", f"{scenario}.{step}", (1 - log.abandoned) * (1 - (1 - time.on_time) * lateness))
        for scenario, steps in log.steps.items()
        for step, time in steps.items()
        if time.on_time is not None
    ]
    if log.counter is not None:
        rows.append(("11_standards", "minutes", "served_minutes", log.counter.served.mean))
    taken_up = 1 - tickets.unanswered
    rows += [("10_feedback", "on_time", name, taken_up * group.on_time) for name, group in tickets.classes.items()]
    rows += [("12_training", "lift", name, measure.lift) for name, measure in staff.measures.items()]
    standard = customers.tiers["standard"].lifetime
    for tier, told in customers.tiers.items():
        rows.append(("13_relationships", "lifetime", tier, told.lifetime))
        if tier != "standard":
            rows.append(("13_relationships", "ratio", tier, (told.lifetime / standard) ** -customers.shape))
    rows.append(("13_relationships", "ratio", "products", math.exp(customers.products.hazard)))
    changes = ((key, since, size) for key, one in plan.indicators.items() for since, size in one.steps.items())
    rows += [("14_actions", "change", f"{key}.{since}", size) for key, since, size in changes]
    return pd.DataFrame(rows, columns=["step", "quantity", "subject", "planted"])
