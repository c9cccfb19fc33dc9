"""Mode differences: a score by channel, as it was answered and with the respondents' profile held constant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.survey.design.codes import categorical
from analysis.survey.design.survey_design import design_of
from analysis.survey.estimation.concentration import TOP, concentration
from analysis.survey.estimation.estimates import means
from analysis.survey.estimation.sandwich import BLOCK_ROWS, covariance_by_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.survey.design.survey_design import SurveyDesign

    Floats = NDArray[np.float64]

COLUMNS = ("category", "n", "estimate", "ci_low", "ci_high", "adjusted", "adjusted_low", "adjusted_high", *TOP)


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
    design: SurveyDesign | None = None,
    confidence: float = 0.95,
    min_n: int = 2,
) -> ModeResult | None:
    """Compare the weighted mean of `score` between the categories of `mode` (column of `profile`).

    adjusted is the mean that would be expected had everybody answered in that mode: the average prediction of a
    weighted regression on mode and `adjust` (predictive margins; Graubard & Korn 1999, Biometrics 55, 652–659), over
    the interviews with a score and a full profile, a domain of the `design` (none: a simple random sample). Variances
    are linearised over its strata and units with u = w·x·residual (Binder 1983; R survey, svyglm), the covariates'
    distribution taken as given. The tests are Wald F (R: regTermTest) with units − strata + 1 − p degrees of freedom,
    p parameters. Replicates of the design serve the raw means alone. Modes with fewer than `min_n` interviews are left
    out; None when fewer than two are left. Raises MethodError when the profile determines the mode.
    """
    chosen, names = design_of(design, len(score)), [mode, *adjust]
    told = pd.DataFrame({name: categorical(profile[name], ()) for name in names})
    complete = (score.notna() & told.notna().all(axis=1)).to_numpy()
    sizes = told.loc[complete, mode].value_counts()
    levels = sorted(sizes.index[sizes >= min_n])
    if len(levels) < 2:
        return None
    modes = told[mode]
    complete = complete & modes.isin(levels).to_numpy()
    raw = means(score.to_frame("score"), design=chosen, domain=modes, confidence=confidence).set_index("category")
    y = np.asarray(score.to_numpy(dtype=np.float64)[complete], dtype=np.float64)
    used, part = told[complete].apply(lambda one: one.cat.remove_unused_categories()), chosen.subset(complete)
    raw[list(TOP)] = concentration(score.to_frame("score"), design=chosen, domain=modes)
    f_raw, p_raw, _ = _compared(y, _Dummies.of(used[[mode]]), part, levels, confidence)
    f_adjusted, p_adjusted, margins = _compared(y, _Dummies.of(used), part, levels, confidence)
    table = raw.loc[levels, ["n", "estimate", "ci_low", "ci_high", *TOP]].join(margins)
    shown = table.rename_axis("category").reset_index()[list(COLUMNS)]
    return ModeResult(shown, f_raw, p_raw, f_adjusted, p_adjusted, n=int(complete.sum()))


@dataclass(frozen=True)
class _Dummies:
    """Intercept, then indicators of every category but the first; those of the mode come first.

    codes: category of each row in each question, questions × rows; sizes: number of categories.
    """

    codes: list[NDArray[Any]]
    sizes: list[int]

    @classmethod
    def of(cls, used: pd.DataFrame) -> _Dummies:
        return cls(
            [used[name].cat.codes.to_numpy() for name in used], [len(used[name].cat.categories) for name in used]
        )

    @property
    def width(self) -> int:
        """Number of columns."""
        return 1 + sum(size - 1 for size in self.sizes)

    def at(self, rows: slice | NDArray[np.int64]) -> Floats:
        """The columns in some of the rows."""
        parts = [code[rows][:, None] == np.arange(1, size) for code, size in zip(self.codes, self.sizes, strict=True)]
        return np.column_stack([np.ones((len(parts[0]), 1)), *parts])

    def blocks(self) -> Iterator[tuple[slice, Floats]]:
        """Some rows at a time."""
        for start in range(0, len(self.codes[0]), BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            yield rows, self.at(rows)


def _compared(
    y: Floats, x: _Dummies, design: SurveyDesign, levels: list[str], confidence: float
) -> tuple[float, float, pd.DataFrame]:
    """F and p of the mode's coefficients, and the predictive margin of every mode with its interval."""
    from scipy.special import fdtrc, stdtrit

    beta, covariance, middle = _regression(y, x, design)
    degrees, k = max(design.degrees + 1 - x.width, 1), len(levels) - 1
    effect = beta[1 : k + 1]
    statistic = float(effect @ np.linalg.solve(covariance[1 : k + 1, 1 : k + 1], effect)) / k
    points = np.tile(middle, (k + 1, 1))
    points[:, 1 : k + 1] = np.eye(k + 1)[:, 1:]
    value = points @ beta
    half = stdtrit(degrees, 0.5 + confidence / 2) * np.sqrt(np.einsum("ij,jk,ik->i", points, covariance, points))
    margins = {"adjusted": value, "adjusted_low": value - half, "adjusted_high": value + half}
    return statistic, float(fdtrc(k, degrees, statistic)), pd.DataFrame(margins, index=levels)


def _regression(y: Floats, x: _Dummies, design: SurveyDesign) -> tuple[Floats, Floats, Floats]:
    """Weighted least squares of y on x: coefficients and their covariance under the design, and the mean of x."""
    n, parameters, weights = len(y), x.width, design.weights
    information, explained = np.zeros((parameters, parameters)), np.zeros(parameters)
    for rows, some in x.blocks():
        weighted = weights[rows, None] * some
        information += some.T @ weighted
        explained += y[rows] @ weighted
    if n <= parameters or np.linalg.matrix_rank(information, hermitian=True) < parameters:
        raise MethodError(
            "The profile determines the mode, so that its effect can't be told apart.",
            expected=f"more than {parameters} interviews, and every mode in several profiles",
            got=f"{n} interviews",
            hint="leave a question out of fieldwork.adjust",
        )
    inverse = np.linalg.inv(information)
    beta = inverse @ explained

    def scores(rows: NDArray[np.int64]) -> Floats:
        some = x.at(rows)
        return np.asarray(some * (weights[rows] * (y[rows] - some @ beta))[:, None] @ inverse)

    return beta, covariance_by_rows(scores, parameters, design), information[0] / information[0, 0]
