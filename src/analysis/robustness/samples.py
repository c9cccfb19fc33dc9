"""The interviews and weights of every specification: who is left out by cleaning, and how the rest is weighted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.edition.sections.weighting import NUMBERS, Calibration
from analysis.errors import MethodError
from analysis.survey.design.calibration import margin_calibration, regression_calibration
from analysis.survey.design.survey_design import drawn_design
from analysis.survey.weighting.nonresponse import NonresponseResult, adjust_nonresponse
from analysis.survey.weighting.stages import base_weights, build_constraints, rake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from analysis.edition.sections.weighting import Weighting
    from analysis.survey.design.survey_design import SurveyDesign

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

EVERYONE, KEPT, STRICT = CLEANED = ("everyone", "kept", "strict")
"""All accepted interviews; those that the rules of the edition keep; of these only those that no rule names."""
UNWEIGHTED, BASE, FITTED, OTHERWISE = WEIGHTED = ("unweighted", "base", "published", "otherwise")
"""All alike; by chance of selection; as published; fitted to the margins by another method, and not trimmed."""
ALIKE = 1e-6
"""Largest relative difference of weights that are the same."""


@dataclass(frozen=True)
class Frame:
    """What weights are made from: the rule of the edition, the margins of the population, and the cases sampled."""

    rule: Weighting
    population: pd.DataFrame | None
    cases: pd.DataFrame | None

    @property
    def margins(self) -> dict[str, dict[str, float]]:
        """Targets of each margin of the rule that the population table has."""
        if self.population is None:
            return {}
        groups = {str(name): rows for name, rows in self.population.groupby("variable")}
        return {
            name: {str(c): float(n) for c, n in zip(groups[name]["category"], groups[name]["population"], strict=True)}
            for name in self.rule.margins
            if name in groups
        }


def cleanings(decisions: pd.DataFrame, *, counted: Mask, least: int) -> tuple[dict[str, Mask], dict[str, str]]:
    """Which accepted interviews each way of cleaning keeps, and why others are no choice here.

    `decisions` are those of 03_cleaning. Two ways must differ by `least` of the interviews that are `counted`: the
    results of fewer would follow from a comparison.
    """
    judged = decisions[decisions["decision"] != "quarantined"]
    kept = judged["decision"].isin(["kept", "review"]).to_numpy()
    masks = {KEPT: kept, EVERYONE: np.ones(len(kept), bool), STRICT: kept & (judged["flags"] == 0).to_numpy()}
    left_out = {}
    for name in (EVERYONE, STRICT):
        apart = int(((masks[name] != kept) & counted).sum())
        if apart < least or not (masks[name] & counted).any():
            left_out[name] = "nobody" if not apart else "few" if (masks[name] & counted).any() else "none_left"
    return {name: masks[name] for name in CLEANED if name not in left_out}, left_out


def weightings(
    responses: pd.DataFrame, frame: Frame, *, own: SurveyDesign | None
) -> Iterator[tuple[str, SurveyDesign]]:
    """Designs of the same interviews under each way of weighting that can be had and is not like one before it.

    `own`: the published design, where these interviews are those that the report rests on. Elsewhere linearised
    variances know what the weights were fitted to (`survey.design.calibration`).
    """
    rule = frame.rule
    base = base_weights(responses, stratum=rule.stratum, population=frame.population, cases=frame.cases)
    nonresponse = _nonresponse(responses, base.weights, frame)
    made: list[Floats] = []
    for name in (FITTED, UNWEIGHTED, BASE, OTHERWISE):
        try:
            given = own if name == FITTED else None
            design = given or _design(name, responses, base.weights, nonresponse, frame)
        except MethodError:
            continue
        relative = design.weights / design.weights.mean()
        if not any(np.abs(relative - other).max() < ALIKE for other in made):
            made.append(relative)
            yield name, design


def _design(
    name: str, responses: pd.DataFrame, base: Floats, nonresponse: NonresponseResult | None, frame: Frame
) -> SurveyDesign:
    """The design of one way of weighting."""
    rule = frame.rule
    if name in {UNWEIGHTED, BASE}:
        return drawn_design(responses, weighting=rule, weights=np.ones(len(base)) if name == UNWEIGHTED else base)
    plain = name == FITTED
    calibration = rule.calibration if plain else _other(rule.calibration)
    fitted: dict[str, Any] = {"base": base, "nonresponse": nonresponse, "margins": frame.margins}
    limits: dict[str, Any] = {"max_iterations": rule.max_iterations, "tolerance": rule.tolerance}
    raked = rake(responses, **fitted, **limits, calibration=calibration, trim=rule.trimming if plain else None)
    design = drawn_design(responses, weighting=rule, weights=raked.weights)
    if not frame.margins:
        return design
    start = base if nonresponse is None else base * nonresponse.factors
    if calibration.numbers:
        fitted_to = build_constraints(responses, frame.margins, calibration)
        ones = np.ones((len(start), 1))
        known = np.hstack([ones, *(constraint.columns(ones) for constraint in fitted_to)])
        return replace(design, calibration=regression_calibration(start, known))
    columns = [responses[margin].astype(object).fillna("").astype(str) for margin in frame.margins]
    return replace(design, calibration=margin_calibration(start, columns))


def _other(rule: Calibration) -> Calibration:
    """Another distance than that of the edition."""
    known = {key: getattr(rule, key) for key in NUMBERS}
    return Calibration(method="raking" if rule.method == "linear" else "linear", **known)


def _nonresponse(responses: pd.DataFrame, base: Floats, frame: Frame) -> NonresponseResult | None:
    if frame.cases is None or frame.rule.nonresponse is None:
        return None
    options: dict[str, Any] = {"base": base, "rule": frame.rule.nonresponse, "stratum": frame.rule.stratum}
    return adjust_nonresponse(responses, frame.cases, **options)
