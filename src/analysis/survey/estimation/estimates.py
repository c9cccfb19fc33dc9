"""Design-based estimates, a whole table in one call: means, proportions, ratios and totals, overall and by domain.

Variance by Taylor linearisation over the stages of the design (`linearisation`), from the residuals of the
weights' calibration where the design names one (`survey.design.calibration`), or from replicate weights.

A kernel of our own and not svy, which was measured for the purpose (svy 0.35.0 with svy_rs 0.19.1 and polars 2.1.0,
Python 3.11, two cores): its Taylor means, totals, ratios, two-stage and raked standard errors and quantiles equal R
survey 4.1 on apistrat, apiclus1 and apiclus2, as these do; its jackknife leaves population sizes out (JK1 on apiclus1:
SE 26.5942, R 26.3294). On 1,000,000 rows, 20 strata and 40 items it takes 0.60 s, this kernel 0.3–0.9 s; the same by 30
domains takes 118 s there and 0.4–0.7 s here (peak of memory, data included: 0.8 and 0.7 GB), and the packages weigh
230 MB more. It has no covariance between variables to compare them with. R survey takes 6.5 s for the 40 means and 92 s
by domains. `make bench-survey` repeats our side and R's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.survey.design.codes import Domains, domain_codes, numbers, same_length
from analysis.survey.design.survey_design import design_of
from analysis.survey.estimation.linearisation import Estimates, estimate_domains

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.survey.design.survey_design import SurveyDesign

    Floats = NDArray[np.float64]

COLUMNS = ("variable", "category", "estimate", "se", "ci_low", "ci_high", "n", "n_eff", "deff")
Interval = Literal["t", "logit"]


def means(
    values: pd.DataFrame,
    *,
    design: SurveyDesign | None = None,
    domain: pd.Series[Any] | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate the weighted mean of every column of `values` in every category of `domain`.

    `design` (none: a simple random sample) and `domain` have one entry per row and are matched by position. Returns
    variable, category (None without a domain), estimate, se, ci_low, ci_high, n (answers), n_eff and deff. Where the
    design has replicates the variance is theirs and the degrees of freedom at most theirs; a column that
    `design.estimated` names is in every replicate what that says.

    The interval is estimate ± t·se with the degrees of freedom of the domain, PSU − strata (Korn & Graubard 1999,
    §5.2). deff is the variance over that of a simple random sample of the same n; that one is drawn without
    replacement where population sizes are known and the weights add up to them, and with replacement otherwise, when
    the scale of the weights says nothing. n_eff = n / deff, or Kish's (Σw)²/Σw² where deff is 0 or not defined.
    An estimate from fewer than two answers has no se. Raises MethodError for lengths that differ and for values that
    are not numbers.
    """
    design = design_of(design, len(values))
    part = domain_codes(domain, len(values))
    each = design.in_replicates(values.columns)
    estimates = estimate_domains(answers(values), None, design=design, domains=part, kind="ratio", each=each)
    return estimates_table(values.columns, part, estimates, interval="t", confidence=confidence)


def proportions(
    values: pd.DataFrame,
    *,
    design: SurveyDesign | None = None,
    domain: pd.Series[Any] | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate the weighted share (0–1) of ones in every 0/1 column of `values`, as `means` does.

    The interval is built on the logit scale and stays inside 0–1: logit p ± t·se/(p(1−p)) (Korn & Graubard 1999,
    §3.2; R survey, svyciprop). A share of exactly 0 or 1 gets the exact binomial bound for Kish's effective n.
    Raises MethodError, besides the reasons of `means`, for a value other than 0, 1 or missing.
    """
    design = design_of(design, len(values))
    part = domain_codes(domain, len(values))
    shares = checked_indicators(answers(values), values.columns)
    estimates = estimate_domains(shares, None, design=design, domains=part, kind="ratio")
    return estimates_table(values.columns, part, estimates, interval="logit", confidence=confidence)


def ratios(
    numerator: pd.DataFrame,
    denominator: pd.Series[Any],
    *,
    design: SurveyDesign | None = None,
    domain: pd.Series[Any] | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate Σw·y / Σw·x for every column y of `numerator` over x = `denominator`; columns and errors as `means`."""
    rows = len(numerator)
    design = design_of(design, rows)
    same_length(len(denominator), rows, "denominator")
    base = numbers(denominator, str(denominator.name))
    part = domain_codes(domain, rows)
    estimates = estimate_domains(answers(numerator), base, design=design, domains=part, kind="ratio")
    return estimates_table(numerator.columns, part, estimates, interval="t", confidence=confidence)


def totals(
    values: pd.DataFrame,
    *,
    design: SurveyDesign | None = None,
    domain: pd.Series[Any] | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate the population total Σw·y of every column of `values`; columns and errors as `means`."""
    design = design_of(design, len(values))
    part = domain_codes(domain, len(values))
    estimates = estimate_domains(answers(values), None, design=design, domains=part, kind="total")
    return estimates_table(values.columns, part, estimates, interval="t", confidence=confidence)


def answers(values: pd.DataFrame) -> NDArray[Any]:
    """The columns as one array of floats, missing as NaN; without a copy where they are one already.

    Columns in single precision stay so: sums take them in double precision, block by block.
    """
    if set(values.dtypes) == {np.dtype(np.float32)}:
        return values.to_numpy()
    if all(isinstance(kind, np.dtype) and kind.kind in "fiub" for kind in values.dtypes):
        return np.asarray(values.to_numpy(dtype=np.float64))
    columns = [numbers(values[name], str(name)) for name in values.columns]
    return np.column_stack(columns) if columns else np.empty((len(values), 0))


def estimates_table(
    variables: pd.Index[Any], domains: Domains, estimates: Estimates, *, interval: Interval, confidence: float
) -> pd.DataFrame:
    """One row per variable and domain."""
    flat = figures(estimates, interval=interval, confidence=confidence)
    table = pd.DataFrame({name: part.T.ravel() for name, part in flat.items()})
    table.insert(0, "variable", np.repeat([str(name) for name in variables], domains.count))
    table.insert(1, "category", pd.Series(list(domains.names) * len(variables), dtype=object))
    return table.astype({"n": np.int64})[list(COLUMNS)]


def figures(estimates: Estimates, *, interval: Interval, confidence: float) -> dict[str, Floats]:
    """What a table shows of `estimates`, each domains × variables: estimate, se, ci_low, ci_high, n, n_eff, deff."""
    if not 0 < confidence < 1:
        raise MethodError("The confidence must lie between 0 and 1.", expected="such as 0.95", got=str(confidence))
    with np.errstate(divide="ignore", invalid="ignore"):
        deff = np.where(estimates.simple > 0, estimates.variance / estimates.simple, np.nan)
        n_eff = np.where(estimates.n > 0, np.where(deff > 0, estimates.n / deff, estimates.kish), 0.0)
        n_eff = np.minimum(n_eff, estimates.n)
    se = np.sqrt(estimates.variance)
    low, high = _interval(estimates, se, interval=interval, confidence=confidence)
    return {
        "estimate": estimates.estimate, "se": se, "ci_low": low, "ci_high": high,
        "n": estimates.n, "n_eff": n_eff, "deff": deff,
    }  # fmt: skip


def _interval(estimates: Estimates, se: Floats, *, interval: Interval, confidence: float) -> tuple[Floats, Floats]:
    """Confidence bounds; missing where there is no se or no degree of freedom."""
    from scipy.special import expit, logit, stdtrit

    estimate = estimates.estimate
    degrees = np.where(estimates.degrees > 0, estimates.degrees, np.nan)
    t = stdtrit(degrees, 0.5 + confidence / 2)
    if interval == "t":
        return estimate - t * se, estimate + t * se
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = (estimate > 0) & (estimate < 1)
        p = np.where(inside, estimate, 0.5)
        half = t * se / (p * (1 - p))
        bound = (0.5 - confidence / 2) ** (1 / estimates.kish)
    low = np.where(inside, expit(logit(p) - half), np.where(estimate >= 1, bound, 0.0))
    high = np.where(inside, expit(logit(p) + half), np.where(estimate <= 0, 1 - bound, 1.0))
    known = ~np.isnan(se)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def checked_indicators(values: Floats, names: pd.Index[Any]) -> Floats:
    """`values` unless one of them is neither 0, 1 nor missing."""
    wrong = np.array([not ((one == 0) | (one == 1) | np.isnan(one)).all() for one in values.T], dtype=bool)
    if wrong.any():
        raise MethodError(f"{str(names[wrong][0])!r} is not an indicator.", expected="only 0, 1 or missing")
    return values
