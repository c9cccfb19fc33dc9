"""The tables of the step, from what could be computed; a part that could not is absent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.measurement.comparability import Comparability
from analysis.measurement.confirmatory import Confirmation
from analysis.measurement.exploration import Exploration
from analysis.measurement.factorability import Factorability
from analysis.optional import Optional

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
    factors: Optional[Factorability],
    explored: Optional[Exploration],
    confirmed: Optional[Confirmation],
    single: Optional[Confirmation],
    comparable: Optional[Comparability],
) -> dict[str, pd.DataFrame]:
    """Published tables of the step by name, unrounded.

    Always: item_statistics, reliability, construct_verdicts; validity and measurement_loadings with the confirmatory
    model, construct_pairs with more than one construct, eigenvalues, factor_loadings, measurement_fit and invariance
    where the method could be applied.
    """
    tables = {
        "item_statistics": _with_adequacy(items, factors.get("msa")),
        "reliability": _with_omega(reliability, confirmed.get("constructs")),
        "construct_verdicts": verdicts,
    }
    if confirmed.value is not None:
        tables["validity"] = verdicts
        tables["measurement_loadings"] = confirmed.value.loadings
    if len(pairs):
        tables["construct_pairs"] = pairs
    if factors.value is not None:
        shown = max(factors.value.retained, len(verdicts)) + _MORE_EIGENVALUES
        tables["eigenvalues"] = factors.value.eigenvalues.head(shown)
    if explored.value is not None:
        tables["factor_loadings"] = explored.value.items
    fits = _fits(confirmed, single)
    if len(fits):
        tables["measurement_fit"] = fits
    if comparable.value is not None:
        tables["invariance"] = comparable.value.steps
    return tables


def _with_adequacy(items: pd.DataFrame, msa: pd.DataFrame | None) -> pd.DataFrame:
    return items.assign(msa=float("nan")) if msa is None else items.merge(msa, on="item", how="left")


def _with_omega(reliability: pd.DataFrame, constructs: pd.DataFrame | None) -> pd.DataFrame:
    columns = ["omega", "omega_low", "omega_high"]
    if constructs is None:
        return reliability.assign(**dict.fromkeys(columns, float("nan")))
    return reliability.merge(constructs[["construct", *columns]], on="construct", how="left")


def _fits(confirmed: Optional[Confirmation], single: Optional[Confirmation]) -> pd.DataFrame:
    import pandas as pd

    names = ("n", "chi2", "df", "pvalue", "cfi", "tli", "rmsea", "rmsea_low", "rmsea_high", "srmr")
    rows: list[dict[str, Any]] = []
    for model, found in (("constructs", confirmed), ("single", single)):
        if found.value is not None:
            record = found.value.record()
            rows.append({"model": model, **{name: record[name] for name in names}})
    return pd.DataFrame(rows)
