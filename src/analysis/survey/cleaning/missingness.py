"""What was not answered: rates per item, broken-off interviews, patterns of gaps, and whether they fell at random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.edition.instrument import NOT_ASKED
from analysis.errors import MethodError
from analysis.survey.cleaning.like_rows import like_rows
from analysis.survey.cleaning.moments import normal_moments, squared_distances
from analysis.survey.estimation.sandwich import sum_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]

BLOCK = 4096
"""Rows whose answers are held in double precision at a time."""

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


def missing_data(
    responses: pd.DataFrame, *, items: Sequence[str], kept: NDArray[np.bool_] | None = None, confidence: float = 0.95
) -> MissingData:
    """Describe the gaps in the rated `items` (questionnaire order) of `responses`, one row per interview, unweighted.

    `kept`: the rows that count (none: all).
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

    def blocks() -> Iterator[Floats]:
        for start in range(0, len(responses), BLOCK):
            some = responses.iloc[start : start + BLOCK][list(items)].to_numpy(dtype=np.float64, na_value=np.nan)
            yield some if kept is None else some[kept[start : start + BLOCK]]

    gaps = np.concatenate([np.isnan(block) for block in blocks()])
    little = little_test(blocks)
    patterns = _pattern_table(gaps, items)
    asked = asked_items(responses if kept is None or NOT_ASKED not in responses else responses[[NOT_ASKED]], items)
    asked = asked if kept is None else asked[kept]
    return MissingData(
        items=item_nonresponse(gaps, items=items, asked=asked.sum(axis=0), confidence=confidence),
        patterns=patterns,
        summary=_summary(gaps, patterns, little, asked),
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
    gaps: Mask, *, items: Sequence[str], asked: Ints | None = None, confidence: float = 0.95
) -> pd.DataFrame:
    """Share of no answer per item with Wilson's interval: item, asked, missing, rate, ci_low, ci_high.

    `asked`: how many were asked each item (none: everybody was). Whoever was not asked is not missing.
    """
    from scipy.stats import norm

    asked = np.full(gaps.shape[1], len(gaps)) if asked is None else asked
    missing = asked - (len(gaps) - gaps.sum(axis=0))
    z = float(norm.ppf((1 + confidence) / 2))
    asked = np.maximum(asked, 1)
    rate = missing / asked
    centre = (rate + z**2 / (2 * asked)) / (1 + z**2 / asked)
    half = z / (1 + z**2 / asked) * np.sqrt(rate * (1 - rate) / asked + z**2 / (4 * asked**2))
    low, high = np.where(missing == 0, 0.0, centre - half), np.where(missing == asked, 1.0, centre + half)
    columns = {"item": list(items), "asked": asked, "missing": missing, "rate": rate, "ci_low": low, "ci_high": high}
    return pd.DataFrame(columns)


def broken_off(gaps: Mask) -> Mask:
    """Interviews that answered something, but nothing after an item at least 3 before the last."""
    answered = ~gaps
    tail = np.where(answered.any(axis=1), answered[:, ::-1].argmax(axis=1), 0)
    return np.asarray(tail >= MIN_TAIL, dtype=bool)


def is_monotone(gaps: Mask) -> bool:
    """Whether the patterns of gaps are nested in one another."""
    patterns = gaps[like_rows(gaps)[0]]
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


def little_test(answers: Floats | Callable[[], Iterable[Floats]]) -> LittleTest:
    """Little's test of "missing completely at random" on rows × items; rows without any answer are left out.

    `answers` may be a function that gives blocks of rows, which are gone through a few times.

    d² = Σ_j n_j (ȳ_j − μ̂_j)ᵀ Σ̂_jj⁻¹ (ȳ_j − μ̂_j) over the patterns j, in the items that a pattern answered, with the
    maximum-likelihood moments of a multivariate normal; χ² with Σ_j p_j − p degrees of freedom under MCAR. It compares
    means only, and in a large sample rejects for differences too small to matter.
    Source: Little 1988, JASA 83, 1198–1202; Σ̂ has divisor n, as in mvnmle.
    """
    from scipy.stats import chi2

    blocks = (lambda: [answers]) if isinstance(answers, np.ndarray) else answers
    gaps = np.concatenate([np.isnan(block) for block in blocks()])
    first, place = like_rows(gaps)
    patterns, sizes = gaps[first], np.bincount(place, minlength=len(first))
    nothing = patterns.all(axis=1)
    n, count = int(sizes[~nothing].sum()), int((~nothing).sum())
    df = int((~patterns).sum() - patterns.shape[1])
    if not patterns[~nothing].any():
        return LittleTest(None, 0, None, count, n, converged=True, reason="complete")
    moments = normal_moments(blocks())
    if moments is None or df <= 0:
        return LittleTest(None, df, None, count, n, converged=moments is not None, reason="singular")
    sums, start = np.zeros(patterns.shape), 0
    for block in blocks():
        sums += sum_rows(np.nan_to_num(block), None, place[start : start + len(block)], len(patterns))
        start += len(block)
    means = np.where(patterns, np.nan, sums / sizes[:, None])[~nothing]
    d2 = float((sizes[~nothing] * squared_distances(means, moments.mean, moments.covariance)).sum())
    return LittleTest(d2, df, float(chi2.sf(d2, df)), count, n, converged=moments.converged)


def _pattern_table(gaps: Mask, items: Sequence[str]) -> pd.DataFrame:
    first, place = like_rows(gaps)
    patterns = gaps[first]
    sizes = np.bincount(place, minlength=len(patterns))
    order = np.lexsort((np.arange(len(patterns)), patterns.sum(axis=1), -sizes))
    keys = np.array(items, dtype=object)
    table = pd.DataFrame(
        {
            "pattern": np.arange(1, len(order) + 1),
            "items": [" ".join(keys[patterns[i]]) for i in order],
            "gaps": patterns[order].sum(axis=1),
            "interviews": sizes[order],
            "share": sizes[order] / len(gaps),
        }
    )
    return table.astype({"items": object})


def _summary(gaps: Mask, patterns: pd.DataFrame, little: LittleTest, asked: Mask) -> pd.DataFrame:
    missing = gaps & asked
    answered = 1 - missing.sum(axis=1) / np.maximum(asked.sum(axis=1), 1)
    quantities: dict[str, float | None] = {
        "interviews": len(gaps),
        "missing_share": float(missing.sum() / max(asked.sum(), 1)),
        "without_gaps": int((~missing.any(axis=1)).sum()),
        "complete": int((answered >= COMPLETE_FROM).sum()),
        "partial": int(((answered >= PARTIAL_FROM) & (answered < COMPLETE_FROM)).sum()),
        "break_off": int((answered < PARTIAL_FROM).sum()),
        "broken_off": int(broken_off(gaps).sum()),
        "patterns": len(patterns),
        "monotone": float(is_monotone(gaps)),
        "little_chi2": little.chi2,
        "little_df": little.df,
        "little_pvalue": little.pvalue,
    }
    values = [np.nan if value is None else value for value in quantities.values()]
    return pd.DataFrame({"quantity": list(quantities), "value": values})
