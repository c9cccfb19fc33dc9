"""The edition: one params file, read with what it extends and refers to, as one typed object."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, model_validator

from analysis.edition.dictionary import DEFAULT_DICTIONARY, Dictionary, load_dictionary
from analysis.edition.instrument import NOTHING_ASKED, Instrument, load_instrument
from analysis.edition.merging import merge_categories, told_of_merged
from analysis.edition.params import MAX_PROBLEMS, Params, Text, merge, unworded, validate
from analysis.edition.reading import read_model, read_yaml
from analysis.edition.sections import Section
from analysis.edition.sections.cleaning import Cleaning
from analysis.edition.sections.data import Data
from analysis.edition.sections.data_release import DataRelease
from analysis.edition.sections.disclosure import Disclosure
from analysis.edition.sections.domain import Domain, Withheld
from analysis.edition.sections.drivers import Drivers
from analysis.edition.sections.fieldwork import FieldworkRules
from analysis.edition.sections.index import Index
from analysis.edition.sections.measurement import Measurement
from analysis.edition.sections.monitoring import Monitoring
from analysis.edition.sections.publication import Lang, Noun, Period, Publication
from analysis.edition.sections.relationships import Relationships
from analysis.edition.sections.sampling import Sampling
from analysis.edition.sections.service import Service
from analysis.edition.sections.simulation import Simulation
from analysis.edition.sections.structural import Structural
from analysis.edition.sections.tabulation import Tabulation
from analysis.edition.sections.text import TextReading
from analysis.edition.sections.trend import Trend
from analysis.edition.sections.weighting import Weighting
from analysis.edition.standards import Benchmarks, Standards, load_benchmarks, load_standards
from analysis.errors import EditionError, Problems, SurveyReportError
from analysis.files import read_params, real_path

REFERENCES = ("instrument", "model", "standards", "benchmarks", "dictionary")
"""Keys that name a file beside the params."""
DEFAULT_LANGUAGES: tuple[Lang, ...] = Publication.model_fields["languages"].default
PARTS = ("publication.date", "publication.fieldwork", "publication.predecessor", "trend.panel")
"""Parts of sections that results depend on while they do not depend on the rest."""
MAX_EXTENDS = 20
"""Files that may extend each other in a row."""
SCORING = "scoring"
"""The property of an edition that only one with an index has: a step that reads it can't do without."""
SNAPSHOT = "edition.json"
"""Name of the file that a run keeps its edition in."""


class Sections(Params):
    """What every edition says; a new section is one line here and a file in sections/."""

    publication: Publication
    seed: Annotated[int, Field(ge=0, lt=2**32)]
    data: Data
    simulation: Simulation = Simulation()
    sampling: Sampling = Sampling()
    fieldwork: FieldworkRules = FieldworkRules()
    cleaning: Cleaning = Cleaning()
    weighting: Weighting = Weighting()
    index: Index = Index()
    measurement: Measurement = Measurement()
    structural: Structural = Structural()
    drivers: Drivers = Drivers()
    trend: Trend = Trend()
    service: Service = Service()
    monitoring: Monitoring = Monitoring()
    text: TextReading = TextReading()
    relationships: Relationships = Relationships()
    tabulation: Tabulation = Tabulation()
    disclosure: Disclosure = Disclosure()
    data_release: DataRelease = DataRelease()
    domain: Domain = Domain()
    withheld: Withheld = Withheld()

    @model_validator(mode="after")
    def _replicates_exist(self) -> Sections:
        if self.structural.variance == "replicates" and self.weighting.replicates is None:
            raise ValueError("structural.variance is replicates, but weighting.replicates asks for none")
        if self.index.estimated and self.weighting.replicates is None:
            raise ValueError(
                f"index.weights is {self.index.weights}: the error of weights from the sample comes from replicates,"
                " but weighting.replicates asks for none"
            )
        return self


class ParamsFile(Sections):
    """The params file itself, which names the files of its instrument, model, standards, benchmarks and dictionary."""

    instrument: str | None = None
    model: str | None = None
    standards: str | None = None
    benchmarks: str | None = None
    dictionary: str | None = None


class Edition(Sections):
    """One published report: its sections with all that they refer to, from the instrument to the dictionary."""

    name: str
    path: Path
    instrument: Instrument
    model: str | None
    standards: Standards | None
    benchmarks: Benchmarks | None
    dictionary: Dictionary

    @property
    def languages(self) -> tuple[Lang, ...]:
        """Languages the edition is published in."""
        return self.publication.languages

    @property
    def surveyed(self) -> Period:
        """First and last day of the fieldwork, apart from what else the publication says: a title changes no result."""
        return self.publication.fieldwork

    @property
    def published(self) -> dt.date:
        """The day of publication, apart from what else the publication says."""
        return self.publication.date

    @property
    def predecessor(self) -> str | None:
        """Name of the edition before this one, apart from what else the publication says."""
        return self.publication.predecessor

    @property
    def panel(self) -> bool | None:
        """Whether an id in several waves is one person, apart from how a trend is drawn from them."""
        return self.trend.panel

    @property
    def nouns(self) -> tuple[Noun, Noun]:
        """What those who are asked, and those whom they rate, are called; apart from the rest of the publication."""
        return self.publication.people, self.publication.providers

    @property
    def matter(self) -> Text:
        """What people rate: service, care, teaching."""
        return self.publication.matter

    @property
    def guided(self) -> bool:
        """Whether a survey uses the guide's questionnaire, standards or benchmarks."""
        files = (self.instrument, self.standards, self.benchmarks)
        return self.interviewed and any(file is not None and file.guide for file in files)

    @property
    def tells_gaps(self) -> bool:
        """Whether the report says what was not measured: with the guide, unless the params say otherwise."""
        said = self.publication.unmeasured or ("say" if self.guided else "leave_out")
        return self.interviewed and said == "say"

    @property
    def interviewed(self) -> bool:
        """Whether there are answers to a questionnaire: without them the report rests on records of the service."""
        return self.data.interviewed

    @property
    def indexed(self) -> bool:
        """Whether there is a satisfaction index: without a rated dimension, a survey is published by its tables."""
        return self.interviewed and bool(self.instrument.dimensions)

    @property
    def scoring(self) -> Index:
        """The rules of the index, of an edition that has one; raises EditionError elsewhere."""
        if not self.indexed:
            raise EditionError("There is no index in this edition.", where="instrument: constructs")
        return self.index

    @property
    def simulated(self) -> bool:
        """Whether the survey is simulated: every page must say so."""
        return self.data.source == "simulated"


def load_edition(path: Path | str) -> Edition:
    """Read a params file, or the snapshot of an edition, into an Edition.

    Raises EditionError, or Problems with every fault found: unknown or missing keys, values out of range, files
    that do not exist, and names that the instrument does not know.
    """
    path = real_path(path)
    if path.name == SNAPSHOT:
        return _read_snapshot(path)
    content = validate(ParamsFile, _extended(path, seen=()), path=path)
    problems: list[SurveyReportError] = []

    def attempt(load: Any, reference: str | None) -> Any:
        if reference is None:
            return None
        try:
            return load(path.parent / reference)
        except SurveyReportError as error:
            problems.extend(error.problems if isinstance(error, Problems) else [error])
            return None

    named = {name: getattr(content, name) for name in REFERENCES}
    named["dictionary"] = named["dictionary"] or str(DEFAULT_DICTIONARY)
    referred = {name: attempt(load, named[name]) for name, load in _loaders().items()}
    problems = problems or _unstated(content, referred["instrument"], path)
    referred["instrument"] = referred["instrument"] or NOTHING_ASKED
    problems = problems or _unworded(content, referred, path)
    problems = problems or _merge_in(referred, content, path)
    problems = problems or _without_index(content, referred["instrument"], path)
    problems = problems or _faults(content, referred["instrument"], path)
    if content.index.weights == "model" and content.model is None:
        problems.append(
            EditionError(
                "The weights of the index are to come from the structural model, and there is none.",
                where=f"{path}: index.weights",
                expected="a model file under the key `model`",
                hint="name the model, set index.weights to importance, or give the weights",
            )
        )
    problems = problems or _faults_of_references(content, referred, path)
    if problems:
        raise problems[0] if len(problems) == 1 else Problems(problems)
    referred["dictionary"] = referred["dictionary"].within([one.key for one in referred["instrument"].constructs])
    own = {name: getattr(content, name) for name in Sections.model_fields}
    return Edition(name=path.stem, path=path, **own, **referred)


def stated_content(path: Path | str) -> dict[str, Any]:
    """What a params file says, with all that it extends, before anything is validated."""
    return _extended(real_path(path), seen=())


def languages_of(path: Path) -> tuple[str, ...]:
    """The languages that a params file, or what it extends, names for the report; the default where none is read."""
    try:
        said = _extended(real_path(path), seen=()).get("publication")
    except SurveyReportError:
        said = None
    named = said.get("languages") if isinstance(said, Mapping) else None
    known = [lang for lang in named if lang in DEFAULT_LANGUAGES] if isinstance(named, list) else []
    return tuple(known) or DEFAULT_LANGUAGES


def predecessor_of(path: Path) -> Path | None:
    """The params file of the edition before that of `path`, beside it; None where none is named, or none is read."""
    try:
        said = _extended(real_path(path), seen=()).get("publication")
    except SurveyReportError:
        said = None
    named = said.get("predecessor") if isinstance(said, Mapping) else None
    return path.parent / f"{named}.yml" if isinstance(named, str) and named != path.stem else None


def _unworded(content: ParamsFile, referred: Mapping[str, Any], path: Path) -> list[SurveyReportError]:
    """Wordings that are not there in a language of the report."""
    parts = {path: content} | {
        real_path(path.parent / name): referred[key]
        for key in REFERENCES
        if (name := getattr(content, key)) is not None
    }
    languages = content.publication.languages
    hint = "add it, or leave that language out of publication.languages"
    faults: list[SurveyReportError] = [
        EditionError(f"The key {key.rpartition('.')[2]!r} is missing.", where=f"{file}: {key}", hint=hint)
        for file, part in parts.items()
        for key in unworded(part, languages)
    ]
    return faults[:MAX_PROBLEMS]


def _merge_in(referred: dict[str, Any], content: ParamsFile, path: Path) -> list[SurveyReportError]:
    """Join the categories that the edition counts as one, in the instrument of `referred`; what stands against it."""
    try:
        referred["instrument"] = merge_categories(referred["instrument"], content.data.merge)
    except EditionError as error:
        return [_placed(error, path)]
    return []


def _unstated(content: ParamsFile, instrument: Instrument | None, path: Path) -> list[SurveyReportError]:
    """What an edition with answers to a questionnaire has to state; the index where dimensions are rated."""
    stated = {
        "instrument": content.instrument is not None,
        "index.csat": content.index.states("csat") or (instrument is not None and not instrument.dimensions),
    }
    return [
        EditionError(f"The key {key.rpartition('.')[2]!r} is missing.", where=f"{path}: {key}", hint="add it")
        for key, there in stated.items()
        if content.data.interviewed and not there
    ]


def _without_index(content: ParamsFile, instrument: Instrument, path: Path) -> list[SurveyReportError]:
    """What a survey without a rated dimension, and so without an index, can't be asked for."""
    if instrument.dimensions or not content.data.interviewed:
        return []
    asked = {"index.csat": content.index.states("csat"), "model": content.model is not None}
    return [
        EditionError(
            "There is no index without a dimension that its items rate.",
            where=f"{path}: {key}",
            expected=f"a construct with the role dimension in {content.instrument}",
            hint=f"give one its role, or remove {key}: the survey is then published by its tables",
        )
        for key, there in asked.items()
        if there
    ]


def _loaders() -> dict[str, Any]:
    """How the file of each reference is read."""
    return {
        "instrument": load_instrument,
        "model": read_model,
        "standards": load_standards,
        "benchmarks": load_benchmarks,
        "dictionary": load_dictionary,
    }


def snapshot(edition: Edition) -> dict[str, Any]:
    """All that an edition says, with what its params refer to, as plain values for a file that `load_edition` reads.

    Defaults are left to the reader: what the params never said is not stated in the snapshot either.
    """
    return edition.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _read_snapshot(path: Path) -> Edition:
    try:
        return Edition.model_validate_json(read_params(path))
    except ValueError:
        raise EditionError(
            "The snapshot of the edition is damaged.", where=str(path), hint="run `make report` again: it is made anew"
        ) from None


def _faults(sections: Sections, instrument: Instrument, path: Path) -> list[SurveyReportError]:
    """What the sections ask for and the instrument does not have."""
    parts = [part for name in Sections.model_fields if isinstance(part := getattr(sections, name), Section)]
    found = [fault for part in parts for fault in part.faults(instrument)]
    return [_placed(told_of_merged(fault, sections.data.merge), path) for fault in found]


def _faults_of_references(content: ParamsFile, referred: Mapping[str, Any], path: Path) -> list[SurveyReportError]:
    """What standards and benchmarks ask for and the instrument, or each other, does not have."""
    own, problems = referred["instrument"], []
    if content.benchmarks is not None:
        faults = referred["benchmarks"].faults(own)
        problems += [_placed(fault, real_path(path.parent / content.benchmarks)) for fault in faults]
    if content.standards is not None:
        faults = referred["standards"].faults(own, referred["benchmarks"])
        problems += [_placed(fault, real_path(path.parent / content.standards)) for fault in faults]
    return list(problems)


def _placed(fault: EditionError, path: Path) -> EditionError:
    """A fault with the file that its key stands in."""
    where = f"{path}: {fault.where}"
    return EditionError(fault.problem, where=where, expected=fault.expected, got=fault.got, hint=fault.hint)


def _extended(path: Path, *, seen: tuple[Path, ...]) -> dict[str, Any]:
    """Content of `path` merged over the file it extends; references of the base stay relative to the base."""
    if path in seen:
        chain = " → ".join(p.name for p in (*seen, path))
        raise EditionError("Params files extend each other in a circle.", where=chain, hint="remove one `extends`")
    if len(seen) >= MAX_EXTENDS:
        raise EditionError(
            f"More than {MAX_EXTENDS} params files extend each other.",
            where=f"{seen[0]}: extends",
            expected=f"at most {MAX_EXTENDS} files in a row",
            hint="put what they say into fewer files",
        )
    content = read_yaml(path, key="extends", holds=tuple(ParamsFile.model_fields)) if seen else read_yaml(path)
    base_name = content.pop("extends", None)
    if base_name is None:
        return content
    if not isinstance(base_name, str):
        raise EditionError(
            "`extends` must be the name of one file.", where=f"{path}: extends", expected="text", got=repr(base_name)
        )
    base_path = real_path(path.parent / base_name)
    base = _extended(base_path, seen=(*seen, path))
    for key in REFERENCES:
        if isinstance(base.get(key), str) and key not in content:
            base[key] = str(base_path.parent / base[key])
    if isinstance(base.get("publication"), Mapping):  # the edition before that of the base is not the one before this
        base["publication"] = {key: said for key, said in base["publication"].items() if key != "predecessor"}
    return merge(base, content)
