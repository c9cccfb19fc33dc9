"""Whether the items share enough to be factored, and how many factors their correlations hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.edition.instrument import Instrument
from analysis.errors import MethodError
from analysis.measurement.answers import Answers, check_usable, complete_answers

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[Any]
_BATCH = 200
"""Random matrices drawn at a time."""


@dataclass(frozen=True)
class Factorability:
    """Common variance of the items, from `n` rows that answered all of them.

    kmo is the overall measure, msa a table (item, msa). chi2, df and pvalue: Bartlett's test that nothing correlates.
    eigenvalues: number, eigenvalue, reference (quantile of random data), retained; `retained` counts them.
    """

    n: int
    kmo: float
    msa: pd.DataFrame
    chi2: float
    df: int
    pvalue: float
    eigenvalues: pd.DataFrame
    retained: int

    def record(self) -> dict[str, Any]:
        """The plain values that the report reads."""
        return {
            "n": self.n,
            "kmo": self.kmo,
            "lowest_msa": float(self.msa["msa"].min()),
            "lowest_item": str(self.msa["item"].iloc[int(self.msa["msa"].to_numpy().argmin())]),
            "chi2": self.chi2,
            "df": self.df,
            "pvalue": self.pvalue,
            "retained": self.retained,
        }


def factorability(
    responses: pd.DataFrame,
    *,
    instrument: Instrument,
    weights: pd.Series | None = None,
    replicates: int = 1000,
    quantile: float = 0.95,
    seed: int = 0,
) -> Factorability:
    """Kaiser–Meyer–Olkin measure, Bartlett's sphericity and Horn's parallel analysis of all items.

    With weights, tests and random data take Kish's effective n for n. Raises MethodError when fewer than two items are
    asked, when rows are too few, for themselves or as they are weighted, or when an item is constant or repeats others.
    Formulas: KMO = Σr²/(Σr² + Σq²), q the partial correlations (Kaiser & Rice 1974); χ² = −(n − 1 − (2p + 5)/6) ln|R|
    (Bartlett 1951); eigenvalues against the `quantile` of those of independent normal data (Horn 1965; Glorfeld 1995).
    """
    import pandas as pd
    from scipy.special import chdtrc

    answers = complete_answers(responses, instrument.item_keys, weights)
    p = len(answers.items)
    if p < 2:
        raise MethodError("Factors need at least two items.", got=str(p))
    check_usable(answers, least=2 * p)
    if round(answers.n_eff) <= p:
        raise MethodError(
            "The weights leave fewer effective interviews than items.",
            expected=f"more than {p}",
            got=f"{answers.n_eff:.1f} of {answers.n}",
        )
    overall, single = _sampling_adequacy(answers.correlation)
    chi2, df = _sphericity(answers), p * (p - 1) // 2
    random = random_eigenvalues(round(answers.n_eff), p, replicates=replicates, quantile=quantile, seed=seed)
    eigenvalues = _against(random, answers.correlation)
    return Factorability(
        n=answers.n,
        kmo=overall,
        msa=pd.DataFrame({"item": answers.items, "msa": single}),
        chi2=chi2,
        df=df,
        pvalue=float(chdtrc(df, chi2)),
        eigenvalues=eigenvalues,
        retained=int(eigenvalues["retained"].sum()),
    )


def _against(random: Array, correlation: Array) -> pd.DataFrame:
    """Eigenvalues beside those of random data; retained up to the first that is no larger."""
    import pandas as pd

    found = np.linalg.eigvalsh(correlation)[::-1]
    retained = np.logical_and.accumulate(found > random)
    numbers = np.arange(1, len(found) + 1)
    return pd.DataFrame({"number": numbers, "eigenvalue": found, "reference": random, "retained": retained})


def _sampling_adequacy(correlation: Array) -> tuple[float, Array]:
    """KMO of all items and MSA of each."""
    inverse = np.linalg.inv(correlation)
    scale = np.sqrt(np.diag(inverse))
    partial = (inverse / np.outer(scale, scale)) ** 2
    squared = correlation**2
    np.fill_diagonal(partial, 0.0)
    np.fill_diagonal(squared, 0.0)
    single = squared.sum(axis=0) / (squared.sum(axis=0) + partial.sum(axis=0))
    return float(squared.sum() / (squared.sum() + partial.sum())), single


def _sphericity(answers: Answers) -> float:
    p = len(answers.items)
    return float(-(answers.n_eff - 1 - (2 * p + 5) / 6) * np.linalg.slogdet(answers.correlation)[1])


def random_eigenvalues(n: int, p: int, *, replicates: int, quantile: float, seed: int) -> Array:
    """Quantile of each ordered eigenvalue of the correlations of n rows of p independent normal items.

    The cross products of such rows are Wishart, drawn by their Cholesky factor (Bartlett 1933): n costs nothing.
    """
    random = np.random.default_rng(seed)
    lower = np.tril_indices(p, -1)
    freedom = n - 1 - np.arange(p)
    found = []
    for start in range(0, replicates, _BATCH):
        count = min(_BATCH, replicates - start)
        factor = np.zeros((count, p, p))
        factor[:, np.arange(p), np.arange(p)] = np.sqrt(random.chisquare(freedom, size=(count, p)))
        factor[:, lower[0], lower[1]] = random.standard_normal((count, len(lower[0])))
        factor /= np.linalg.norm(factor, axis=2, keepdims=True)
        found.append(np.linalg.eigvalsh(factor @ factor.transpose(0, 2, 1))[:, ::-1])
    return np.asarray(np.quantile(np.concatenate(found), quantile, axis=0))
