"""The sampling design as one object: weights, strata, sampling units, finite population, calibration, replicates.

It is made once, where the weights are made, saved with them (`frame`, `record`, `replicates.weights`) and restored by
every later step (`restore_design`); whoever estimates takes it as the one argument `design`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.survey.design.codes import category_codes, numeric_column, same_length
from analysis.survey.design.replicate_weights import ReplicateWeights
from analysis.survey.design.sampling_stages import SINGLETONS, draw_stages

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from analysis.edition.sections.weighting import Weighting
    from analysis.survey.design.calibration import Calibration
    from analysis.survey.design.sampling_stages import Singleton, Stage

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

_DRAWN = ("stratum", "psu", "fpc")
"""Columns of a saved design; several stages are numbered: psu_1, psu_2, fpc_1, fpc_2."""
_REPLICATE = "replicate_"


@dataclass(frozen=True, eq=False)
class SurveyDesign:
    """How the `rows` interviews came into the sample, and what each of them counts.

    weights: one per row; stratum: code of each row; stages: units and strata of each stage of the draw; finite:
    whether population sizes are known; singleton: what a stratum with one drawn unit of several does; columns:
    stratum, psu and fpc of each row, as they were given; calibration: what the weights were fitted to; replicates:
    weights that carry the variance in place of linearisation. estimated: variables that rest on estimates themselves
    (an index whose weights the sample gave), by name, as each replicate gives them: rows × replicates. They live as
    long as the step that found them and are not saved.
    """

    weights: Floats
    stratum: Codes
    stages: tuple[Stage, ...]
    finite: bool
    singleton: Singleton
    columns: pd.DataFrame
    calibration: Calibration | None = None
    replicates: ReplicateWeights | None = None
    estimated: Mapping[str, Floats] = field(default_factory=dict)

    def in_replicates(self, names: Iterable[Any]) -> list[Floats | None]:
        """What each variable is in every replicate, None where it is the same in all."""
        return [self.estimated.get(str(name)) if self.replicates else None for name in names]

    @property
    def rows(self) -> int:
        """Number of interviews."""
        return len(self.weights)

    @property
    def degrees(self) -> int:
        """Degrees of freedom: first-stage units − strata, counted over the rows with a weight."""
        first, counted = self.stages[0], self.weights != 0
        units = counted.sum() if first.unit is None else len(np.unique(first.unit[counted]))
        return int(units) - len(np.unique(self.stratum[counted]))

    @property
    def limit(self) -> float:
        """Degrees of freedom that no estimate exceeds: those of the design, and of its replicates."""
        return float(self.degrees if self.replicates is None else min(self.degrees, self.replicates.degrees))

    @property
    def stratified(self) -> bool:
        """Whether there are several strata."""
        return len(self.stages[0].sizes) > 1

    def subset(self, rows: ArrayLike) -> SurveyDesign:
        """The same draw for some of its rows (a mask, or positions): a domain, whose units count among all drawn.

        R survey's subset() does the same. Raises MethodError for calibrated weights, whose residuals need every row.
        """
        chosen = np.asarray(rows)
        if self.calibration is not None:
            raise MethodError("A calibrated design has no subset.", hint="estimate the subset as a domain")
        stages = tuple(stage.at(chosen) for stage in self.stages)
        drawn = None if self.replicates is None else self.replicates.at(chosen)
        columns = self.columns.loc[chosen].reset_index(drop=True)
        parts = {"weights": self.weights[chosen], "stratum": self.stratum[chosen], "stages": stages}
        estimated = {name: values[chosen] for name, values in self.estimated.items()}
        return replace(self, **parts, columns=columns, replicates=drawn, estimated=estimated)

    def unweighted(self) -> SurveyDesign:
        """The same draw with equal weights, and neither calibration nor replicates."""
        return replace(self, weights=np.ones(self.rows), calibration=None, replicates=None, estimated={})

    def variance_record(self) -> dict[str, Any]:
        """How variances are found: method, number of replicates, of strata and of sampling units (0: none named)."""
        first, drawn = self.stages[0], self.replicates
        return {
            "variance": "taylor" if drawn is None else drawn.method,
            "replicates": 0 if drawn is None else drawn.count,
            "strata": len(first.sizes) if "stratum" in self.columns else 0,
            "units": 0 if first.unit is None else len(first.parent),
            "finite": self.finite,
        }

    def frame(self) -> pd.DataFrame:
        """What `restore_design` needs of every row besides the weights of the replicates: weight, stratum, psu, fpc.

        Raises MethodError for calibrated weights, whose fit is not saved.
        """
        if self.calibration is not None:
            raise MethodError("A calibrated design can't be saved.", hint="save it with replicate weights instead")
        return self.columns.assign(weight=self.weights)

    def record(self) -> dict[str, Any]:
        """What `restore_design` needs besides: treatment of single units, and how replicates are summed up."""
        plain: dict[str, Any] = {"singleton": self.singleton}
        if self.replicates is not None:
            names = ("factors", "degrees", "method", "centre")
            plain |= {f"{_REPLICATE}{name}": getattr(self.replicates, name) for name in names}
            plain[f"{_REPLICATE}factors"] = self.replicates.factors.tolist()
        return plain


def specify_design(
    rows: int,
    *,
    weights: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    psu: ArrayLike | pd.DataFrame | None = None,
    fpc: ArrayLike | pd.DataFrame | None = None,
    singleton: Singleton = "error",
    calibration: Calibration | None = None,
    replicates: ReplicateWeights | None = None,
    negative: bool = False,
) -> SurveyDesign:
    """Check the design variables of `rows` interviews and turn them into codes.

    One entry per row in each: `weights` (any positive scale; none: all 1), `strata` of the first stage, `psu` and
    `fpc` (number of units in the population of the row's stratum). For a draw in several stages `psu` has one column
    per stage (without `fpc` the stages after the first add nothing) and `fpc`, where given, one column per stage.
    `singleton` says what a stratum with one drawn unit of several does: "error" refuses it, "certainty" gives it no
    variance, "centred" takes its squared score around 0, the mean of linearised scores over the whole sample (R:
    survey.lonely.psu "fail", "certainty", "adjust"). `calibration`: what the weights were fitted to. `negative`: a
    weight may be below 0, as those of a linear calibration; their sum may not. Raises MethodError for lengths that
    differ, missing or negative values and for population sizes below the sample.
    """
    if rows == 0:
        raise MethodError("There is no interview to estimate from.", hint="check the cleaning rules and filters")
    if singleton not in SINGLETONS:
        raise MethodError("Unknown treatment of single units.", expected=", ".join(SINGLETONS), got=str(singleton))
    w = numeric_column(weights, rows, "weights") if weights is not None else np.ones(rows)
    if ((w < 0).any() and not negative) or not w.sum() > 0:
        raise MethodError(
            "The weights must not be negative, and not all zero.",
            expected="positive numbers",
            got=f"{int((w < 0).sum())} negative among {rows}",
        )
    units, sizes = _per_stage(psu), _per_stage(fpc)
    if sizes and len(sizes) != max(len(units), 1):
        raise MethodError(
            "fpc and psu do not have the same stages.", expected=f"{max(len(units), 1)} columns", got=str(len(sizes))
        )
    stratum, names = category_codes(strata, rows, "strata")
    stages = draw_stages(stratum, names, units=units, sizes=sizes, singleton=singleton)
    _check_replicates(replicates, rows)
    columns = _columns({"stratum": _per_stage(strata), "psu": units, "fpc": sizes}, rows)
    return SurveyDesign(w, stratum, stages, bool(sizes), singleton, columns, calibration, replicates)


def drawn_design(
    frame: pd.DataFrame,
    *,
    weighting: Weighting,
    weights: ArrayLike | None = None,
    replicates: ReplicateWeights | None = None,
) -> SurveyDesign:
    """The design of interviews whose design columns `weighting.stratum`, `psu` and `fpc` name.

    A column that some interview has no value in is left out: the draw of those interviews is not known. Raises
    MethodError for a column that does not exist, and as `specify_design`.
    """
    named = {"strata": weighting.stratum, "psu": weighting.psu, "fpc": weighting.fpc}
    absent = [name for name in named.values() if name is not None and name not in frame]
    if absent:
        raise MethodError(
            "A design column is not in the responses.",
            where=", ".join(absent),
            hint="correct the keys stratum, psu and fpc of weighting",
        )
    known: dict[str, Any] = {
        key: frame[name].to_numpy() for key, name in named.items() if name is not None and frame[name].notna().all()
    }
    return specify_design(
        len(frame),
        weights=weights,
        **known,
        singleton=weighting.singleton,
        replicates=replicates,
        negative=weighting.calibration.negative,
    )


def restore_design(
    frame: pd.DataFrame, record: Mapping[str, Any], replicates: NDArray[Any] | None = None
) -> SurveyDesign:
    """The design that was saved as `design.frame()` and `design.record()`; other columns of the frame are ignored.

    `replicates`: weights of its replicates, rows × replicates, where it has any (None: columns r0001 … of the frame, as
    files of other editions have them). A column `inside` marks the rows of a part of the whole that was drawn: the
    design is then that of the part, a domain whose strata and units count among all drawn. Raises MethodError where the
    replicates and their factors differ in number.
    """
    given = {name: [column for column in frame if _stage_of(str(column), name)] for name in _DRAWN}
    drawn = None
    if f"{_REPLICATE}method" in record:
        names = [column for column in frame if str(column)[:1] == "r" and str(column)[1:].isdigit()]
        drawn = ReplicateWeights(
            frame[names].to_numpy() if replicates is None else replicates,
            np.asarray(record[f"{_REPLICATE}factors"], dtype=np.float64),
            degrees=int(record[f"{_REPLICATE}degrees"]),
            method=str(record[f"{_REPLICATE}method"]),
            centre=record[f"{_REPLICATE}centre"],
        )
    whole = specify_design(
        len(frame),
        weights=frame["weight"].to_numpy(),
        strata=frame["stratum"].to_numpy() if given["stratum"] else None,
        psu=frame[given["psu"]] if given["psu"] else None,
        fpc=frame[given["fpc"]] if given["fpc"] else None,
        singleton=record["singleton"],
        replicates=drawn,
        negative=True,
    )
    return whole.subset(frame["inside"].to_numpy()) if "inside" in frame else whole


def design_of(design: SurveyDesign | None, rows: int) -> SurveyDesign:
    """The `design` of `rows` interviews (none: a simple random sample); MethodError where it has other rows."""
    if design is None:
        return specify_design(rows)
    same_length(design.rows, rows, "design")
    return design


def _check_replicates(replicates: ReplicateWeights | None, rows: int) -> None:
    if replicates is None:
        return
    same_length(len(replicates.weights), rows, "replicates")
    if replicates.count != len(replicates.factors):
        raise MethodError(
            "The replicates and their factors differ in number.",
            expected=f"{replicates.count} factors",
            got=str(len(replicates.factors)),
            hint="run the weighting again",
        )


def _columns(given: Mapping[str, list[ArrayLike]], rows: int) -> pd.DataFrame:
    """The design variables as one frame; those of several stages are numbered."""
    columns = {}
    for name, stages in given.items():
        for number, values in enumerate(stages, start=1):
            columns[name if len(stages) == 1 else f"{name}_{number}"] = np.asarray(values)
    return pd.DataFrame(columns, index=pd.RangeIndex(rows))


def _stage_of(column: str, name: str) -> bool:
    """Whether a saved column holds `name`, of the one stage or of a numbered one."""
    return column == name or (column.startswith(f"{name}_") and column[len(name) + 1 :].isdigit())


def _per_stage(values: ArrayLike | pd.DataFrame | None) -> list[ArrayLike]:
    """The columns of `values`, first stage first."""
    if values is None:
        return []
    if isinstance(values, pd.DataFrame):
        return [values[name] for name in values.columns]
    array = np.asarray(values)
    return [values] if array.ndim == 1 else list(array.T)
