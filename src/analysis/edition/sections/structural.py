"""Params of the structural model: how it is estimated, and the thresholds its fit is read against."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from analysis.edition.instrument import Instrument
from analysis.edition.params import Share, as_tuple
from analysis.edition.sections import Section, unknown
from analysis.errors import EditionError

GroupEqual = Literal[
    "loadings",
    "intercepts",
    "thresholds",
    "means",
    "regressions",
    "residuals",
    "residual.covariances",
    "lv.variances",
    "lv.covariances",
]
"""What lavaan's `group.equal` may name; thresholds are of ordered answers."""


class Structural(Section):
    """Estimation of the structural model and the thresholds its fit is read against.

    `missing`: fiml uses every row with an answer, listwise only complete ones, pairwise (of WLSMV alone) for each pair
    of items the rows that answered both. `estimator`: MLR takes standard errors and χ² that do not lean on normal
    answers, ML those of normal theory; MLM and MLMV are MLR for complete interviews drawn with equal chances, with χ²
    after Satorra and Bentler or adjusted for its variance too; WLSMV takes the answers as ordered categories (least
    squares on polychoric correlations), listwise or pairwise and without bootstrap. `ordered`: which items WLSMV takes
    so (none named: all that have an ordered scale), the others being numbers. `parameterization`: of ordered items,
    with residual variances that follow from the others (delta), or that are parameters, 1 where nothing else is said
    (theta). `weighted`: use the survey weights.
    `variance`: taylor takes errors from the sandwich over the design, replicates from the replicate weights, which know
    how the weights were made (with missing answers every replicate is a fit of its own). `bootstrap`: replicates of the
    complete rows for the intervals of the effects (0: none). `group`: a question whose answers make the groups of a
    model that is fitted to all of them together; `group_equal`: what is the same in all of them (lavaan's
    `group.equal`), beside what the labels of the model say.
    """

    estimator: Literal["ML", "MLR", "MLM", "MLMV", "WLSMV"] = "MLR"
    missing: Literal["fiml", "listwise", "pairwise"] = "fiml"
    weighted: bool = True
    variance: Literal["taylor", "replicates"] = "taylor"
    bootstrap: Annotated[int, Field(ge=0, le=20_000)] = 0
    ordered: Annotated[tuple[str, ...], BeforeValidator(as_tuple), Field(strict=False)] = ()
    parameterization: Literal["delta", "theta"] = "delta"
    group: str | None = None
    group_equal: Annotated[tuple[GroupEqual, ...], BeforeValidator(as_tuple), Field(strict=False)] = ()
    confidence: Share = 0.95
    min_cfi: Share = 0.95
    min_tli: Share = 0.95
    max_rmsea: Share = 0.06
    max_srmr: Share = 0.08

    @model_validator(mode="after")
    def _for_ordered_answers(self) -> Structural:
        if self.estimator in {"MLM", "MLMV"} and self.missing != "listwise":
            raise ValueError(f"estimator {self.estimator} uses complete interviews only: set missing to listwise")
        if self.missing == ("fiml" if self.estimator == "WLSMV" else "pairwise"):
            others = "listwise or pairwise" if self.estimator == "WLSMV" else "fiml or listwise"
            raise ValueError(f"estimator {self.estimator} can't do with missing: {self.missing}; set it to {others}")
        if self.estimator == "WLSMV" and self.bootstrap:
            raise ValueError(f"estimator WLSMV has no bootstrap: set bootstrap to 0 (it is {self.bootstrap})")
        if self.estimator in {"MLM", "MLMV"} and self.group is not None:
            raise ValueError(f"estimator {self.estimator} takes one group: set estimator to MLR, or group to null")
        if "thresholds" in self.group_equal and self.estimator != "WLSMV":
            raise ValueError("group_equal names thresholds, which only the estimator WLSMV has")
        if self.parameterization == "theta" and self.estimator != "WLSMV":
            raise ValueError("parameterization theta is of ordered items: set estimator to WLSMV, or it to delta")
        if self.variance == "replicates" and (self.estimator == "WLSMV" or not self.weighted):
            raise ValueError("variance from replicates needs weighted: true and the estimator ML or MLR")
        return self

    def faults(self, instrument: Instrument) -> Iterator[EditionError]:
        """A question that makes the groups, and ordered items, that the instrument does not have."""
        known = [*instrument.item_keys, *instrument.profile_keys]
        named = {name: name if name in known else name.partition(".")[0] for name in self.ordered}
        yield from unknown("structural.ordered", [name for name in named if named[name] not in known], known, "item")
        if self.group is not None:
            yield from unknown("structural.group", [self.group], instrument.profile_keys, "profile question")
