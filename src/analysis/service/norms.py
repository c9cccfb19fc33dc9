"""Norms on means and shares of the service: minutes of waiting and of service, steps over their limit, slow branches.

Customers of one branch wait in one queue, and the steps of one case have one history: errors are clustered by branch,
and by case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.service.log import up_to
from analysis.service.shares import groups_of, wilson
from analysis.survey.estimation.differences import Adjustment, adjust_p_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.edition.sections.service import Service
    from analysis.edition.standards import Limit, Standards

    Floats = NDArray[np.float64]

MINUTES = ("waited_minutes", "served_minutes")
NORM_COLUMNS = ("norm", "category", "n", "units", "value", "ci_low", "ci_high", "limit", "unit", "bound", "beyond")
BRANCH_COLUMNS = (
    "branch",
    "category",
    "n",
    "mean",
    "ci_low",
    "ci_high",
    "beyond",
    "beyond_low",
    "beyond_high",
    "p_adjusted",
)


@dataclass(frozen=True)
class Norms:
    """What the log shows beside the norms.

    norms: norm (waited_minutes, served_minutes, overtime, consulted), category (kind of institution; empty: all), n,
    units (branches or cases that the error is clustered by), value (mean minutes, or percent) with interval, limit with
    unit and bound (none for consulted, the percent of consultations answered within their limit), beyond (share of the
    n that took longer than the limit of a mean; NaN for a share).
    branches: of at least so many customers: branch, category, n, mean minutes of waiting with interval, beyond (share
    who waited longer than the norm) with Wilson interval, p_adjusted of the mean against `slow` minutes.
    few: branches with fewer.
    """

    norms: pd.DataFrame
    branches: pd.DataFrame
    slow: float
    few: int

    def record(self) -> dict[str, Any]:
        """Plain values: minutes from which a branch is slow, branches shown, and those with too few customers."""
        return {"slow": self.slow, "branches": len(self.branches), "few": self.few}

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables to publish."""
        return {"service_norms": self.norms, "service_branches": self.branches}


class Mean(NamedTuple):
    """A mean with the interval and p against a value, from errors that are clustered in so many units."""

    value: float
    low: float
    high: float
    p: float
    units: int


def clustered_mean(values: Floats, unit: NDArray[Any], *, against: float, confidence: float) -> Mean:
    """Mean of the values (n), whose errors are alike within a `unit` (n), and its t test against a value.

    Variance G/(G − 1)·Σ_g(Σ_i∈g e_i)²/n² over G units with G − 1 degrees of freedom (Liang & Zeger 1986).
    """
    from scipy.special import stdtr, stdtrit

    codes, groups = pd.factorize(np.asarray(unit))
    count, mean = len(groups), float(values.mean())
    if count < 2:
        return Mean(mean, np.nan, np.nan, np.nan, count)
    sums = np.bincount(codes, weights=values - mean)
    se = float(np.sqrt(count / (count - 1) * (sums**2).sum())) / len(values)
    half = float(stdtrit(count - 1, 0.5 + confidence / 2)) * se
    p = 2 * float(stdtr(count - 1, -abs(mean - against) / se)) if se > 0 else float("nan")
    return Mean(mean, mean - half, mean + half, p, count)


def measure_norms(
    log: pd.DataFrame,
    *,
    standards: Standards | None,
    decided: pd.DataFrame,
    service: Service,
    min_n: int,
    adjustment: Adjustment = "holm",
) -> Norms:
    """Hold the log (branch, waited_minutes, served_minutes, as far as there) against the indicators of the standards.

    decided: case_id, institution_type and missed of every step whose limit has passed (`Compliance.decided`). min_n:
    customers from which a branch is shown. A norm without limit, or without data, is left out.
    """
    known, _ = up_to(log, service.as_of)
    indicators = {one.key: one.limit for one in (standards.indicators if standards else ())}
    limits = {str(name): limit for name, key in service.norms.items() if (limit := indicators.get(key)) is not None}
    rows: list[dict[str, Any]] = []
    for name in MINUTES:
        told = known[known[name].notna()] if name in known else known.iloc[:0]
        if name in limits and limits[name].unit == "minutes" and len(told):
            values, limit = told[name].to_numpy(dtype=np.float64), limits[name]
            rows += _rows(name, told, values, _units(told), limit, limit.value, service.confidence)
    rows += _consultations(known, limits.get("consulted"), service)
    if "overtime" in limits and limits["overtime"].unit == "percent" and len(decided):
        missed = 100.0 * decided["missed"].to_numpy(dtype=np.float64)
        units = decided["case_id"].to_numpy()
        rows += _rows("overtime", decided, missed, units, limits["overtime"], np.nan, service.confidence)
    branches, few = _branches(known, limits.get("waited_minutes"), service, min_n, adjustment)
    return Norms(pd.DataFrame(rows, columns=list(NORM_COLUMNS)), branches, service.slow_branch, few)


def _consultations(known: pd.DataFrame, limit: Limit | None, service: Service) -> list[dict[str, Any]]:
    """Percent of the consultations in branches that were attended to within the limit, which is no norm of a share."""
    if limit is None or limit.unit != "minutes" or "waited_minutes" not in known:
        return []
    asked = known[known["scenario"].isin(list(service.consultations)) & known["waited_minutes"].notna()]
    if not len(asked):
        return []
    within: Floats = 100.0 * np.asarray(asked["waited_minutes"] <= limit.value, dtype=np.float64)
    share = limit.model_copy(update={"value": np.nan, "unit": "percent"})
    return _rows("consulted", asked, within, _units(asked), share, np.nan, service.confidence)


def _units(told: pd.DataFrame) -> NDArray[Any]:
    """The branch of each row; the case where the log knows none."""
    case = told["case_id"].astype(object)
    return np.asarray(told["branch"].astype(object).where(told["branch"].notna(), case) if "branch" in told else case)


def _rows(
    name: str, told: pd.DataFrame, values: Floats, units: NDArray[Any], limit: Limit, most: float, confidence: float
) -> list[dict[str, Any]]:
    """The norm over all, and for each kind of institution where there are several."""
    has = "institution_type" in told and len(told["institution_type"].dropna().unique()) > 1
    rows = []
    for _, category, inside in groups_of(told, ["institution_type"] if has else []):
        mean = clustered_mean(values[inside], units[inside], against=limit.value, confidence=confidence)
        beyond = float((values[inside] > most).mean()) if np.isfinite(most) else float("nan")
        rows.append(
            {
                "norm": name,
                "category": category,
                "n": int(inside.sum()),
                "units": mean.units,
                **{"value": mean.value, "ci_low": max(mean.low, 0.0), "ci_high": mean.high},
                **{"limit": limit.value, "unit": limit.unit, "bound": limit.bound},
                "beyond": beyond,
            }
        )
    return rows


def _branches(
    known: pd.DataFrame, limit: Limit | None, service: Service, min_n: int, adjustment: Adjustment
) -> tuple[pd.DataFrame, int]:
    """Branches with enough customers, the slowest first, and how many have fewer."""
    if not {"branch", "waited_minutes"} <= set(known) or limit is None:
        return pd.DataFrame(columns=list(BRANCH_COLUMNS)), 0
    told = known[known["waited_minutes"].notna() & known["branch"].notna()]
    rows, few = [], 0
    for branch, own in told.groupby("branch", sort=True):
        if len(own) < min_n:
            few += 1
            continue
        waited = own["waited_minutes"].to_numpy(dtype=np.float64)
        mean = clustered_mean(waited, np.arange(len(own)), against=service.slow_branch, confidence=service.confidence)
        late = float((waited > limit.value).sum())
        low, high = wilson(np.array([late]), np.array([float(len(own))]), confidence=service.confidence)
        kinds: Any = own["institution_type"].dropna().unique() if "institution_type" in own else []
        category = str(kinds[0]) if len(kinds) == 1 else ""
        shares = (late / len(own), float(low[0]), float(high[0]))
        rows.append((str(branch), category, len(own), mean.value, max(mean.low, 0.0), mean.high, *shares, mean.p))
    table = pd.DataFrame(rows, columns=list(BRANCH_COLUMNS)).sort_values("mean", ascending=False, ignore_index=True)
    table["p_adjusted"] = adjust_p_values(table["p_adjusted"].to_numpy(dtype=np.float64), method=adjustment)
    return table, few
