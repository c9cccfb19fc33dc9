"""Answer scales: their ends, and answers of one scale put on another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import model_validator

from analysis.edition.params import Params, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


MOST_ORDERED = 20
"""Answers of a scale beyond which a threshold between every two of them can't be estimated."""


class Scale(Params):
    """Answer scale of rated items: whole numbers from `min` to `max`, a higher answer is better.

    `continuous`: answers may have decimals, as those of a slider or the scores of a test.
    """

    min: int
    max: int
    continuous: bool = False
    labels: dict[int, Text] = {}

    @model_validator(mode="after")
    def _check(self) -> Scale:
        if self.min >= self.max:
            raise ValueError(f"scale.min ({self.min}) must be below scale.max ({self.max})")
        outside = sorted(code for code in self.labels if not self.min <= code <= self.max)
        if outside:
            raise ValueError(f"scale.labels names {outside}, outside {self.min} to {self.max}")
        return self

    @property
    def ends(self) -> tuple[int, int]:
        """Lowest and highest answer; scales with the same ends are one in all that is computed."""
        return self.min, self.max

    @property
    def span(self) -> int:
        """Distance of the ends."""
        return self.max - self.min

    @property
    def ordered(self) -> bool:
        """Whether its answers can be taken as ordered categories: whole numbers, and not too many of them."""
        return not self.continuous and self.span < MOST_ORDERED

    @property
    def middle(self) -> float:
        """The answer half-way between the ends."""
        return (self.min + self.max) / 2

    def onto(self, answers: Any, other: Scale) -> Any:
        """Answers of this scale, a number or an array, at the same place of `other`; unchanged where the ends agree."""
        if self.ends == other.ends:
            return answers
        return other.min + (answers - self.min) / self.span * other.span

    def score(self, answers: Any) -> Any:
        """Answers as points from 0 (`min`) to 100 (`max`)."""
        return (answers - self.min) / self.span * 100


def aligned(responses: pd.DataFrame, scales: Mapping[str, Scale]) -> pd.DataFrame:
    """`responses` with the items of `scales` on the scale of the first of them, so that their answers can be added.

    The very frame where they have one scale.
    """
    first = next(iter(scales.values()), None)
    others = {key: scale for key, scale in scales.items() if first is not None and scale.ends != first.ends}
    if first is None or not others:
        return responses
    return responses.assign(
        **{key: scale.onto(responses[key].astype("float64"), first) for key, scale in others.items()}
    )
