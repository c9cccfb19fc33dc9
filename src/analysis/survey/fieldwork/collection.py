"""The fieldwork as a whole: from the dispositions to rates by channel and stratum and the R-indicator."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from analysis.errors import MethodError
from analysis.survey.estimation.overlap import Estimate, differ
from analysis.survey.fieldwork.outcomes import (
    approaches,
    final_outcomes,
    outcome_table,
    overall_rates,
    rates_by,
    stratum_weights,
)
from analysis.survey.fieldwork.representativity import RIndicator, has_r_indicator, r_indicator

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from analysis.edition.sections.fieldwork import FieldworkRules


@dataclass(frozen=True)
class FieldworkResult:
    """Outcomes and rates of one fieldwork; parts for which the table lacks a column are None.

    cases: approaches; customers: their final outcomes; weights: persons per customer. outcomes, rates, channels and
    strata as `survey.fieldwork` describes them; representativity as `survey.representativity` does.
    """

    cases: pd.DataFrame
    customers: pd.DataFrame
    weights: NDArray[np.float64] | None
    outcomes: pd.DataFrame
    rates: pd.DataFrame
    channels: pd.DataFrame | None
    strata: pd.DataFrame | None
    representativity: RIndicator | None
    confidence: float

    def tables(self) -> dict[str, pd.DataFrame]:
        """What is published, by name of the table."""
        found: dict[str, pd.DataFrame | None] = {
            "outcomes": self.outcomes,
            "response_rates": self.rates,
            "response_channels": self.channels,
            "response_strata": self.strata,
            "representativity": self.representativity.variables if self.representativity else None,
        }
        return {name: table for name, table in found.items() if table is not None}

    def record(self) -> dict[str, Any]:
        """Plain values: approaches, customers, e, and the R-indicator's where there is one."""
        indicator = self.representativity.record() if self.representativity else {}
        return {
            "approaches": len(self.cases),
            "customers": len(self.customers),
            "e": float(self.rates["e"].iloc[0]),
            "weighted": self.weights is not None,
            "r_indicator": indicator or None,
            "channels_apart": [list(pair) for pair in self.channels_apart()],
        }

    def channels_apart(self) -> list[tuple[str, str]]:
        """Pairs of channels whose response rates differ by more than sampling error, all pairs compared at once."""
        rows = () if self.channels is None else self.channels.dropna(subset=["ci_low"]).to_dict("records")
        rates = [Estimate(str(r["category"]), float(r["rr1"]), float(r["ci_low"]), float(r["ci_high"])) for r in rows]
        pairs = list(combinations(rates, 2))
        return [(a.name, b.name) for a, b in pairs if differ(a, b, confidence=self.confidence, pairs=len(pairs))]


def analyse_fieldwork(
    dispositions: pd.DataFrame, *, strata: pd.DataFrame | None, rules: FieldworkRules, seed: int
) -> FieldworkResult:
    """Work out all that the dispositions tell.

    Parameters
    ----------
    dispositions : disposition, and where recorded case_id, customer_id, stratum, channel, contacted_on.
    strata : category, population of the sampling strata; None leaves the rates unweighted.
    seed : of the draws behind the R-indicator's standard error.

    Rates by channel count every approach in its own channel; those by stratum and overall count each customer once.
    Raises MethodError for an empty table or a code that is not AAPOR's.
    """
    if dispositions.empty:
        raise MethodError("The table of dispositions has no case.", expected="one row per approach")
    cases = approaches(dispositions)
    customers = final_outcomes(cases)
    weights = stratum_weights(customers, strata)
    present = [name for name in ("stratum", "first_channel") if name in customers]
    known = [name for name in present if len(customers[name].dropna().unique()) > 1]
    indicator = None
    if has_r_indicator(customers, variables=known):
        indicator = r_indicator(customers, variables=known, weights=weights, confidence=rules.confidence, seed=seed)
    return FieldworkResult(
        cases=cases,
        customers=customers,
        weights=weights,
        outcomes=outcome_table(cases, customers),
        rates=overall_rates(customers, weights=weights, confidence=rules.confidence),
        channels=rates_by(cases, "channel", confidence=rules.confidence) if _recorded(cases, "channel") else None,
        strata=rates_by(customers, "stratum", confidence=rules.confidence) if _recorded(customers, "stratum") else None,
        representativity=indicator,
        confidence=rules.confidence,
    )


def _recorded(frame: pd.DataFrame, column: str) -> bool:
    return column in frame and bool(frame[column].notna().any())
