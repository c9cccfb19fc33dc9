"""Earlier waves made ready like the edition's own: the same rules of cleaning and weighting, each by its own design."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.errors import MethodError
from analysis.survey.cleaning.rules import clean
from analysis.survey.design.survey_design import SurveyDesign, drawn_design
from analysis.survey.weighting.replicates import replicate_weights
from analysis.survey.weighting.stages import base_weights, rake

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.edition.instrument import Instrument
    from analysis.edition.sections.cleaning import Cleaning
    from analysis.edition.sections.weighting import Weighting

    Margins = Mapping[str, Mapping[str, float]]

DESIGN = ("stratum", "psu", "fpc")


@dataclass(frozen=True)
class Wave:
    """The interviews of a wave that were kept, and how they were drawn and weighted.

    accepted: interviews before cleaning. base: where the design weights come from (given, strata, equal), "published"
    in the edition's own wave, which 04_weighting weighted. margins: profile questions that the weights were fitted to.
    """

    label: str
    responses: pd.DataFrame
    design: SurveyDesign
    accepted: int
    base: str
    margins: tuple[str, ...] = ()


def own_wave(
    label: str, responses: pd.DataFrame, *, design: SurveyDesign, accepted: int, weighting: Mapping[str, Any]
) -> Wave:
    """The edition's own wave as 03_cleaning and 04_weighting left it; `weighting` is the record of the latter."""
    return Wave(label, responses, design, accepted, str(weighting["base_source"]), ("",) * bool(weighting["available"]))


@dataclass(frozen=True)
class Rules:
    """What a wave is made ready by: questionnaire, rules of cleaning and weighting, seed of the replicates."""

    instrument: Instrument
    cleaning: Cleaning
    weighting: Weighting
    seed: int


def earlier_waves(interviews: pd.DataFrame, *, rules: Rules, population: pd.DataFrame | None = None) -> list[Wave]:
    """Clean and weight every wave of `interviews` (wave, and the columns of the responses) by itself, in their order.

    The rules are those of the edition; a step needs what the wave asked. `population` gives
    the margins, which are taken to hold for every wave. One that a wave did not ask, or that has a category without
    interviews in it, is left out in that wave, and so are design columns that it does not have. Cases without interview
    are known of the edition's own wave only, so that nothing is adjusted for nonresponse but by the margins.
    Raises MethodError where the cleaning leaves no interview of a wave.
    """
    made = []
    for label, rows in interviews.groupby("wave", sort=False):
        frame = rows.drop(columns="wave").dropna(axis="columns", how="all").reset_index(drop=True)
        made.append(_prepared(str(label), frame, rules, population))
    return made


def _prepared(label: str, frame: pd.DataFrame, rules: Rules, population: pd.DataFrame | None) -> Wave:
    asked = [key for key in rules.instrument.item_keys if key in frame]
    instrument = with_items(rules.instrument, asked)
    try:
        kept = clean(frame, instrument=instrument, cleaning=rules.cleaning).kept
    except MethodError as error:
        raise _in_wave(label, error) from None
    rule = _known_design(rules.weighting, kept)
    base = base_weights(kept, stratum=rule.stratum, population=_with_strata(population, kept, rule.stratum))
    margins = usable_margins(kept, rule, population)
    calibration = rule.calibration.known(set(map(str, kept)) if margins else ())
    rule = rule.model_copy(update={"calibration": calibration})
    options: dict[str, Any] = {"base": base.weights, "margins": margins, "nonresponse": None}
    limits: dict[str, Any] = {"max_iterations": rule.max_iterations, "tolerance": rule.tolerance}
    try:
        raked = rake(kept, **options, **limits, calibration=calibration, trim=rule.trimming)
    except MethodError as error:
        raise _in_wave(label, error) from None
    drawn = replicate_weights(kept, **options, rule=rule, seed=rules.seed) if rule.replicates else None
    design = drawn_design(
        kept, weighting=rule, weights=raked.weights, replicates=drawn.replicates if drawn is not None else None
    )
    return Wave(label, kept, design, len(frame), base.source, tuple(margins))


def _in_wave(label: str, error: MethodError) -> MethodError:
    """The same error, with the wave that it is of."""
    facts = {name: getattr(error, name) for name in ("where", "expected", "got", "hint")}
    return MethodError(f"Wave {label}: {error.problem}", **facts)


def with_items(instrument: Instrument, items: list[str]) -> Instrument:
    """The questionnaire with these items only, and the constructs that any of them measures."""
    wanted, parts = set(items), []
    for construct in instrument.constructs:
        left = tuple(item for item in construct.items if item.key in wanted)
        if left:
            parts.append(construct.model_copy(update={"items": left}))
    return instrument.model_copy(update={"constructs": tuple(parts), "journey": ()})


def _known_design(rule: Weighting, frame: pd.DataFrame) -> Weighting:
    """The rule without the design columns that some interview of the wave has no value in."""
    named = {key: getattr(rule, key) for key in DESIGN}
    absent = [
        key for key, name in named.items() if name is not None and (name not in frame or frame[name].isna().any())
    ]
    return rule.model_copy(update=dict.fromkeys(absent)) if absent else rule


def _with_strata(population: pd.DataFrame | None, frame: pd.DataFrame, stratum: str | None) -> pd.DataFrame | None:
    """The population where it has every stratum of the wave."""
    if population is None or stratum is None:
        return None
    known = set(population.loc[population["variable"] == stratum, "category"].astype(str))
    return population if set(frame[stratum].astype(str)) <= known else None


def usable_margins(
    frame: pd.DataFrame, rule: Weighting, population: pd.DataFrame | None
) -> dict[str, dict[str, float]]:
    """Targets of the margins that a wave can be fitted to: those it asked, with interviews in every category alone."""
    if population is None:
        return {}
    found: dict[str, dict[str, float]] = {}
    for name in rule.margins:
        rows = population[population["variable"] == name]
        targets = {str(key): float(size) for key, size in zip(rows["category"], rows["population"], strict=True)}
        if name in frame and targets and set(frame[name].dropna().astype(str)) == set(targets):
            found[name] = targets
    return found
