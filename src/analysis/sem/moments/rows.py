"""The rows of a survey that the structural model can use, and what makes them unusable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import MethodError
from analysis.sem.model.syntax import ModelSyntax
from analysis.sem.moments.sample import Sample

if TYPE_CHECKING:
    import pandas as pd

MIN_ROWS = 50
"""Fewer usable answers than this are never fitted."""


def usable_rows(
    responses: pd.DataFrame,
    syntax: ModelSyntax,
    *,
    missing: str,
    weights: pd.Series[float] | None = None,
    stratum: pd.Series[Any] | None = None,
    psu: pd.Series[Any] | None = None,
) -> tuple[Sample, NDArray[np.bool_]]:
    """The rows that an estimator uses, their weights scaled to mean 1, and which of `responses` they are.

    `missing`: every row with an answer (fiml) or complete rows only (listwise). `weights`, `stratum` and `psu` have one
    entry per row, by position. Raises MethodError when the rows can't carry the model.
    """
    values = _answers(responses, syntax)
    answered = ~np.isnan(values)
    used = answered.any(axis=1) if missing == "fiml" else answered.all(axis=1)
    weight = np.ones(len(values)) if weights is None else weights.to_numpy(dtype=float)
    if len(weight) != len(values) or not np.isfinite(weight).all() or (weight <= 0).any():
        raise MethodError("Weights must be given for every row.", expected=f"{len(values)} positive numbers")
    _check(values[used], syntax, rows=len(values))
    kept = weight[used]
    codes = [None if column is None else column[used] for column in (unit_codes(stratum), unit_codes(psu))]
    return Sample(values[used], kept / kept.mean(), *codes), used


def unit_codes(column: pd.Series[Any] | None) -> NDArray[np.int64] | None:
    """Strata or PSU as numbers; raises MethodError where a row has none."""
    import pandas as pd

    if column is None:
        return None
    codes = pd.factorize(column)[0].astype(np.int64)
    if len(codes) and codes.min() < 0:
        raise MethodError(
            "Some rows belong to no stratum or sampling unit.",
            where=str(getattr(column, "name", "")),
            expected="a stratum and a unit for every row, or none at all",
            got=f"{int((codes < 0).sum())} rows without",
        )
    return codes


def _answers(responses: pd.DataFrame, syntax: ModelSyntax) -> NDArray[Any]:
    """Answers to the items of the model, n × p, NaN where there is none."""
    items = list(syntax.items)
    absent = [item for item in items if item not in responses.columns]
    if absent:
        raise MethodError(
            "Items of the structural model are not in the responses.", expected=", ".join(items), got=f"no {absent}"
        )
    return responses[items].to_numpy(dtype=float, na_value=np.nan)


def _check(values: NDArray[Any], syntax: ModelSyntax, *, rows: int) -> None:
    """Raise MethodError when the answers can't carry the model."""
    needed = max(MIN_ROWS, len(syntax.free))
    if len(values) < needed:
        raise MethodError(
            "There are too few complete answers to fit the structural model.",
            expected=f"at least {needed} rows with all {len(syntax.items)} items ({len(syntax.free)} parameters)",
            got=f"{len(values)} of {rows} rows",
            hint="use a simpler model, collect more answers, or set structural.missing to fiml",
        )
    answered = ~np.isnan(values)
    thin = [item for item, count in zip(syntax.items, answered.sum(axis=0), strict=True) if count < MIN_ROWS]
    if thin:
        raise MethodError(
            "Items of the structural model have too few answers.",
            where=", ".join(thin),
            expected=f"at least {MIN_ROWS} answers to every item",
            hint="remove them from the model",
        )
    constant = [
        item for item, column in zip(syntax.items, values.T, strict=True) if np.nanmin(column) == np.nanmax(column)
    ]
    if constant:
        raise MethodError(
            "Items of the structural model have the same answer in every row.",
            got=", ".join(constant),
            hint="remove them from the model",
        )
    filled = np.where(answered, values, np.nanmean(values, axis=0))
    smallest, direction = (part[..., 0] for part in np.linalg.eigh(np.corrcoef(filled, rowvar=False)))
    if smallest < 1e-10:
        repeated = [item for item, weight in zip(syntax.items, direction, strict=True) if abs(weight) > 0.1]
        raise MethodError(
            "Some items of the structural model repeat each other exactly.",
            got=", ".join(repeated),
            hint="remove one of them from the model",
        )
