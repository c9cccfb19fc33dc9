"""The weights that 04_weighting saved, as every later step takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.errors import ResultsError

if TYPE_CHECKING:
    from analysis.results import Store

STEP = "04_weighting"


def survey_weights(store: Store) -> dict[str, Any]:
    """Weights, strata and replicates of the cleaned responses, in their order: weights, strata, replicates.

    `strata` is the column `stratum` of the weights where there is one and it is complete, `replicates` what was saved
    when the edition asked for them; None otherwise. Raises ResultsError when rows or factors do not match.
    """
    import numpy as np

    from analysis.survey.replication import ReplicateWeights

    frame, record = store.frame(STEP, "weights"), store.record(STEP, "weighting")
    strata = frame["stratum"].to_numpy() if "stratum" in frame and frame["stratum"].notna().all() else None
    replicates = None
    if record.get("replicate_method"):
        weights = store.frame(STEP, "replicates").to_numpy(dtype=np.float64)
        factors = np.asarray(record["replicate_factors"], dtype=np.float64)
        if weights.shape != (len(frame), len(factors)):
            raise ResultsError(
                "The replicate weights do not match the weights.",
                where=f"results/{STEP}/replicates.parquet",
                expected=f"{len(frame)} rows and {len(factors)} columns",
                got=f"{weights.shape[0]} rows and {weights.shape[1]} columns",
                hint="run the notebook 04_weighting again",
            )
        replicates = ReplicateWeights(
            weights, factors, int(record["replicate_degrees"]), method=str(record["replicate_method"])
        )
    return {"weights": frame["weight"].to_numpy(), "strata": strata, "replicates": replicates}


def variance_record(weights: dict[str, Any]) -> dict[str, Any]:
    """How the variance of the estimates was found: method, number of replicates and of strata."""
    replicates, strata = weights["replicates"], weights["strata"]
    return {
        "variance": "taylor" if replicates is None else str(replicates.method),
        "replicates": 0 if replicates is None else int(replicates.weights.shape[1]),
        "strata": 0 if strata is None else len(set(strata)),
    }
