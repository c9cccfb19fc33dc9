"""The forecast of the tracking series."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from analysis.edition.params import Share
from analysis.edition.sections import Section


class Trend(Section):
    """Forecast horizon in waves and the orders that AICc chooses among."""

    horizon: Annotated[int, Field(ge=1, le=40)] = 4
    confidence: Share = 0.95
    max_ar: Annotated[int, Field(ge=0, le=5)] = 2
    max_difference: Annotated[int, Field(ge=0, le=2)] = 1
    max_ma: Annotated[int, Field(ge=0, le=5)] = 2
    holdout: Annotated[int, Field(ge=1, le=40)] = 4
