"""How interviews are weighted, and what the sample was drawn by."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, model_validator

from analysis.edition.instrument import Instrument
from analysis.edition.params import Names, Params
from analysis.edition.sections import Section, unknown
from analysis.errors import EditionError


class Trim(Params):
    """Bounds of a weight as multiples of the mean weight; `iqr` sets the upper one at median + iqr × IQR at most."""

    lower: Annotated[float, Field(ge=0, lt=1)] = 0.2
    upper: Annotated[float, Field(gt=1)] = 5.0
    iqr: Annotated[float, Field(gt=0, le=100)] | None = None


class Nonresponse(Params):
    """Adjustment for nonresponse within classes of variables that responses and dispositions both have.

    A class holds at least `min_class` interviews, and its factor is at most `max_factor` times the overall one;
    `groups` is the number of propensity strata.
    """

    method: Literal["classes", "propensity"] = "classes"
    variables: Annotated[Names, Field(min_length=1)]
    min_class: Annotated[int, Field(ge=1)] = 30
    max_factor: Annotated[float, Field(gt=1)] = 2.0
    groups: Annotated[int, Field(ge=2, le=20)] = 5


NUMBERS = ("means", "totals")
"""What may be known of a numeric question in the population."""
Bounds = Annotated[tuple[Annotated[float, Field(ge=0, lt=1)], Annotated[float, Field(gt=1)]], Field(strict=False)]


class Calibration(Params):
    """How weights are fitted to the margins: by raking, or by another distance (Deville & Särndal 1992).

    `linear` is the generalised regression estimator, `logit` needs bounds; `bounds` hold for the ratio of a weight to
    the one before, in place of a trimming. `negative`: a linear calibration without bounds may give weights below 0.
    `means` and `totals` of numeric questions are those of all people in the margins.
    """

    method: Literal["raking", "linear", "logit"] = "raking"
    bounds: Bounds | None = None
    negative: bool = False
    means: dict[str, FiniteFloat] = {}
    totals: dict[str, FiniteFloat] = {}

    @model_validator(mode="after")
    def _consistent(self) -> Calibration:
        if self.method == "logit" and self.bounds is None:
            raise ValueError("logit needs bounds, as in bounds: [0.3, 3]")
        if self.negative and (self.method != "linear" or self.bounds is not None):
            raise ValueError("negative weights come of method: linear without bounds only: leave negative out")
        if twice := sorted(self.means.keys() & self.totals.keys()):
            raise ValueError(f"{', '.join(twice)}: give the mean or the total, not both")
        return self

    @property
    def numbers(self) -> tuple[str, ...]:
        """Numeric questions whose mean or total is known."""
        return (*self.means, *self.totals)

    @property
    def plain(self) -> bool:
        """Whether this is classical raking, margin by margin and without bounds."""
        return self.method == "raking" and self.bounds is None and not self.numbers

    def known(self, asked: Container[str]) -> Calibration:
        """The same without the numbers that were not asked."""
        kept = {key: {name: x for name, x in getattr(self, key).items() if name in asked} for key in NUMBERS}
        return self.model_copy(update=kept)


class Replicates(Params):
    """Replicate weights; `count` is the number of bootstrap samples or, without `psu`, of jackknife groups."""

    method: Literal["bootstrap", "jackknife"] = "bootstrap"
    count: Annotated[int, Field(ge=10, le=2000)] = 200


class Weighting(Section):
    """Design columns, nonresponse, margins (profile questions of the population table), calibration, replicates.

    `stratum`, `psu` and `fpc` (units in the stratum) are columns of the responses. `singleton` says what a stratum with
    one drawn unit of several adds to a variance: its squared distance from the whole sample (centred), nothing
    (certainty), or that the edition is refused (error).
    """

    stratum: str | None = None
    psu: str | None = None
    fpc: str | None = None
    singleton: Literal["centred", "certainty", "error"] = "centred"
    nonresponse: Nonresponse | None = None
    margins: Names = ()
    max_iterations: Annotated[int, Field(ge=1, le=10_000)] = 200
    tolerance: Annotated[float, Field(gt=0, lt=0.1)] = 1e-8
    calibration: Calibration = Calibration()
    trim: Trim | None = Trim()
    replicates: Replicates | None = None

    @property
    def trimming(self) -> Trim | None:
        """Bounds of the weights themselves; a calibration by another distance or within bounds of its own has none."""
        return self.trim if self.calibration.plain else None

    def faults(self, instrument: Instrument) -> Iterator[EditionError]:
        """Margins and variables of nonresponse that the instrument does not have, and bounds of two kinds."""
        if not self.calibration.plain and self.trim is not None and "trim" in self.model_fields_set:
            yield EditionError(
                "A calibration by another distance than raking is held by bounds, not trimmed afterwards.",
                where="weighting.trim",
                expected="trim: null, or calibration left out",
                hint="limit the weights with weighting.calibration.bounds",
            )
        if self.calibration.numbers and not self.margins:
            yield EditionError(
                "Known means and totals are met beside margins, which count the people they are of.",
                where="weighting.calibration",
                expected="a question in weighting.margins",
                hint="add a margin and its people to the population table",
            )
        numeric = [question.key for question in instrument.numeric]
        for key in NUMBERS:
            names = getattr(self.calibration, key)
            yield from unknown(f"weighting.calibration.{key}", names, numeric, "numeric question")
        variables = self.nonresponse.variables if self.nonresponse else ()
        for key, names in {"margins": self.margins, "nonresponse.variables": variables}.items():
            yield from unknown(f"weighting.{key}", names, instrument.profile_keys, "profile question")
