"""Params of the survey's design and fieldwork: sample size, allocation, selection, norms of the channels."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from analysis.params import Code, Names, Params, Share


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


class Sampling(Params):
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

    @model_validator(mode="after")
    def _costs(self) -> Sampling:
        if self.stratum_cost and self.cost is None:
            raise ValueError("stratum_cost needs `cost`, the cost of an interview in every other stratum")
        return self


class FieldworkRules(Params):
    """How dispositions are read: channels behind the norms, the norms, and the question that tells the mode.

    `online` and `callback` are channels of the dispositions. The norms are shares of customers (`min_online`,
    `min_callback`, `min_coverage`) and call-backs to one customer in a quarter (`max_callbacks`). `mode` is the
    profile question by which results are compared, `adjust` those held constant in the comparison.
    """

    confidence: Share = 0.95
    online: Names = ()
    callback: Names = ()
    min_online: Share = 0.80
    min_callback: Share = 0.10
    max_callbacks: Annotated[int, Field(ge=1)] = 1
    min_coverage: Share = 0.90
    mode: str | None = None
    adjust: Names = ()

    @model_validator(mode="after")
    def _adjusted(self) -> FieldworkRules:
        if self.mode in self.adjust:
            raise ValueError("adjust can't name the mode itself")
        return self
