"""What is withheld because it rests on too few interviews, and how exactly the rest is published."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from analysis.edition.params import Params
from analysis.edition.sections import Section


class Dominance(Params):
    """Shares of the weight of a group that one, and two, of its people may have at most.

    p_percent: the second of them must not be able to work the first's answer out to within so many percent.
    """

    one: Annotated[float, Field(gt=0, le=1)] = 0.5
    two: Annotated[float, Field(gt=0, le=1)] = 0.75
    p_percent: Annotated[float, Field(ge=0, le=100)] = 10.0


class Rounding(Params):
    """How published figures are rounded where their column does not print them coarser.

    scores: decimals of indices and means. shares: decimals of percentages. counts: bases and other counts are multiples
    of it. digits: significant digits of what has no printed column.
    """

    scores: Annotated[int, Field(ge=0, le=3)] = 1
    shares: Annotated[int, Field(ge=0, le=3)] = 1
    counts: Annotated[int, Field(ge=1, le=100)] = 1
    digits: Annotated[int, Field(ge=2, le=6)] = 3


class Disclosure(Section):
    """Nothing based on fewer than `min_base` interviews is published.

    min_count: the people who gave an answer, and those who did not, behind a published share of a group (none: a third
    of `min_base`, rounded up).
    """

    min_base: Annotated[int, Field(ge=2)] = 30
    min_count: Annotated[int, Field(ge=1)] | None = None
    dominance: Dominance = Dominance()
    rounding: Rounding = Rounding()

    @property
    def width(self) -> int:
        """Width that the interval of a withheld number must have at least: a third of `min_base`."""
        return (self.min_base + 2) // 3

    @property
    def count(self) -> int:
        """Fewest people behind a share and its complement."""
        return self.min_count or self.width
