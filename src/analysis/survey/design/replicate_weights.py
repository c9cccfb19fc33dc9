"""Replicate weights: the survey drawn again from itself, so that any estimate shows how much it would have moved.

V(θ) = Σ_r factors_r · (θ_r − θ)², where θ_r is the same estimate with the weights of replicate r. A weighting stage
that adjusts every replicate as it adjusts the weights themselves puts its own share into that variance.

Around what the replicates are squared is a convention: around θ (`centre="estimate"`: Wolter 2007, §4.2; R survey with
mse = TRUE) or around their own mean (`centre="mean"`: R's default, mse = FALSE in svrVar). On apiclus1 JK1 gives an SE
of 26.334858 with the first and 26.329361 with the second; the first is never the smaller and is the default here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Weights = NDArray[np.float64] | NDArray[np.float32]

Centre = Literal["estimate", "mean"]


@dataclass(frozen=True)
class ReplicateWeights:
    """Weights of every replicate and how to sum them up.

    weights: rows × replicates, float32 where they were read from a file (sums take them as float64, block by block);
    factors: one per replicate, V(θ) = Σ_r factors_r (θ_r − θ)²; degrees of freedom; method: JK1, JKn or bootstrap;
    centre: θ is the estimate, or the mean of the replicates.
    """

    weights: Weights
    factors: Floats
    degrees: int
    method: str
    centre: Centre = "estimate"

    def __post_init__(self) -> None:
        """Keep the weights row by row: sums over rows would copy them each time otherwise."""
        object.__setattr__(self, "weights", np.ascontiguousarray(self.weights))

    @property
    def count(self) -> int:
        """Number of replicates."""
        return int(self.weights.shape[1])

    def at(self, rows: NDArray[Any]) -> ReplicateWeights:
        """The replicates of some of the rows."""
        return replace(self, weights=self.weights[rows])
