"""Tests of cross tables under a sampling design: Pearson's χ² corrected for weights, strata and clusters.

Under a design the χ² of a weighted table follows Σ δ_i·χ²(1) with generalised design effects δ, not χ². Rao & Scott's
second-order correction compares F = X²/Σδ with F(d, d·ν), d = (Σδ)²/Σδ², ν the degrees of freedom of the design.
Sources: Rao & Scott 1984; Thomas & Rao 1987; Lumley 2010, §7.1 (R survey: svychisq, statistic "F").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.survey.design.codes import same_length
from analysis.survey.estimation.differences import JointEstimates, estimate_jointly

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.survey.design.survey_design import SurveyDesign

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class AssociationTest:
    """Rao–Scott test of independence: F, both degrees of freedom, p; Cramér's V of the weighted table; n answers."""

    f: float
    df1: float
    df2: float
    p: float
    cramers_v: float
    n: int
    rows: int
    columns: int


def association_test(
    row: pd.Series[Any],
    column: pd.Series[Any],
    *,
    design: SurveyDesign | None = None,
) -> AssociationTest:
    """Test whether two questions are independent in the population.

    Both have one answer per interview; an interview without one of them is outside the domain. `design` as in
    `means`. A table of one row or column has nothing to test: f, p and the degrees of freedom are
    missing then. Raises MethodError for lengths that differ or when nobody answered both.
    """
    same_length(len(column), len(row), str(column.name))
    row_codes, row_names = pd.factorize(row.where(column.notna()), sort=True)
    column_codes, column_names = pd.factorize(column.where(row.notna()), sort=True)
    answered = row_codes >= 0
    if not answered.any():
        raise MethodError(f"Nobody answered both {row.name!r} and {column.name!r}.", hint="leave this cross table out")
    shape = (len(row_names), len(column_names))
    n = int(answered.sum())
    if min(shape) < 2:
        return AssociationTest(np.nan, np.nan, np.nan, np.nan, np.nan, n, *shape)
    cell = np.where(answered, row_codes * shape[1] + column_codes, -1)
    indicators = (cell == np.arange(shape[0] * shape[1])[:, None]).astype(np.float32)
    indicators[:, ~answered] = np.nan
    joint = estimate_jointly(pd.DataFrame(indicators.T, copy=False), design=design)
    return _corrected(joint, shape, n)


def _corrected(joint: JointEstimates, shape: tuple[int, int], n: int) -> AssociationTest:
    """The second-order correction from the cells' shares and their covariance; n drops out of F."""
    from scipy.special import fdtrc

    share = joint.estimate
    table = share.reshape(shape)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    phi = float(((table - expected) ** 2 / expected).sum())
    inverse = np.divide(1.0, share, out=np.zeros_like(share), where=share > 0)
    # Contrasts that are free of both margins: what is left of a table when rows and columns are taken out.
    contrast = np.kron(_contrasts(shape[0]), _contrasts(shape[1])) * inverse[:, None]
    simple = contrast.T @ (share[:, None] * contrast)
    delta = np.linalg.solve(simple, contrast.T @ joint.covariance @ contrast)
    trace = float(np.trace(delta))
    df1 = trace**2 / float(np.trace(delta @ delta))
    df2 = df1 * float(min(joint.limit, joint.degrees.min()))
    f = phi / trace
    v = float(np.sqrt(phi / (min(shape) - 1)))
    return AssociationTest(f, df1, df2, float(fdtrc(df1, df2, f)), v, n, *shape)


def _contrasts(size: int) -> Floats:
    """Columns that span what is orthogonal to the constant."""
    return np.asarray(np.eye(size)[:, 1:] - 1 / size, dtype=np.float64)
