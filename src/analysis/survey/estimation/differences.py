"""Differences between estimates with their covariance, and p values of many comparisons at once.

Two domains or two items of one sample share units, strata and calibration: the variance of their difference is
V(a) + V(b) − 2·C(a, b), with the covariance C from the same linearised scores or replicates as the variances. Sources:
Lumley 2010, §5 (svycontrast); Särndal, Swensson & Wretman 1992, §5.6; Welch 1947 (degrees of freedom); Holm 1979;
Benjamini & Hochberg 1995.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.survey.design.codes import domain_codes, numbers, same_length
from analysis.survey.design.survey_design import design_of
from analysis.survey.estimation.estimates import answers
from analysis.survey.estimation.linearisation import deviations, estimate_domains, joint_scores, scores_of_rows
from analysis.survey.estimation.sandwich import covariance_by_rows, covariance_of_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from analysis.survey.design.survey_design import SurveyDesign
    from analysis.survey.estimation.linearisation import Kind

    Floats = NDArray[np.float64]

Adjustment = Literal["holm", "bh", "none"]
DIFFERENCE_COLUMNS = (
    *("variable_a", "category_a", "variable_b", "category_b"),
    *("difference", "se", "ci_low", "ci_high", "t", "df", "p", "p_adjusted"),
)


@dataclass(frozen=True)
class JointEstimates:
    """Estimates that can be compared: labels (variable, category), one value and degrees of freedom each, covariance.

    limit: degrees of freedom of the whole design, which no comparison exceeds.
    """

    labels: pd.DataFrame
    estimate: Floats
    degrees: Floats
    covariance: Floats
    limit: float

    @property
    def se(self) -> Floats:
        """Standard error of each estimate."""
        return np.asarray(np.sqrt(np.maximum(np.diag(self.covariance), 0.0)), dtype=np.float64)


def estimate_jointly(
    values: pd.DataFrame,
    *,
    denominator: pd.Series[Any] | None = None,
    kind: Kind = "ratio",
    design: SurveyDesign | None = None,
    domain: pd.Series[Any] | None = None,
) -> JointEstimates:
    """Estimate the mean (`denominator`: ratio, kind "total": total) of every column in every category, with covariance.

    Arguments as in `means`; the order is variable by variable, category by category. Estimates from
    fewer than two answers have no variance, and no comparison. The covariance of E estimates holds E² numbers and
    takes rows × E numbers to make: for tables of hundreds of estimates compare item by item.
    """
    rows = len(values)
    chosen = design_of(design, rows)
    base = None
    if denominator is not None:
        same_length(len(denominator), rows, "denominator")
        base = numbers(denominator, str(denominator.name))
    part, columns = domain_codes(domain, rows), answers(values)
    varying = chosen.in_replicates(values.columns)
    single = estimate_domains(columns, base, design=chosen, domains=part, kind=kind, each=varying)
    if chosen.replicates is None:
        asked: dict[str, Any] = {"design": chosen, "domains": part, "kind": kind}
        if chosen.calibration is None:
            scores = scores_of_rows(columns, base, **asked)
            covariance = covariance_by_rows(scores, columns.shape[1] * part.count, chosen)
        else:
            covariance = covariance_of_scores(joint_scores(columns, base, **asked), chosen)
    else:
        each = single.each.transpose(1, 0, 2).reshape(single.estimate.size, -1)
        moved = deviations(each, single.estimate.T.ravel(), chosen.replicates)
        covariance = moved @ moved.T
    unknown = ~(single.n.T.ravel() > 1)
    covariance[unknown, :] = covariance[:, unknown] = np.nan
    labels = pd.DataFrame({"variable": np.repeat([str(name) for name in values.columns], part.count)})
    labels["category"] = pd.Series(list(part.names) * values.shape[1], dtype=object)
    degrees = single.degrees.T.ravel().astype(np.float64)
    return JointEstimates(labels, single.estimate.T.ravel(), degrees, covariance, chosen.limit)


def compare_estimates(
    joint: JointEstimates,
    *,
    pairs: Sequence[tuple[int, int]] | None = None,
    adjustment: Adjustment = "holm",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Test the differences a − b of estimates of one sample.

    `pairs` are row numbers of `joint.labels` (none: every pair once). Returns the two labels, difference, se, ci_low,
    ci_high, t, df, p (two-sided) and p_adjusted over all pairs of the call; the interval is not adjusted. df: of two
    estimates of one domain the smaller one, of two domains Welch's (V_a + V_b)²/(V_a²/df_a + V_b²/df_b), at most
    those of the whole design. A pair with an estimate that has no variance has neither interval nor p.
    """
    count = len(joint.estimate)
    chosen = [(a, b) for a in range(count) for b in range(a + 1, count)] if pairs is None else list(pairs)
    a, b = np.array(chosen, dtype=np.int64).reshape(-1, 2).T
    variance = np.diag(joint.covariance)
    spread = variance[a] + variance[b] - 2 * joint.covariance[a, b]
    category = pd.factorize(joint.labels["category"], use_na_sentinel=False)[0]
    smaller = np.minimum(joint.degrees[a], joint.degrees[b])
    welch = welch_degrees(variance[a], variance[b], joint.degrees[a], joint.degrees[b])
    degrees = np.minimum(np.where(category[a] == category[b], smaller, welch), joint.limit)
    return _differences(
        _pairs(joint.labels.iloc[a], joint.labels.iloc[b]),
        joint.estimate[a] - joint.estimate[b],
        spread,
        degrees,
        adjustment=adjustment,
        confidence=confidence,
    )


def adjust_p_values(p: ArrayLike, *, method: Adjustment = "holm") -> Floats:
    """Adjust two-sided p values for being many; missing ones stay missing and do not count.

    Holm (1979) keeps the chance of any false finding at the level: max_{j ≤ i} (m − j + 1)·p_(j). Benjamini & Hochberg
    (1995) keep the expected share of false findings: min_{j ≥ i} m/j · p_(j). Neither exceeds 1.
    """
    if method not in get_args(Adjustment):
        raise MethodError("Unknown adjustment.", expected=", ".join(get_args(Adjustment)), got=str(method))
    values = np.asarray(p, dtype=np.float64)
    known = np.flatnonzero(~np.isnan(values))
    adjusted = values.copy()
    if method == "none" or not len(known):
        return adjusted
    order = known[np.argsort(values[known], kind="stable")]
    count, ordered = len(order), values[order]
    if method == "holm":
        stepped = np.maximum.accumulate((count - np.arange(count)) * ordered)
    else:
        stepped = np.minimum.accumulate((count / np.arange(1, count + 1) * ordered)[::-1])[::-1]
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def welch_degrees(first: Floats, second: Floats, first_degrees: Floats, second_degrees: Floats) -> Floats:
    """Degrees of freedom of a difference of two estimates with these variances: (V + W)²/(V²/df + W²/df)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(
            (first + second) ** 2 / (first**2 / first_degrees + second**2 / second_degrees), dtype=np.float64
        )


def _pairs(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    sides = [first.add_suffix("_a").reset_index(drop=True), second.add_suffix("_b").reset_index(drop=True)]
    return pd.concat(sides, axis=1)


def _differences(
    labels: pd.DataFrame,
    difference: Floats,
    variance: Floats,
    degrees: Floats,
    *,
    adjustment: Adjustment,
    confidence: float,
) -> pd.DataFrame:
    from scipy.special import stdtr, stdtrit

    se = np.sqrt(np.maximum(variance, 0.0))
    df = np.where(degrees > 0, degrees, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(se > 0, difference / se, np.nan)
    half = stdtrit(df, 0.5 + confidence / 2) * se
    p = 2 * stdtr(df, -np.abs(t))
    table = labels.assign(difference=difference, se=se, ci_low=difference - half, ci_high=difference + half, t=t, df=df)
    table["p"], table["p_adjusted"] = p, adjust_p_values(p, method=adjustment)
    return table[list(DIFFERENCE_COLUMNS)]
