"""The tracking series: its forecast, and what changed."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from analysis.edition.params import Share
from analysis.edition.sections import Section
from analysis.periods import read_label


def _label(value: object) -> object:
    """A wave as it was called; YAML reads the label 2024 as a number."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, str) and not read_label(value):
        raise ValueError(f"{value!r} names no wave: 2025, 2025H1, 2025Q3, 2025-09, 2025-09-30 or W3 does")
    return read_label(value) if isinstance(value, str) else value


class Trend(Section):
    """Horizon of the forecast in waves, what it is judged by, and what waves have in common.

    max_ar, max_difference, max_ma: ARIMA orders that AICc chooses among. origins: latest waves from which forecasts are
    made anew, to be held against what came. last_edition: wave of the edition before this one. shared_respondents:
    share of a wave's respondents who also answered the wave before; shared_correlation: of their two answers, both of a
    table of waves. panel: whether an id that several waves of the responses have is one person (none: unless each wave
    numbers its interviews from 1 on).
    """

    horizon: Annotated[int, Field(ge=1, le=40)] = 4
    confidence: Share = 0.95
    max_ar: Annotated[int, Field(ge=0, le=5)] = 2
    max_difference: Annotated[int, Field(ge=0, le=2)] = 1
    max_ma: Annotated[int, Field(ge=0, le=5)] = 2
    origins: Annotated[int, Field(ge=1, le=40)] = 10
    last_edition: Annotated[str, BeforeValidator(_label)] | None = None
    shared_respondents: Annotated[float, Field(ge=0, le=1)] = 0.0
    shared_correlation: Annotated[float, Field(ge=-1, le=1)] = 0.5
    panel: bool | None = None
