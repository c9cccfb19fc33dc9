"""Levels of every wave and the changes between them, with what the samples share.

Waves whose samples were drawn anew are strata of one design: the variance of a change is the sum of two. Where persons
(or sampling units, where the edition names them) answer in several waves, they are the units of one sample over all
waves, of which each wave is a domain, and V(a − b) = V(a) + V(b) − 2·C(a, b) with the covariance of their scores
(Kish 1965, §12.4; Lumley 2010, §5; R survey: svydesign(ids = ~person), svyby by wave, svycontrast).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.periods import PER_YEAR, WAVES, frequency_of, number_of
from analysis.survey.design.survey_design import specify_design
from analysis.survey.estimation.differences import adjust_p_values, compare_estimates, estimate_jointly
from analysis.survey.estimation.estimates import means, proportions
from analysis.waves.scores import CSAT, CSI, comparable, scores_of_waves

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from analysis.edition.instrument import Instrument
    from analysis.edition.sections.index import Index
    from analysis.edition.sections.trend import Trend
    from analysis.survey.design.sampling_stages import Singleton
    from analysis.survey.design.survey_design import SurveyDesign
    from analysis.waves.prepared import Wave
    from analysis.waves.scores import Comparable

    Floats = NDArray[np.float64]
    Strings = NDArray[Any]

LEVEL_COLUMNS = ("wave", "measure", "estimate", "se", "ci_low", "ci_high", "n", "n_eff")
CHANGE_COLUMNS = (
    *("measure", "change", "wave", "against", "before", "after"),
    *("difference", "se", "ci_low", "ci_high", "p", "p_adjusted", "n"),
)
NUMBERED_UP_TO = 2.0
"""Ids that are whole numbers up to so many times the interviews of their wave number the interviews."""


@dataclass(frozen=True)
class WaveResult:
    """What the waves come to: scores on 0–100, the share of satisfied customers (csat) on 0–1.

    levels: wave, measure (csi, csat, a construct), estimate, se, ci_low, ci_high, n, n_eff, each over the design of its
    own wave. changes: measure, change (wave: on the one before; of the latest wave also year, edition, first), wave,
    against, before, after, difference, se, ci_low, ci_high, p, p_adjusted, n (the smaller of the two bases). samples:
    wave, accepted, n, base, margins (whether fitted to any), items (rated ones that were asked), shared (respondents
    also in the wave before). common: the questions compared. overlap: interviews of persons who answered in more than
    one wave.
    """

    levels: pd.DataFrame
    changes: pd.DataFrame
    samples: pd.DataFrame
    common: Comparable
    overlap: int

    def series(self) -> pd.DataFrame:
        """The index by wave as `trend.series` takes it: wave, csi, se, ci_low, ci_high, n, source."""
        table = self.levels[self.levels["measure"] == CSI].rename(columns={"estimate": "csi"})
        latest = table["wave"] == self.samples["wave"].iloc[-1]
        table = table.assign(source=np.where(latest, "this_edition", "measured"))
        names = ["wave", "csi", "se", "ci_low", "ci_high", "n", "source"]
        return table[names].reset_index(drop=True)

    def scores(self) -> pd.DataFrame:
        """Levels of the index and the constructs."""
        return _rows(self.levels, self.levels["measure"] != CSAT)

    def shares(self) -> pd.DataFrame:
        """Share of satisfied customers of every wave."""
        return _rows(self.levels, self.levels["measure"] == CSAT)

    def steps(self) -> pd.DataFrame:
        """Every wave of the index against the one before, and the latest against a few others."""
        return _rows(self.changes, self.changes["measure"] == CSI)

    def share_steps(self) -> pd.DataFrame:
        """The same of the share of satisfied customers."""
        return _rows(self.changes, self.changes["measure"] == CSAT)

    def parts(self) -> pd.DataFrame:
        """The constructs in the latest wave, against the one before and the first."""
        labels = self.samples["wave"].tolist()
        near = self.changes["against"].isin([*labels[-2:-1], labels[0]])
        constructs = ~self.changes["measure"].isin([CSI, CSAT])
        return _rows(self.changes, constructs & (self.changes["wave"] == labels[-1]) & near)

    def record(self) -> dict[str, Any]:
        """What the report says of the waves, plain values by name."""
        return {
            "waves": len(self.samples),
            "overlap": self.overlap,
            "left_out": self.common.left_out,
            "dimensions": self.common.dimensions,
        }


def _rows(table: pd.DataFrame, chosen: pd.Series[bool]) -> pd.DataFrame:
    found: pd.DataFrame = table[chosen].reset_index(drop=True)
    return found


def compare_waves(
    earlier: Sequence[Wave],
    own: Wave,
    *,
    instrument: Instrument,
    index: Index,
    trend: Trend,
    published: Mapping[str, Any],
    singleton: Singleton = "centred",
) -> WaveResult:
    """Levels and changes of the index, the share of satisfied customers and every construct over the waves.

    The latest wave, `own`, is held against those that `trend.change.changes` names; every other one against the one
    before. p values are adjusted by `index.adjustment`: those of the index, and of the share, over all changes of its
    course; those of constructs over the constructs that are compared between the same two waves. `published` is the
    record of 05_satisfaction with the `weights` of the dimensions, which hold in every wave. Raises MethodError without
    an earlier wave.
    """
    if not earlier:
        raise MethodError("There is no earlier wave to compare with.", expected="at least 2 waves")
    waves = [*earlier, own]
    common = comparable(waves, instrument)
    scores = scores_of_waves(waves, common, instrument=instrument, index=index, weights=published["weights"])
    person = persons(waves, panel=trend.panel)
    levels = _levels(scores, waves, trend.confidence)
    design = joined_design(waves, person, singleton=singleton)
    changes = _changes(scores, levels, design, waves, trend=trend)
    overlap = int(person.isin(person[person.duplicated()]).sum()) if person is not None else 0
    return WaveResult(
        levels[list(LEVEL_COLUMNS)],
        _adjusted(changes, index),
        _samples(waves, instrument, person),
        common,
        overlap,
    )


def persons(waves: Sequence[Wave], *, panel: bool | None) -> pd.Series[str] | None:
    """Who gave each interview, where some answered in several waves; None where every wave has people of its own.

    An id that several waves have is one person, unless `panel` is false or, where it is None, ids number the interviews
    of a wave (whole numbers hardly beyond their count): such a numbering begins anew in the next wave.
    """
    ids = [wave.responses["respondent_id"].astype("str") for wave in waves]
    numbered = [_is_numbering(one) for one in ids]
    if panel is False or (panel is None and any(numbered)):
        return None
    who = pd.concat(ids, ignore_index=True)
    return who if who.duplicated().any() else None


def _is_numbering(ids: pd.Series[str]) -> bool:
    numbers = pd.to_numeric(ids, errors="coerce")
    return bool(numbers.notna().all() and (numbers % 1 == 0).all() and numbers.max() <= NUMBERED_UP_TO * len(ids) + 10)


def joined_design(waves: Sequence[Wave], person: pd.Series[str] | None, *, singleton: Singleton) -> SurveyDesign:
    """All interviews as one design: waves as strata or, where persons answer in several, persons as units.

    Sampling units and strata that every wave has take the place of persons, and part the sample; a person who changed
    the stratum stays in that of the first interview. Population sizes and replicates stay with the waves
    (`_scaled`): the joint variance is that of linearisation.
    """
    weights = np.concatenate([wave.design.weights for wave in waves])
    strata, units = (_column(waves, name) for name in ("stratum", "psu"))
    if person is None:
        label = np.repeat([wave.label for wave in waves], [wave.design.rows for wave in waves]).astype(object)
        part = label if strata is None else label + "\t" + np.where(strata == "", "", strata)
        if units is not None:
            number = np.arange(len(label)).astype(str).astype(object)
            units = label + "\t" + np.where(units == "", "#" + number, units)
        return specify_design(len(weights), weights=weights, strata=part, psu=units, singleton=singleton, negative=True)
    unit = person.to_numpy(dtype=object) if units is None or (units == "").any() else units
    first = None
    if strata is not None and (strata != "").all():
        first = pd.Series(strata).groupby(unit, sort=False).transform("first").to_numpy()
    return specify_design(len(weights), weights=weights, strata=first, psu=unit, singleton=singleton, negative=True)


def _column(waves: Sequence[Wave], name: str) -> Strings | None:
    """A design column over all waves as text, "" in those that lack it; None where all do."""
    parts = [
        wave.design.columns[name].astype(str).to_numpy(dtype=object)
        if name in wave.design.columns
        else np.full(wave.design.rows, "", dtype=object)
        for wave in waves
    ]
    column = np.concatenate(parts)
    return None if (column == "").all() else column


def _levels(scores: pd.DataFrame, waves: Sequence[Wave], confidence: float) -> pd.DataFrame:
    """Every measure of every wave over the design of the wave; `scaled`: whether that has more than linearisation."""
    parts = []
    for wave in waves:
        rows = scores[scores["wave"] == wave.label]
        values = rows.drop(columns=["wave", "respondent_id"]).dropna(axis="columns", how="all").reset_index(drop=True)
        table = means(values, design=wave.design, confidence=confidence)
        if CSAT in values:
            share = proportions(values[[CSAT]], design=wave.design, confidence=confidence)
            bounds = ["ci_low", "ci_high"]
            table.loc[table["variable"] == CSAT, bounds] = share[bounds].to_numpy()
        table["scaled"] = wave.design.replicates is not None or wave.design.finite
        parts.append(table.assign(wave=wave.label))
    return pd.concat(parts, ignore_index=True).rename(columns={"variable": "measure"})


def _changes(
    scores: pd.DataFrame, levels: pd.DataFrame, design: SurveyDesign, waves: Sequence[Wave], *, trend: Trend
) -> pd.DataFrame:
    """The changes of every measure between the waves that have it, p values not adjusted yet."""
    parts = []
    for measure in scores.columns.drop(["wave", "respondent_id"]):
        rows = levels[levels["measure"] == measure].set_index("wave")
        asked = scores["wave"].where(scores["wave"].isin(list(rows.index)))
        joint = estimate_jointly(scores[[measure]], domain=asked, design=design)
        known = joint.labels["category"].tolist()
        factor = _scaled(rows.loc[known], np.sqrt(np.diag(joint.covariance)))
        joint = replace(joint, covariance=joint.covariance * np.outer(factor, factor))
        kinds = comparisons([wave.label for wave in waves if wave.label in known], last_edition=trend.last_edition)
        if not kinds or known[-1] != waves[-1].label:
            continue
        pairs = [(known.index(wave), known.index(against)) for _, wave, against in kinds]
        found = compare_estimates(joint, pairs=pairs, adjustment="none", confidence=trend.confidence)
        table = pd.DataFrame(kinds, columns=["change", "wave", "against"])
        a, b = (joint.estimate[[pair[side] for pair in pairs]] for side in (0, 1))
        smaller = [int(rows.loc[[wave, against], "n"].min()) for _, wave, against in kinds]
        table = table.assign(measure=measure, before=b, after=a, n=smaller)
        parts.append(pd.concat([table, found[["difference", "se", "ci_low", "ci_high", "p"]]], axis=1))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(CHANGE_COLUMNS[:-1]))


def _scaled(rows: pd.DataFrame, joint: Floats) -> Floats:
    """What brings the error of a wave in the joint design to its own, where replicates or a population carry that.

    The correlation between waves stays as it is.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(rows["scaled"], rows["se"] / joint, 1.0)
    return np.where(np.isfinite(factor), factor, 1.0)


def comparisons(labels: Sequence[str], *, last_edition: str | None) -> list[tuple[str, str, str]]:
    """Kind of change, wave and the wave it is held against: each on the one before, the latest on a few others.

    A wave that stands for several is told once: as a year earlier, the wave before, the last edition, the first.
    """
    if len(labels) < 2:
        return []
    steps = [("wave", wave, before) for before, wave in pairwise(labels[:-1])]
    kind, latest = frequency_of(labels, kinds=WAVES), labels[-1]
    places = {number_of(label, kind): label for label in labels[:-1]}
    against = {
        "year": places.get(number_of(latest, kind) - PER_YEAR[kind]) if kind in PER_YEAR else None,
        "wave": labels[-2],
        "edition": last_edition if last_edition in labels[:-1] else None,
        "first": labels[0],
    }
    told = {wave: name for name, wave in reversed(against.items()) if wave is not None}
    return steps + [(name, latest, wave) for name, wave in against.items() if wave is not None and told[wave] == name]


def _adjusted(changes: pd.DataFrame, index: Index) -> pd.DataFrame:
    """p values adjusted within the course of the index and of the share, and over the constructs of one comparison."""
    course = changes["measure"].isin([CSI, CSAT])
    family = changes["measure"].where(course, changes["wave"] + "\t" + changes["against"])
    adjusted = pd.Series(np.nan, index=changes.index)
    for _, rows in changes.groupby(family, sort=False):
        adjusted[rows.index] = adjust_p_values(rows["p"].to_numpy(dtype=float), method=index.adjustment)
    return changes.assign(p_adjusted=adjusted)[list(CHANGE_COLUMNS)]


def _samples(waves: Sequence[Wave], instrument: Instrument, person: pd.Series[str] | None) -> pd.DataFrame:
    """How each wave came about."""
    sizes = np.cumsum([0, *(wave.design.rows for wave in waves)])
    who = [set() if person is None else set(person.iloc[a:b]) for a, b in pairwise(sizes)]
    rows = []
    for place, wave in enumerate(waves):
        asked = [key for key in instrument.item_keys if key in wave.responses and wave.responses[key].notna().any()]
        rows.append(
            {
                "wave": wave.label,
                "accepted": wave.accepted,
                "n": wave.design.rows,
                "base": wave.base,
                "margins": bool(wave.margins),
                "items": len(asked),
                "shared": len(who[place] & who[place - 1]) if place and person is not None else np.nan,
            }
        )
    return pd.DataFrame(rows)
