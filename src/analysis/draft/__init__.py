"""A draft of an edition from a file that nobody has described: its params and its instrument, with what to decide."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.data.columns import Field
from analysis.data.values import convert, missing_codes
from analysis.draft.declined import why_declined, without_declined
from analysis.draft.kinds import Kinds, sort_columns
from analysis.draft.questionnaire import Questionnaire, write_questionnaire
from analysis.draft.scales import Rated
from analysis.draft.sheet import ENCODING, Column, Sheet, read_sheet
from analysis.draft.wave_column import in_order, wave_column
from analysis.draft.wording import publication_words
from analysis.draft.yaml_lines import comment, decide, flow, scalar
from analysis.edition.sections.data import MISSING, Reason
from analysis.edition.sections.disclosure import Disclosure
from analysis.errors import SourceError
from analysis.periods import read_label

_UNITS = re.compile(
    r"branch|store|shop|school|ward\b|department|hospital|clinic|compan|institution|provider|\bsite\b|faculty|hotel"
    r"|门店|网点|支行|科室|医院|学校|学院|机构|部门|公司|酒店|单位"
)
LEAST = 5
"""Interviews from which a draft can be made."""


@dataclass(frozen=True)
class Draft:
    """Texts of the params file and of the instrument, what was found, and the number of questions left open."""

    params: str
    instrument: str
    found: tuple[str, ...]
    decide: int


def draft_edition(
    path: Path,
    *,
    name: str,
    shown: str,
    today: dt.date,
    waves: Mapping[str, str] | None = None,
    evidence: tuple[str, ...] = (),
) -> Draft:
    """Describe the file at `path`, which the params call `shown`, as the edition `name`.

    `waves`: of several files of one survey, what the params call each by the label of its wave, and the `evidence`
    of that; `path` is then that of the latest. Raises SourceError where the file can't be read, has fewer interviews
    than a draft needs, or no rated items.
    """
    sheet = read_sheet(path)
    kinds = sort_columns(sheet)
    if sheet.rows < LEAST:
        raise SourceError(
            "The file has too few interviews for a draft.",
            where=str(path),
            expected=f"at least {LEAST}",
            got=str(sheet.rows),
            hint="draft from a larger export, or write the params by hand: see params/README.md",
        )
    if not (kinds.rated.blocks or kinds.categories):
        raise SourceError(
            "Neither rated items nor background questions are found in the file.",
            where=str(path),
            expected="columns with answers on one scale, as numbers or as words in order, or with a few categories",
            got=", ".join(column.name for column in sheet.columns[:12]),
            hint="write the instrument by hand: see params/README.md",
        )
    made = write_questionnaire(sheet, kinds, kinds.rated)
    if waves:
        kinds.named.pop("wave", None)
    place = _place(sheet, kinds, shown, waves or {}, evidence)
    params = "\n".join(_params(sheet, kinds, kinds.rated, made, name, place, today)) + "\n"
    asked = [line for line in [*params.splitlines(), *made.text.splitlines()] if line.lstrip().startswith("# decide:")]
    return Draft(params, made.text, tuple(_found(kinds, kinds.rated, sheet)), len(asked))


def _found(kinds: Kinds, rated: Rated, sheet: Sheet) -> list[str]:
    told = [f"{sheet.rows} interviews, {len(sheet.columns)} columns"]
    told += [f"{len(block.columns)} rated items on {block.low}–{block.high}" for block in rated.blocks]
    told += [f"{len(kinds.categories) + len(kinds.numbers)} background questions, {len(kinds.texts)} open questions"]
    told += [f"{len(kinds.choices) + len(kinds.groups)} questions of several choices"]
    told += [f"{key}: column {column.name!r}" for key, column in kinds.named.items()]
    return told + [f"left out, {why}: {len(names)} column(s)" for why, names in kinds.left.items()]


def _params(
    sheet: Sheet, kinds: Kinds, rated: Rated, made: Questionnaire, name: str, place: list[str], today: dt.date
) -> list[str]:
    named = " ".join(re.split(r"[\s_]+", sheet.path.stem))
    title = scalar(named[:1].upper() + named[1:])
    start, end, known = _fieldwork(kinds, today)
    year = end.year if known else _year_of_wave(kinds) or end.year
    lines = [
        f"# Drafted from {comment(sheet.path.name)}: what can't be known from a file stands as `# decide: …`.",
        "# All that the params can say: params/README.md.",
        "publication:",
        f"  year: {year}",
        decide("title, subtitle, institute; why, who and how (purpose, population, mode, sponsor)", indent=2),
        f"  title: {{zh: {title}, en: {title}}}",
        f'  subtitle: {{zh: "{year}年", en: "{year}"}}',
        "  institute: {zh: 研究部, en: Research department}",
        f"  date: {today}",
        *(
            ["  fieldwork:             # first and last time stamp", f"    start: {start}", f"    end: {end}"]
            if known
            else [decide("fieldwork: {start: …, end: …}, which the file does not tell", indent=2)]
        ),
        *publication_words(sheet),
        decide("of which question every answer has a page: the one that tells the rated units apart, if any", indent=2),
        f"  profiles: {flow(_units(made))}",
        "seed: 1",
        f"instrument: instruments/{name}.yml",
        *_data(sheet, kinds, rated, made, place),
        *_index(rated, made),
    ]
    base = Disclosure().min_base
    if sheet.rows < base:
        least = max(2, sheet.rows // 3)
        asked = f"{sheet.rows} interviews are fewer than the {base} that a published number rests on by default"
        lines += ["disclosure:", decide(asked, indent=2), f"  min_base: {least}"]
    if "weight" in kinds.named:
        asked = f"the design behind the weights in {kinds.named['weight'].name!r}: weighting.stratum, psu, fpc"
        lines.append(decide(asked))
    return lines


def _fieldwork(kinds: Kinds, today: dt.date) -> tuple[dt.date, dt.date, bool]:
    """First and last day of the interviews of the latest wave, or today."""
    column, wave = kinds.named.get("submitted_at"), kinds.named.get("wave")
    if column is None:
        return today, today, False
    text = column.text if wave is None else column.text[wave.text == in_order(wave.answers.index)[-1]]
    codes = missing_codes(())
    read = convert(text, field=Field("submitted_at", "datetime"), values={}, missing=codes).typed.dropna()
    return pd.Timestamp(read.min()).date(), pd.Timestamp(read.max()).date(), True


def _units(made: Questionnaire) -> list[str]:
    """The background question that names what is rated: branches, wards, schools. Kinds of people are none."""
    return [key for key in made.segments if _UNITS.search(made.columns[key].said)][:1]


def _year_of_wave(kinds: Kinds) -> int | None:
    """The year of the latest wave, where its label has one."""
    wave = kinds.named.get("wave")
    latest = read_label(in_order(wave.answers.index)[-1]) if wave is not None else ""
    return int(latest[:4]) if latest[:4].isdecimal() else None


def _place(sheet: Sheet, kinds: Kinds, shown: str, waves: Mapping[str, str], evidence: tuple[str, ...]) -> list[str]:
    """Where the answers lie: in one file, perhaps with a column for the wave, or in a file for each wave."""
    if waves:
        lines = ["      waves:", *(f"        {label}: {scalar(path)}" for label, path in waves.items())]
    else:
        lines, column = [f"      path: {scalar(shown)}"], wave_column(sheet)
        if column is not None:
            told = ", ".join(sorted(map(str, column.answers.index))[:4])
            other = "if not, remove `wave`" if "wave" in kinds.named else f"then: columns: {{wave: {column.name}}}"
            evidence = (f"does {column.name!r} ({told}) say the wave? {other}",)
    return [*(decide(question, indent=6) for question in evidence), *lines]


def _data(sheet: Sheet, kinds: Kinds, rated: Rated, made: Questionnaire, place: list[str]) -> list[str]:
    lines = ["data:", "  source: files", "  tables:", "    responses:", *place]
    if ENCODING in sheet.guessed:
        lines.append(decide(f"the encoding; {sheet.guessed[ENCODING]}", indent=6))
    lines += [f"      {key}: {flow(value)}" for key, value in sheet.layout.items()]
    if "dates" in kinds.unsure:
        asked = f"dates: day_first or month_first? {kinds.unsure['dates']}; then map submitted_at to it"
        lines.append(decide(asked, indent=6))
    if kinds.finished is not None:
        asked = f"keep finished interviews only? filters: [{{column: {kinds.finished.name}, keep: [1]}}]"
        lines.append(decide(asked, indent=6))
    lines += _columns(sheet, kinds, made)
    lines += [*_wordings(rated, made), *_codes(rated, kinds, made)]
    left = [f"{why}: {', '.join(names)}" for why, names in kinds.left.items()]
    return lines + [f"      # left out, {comment(text)}" for text in left]


def _wordings(rated: Rated, made: Questionnaire) -> Iterator[str]:
    """The codes of worded answers: of the usual scale for all items, of another one for each of its own."""
    said: dict[str, dict[str, int]] = {}
    for block in (block for block in rated.blocks if block.wordings):
        own = [key for key, column in made.columns.items() if any(column is one for one in block.columns)]
        said |= dict.fromkeys(["*"] if block is rated.usual else own, block.wordings)
    if said:
        yield "      values:"
        yield from (f"        {scalar(key)}: {flow(wordings)}" for key, wordings in said.items())


def _codes(rated: Rated, kinds: Kinds, made: Questionnaire) -> Iterator[str]:
    """Codes for no answer, of each item those of its scale and its own."""
    given: dict[str, list[str]] = {}
    counts: Counter[str] = Counter()
    yield from _declined(rated, kinds, made)
    for key, column in made.columns.items():
        if not any(column is one for one in rated.columns):
            continue
        known = [*rated.scale(column).missing, *column.codes]
        codes = [code for code in dict.fromkeys(known) if why_declined(code, column, alone=False) is None]
        counts.update({code: int(column.answers.get(code, 0)) for code in codes})
        if codes:
            given[key] = codes
    if given:
        told = ", ".join(f"{code} ({count} times)" for code, count in counts.items())
        yield decide(f"are these codes for no answer? {told}", indent=6)
        yield "      missing:"
        yield f'        "*": {flow(list(MISSING))}'
        yield from (f"        {scalar(key)}: {flow([*MISSING, *codes])}" for key, codes in given.items())


def _declined(rated: Rated, kinds: Kinds, made: Questionnaire) -> Iterator[str]:
    """Answers that say why there is none, by reason and question."""
    found: dict[Reason, dict[str, list[str]]] = {}
    counts: dict[Reason, Counter[str]] = {}
    for key, column in made.columns.items():
        is_rated = any(column is one for one in rated.columns)
        if not is_rated and not any(column is one for one in kinds.categories):
            continue
        given = [str(answer) for answer in column.answers.index]
        codes = dict.fromkeys([*rated.scale(column).missing, *column.codes]) if is_rated else given
        said = given if is_rated else without_declined(column, given)
        for code in codes:
            reason = why_declined(code, column, alone=not is_rated)
            if reason is not None and (is_rated or code not in said):
                found.setdefault(reason, {}).setdefault(key, []).append(code)
                told = column.labels.get(code, code)
                counts.setdefault(reason, Counter())[told] += int(column.answers.get(code, 0))
    for reason, codes_of in found.items():
        told = ", ".join(f"{text!r} ({count} times)" for text, count in counts[reason].items())
        yield decide(f"are these answers none? They say so: {told}", indent=6)
        yield f"      {reason}:"
        yield from (f"        {scalar(key)}: {flow(codes)}" for key, codes in codes_of.items())


def _columns(sheet: Sheet, kinds: Kinds, made: Questionnaire) -> list[str]:
    """The columns whose names in the file are not ours, by name, or by position where a name is blank or used twice."""
    names = Counter(sheet.raw.names)
    lines = []
    mapped: dict[str, Column] = {**{str(key): column for key, column in kinds.named.items()}, **made.columns}
    for key, column in mapped.items():
        if column.name == key and names[key] == 1 and key != "wave":
            continue
        where = column.name if column.name and names[column.name] == 1 else column.position + 1
        lines.append(f"        {key}: {scalar(where)}")
    return ["      columns:", *lines] if lines else []


def _index(rated: Rated, made: Questionnaire) -> list[str]:
    satisfied = [(key, group) for key, group in made.groups if group.role == "satisfaction"]
    dimensions = [(key, group) for key, group in made.groups if group.role == "dimension"]
    if not dimensions:
        return []
    construct, group = (satisfied or dimensions)[0]
    scale = rated.scale(rated.columns[group.places[0]])
    threshold = round(scale.low + 0.7 * (scale.high - scale.low))
    lines = ["index:"]
    if not satisfied:
        lines.append(decide("which construct asks for satisfaction: none is known by its name", indent=2))
    lines += [decide(f"from which answer on somebody counts as satisfied ({scale.low}–{scale.high})", indent=2)]
    lines.append(f"  csat: {{construct: {construct}, satisfied_from: {threshold}}}")
    if made.segments:
        asked = f"for which background questions the index is told: {', '.join(made.segments)}"
        lines += [decide(asked, indent=2), f"  segments: {flow(made.segments[:2])}"]
    return lines
