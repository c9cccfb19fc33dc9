"""Power of a structural model's test of fit by the RMSEA, and the sample size that a given power needs.

The chi-square of a model with d degrees of freedom and RMSEA ε is noncentral with λ = (n − 1)·d·ε². Source: MacCallum,
Browne & Sugawara 1996, Psychological Methods 1, 130–149. Knows NumPy and SciPy only, apart from the frame it returns.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from analysis.errors import MethodError

if TYPE_CHECKING:
    from analysis.edition.sections.sampling import ModelPower

MAX_N = 10_000_000
"""No sample beyond this is looked for."""


def rmsea_power(*, n: int, degrees: int, null: float, alternative: float, alpha: float = 0.05) -> float:
    """Power to reject ε = `null` when ε = `alternative`, with `n` complete cases and `degrees` of freedom.

    alternative > null tests close fit (null 0: exact fit): P(χ²(λ_a) > χ²_{1−α}(λ_0)); alternative < null tests
    not-close fit: P(χ²(λ_a) < χ²_α(λ_0)). Raises MethodError for fewer than 2 cases, no degree of freedom, or equal ε.
    """
    from scipy.stats import chi2, ncx2

    if n < 2 or degrees < 1 or null == alternative or min(null, alternative) < 0:
        raise MethodError(
            "The power of the model's test can't be computed.",
            expected="n ≥ 2, at least one degree of freedom, two different RMSEA of at least 0",
            got=f"n {n}, df {degrees}, RMSEA {null} and {alternative}",
        )
    null_shift, shift = ((n - 1) * degrees * epsilon**2 for epsilon in (null, alternative))
    upper = alternative > null
    level = 1 - alpha if upper else alpha
    critical = ncx2.ppf(level, degrees, null_shift) if null_shift > 0 else chi2.ppf(level, degrees)
    distribution = ncx2(degrees, shift) if shift > 0 else chi2(degrees)
    return float(distribution.sf(critical) if upper else distribution.cdf(critical))


def rmsea_sample_size(
    *, degrees: int, null: float, alternative: float, power: float = 0.80, alpha: float = 0.05
) -> int | None:
    """Smallest n whose test has at least `power`; None when even MAX_N cases do not suffice."""
    low, high = 2, 4
    options = {"degrees": degrees, "null": null, "alternative": alternative, "alpha": alpha}
    while rmsea_power(n=high, **options) < power:  # type: ignore[arg-type]
        low, high = high, high * 2
        if high > MAX_N:
            return None
    while low < high:
        middle = (low + high) // 2
        if rmsea_power(n=middle, **options) >= power:  # type: ignore[arg-type]
            high = middle
        else:
            low = middle + 1
    return high


def power_table(*, degrees: int, n: int, rule: ModelPower) -> pd.DataFrame:
    """Tests of close, not-close and exact fit of one model: what `n` can show, and what the wanted power needs.

    Returns test, null and alternative (RMSEA), needed_n (missing when out of reach), power (at `n`), met; exact fit
    is tested against an RMSEA of `rule.null`.
    """
    tests = (("close", rule.null, rule.close), ("not_close", rule.null, rule.not_close), ("exact", 0.0, rule.null))
    rows = []
    for test, null, alternative in tests:
        options = {"degrees": degrees, "null": null, "alternative": alternative, "alpha": rule.alpha}
        needed = rmsea_sample_size(power=rule.target, **options)  # type: ignore[arg-type]
        reached = rmsea_power(n=n, **options)  # type: ignore[arg-type]
        rows.append(
            {
                "test": test,
                "null": null,
                "alternative": alternative,
                "needed_n": math.nan if needed is None else float(needed),
                "power": reached,
                "met": reached >= rule.target,
            }
        )
    return pd.DataFrame(rows)


def reached_power(*, degrees: int, n: int, rule: ModelPower) -> dict[str, float]:
    """Power of the tests of close and of not-close fit with the `n` interviews that a model was fitted to."""
    options = {"n": n, "degrees": degrees, "null": rule.null, "alpha": rule.alpha}
    alternatives = {"close": rule.close, "not_close": rule.not_close}
    return {test: rmsea_power(alternative=value, **options) for test, value in alternatives.items()}  # type: ignore[arg-type]


def model_degrees(*, items: int, parameters: int) -> int:
    """Degrees of freedom of a covariance structure: p(p + 1)/2 − free parameters."""
    return items * (items + 1) // 2 - parameters
