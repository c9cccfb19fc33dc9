"""Mode differences: a score by channel, as it was answered and with the respondents' profile held constant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.survey.estimation.estimates import means

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

COLUMNS = ("category", "n", "estimate", "ci_low", "ci_high", "adjusted", "adjusted_low", "adjusted_high")


@dataclass(frozen=True)
class ModeResult:
    """Score of every mode in `table`, and the tests that all modes score alike, raw and adjusted."""

    table: pd.DataFrame
    f_raw: float
    p_raw: float
    f_adjusted: float
    p_adjusted: float
    n: int

    def record(self) -> dict[str, float | int]:
        """Plain values: F and p of both tests, and the interviews that have the whole profile."""
        names = ("f_raw", "p_raw", "f_adjusted", "p_adjusted", "n")
        return {name: getattr(self, name) for name in names}


def mode_differences(
    score: pd.Series[float],
    profile: pd.DataFrame,
    *,
    mode: str,
    adjust: Sequence[str] = (),
    weights: ArrayLike | None = None,
    confidence: float = 0.95,
    min_n: int = 2,
) -> ModeResult | None:
    """Compare the weighted mean of `score` between the categories of `mode` (column of `profile`).

    adjusted is the mean that would be expected had everybody answered in that mode: the average prediction of a
    weighted regression on mode and `adjust` (predictive margins; Graubard & Korn 1999, Biometrics 55, 652–659), over
    the interviews with a score and a full profile. Variances are linearised, Σ(u − ū)(u − ū)'·n/(n − 1) with
    u = w·x·residual (Binder 1983), the covariates' distribution taken as given. The tests are Wald F with n − p degrees
    of freedom. Modes with fewer than `min_n` interviews are left out; None when fewer than two are left. Raises
    MethodError when the profile determines the mode.
    """
    w = np.ones(len(score)) if weights is None else np.asarray(weights, dtype=np.float64)
    names = [mode, *adjust]
    complete = (score.notna() & profile[names].notna().all(axis=1)).to_numpy()
    sizes = profile.loc[complete, mode].astype(str).value_counts()
    levels = sorted(sizes.index[sizes >= min_n])
    if len(levels) < 2:
        return None
    complete = complete & profile[mode].astype(object).isin(levels).to_numpy()
    modes = profile[mode].astype(object).where(profile[mode].notna(), None)
    raw = means(score.to_frame("score"), weights=w, domain=modes, confidence=confidence).set_index("category")
    y = np.asarray(score.to_numpy(dtype=np.float64)[complete], dtype=np.float64)
    used = profile.loc[complete, names].astype(str)
    weights_used = np.asarray(w[complete], dtype=np.float64)
    f_raw, p_raw, _ = _fit(y, _dummies(used, [mode]), weights_used, levels, confidence)
    f_adjusted, p_adjusted, margins = _fit(y, _dummies(used, names), weights_used, levels, confidence)
    table = raw.loc[levels, ["n", "estimate", "ci_low", "ci_high"]].join(margins)
    shown = table.rename_axis("category").reset_index()[list(COLUMNS)]
    return ModeResult(shown, f_raw, p_raw, f_adjusted, p_adjusted, n=int(complete.sum()))


def _dummies(used: pd.DataFrame, names: Sequence[str]) -> Floats:
    """Intercept, then indicators of every category but the first; those of the mode come first."""
    columns = [np.ones(len(used))]
    for name in names:
        levels = sorted(used[name].unique())[1:]
        columns += [(used[name] == level).to_numpy(dtype=np.float64) for level in levels]
    return np.asarray(np.column_stack(columns), dtype=np.float64)


def _fit(y: Floats, x: Floats, w: Floats, levels: list[str], confidence: float) -> tuple[float, float, pd.DataFrame]:
    """F and p of the mode's coefficients, and the predictive margin of every mode with its interval."""
    from scipy.stats import f as f_distribution
    from scipy.stats import t as t_distribution

    n, parameters = x.shape
    information = x.T @ (w[:, None] * x)
    if n <= parameters or np.linalg.matrix_rank(information, hermitian=True) < parameters:
        raise MethodError(
            "The profile determines the mode, so that its effect can't be told apart.",
            expected=f"more than {parameters} interviews, and every mode in several profiles",
            got=f"{n} interviews",
            hint="leave a question out of fieldwork.adjust",
        )
    inverse = np.linalg.inv(information)
    beta = inverse @ (x.T @ (w * y))
    scores = x * (w * (y - x @ beta))[:, None]
    centred = scores - scores.mean(axis=0)
    covariance = inverse @ (centred.T @ centred * n / (n - 1)) @ inverse
    degrees, k = n - parameters, len(levels) - 1
    effect = beta[1 : k + 1]
    statistic = float(effect @ np.linalg.solve(covariance[1 : k + 1, 1 : k + 1], effect)) / k
    average = (w @ x) / w.sum()
    rows: list[dict[str, Any]] = []
    for position in range(k + 1):
        point = average.copy()
        point[1 : k + 1] = 0.0
        if position:
            point[position] = 1.0
        value, half = float(point @ beta), float(np.sqrt(point @ covariance @ point))
        half *= float(t_distribution.ppf(0.5 + confidence / 2, degrees))
        rows.append({"adjusted": value, "adjusted_low": value - half, "adjusted_high": value + half})
    return statistic, float(f_distribution.sf(statistic, k, degrees)), pd.DataFrame(rows, index=levels)
