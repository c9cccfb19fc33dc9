"""Who leaves: hazard ratios of a Cox model of the register, how well it foretells, and the revenue that is at risk.

The time of the model is the age of the relationship, so that it needs no other trait for it. How well it foretells is
seen on customers it has not seen: every part of the register is foretold from the others, for the last year.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.service.hazard import Cox, concordance, fit_cox
from analysis.service.relationships import DAYS, QUESTIONS, Spans, spans_of
from analysis.service.shares import wilson
from analysis.survey.estimation.differences import Adjustment, adjust_p_values

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[Any]
    Flags = NDArray[np.bool_]

LEAST_ENDED = 5
"""Relationships that ended in a category, below which its ratio is not estimated."""
ENDED_FOR_EACH = 10
"""Relationships that ended for each covariate, below which there is no model (Peduzzi et al. 1995)."""
REPLICATES = 200
YEAR = 365.0 / DAYS
BANDS = 10
HAZARD_COLUMNS = (
    *("question", "category", "reference", "n", "ended", "ratio", "ci_low", "ci_high", "p", "p_adjusted"),
)
RISK_COLUMNS = (
    *("question", "category", "n", "expected", "expected_low", "expected_high"),
    *("revenue", "revenue_low", "revenue_high", "of_revenue", "of_revenue_low", "of_revenue_high"),
)


@dataclass(frozen=True)
class Churn:
    """What makes customers leave, and who is likely to.

    hazards: question, category (empty: one more of a number), reference, n, ended, ratio of the hazards with interval,
    p, p_adjusted. calibration: band (1: least likely), n, expected and observed share that left within the last year,
    interval of the latter. quality: one row; n, ended, concordance of customers foretold, brier of them and brier_plain
    of the share of all, expected and observed number of the last year (n_year). risk: question, category, n (still
    running), expected share that leaves within a year, revenue (share of theirs that is expected to go), of_revenue
    (their share of all revenue at risk), each with the interval of what will go. probability: of each row of the
    register to leave within a year; missing where it has ended or its traits are not known.
    """

    hazards: pd.DataFrame
    calibration: pd.DataFrame
    quality: pd.DataFrame
    risk: pd.DataFrame
    probability: pd.Series[float]

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables to publish; `group` names the relationships of a row."""
        risk = self.risk
        named = ("running." + risk["question"] + "=" + risk["category"]).where(risk["question"] != "", "running=1")
        return {
            "churn_hazards": self.hazards,
            "churn_calibration": self.calibration,
            "churn_quality": self.quality,
            "revenue_at_risk": risk.assign(group=named),
        }


@dataclass(frozen=True)
class _Model:
    """Covariates of the rows that are used: names (question, category), x (n × p), reference by question."""

    rows: Flags
    x: Floats
    names: list[tuple[str, str]]
    reference: Mapping[str, str]


def model_churn(
    customers: pd.DataFrame,
    *,
    as_of: datetime.date | None = None,
    covariates: Mapping[str, str] | None = None,
    confidence: float = 0.95,
    adjustment: Adjustment = "holm",
    folds: int = 10,
    seed: int = 0,
) -> Churn:
    """Fit the model to the register as `study_relationships` reads it, and foretell the last and the next year.

    `covariates`: further columns, as number or category. Raises MethodError where too few have left, or no question
    tells customers apart.
    """
    known, spans, _ = spans_of(customers, as_of)
    model = _covariates(known, spans, dict(covariates or {}))
    used, inside = spans.only(model.rows), known[model.rows]
    count = int(used.ended.sum())
    if count < ENDED_FOR_EACH * max(model.x.shape[1], 1):
        raise MethodError(
            "Too few relationships have ended to learn what makes customers leave.",
            expected=f"{ENDED_FOR_EACH * max(model.x.shape[1], 1)} or more",
            got=str(count),
        )
    whole = fit_cox(used.years, used.ended, model.x, entry=used.entry)
    part = np.random.default_rng(seed).permutation(np.arange(len(inside)) % folds)
    foretold, agreement = _foretold(used, model.x, part)
    quality, calibration = _held_against(foretold, used, agreement, confidence)
    running = ~used.ended
    probability = pd.Series(np.nan, index=customers.index)
    probability[inside.index[running]] = whole.ends_between(
        model.x[running], used.years[running], used.years[running] + YEAR
    )
    return Churn(
        _hazards(whole, model, inside, used, confidence, adjustment),
        calibration,
        quality,
        _at_risk(inside, used, model.x, whole, confidence, seed),
        probability,
    )


def _covariates(known: pd.DataFrame, spans: Spans, covariates: dict[str, str]) -> _Model:
    """Indicators of every category but the most frequent, and numbers as they are; complete rows only."""
    categorical = [name for name in QUESTIONS if name in known and known[name].notna().any()]
    categorical += [name for name, kind in covariates.items() if kind == "category" and name in known]
    numeric = [name for name, kind in covariates.items() if kind == "number" and name in known]
    text = {name: known[name].astype(object).map(str, na_action="ignore") for name in categorical}
    rows = known[[*categorical, *numeric]].notna().all(axis=1).to_numpy()
    told: dict[str, list[str]] = {}
    for name, column in text.items():
        ended = column[rows & spans.ended].value_counts()
        told[name] = sorted(str(code) for code, count in ended.items() if count >= LEAST_ENDED)
    for name, column in text.items():
        rows = rows & column.isin(told[name]).to_numpy()
    reference = {name: str(column[rows].value_counts().idxmax()) for name, column in text.items() if rows.any()}
    names = [(name, code) for name in reference for code in told[name] if code != reference[name]]
    columns = [(text[name][rows] == code).to_numpy(dtype=float) for name, code in names]
    for name in numeric:
        values = known.loc[rows, name].to_numpy(dtype=float)
        if len(values) and np.ptp(values) > 0:
            names.append((name, ""))
            columns.append(values)
    if not columns:
        raise MethodError(
            "No trait in the register tells customers apart.",
            expected="two or more kinds of customers, or a number such as that of products, with some of each who left",
            hint="name further columns in relationships.covariates",
        )
    return _Model(rows, np.column_stack(columns), names, reference)


def _hazards(
    cox: Cox, model: _Model, inside: pd.DataFrame, spans: Spans, confidence: float, adjustment: Adjustment
) -> pd.DataFrame:
    from scipy.special import ndtr, ndtri

    half = ndtri(0.5 + confidence / 2) * cox.se
    table = pd.DataFrame(model.names, columns=["question", "category"])
    table["reference"] = table["question"].map(model.reference).where(table["category"] != "", "")
    members = [
        (inside[name].astype(object).map(str) == code).to_numpy() if code else np.ones(len(inside), dtype=bool)
        for name, code in model.names
    ]
    table["n"] = [int(rows.sum()) for rows in members]
    table["ended"] = [int((rows & spans.ended).sum()) for rows in members]
    table["ratio"] = np.exp(cox.coefficients)
    table["ci_low"], table["ci_high"] = np.exp(cox.coefficients - half), np.exp(cox.coefficients + half)
    table["p"] = 2 * ndtr(-np.abs(cox.coefficients / cox.se))
    table["p_adjusted"] = adjust_p_values(table["p"].to_numpy(dtype=float), method=adjustment)
    return table[list(HAZARD_COLUMNS)]


def _year_before(spans: Spans) -> tuple[Flags, Floats]:
    """Relationships that ran a year before the last day under observation, and their age then."""
    start = spans.age - YEAR
    return (start > 0) & (spans.years > start) & (spans.entry <= start), start


def _foretold(spans: Spans, x: Floats, part: NDArray[np.int64]) -> tuple[Floats, float]:
    """Probability to have left in the last year of each row, and concordance of the risks, from the other parts."""
    probability, agreement = np.full(len(x), np.nan), []
    ran, start = _year_before(spans)
    for fold in np.unique(part):
        out = part == fold
        cox = fit_cox(spans.years[~out], spans.ended[~out], x[~out], entry=spans.entry[~out])
        probability[out] = cox.ends_between(x[out], np.maximum(start[out], 0.0), np.maximum(start[out], 0.0) + YEAR)
        agreement.append(concordance(spans.years[out], spans.ended[out], cox.risk(x[out]), entry=spans.entry[out]))
    probability[~ran] = np.nan
    return probability, float(np.nanmean(agreement)) if not np.isnan(agreement).all() else float("nan")


def _held_against(
    foretold: Floats, spans: Spans, agreement: float, confidence: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What was foretold of the last year against what came, in all and by tenths of the foretold."""
    rows = ~np.isnan(foretold)
    p, left = foretold[rows], spans.ended[rows].astype(np.float64)
    n, share = len(p), float(left.mean()) if len(p) else float("nan")
    quality = {
        "n": len(foretold),
        "ended": int(spans.ended.sum()),
        "concordance": agreement,
        "n_year": n,
        "expected": float(p.sum()),
        "observed": float(left.sum()),
        "brier": float(np.mean((left - p) ** 2)) if n else np.nan,
        "brier_plain": share * (1 - share),
    }
    quality["gain"] = 1 - quality["brier"] / quality["brier_plain"] if share not in {0.0, 1.0} else np.nan
    band = np.minimum((np.argsort(np.argsort(p, kind="stable")) * BANDS) // max(n, 1), BANDS - 1)
    size = np.bincount(band, minlength=BANDS).astype(np.float64)
    with np.errstate(invalid="ignore"):
        expected = np.bincount(band, p, BANDS) / size
        hits = np.bincount(band, left, BANDS)
        low, high = wilson(hits, size, confidence=confidence)
        observed = hits / size
    table = {"band": np.arange(1, BANDS + 1).astype(str), "n": size.astype(int), "expected": expected}
    table |= {"observed": observed, "ci_low": low, "ci_high": high}
    return pd.DataFrame([quality]), pd.DataFrame(table)[size > 0].reset_index(drop=True)


def _at_risk(inside: pd.DataFrame, spans: Spans, x: Floats, cox: Cox, confidence: float, seed: int) -> pd.DataFrame:
    """Expected share of customers and of revenue to go within a year, by value tier.

    The intervals hold what will go: the error of model and register by a bootstrap of the relationships, and the chance
    by which each leaves or stays.
    """
    running = ~spans.ended
    frame, design, age = inside[running], x[running], spans.years[running]
    revenue = _revenue(frame)
    groups = [("", "", np.ones(len(frame), dtype=bool))]
    if "value_tier" in frame and frame["value_tier"].notna().any():
        tier = frame["value_tier"].astype(object).map(str, na_action="ignore")
        groups += [("value_tier", code, (tier == code).to_numpy()) for code in sorted(tier.dropna().unique())]
    members = np.array([rows for _, _, rows in groups], dtype=np.float64)
    chance = cox.ends_between(design, age, age + YEAR)
    found = _shares_to_go(members, chance, np.ones(len(frame)), revenue)
    drawn = []
    rng = np.random.default_rng((seed, 1))
    for _ in range(REPLICATES):
        weights = rng.multinomial(len(inside), np.full(len(inside), 1 / len(inside))).astype(np.float64)
        again = fit_cox(spans.years, spans.ended, x, entry=spans.entry, weights=weights, start=cox.coefficients)
        drawn.append(_shares_to_go(members, again.ends_between(design, age, age + YEAR), weights[running], revenue))
    error = np.ma.masked_invalid(drawn).var(axis=0, ddof=1).filled(np.nan)
    low, high = _between(found, error + _by_chance(members, chance, revenue, found), confidence)
    table = pd.DataFrame([(question, category) for question, category, _ in groups], columns=["question", "category"])
    table["n"] = members.sum(axis=1).astype(int)
    for place, name in enumerate(("expected", "revenue", "of_revenue")):
        table[name], table[f"{name}_low"], table[f"{name}_high"] = found[place], low[place], high[place]
    return table[list(RISK_COLUMNS)]


def _shares_to_go(members: Floats, chance: Floats, weights: Floats, revenue: Floats) -> Floats:
    """Share of each group to go, of its revenue, and its share of all revenue to go (3 × groups; members: groups × n).

    A group is the whole where it comes first. Missing where there is nobody, or no revenue.
    """
    lost = members @ (weights * chance * revenue)
    shares = ((members @ (weights * chance), members @ weights), (lost, members @ (weights * revenue)), (lost, lost[0]))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.array([part / whole for part, whole in shares])


def _by_chance(members: Floats, chance: Floats, revenue: Floats, found: Floats) -> Floats:
    """Variance of the same shares by who leaves and who stays, each with its chance (delta method for the last)."""
    spread = chance * (1 - chance)
    lost = members[0] @ (chance * revenue)
    with np.errstate(invalid="ignore", divide="ignore"):
        people = members @ spread / members.sum(axis=1) ** 2
        amount = members @ (spread * revenue**2) / (members @ revenue) ** 2
        of_all = (members - found[2][:, None]) ** 2 @ (spread * revenue**2) / lost**2
    return np.array([people, amount, of_all])


def _between(share: Floats, variance: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Interval of shares on the logit; missing at 0 and 1, where it has none."""
    from scipy.special import expit, logit, ndtri

    inside = np.where((share > 0) & (share < 1), share, np.nan)
    half = ndtri(0.5 + confidence / 2) * np.sqrt(variance) / (inside * (1 - inside))
    return expit(logit(inside) - half), expit(logit(inside) + half)


def _revenue(frame: pd.DataFrame) -> Floats:
    """Revenue of each relationship; missing for all where the register has none, so that no share is found."""
    if "annual_revenue" not in frame or not frame["annual_revenue"].fillna(0.0).gt(0).any():
        return np.full(len(frame), np.nan)
    return np.asarray(np.maximum(frame["annual_revenue"].fillna(0.0).to_numpy(dtype=float), 0.0))
