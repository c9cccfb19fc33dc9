"""What is planted in the records of the service: tickets, log, training, customers and indicators."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from analysis.edition.params import Names, Params

Shares = dict[str, Annotated[float, Field(ge=0)]]
Probability = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]


def nested_tuple(value: object) -> object:
    """Lists of lists as tuples of tuples; anything else as it is."""
    return tuple(nested_tuple(part) for part in value) if isinstance(value, list) else value


Numbers = Annotated[tuple[float, ...], BeforeValidator(nested_tuple)]
Slopes = Annotated[tuple[float, float], BeforeValidator(nested_tuple)]
Routes = Annotated[tuple[tuple[str, ...], ...], BeforeValidator(nested_tuple)]


class OnTime(Params):
    """Share of tickets within a limit in hours, and the themes it applies to."""

    hours: Positive
    on_time: Annotated[float, Field(gt=0, lt=1)]
    themes: Names = ()


class Feedback(Params):
    """Tickets of one year: themes, classes and their clocks.

    customer_types: who writes, by class. repeats: chance of a ticket to come from who wrote on the same theme lately.
    """

    tickets: Annotated[int, Field(ge=1)]
    channels: Shares
    institutions: Shares
    themes: Shares
    classes: dict[str, OnTime]
    first_response: OnTime
    closing_days: Positive
    unanswered: Probability
    customer_types: dict[str, Shares] = Field(default_factory=dict)
    repeats: Probability = 0.0


class StepTime(Params):
    """Share within the limit of the standard, or the median hours of a step without limit."""

    on_time: Annotated[float, Field(gt=0, lt=1)] | None = None
    hours: Positive | None = None


class Rework(Params):
    """Share of a scenario's finished cases that go through their steps again, beginning with the step `back_to`."""

    back_to: str
    share: Probability


class Minutes(Params):
    """Log-normal minutes: their mean and the spread of their logarithm."""

    mean: Positive
    spread: Positive


class Counter(Params):
    """Visits to a branch: branches of each kind of institution, share of its steps that are done there, and minutes.

    slow: mean minutes of waiting in branches that are slower than the others.
    """

    branches: dict[str, Annotated[int, Field(ge=1)]]
    share: Probability
    waited: Minutes
    served: Minutes
    slow: dict[str, Positive]


class ServiceLog(Params):
    """Service cases: how many rows, through which steps, how punctual; rework by scenario, visits to branches.

    waiting: mean share of a step's time that passes before work on it begins.
    """

    rows: Annotated[int, Field(ge=1)]
    institutions: Shares
    scenarios: Shares
    routes: dict[str, Routes]
    steps: dict[str, dict[str, StepTime]]
    lateness: dict[str, Positive]
    abandoned: Probability
    rework: dict[str, Rework] = Field(default_factory=dict)
    waiting: dict[str, Annotated[float, Field(gt=0, lt=1)]] = Field(default_factory=dict)
    counter: Counter | None = None


class Lift(Params):
    """One measure of the training: level before, selection of the trained, drift of all, effect."""

    before: float
    spread: Positive
    selection: float
    drift: float
    lift: float


class Training(Params):
    """Staff of units, of which some are trained from one of the `cohorts` (places of quarters) on.

    tested_every: quarters from test to test; hours: shares of staff by hours a quarter; each_quarter: share of the
    later quarters in which the trained are taught again; unit_spread: what the tests of a unit have in common.
    """

    staff: Annotated[int, Field(ge=2)]
    units: Annotated[int, Field(ge=2)]
    quarters: Annotated[int, Field(ge=3)]
    tested_every: Annotated[int, Field(ge=1)]
    cohorts: Annotated[tuple[int, ...], BeforeValidator(nested_tuple)]
    trained_share: Probability
    institutions: Shares
    left_before_last_test: Probability
    unit_spread: Positive
    hours: Shares
    each_quarter: Probability
    content: Shares
    modes: Shares
    measures: dict[str, Lift]

    @property
    def mean_hours(self) -> float:
        """Hours a quarter of the trained, on average."""
        return sum(float(hours) * share for hours, share in self.hours.items()) / sum(self.hours.values())


class Tier(Params):
    """A customer value tier: share, mean lifetime in years, median revenue a year."""

    share: Probability
    lifetime: Positive
    revenue: Positive


class Products(Params):
    """Numbers of products held, and the log hazard ratio of each more."""

    shares: Shares
    hazard: float


class Joined(Params):
    """Relationships joined to interviews, and how tier and leaving go with loyalty (standard deviations)."""

    share: Probability
    since: Annotated[int, Field(ge=0)]
    loyalty: dict[str, float]
    left: float


class Customers(Params):
    """Customer relationships opened in a span of years."""

    relationships: Annotated[int, Field(ge=1)]
    years: Positive
    shape: Positive
    institutions: Shares
    corporate_share: Probability
    tiers: dict[str, Tier]
    products: Products
    joined: Joined


class PlantedIndicator(Params):
    """A series of the house: level and spread (or, of a share, how many it is counted of), and its special causes.

    steps: what is added from a period on; spikes: what is added in one. Both in the unit of the level (share: percent).
    """

    every: Literal["month", "quarter"]
    count: Annotated[int, Field(ge=1)]
    level: Positive
    spread: Positive | None = None
    counted: Annotated[int, Field(ge=1)] | None = None
    steps: dict[str, float] = Field(default_factory=dict)
    spikes: dict[str, float] = Field(default_factory=dict)
