"""The parameter table: every cell of the model and every defined quantity, raw and standardised, with its error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.sem.inference.bootstrap import Replicates, bootstrap_intervals
from analysis.sem.inference.effects import Derived, delta_method
from analysis.sem.model.bounds import STEP, Bounds, stepped
from analysis.sem.model.definitions import Definition
from analysis.sem.model.structure import Fitted, Matrices, Structure, deviations

if TYPE_CHECKING:
    import pandas as pd

    from analysis.sem.moments.ordinal import OrdinalMoments

Array = NDArray[Any]
_DEFINED = ["quantity", "formula", "est", "se", "ci_low", "ci_high", "pvalue", "std_all"]


def parameter_table(solution: Fitted, quantile: float, ordinal: OrdinalMoments | None = None) -> pd.DataFrame:
    """lavaan's parameter table: lhs, op, rhs, label, free, start, est, se, z, pvalue, ci_low, ci_high, std_all, std_se.

    One row for each cell (an equality shows as the same number in `free`, a fixed cell has 0 there) and one for each
    defined quantity (op `:=`, rhs its expression, free 0). std_all: items and constructs in standard deviations, a
    covariance as the correlation of what it joins, an intercept in standard deviations; std_se by the delta method.
    What is fixed has no error (NaN), nor has a standardised value that the model fixes. The thresholds of `ordinal`
    answers come last.
    """
    import pandas as pd

    structure, syntax = solution.structure, solution.structure.syntax
    raw = delta_method(solution, lambda matrices: values_of(structure, matrices))
    std = delta_method(solution, lambda matrices: values_of(structure, matrices.standardised()))
    free = [0 if p.name is None else structure.free[p.name] + 1 for p in syntax.parameters]
    start = np.append(solution.start, np.nan)
    rows = [(p.lhs, p.op, p.rhs, p.label or "") for p in syntax.parameters]
    rows += [(definition.name, ":=", definition.text, "") for definition in syntax.defined]
    frame = pd.DataFrame(rows, columns=["lhs", "op", "rhs", "label"])
    frame["free"] = [*free, *[0] * len(syntax.defined)]
    frame["start"] = np.where(frame["free"] > 0, start[frame["free"].to_numpy() - 1], np.nan)
    frame["est"], frame["se"] = raw.estimate, _or_nan(raw)
    frame = _with_tests(frame, quantile)
    frame["std_all"], frame["std_se"] = std.estimate, _or_nan(std)
    if ordinal is None:
        return frame
    items = [name for name in syntax.items if name not in syntax.covariates]
    own = deviations(solution.matrices.implied)[[structure.items[name] for name in items]]
    return pd.concat([frame, threshold_table(ordinal, items, quantile, own)[frame.columns]], ignore_index=True)


def threshold_table(
    moments: OrdinalMoments, items: Sequence[str], quantile: float, spread: Array | None = None
) -> pd.DataFrame:
    """Thresholds of ordered answers as rows of the parameter table (op `|`, rhs t1, t2, …).

    They fit exactly and are standardised as they stand, or by the standard deviation of the latent responses where
    covariates add to it (`spread`, p); `free` and `start` have no meaning for them (0, NaN).
    """
    import pandas as pd

    rows, columns = np.nonzero(~np.isnan(moments.thresholds))
    known = {
        "lhs": [items[int(row)] for row in rows],
        "op": "|",
        "rhs": [f"t{column + 1}" for column in columns],
        "label": "",
        "free": 0,
        "start": np.nan,
        "est": moments.thresholds[rows, columns],
        "se": moments.threshold_errors[rows, columns],
    }
    frame = _with_tests(pd.DataFrame(known), quantile)
    by = 1.0 if spread is None else spread[rows]
    return frame.assign(std_all=frame["est"] / by, std_se=frame["se"] / by)


def _with_tests(frame: pd.DataFrame, quantile: float) -> pd.DataFrame:
    """The rows with z, p and interval of their estimates."""
    from scipy.special import ndtr

    z = frame["est"] / frame["se"]
    ends = {name: frame["est"] + sign * quantile * frame["se"] for name, sign in (("ci_low", -1), ("ci_high", 1))}
    return frame.assign(z=z, pvalue=2 * ndtr(-z.abs()), **ends)


def defined_table(parameters: pd.DataFrame, drawn: Replicates | None, *, confidence: float) -> pd.DataFrame:
    """Defined quantities of a parameter table with bootstrap intervals.

    Columns: quantity, formula, est, se, ci_low, ci_high, pvalue, std_all; percentile_low, percentile_high, bca_low and
    bca_high from the replicates of the complete rows, NaN without.
    """
    table = parameters[parameters["op"] == ":="].rename(columns={"lhs": "quantity", "rhs": "formula"})
    table = table.reset_index(drop=True)
    ends = ("percentile_low", "percentile_high", "bca_low", "bca_high")
    if drawn is None:
        return table[_DEFINED].assign(**dict.fromkeys(ends, np.nan))
    structure = drawn.solution.structure
    first = len(structure.places)
    intervals = bootstrap_intervals(drawn, lambda m: values_of(structure, m)[..., first:], confidence=confidence)
    return table[_DEFINED].assign(**dict(zip(ends, (*intervals.percentile, *intervals.bca), strict=True)))


def joint_defined_rows(
    defined: Sequence[Definition], bounds: Bounds, theta: Array, covariance: Array, quantile: float
) -> pd.DataFrame:
    """Rows of the parameter table for quantities over the labels of several groups; std_all is not known (NaN)."""
    import pandas as pd

    def values(theta: Array) -> Array:
        known = bounds.known(theta)
        return np.stack([known[one.name] for one in defined], axis=-1)

    slopes = np.concatenate([values(moved) for moved in stepped(theta)]).imag / STEP
    variance = np.einsum("qk,qr,rk->k", slopes, covariance, slopes)
    frame = pd.DataFrame([(one.name, ":=", one.text, "") for one in defined], columns=["lhs", "op", "rhs", "label"])
    frame = frame.assign(free=0, start=np.nan, est=values(theta), se=np.sqrt(np.maximum(variance, 0.0)))
    return _with_tests(frame, quantile).assign(std_all=np.nan, std_se=np.nan)


def values_of(structure: Structure, matrices: Matrices) -> Array:
    """Every cell of the model, then every defined quantity: … × rows of the parameter table."""
    cells = [getattr(matrices, name)[..., i, j] for _, name, i, j in structure.places]
    return np.stack([*cells, *defined_values(structure, cells)], axis=-1)


def defined_values(structure: Structure, cells: Sequence[Array]) -> list[Array]:
    """Defined quantities where the cells of the model have these values; of equal cells the first counts."""
    syntax, known = structure.syntax, dict[str, Array]()
    for parameter, cell in zip(syntax.parameters, cells, strict=True):
        if parameter.label:
            known.setdefault(parameter.label, cell)
    for definition in syntax.defined:
        known[definition.name] = np.asarray(definition.value(known)) + 0 * cells[0]
    return [known[definition.name] for definition in syntax.defined]


def _or_nan(derived: Derived) -> Array:
    """Standard errors; none where nothing is estimated (but for rounding)."""
    return np.where(derived.se > 1e-12 * np.maximum(np.abs(derived.estimate), 1.0), derived.se, np.nan)
