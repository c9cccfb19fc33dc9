"""Rated items among the columns of a file: blocks of columns that are answered on one scale each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from analysis.data.values import SCORED, as_number
from analysis.draft.sheet import Column

Floats = npt.NDArray[np.float64]
Ends = tuple[int, int]
_SCALES = ((1, 3), (1, 4), (1, 5), (0, 5), (1, 6), (1, 7), (0, 6), (1, 9), (1, 10), (0, 10), (0, 100))
_SURE, _SURE_SHARE = 10, 0.02
"""Answers at an end of a scale, and their share, which show that it is the end where nobody goes beyond it."""
_CODES = (-9, -8, -7, -3, -2, -1, 8, 9, 77, 88, 97, 98, 99, 997, 998, 999)
"""Codes that surveys give to "don't know" and "no answer"."""
_RATING = re.compile(
    r"satisf|recommend|agree|rate\b|rating|quality|how (?:likely|easy|important)"
    r"|满意|推荐|同意|评价|评分|打分|质量|态度|重要|认为"
)
_NEGATIVE = re.compile(r"不|没|差|难|慢|\b(?:not|dis\w+|un\w+|poor|bad|never|rarely|worse|worst|difficult)\b")
_NEUTRAL = re.compile(r"一般|中立|不确定|说不上|普通|neutral|neither|average|\bfair\b|undecided|不好说")
_STRONG = re.compile(
    r"非常|极|十分|完全|强烈|总是|从不|very|strongly|extremely|completely|totally|excellent|always|never"
)
_WEAK = re.compile(r"比较|较|有点|somewhat|rather|slightly|partly|偶尔|rarely")
_CODED = re.compile(r"([A-Za-z]{1,3})0*(\d{1,2})")
"""Codes of answers as LimeSurvey has them: A1, A2, AO05."""
_UNKNOWN = re.compile(
    r"不知道|不清楚|不了解|不适用|说不清|拒答|拒绝|不愿(?:意)?(?:回答|透露)|do(?: not|n['’]?t) know|not applicable"
    r"|refus|no opinion|prefer not|declined"
)


@dataclass(frozen=True)
class Scale:
    """The scale of a block: its ends, its columns, the code of each wording, codes for no answer, and the scores."""

    low: int
    high: int
    continuous: bool
    columns: tuple[Column, ...]
    wordings: dict[str, int]
    missing: tuple[str, ...]
    scores: Floats
    observed: tuple[float, float]


@dataclass(frozen=True)
class Shown:
    """Ends of the scale that one item shows; `sure` where its lowest answer is frequent too."""

    low: int
    high: int
    sure: bool


@dataclass(frozen=True)
class Rated:
    """All rated items of a file, in its order, with their `blocks`: one for each scale, the largest first."""

    blocks: tuple[Scale, ...] = ()

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the items."""
        return tuple(sorted((c for block in self.blocks for c in block.columns), key=lambda column: column.position))

    @cached_property
    def scores(self) -> Floats:
        """Answers as numbers, each item on its own scale: interviews × items."""
        places = [column.position for block in self.blocks for column in block.columns]
        return np.hstack([block.scores for block in self.blocks])[:, np.argsort(places, kind="stable")]

    @property
    def usual(self) -> Scale:
        """The scale of most items."""
        return self.blocks[0]

    def scale(self, column: Column) -> Scale:
        """The scale that an item is answered on."""
        return next(block for block in self.blocks if any(one is column for one in block.columns))


def family(column: Column) -> str:
    """What the names of the items of one question have in common: letters, the number of the question, or its text."""
    name = column.name.strip()
    grid = re.match(r"(\S.*?)\s*\[[^\[\]]+\]\Z", name)
    if grid:
        return grid[1]
    numbered = re.match(r"(?:[Qq题第]?\s*\d+)(?=\s*[、.．:：_)）\]\[-])", name)
    if numbered:
        return numbered[0]
    stem = re.match(r"([^\W\d_]+(?:_[^\W\d_]+)*)[_ .-]?\d+[a-z]?$", name)
    return stem[1] if stem else ""


def find_rated(columns: Sequence[Column]) -> Rated:
    """The blocks of rated items among `columns`; none where no answers look rated.

    Beside the first block only those are taken that a common name, or what they ask, shows to be rated.
    """
    blocks: list[Scale] = []
    rest, families = list(columns), Counter(family(column) for column in columns if column.numeric and family(column))
    while found := _largest(rest, families, first=not blocks):
        blocks.append(found)
        rest = [column for column in rest if not any(column is taken for taken in found.columns)]
    return Rated(tuple(blocks))


def _largest(columns: Sequence[Column], families: Counter[str], *, first: bool) -> Scale | None:
    """The largest block that can be made of `columns`; `families`: how many of the file have each common name."""
    named = [column for column in columns if families[family(column)] > 1 or _RATING.search(column.said)]
    made = (_worded(columns, first=first), _whole(columns, named, first=first), _continuous(named, first=first))
    found = [scale for scale in made if scale is not None]
    return max(found, key=lambda scale: len(scale.columns), default=None)


def _worded(columns: Sequence[Column], *, first: bool) -> Scale | None:
    """Items whose answers are words in order (`满意`, `Very satisfied`), or scores with their wording."""
    scored: dict[frozenset[str], list[Column]] = {}
    sizes = Counter(map(family, columns))
    grids = {name for name, size in sizes.items() if name and size > 1}
    for column in columns:
        coded = all(_CODED.fullmatch(str(answer)) for answer in column.answers.index)
        able = family(column) in grids if coded else first or asks_for_rating(column)
        if column.numeric or not 2 < len(column.answers) <= 12 or not able:
            continue
        scored.setdefault(frozenset(map(str, column.answers.index)), []).append(column)
    best: tuple[list[Column], dict[str, int]] = ([], {})
    for answers in sorted(scored, key=len, reverse=True):
        codes = _ordered(answers)
        block = [column for other, found in scored.items() if other <= answers | set(codes) for column in found]
        if codes and len(block) > len(best[0]):
            best = block, codes
    block, codes = best
    if not block:
        return None
    block = sorted(block, key=lambda column: column.position)
    table = np.array([[codes.get(text, np.nan) for text in column.text] for column in block], dtype=float).T
    unknown = tuple(dict.fromkeys(str(a) for c in block for a in c.answers.index if _UNKNOWN.search(str(a).casefold())))
    low, high = min(codes.values()), max(codes.values())
    named = {} if all(SCORED.fullmatch(text) for text in codes) else codes
    return Scale(low, high, False, tuple(block), named, unknown, table, (low, high))


def _ordered(answers: frozenset[str]) -> dict[str, int]:
    """A code for each wording by how good it is; none where that does not tell all of them apart."""
    known = [text for text in answers if not _UNKNOWN.search(text.casefold())]
    numbered = {text: int(match[1] or match[2]) for text in known if (match := SCORED.fullmatch(text))}
    bare = {text: int(text) for text in known if re.fullmatch(r"\d{1,2}", text)}
    if numbered and len(numbered) + len(bare) == len(known):
        return numbered | bare
    coded = {text: match for text in known if (match := _CODED.fullmatch(text))}
    if len(coded) == len(known) > 2 and len({match[1] for match in coded.values()}) == 1:
        return {text: int(match[2]) for text, match in coded.items()}
    rank = {text: _rank(text.casefold()) for text in known}
    if len(set(rank.values())) < len(known) or len(known) < 3 or min(rank.values()) >= 0:
        return {}
    return {text: place for place, text in enumerate(sorted(known, key=lambda text: rank[text]), start=1)}


def _rank(text: str) -> float:
    if _NEUTRAL.search(text):
        return 0.0
    degree = 3.0 if _STRONG.search(text) else 1.0 if _WEAK.search(text) else 2.0
    return -degree if _NEGATIVE.search(text) else degree


def asks_for_rating(column: Column) -> bool:
    """Whether a question, or its answers, speak of a rating."""
    return bool(_RATING.search(" ".join([column.said, *(str(answer).casefold() for answer in column.answers.index)])))


def _whole(columns: Sequence[Column], named: Sequence[Column], *, first: bool) -> Scale | None:
    """Items answered with whole numbers of a small scale: those `named` alike or for a rating, else all."""
    able = [c for c in columns if c.numeric and c.whole and len(c.answers) > 2 and not c.name.casefold().endswith("id")]
    able = [column for column in able if np.nanmax(np.abs(column.numbers)) <= 999]
    block = [column for column in able if any(column is one for one in named)]
    block = block or (able if first and len(able) > 2 else [])
    places = _places(block)
    found: list[Scale | None] = [
        _on([c for c, place in zip(block, places, strict=True) if place == ends], ends)
        for ends in dict.fromkeys(places)
        if ends is not None
    ]
    found.append(_together([column for column, place in zip(block, places, strict=True) if place is None]))
    return max((scale for scale in found if scale), key=lambda scale: len(scale.columns), default=None)


def _places(block: Sequence[Column]) -> list[Ends | None]:
    """The scale of each column: the one it shows, else one that others show and that holds its answers, else None.

    Items of one name go before others. Where few gave an item the lowest answer, that of most others counts.
    """
    shown = [_shown(column) for column in block]
    names = [family(column) or str(column.position) for column in block]
    places: list[Ends | None] = []
    for name, own in zip(names, shown, strict=True):
        like = [ends for other, ends in zip(names, shown, strict=True) if ends and own and other == name]
        lows = [ends.low for ends in like if own and ends.high == own.high]
        usual = max(sorted(lows), key=lows.count, default=0)
        places.append(None if own is None else (own.low if own.sure else min(usual, own.low), own.high))
    known = sorted({ends for ends in places if ends}, key=lambda ends: ends[1] - ends[0])
    for place, column in enumerate(block):
        if places[place] is None:
            own_name = {ends for ends, name in zip(places, names, strict=True) if name == names[place]}
            order = sorted(known, key=lambda ends: ends not in own_name)
            places[place] = next((ends for ends in order if _inside(column, ends)), None)
    return places


def _shown(column: Column) -> Shown | None:
    """The scale that an item shows: by its labels in a .sav file, or by its highest answer where it is frequent."""
    codes = [float(code) for code in _unknown_codes(column)]
    answers = column.numbers[np.isfinite(column.numbers) & ~np.isin(column.numbers, codes)]
    if len(np.unique(answers)) < 2:
        return None
    low, high, others = _ends(answers[:, None])
    answers = answers[~np.isin(answers, others)]
    labelled = [int(code) for code in column.labels if re.fullmatch(r"-?\d+", code) and float(code) not in codes]
    if len(labelled) > 1 and min(labelled) <= low < high <= max(labelled) and max(labelled) - min(labelled) > 1:
        return Shown(min(labelled), max(labelled), sure=True)
    frequent = {end: (answers == end).sum() >= max(_SURE, _SURE_SHARE * len(answers)) for end in (low, high)}
    held = [ends for ends in _SCALES if ends[0] <= low and ends[1] == high]
    ends = min(held, key=lambda ends: ends[1] - ends[0], default=None)
    return Shown(*ends, sure=low == ends[0] and bool(frequent[low])) if ends and frequent[high] else None


def _unknown_codes(column: Column) -> tuple[str, ...]:
    """Codes that a .sav file declares as missing, or words as no answer."""
    worded = [code for code, text in column.labels.items() if _UNKNOWN.search(text.casefold())]
    return tuple(code for code in dict.fromkeys([*column.codes, *worded]) if as_number(code) is not None)


def _inside(column: Column, ends: Ends) -> bool:
    """Whether all answers of an item lie on a scale, codes for no answer aside."""
    values = np.unique(column.numbers[np.isfinite(column.numbers)])
    inside = (values >= ends[0]) & (values <= ends[1])
    codes = [*_CODES, *map(float, _unknown_codes(column))]
    return bool((inside | np.isin(values, codes)).all() and inside.any())


def _on(columns: Sequence[Column], ends: Ends) -> Scale:
    """The block of `columns`, which are known to be answered on a scale; what is no answer on it are codes."""
    scores = np.column_stack([column.numbers for column in columns])
    unknown = {float(code) for column in columns for code in _unknown_codes(column)}
    answered = (scores >= ends[0]) & (scores <= ends[1]) & ~np.isin(scores, list(unknown))
    codes = sorted({*scores[np.isfinite(scores) & ~answered].tolist(), *unknown})
    scores = np.where(answered, scores, np.nan)
    observed = float(np.nanmin(scores)), float(np.nanmax(scores))
    return Scale(*ends, False, tuple(columns), {}, tuple(f"{code:g}" for code in codes), scores, observed)


def _together(block: Sequence[Column]) -> Scale | None:
    """The block of `columns` none of which shows the ends of its scale by itself: the least that holds all of them."""
    if not block:
        return None
    scores = np.column_stack([column.numbers for column in block])
    low, high, codes = _ends(scores)
    scores = np.where(np.isin(scores, codes), np.nan, scores)
    inside = (np.nan_to_num(scores, nan=low) >= low).all(axis=0) & (np.nan_to_num(scores, nan=low) <= high).all(axis=0)
    ends = next(((a, b) for a, b in _SCALES if a <= low and b >= high), None)
    varied = np.array([len(np.unique(column[np.isfinite(column)])) > 1 for column in scores.T])
    kept = tuple(column for column, fits in zip(block, inside & varied, strict=True) if fits)
    if ends is None or not kept:
        return None
    missing = tuple(f"{code:g}" for code in codes)
    return Scale(*ends, False, kept, {}, missing, scores[:, inside & varied], (low, high))


def _ends(scores: Floats) -> tuple[float, float, list[float]]:
    """Lowest and highest answer of a block, codes for no answer left out, and these codes.

    A code stands apart from the answers by a gap; a column that reaches far beyond the others is on another scale.
    """
    tops = [np.nanmax(column) for column in scores.T]
    values = np.unique(scores[np.isfinite(scores)])
    codes: list[float] = []
    for code in _CODES:
        others = values[(values != code) & ~np.isin(values, codes)]
        if code in values and len(others) and (code < others.min() - (others.min() >= 1) or code > others.max() + 1):
            codes.append(float(code))
    rest = values[~np.isin(values, codes)]
    usual = float(np.median(tops))
    high = float(rest.max()) if rest.max() <= 2 * max(usual, 5) else usual
    return float(rest.min()), high, codes


def _continuous(named: Sequence[Column], *, first: bool) -> Scale | None:
    """Scores with decimals, such as those of tests and sliders."""
    able = [column for column in named if column.numeric and len(column.answers) > 2]
    parted = {family(column) for column in able if not column.whole}
    block = [c for c in able if not c.whole or (family(c) in parted - {""} and _shown(c) is None)]
    if len(block) < 1 + first:
        return None
    scores = np.column_stack([column.numbers for column in block])
    low, high = float(np.nanmin(scores)), float(np.nanmax(scores))
    usual = next(((a, b) for a, b in _SCALES[4:] if a <= low and b >= high), None)
    if usual is None and not first:
        return None
    ends = usual or (int(np.floor(low)), int(np.ceil(high)))
    return Scale(*ends, True, tuple(block), {}, (), scores, (low, high))
