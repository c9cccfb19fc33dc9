"""Service standards and benchmarks: limits the service is held to, and published levels to compare with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from analysis.edition.instrument import Keyed
from analysis.edition.params import KeysOnce, Params, Text, validate
from analysis.edition.reading import read_yaml

Unit = Literal["percent", "score", "hours", "working_days", "minutes", "days", "years", "count", "points"]


class Limit(Params):
    """An upper limit on a duration, or a lower limit on a share."""

    value: float
    unit: Unit
    bound: Literal["at_most", "at_least", "below"] = "at_most"


class Step(Keyed):
    """One step of a service scenario, its owner and its limit (None: a rule in words only)."""

    name: Text
    owner: Text
    rule: Text
    limit: Limit | None = None


class Scenario(Keyed):
    """One of the service scenarios with its steps."""

    name: Text
    steps: Annotated[tuple[Step, ...], Field(min_length=1, strict=False), KeysOnce]


class Indicator(Keyed):
    """A monitored indicator with its norm."""

    name: Text
    norm: Text
    limit: Limit | None = None


class Standards(Params):
    """All limits of one edition and where they come from."""

    source: Text
    scenarios: Annotated[tuple[Scenario, ...], Field(min_length=1, strict=False), KeysOnce]
    indicators: Annotated[tuple[Indicator, ...], Field(strict=False), KeysOnce] = ()


class Measure(Params):
    """What a benchmark is compared with: a measure of this edition, overall or in one category of a segment."""

    kind: Literal["csi", "csat", "construct_score", "construct_share"]
    construct_key: Annotated[str | None, Field(alias="construct")] = None
    segment: str | None = None
    category: str | None = None


class Benchmark(Keyed):
    """A published level: never without unit, year and source."""

    name: Text
    value: float
    unit: Unit
    year: int
    source: Text
    section: str
    measure: Measure | None = None
    disagrees_with: str | None = None


class Benchmarks(Params):
    """The published levels that an edition is compared with."""

    benchmarks: Annotated[tuple[Benchmark, ...], Field(min_length=1, strict=False), KeysOnce]


def load_standards(path: Path) -> Standards:
    """Read a standards file; raises EditionError or Problems that name the file and the key."""
    return validate(Standards, read_yaml(path, key="standards", holds=("scenarios",)), path=path)


def load_benchmarks(path: Path) -> Benchmarks:
    """Read a benchmarks file; raises EditionError or Problems that name the file and the key."""
    return validate(Benchmarks, read_yaml(path, key="benchmarks", holds=("benchmarks",)), path=path)
