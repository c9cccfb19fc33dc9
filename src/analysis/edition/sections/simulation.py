"""The simulated survey."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from analysis.edition.sections import Section


class Simulation(Section):
    """Size and planted faults of the simulated survey.

    planted: what else is planted otherwise than params/simulation/guide.yml has it, by its keys.
    """

    responses: Annotated[int, Field(ge=200, le=2_000_000)] = 6000
    careless_share: Annotated[float, Field(ge=0, le=0.5)] = 0.06
    duplicate_share: Annotated[float, Field(ge=0, le=0.2)] = 0.01
    missing_share: Annotated[float, Field(ge=0, le=0.5)] = 0.015
    planted: dict[str, Any] = {}
