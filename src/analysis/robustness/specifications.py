"""The specification curve: the index and a ranking under every combination of choices that could be defended.

Every choice of cleaning, weighting, missing answers and scoring is combined with every other, and each combination is
estimated like the published one (Simonsohn, Simmons & Nelson 2020, Nature Human Behaviour 4; Steegen et al. 2016,
Perspectives on Psychological Science 11). What moves with a choice rests on it; the spread over the combinations is no
sampling error, and is not added to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.drivers.importance import lmg
from analysis.drivers.sampling_error import estimate_from_covariances
from analysis.errors import MethodError
from analysis.robustness.samples import CLEANED, FITTED, KEPT, WEIGHTED, Frame, cleanings, weightings
from analysis.robustness.scoring import (
    AVAILABLE,
    HIGH,
    MISSING,
    PUBLISHED,
    SCORED,
    Ratings,
    ratings,
    scorings,
)
from analysis.satisfaction.customers import is_customer
from analysis.satisfaction.index import score_respondents
from analysis.satisfaction.segments import asked, ordered_answers
from analysis.survey.design.codes import Domains, domain_codes
from analysis.survey.estimation.estimates import means
from analysis.survey.estimation.linearisation import estimate_domains

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from analysis.edition.instrument import Instrument
    from analysis.edition.sections.index import Index
    from analysis.survey.design.survey_design import SurveyDesign

    Floats = NDArray[np.float64]

LMG, REGRESSION = DRIVEN = ("lmg", "regression")
"""How the drivers are put in order: by their shares in the explained variance, by their standardised coefficients."""
CHOICES = {"cleaning": CLEANED, "weighting": WEIGHTED, "missing": MISSING, "scoring": SCORED, "driven": DRIVEN}
"""Every choice with its options, in their order."""
AS_PUBLISHED = {"cleaning": KEPT, "weighting": FITTED, "missing": AVAILABLE, "scoring": PUBLISHED, "driven": LMG}
SPECIFICATION_COLUMNS = (
    *("specification", "cleaning", "weighting", "missing", "scoring"),
    *("estimate", "se", "ci_low", "ci_high", "n", "n_everyone", "segment", "first", "last", "order_kept", "published"),
)
DRIVER_COLUMNS = (
    *(
        "cleaning",
        "weighting",
        "missing",
        "driven",
        "first",
        "strength",
        "ci_low",
        "ci_high",
        "n",
        "n_everyone",
        "published",
    ),
)
CHOICE_COLUMNS = (
    *("choice", "option", "specifications", "shift", "shift_low", "shift_high"),
    *("first_kept", "last_kept", "driver_kept"),
)


@dataclass(frozen=True)
class Curve:
    """What every specification finds.

    specifications: the columns of SPECIFICATION_COLUMNS, by estimate: points on 0–100, of the scoring `high` percent of
    high ratings; first and last are the categories of the segment with the highest and lowest index, order_kept the
    share of all pairs of categories that stand as in the published ranking (missing without a segment). drivers: the
    columns of DRIVER_COLUMNS; strength is a share of the explained variance (lmg) or a standardised coefficient.
    choices: a row for every option: shift is the mean change of the index against the published option, all else alike,
    between shift_low and shift_high; first_kept, last_kept and driver_kept are the shares of the specifications with
    the option that agree with the published result. left_out: options that are no choice here, and why.
    """

    specifications: pd.DataFrame
    drivers: pd.DataFrame
    choices: pd.DataFrame
    segment: str | None
    outcome: str | None
    left_out: Mapping[str, str]

    def record(self) -> dict[str, Any]:
        """Plain values by name."""
        return {"segment": self.segment, "outcome": self.outcome, "left_out": dict(self.left_out)}


@dataclass(frozen=True)
class Survey:
    """What the report rests on.

    responses: all accepted interviews; decisions: what cleaning decided of each; scores: those of the interviews kept;
    design: their published design; frame: what it was made from; weights: published weights of the dimensions; error:
    se, ci_low and ci_high of the index as published, where weights from the sample are part of it.
    """

    responses: pd.DataFrame
    decisions: pd.DataFrame
    scores: pd.DataFrame
    design: SurveyDesign
    frame: Frame
    weights: Mapping[str, float]
    error: Mapping[str, float] = field(default_factory=dict)


def specification_curve(
    survey: Survey, *, instrument: Instrument, index: Index, outcome: str | None, least: int
) -> Curve:
    """Estimate the index, the ranking of the first segment and the order of the drivers under every specification.

    Intervals are design-based: those of the published design (with its replicates) for the published weighting of the
    interviews kept, elsewhere linearised. `outcome`: construct that the drivers explain. `least`: interviews of a
    category that is ranked, and by which two options have to differ. Raises MethodError without an index.
    """
    every = ratings(survey.responses, instrument=instrument, index=index)
    customers = is_customer(survey.responses, index=index).to_numpy()
    counted = customers & every.rated
    masks, left_out = cleanings(survey.decisions, counted=counted, least=least)
    missing, open_ended = _treatments(every, masks, counted, least)
    satisfaction = _outcome(survey, instrument, index, outcome)
    kept = masks[KEPT]
    ways = scorings(
        every.at(kept),
        published=survey.weights,
        satisfaction=None if satisfaction is None else satisfaction[kept],
        weights=survey.design.weights * customers[kept],
    )
    segment = next(iter(asked(index.segments, survey.responses)), None)
    found, driven = [], []
    for cleaning, mask in masks.items():
        rows = survey.responses[mask].reset_index(drop=True)
        inside = customers[mask]
        values, scores = _values(every.at(mask), missing, ways, inside)
        groups = None if segment is None else ordered_answers(rows[segment].where(inside), instrument)
        domains = None if groups is None else domain_codes(groups, len(rows))
        for weighting, design in _designs(survey, rows, cleaning, left_out):
            named = {"cleaning": cleaning, "weighting": weighting}
            found.append(_estimated(values, design, domains, confidence=index.confidence, least=least).assign(**named))
            if satisfaction is not None and len(every.dimensions) > 1:
                outcomes = np.where(inside, satisfaction[mask], np.nan)
                table = _drivers(scores, every.dimensions, outcomes, design, inside, confidence=index.confidence)
                driven.append(table.assign(**named))
    return _assembled(survey, found, driven, segment, outcome, left_out | open_ended)


def _designs(
    survey: Survey, rows: pd.DataFrame, cleaning: str, left_out: dict[str, str]
) -> list[tuple[str, SurveyDesign]]:
    """Designs of the interviews that a way of cleaning keeps; where some can't have a weight it is no choice."""
    try:
        return list(weightings(rows, survey.frame, own=survey.design if cleaning == KEPT else None))
    except MethodError:
        left_out[cleaning] = "unweighted"
        return []


def _assembled(
    survey: Survey,
    found: list[pd.DataFrame],
    driven: list[pd.DataFrame],
    segment: str | None,
    outcome: str | None,
    left_out: Mapping[str, str],
) -> Curve:
    """The specifications in their order, marked and counted."""
    specifications = _numbered(_of_everyone(found))
    specifications.loc[specifications["published"], list(survey.error)] = list(survey.error.values())
    told = [table for table in driven if len(table)]
    drivers = _marked(_of_everyone(told), "driven") if told else pd.DataFrame()
    return Curve(
        _ranked(specifications).assign(segment=segment)[list(SPECIFICATION_COLUMNS)],
        drivers[list(DRIVER_COLUMNS)] if len(drivers) else pd.DataFrame(columns=list(DRIVER_COLUMNS)),
        _choices(specifications, drivers),
        segment,
        outcome if len(drivers) else None,
        left_out,
    )


def _of_everyone(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """All specifications, with the largest number of interviews that any of them rests on."""
    table = pd.concat(tables, ignore_index=True)
    return table.assign(n_everyone=int(table["n"].max()))


def _outcome(survey: Survey, instrument: Instrument, index: Index, outcome: str | None) -> Floats | None:
    """Score of the outcome of every accepted interview; None where it was not asked."""
    if outcome is None or outcome not in survey.scores or survey.scores[outcome].isna().all():
        return None
    scored = score_respondents(survey.responses, instrument=instrument, index=index)
    return scored[outcome].to_numpy(dtype=np.float64)


def _treatments(
    every: Ratings, masks: Mapping[str, NDArray[np.bool_]], counted: NDArray[np.bool_], least: int
) -> tuple[list[str], dict[str, str]]:
    """Ways of treating missing answers that there are: `least` customers must have left something open, and complete
    interviews must be there.
    """
    gaps = [int((~every.complete & mask & counted).sum()) for mask in masks.values()]
    whole = [int((every.complete & mask & counted).sum()) for mask in masks.values()]
    if min(gaps) >= least and min(whole) >= least:
        return list(MISSING), {}
    reason = "nobody" if not max(gaps) else "none_left" if min(whole) < least else "few"
    return [AVAILABLE], {name: reason for name in MISSING if name != AVAILABLE}


def _values(
    given: Ratings, missing: Iterable[str], ways: Mapping[str, Any], inside: NDArray[np.bool_]
) -> tuple[pd.DataFrame, dict[str, Floats]]:
    """The index of every customer, a column for each treatment of missing answers and way of scoring; and the scores of
    the dimensions by treatment.
    """
    columns, scores = {}, {}
    for name in missing:
        treated = given.treated(name)
        for scoring, way in ways.items():
            columns[f"{name}\t{scoring}"] = np.where(inside, way.index(treated), np.nan)
        scores[name] = treated.plain
    return pd.DataFrame(columns), scores


def _estimated(
    values: pd.DataFrame, design: SurveyDesign, domains: Domains | None, *, confidence: float, least: int
) -> pd.DataFrame:
    """Level of every column with its interval, and the index of every category (columns `=code`, of enough people)."""
    table = means(values, design=design, confidence=confidence)
    table[["missing", "scoring"]] = table["variable"].str.split("\t", expand=True)
    table = table[["missing", "scoring", "estimate", "se", "ci_low", "ci_high", "n"]]
    if domains is None:
        return table
    matrix = values.to_numpy(dtype=np.float64)
    plain = replace(design, calibration=None, replicates=None)
    level = estimate_domains(matrix, None, design=plain, domains=domains, kind="ratio")
    shown = np.where(level.n >= least, level.estimate, np.nan)
    return table.assign(**{f"={name}": shown[place] for place, name in enumerate(domains.names)})


def _drivers(
    scores: Mapping[str, Floats],
    dimensions: Sequence[str],
    outcome: Floats,
    design: SurveyDesign,
    inside: NDArray[np.bool_],
    *,
    confidence: float,
) -> pd.DataFrame:
    """The strongest driver by each method and treatment of missing answers, with its strength."""
    rows, plain = [], replace(design, calibration=None)
    for missing, plain_scores in scores.items():
        values = np.column_stack([plain_scores, outcome])
        values[~inside] = np.nan
        try:
            joint = estimate_from_covariances(values, _strengths, design=plain)
        except MethodError:
            continue
        count, half = len(dimensions), joint.half_width(confidence)
        for place, method in enumerate(DRIVEN):
            own = slice(place * count, (place + 1) * count)
            best = int(np.argmax(joint.estimate[own]))
            strength, width = float(joint.estimate[own][best]), float(half[own][best])
            rows.append((missing, method, dimensions[best], strength, strength - width, strength + width, joint.n))
    return pd.DataFrame(rows, columns=["missing", "driven", "first", "strength", "ci_low", "ci_high", "n"])


def _strengths(covariance: Floats) -> Floats:
    """Shares in the explained variance, then standardised coefficients: (r, p + 1, p + 1) in, (r, 2p) out."""
    shares = lmg(covariance)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = shares / shares.sum(axis=-1, keepdims=True)
    spread = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    slopes = np.linalg.pinv(covariance[..., :-1, :-1], hermitian=True) @ covariance[..., :-1, -1:]
    scaled = slopes[..., 0] * spread[..., :-1] / np.where(spread[..., -1:] > 0, spread[..., -1:], np.nan)
    return np.concatenate([shares, scaled], axis=-1)


def _numbered(table: pd.DataFrame) -> pd.DataFrame:
    """Specifications by their estimate, those in points before those in percent; whether each is the published one."""
    table = _marked(table, "scoring")
    table = table.assign(percent=table["scoring"] == HIGH).sort_values(["percent", "estimate"], kind="stable")
    return table.reset_index(drop=True).assign(specification=np.arange(1, len(table) + 1))


def _marked(table: pd.DataFrame, last: str) -> pd.DataFrame:
    parts = ("cleaning", "weighting", "missing", last)
    alike = [table[name] == AS_PUBLISHED[name] for name in parts]
    return table.assign(published=np.logical_and.reduce(alike))


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    """First and last category of every specification, and the share of pairs in the published order."""
    names = [name for name in table if str(name).startswith("=")]
    values = table[names].to_numpy(dtype=np.float64)
    own = values[table["published"].to_numpy()][0] if names and table["published"].any() else np.array([])
    if np.isfinite(own).sum() < 2:
        return table.assign(first=None, last=None, order_kept=np.nan)
    codes = np.array([str(name)[1:] for name in names], dtype=object)
    above, below = np.triu_indices(len(names), k=1)
    with np.errstate(invalid="ignore"):
        agreed = np.sign(values[:, above] - values[:, below]) == np.sign(own[above] - own[below])
    known = np.isfinite(values[:, above] + values[:, below]) & np.isfinite(own[above] + own[below])
    first = codes[np.where(np.isfinite(values), values, -np.inf).argmax(axis=1)]
    last = codes[np.where(np.isfinite(values), values, np.inf).argmin(axis=1)]
    kept = (agreed & known).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return table.assign(first=first, last=last, order_kept=kept)


def _choices(specifications: pd.DataFrame, drivers: pd.DataFrame) -> pd.DataFrame:
    """What each option does: a row for every option of every choice that has two or more."""
    ranked, rows = _ranked(specifications), []
    for choice, options in CHOICES.items():
        known = [o for o in options if any(choice in t and (t[choice] == o).any() for t in (ranked, drivers))]
        for option in known if len(known) > 1 else ():
            own = ranked[ranked[choice] == option] if choice in ranked else ranked.iloc[:0]
            told = drivers[drivers[choice] == option] if choice in drivers else drivers.iloc[:0]
            shift = _shifts(specifications, choice, option)
            row = {"choice": choice, "option": option, "specifications": max(len(own), len(told))}
            row |= {"shift": shift.mean(), "shift_low": shift.min(), "shift_high": shift.max()}
            row |= {"first_kept": _kept(own, ranked, "first"), "last_kept": _kept(own, ranked, "last")}
            rows.append(row | {"driver_kept": _kept(told, drivers, "first")})
    return pd.DataFrame(rows, columns=list(CHOICE_COLUMNS))


def _shifts(table: pd.DataFrame, choice: str, option: str) -> pd.Series[float]:
    """Change of the index, in points, by an option against the published one, all other choices alike."""
    if choice not in table or option in {HIGH, AS_PUBLISHED[choice]}:
        return pd.Series(dtype=float)
    others = [name for name in ("cleaning", "weighting", "missing", "scoring") if name != choice]
    points = table[table["scoring"] != HIGH]
    sides = [points[points[choice] == name].set_index(others)["estimate"] for name in (option, AS_PUBLISHED[choice])]
    return (sides[0] - sides[1]).dropna()


def _kept(some: pd.DataFrame, every: pd.DataFrame, name: str) -> float:
    """Share of some specifications that agree with the published one; missing where there is none to agree with."""
    own = every.loc[every["published"], name] if len(every) else every
    if not len(some) or not len(own) or own.isna().iloc[0]:
        return np.nan
    return float((some[name] == own.iloc[0]).mean())
