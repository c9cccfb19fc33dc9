"""Whether the model finds the paths that were planted in simulated answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def recovered_paths(paths: pd.DataFrame, planted: pd.DataFrame) -> pd.DataFrame:
    """Each estimated path beside the planted one: is the value of the population inside the interval?

    `paths` have outcome, predictor, std, std_low and std_high; `planted` has outcome, predictor, planted and
    population. Returns these columns together, and `inside`.
    """
    estimated = paths[["outcome", "predictor", "std", "std_low", "std_high"]]
    table = estimated.merge(planted, on=["outcome", "predictor"], how="left", validate="one_to_one")
    table["inside"] = table["population"].between(table["std_low"], table["std_high"])
    return table
