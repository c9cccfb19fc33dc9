"""What kind of question each column of an undescribed file is: bookkeeping, rated items, background, choices, text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from analysis.data.columns import NO, YES, Field
from analysis.data.dates import UNCLEAR
from analysis.data.values import convert, missing_codes
from analysis.draft.scales import Rated, find_rated
from analysis.draft.sheet import Column, Sheet
from analysis.draft.wave_column import says_waves, wave_column

Named = Literal["respondent_id", "submitted_at", "duration_s", "weight", "wave"]

_NAMES: dict[Named, re.Pattern[str]] = {
    "submitted_at": re.compile(
        r"_submission_time|recordeddate|submitdate|enddate|end ?time|^end$|timestamp|submitted|completed_at"
        r"|提交.*时间|时间戳记?"
    ),
    "duration_s": re.compile(r"duration|interviewtime|total ?time|所用时间|用时|时长|seconds"),
    "respondent_id": re.compile(r"response ?id|^_id$|^_uuid$|respondent.?id|^id$|序号|答卷编号|编号|^no\.?$|^$"),
    "weight": re.compile(r"^(?:.*[_ ])?(?:weight|wgt|wt|pw|pweight)s?$|权重|权数|加权"),
}
_PERSONAL = re.compile(
    r"ip ?addr|来自ip|^ip$|e-?mail|邮箱|phone|mobile|手机号|姓名|身份证|recipient|latitude|longitude"
    r"|(?:first|last|full) ?name|external(?:data)?reference"
)
_KEPT_BY_TOOLS = re.compile(
    r"^_|^status$|^progress$|^finished$|distributionchannel|userlanguage|startdate|^start(?: ?time)?$"
    r"|^end(?:date| ?time)?$|recordeddate|lastpage|startlanguage|^seed$|refurl|^token$|submission_time"
    r"|deviceid|instance|^rownames?$|来源|^来自|总分|开始.*时间"
)
BACKGROUND = re.compile(
    r"\bgender\b|\bsex\b|\bage|educat|income|region|provin|\bcity\b|\barea\b|marital|occupat|\bjob\b|school|grade|tenure"
    r"|household|urban|branch|store|segment|birth|性别|年龄|学历|教育|收入|地区|城市|省份|职业|婚姻|户口|岁|年级|行业|单位"
)
MOST_CATEGORIES = 25
FEW = 5
"""Answers with which nobody can be told apart."""
_IDENTIFIES = re.compile(r"(?:id|num|no|nr|code|key|编号|号码|工号|学号)\W*\Z")
_OPEN = re.compile(
    r"建议|意见|为什么|请说明|请注明|comment|suggest|anything else|\bwhy\b|explain|specify|in your own words"
)
_PARTS = re.compile(r"┋|;|；|\||、")
_LOOSE_PARTS = re.compile(r",\s?|，")


@dataclass
class Kinds:
    """Columns by kind. `named` are those of the contract, `left` is why columns stay out, `unsure` what to decide."""

    named: dict[Named, Column] = field(default_factory=dict)
    rated: Rated = field(default_factory=Rated)
    categories: list[Column] = field(default_factory=list)
    numbers: list[Column] = field(default_factory=list)
    choices: list[Column] = field(default_factory=list)
    groups: list[tuple[str, list[Column]]] = field(default_factory=list)
    texts: list[Column] = field(default_factory=list)
    left: dict[str, list[str]] = field(default_factory=dict)
    unsure: dict[str, str] = field(default_factory=dict)
    finished: Column | None = None


def sort_columns(sheet: Sheet) -> Kinds:
    """Sort the columns of `sheet` by what their names and answers show."""
    kinds = Kinds()
    wave = wave_column(sheet)
    if wave is not None and says_waves(wave):
        kinds.named["wave"] = wave
    others = [column for column in sheet.columns if "wave" not in kinds.named or column is not wave]
    rest = [column for column in others if not _set_aside(column, kinds, sheet.rows)]
    rest = _ticked(rest, kinds)
    kinds.rated = find_rated([column for column in rest if not BACKGROUND.search(column.said)])
    rated = {column.position for column in kinds.rated.columns}
    for column in rest:
        if column.position not in rated:
            _background(column, kinds, sheet.rows)
    return kinds


def _set_aside(column: Column, kinds: Kinds, rows: int) -> bool:
    """Whether a column is no question: one of the contract's own, personal, kept by the tool, or without answers."""
    name = column.name.casefold().strip()
    for key, pattern in _NAMES.items():
        if key not in kinds.named and pattern.search(name) and _fits(column, key, kinds, rows):
            kinds.named[key] = column
            return True
    if name == "finished":
        kinds.finished = column
    why = _why_left(column, name, rows)
    return bool(why) and _leave(column, kinds, why)


def _why_left(column: Column, name: str, rows: int) -> str:
    """Why a column stays out; "" where it may be a question."""
    reasons = {
        "personal, or close to it": _PERSONAL.search(name) and not 1 < len(column.answers) <= FEW,
        "kept by the tool": _KEPT_BY_TOOLS.search(name),
        "numbers that name somebody or something": _identifies(column, name, rows),
        "without an answer": not len(column.answers),
        "one answer throughout": len(column.answers) == 1 and (column.filled == rows or not _is_ticked(column)),
    }
    return next((why for why, holds in reasons.items() if holds), "")


def _identifies(column: Column, name: str, rows: int) -> bool:
    """Whether whole numbers, each of another row, are names: those of a register, or longer than any amount."""
    if not (column.numeric and column.whole and len(column.answers) == column.filled == rows):
        return False
    return bool(_IDENTIFIES.search(name)) or float(np.nanmin(column.numbers)) >= 1e9


def _leave(column: Column, kinds: Kinds, why: str) -> bool:
    kinds.left.setdefault(why, []).append(column.name or f"column {column.position + 1}")
    return True


def _fits(column: Column, key: Named, kinds: Kinds, rows: int) -> bool:
    """Whether the answers of a column are what its name promises."""
    numbers = column.numbers[np.isfinite(column.numbers)]
    if key == "respondent_id":
        numbering = column.numeric and column.whole and numbers.min() >= 1 and numbers.max() <= rows
        return column.filled == rows and (len(column.answers) == rows or bool(numbering))
    if key == "weight":
        return column.numeric and column.filled == rows and bool((numbers > 0).all()) and len(np.unique(numbers)) > 2
    if _reads_as(column, "datetime" if key == "submitted_at" else "duration"):
        return True
    read = convert(column.text, field=Field(key, "datetime"), values={}, missing=missing_codes(()))
    if read.reasons is not None and (read.reasons == UNCLEAR).any():
        kinds.unsure["dates"] = f"{column.name!r} has dates such as {column.answers.index[0]!r}"
    return False


def _reads_as(column: Column, kind: Literal["datetime", "duration"]) -> bool:
    """Whether all but a few answers can be read as times."""
    read = convert(column.text, field=Field("any", kind, low=0), values={}, missing=missing_codes(()))
    return column.filled > 0 and read.typed.notna().sum() >= 0.95 * column.filled


def _ticked(columns: list[Column], kinds: Kinds) -> list[Column]:
    """Find neighbouring columns of one question that were ticked or not; returns the other columns."""
    stems: dict[str, list[Column]] = {}
    for column in columns:
        stem = re.match(r"(.+?)\s*(?:[/\[(（:：_.]|\s[-–—]\s)\s*\S", column.name)
        if stem and _is_ticked(column):
            stems.setdefault(stem[1], []).append(column)
    groups = {stem: found for stem, found in stems.items() if len(found) > 1}
    kinds.groups = list(groups.items())
    taken = {column.position for found in groups.values() for column in found}
    return [column for column in columns if column.position not in taken]


def _is_ticked(column: Column) -> bool:
    answers = {str(answer).casefold() for answer in column.answers.index}
    return bool(answers) and answers <= {"0", "1", "0.0", "1.0", *YES, *NO}


def _background(column: Column, kinds: Kinds, rows: int) -> None:
    """Sort what is neither bookkeeping nor a rated item."""
    distinct = len(column.answers)
    if not column.numeric and _reads_as(column, "datetime"):
        _leave(column, kinds, "dates")
    elif _OPEN.search(column.said) and not column.numeric and distinct > 3:
        kinds.texts.append(column)
    elif options(column):
        kinds.choices.append(column)
    elif column.numeric and not column.labels and distinct > 10:
        kinds.numbers.append(column)
    elif distinct <= MOST_CATEGORIES and (distinct <= 3 or distinct <= rows / 3) and _is_short(column):
        kinds.categories.append(column)
    elif column.numeric and distinct > 3:
        kinds.numbers.append(column)
    elif not column.numeric:
        kinds.texts.append(column)
    else:
        _leave(column, kinds, "of no kind that is known")


def _is_short(column: Column) -> bool:
    return max(len(str(answer)) for answer in column.answers.index) <= 60


def options(column: Column) -> list[str]:
    """The answers that a column of several choices is joined of, the most frequent first; none where it is none."""
    for pattern in (_PARTS, _LOOSE_PARTS):
        split = {str(a): [part.strip() for part in pattern.split(str(a)) if part.strip()] for a in column.answers.index}
        if sum(len(parts) > 1 for parts in split.values()) == 0:
            continue
        counts: dict[str, int] = {}
        for answer, parts in split.items():
            for part in parts:
                counts[part] = counts.get(part, 0) + int(column.answers[answer])
        joined = sum(int(column.answers[a]) for a, parts in split.items() if len(parts) > 1) / column.filled
        repeated = all(count >= 2 for count in counts.values())
        if joined >= 0.1 and 2 <= len(counts) <= MOST_CATEGORIES and repeated and len(counts) < len(split) + 2:
            return sorted(counts, key=lambda part: -counts[part])
    return []
