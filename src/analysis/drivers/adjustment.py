"""Fair comparison: units scored as if all of them served the same people, and the range that chance would explain.

The regression y = α_unit + x'β over the design holds the background answers x constant within units; a unit's
adjusted score is what it would reach with the people of all units, α_unit + x̄'β. That is the standardisation of the
NHS and CQC surveys, whose weights give every trust the national profile of age, sex and route of admission. With five
questions most of the cells that such weights need are empty, so a regression does it here, as in CAHPS (O'Malley et
al. 2005, Health Services Research 40, 2162–2181). What a unit scored less the difference to all is what its own
people led to expect.

Bands follow CQC: a unit is compared with the mean of all, and where there are many units, the spread between them
that no adjustment explains widens the expected range: τ² of the additive random-effects model from winsorised z
(Spiegelhalter et al. 2012, J. R. Statist. Soc. A 175, 1–47). Of few units τ² would be the very differences that are
asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.drivers.fitting import asked, indicators, least_squares, pseudo_values, rank, with_intercept
from analysis.errors import MethodError
from analysis.survey.design.codes import categorical, text_codes
from analysis.survey.design.survey_design import design_of
from analysis.survey.estimation.differences import Adjustment, adjust_p_values
from analysis.survey.estimation.estimates import means
from analysis.survey.estimation.fixed import compare_with_fixed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis.survey.design.survey_design import SurveyDesign

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

MANY = 10
"""Units from which on overdispersion can be told from the differences between them, and a funnel is drawn."""
WINSORISED = 0.1
"""Share of the z values that is pulled in at each end before τ² is estimated."""
UNIT_COLUMNS = (
    *("measure", "segment", "category", "score", "expected", "adjusted", "adjusted_low", "adjusted_high"),
    *("overall", "range_low", "range_high", "difference", "se", "ci_low", "ci_high", "p", "p_adjusted", "n"),
)
MEASURE_COLUMNS = ("measure", "overall", "units", "n", "spread_raw", "spread_adjusted", "dispersion", "tau")


@dataclass(frozen=True)
class FairComparison:
    """Scores of 0–100 by unit, as they are and adjusted.

    units: measure, segment (the question whose answers are the units), category, score, expected (of its own people),
    adjusted with interval, overall (all units), range_low and range_high (expected range of an adjusted score),
    difference (adjusted − overall) with se and interval (τ² included), p, p_adjusted within the measure, n.
    measures: measure, overall, units, n, spread_raw and spread_adjusted (standard deviation between units), dispersion
    (mean of the winsorised z²) and tau (missing below `MANY` units).
    """

    units: pd.DataFrame
    measures: pd.DataFrame

    def of_index(self) -> pd.DataFrame:
        """The units by the index, csi."""
        return self.units[self.units["measure"] == "csi"].reset_index(drop=True)

    def of_dimensions(self) -> pd.DataFrame:
        """The units by all other measures, each of them a construct."""
        rest = self.units[self.units["measure"] != "csi"]
        return rest.rename(columns={"measure": "construct"}).reset_index(drop=True)

    def funnel(self) -> pd.DataFrame | None:
        """The units by the index where there are so many that a funnel tells more than a list."""
        index = self.of_index()
        return index if len(index) >= MANY else None


def compare_fairly(
    scores: pd.DataFrame,
    profile: pd.DataFrame,
    *,
    unit: str,
    adjust: Sequence[str],
    design: SurveyDesign | None = None,
    confidence: float = 0.95,
    adjustment: Adjustment = "holm",
    min_n: int = 2,
) -> FairComparison:
    """Compare every column of `scores` between the answers to the question `unit`, holding the questions `adjust`.

    Over the interviews with a score and a unit, a domain of the `design` (none: a simple random sample); who left a
    background question unanswered is held constant as such, and a question that nobody answered left out. Units
    with fewer than `min_n` interviews are left out of a measure. Raises MethodError for fewer than two units, and
    where the background answers determine the unit.
    """
    chosen, adjust = design_of(design, len(scores)), asked(profile, adjust)
    if not asked(profile, [unit]):
        raise MethodError("Nobody was asked which unit is rated.", where=unit, hint="correct drivers.fair.unit")
    answered = profile[unit].notna().to_numpy() & (chosen.weights != 0)
    present = scores.notna().to_numpy() & answered[:, None]
    parts: dict[str, pd.DataFrame] = {}
    for pattern in dict.fromkeys(column.tobytes() for column in present.T):
        alike = [str(n) for n, column in zip(scores.columns, present.T, strict=True) if column.tobytes() == pattern]
        rows = np.frombuffer(pattern, dtype=bool)
        parts |= _compared(scores[alike], profile, rows, unit, adjust, chosen, confidence, min_n)
    units = pd.concat([parts[str(name)] for name in scores.columns], ignore_index=True)
    summary = pd.DataFrame([_summary(str(name), part) for name, part in units.groupby("measure", sort=False)])
    tau = units["measure"].map(summary.set_index("measure")["tau"].fillna(0.0)).to_numpy(dtype=float)
    banded = _with_range(units, tau, confidence)
    families = banded.groupby("measure", sort=False)["p"]
    banded["p_adjusted"] = families.transform(lambda p: adjust_p_values(p.to_numpy(), method=adjustment))
    return FairComparison(banded[list(UNIT_COLUMNS)], summary[list(MEASURE_COLUMNS)])


def overdispersion(difference: Floats, se: Floats) -> tuple[float, float]:
    """Mean φ of the squared winsorised z of the units, and τ by moments.

    τ² = max(0, (N·φ − (N − 1)) / (Σw − Σw²/Σw)) with w = 1/se² (Spiegelhalter et al. 2012, appendix).
    """
    z, count = np.sort(difference / se), len(se)
    cut = int(np.floor(WINSORISED * count))
    phi = float(np.mean(np.clip(z, z[cut], z[count - 1 - cut]) ** 2))
    weight = 1 / se**2
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    return phi, float(np.sqrt(max(0.0, (count * phi - (count - 1)) / scale)))


def _compared(
    scores: pd.DataFrame,
    profile: pd.DataFrame,
    present: Flags,
    unit: str,
    adjust: Sequence[str],
    design: SurveyDesign,
    confidence: float,
    min_n: int,
) -> dict[str, pd.DataFrame]:
    """One row per unit for each of the `scores`, all of them `present` in the same rows; without overdispersion."""
    used, codes = _used(profile[unit], present, min_n)
    belongs, texts = text_codes(profile.loc[used, unit])
    member = (belongs[:, None] == np.array([texts.index(code) for code in codes])[None, :]).astype(np.float64)
    background, _ = indicators(profile.loc[used], adjust)
    _check_told_apart(member, background)
    values, w = scores.to_numpy(dtype=np.float64)[used], design.weights[used]
    found = [_influences(y, w, member, background) for y in values.T]
    names = [f"{name} {code}" for name in scores.columns for code in codes]
    adjusted, difference = (
        pd.DataFrame(_at_their_places(np.hstack(part), used), columns=names) for part in zip(*found, strict=True)
    )
    known = means(adjusted, design=design, confidence=confidence)
    tested = compare_with_fixed(difference, np.zeros(len(names)), design=design, confidence=confidence)
    raw = means(scores, design=design, domain=categorical(profile[unit].where(used), codes))
    table = pd.DataFrame({"category": raw["category"], "segment": unit, "score": raw["estimate"], "n": raw["n"]})
    table[["adjusted", "adjusted_low", "adjusted_high"]] = known[["estimate", "ci_low", "ci_high"]].to_numpy()
    table[["difference", "se"]] = tested[["estimate", "se"]].to_numpy()
    table["expected"] = table["score"] - table["difference"]
    table["overall"] = np.repeat(np.average(values, axis=0, weights=w), len(codes))
    table["measure"], table["degrees"] = np.repeat([str(name) for name in scores.columns], len(codes)), design.limit
    return {str(name): part for name, part in table.groupby("measure", sort=False)}


def _used(unit: pd.Series[Any], present: Flags, min_n: int) -> tuple[Flags, list[str]]:
    """Rows that count, and the units in the order of the question's categories, else sorted."""
    answers, texts = text_codes(unit)
    counts = np.bincount(answers[present & (answers >= 0)], minlength=len(texts))
    sizes = {text: int(count) for text, count in zip(texts, counts, strict=True) if count}
    listed = [str(code) for code in unit.cat.categories] if isinstance(unit.dtype, pd.CategoricalDtype) else []
    codes = [*(code for code in listed if code in sizes), *sorted(set(sizes) - set(listed))]
    codes = [code for code in codes if sizes[code] >= min_n]
    if len(codes) < 2:
        raise MethodError(
            "There are not two units to compare.",
            where=str(unit.name),
            expected=f"two answers with {min_n} interviews or more each",
            got=str(len(codes)),
        )
    return np.asarray(present & np.isin(answers, [texts.index(code) for code in codes])), codes


def _check_told_apart(member: Floats, background: Floats) -> None:
    both = np.hstack([member, background])
    needed = member.shape[1] + rank(with_intercept(background)) - 1
    if len(both) <= needed or rank(both) < needed:
        raise MethodError(
            "The background answers determine the unit, so that they can't be held constant.",
            expected=f"more than {needed} interviews, and units with people of several kinds",
            got=f"{len(both)} interviews",
            hint="leave a question out of drivers.fair.adjust",
        )


def _influences(y: Floats, w: Floats, member: Floats, background: Floats) -> tuple[Floats, Floats]:
    """Pseudo-values of the adjusted scores and of their differences to the mean of all: rows × units each."""
    units, total, mean = member.shape[1], w.sum(), float(np.average(y, weights=w))
    fit = least_squares(y, np.hstack([member, background - np.average(background, axis=0, weights=w)]), w)
    level, influence = fit.coefficients[:units], fit.influence_on(np.eye(fit.x.shape[1])[:, :units])
    share = w @ member / total
    # Σ_v s_v·α_v: both the shares s_v and the levels α_v are estimates.
    mean_of_all = influence @ share + (w / total) * (member @ level - share @ level)
    moved, overall = influence - mean_of_all[:, None], (w / total) * (y - mean)
    difference = level - share @ level
    return (
        pseudo_values(mean + difference, moved + overall[:, None], w),
        pseudo_values(difference, moved, w),
    )


def _at_their_places(values: Floats, used: Flags) -> Floats:
    """The rows of `values` at their places among all interviews, missing elsewhere."""
    whole = np.full((len(used), values.shape[1]), np.nan)
    whole[used] = values
    return whole


def _summary(name: str, part: pd.DataFrame) -> dict[str, Any]:
    difference, se = part["difference"].to_numpy(), part["se"].to_numpy()
    phi, tau = overdispersion(difference, se) if len(part) >= MANY and (se > 0).all() else (np.nan, np.nan)
    return {
        "measure": name,
        "overall": float(part["overall"].iloc[0]),
        "units": len(part),
        "n": int(part["n"].sum()),
        "spread_raw": float(part["score"].std()),
        "spread_adjusted": float(part["adjusted"].std()),
        "dispersion": phi,
        "tau": tau,
    }


def _with_range(units: pd.DataFrame, tau: Floats, confidence: float) -> pd.DataFrame:
    """Differences with τ² added to their variance, and the range in which an adjusted score is to be expected."""
    from scipy.special import stdtr, stdtrit

    se = np.sqrt(units["se"].to_numpy() ** 2 + tau**2)
    degrees = np.maximum(units["degrees"].to_numpy(), 1.0)
    half = stdtrit(degrees, 0.5 + confidence / 2) * se
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * stdtr(degrees, -np.abs(units["difference"].to_numpy() / se))
    return units.assign(
        se=se,
        p=np.where(se > 0, p, np.nan),
        ci_low=units["difference"] - half,
        ci_high=units["difference"] + half,
        range_low=units["overall"] - half,
        range_high=units["overall"] + half,
    )
