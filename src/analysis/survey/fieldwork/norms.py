"""The guide's norms for the channels (section 4.1) and for coverage (6.1), each with what was found and its verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError, did_you_mean
from analysis.survey.design.survey_design import specify_design
from analysis.survey.estimation.estimates import proportions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis.edition.sections.fieldwork import FieldworkRules

    Floats = NDArray[np.float64]

NORMS = ("online", "callback", "callback_frequency", "coverage")
COLUMNS = ("norm", "value", "ci_low", "ci_high", "n", "required", "verdict")


@dataclass(frozen=True)
class NormsResult:
    """One row per norm in `table`: norm, value, ci_low, ci_high, n, required, verdict.

    verdict: met, not_met, open (the interval holds the norm) or not_collected. `over_called`: customers called more
    often in a quarter than the norm allows; missing when that can't be known. `frame_coverage`: share of the population
    on the sampling frame; it is no survey coverage, and no norm is judged by it.
    """

    table: pd.DataFrame
    over_called: int | None
    frame_coverage: float | None = None

    def record(self) -> dict[str, Any]:
        """Verdict by norm, and the customers called too often."""
        verdicts = dict(zip(self.table["norm"], self.table["verdict"], strict=True))
        found = {"over_called": self.over_called, "frame_coverage": self.frame_coverage}
        return {**found, **{f"verdict_{name}": verdict for name, verdict in verdicts.items()}}


def channel_norms(
    cases: pd.DataFrame | None,
    customers: pd.DataFrame | None,
    *,
    rules: FieldworkRules,
    weights: Floats | None = None,
    coverage: float | None = None,
) -> NormsResult:
    """Hold the approaches against the norms.

    Parameters
    ----------
    cases, customers : approaches and final outcomes (survey.fieldwork), None where dispositions were not collected.
        Customers found not to be eligible are left out.
    weights : persons per customer, as `fieldwork.stratum_weights` gives them; None: all alike.
    coverage : share of the population on the sampling frame, a register without sampling error; None: not known.

    The coverage of a survey is not that of its frame, and nothing here tells it: that norm is never judged.

    online and callback are shares of customers approached through a channel of that kind, with a design-based logit
    interval; met when its lower end reaches the norm, not met when the upper end stays below it. callback_frequency
    is the largest number of call-backs to one customer in a calendar quarter. Raises MethodError for a channel of
    the rules that no approach was made through.
    """
    rows = {norm: _absent(norm, rules) for norm in NORMS}
    over_called = None
    if cases is not None and customers is not None and "channel" in cases and cases["channel"].notna().any():
        kept = (customers["outcome"] != "NE").to_numpy()
        eligible, place = customers[kept], _places(cases, customers)
        w = None if weights is None else weights[kept]
        for norm, channels, least in (
            ("online", rules.online, rules.min_online),
            ("callback", rules.callback, rules.min_callback),
        ):
            if channels:
                through = cases["channel"].isin(_known(channels, cases)).to_numpy()
                reached = np.isin(np.arange(len(customers)), place[through])[kept]
                rows[norm] |= _share(reached, eligible, w, rules.confidence, least)
        if rules.callback and "contacted_on" in cases and cases["contacted_on"].notna().any():
            called_back = cases["channel"].isin(rules.callback).to_numpy()
            calls = _calls(cases[called_back & np.append(kept, False)[place]])
            most = int(calls.max()) if len(calls) else 0
            over_called = int((calls > rules.max_callbacks).groupby("customer").any().sum()) if len(calls) else 0
            called = int(calls.index.get_level_values("customer").nunique()) if len(calls) else 0
            verdict = "met" if most <= rules.max_callbacks else "not_met"
            rows["callback_frequency"] |= {"value": float(most), "n": called, "verdict": verdict}
    return NormsResult(pd.DataFrame([rows[norm] for norm in NORMS], columns=list(COLUMNS)), over_called, coverage)


def frame_coverage(frame: pd.DataFrame | None, population: pd.DataFrame | None) -> pd.DataFrame | None:
    """Customers on the frame and in the population by stratum: category, listed, population, coverage.

    `population` has the columns category, population. None without a frame, its sizes or margins. A frame without
    strata has one row. Coverage above 1 (lists that overlap) stays as it is: it is to be seen.
    """
    if frame is None or population is None or "size" not in frame:
        return None
    margins = population.set_index(population["category"].astype(str))["population"].astype(float)
    if "stratum" not in frame:
        listed, margins = pd.Series({"": float(frame["size"].sum())}), pd.Series({"": float(margins.sum())})
    else:
        listed = frame.groupby(frame["stratum"].astype(str))["size"].sum().reindex(margins.index, fill_value=0)
    table = pd.DataFrame({"category": margins.index, "listed": listed.to_numpy(), "population": margins.to_numpy()})
    return table.assign(coverage=table["listed"] / table["population"])


def _absent(norm: str, rules: FieldworkRules) -> dict[str, Any]:
    required = {
        "online": rules.min_online,
        "callback": rules.min_callback,
        "callback_frequency": float(rules.max_callbacks),
        "coverage": rules.min_coverage,
    }[norm]
    missing = {"value": math.nan, "ci_low": math.nan, "ci_high": math.nan, "n": math.nan}
    return {"norm": norm, **missing, "required": required, "verdict": "not_collected"}


def _known(channels: Sequence[str], cases: pd.DataFrame) -> Sequence[str]:
    used = cases["channel"].dropna().astype(str).unique().tolist()
    strange = [channel for channel in channels if channel not in used]
    if strange:
        raise MethodError(
            f"No approach was made through the channel {strange[0]!r}.",
            where="fieldwork.online, fieldwork.callback",
            expected=", ".join(sorted(used)),
            hint=did_you_mean(strange[0], used),
        )
    return channels


def _places(cases: pd.DataFrame, customers: pd.DataFrame) -> NDArray[np.int64]:
    """Row of each case's customer among `customers`, −1 for none."""
    codes, names = pd.factorize(cases["customer"])
    return np.asarray(pd.Index(customers["customer"]).get_indexer(names)[codes], dtype=np.int64)


def _share(
    reached: NDArray[np.bool_], customers: pd.DataFrame, weights: Floats | None, confidence: float, least: float
) -> dict[str, Any]:
    values = pd.DataFrame({"reached": reached.astype(np.float64)})
    strata = None
    if weights is not None and customers["stratum"].value_counts().min() > 1:
        strata = customers["stratum"].astype(str).to_numpy()
    design = specify_design(len(values), weights=weights, strata=strata)
    row = proportions(values, design=design, confidence=confidence).iloc[0]
    low, high = float(row["ci_low"]), float(row["ci_high"])
    verdict = "met" if low >= least else "not_met" if high < least else "open"
    return {"value": float(row["estimate"]), "ci_low": low, "ci_high": high, "n": int(row["n"]), "verdict": verdict}


def _calls(calls: pd.DataFrame) -> pd.Series[int]:
    """Call-backs by customer and calendar quarter."""
    dated = calls[calls["contacted_on"].notna()]
    quarter = pd.to_datetime(dated["contacted_on"]).dt.to_period("Q").astype(str).rename("quarter")
    return dated.groupby(["customer", quarter], sort=True).size()
