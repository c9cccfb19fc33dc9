"""The planted truth: what `params/simulation/guide.yml` holds, typed and checked against the edition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from analysis.data.simulation.planted_service import (
    Customers,
    Feedback,
    Numbers,
    PlantedIndicator,
    Positive,
    Probability,
    ServiceLog,
    Shares,
    Slopes,
    Training,
    nested_tuple,
)
from analysis.edition import Edition
from analysis.edition.params import Names, Params, merge, validate
from analysis.edition.reading import read_yaml
from analysis.errors import EditionError, Problems, SurveyReportError
from analysis.project import ROOT

PLANTED_FILE = ROOT / "params" / "simulation" / "guide.yml"
ALL = "all"
"""In `shifts`: every exogenous construct."""


class Margin(Params):
    """Shares of a profile question, overall or (`by`) within the answers to the question `given`."""

    shares: Shares = Field(default_factory=dict)
    given: str | None = None
    by: dict[str, Shares] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _shares_add_up(self) -> Margin:
        if bool(self.shares) == bool(self.given):
            raise ValueError("a profile question needs either `shares` or `given` and `by`")
        for shares in [self.shares] if self.shares else self.by.values():
            if abs(sum(shares.values()) - 1) > 1e-9:
                raise ValueError(f"shares must add up to 1, not to {sum(shares.values()):.4f}")
        return self


class Design(Params):
    """Stratified sample: cases per stratum in proportion to population ** power."""

    stratum: str
    power: Probability


class Survey(Params):
    """Population, design and willingness to answer."""

    population: Annotated[int, Field(gt=1000)]
    response_rate: Annotated[float, Field(gt=0, le=1)]
    profile: dict[str, Margin]
    design: Design
    response: dict[str, dict[str, Positive]]
    undisclosed: dict[str, Probability] = Field(default_factory=dict)


class Structure(Params):
    """Correlation of the exogenous constructs and standardised paths, outcomes in causal order.

    bends: for a path of an exogenous construct its slopes below and above the mean, where they differ. Answers are cut
    at the ends of the scale, so that they show more of the lower slope: the two are chosen so that a straight path
    through the answers is the planted one.
    """

    correlation: Annotated[float, Field(ge=0, lt=1)]
    paths: dict[str, dict[str, float]]
    bends: dict[str, dict[str, Slopes]] = Field(default_factory=dict)


class Digital(Params):
    """What being served through one of the `answers` to `question` adds to constructs.

    effect: by construct, then by the answer to the question that `question` is given by, in standard deviations.
    """

    question: str
    answers: Names
    effect: dict[str, dict[str, float]]


class PlantedConstruct(Params):
    """Level on 0–100, spread behind the answers, and a loading and an offset per item."""

    level: Annotated[float, Field(gt=0, lt=100)]
    spread: Positive
    loadings: Numbers
    offsets: Numbers


class Careless(Params):
    """One kind of careless answering; `straightline` answers the attention check like everything else."""

    share: Probability
    minutes: Positive
    attention_failed: Probability = 0.0


class Faults(Params):
    """What goes wrong in the field, as shares of the interviews returned."""

    careless: dict[str, Careless]
    attention_slip: Probability
    breakoff: Probability
    out_of_range: Probability
    unreadable: Probability
    repeated_id: Probability


class Interview(Params):
    """Duration of a careful interview and the share that leaves a comment."""

    minutes: Positive
    spread: Positive
    comment_share: Probability


class SatisfiedShare(Params):
    """Share of satisfied customers in a wave, in percent: where the index is `at`, and how it follows the index."""

    at: float
    share: float
    slope: float


class WaveSeries(Params):
    """The quarterly tracking series."""

    count: Annotated[int, Field(ge=12)]
    first_level: float
    last_level: float
    autocorrelation: Annotated[float, Field(gt=-1, lt=1)]
    innovation: Positive
    seasonal: Annotated[Numbers, Field(min_length=4, max_length=4)]
    dips: dict[str, float]
    spread: Positive
    sample: Annotated[tuple[int, int], BeforeValidator(nested_tuple)]
    satisfied: SatisfiedShare | None = None


class Callbacks(Params):
    """Customers called back after a first contact by another channel, and the outcomes of calls without interview."""

    after_silence: Probability
    interviews: Probability
    twice: Probability
    outcomes: Shares


class Dispositions(Params):
    """Outcomes of the cases without an interview, and the call-backs."""

    nonresponse: Shares
    callbacks: Callbacks


class SamplingFrame(Params):
    """Customer lists of outlets: how many, how unequal, and the share of each stratum's customers on them."""

    units: Annotated[int, Field(ge=20)]
    spread: Positive
    coverage: dict[str, Probability]


class Planted(Params):
    """Everything the simulated edition is made of, apart from the sizes the edition itself sets."""

    survey: Survey
    structure: Structure
    constructs: dict[str, PlantedConstruct]
    shifts: dict[str, dict[str, dict[str, float]]]
    digital: Digital | None = None
    faults: Faults
    interview: Interview
    waves: WaveSeries
    dispositions: Dispositions
    feedback: Feedback
    service_log: ServiceLog
    training: Training
    customers: Customers
    frame: SamplingFrame
    indicators: dict[str, PlantedIndicator] = Field(default_factory=dict)

    @property
    def exogenous(self) -> list[str]:
        """Constructs that no path leads to."""
        return [key for key in self.constructs if key not in self.structure.paths]


def load_planted(edition: Edition) -> Planted:
    """Read the planted truth and check that the edition has all it names.

    Raises EditionError (or Problems, when there are several) for constructs, profile answers or steps that the
    edition's instrument or standards do not have.
    """
    planted = validate(Planted, merge(read_yaml(PLANTED_FILE), edition.simulation.planted), path=PLANTED_FILE)
    problems: list[SurveyReportError] = [
        EditionError(
            problem,
            where=f"{PLANTED_FILE}: {where}",
            expected=f"what {edition.path} refers to",
            hint="a simulated edition needs the guide's instrument and standards; others need data.source: files",
        )
        for where, problem in (
            *_construct_gaps(planted, edition),
            *_answer_gaps(planted, edition),
            *_step_gaps(planted, edition),
        )
    ]
    if problems:
        raise problems[0] if len(problems) == 1 else Problems(problems)
    return planted


def _construct_gaps(planted: Planted, edition: Edition) -> Iterator[tuple[str, str]]:
    sizes = {construct.key: len(construct.items) for construct in edition.instrument.constructs}
    for key, construct in planted.constructs.items():
        if key not in sizes:
            yield f"constructs.{key}", f"The instrument has no construct {key!r}, which the simulation plants."
        elif not len(construct.loadings) == len(construct.offsets) == sizes[key]:
            yield f"constructs.{key}", f"Loadings and offsets of {key!r} must be as many as its items ({sizes[key]})."
    for key in sorted(sizes.keys() - planted.constructs.keys()):
        yield "constructs", f"The simulation has no level and loadings for the construct {key!r}."
    known: set[str] = set(planted.exogenous)
    for outcome, paths in planted.structure.paths.items():
        for predictor in paths.keys() - known:
            yield f"structure.paths.{outcome}", f"The predictor {predictor!r} is not planted before its outcome."
        known.add(outcome)
    for outcome, bends in planted.structure.bends.items():
        paths = planted.structure.paths.get(outcome, {})
        for predictor in sorted((bends.keys() - paths.keys()) | (paths.keys() - set(planted.exogenous))):
            yield f"structure.bends.{outcome}", f"{predictor!r} is no exogenous predictor of {outcome!r}."
    if planted.digital is not None:
        for key in planted.digital.effect.keys() - planted.constructs.keys():
            yield "digital.effect", f"The instrument has no construct {key!r}, which the simulation plants."
    if edition.instrument.attention is None or not edition.instrument.open:
        yield "faults", "The simulation needs an attention check and an open question."


def _answer_gaps(planted: Planted, edition: Edition) -> Iterator[tuple[str, str]]:
    questions = {
        question.key: [code for c in question.categories for code in (c.code, *c.joins)]
        for question in edition.instrument.profile
    }
    survey = planted.survey
    named: list[tuple[str, str, Iterable[str]]] = []
    for key, margin in survey.profile.items():
        groups: Mapping[str, Shares] = {"shares": margin.shares} if margin.shares else margin.by
        named += [(f"survey.profile.{key}.{group}", key, shares) for group, shares in groups.items()]
        if margin.given:
            named.append((f"survey.profile.{key}.by", margin.given, margin.by))
    named += [(f"survey.response.{key}", key, factors) for key, factors in survey.response.items()]
    named += [(f"shifts.{key}", key, groups) for key, groups in planted.shifts.items()]
    if planted.digital is not None:
        named += _digital_answers(planted, planted.digital)
    named.append(("frame.coverage", survey.design.stratum, planted.frame.coverage))
    named.append(("survey.design.stratum", survey.design.stratum, ()))
    for key in sorted(questions.keys() - survey.profile.keys()):
        yield "survey.profile", f"The simulation has no shares for the profile question {key!r}."
    for where, key, codes in named:
        if key not in questions:
            yield where, f"The instrument has no profile question {key!r}, which the simulation plants."
            continue
        unknown = [code for code in codes if code not in questions[key]]
        if unknown:
            yield where, f"The profile question {key!r} has no answer {', '.join(unknown)}."


def _digital_answers(planted: Planted, digital: Digital) -> Iterator[tuple[str, str, Iterable[str]]]:
    yield "digital.answers", digital.question, digital.answers
    margin = planted.survey.profile.get(digital.question)
    for key, groups in digital.effect.items():
        yield f"digital.effect.{key}", (margin and margin.given) or "", groups


def _step_gaps(planted: Planted, edition: Edition) -> Iterator[tuple[str, str]]:
    if edition.standards is None:
        yield "service_log.steps", "The simulated service log needs the edition's standards."
        return
    limits: dict[str, dict[str, Any]] = {s.key: {t.key: t.limit for t in s.steps} for s in edition.standards.scenarios}
    for scenario, steps in planted.service_log.steps.items():
        for step, time in steps.items():
            where = f"service_log.steps.{scenario}.{step}"
            if step not in limits.get(scenario, {}):
                yield where, f"The standards have no step {step!r} in a scenario {scenario!r}."
            elif (limits[scenario][step] is None) == (time.hours is None):
                yield where, "A step with a limit needs `on_time`, one without a limit needs `hours`."
