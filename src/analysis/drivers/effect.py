"""Effect of digital service, or of any answer that is a way of being served, on scores: with its checks, as tables.

The estimators are those of `treatment`; their variance is that of pseudo-values under the design. Cross-fitted AIPW
is the result, and the mean of its pseudo-values within the answers to a question is the effect on those people.
Beside it stand the plain difference, RA and IPW: where the three disagree, one of the models is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.drivers.fitting import asked, binary_regression, indicators, with_intercept
from analysis.drivers.treatment import (
    Arms,
    cross_fitted,
    draw_folds,
    e_value,
    inverse_weighting,
    overlap_bound,
    plain_difference,
    regression_adjustment,
)
from analysis.errors import MethodError
from analysis.survey.design.codes import text_codes
from analysis.survey.design.survey_design import design_of
from analysis.survey.estimation.differences import Adjustment, adjust_p_values, compare_estimates, estimate_jointly
from analysis.survey.estimation.fixed import compare_with_fixed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis.drivers.fitting import BinaryRegression
    from analysis.survey.design.survey_design import SurveyDesign

    Floats = NDArray[np.float64]

FOLDS = 5
BINS = 10
SMALLEST = 0.01
"""Probability of the treatment, or of going without, below which nobody is compared, whatever the others' are."""
EFFECT_COLUMNS = (
    *("outcome", "method", "estimate", "se", "ci_low", "ci_high", "p_adjusted"),
    *("standardised", "e_value", "e_value_limit", "n", "n_treated"),
)
GROUP_COLUMNS = ("outcome", "segment", "category", "naive", "estimate", "se", "ci_low", "ci_high", "p_adjusted", "n")
DIFFERENCE_COLUMNS = ("outcome", "segment", "a", "b", "difference", "se", "ci_low", "ci_high", "p", "p_adjusted")
BALANCE_COLUMNS = ("question", "category", "treated", "untreated", "before", "after", "n")
OVERLAP_COLUMNS = ("low", "high", "treated", "untreated", "n")


@dataclass(frozen=True)
class EffectResult:
    """An effect on scores of 0–100, in points.

    effects: outcome, method (naive, ra, ipw, aipw), estimate with interval, p_adjusted over the outcomes, standardised
    (over the outcome's standard deviation), e_value of the estimate and of its limit next to 0 (aipw), n, n_treated.
    groups: the effect (aipw) by outcome and answer to the question `segment`, naive beside it, p_adjusted over the
    answers; missing where a side has fewer than `min_n`.
    differences: of the effect (aipw) between categories. balance: question, category, share of it among those with
    and without the treatment, standardised difference before and after weighting, n. overlap: share of either group
    by probability of treatment. trimmed: interviews outside `bound` … 1 − `bound` of that probability, left out.
    adjust: what is held constant.
    """

    effects: pd.DataFrame
    groups: pd.DataFrame
    differences: pd.DataFrame
    balance: pd.DataFrame
    overlap: pd.DataFrame
    n: int
    n_treated: int
    trimmed: int
    bound: float
    adjust: tuple[str, ...]

    def unlike(self) -> pd.DataFrame:
        """The largest standardised difference of each question's answers, before and after weighting."""
        size = self.balance[["question"]].assign(**self.balance[["before", "after"]].abs())
        return size.groupby("question", sort=False).max().reset_index()

    def record(self) -> dict[str, Any]:
        """Plain values: bases, trimming and the largest standardised differences."""
        largest = {f"largest_{when}": float(self.balance[when].abs().max()) for when in ("before", "after")}
        return (
            {name: getattr(self, name) for name in ("n", "n_treated", "trimmed", "bound")}
            | largest
            | {"adjust": list(self.adjust)}
        )


def estimate_effect(
    outcomes: pd.DataFrame,
    profile: pd.DataFrame,
    *,
    treatment: str,
    treated: Sequence[str],
    adjust: Sequence[str],
    by: str | None = None,
    design: SurveyDesign | None = None,
    seed: int = 0,
    confidence: float = 0.95,
    adjustment: Adjustment = "holm",
    min_n: int = 30,
) -> EffectResult:
    """Effect of having answered `treatment` with one of `treated`, on every column of `outcomes`.

    `adjust` and `by` are questions of the `profile`; over the interviews that have answered all of them and have all
    outcomes, a domain of the `design`, less those whom hardly anyone in the other group resembles (`overlap_bound`, and
    at least `SMALLEST`). Raises MethodError where fewer than `min_n` with or without the treatment are left.
    """
    chosen = design_of(design, len(outcomes))
    questions = asked(profile, list(dict.fromkeys([*adjust, *([by] if by else [])])))
    by = by if by in questions else None
    if not asked(profile, [treatment]):
        raise MethodError("Nobody was asked how they are served.", where=treatment, hint="correct drivers.effect")
    answered = profile[[treatment, *questions]].notna().all(axis=1).to_numpy()
    complete = answered & outcomes.notna().all(axis=1).to_numpy() & (chosen.weights != 0)
    has_it = _among(profile[treatment], treated).astype(np.float64)
    _check_groups(has_it[complete], min_n, treatment)
    probability = _propensity(has_it, profile, questions, chosen, complete)
    bound = max(overlap_bound(probability[complete], chosen.weights[complete]), SMALLEST)
    with np.errstate(invalid="ignore"):
        used = complete & (probability >= bound) & (probability <= 1 - bound)
    _check_groups(has_it[used], min_n, treatment)
    background = with_intercept(indicators(profile.loc[used], questions)[0])
    trial = _Trial(used, has_it[used], background, profile.loc[used], chosen, _folds(chosen, used, seed), confidence)
    effects, groups, differences = [], [], [pd.DataFrame(columns=list(DIFFERENCE_COLUMNS))]
    propensity = None
    for name in outcomes.columns:
        y, aipw = outcomes[name].to_numpy(dtype=np.float64)[used], trial.cross_fitted(outcomes[name], propensity)
        propensity = aipw.propensity
        effects.append(trial.overall(str(name), y, aipw))
        if by:
            groups.append(trial.by_category(str(name), y, aipw, by, adjustment, min_n))
            differences.append(trial.compared(str(name), aipw, by, adjustment))
    table = pd.concat(effects, ignore_index=True)
    families = table.groupby("method", sort=False)["p"]
    table["p_adjusted"] = families.transform(lambda p: adjust_p_values(p.to_numpy(), method=adjustment))
    return EffectResult(
        table[list(EFFECT_COLUMNS)],
        pd.concat(groups, ignore_index=True) if groups else pd.DataFrame(columns=list(GROUP_COLUMNS)),
        pd.concat(differences[1:] or differences, ignore_index=True),
        _balance(has_it, profile, questions, chosen.weights, used, probability),
        _overlap(has_it, probability, chosen.weights, complete),
        n=int(used.sum()),
        n_treated=int(has_it[used].sum()),
        trimmed=int(complete.sum() - used.sum()),
        bound=bound,
        adjust=tuple(questions),
    )


@dataclass(frozen=True)
class _Trial:
    """Those who are compared: rows of the survey, who has the treatment, their background, folds of the design."""

    used: NDArray[np.bool_]
    has_it: Floats
    background: Floats
    profile: pd.DataFrame
    design: SurveyDesign
    fold: NDArray[np.int64]
    confidence: float

    @property
    def weights(self) -> Floats:
        return self.design.weights[self.used]

    @cached_property
    def model(self) -> BinaryRegression:
        """Who has the treatment, by the background."""
        return binary_regression(self.has_it, self.background, self.weights)

    def cross_fitted(self, outcome: pd.Series[Any], propensity: Floats | None) -> Arms:
        """The effect of each on one outcome; `propensity`: as another outcome was told."""
        y, x = outcome.to_numpy(dtype=np.float64)[self.used], self.background
        return cross_fitted(y, self.has_it, x, x, self.weights, fold=self.fold, propensity=propensity)

    def overall(self, name: str, y: Floats, aipw: Arms) -> pd.DataFrame:
        """One row per method."""
        x, w, t = self.background, self.weights, self.has_it
        methods = {
            "naive": plain_difference(y, t, w),
            "ra": regression_adjustment(y, t, x, w),
            "ipw": inverse_weighting(y, t, x, w, model=self.model),
            "aipw": aipw,
        }
        table = self._tested(pd.DataFrame({key: arms.effect for key, arms in methods.items()}))
        table = table.assign(outcome=name, method=list(methods), n=len(y), n_treated=int(t.sum()))
        return _with_strength(table, _spread(y, w))

    def by_category(
        self, name: str, y: Floats, aipw: Arms, by: str, adjustment: Adjustment, min_n: int
    ) -> pd.DataFrame:
        """One row per answer to `by`: the effect on those people, and the plain difference among them."""
        columns, sizes = {}, []
        codes = _ordered(self.profile[by])
        for code in codes:
            inside = _among(self.profile[by], [code])
            sizes.append(int(inside.sum()))
            t = self.has_it[inside]
            for method in ("naive", "aipw"):
                values = np.full(len(y), np.nan)
                if min_n <= t.sum() <= len(t) - min_n:
                    plain = plain_difference(y[inside], t, self.weights[inside]).effect
                    values[inside] = plain if method == "naive" else aipw.effect[inside]
                columns[f"{method} {code}"] = values
        tested = self._tested(pd.DataFrame(columns))
        table = tested[1::2].reset_index(drop=True)
        table["naive"] = tested["estimate"].to_numpy()[::2]
        table["p_adjusted"] = adjust_p_values(table["p"].to_numpy(), method=adjustment)
        table = table.assign(outcome=name, segment=by, category=codes, n=sizes)
        return table[list(GROUP_COLUMNS)]

    def compared(self, name: str, aipw: Arms, by: str, adjustment: Adjustment) -> pd.DataFrame:
        """Differences of the effect between the answers to `by`, every pair."""
        values = np.full((self.design.rows, 1), np.nan)
        values[self.used, 0] = aipw.effect
        order, codes = _ordered(self.profile[by]), np.full(self.design.rows, -1)
        found, texts = text_codes(self.profile[by])
        codes[self.used] = np.array([order.index(text) for text in texts])[found]
        domain = pd.Series(pd.Categorical.from_codes(codes, pd.Index(order)))
        joint = estimate_jointly(pd.DataFrame(values, columns=["effect"]), design=self.design, domain=domain)
        table = compare_estimates(joint, adjustment=adjustment, confidence=self.confidence)
        table = table.rename(columns={"category_a": "a", "category_b": "b"}).assign(outcome=name, segment=by)
        return table[list(DIFFERENCE_COLUMNS)]

    def _tested(self, values: pd.DataFrame) -> pd.DataFrame:
        """Means of pseudo-values over the design, with interval and p; the rows that are not compared stay missing."""
        whole = np.full((self.design.rows, values.shape[1]), np.nan)
        whole[self.used] = values.to_numpy()
        frame = pd.DataFrame(whole, columns=values.columns)
        tested = compare_with_fixed(frame, np.zeros(values.shape[1]), design=self.design, confidence=self.confidence)
        return tested[["estimate", "se", "ci_low", "ci_high", "p"]]


def _propensity(
    has_it: Floats, profile: pd.DataFrame, questions: list[str], design: SurveyDesign, complete: NDArray[np.bool_]
) -> Floats:
    """Probability of the treatment by the background answers; missing outside the complete interviews."""
    x = with_intercept(indicators(profile.loc[complete], questions)[0])
    probability = np.full(len(has_it), np.nan)
    probability[complete] = binary_regression(has_it[complete], x, design.weights[complete]).probability
    return probability


def _folds(design: SurveyDesign, used: NDArray[np.bool_], seed: int) -> NDArray[np.int64]:
    unit = design.stages[0].unit
    return draw_folds(np.arange(design.rows)[used] if unit is None else unit[used], folds=FOLDS, seed=seed)


def _check_groups(has_it: Floats, min_n: int, question: str) -> None:
    treated = int(has_it.sum())
    if min(treated, len(has_it) - treated) < min_n:
        raise MethodError(
            "There are not enough people alike with and without the treatment to compare them.",
            where=question,
            expected=f"{min_n} interviews or more on either side",
            got=f"{treated} with it, {len(has_it) - treated} without it",
            hint="name other answers in drivers.effect.treated, or adjust for fewer questions",
        )


def _balance(
    has_it: Floats,
    profile: pd.DataFrame,
    questions: list[str],
    weights: Floats,
    used: NDArray[np.bool_],
    probability: Floats,
) -> pd.DataFrame:
    """Standardised differences (p₁ − p₀)/√((p₁q₁ + p₀q₀)/2), the denominator that of before (Austin 2009)."""
    t, w, p = has_it[used], weights[used], probability[used]
    rows = []
    for question in questions:
        answers = profile.loc[used, question]
        for code in _ordered(answers):
            member = _among(answers, [code]).astype(np.float64)
            share = [float(np.average(member, weights=w * arm)) for arm in (t, 1 - t)]
            after = [float(np.average(member, weights=w * arm)) for arm in (t / p, (1 - t) / (1 - p))]
            scale = np.sqrt(sum(s * (1 - s) for s in share) / 2) or np.nan
            gaps = ((share[0] - share[1]) / scale, (after[0] - after[1]) / scale)
            rows.append((question, code, *share, *gaps, int(member.sum())))
    return pd.DataFrame(rows, columns=list(BALANCE_COLUMNS))


def _overlap(has_it: Floats, probability: Floats, weights: Floats, complete: NDArray[np.bool_]) -> pd.DataFrame:
    """Share of those with and without the treatment in each tenth of its probability."""
    t, w, edges = has_it[complete], weights[complete], np.linspace(0, 1, BINS + 1)
    place = np.clip((probability[complete] * BINS).astype(int), 0, BINS - 1)
    parts = [np.bincount(place, weights=w * arm, minlength=BINS) / (w @ arm) for arm in (t, 1 - t)]
    counts = np.bincount(place, minlength=BINS)
    return pd.DataFrame(dict(zip(OVERLAP_COLUMNS, (edges[:-1], edges[1:], *parts, counts), strict=True)))


def _with_strength(table: pd.DataFrame, spread: float) -> pd.DataFrame:
    """Standardised estimates, and E-values of those by aipw."""
    bounds = table[["estimate", "ci_low", "ci_high"]].to_numpy(dtype=float)
    adjusted = (table["method"] == "aipw").to_numpy() & np.isfinite(bounds).all(axis=1) & (spread > 0)
    none = (np.nan, np.nan)
    strength = [
        e_value(value, low, high, spread) if own else none
        for (value, low, high), own in zip(bounds, adjusted, strict=True)
    ]
    table[["e_value", "e_value_limit"]] = strength
    return table.assign(standardised=table["estimate"] / spread if spread > 0 else np.nan)


def _spread(y: Floats, weights: Floats) -> float:
    return float(np.sqrt(np.average((y - np.average(y, weights=weights)) ** 2, weights=weights)))


def _among(answers: pd.Series[Any], chosen: Sequence[str]) -> NDArray[np.bool_]:
    """Which rows gave one of the answers `chosen`."""
    codes, texts = text_codes(answers)
    return np.asarray(np.isin(codes, [place for place, text in enumerate(texts) if text in chosen]))


def _ordered(answers: pd.Series[Any]) -> list[str]:
    """Answers that were given, in the order of a categorical, else sorted."""
    given = set(text_codes(answers)[1])
    if isinstance(answers.dtype, pd.CategoricalDtype):
        return [str(code) for code in answers.cat.categories if str(code) in given]
    return sorted(given)
