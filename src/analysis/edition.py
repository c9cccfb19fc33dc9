"""The edition: one params file, read with what it extends and refers to, as one typed object."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, model_validator

from analysis.design import FieldworkRules, Sampling
from analysis.errors import EditionError, Problems, SurveyReportError, did_you_mean
from analysis.instrument import Instrument, load_instrument
from analysis.modelling import Structural
from analysis.params import Code, Names, Params, Share, Text, as_tuple, merge, read_yaml, validate
from analysis.rules import Cleaning, unknown_answers
from analysis.standards import Benchmarks, Standards, load_benchmarks, load_standards

TableName = Literal[
    "responses",
    "population",
    "dispositions",
    "waves",
    "feedback",
    "service_log",
    "training",
    "customers",
    "actions",
    "frame",
]
TABLES: tuple[TableName, ...] = get_args(TableName)
"""Tables an edition may have; only `responses` is required."""

Lang = Literal["zh", "en"]


class Fieldwork(Params):
    """First and last day of the interviews."""

    start: dt.date
    end: dt.date

    @model_validator(mode="after")
    def _in_order(self) -> Fieldwork:
        if self.end < self.start:
            raise ValueError(f"fieldwork.end ({self.end}) is before fieldwork.start ({self.start})")
        return self


class Publication(Params):
    """What stands on the cover; for the disclosure statement who paid (none: the institute) and who is surveyed."""

    year: Annotated[int, Field(ge=1990, le=2100)]
    title: Text
    subtitle: Text
    institute: Text
    sponsor: Text | None = None
    population: Text | None = None
    date: dt.date
    fieldwork: Fieldwork
    languages: Annotated[tuple[Lang, ...], BeforeValidator(as_tuple), Field(min_length=1)] = ("zh", "en")


class Filter(Params):
    """Keep only the rows whose raw `column` is one of `keep` (or is none of `drop`)."""

    column: str
    keep: Annotated[tuple[Code, ...], BeforeValidator(as_tuple)] = ()
    drop: Annotated[tuple[Code, ...], BeforeValidator(as_tuple)] = ()

    @model_validator(mode="after")
    def _one_of_both(self) -> Filter:
        if bool(self.keep) == bool(self.drop):
            raise ValueError("a filter needs either `keep` or `drop`")
        return self


class TableSource(Params):
    """Where one table lies and how its file is laid out.

    `columns` maps our column name to the file's (name, or 1-based position as a whole number, which also tells
    apart columns of the same name); a column not named keeps its own name. `values` maps, per column of ours (or
    "*" for all items), the text of an answer to its code. `missing` lists the codes or texts that mean "no answer".
    """

    path: str
    format: Literal["auto", "csv", "xlsx", "sav", "parquet"] = "auto"
    encoding: str = "auto"
    delimiter: str = "auto"
    sheet: str | int = 0
    header_rows: Annotated[int, Field(ge=1, le=10)] = 1
    header_row: Annotated[int, Field(ge=1, le=10)] = 1
    columns: dict[str, str | int] = {}
    values: dict[str, dict[Code, Code | int | float]] = {}
    missing: Annotated[tuple[Code, ...], BeforeValidator(as_tuple)] = ("", "NA", "N/A", "#N/A", "(跳过)")
    value_labels: Literal["codes", "labels"] = "codes"
    filters: Annotated[tuple[Filter, ...], BeforeValidator(as_tuple)] = ()

    @model_validator(mode="after")
    def _header(self) -> TableSource:
        if self.header_row > self.header_rows:
            raise ValueError(f"header_row ({self.header_row}) is not among the {self.header_rows} header_rows")
        return self


class Data(Params):
    """Simulated, or read from files under the project's root (or from absolute paths)."""

    source: Literal["simulated", "files"]
    tables: dict[TableName, TableSource] = {}

    @model_validator(mode="after")
    def _tables(self) -> Data:
        if self.source == "files" and "responses" not in self.tables:
            raise ValueError("data.tables must name the table 'responses' when data.source is 'files'")
        if self.source == "simulated" and self.tables:
            raise ValueError("data.tables can't be given when data.source is 'simulated': its files are made")
        return self


class Simulation(Params):
    """Size and planted faults of the simulated survey."""

    responses: Annotated[int, Field(ge=200, le=2_000_000)] = 6000
    careless_share: Annotated[float, Field(ge=0, le=0.5)] = 0.06
    duplicate_share: Annotated[float, Field(ge=0, le=0.2)] = 0.01
    missing_share: Annotated[float, Field(ge=0, le=0.5)] = 0.015


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
    variables: Annotated[tuple[str, ...], BeforeValidator(as_tuple), Field(min_length=1)]
    min_class: Annotated[int, Field(ge=1)] = 30
    max_factor: Annotated[float, Field(gt=1)] = 2.0
    groups: Annotated[int, Field(ge=2, le=20)] = 5


class Replicates(Params):
    """Replicate weights; `count` is the number of bootstrap samples or, without `psu`, of jackknife groups."""

    method: Literal["bootstrap", "jackknife"] = "bootstrap"
    count: Annotated[int, Field(ge=10, le=2000)] = 200


class Weighting(Params):
    """Design columns, nonresponse, raking margins (profile questions of the population table), trimming, replicates.

    `stratum`, `psu` and `fpc` (units in the stratum) are columns of the responses.
    """

    stratum: str | None = None
    psu: str | None = None
    fpc: str | None = None
    nonresponse: Nonresponse | None = None
    margins: Names = ()
    max_iterations: Annotated[int, Field(ge=1, le=10_000)] = 200
    tolerance: Annotated[float, Field(gt=0, lt=0.1)] = 1e-8
    trim: Trim | None = Trim()
    replicates: Replicates | None = None


class Csat(Params):
    """Who counts as satisfied: mean of the items of `construct` at or above `satisfied_from`."""

    construct_key: Annotated[str, Field(alias="construct")]
    satisfied_from: float


class Index(Params):
    """The index: dimension weights (equal when empty), CSAT rule and the segments it is reported for.

    `adjustment`: how p values of comparisons made together are adjusted (Holm, Benjamini–Hochberg, not at all).
    """

    weights: dict[str, Annotated[float, Field(gt=0)]] = {}
    min_answered_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    csat: Csat
    segments: Names = ()
    confidence: Share = 0.95
    adjustment: Literal["holm", "bh", "none"] = "holm"


class Measurement(Params):
    """How the questionnaire is checked, and what counts as good enough.

    `group`: profile question between whose answers invariance is tested (none: not tested). `factors`: number of
    exploratory factors (none: as many as constructs with two items or more). `replicates`: bootstrap resamples of HTMT
    and random data sets of the parallel analysis. HTMT up to `max_htmt` tells constructs apart, up to
    `max_htmt_related` when they are close by their meaning.
    """

    confidence: Share = 0.95
    weighted: bool = True
    group: str | None = None
    factors: Annotated[int, Field(ge=1, le=50)] | None = None
    replicates: Annotated[int, Field(ge=100, le=20_000)] = 1000
    min_alpha: Share = 0.7
    min_ave: Share = 0.5
    min_kmo: Share = 0.6
    max_htmt: Share = 0.85
    max_htmt_related: Share = 0.9

    @model_validator(mode="after")
    def _in_order(self) -> Measurement:
        if self.max_htmt_related < self.max_htmt:
            raise ValueError(f"max_htmt_related ({self.max_htmt_related}) is below max_htmt ({self.max_htmt})")
        return self


class Trend(Params):
    """Forecast horizon in waves and the orders that AICc chooses among."""

    horizon: Annotated[int, Field(ge=1, le=40)] = 4
    confidence: Share = 0.95
    max_ar: Annotated[int, Field(ge=0, le=5)] = 2
    max_difference: Annotated[int, Field(ge=0, le=2)] = 1
    max_ma: Annotated[int, Field(ge=0, le=5)] = 2
    holdout: Annotated[int, Field(ge=1, le=40)] = 4


class Disclosure(Params):
    """Nothing based on fewer than `min_base` interviews is published."""

    min_base: Annotated[int, Field(ge=2)] = 30


class Sections(Params):
    """The params file itself; instrument, model, standards and benchmarks are paths beside it."""

    publication: Publication
    seed: Annotated[int, Field(ge=0, lt=2**32)]
    instrument: str
    model: str | None = None
    standards: str | None = None
    benchmarks: str | None = None
    data: Data
    simulation: Simulation = Simulation()
    sampling: Sampling = Sampling()
    fieldwork: FieldworkRules = FieldworkRules()
    cleaning: Cleaning = Cleaning()
    weighting: Weighting = Weighting()
    index: Index
    measurement: Measurement = Measurement()
    structural: Structural = Structural()
    trend: Trend = Trend()
    disclosure: Disclosure = Disclosure()

    @model_validator(mode="after")
    def _replicates_exist(self) -> Sections:
        if self.structural.variance == "replicates" and self.weighting.replicates is None:
            raise ValueError("structural.variance is replicates, but weighting.replicates asks for none")
        return self


class Edition(Params):
    """One published report: its sections with the instrument, model, standards and benchmarks they refer to."""

    name: str
    path: Path
    publication: Publication
    seed: int
    instrument: Instrument
    model: str | None
    standards: Standards | None
    benchmarks: Benchmarks | None
    data: Data
    simulation: Simulation
    sampling: Sampling
    fieldwork: FieldworkRules
    cleaning: Cleaning
    weighting: Weighting
    index: Index
    measurement: Measurement
    structural: Structural
    trend: Trend
    disclosure: Disclosure

    @property
    def languages(self) -> tuple[Lang, ...]:
        """Languages the edition is published in."""
        return self.publication.languages

    @property
    def simulated(self) -> bool:
        """Whether the survey is simulated: every page must say so."""
        return self.data.source == "simulated"


def load_edition(path: Path | str) -> Edition:
    """Read a params file into an Edition.

    Raises EditionError, or Problems with every fault found: unknown or missing keys, values out of range, files
    that do not exist, and names that the instrument does not know.
    """
    path = Path(path).resolve()
    sections = validate(Sections, _extended(path, seen=()), path=path)
    problems: list[SurveyReportError] = []

    def attempt(load: Any, reference: str | None) -> Any:
        if reference is None:
            return None
        try:
            return load(path.parent / reference)
        except SurveyReportError as error:
            problems.extend(error.problems if isinstance(error, Problems) else [error])
            return None

    referred = {
        "instrument": attempt(load_instrument, sections.instrument),
        "model": attempt(_read_model, sections.model),
        "standards": attempt(load_standards, sections.standards),
        "benchmarks": attempt(load_benchmarks, sections.benchmarks),
    }
    if not problems:
        problems = _unknown_names(sections, referred["instrument"], path)
    if problems:
        raise problems[0] if len(problems) == 1 else Problems(problems)
    own = {name: getattr(sections, name) for name in Sections.model_fields if name not in referred}
    return Edition(name=path.stem, path=path, **own, **referred)


def _extended(path: Path, *, seen: tuple[Path, ...]) -> dict[str, Any]:
    """Content of `path` merged over the file it extends; references of the base stay relative to the base."""
    if path in seen:
        chain = " → ".join(p.name for p in (*seen, path))
        raise EditionError("Params files extend each other in a circle.", where=chain, hint="remove one `extends`")
    content = read_yaml(path)
    base_name = content.pop("extends", None)
    if base_name is None:
        return content
    if not isinstance(base_name, str):
        raise EditionError(
            "`extends` must be the name of one file.", where=f"{path}: extends", expected="text", got=repr(base_name)
        )
    base_path = (path.parent / base_name).resolve()
    base = _extended(base_path, seen=(*seen, path))
    for key in ("instrument", "model", "standards", "benchmarks"):
        if isinstance(base.get(key), str) and key not in content:
            base[key] = str(base_path.parent / base[key])
    return merge(base, content)


def _read_model(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, IsADirectoryError):
        raise EditionError("The model file does not exist.", where=str(path), hint="check the key `model`") from None
    except UnicodeDecodeError:
        raise EditionError("The model file is not UTF-8 text.", where=str(path), expected="UTF-8") from None
    if not text.strip():
        raise EditionError("The model file is empty.", where=str(path), expected="lavaan syntax (=~, ~, ~~)")
    return text


def _unknown_names(sections: Sections, instrument: Instrument, path: Path) -> list[SurveyReportError]:
    """Names in the sections that the instrument does not know, as one error each."""
    profile = set(instrument.profile_keys)
    dimensions = {construct.key for construct in instrument.dimensions}
    constructs = {construct.key for construct in instrument.constructs}
    named: list[tuple[str, str, set[str], str]] = [
        *((f"weighting.margins: {name}", name, profile, "profile question") for name in sections.weighting.margins),
        *((f"index.segments: {name}", name, profile, "profile question") for name in sections.index.segments),
        *((f"sampling.domains: {name}", name, profile, "profile question") for name in sections.sampling.domains),
        *((f"fieldwork.adjust: {name}", name, profile, "profile question") for name in sections.fieldwork.adjust),
        *((f"index.weights: {name}", name, dimensions, "dimension") for name in sections.index.weights),
        ("index.csat.construct", sections.index.csat.construct_key, constructs, "construct"),
    ]
    if sections.measurement.group is not None:
        named.append(("measurement.group", sections.measurement.group, profile, "profile question"))
    if sections.sampling.stratum is not None:
        named.append(("sampling.stratum", sections.sampling.stratum, profile, "profile question"))
        named += _strata_named(sections.sampling, instrument)
    if sections.weighting.nonresponse is not None:
        variables = sections.weighting.nonresponse.variables
        named += [(f"weighting.nonresponse.variables: {name}", name, profile, "profile question") for name in variables]
    if sections.fieldwork.mode is not None:
        named.append(("fieldwork.mode", sections.fieldwork.mode, profile, "profile question"))
    problems: list[SurveyReportError] = [
        EditionError(
            f"{name!r} is not a {kind} of the instrument.",
            where=f"{path}: {where}",
            expected=f"a {kind} of {sections.instrument}",
            hint=did_you_mean(name, known),
        )
        for where, name, known, kind in named
        if name not in known
    ]
    if sections.index.weights and set(sections.index.weights) != dimensions and not problems:
        missing = ", ".join(sorted(dimensions - set(sections.index.weights)))
        problems.append(
            EditionError(
                "index.weights leaves dimensions out.",
                where=f"{path}: index.weights",
                expected="a weight for every dimension, or none at all",
                got=f"no weight for {missing}",
            )
        )
    problems += unknown_answers(sections.cleaning, instrument, path)
    low, high = instrument.scale.min, instrument.scale.max
    if not low < sections.index.csat.satisfied_from <= high:
        problems.append(
            EditionError(
                "The threshold of a satisfied customer lies outside the scale.",
                where=f"{path}: index.csat.satisfied_from",
                expected=f"above {low}, at most {high}",
                got=str(sections.index.csat.satisfied_from),
            )
        )
    return problems


def _strata_named(sampling: Sampling, instrument: Instrument) -> list[tuple[str, str, set[str], str]]:
    """Strata that have a spread or a cost of their own, to be looked for among the answers to the question."""
    question = next((q for q in instrument.profile if q.key == sampling.stratum), None)
    known = {category.code for category in question.categories} if question else set()
    given = {"stratum_deviation": sampling.stratum_deviation, "stratum_cost": sampling.stratum_cost}
    return [
        (f"sampling.{key}: {name}", name, known, f"category of {sampling.stratum}")
        for key, values in given.items()
        for name in values
        if known
    ]
