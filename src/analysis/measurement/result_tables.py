"""The tables of the step, from what could be computed; a part that could not is absent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.measurement.attempt import Attempt
from analysis.measurement.comparability import Comparability
from analysis.measurement.confirmatory import Confirmation
from analysis.measurement.exploration import Exploration
from analysis.measurement.factorability import Factorability

if TYPE_CHECKING:
    import pandas as pd

_MORE_EIGENVALUES = 4
"""Eigenvalues shown after the last one retained, and at least after as many as there are constructs."""


def measurement_tables(
    *,
    items: pd.DataFrame,
    reliability: pd.DataFrame,
    verdicts: pd.DataFrame,
    pairs: pd.DataFrame,
    factors: Attempt[Factorability],
    explored: Attempt[Exploration],
    confirmed: Attempt[Confirmation],
    single: Attempt[Confirmation],
    comparable: Attempt[Comparability],
) -> dict[str, pd.DataFrame]:
    """Published tables of the step by name, unrounded.

    Always: item_statistics, reliability, construct_verdicts; validity and measurement_loadings with the confirmatory
    model, construct_pairs with more than one construct, eigenvalues, factor_loadings, measurement_fit and invariance
    where the method could be applied.
    """
    tables = {
        "item_statistics": _with_adequacy(items, factors.part("msa")),
        "reliability": _with_omega(reliability, confirmed.part("constructs")),
        "construct_verdicts": verdicts,
    }
    if confirmed.result is not None:
        tables["validity"] = verdicts
        tables["measurement_loadings"] = confirmed.result.loadings
    if len(pairs):
        tables["construct_pairs"] = pairs
    if factors.result is not None:
        shown = max(factors.result.retained, len(verdicts)) + _MORE_EIGENVALUES
        tables["eigenvalues"] = factors.result.eigenvalues.head(shown)
    if explored.result is not None:
        tables["factor_loadings"] = explored.result.items
    fits = _fits(confirmed, single)
    if len(fits):
        tables["measurement_fit"] = fits
    if comparable.result is not None:
        tables["invariance"] = comparable.result.steps
    return tables


def _with_adequacy(items: pd.DataFrame, msa: pd.DataFrame | None) -> pd.DataFrame:
    return items.assign(msa=float("nan")) if msa is None else items.merge(msa, on="item", how="left")


def _with_omega(reliability: pd.DataFrame, constructs: pd.DataFrame | None) -> pd.DataFrame:
    columns = ["omega", "omega_low", "omega_high"]
    if constructs is None:
        return reliability.assign(**dict.fromkeys(columns, float("nan")))
    return reliability.merge(constructs[["construct", *columns]], on="construct", how="left")


def _fits(confirmed: Attempt[Confirmation], single: Attempt[Confirmation]) -> pd.DataFrame:
    import pandas as pd

    names = ("n", "chi2", "df", "pvalue", "cfi", "tli", "rmsea", "rmsea_low", "rmsea_high", "srmr")
    rows: list[dict[str, Any]] = []
    for model, found in (("constructs", confirmed), ("single", single)):
        if found.result is not None:
            record = found.result.record()
            rows.append({"model": model, **{name: record[name] for name in names}})
    return pd.DataFrame(rows)
