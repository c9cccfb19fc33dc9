"""Replicate weights that carry every adjustment: nonresponse, raking and trimming are redone in each replicate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.survey.design.replicate_weights import Behind, MadeWeights
from analysis.survey.design.replication import bootstrap_of, jackknife_of
from analysis.survey.design.survey_design import specify_design
from analysis.survey.weighting.distance import fit_cells
from analysis.survey.weighting.nonresponse import NonresponseResult, class_factors, sum_by_class
from analysis.survey.weighting.raking import Cells, deviations, margins_of
from analysis.survey.weighting.stages import build_constraints
from analysis.survey.weighting.trimming import fit_trimmed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.edition.sections.weighting import Replicates, Weighting
    from analysis.survey.design.replicate_weights import ReplicateWeights, Replication
    from analysis.survey.weighting.raking import Codes, Constraint, Floats

ROOM = 2_000_000
"""Numbers in a table of rows × replicates that are adjusted at a time."""


@dataclass(frozen=True)
class AdjustedReplicates:
    """Final weights of every replicate, in single precision as they are saved; how many of them missed a margin or a
    bound, and by how much at most.

    deviations: largest deviation from a margin, per replicate (missing without margins).
    """

    replicates: ReplicateWeights
    unconverged: int
    deviations: Floats

    def record(self) -> dict[str, Any]:
        """How to sum the replicates up, and how many did not converge."""
        weights = self.replicates.weights
        largest = np.nanmax(self.deviations, initial=-np.inf)
        return {
            "replicate_method": self.replicates.method,
            "replicate_degrees": self.replicates.degrees,
            "replicate_count": weights.shape[1],
            "replicate_unconverged": self.unconverged,
            "replicate_deviation": float(largest) if np.isfinite(largest) else None,
        }


def replicate_weights(
    frame: pd.DataFrame,
    *,
    base: Floats,
    rule: Weighting,
    margins: Mapping[str, Mapping[str, float]],
    nonresponse: NonresponseResult | None,
    seed: int,
    held: bool = True,
) -> AdjustedReplicates:
    """Draw replicates of the sample and weight each of them like the sample itself.

    Parameters
    ----------
    frame : one row per interview with the margins and the design columns that `rule` names.
    base : design weight of each interview.
    rule : design columns, trimming, stopping rule, and the replicates wanted.
    nonresponse : the adjustment of the sample. Its cases without interview are drawn with the interviews, unless
        there are sampling units (`rule.psu`), which are known of interviews only. Classes stay as they are formed
        on the sample; their factors are computed anew.
    held : whether the weights are held, or made when rows of them are asked for: from how often a row was drawn, a byte
        each, and a factor for all rows that are weighted alike (held in any case where hardly two are).

    Without sampling units the jackknife leaves out random groups of cases of one stratum (Kott 2001). Weights have the
    scale of the final weights (mean 1) and, raked, their total in every replicate; trimming acts on the weight of one
    copy of a row. Known means and totals are met anew in each. A replicate that left a category of a margin empty, or
    whose bounds do not let it meet the margins, counts as not converged. Raises MethodError when no replicates are
    asked for, and as the design does.
    """
    if rule.replicates is None:
        raise MethodError("No replicates are asked for.", hint="set weighting.replicates")
    drawn = _draw(frame, rule, rule.replicates, nonresponse, seed)
    fitted = build_constraints(frame, margins, rule.calibration)
    plan = _Plan.make(base, fitted, rule, nonresponse)
    alike = 2 * len(plan.patterns.first) <= len(frame)
    factor, deviation = np.empty((len(plan.patterns.first) if alike else 0, drawn.count)), np.empty(drawn.count)
    weights = np.empty((0 if alike else len(frame), drawn.count), dtype=np.float32)
    step = max(ROOM // len(frame), 1)
    for first in range(0, drawn.count, step):
        some = slice(first, first + step)
        own = drawn.multipliers(some, slice(0, len(frame)))
        single, deviation[some] = plan.adjust(plan.patterns.sums(own), drawn.sums(some))
        if alike:
            factor[:, some] = single
        else:
            weights[:, some] = (own.T * single.T[:, plan.patterns.of]).T

    def made(rows: slice) -> NDArray[np.float32]:
        return (drawn.multipliers(slice(None), rows) * factor[plan.patterns.of[rows]]).astype(np.float32)

    if alike:
        standing = MadeWeights(made, (len(frame), drawn.count))
        weights = standing.whole() if held else cast("NDArray[np.float32]", standing)
    return AdjustedReplicates(
        replicates=drawn.of(weights),
        unconverged=int((deviation > rule.tolerance).sum()),
        deviations=deviation,
    )


def _draw(
    frame: pd.DataFrame, rule: Weighting, wanted: Replicates, nonresponse: NonresponseResult | None, seed: int
) -> Replication:
    """Multipliers of the interviews in every replicate, and sums of the cases without one that are drawn with them."""
    design, behind = _design(frame, rule), None
    if nonresponse is not None and _drawn_together(rule, nonresponse):
        design = _with_silent(design, nonresponse.silent, rule.stratum)
        classes = int(max(nonresponse.groups.max(), nonresponse.silent_groups.max(initial=-1))) + 1
        behind = Behind(len(frame), nonresponse.silent_groups, nonresponse.silent_weights, classes)
    columns: dict[str, Any] = {str(name): design[name] for name in design}
    if wanted.method == "bootstrap":
        drawn = specify_design(len(design), **columns, singleton=rule.singleton)
        return bootstrap_of(drawn, replicates=wanted.count, seed=seed, behind=behind)
    if rule.psu is None:
        groups = columns["psu"] = _random_groups(columns.get("strata"), len(design), wanted.count, seed)
        if "fpc" in columns:
            columns["fpc"] = _groups_in_population(columns["fpc"], columns.get("strata"), groups)
    drawn = specify_design(len(design), **columns, singleton=rule.singleton)
    return jackknife_of(drawn, stratified="strata" in columns, behind=behind)


def _drawn_together(rule: Weighting, nonresponse: NonresponseResult) -> bool:
    """Whether the cases without interview can be drawn with the interviews: their place in the design is known."""
    return rule.psu is None and (rule.stratum is None or rule.stratum in nonresponse.silent)


def _design(frame: pd.DataFrame, rule: Weighting) -> pd.DataFrame:
    """Design columns of the interviews by the name that replication knows them by."""
    named = {"strata": rule.stratum, "psu": rule.psu, "fpc": rule.fpc}
    for column in named.values():
        if column is not None and (column not in frame or frame[column].isna().any()):
            raise MethodError(
                f"The design column {column!r} is not known for every interview.",
                expected="a value in every row",
                hint="correct the keys stratum, psu and fpc of weighting",
            )
    columns = {name: frame[column].to_numpy() for name, column in named.items() if column is not None}
    return pd.DataFrame(columns, index=pd.RangeIndex(len(frame)))


def _with_silent(design: pd.DataFrame, silent: pd.DataFrame, stratum: str | None) -> pd.DataFrame:
    """The design with a row for each case without interview; it shares the population size of its stratum."""
    more = pd.DataFrame(index=pd.RangeIndex(len(silent)))
    if "strata" in design and stratum is not None:
        design = design.assign(strata=design["strata"].astype(str))
        more["strata"] = silent[stratum].to_numpy()
    if "fpc" in design:
        sizes = design.groupby("strata")["fpc"].first() if "strata" in design else None
        more["fpc"] = more["strata"].map(sizes) if sizes is not None else design["fpc"].iloc[0]
    return pd.concat([design, more], ignore_index=True)


def _random_groups(strata: pd.Series[Any] | None, rows: int, count: int, seed: int) -> Codes:
    """Groups of cases in random order, about `count` in all and at least two in every stratum, numbered throughout."""
    rng = np.random.default_rng(seed)
    codes = np.zeros(rows, dtype=np.int64) if strata is None else pd.factorize(strata, sort=True)[0]
    groups, number = np.empty(rows, dtype=np.int64), 0
    for stratum in range(int(codes.max()) + 1):
        members = rng.permutation(np.flatnonzero(codes == stratum))
        size = min(max(2, round(count * len(members) / rows)), len(members))
        groups[members] = number + np.arange(len(members)) % size
        number += size
    return groups


def _groups_in_population(sizes: pd.Series[float], strata: pd.Series[Any] | None, groups: Codes) -> Floats:
    """Groups that the cases of the population would make in each row's stratum: the drawn share stays that of cases."""
    stratum = pd.Series(np.zeros(len(groups)) if strata is None else strata.to_numpy())
    made = pd.Series(groups).groupby(stratum, sort=False)
    share = made.transform("nunique") / made.transform("size")
    return np.asarray(np.round(sizes.to_numpy(dtype=np.float64) * share.to_numpy(), 9), dtype=np.float64)


@dataclass(frozen=True)
class _Plan:
    """What is done to the weights of the sample, to be done to any replicate.

    All of it is done to rows that are alike: `patterns` are interviews of the same margins, nonresponse class and base
    weight, of which the fields hold one row each; `cells` put patterns of the same margins and class together.
    """

    patterns: Cells
    cells: Cells
    base: Floats
    groups: Codes
    fitted: list[Constraint]
    rule: Weighting
    nonresponse: NonresponseResult | None

    @classmethod
    def make(
        cls, base: Floats, fitted: list[Constraint], rule: Weighting, nonresponse: NonresponseResult | None
    ) -> _Plan:
        groups = nonresponse.groups if nonresponse is not None else np.zeros(len(base), dtype=np.int64)
        codes = [*(constraint.codes for constraint in fitted), groups]
        patterns = Cells.cross([*codes, pd.factorize(base)[0].astype(np.int64)])
        first = patterns.first
        cells, fine = Cells.cross([code[first] for code in codes]), [constraint.at(first) for constraint in fitted]
        return cls(patterns, cells, base[first], groups[first], fine, rule, nonresponse)

    def adjust(self, mass: Floats, silent: Floats) -> tuple[Floats, Floats]:
        """Final weight of one copy of an interview of each pattern (patterns × replicates), and the largest deviation
        from a margin in each replicate.

        mass: how often the patterns are in the replicates; silent: weight there of the cases without interview by
        class, without a row where these are not drawn.
        """
        rows, unit = len(self.patterns.of), self._adjusted(mass, silent)
        if self.fitted:
            unit, deviation = self._calibrated(unit, mass)
            scale = rows / (mass * unit).sum(axis=0)
        else:
            own = np.bincount(self.patterns.of).astype(np.float64)[:, None]
            start = self._adjusted(own, np.zeros((0, 1)))
            scale, deviation = rows / (own * start).sum(), np.full(mass.shape[1], np.nan)
        return np.broadcast_to(unit * scale, mass.shape), deviation

    def _calibrated(self, unit: Floats, mass: Floats) -> tuple[Floats, Floats]:
        """Weight of one copy fitted to the margins and trimmed, and the deviations that are left."""
        options: dict[str, Any] = {"max_iterations": self.rule.max_iterations, "tolerance": self.rule.tolerance}
        coarse = [constraint.at(self.cells.first) for constraint in self.fitted]
        factors, _ = fit_cells(self.cells.sums(mass * unit), coarse, calibration=self.rule.calibration, **options)
        single = unit * factors[self.cells.of]
        if self.rule.trimming is not None:
            single = fit_trimmed(single, mass, margins_of(self.fitted), trim=self.rule.trimming, **options)[0]
        return single, deviations(single * mass, self.fitted)

    def _adjusted(self, mass: Floats, silent: Floats) -> Floats:
        """Weight of one copy of an interview of each pattern after the nonresponse adjustment of each replicate."""
        base, found = self.base[:, None], self.nonresponse
        if found is None:
            return np.broadcast_to(base, mass.shape)
        if not len(silent):
            classes = int(max(found.groups.max(), found.silent_groups.max(initial=-1))) + 1
            silent = sum_by_class(found.silent_groups, found.silent_weights, classes)
        return np.asarray(base * class_factors(self.groups, base * mass, silent)[self.groups])
