"""What training was given: to how many, in which quarter, on what and how, against the norm of once a quarter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.service.shares import wilson
from analysis.service.training import quarter_of, taught_in
from analysis.service.training_halves import half_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[Any]

DELIVERY_COLUMNS = ("by", "category", "n", "taught", "share", "ci_low", "ci_high")


def delivery(training: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Share of the staff taught in each quarter, in any and in every quarter, and on each content and in each mode.

    training: staff_id, period, and of quarter, content, mode and hours what there is. Rows by quarter, half (where one
    of them has two quarters), `coverage` (any,
    every: the norm of once a quarter), content and mode: n staff, taught, share with interval. Staff of one unit are
    taught together: the share is that of independent units of the mean size (Wilson's interval with n over the design
    effect). Raises MethodError where the table tells of no training in any quarter.
    """
    taught = taught_in(training)
    quarter = quarter_of(training)
    told = training[taught & quarter.notna()]
    if not len(told):
        raise MethodError(
            "The table of training does not say when anything was taught.",
            expected="a quarter, and content, mode or hours, in the rows of those who were taught",
        )
    staff = training.drop_duplicates("staff_id").set_index("staff_id")
    given = pd.crosstab(told["staff_id"], quarter[told.index]).reindex(staff.index, fill_value=0) > 0
    shown = [("quarter", str(name), given[name]) for name in sorted(given, key=str)]
    half = np.array([half_of(str(name)) for name in given], dtype=object)
    if len(set(half)) < len(half):
        shown += [("half", str(name), given.loc[:, half == name].any(axis=1)) for name in sorted(set(half))]
    shown += [("coverage", "any", given.any(axis=1)), ("coverage", "every", given.all(axis=1))]
    for name in ("content", "mode"):
        if name in told and told[name].notna().any():
            table = pd.crosstab(told["staff_id"], told[name]).reindex(staff.index, fill_value=0) > 0
            shown += [(name, str(code), table[code]) for code in table.mean().sort_values(ascending=False).index]
    rows = [{"by": by, "category": code, **_share(flag.to_numpy(), staff, confidence)} for by, code, flag in shown]
    return pd.DataFrame(rows, columns=list(DELIVERY_COLUMNS))


def _share(flag: NDArray[np.bool_], staff: pd.DataFrame, confidence: float) -> dict[str, Any]:
    n, share = len(flag), float(flag.mean())
    effective = float(n)
    if "unit" in staff and staff["unit"].notna().all() and 0 < share < 1:
        codes = np.unique(staff["unit"].astype(str).to_numpy(), return_inverse=True)[1]
        sums = np.bincount(codes, flag - share)
        clustered = len(sums) / max(len(sums) - 1, 1) * float((sums**2).sum()) / n**2
        effective = min(share * (1 - share) / clustered, float(n)) if clustered > 0 else float(n)
    low, high = wilson(np.array([share * effective]), np.array([effective]), confidence=confidence)
    return {"n": n, "taught": int(flag.sum()), "share": share, "ci_low": float(low[0]), "ci_high": float(high[0])}
