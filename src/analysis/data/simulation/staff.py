"""Staff of many units, trained from different quarters on or not at all, and tested twice a year."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.data.simulation.drawing import draw_codes, draw_positions, generator, numbered, own_generator
from analysis.data.simulation.planted import Planted
from analysis.data.simulation.planted_service import Training
from analysis.edition import Edition

_DELIVERY = 1
Floats = npt.NDArray[np.float64]


def draw_training(edition: Edition, planted: Planted) -> pd.DataFrame:
    """One row for each member of staff and quarter: what was taught in it, and the tests where there were any.

    Whole units are trained. From the start on the planted lift, in proportion to the hours, is in every test.
    """
    rng, plan = generator(edition, "training"), planted.training
    quarters = quarters_until(edition, plan.quarters)
    staff = _staff(rng, plan, quarters)
    given = _delivered(own_generator(edition, "training", _DELIVERY), plan, staff, quarters)
    unit, size = staff["unit_place"].to_numpy(), plan.staff
    tests = range(0, plan.quarters, plan.tested_every)
    hours = staff["intensity"].to_numpy() / plan.mean_hours
    rows = []
    stayed = rng.random(size) >= plan.left_before_last_test
    persons = {name: 0.85 * lift.spread * rng.standard_normal(size) for name, lift in plan.measures.items()}
    for place, quarter in enumerate(quarters):
        frame = staff[["staff_id", "institution_type", "unit", "trained"]].assign(period=quarter, order=place)
        begun = staff["start"].to_numpy() <= place
        for name, lift in plan.measures.items() if place in tests else ():
            level = lift.before + lift.selection * staff["trained"] + persons[name]
            level = level + lift.drift * place / (plan.quarters - 1) + lift.lift * hours * begun
            noise = (
                0.5 * lift.spread * rng.standard_normal(size) + plan.unit_spread * rng.standard_normal(plan.units)[unit]
            )
            frame[name] = (level + noise).clip(0, 100).round(1)
        frame = frame.assign(**{name: column[:, place] for name, column in given.items()})
        last = place == max(tests)
        rows.append(frame[stayed] if last else frame)
    both = pd.concat(rows).sort_values(["staff_id", "order"], ignore_index=True)
    columns = ["staff_id", "institution_type", "unit", "trained", "period", *given, *plan.measures]
    return both[columns]


def quarters_until(edition: Edition, count: int) -> list[str]:
    """The `count` quarters up to the one before the end of the fieldwork, such as 2025Q3."""
    last = pd.Period(edition.publication.fieldwork.end, freq="Q") - 1
    return [str(last - back) for back in range(count)][::-1]


def _staff(rng: np.random.Generator, plan: Training, quarters: list[str]) -> pd.DataFrame:
    """Units of one kind each, with the quarter in which their training starts (`start`; beyond all: never)."""
    kinds = draw_codes(rng, plan.institutions, plan.units)
    cohorts = [*plan.cohorts, len(quarters) * 10]
    shares = [plan.trained_share / len(plan.cohorts)] * len(plan.cohorts) + [1 - plan.trained_share]
    start = np.array(cohorts)[draw_positions(rng, shares, plan.units)]
    unit = np.sort(rng.integers(0, plan.units, plan.staff))
    intensity = np.array([float(hours) for hours in plan.hours])
    chosen = draw_positions(rng, list(plan.hours.values()), plan.staff)
    trained = start[unit] < len(quarters)
    return pd.DataFrame(
        {
            "staff_id": numbered("E", plan.staff, width=4),
            "institution_type": kinds[unit],
            "unit": numbered("N", plan.units, width=3)[unit],
            "unit_place": unit,
            "start": start[unit],
            "trained": trained.astype(int),
            "intensity": np.where(trained, intensity[chosen], 0.0),
        }
    )


def _delivered(
    rng: np.random.Generator, plan: Training, staff: pd.DataFrame, quarters: list[str]
) -> dict[str, npt.NDArray[np.object_]]:
    """Content, mode and hours of what each was taught in each quarter: staff × quarters, empty where nothing was."""
    shape = (len(staff), len(quarters))
    place = np.arange(len(quarters))
    start = staff["start"].to_numpy()[:, None]
    taught = (place == start) | ((place > start) & (rng.random(shape) < plan.each_quarter))
    content = draw_codes(rng, plan.content, staff.shape[0] * len(quarters)).reshape(shape)
    mode = draw_codes(rng, plan.modes, staff.shape[0] * len(quarters)).reshape(shape)
    hours = np.broadcast_to(staff["intensity"].to_numpy()[:, None].astype(int).astype(str), shape).astype(object)
    found = {"content": content, "mode": mode, "hours": hours}
    return {name: np.where(taught, column, "") for name, column in found.items()}
