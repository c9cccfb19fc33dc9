"""How long relationships last, how many ended in the last year, and in what stage the others are.

Relationships that still run are censored on the last day; one that is seen from a date on only (`observed_from`) is at
risk from its age on that day. Averaging those that ended alone would miss the longest, which still run.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.service.clocks import product_limit
from analysis.service.lifetimes import fit_weibull
from analysis.service.shares import groups_of, more_or_fewer, shares_by_question
from analysis.survey.estimation.differences import Adjustment, adjust_p_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[Any]
    Flags = NDArray[np.bool_]

DAYS = 365.25
QUESTIONS = ("institution_type", "customer_type", "value_tier")
LIFETIME_COLUMNS = (
    *("question", "category", "n", "ended", "median", "median_low", "median_high", "restricted", "restricted_low"),
    *("restricted_high", "mean", "mean_low", "mean_high", "ended_mean"),
)
CHURN_COLUMNS = (
    *("question", "category", "n", "lost", "ci_low", "ci_high", "others", "difference", "p_adjusted"),
    *("revenue_lost", "revenue_low", "revenue_high"),
)


@dataclass(frozen=True)
class Relationships:
    """Relationships of a register on its last day, `as_of`; years unless said otherwise.

    lifetimes: question and category (empty: all), n, ended, median, restricted mean up to `horizon` and mean of the
    Weibull model each with interval, ended_mean (of those that ended alone).
    churn: question, category, n (running a year before), lost (share of them that ended within the year) with Wilson
    interval, others, difference and p_adjusted against all other categories, revenue_lost (share of their revenue, with
    interval; missing without revenues).
    stages: stage (new: opened within the year, established, lost within the year), n, share of the three.
    """

    lifetimes: pd.DataFrame
    churn: pd.DataFrame
    stages: pd.DataFrame
    as_of: datetime.date
    horizon: float

    def record(self) -> dict[str, Any]:
        """Plain values: the last day, the horizon of the restricted means in years, and what new and lost come to.

        balance: grows or shrinks where the two counts differ by more than chance (two Poisson counts, at 95 %), else
        stays.
        """
        counts = self.stages.set_index("stage")["n"]
        new, lost = int(counts["new"]), int(counts["lost"])
        balance = ("stays", "grows", "shrinks")[more_or_fewer(new, lost)]
        return {"as_of": self.as_of.isoformat(), "horizon": self.horizon, "balance": balance}

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables to publish; `group` names the relationships of a row."""
        grouped = {
            "relationship_lifetimes": self.lifetimes,
            "relationship_churn": self.churn,
        }
        return {
            name: table.assign(
                group=("register." + table["question"] + "=" + table["category"]).where(_is_part(table), "")
            )
            for name, table in grouped.items()
        }


def study_relationships(
    customers: pd.DataFrame,
    *,
    as_of: datetime.date | None = None,
    confidence: float = 0.95,
    adjustment: Adjustment = "holm",
) -> Relationships:
    """Lifetimes, churn and stages from the register (opened_on, closed_on, and what of the questions it has).

    `as_of` left out: the day of the last entry. Raises MethodError where no relationship was opened before it.
    """
    known, spans, end = spans_of(customers, as_of)
    closed = known["closed_on"]
    horizon = float(np.floor(spans.years.max())) or float(spans.years.max())
    questions = [name for name in QUESTIONS if name in known and known[name].notna().any()]
    lifetimes = [
        {"question": question, "category": category, **_lifetime(spans.only(rows), horizon, confidence)}
        for question, category, rows in groups_of(known, questions)
    ]
    return Relationships(
        pd.DataFrame(lifetimes, columns=list(LIFETIME_COLUMNS)),
        _churn(known, questions, end, confidence, adjustment),
        _stages(known["opened_on"], closed, end),
        end.date(),
        horizon,
    )


@dataclass(frozen=True)
class Spans:
    """Years so far, whether they ended, the age at which each came under observation, and that on the last day."""

    years: Floats
    ended: Flags
    entry: Floats
    age: Floats

    def only(self, rows: Flags) -> Spans:
        """Those of some rows."""
        return Spans(self.years[rows], self.ended[rows], self.entry[rows], self.age[rows])


def spans_of(customers: pd.DataFrame, as_of: datetime.date | None) -> tuple[pd.DataFrame, Spans, pd.Timestamp]:
    """Relationships opened before the last day, what ended later taken as running; their spans; and that day."""
    last = as_of or max(customers["opened_on"].max(), customers["closed_on"].max()).date()
    end = pd.Timestamp(last)
    known = customers[customers["opened_on"] < end]
    if not len(known):
        raise MethodError(
            "No relationship was opened before the last day of the register.",
            where="service.as_of",
            expected=f"a day after {customers['opened_on'].min():%Y-%m-%d}",
            got=last.isoformat(),
        )
    known = known.assign(closed_on=known["closed_on"].where(known["closed_on"] <= end))
    half_a_day = 0.5 / DAYS
    years = _years(known["closed_on"].fillna(end) - known["opened_on"])
    entry = np.zeros(len(known))
    if "observed_from" in known:
        entry = np.maximum(np.nan_to_num(_years(known["observed_from"] - known["opened_on"])), 0.0)
    seen = Spans(
        np.maximum(years, half_a_day), known["closed_on"].notna().to_numpy(), entry, _years(end - known["opened_on"])
    )
    return known, seen, end


def _years(spans: pd.Series[Any]) -> Floats:
    return np.asarray(spans.dt.total_seconds().to_numpy() / 86400 / DAYS)


def _is_part(table: pd.DataFrame) -> pd.Series[bool]:
    return table["question"] != ""


def _lifetime(spans: Spans, horizon: float, confidence: float) -> dict[str, Any]:
    from scipy.special import ndtri

    curve = product_limit(spans.years, spans.ended, entry=spans.entry, confidence=confidence)
    median, median_low, median_high = curve.quantile(0.5)
    restricted, se = curve.restricted_mean(horizon)
    half = ndtri(0.5 + confidence / 2) * se
    model = fit_weibull(spans.years, spans.ended, entry=spans.entry)
    mean, mean_low, mean_high = model.mean(confidence) if model else (np.nan, np.nan, np.nan)
    return {
        "n": len(spans.years),
        "ended": int(spans.ended.sum()),
        "median": median,
        "median_low": median_low,
        "median_high": median_high,
        "restricted": restricted,
        "restricted_low": restricted - half,
        "restricted_high": restricted + half,
        "mean": mean,
        "mean_low": mean_low,
        "mean_high": mean_high,
        "ended_mean": float(spans.years[spans.ended].mean()) if spans.ended.any() else np.nan,
    }


def _churn(
    known: pd.DataFrame, questions: Sequence[str], end: pd.Timestamp, confidence: float, adjustment: Adjustment
) -> pd.DataFrame:
    """Who of those whose relationship ran a year before the last day ended it since."""
    start = end - pd.Timedelta(days=365)
    running = known[(known["opened_on"] <= start) & ~(known["closed_on"] <= start)]
    if not len(running):
        return pd.DataFrame(columns=list(CHURN_COLUMNS))
    lost = running["closed_on"].notna().to_numpy()
    table = shares_by_question(running, lost, questions, confidence=confidence).rename(columns={"share": "lost"})
    table = table.reindex(columns=list(dict.fromkeys([*CHURN_COLUMNS, "p"])))
    table["p_adjusted"] = adjust_p_values(table["p"].to_numpy(dtype=float), method=adjustment)
    revenue = [
        _revenue_lost(running[rows], lost[rows], confidence)
        for question, category, rows in groups_of(running, questions)
    ]
    table[["revenue_lost", "revenue_low", "revenue_high"]] = revenue
    return table[list(CHURN_COLUMNS)]


def _revenue_lost(running: pd.DataFrame, lost: Flags, confidence: float) -> tuple[float, float, float]:
    """Share of the revenue that went with the lost: a ratio, its interval by linearisation on the logit."""
    from scipy.special import expit, logit, ndtri

    if "annual_revenue" not in running:
        return (np.nan, np.nan, np.nan)
    revenue = running["annual_revenue"].fillna(0.0).to_numpy()
    total = revenue.sum()
    if total <= 0 or len(revenue) < 2:
        return (np.nan, np.nan, np.nan)
    share = float(revenue[lost].sum() / total)
    if not 0 < share < 1:
        return (share, np.nan, np.nan)
    score = revenue * (lost - share) / total
    se = np.sqrt(len(score) / (len(score) - 1) * (score**2).sum()) / (share * (1 - share))
    half = ndtri(0.5 + confidence / 2) * se
    return (share, float(expit(logit(share) - half)), float(expit(logit(share) + half)))


def _stages(opened: pd.Series[Any], closed: pd.Series[Any], end: pd.Timestamp) -> pd.DataFrame:
    start = end - pd.Timedelta(days=365)
    running = closed.isna()
    counts = {
        "new": int((running & (opened > start)).sum()),
        "established": int((running & (opened <= start)).sum()),
        "lost": int((closed > start).sum()),
    }
    total = max(sum(counts.values()), 1)
    return pd.DataFrame([(stage, n, n / total) for stage, n in counts.items()], columns=["stage", "n", "share"])
