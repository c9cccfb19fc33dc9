"""The instrument of a draft, as YAML, and where each of its questions stands in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.draft.constructs import RATED, RECOMMENDED, Group, group_items
from analysis.draft.declined import without_declined
from analysis.draft.keys import Keys
from analysis.draft.kinds import Kinds, options
from analysis.draft.naming import Wording, asked, both, is_worded, of_items, parted, short_name
from analysis.draft.scales import Rated, Scale, family
from analysis.draft.sheet import Column, Sheet
from analysis.draft.yaml_lines import comment, decide, flow, scalar

_ORDERED = (
    ("小学", "初中", "高中", "中专", "大专", "本科", "硕士", "博士"),
    (
        "primary",
        "elementary",
        "secondary",
        "highschool",
        "college",
        "undergrad",
        "bachelor",
        "graduate",
        "master",
        "phd",
    ),
    ("low", "medium", "middle", "high"),
)
_AGE = re.compile(r"\bage\b|年龄")
_DRIFT = 0.25
"""Share of the scale above the highest answer from which its end is asked about."""


@dataclass
class Questionnaire:
    """The instrument's text, the constructs by role, and our name of every question with its column in the file."""

    text: str
    groups: list[tuple[str, Group]]
    columns: dict[str, Column] = field(default_factory=dict)
    grids: dict[str, tuple[str, dict[int, str]]] = field(default_factory=dict)
    segments: list[str] = field(default_factory=list)

    @property
    def indexed(self) -> bool:
        """Whether its dimensions make an index."""
        return any(group.role == "dimension" for _, group in self.groups)

    def wording(self, column: Column) -> str:
        """What a rated item says, without what all of its grid begin with."""
        return self.grids[family(column)][1][column.position]


def _grids(rated: Rated) -> dict[str, tuple[str, dict[int, str]]]:
    """By the common name of items: what they begin with, and by its place what each says beyond that."""
    found = {}
    for name in dict.fromkeys(map(family, rated.columns)):
        columns = [column for column in rated.columns if family(column) == name]
        stem, rest = parted([c.question for c in columns]) if name else ("", [asked(c.question) for c in columns])
        found[name] = stem, {column.position: text for column, text in zip(columns, rest, strict=True)}
    return found


def write_questionnaire(sheet: Sheet, kinds: Kinds, rated: Rated) -> Questionnaire:
    """Constructs, background questions, choices and open questions, each with what is left to decide."""
    keys = Keys()
    groups, evidence = group_items(rated)
    made = Questionnaire("", [], grids=_grids(rated))
    lines = [f"# Drafted from {comment(sheet.path.name)}: what can't be known from a file stands as `# decide: …`."]
    title = scalar(sheet.path.stem)
    lines += [decide("the wordings of the language that the file is not in, here repeated from the other")]
    lines += [f"name: {{zh: {title}, en: {title}}}"]
    if groups:
        lines += _usual_scale(rated.usual)
        lines += [*([decide(f"the constructs; {evidence}")] if evidence else []), "constructs:"]
    else:
        lines += [decide("which questions are rated, if any: the report has tables, and no index")]
    for group in groups:
        lines += _construct(group, rated, keys, made)
    lines += _profile(kinds, keys, made, sheet.rows)
    lines += _numeric(kinds, keys, made)
    lines += _multiple(kinds, keys, made)
    lines += _open(kinds, keys, made)
    made.text = "\n".join(lines) + "\n"
    return made


def _usual_scale(scale: Scale) -> Iterator[str]:
    yield _asked_of(scale)
    yield "scale:"
    yield f"  min: {scale.low}"
    yield f"  max: {scale.high}"
    if scale.continuous:
        yield "  continuous: true         # answers have decimals"
    labels = _labels(scale)
    if labels:
        yield "  labels:"
        yield from (f"    {code}: {flow(both(text))}" for code, text in sorted(labels.items()))


def _asked_of(scale: Scale, *, indent: int = 0) -> str:
    """What is to be decided of a scale: its direction, and its ends where the answers stay away from them."""
    asked = "does the highest answer stand for the best?"
    if scale.observed[1] < scale.high - _DRIFT * (scale.high - scale.low) or scale.observed[0] > scale.low + 1:
        asked += f" Answers reach from {scale.observed[0]:g} to {scale.observed[1]:g} only"
    return decide(asked, indent=indent)


def _labels(scale: Scale) -> dict[int, str]:
    return {code: text for text, code in scale.wordings.items()} or _stored(scale)


def _own_scale(scale: Scale) -> str:
    """A scale beside the usual one, on one line."""
    said: dict[str, Any] = {"min": scale.low, "max": scale.high}
    if scale.continuous:
        said["continuous"] = True
    labels = {code: {"zh": text, "en": text} for code, text in sorted(_labels(scale).items())}
    return flow(said | ({"labels": labels} if labels else {}))


def _stored(scale: Scale) -> dict[int, str]:
    """Wordings of the scale's points that a .sav file has with its items, where all of them say the same."""
    said = [
        {int(code): text for code, text in column.labels.items() if re.fullmatch(r"-?\d+", code)}
        for column in scale.columns
    ]
    inside = [{code: text for code, text in one.items() if scale.low <= code <= scale.high} for one in said]
    return inside[0] if all(one == inside[0] for one in inside) else {}


def _name(group: Group, items: Sequence[str], columns: Sequence[Column], made: Questionnaire) -> Wording:
    """Name of a construct: of one item what it asks for, of several the name in common, or what it is made of."""
    if group.overall:
        return {"zh": "总体满意度", "en": "Overall satisfaction"}
    if len(items) == 1:
        known = RECOMMENDED.search(columns[0].said)
        return {"zh": "推荐意愿", "en": "Willingness to recommend"} if known else both(short_name(items[0]))
    if group.name == RATED:
        return {"zh": "评分题", "en": "Rated items"}
    grid = group.name == family(columns[0]) and made.grids[group.name][0]
    factor = re.fullmatch(r"Factor (\d+)", group.name)
    if grid or ((factor or not is_worded(group.name)) and is_worded(items[0])):
        return of_items(grid or "", items)
    return {"zh": f"因子{factor[1]}", "en": group.name} if factor else both(group.name)


def _construct(group: Group, rated: Rated, keys: Keys, made: Questionnaire) -> Iterator[str]:
    items = [(rated.columns[place], place) for place in group.places]
    scales = [rated.scale(column) for column, _ in items]
    item_keys = [keys.new(column.name, otherwise=f"q{column.position + 1}") for column, _ in items]
    wanted = group.name if len(items) > 1 else f"{item_keys[0]}_level"
    key = keys.new(wanted, otherwise=f"construct{len(made.groups) + 1}")
    made.groups.append((key, group))
    yield f"  - key: {key}"
    if group.evidence:
        yield decide(f"name and role (dimension, satisfaction, emotional, loyalty, other); {group.evidence}", indent=4)
    yield f"    role: {group.role}"
    worded = [made.wording(column) for column, _ in items]
    yield f"    name: {flow(_name(group, worded, [column for column, _ in items], made))}"
    if scales[0] is not rated.usual:
        yield _asked_of(scales[0], indent=4)
        yield f"    scale: {_own_scale(scales[0])}"
    yield "    items:"
    for item, (column, place), scale, text in zip(item_keys, items, scales, worded, strict=True):
        made.columns[item] = column
        if place in group.reversed:
            asked = f"reverse: true? It correlates {group.reversed[place]:.2f} with the others"
            yield decide(asked, indent=6)
        if scale is not scales[0]:
            yield _asked_of(scale, indent=6)
        own = f", scale: {_own_scale(scale)}" if scale is not scales[0] else ""
        yield f"      - {{key: {item}, zh: {scalar(text)}, en: {scalar(text)}{own}}}"


def _profile(kinds: Kinds, keys: Keys, made: Questionnaire, rows: int) -> Iterator[str]:
    classed = [column for column in kinds.numbers if made.indexed or _AGE.search(column.said)]
    if not kinds.categories and not classed:
        return
    yield "profile:"
    for column in sorted((*kinds.categories, *classed), key=lambda column: column.position):
        key = keys.new(column.name, otherwise=f"q{column.position + 1}")
        made.columns[key] = column
        yield f"  - key: {key}"
        yield f"    name: {flow(both(short_name(column.question or column.name)))}"
        yield f"    question: {flow(both(asked(column.question)))}"
        if column in kinds.numbers:
            yield from _classes(column)
        else:
            yield from _categories(column)
            if 2 <= len(column.answers) <= 8 and column.answers.iloc[0] < 0.95 * rows:
                made.segments.append(key)


def _numeric(kinds: Kinds, keys: Keys, made: Questionnaire) -> Iterator[str]:
    """Numbers that a survey without an index asks for are tabulated as they are."""
    numbers = [column for column in kinds.numbers if not any(column is taken for taken in made.columns.values())]
    if not numbers:
        return
    yield "numeric:"
    for column in numbers:
        key = keys.new(column.name, otherwise=f"q{column.position + 1}")
        made.columns[key] = column
        yield decide("its unit: unit: {zh: 元, en: yuan}", indent=2)
        name, question = both(short_name(column.question or column.name)), both(asked(column.question))
        yield f"  - {{key: {key}, name: {flow(name)}, question: {flow(question)}}}"


def _classes(column: Column) -> Iterator[str]:
    numbers = column.numbers[np.isfinite(column.numbers)]
    low, high = float(numbers.min()), float(numbers.max())
    if _AGE.search(column.said) and low >= 10 and high <= 110:
        bounds: list[float] = [int(low), *(bound for bound in (18, 30, 45, 60) if low < bound <= high)]
    else:
        cuts = np.quantile(numbers, [0.25, 0.5, 0.75])
        digits = 0 if column.whole else max(0, int(2 - np.floor(np.log10(max(high - low, 1e-9)))))
        scale = 10.0**digits
        cuts = np.floor(cuts * scale) / scale
        start = np.floor(low * scale) / scale
        bounds = [int(b) if column.whole else float(b) for b in dict.fromkeys([start, *cuts])]
    yield decide(f"the lower bounds of the classes; answers reach from {low:g} to {high:g}", indent=4)
    yield f"    classes: {flow(bounds)}"


def _categories(column: Column) -> Iterator[str]:
    answers = without_declined(column, _in_order(column))
    labels = {answer: column.labels.get(_plain(answer), "") for answer in answers}
    if all(re.fullmatch(r"-?\d+(\.0+)?", answer) for answer in answers) and not any(labels.values()):
        yield decide(f"what the codes {', '.join(answers[:8])} stand for", indent=4)
    elif len(answers) > 2:
        yield decide("the order of the categories, and which to join", indent=4)
    yield "    categories:"
    for answer in answers:
        wording = scalar(labels[answer] or answer)
        yield f"      - {{code: {_code(_plain(answer))}, zh: {wording}, en: {wording}}}"


def _plain(answer: str) -> str:
    return re.sub(r"\.0+\Z", "", answer) if re.fullmatch(r"-?\d+\.0+", answer) else answer


def _code(answer: str) -> str:
    return f'"{answer}"' if re.fullmatch(r"[-+\d.]+", answer) else scalar(answer)


def _in_order(column: Column) -> list[str]:
    """Answers in the order of their codes, of their first numbers, of a known order, else by frequency."""
    answers = [str(answer) for answer in column.answers.index]
    numbers = {answer: re.findall(r"\d+(?:\.\d+)?", answer) for answer in answers}
    if all(numbers.values()):
        below = re.compile(r"[<≤]|under|below|less|以下|不足")
        return sorted(answers, key=lambda a: (float(numbers[a][0]), not below.search(a.casefold()), a))
    for known in _ORDERED:
        place = {a: max((i for i, word in enumerate(known) if word in a.casefold()), default=-1) for a in answers}
        if sum(at >= 0 for at in place.values()) >= min(3, len(answers)):
            return sorted(answers, key=lambda a: (place[a], a))
    return answers


def _multiple(kinds: Kinds, keys: Keys, made: Questionnaire) -> Iterator[str]:
    if not kinds.choices and not kinds.groups:
        return
    yield "multiple:"
    for column in kinds.choices:
        key = keys.new(column.name, otherwise=f"q{column.position + 1}")
        made.columns[key] = column
        yield from _question(key, column.question, [(_code(part), part) for part in options(column)])
    for number, (stem, columns) in enumerate(kinds.groups, start=1):
        key = keys.new(stem, otherwise=f"choice{number}")
        texts = [re.sub(r"^[\s/\[(（:：_.–—-]+|[\])）\s]+$", "", column.name[len(stem) :]) for column in columns]
        codes = [str(place) for place in range(1, len(columns) + 1)]
        for code, column in zip(codes, columns, strict=True):
            made.columns[f"{key}.{code}"] = column
        answers = [(f'"{code}"', text or code) for code, text in zip(codes, texts, strict=True)]
        yield from _question(key, stem, answers)


def _question(key: str, question: str, answers: list[tuple[str, str]]) -> Iterator[str]:
    yield f"  - key: {key}"
    yield f"    name: {flow(both(short_name(question)))}"
    yield f"    question: {flow(both(asked(question)))}"
    yield "    options:"
    yield from (f"      - {{code: {code}, zh: {scalar(text)}, en: {scalar(text)}}}" for code, text in answers)


def _open(kinds: Kinds, keys: Keys, made: Questionnaire) -> Iterator[str]:
    if not kinds.texts:
        return
    yield "open:"
    for column in kinds.texts:
        key = keys.new(column.name, otherwise=f"q{column.position + 1}")
        made.columns[key] = column
        wording = scalar(asked(column.question))
        yield f"  - {{key: {key}, zh: {wording}, en: {wording}}}"
