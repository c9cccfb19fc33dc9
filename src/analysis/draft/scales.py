"""Rated items among the columns of a file: a block of columns that are answered on one scale."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.data.values import SCORED
from analysis.draft.sheet import Column

Floats = npt.NDArray[np.float64]
_SCALES = ((1, 3), (1, 4), (1, 5), (0, 5), (1, 6), (1, 7), (0, 6), (1, 9), (1, 10), (0, 10), (0, 100))
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
_UNKNOWN = re.compile(r"不知道|不清楚|不了解|不适用|拒绝|don'?t know|not applicable|refus|no opinion|prefer not")


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


def family(column: Column) -> str:
    """What the names of the items of one question have in common: letters, or the number of the question."""
    name = column.name.strip()
    numbered = re.match(r"(?:[Qq题第]?\s*\d+)(?=\s*[、.．:：_)）\]\[-])", name)
    if numbered:
        return numbered[0]
    stem = re.match(r"([^\W\d_]+(?:_[^\W\d_]+)*)[_ .-]?\d+[a-z]?$", name)
    return stem[1] if stem else ""


def find_scale(columns: Sequence[Column]) -> Scale | None:
    """The largest block of rated items among `columns`, or None where no two answers look rated."""
    found = [scale for make in (_worded, _whole, _continuous) if (scale := make(columns)) is not None]
    return max(found, key=lambda scale: len(scale.columns), default=None)


def _worded(columns: Sequence[Column]) -> Scale | None:
    """Items whose answers are words in order (`满意`, `Very satisfied`), or scores with their wording."""
    scored: dict[frozenset[str], list[Column]] = {}
    for column in columns:
        if column.numeric or not 2 < len(column.answers) <= 12:
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
    rank = {text: _rank(text.casefold()) for text in known}
    if len(set(rank.values())) < len(known) or len(known) < 3 or min(rank.values()) >= 0:
        return {}
    return {text: place for place, text in enumerate(sorted(known, key=lambda text: rank[text]), start=1)}


def _rank(text: str) -> float:
    if _NEUTRAL.search(text):
        return 0.0
    degree = 3.0 if _STRONG.search(text) else 1.0 if _WEAK.search(text) else 2.0
    return -degree if _NEGATIVE.search(text) else degree


def _whole(columns: Sequence[Column]) -> Scale | None:
    """Items answered with whole numbers of a small scale, known by their common names or by what they ask."""
    able = [c for c in columns if c.numeric and c.whole and len(c.answers) > 2 and not c.name.casefold().endswith("id")]
    able = [column for column in able if np.nanmax(np.abs(column.numbers)) <= 999]
    families = Counter(family(column) for column in able)
    block = [c for c in able if (family(c) and families[family(c)] > 1) or _RATING.search(c.said)]
    block = block or (able if len(able) > 2 else [])
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


def _continuous(columns: Sequence[Column]) -> Scale | None:
    """Scores with decimals, such as those of tests and sliders."""
    able = [c for c in columns if c.numeric and len(c.answers) > 2 and family(c)]
    families = {family(c) for c in able if not c.whole}
    block = [c for c in able if family(c) in families]
    if len(block) < 2 or not families:
        return None
    scores = np.column_stack([column.numbers for column in block])
    low, high = float(np.nanmin(scores)), float(np.nanmax(scores))
    ends = next(((a, b) for a, b in _SCALES[4:] if a <= low and b >= high), (int(np.floor(low)), int(np.ceil(high))))
    return Scale(*ends, True, tuple(block), {}, (), scores, (low, high))
