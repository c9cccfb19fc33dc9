"""How interviews are weighted, and what the sample was drawn by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

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


class Replicates(Params):
    """Replicate weights; `count` is the number of bootstrap samples or, without `psu`, of jackknife groups."""

    method: Literal["bootstrap", "jackknife"] = "bootstrap"
    count: Annotated[int, Field(ge=10, le=2000)] = 200


class Weighting(Section):
    """Design columns, nonresponse, raking margins (profile questions of the population table), trimming, replicates.

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
    trim: Trim | None = Trim()
    replicates: Replicates | None = None

    def faults(self, instrument: Instrument) -> Iterator[EditionError]:
        """Margins and variables of nonresponse that the instrument does not have."""
        variables = self.nonresponse.variables if self.nonresponse else ()
        for key, names in {"margins": self.margins, "nonresponse.variables": variables}.items():
            yield from unknown(f"weighting.{key}", names, instrument.profile_keys, "profile question")
