"""Whether the drivers that were planted in simulated answers are found, in their size and in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def recovered_effects(effects: pd.DataFrame, planted: pd.DataFrame) -> pd.DataFrame:
    """Each estimated total effect beside the planted one, with its rank by both among those on the same outcome.

    `effects` have outcome, predictor, effect, std, std_low and std_high; `planted` outcome, predictor, planted and
    population. Returns outcome, predictor, planted, population, std, std_low, std_high, inside (whether the value of
    the population lies in the interval), rank and planted_rank (1 for the largest).
    """
    estimated = effects.loc[effects["effect"] == "total", ["outcome", "predictor", "std", "std_low", "std_high"]]
    table = estimated.merge(planted, on=["outcome", "predictor"], how="inner", validate="one_to_one")
    table["inside"] = table["population"].between(table["std_low"], table["std_high"])
    for rank, value in (("rank", "std"), ("planted_rank", "population")):
        table[rank] = table.groupby("outcome")[value].rank(ascending=False, method="first").astype(int)
    return table
