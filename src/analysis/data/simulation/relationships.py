"""The register of customer relationships, and which of its customers gave which interview."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.data.simulation.drawing import draw_codes, generator, numbered, own_generator
from analysis.data.simulation.planted import Planted
from analysis.data.simulation.planted_service import Customers
from analysis.data.simulation.responses import MISSING
from analysis.edition import Edition

if TYPE_CHECKING:
    from analysis.data.simulation.responses import Interviews

_DAYS_PER_YEAR = 365.25
_PRODUCTS, _JOINED = 1, 2
"""Streams of random numbers beside that of the table."""


def draw_customers(edition: Edition, planted: Planted) -> pd.DataFrame:
    """Relationships with Weibull lifetimes by value tier and products; those that outlast the fieldwork are open."""
    rng, plan = generator(edition, "customers"), planted.customers
    size, end = plan.relationships, np.datetime64(edition.publication.fieldwork.end)
    tiers = draw_codes(rng, {name: tier.share for name, tier in plan.tiers.items()}, size)
    products = draw_codes(own_generator(edition, "customers", _PRODUCTS), plan.products.shares, size).astype(int)
    stretch = _stretch(plan, products) / math.gamma(1 + 1 / plan.shape)
    lifetime = np.array([plan.tiers[tier].lifetime for tier in tiers]) * stretch * rng.weibull(plan.shape, size)
    age = rng.integers(1, int(plan.years * _DAYS_PER_YEAR), size)
    opened = end - age.astype("timedelta64[D]")
    closed = opened + np.maximum(np.rint(lifetime * _DAYS_PER_YEAR), 1).astype("timedelta64[D]")
    revenue = np.array([plan.tiers[tier].revenue for tier in tiers]) * np.exp(0.55 * rng.standard_normal(size))
    corporate = rng.random(size) < plan.corporate_share
    return pd.DataFrame(
        {
            "customer_id": numbered("K", size),
            "institution_type": draw_codes(rng, plan.institutions, size),
            "customer_type": np.where(corporate, "corporate", "individual"),
            "opened_on": np.datetime_as_string(opened),
            "closed_on": np.where(closed <= end, np.datetime_as_string(closed), ""),
            "value_tier": tiers,
            "annual_revenue": np.where(corporate, 6 * revenue, revenue).round(2),
            "products": products,
        }
    )


def _stretch(plan: Customers, products: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """What products do to the lifetime, a tier's mean staying as planned: hazard × e^b is lifetime × e^(−b/shape)."""
    slope = -plan.products.hazard / plan.shape
    total = sum(plan.products.shares.values())
    mean = sum(share / total * math.exp(slope * int(number)) for number, share in plan.products.shares.items())
    return np.asarray(np.exp(slope * products) / mean)


def join_customers(
    edition: Edition, planted: Planted, interviews: Interviews, customers: pd.DataFrame
) -> npt.NDArray[np.object_]:
    """Identifier of the customer behind each interview, empty where it is on no record.

    A part of the interviews in each kind of institution and of customer is given to relationships that ran when the
    list of addresses was made, the more loyal ones rather to those whom the plan says so of.
    """
    rng, plan = own_generator(edition, "customers", _JOINED), planted.customers.joined
    start = np.datetime64(edition.publication.fieldwork.start)
    closed = pd.to_datetime(customers["closed_on"].replace("", None))
    ran = (pd.to_datetime(customers["opened_on"]) <= start) & ~(closed < start - np.timedelta64(plan.since, "D"))
    pull = customers["value_tier"].map(plan.loyalty).to_numpy(dtype=float) + plan.left * closed.notna().to_numpy()
    pull = pull + rng.standard_normal(len(customers))
    loyal = _loyalty(edition, interviews) + rng.standard_normal(len(interviews.careless))
    found = np.full(len(interviews.careless), "", dtype=object)
    kinds = ["institution_type", "customer_type"]
    listed = customers[ran].groupby(kinds).indices
    for kind, rows in interviews.profiles.groupby(kinds).indices.items():
        known = np.flatnonzero(ran)[listed[kind]] if kind in listed else np.zeros(0, dtype=int)
        count = min(round(plan.share * len(rows)), len(known))
        asked, chosen = rng.choice(rows, count, replace=False), rng.choice(known, count, replace=False)
        by_pull = chosen[np.argsort(pull[chosen])]
        found[asked[np.argsort(loyal[asked])]] = customers["customer_id"].to_numpy()[by_pull]
    return found


def _loyalty(edition: Edition, interviews: Interviews) -> npt.NDArray[np.float64]:
    """Mean answer on loyalty in standard deviations; 0 where nobody was asked."""
    loyal = [c.key for c in edition.instrument.constructs if c.role == "loyalty" for _ in c.items]
    keys = [c.key for c in edition.instrument.constructs for _ in c.items]
    columns = [place for place, key in enumerate(keys) if key in loyal]
    if not columns:
        return np.zeros(len(interviews.careless))
    scales = list(edition.instrument.scales.values())
    answered = interviews.answers[:, columns] != MISSING
    given = zip(columns, interviews.answers[:, columns].astype(np.float64).T, strict=True)
    answers = np.column_stack([scales[place].onto(column, scales[columns[0]]) for place, column in given])
    mean = np.where(answered, answers, 0.0).sum(axis=1) / np.maximum(answered.sum(axis=1), 1)
    mean = np.where(answered.any(axis=1), mean, mean[answered.any(axis=1)].mean())
    return np.asarray((mean - mean.mean()) / max(mean.std(), 1e-9))
