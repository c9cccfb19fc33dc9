"""The weights that 04_weighting saved, as every later step takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.errors import ResultsError

if TYPE_CHECKING:
    from analysis.results import Store

STEP = "04_weighting"


def survey_weights(store: Store) -> dict[str, Any]:
    """Weights and design of the cleaned responses, in their order: weights, strata, psu, replicates.

    `strata` and `psu` are the columns `stratum` and `psu` of the weights where there are such and they are complete,
    `replicates` what was saved when the edition asked for them; None otherwise. Raises ResultsError when rows or
    factors do not match.
    """
    import numpy as np

    from analysis.survey.design.replication import ReplicateWeights

    frame, record = store.frame(STEP, "weights"), store.record(STEP, "weighting")
    known = {name: name in frame and bool(frame[name].notna().all()) for name in ("stratum", "psu")}
    strata, psu = (frame[name].to_numpy() if known[name] else None for name in known)
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
    return {"weights": frame["weight"].to_numpy(), "strata": strata, "psu": psu, "replicates": replicates}


def variance_record(weights: dict[str, Any]) -> dict[str, Any]:
    """How the variance of the estimates was found: method, number of replicates, of strata and of sampling units."""
    replicates, strata, psu = (weights[name] for name in ("replicates", "strata", "psu"))
    return {
        "variance": "taylor" if replicates is None else str(replicates.method),
        "replicates": 0 if replicates is None else int(replicates.weights.shape[1]),
        "strata": 0 if strata is None else len(set(strata)),
        "units": 0 if psu is None else len(set(psu if strata is None else zip(strata, psu, strict=True))),
    }
