"""Sample size, allocation, selection, and the power of the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from analysis.edition.instrument import Instrument
from analysis.edition.params import Code, Names, Params, Share
from analysis.edition.sections import Section, unknown
from analysis.errors import EditionError


class ModelPower(Params):
    """Test of the structural model by RMSEA: level, power wanted, RMSEA of the null and of the two alternatives."""

    alpha: Share = 0.05
    target: Share = 0.80
    null: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    close: Annotated[float, Field(gt=0, lt=0.5)] = 0.08
    not_close: Annotated[float, Field(ge=0, lt=0.5)] = 0.01

    @model_validator(mode="after")
    def _in_order(self) -> ModelPower:
        if not self.not_close < self.null < self.close:
            raise ValueError("the RMSEA must rise from not_close to null to close")
        return self


class Sampling(Section):
    """Assumptions of the sample size, rule of allocation and method of selection.

    Margins are half widths: `margin` and `stratum_margin` in index points, `share_margin` of a share, `item_margin`
    on the answer scale (none: 1/80 of the scale; `item_standard_deviation` none: a quarter of it). `cost` is that of
    one interview; `stratum_cost` and `stratum_deviation` replace cost and spread in single strata. `domains` are
    profile questions whose categories are to be published. `per_unit` is the number of invitations in a unit of the
    first stage.
    """

    confidence: Share = 0.95
    margin: Annotated[float, Field(gt=0, le=50)] = 1.0
    stratum_margin: Annotated[float, Field(gt=0, le=50)] = 2.0
    standard_deviation: Annotated[float, Field(gt=0, le=50)] = 20.0
    share: Share = 0.5
    share_margin: Annotated[float, Field(gt=0, lt=0.5)] = 0.03
    item_standard_deviation: Annotated[float, Field(gt=0)] | None = None
    item_margin: Annotated[float, Field(gt=0)] | None = None
    design_effect: Annotated[float, Field(ge=1, le=20)] = 1.5
    response_rate: Annotated[float, Field(gt=0, le=1)] = 0.35
    stratum: str | None = None
    allocation: Literal["proportional", "neyman", "power", "equal"] = "power"
    power: Annotated[float, Field(ge=0, le=1)] = 0.5
    min_per_stratum: Annotated[int, Field(ge=2)] = 200
    stratum_deviation: dict[Code, Annotated[float, Field(gt=0, le=50)]] = {}
    cost: Annotated[float, Field(gt=0)] | None = None
    stratum_cost: dict[Code, Annotated[float, Field(gt=0)]] = {}
    domains: Names = ()
    selection: Literal["simple", "systematic", "pps", "two_stage"] = "simple"
    per_unit: Annotated[int, Field(ge=1)] = 20
    model: ModelPower = ModelPower()

    @property
    def planned(self) -> bool:
        """Whether the edition states a margin of error, from which a sample size follows; defaults are no plan."""
        return self.states("margin")

    @model_validator(mode="after")
    def _costs(self) -> Sampling:
        if self.stratum_cost and self.cost is None:
            raise ValueError("stratum_cost needs `cost`, the cost of an interview in every other stratum")
        return self

    def faults(self, instrument: Instrument) -> Iterator[EditionError]:
        """Strata, domains and exceptions that the instrument does not know."""
        yield from unknown("sampling.domains", self.domains, instrument.profile_keys, "profile question")
        if self.stratum is None:
            return
        yield from unknown("sampling.stratum", [self.stratum], instrument.profile_keys, "profile question")
        question = next((q for q in instrument.profile if q.key == self.stratum), None)
        known = [category.code for category in question.categories] if question else []
        for key, values in {"stratum_deviation": self.stratum_deviation, "stratum_cost": self.stratum_cost}.items():
            if known:
                yield from unknown(f"sampling.{key}", values, known, f"category of {self.stratum}")
