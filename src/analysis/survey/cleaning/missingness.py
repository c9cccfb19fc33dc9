"""What was not answered: rates per item, broken-off interviews, patterns of gaps, and whether they fell at random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.edition.instrument import NOT_ASKED
from analysis.errors import MethodError
from analysis.survey.cleaning.moments import missing_patterns, normal_moments, rows_by_pattern, squared_distances

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

PARTIAL_FROM, COMPLETE_FROM = 0.5, 0.8
"""Shares of the rated items answered from which an interview counts as partial and as complete."""

MIN_TAIL = 3
"""Unanswered items at the end from which an interview counts as broken off rather than skipped."""


@dataclass(frozen=True)
class LittleTest:
    """Little's χ² with its degrees of freedom and p, the patterns it compares, and how the search for moments ended.

    `pvalue` is None where there is nothing to test: no gaps, or a singular covariance (`reason`: complete, singular).
    """

    chi2: float | None
    df: int
    pvalue: float | None
    patterns: int
    n: int
    converged: bool
    reason: str = ""


@dataclass(frozen=True)
class MissingData:
    """Gaps in the rated items.

    items: item, asked, missing, rate, ci_low, ci_high. patterns: pattern (rank by frequency), items (keys missing,
    separated by spaces), gaps (their number), interviews, share. summary: quantity, value. little: Little's test.
    """

    items: pd.DataFrame
    patterns: pd.DataFrame
    summary: pd.DataFrame
    little: LittleTest


def missing_data(responses: pd.DataFrame, *, items: Sequence[str], confidence: float = 0.95) -> MissingData:
    """Describe the gaps in the rated `items` (questionnaire order) of `responses`, one row per interview, unweighted.

    An item's rate has Wilson's interval. Complete, partial and break-off follow the shares of items answered that
    AAPOR suggests (at least 80 %, at least 50 %, less); broken off means that nothing after some item was answered,
    at least 3 items. Monotone: the patterns can be ordered so that each leaves out all that the one before leaves out.
    Raises MethodError without interviews, without items, or without one of them.
    Sources: AAPOR 2023, Standard Definitions, 10th ed., ch. 2; Wilson 1927, JASA 22; Rubin 1976, Biometrika 63.
    """
    if not len(items):
        raise MethodError("no rated items in this edition")
    absent = [key for key in items if key not in responses]
    if absent or responses.empty:
        raise MethodError(
            "The gaps can't be described.",
            where=", ".join(absent) or "responses",
            expected="interviews with every rated item",
            got="no such column" if absent else "no interview",
        )
    answers = responses[list(items)].to_numpy(dtype=np.float64, na_value=np.nan)
    little = little_test(answers)
    patterns = _pattern_table(answers, items)
    asked = asked_items(responses, items)
    return MissingData(
        items=item_nonresponse(answers, items=items, asked=asked.sum(axis=0), confidence=confidence),
        patterns=patterns,
        summary=_summary(answers, patterns, little, asked),
        little=little,
    )


def asked_items(responses: pd.DataFrame, items: Sequence[str]) -> NDArray[np.bool_]:
    """Which of the items each respondent was asked, rows × items: all but those that the column `not_asked` lists."""
    asked = np.ones((len(responses), len(items)), dtype=bool)
    if NOT_ASKED not in responses:
        return asked
    positions, distinct = pd.factorize(responses[NOT_ASKED].fillna(""))
    skipped = [set(str(text).split()) for text in distinct]
    table = np.array([[item in keys for item in items] for keys in skipped], dtype=bool)
    return np.asarray(~table[positions])


def item_nonresponse(
    answers: Floats, *, items: Sequence[str], asked: Ints | None = None, confidence: float = 0.95
) -> pd.DataFrame:
    """Share of no answer per item with Wilson's interval: item, asked, missing, rate, ci_low, ci_high.

    `asked`: how many were asked each item (none: everybody was). Whoever was not asked is not missing.
    """
    from scipy.stats import norm

    if asked is None:
        asked = np.full(answers.shape[1], len(answers))
    missing = asked - (~np.isnan(answers)).sum(axis=0)
    z = float(norm.ppf((1 + confidence) / 2))
    asked = np.maximum(asked, 1)
    rate = missing / asked
    centre = (rate + z**2 / (2 * asked)) / (1 + z**2 / asked)
    half = z / (1 + z**2 / asked) * np.sqrt(rate * (1 - rate) / asked + z**2 / (4 * asked**2))
    low, high = np.where(missing == 0, 0.0, centre - half), np.where(missing == asked, 1.0, centre + half)
    columns = {"item": list(items), "asked": asked, "missing": missing, "rate": rate, "ci_low": low, "ci_high": high}
    return pd.DataFrame(columns)


def broken_off(answers: Floats) -> NDArray[np.bool_]:
    """Interviews that answered something, but nothing after an item at least 3 before the last."""
    answered = ~np.isnan(answers)
    tail = np.where(answered.any(axis=1), answered[:, ::-1].argmax(axis=1), 0)
    return np.asarray(tail >= MIN_TAIL, dtype=bool)


def is_monotone(answers: Floats) -> bool:
    """Whether the patterns of gaps are nested in one another."""
    patterns, _ = missing_patterns(answers)
    ordered = patterns[np.argsort(patterns.sum(axis=1), kind="stable")]
    return bool((ordered[:-1] <= ordered[1:]).all())


def frequent_patterns(patterns: pd.DataFrame, *, count: int, at_least: int = 1) -> pd.DataFrame:
    """The `count` most frequent patterns of `at_least` so many interviews, and one row for all others.

    The others have items "*", and their gaps are missing.
    """
    count = min(count, int((patterns["interviews"] >= at_least).sum()))
    head, rest = patterns.iloc[:count].astype({"gaps": "Int64"}), patterns.iloc[count:]
    if rest.empty:
        return head
    other = {"pattern": count + 1, "items": "*", "interviews": rest["interviews"].sum(), "share": rest["share"].sum()}
    return pd.concat([head, pd.DataFrame([other]).assign(gaps=pd.array([pd.NA], "Int64"))], ignore_index=True)


def little_test(answers: Floats) -> LittleTest:
    """Little's test of "missing completely at random" on rows × items; rows without any answer are left out.

    d² = Σ_j n_j (ȳ_j − μ̂_j)ᵀ Σ̂_jj⁻¹ (ȳ_j − μ̂_j) over the patterns j, in the items that a pattern answered, with the
    maximum-likelihood moments of a multivariate normal; χ² with Σ_j p_j − p degrees of freedom under MCAR. It compares
    means only, and in a large sample rejects for differences too small to matter.
    Source: Little 1988, JASA 83, 1198–1202; Σ̂ has divisor n, as in mvnmle.
    """
    from scipy.stats import chi2

    answers = answers[~np.isnan(answers).all(axis=1)]
    patterns, place = missing_patterns(answers)
    df = int((~patterns).sum() - answers.shape[1])
    if not patterns.any():
        return LittleTest(None, 0, None, len(patterns), len(answers), converged=True, reason="complete")
    moments = normal_moments(answers)
    if moments is None or df <= 0:
        return LittleTest(None, df, None, len(patterns), len(answers), converged=moments is not None, reason="singular")
    means = np.vstack([answers[rows].mean(axis=0) for rows in rows_by_pattern(place, len(patterns))])
    sizes = np.bincount(place, minlength=len(patterns))
    d2 = float((sizes * squared_distances(means, moments.mean, moments.covariance)).sum())
    return LittleTest(d2, df, float(chi2.sf(d2, df)), len(patterns), len(answers), converged=moments.converged)


def _pattern_table(answers: Floats, items: Sequence[str]) -> pd.DataFrame:
    patterns, place = missing_patterns(answers)
    sizes = np.bincount(place, minlength=len(patterns))
    order = np.lexsort((np.arange(len(patterns)), patterns.sum(axis=1), -sizes))
    keys = np.array(items, dtype=object)
    table = pd.DataFrame(
        {
            "pattern": np.arange(1, len(order) + 1),
            "items": [" ".join(keys[patterns[i]]) for i in order],
            "gaps": patterns[order].sum(axis=1),
            "interviews": sizes[order],
            "share": sizes[order] / len(answers),
        }
    )
    return table.astype({"items": object})


def _summary(answers: Floats, patterns: pd.DataFrame, little: LittleTest, asked: NDArray[np.bool_]) -> pd.DataFrame:
    missing = np.isnan(answers) & asked
    answered = 1 - missing.sum(axis=1) / np.maximum(asked.sum(axis=1), 1)
    quantities: dict[str, float | None] = {
        "interviews": len(answers),
        "missing_share": float(missing.sum() / max(asked.sum(), 1)),
        "without_gaps": int((~missing.any(axis=1)).sum()),
        "complete": int((answered >= COMPLETE_FROM).sum()),
        "partial": int(((answered >= PARTIAL_FROM) & (answered < COMPLETE_FROM)).sum()),
        "break_off": int((answered < PARTIAL_FROM).sum()),
        "broken_off": int(broken_off(answers).sum()),
        "patterns": len(patterns),
        "monotone": float(is_monotone(answers)),
        "little_chi2": little.chi2,
        "little_df": little.df,
        "little_pvalue": little.pvalue,
    }
    values = [np.nan if value is None else value for value in quantities.values()]
    return pd.DataFrame({"quantity": list(quantities), "value": values})
