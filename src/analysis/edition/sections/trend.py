"""The tracking series: its forecast, and what changed."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from analysis.edition.params import Share
from analysis.edition.sections import Section

LABEL = r"^\d{4}(H[12]|Q[1-4]|-(0[1-9]|1[0-2]))?$"
"""A wave: 2025, 2025H1, 2025Q3 or 2025-09."""


class Trend(Section):
    """Horizon of the forecast in waves, what it is judged by, and what waves have in common.

    max_ar, max_difference, max_ma: ARIMA orders that AICc chooses among. origins: latest waves from which forecasts are
    made anew, to be held against what came. last_edition: wave of the edition before this one. shared_respondents:
    share of a wave's respondents who also answered the wave before; shared_correlation: of their two answers.
    """

    horizon: Annotated[int, Field(ge=1, le=40)] = 4
    confidence: Share = 0.95
    max_ar: Annotated[int, Field(ge=0, le=5)] = 2
    max_difference: Annotated[int, Field(ge=0, le=2)] = 1
    max_ma: Annotated[int, Field(ge=0, le=5)] = 2
    origins: Annotated[int, Field(ge=1, le=40)] = 10
    last_edition: Annotated[str, Field(pattern=LABEL)] | None = None
    shared_respondents: Annotated[float, Field(ge=0, le=1)] = 0.0
    shared_correlation: Annotated[float, Field(ge=-1, le=1)] = 0.5

    @field_validator("last_edition", mode="before")
    @classmethod
    def _year_as_text(cls, value: object) -> object:
        """YAML reads the label 2024 as a number."""
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
