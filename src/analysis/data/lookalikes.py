"""Answers that look like one another: `N` and `north`, `Male` and `male`, 台灣 and 台湾. Told, never joined unasked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

import pandas as pd

from analysis.data.columns import Contract, fold

MOST = 300
"""Answers of a column beyond which it holds names rather than categories."""
_TRADITIONAL = (
    "東車業國會員區門間開關銀無學歲職專體醫師術農與從來兩個時"
    "點電話網親機構賓館價錢貴務態適應該為滿較對錯選擇離單獨處"
    "華臺灣廣龍陽寧蘇遼龜縣鎮鄉雲瓊陝內長級統計類項碩勞動產"
)
_SIMPLIFIED = (
    "东车业国会员区门间开关银无学岁职专体医师术农与从来两个时"
    "点电话网亲机构宾馆价钱贵务态适应该为满较对错选择离单独处"
    "华台湾广龙阳宁苏辽龟县镇乡云琼陕内长级统计类项硕劳动产"
)
_WRITTEN_SIMPLY = str.maketrans(_TRADITIONAL, _SIMPLIFIED)
_APART = re.compile(r"[\s\W_]+")


def as_seen(text: str) -> str:
    """A text without case, width, white space and punctuation, its commonest traditional characters simplified."""
    return _APART.sub("", fold(text).translate(_WRITTEN_SIMPLY))


def look_alikes(texts: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Texts that look the same, or of which one begins the other, in their order; each group once."""
    seen: dict[str, list[str]] = {}
    for text in texts:
        seen.setdefault(as_seen(text), []).append(text)
    for same in seen.values():
        if len(same) > 1:
            yield tuple(same)
    for short, longer in pairwise(sorted(form for form in seen if form)):
        if _begins(short, longer):
            yield (seen[short][0], seen[longer][0])


def likely(text: str, known: Mapping[str, str]) -> str:
    """The code that a text may mean by the wordings `known` (wording: code); "" where none or several look like it."""
    form = as_seen(text)
    codes = {code for wording, code in known.items() if form and _alike(form, as_seen(wording))}
    return codes.pop() if len(codes) == 1 else ""


def look_alike_notes(frame: pd.DataFrame, contract: Contract) -> Iterator[str]:
    """What `make check` says of the columns of a table whose categories nobody has listed."""
    for field in contract.fields:
        if field.kind != "category" or field.categories or field.within or field.pattern or field.name not in frame:
            continue
        counts = frame[field.name].value_counts()
        if len(counts) > MOST:
            continue
        for group in look_alikes(map(str, counts.index)):
            told = ", ".join(f"{text!r} ({counts[text]})" for text in group)
            yield f"{field.name}: {told} look alike: join them in values, or list the categories with `joins`"


def _alike(one: str, other: str) -> bool:
    return one == other or _begins(*sorted((one, other), key=len))


def _begins(short: str, longer: str) -> bool:
    """Whether one text is the beginning of the other; 1 is none of 10."""
    if not short or not longer.startswith(short) or short == longer:
        return False
    return not (short[-1].isdigit() or longer[len(short)].isdigit())
