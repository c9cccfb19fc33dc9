"""Coarser answers: neighbouring answers of a background question joined, so that it can go out beside the others.

Rows with a joined answer show the sum of what the tables withhold, and sums follow from the tables alone. Whether the
parts stay open is settled by linear programming for a reader who knows every answer but the joined ones, and the number
of people in every group by one or two questions that the tables do not withhold.

Hundepool et al. (2012), Statistical Disclosure Control, chapters 3.4 (global recoding) and 4.3 (auditing of tables).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

Group = frozenset[tuple[str, str]]
"""People by their answers: questions with the code of an answer, or with several of which they gave one (a|b)."""
Joined = tuple[tuple[str, ...], ...]
"""The answers of a question in classes: those of one class cannot be told apart in the file."""
MOST_ANSWERS = 10
"""Answers of which every way to join neighbours is tried; of more, the rarest are joined first."""
MOST_AUDITED = 4
"""Ways to join the answers of a question that are put to the linear programme."""
PARTS = ((0, 4), (1, 4), (2, 4), (3, 4), (0, 2), (1, 2), (0, 1))
"""Which people are left open in turn, from which on and one of how many: programmes of few are solved much faster."""


def coarser(
    answers: pd.DataFrame,
    key: str,
    codes: Sequence[str],
    groups: Collection[Group],
    *,
    width: float,
    fits: Callable[[Joined], bool] = lambda _: True,
) -> Joined | None:
    """The classes of the answers to `key` with which it can go out beside the other questions of `answers`.

    answers: rows × questions in the file, as they were given, and `key`. codes: the answers of `key` in their order.
    groups: those of several of these questions that the tables withhold; `width`: how far the number of people in each
    must stay open. fits: what else must hold of the classes. Of the ways that do, the first with the most classes,
    and then with the largest smallest class; None where no two classes are left.
    """
    counts = answers[key].value_counts()
    hidden = _hidden(key, groups)
    audited = 0
    for classes in _ways(codes, {code: int(counts.get(code, 0)) for code in codes}):
        if not _sums_only(classes, hidden) or not fits(classes):
            continue
        if stays_open(answers, key, classes, groups, width=width):
            return classes
        audited += 1
        if audited == MOST_AUDITED:
            break
    return None


def labelled(answers: pd.Series, classes: Joined) -> pd.Series:
    """The answers by their classes, whose code joins those of the answers (a|b)."""
    return answers.map({code: "|".join(own) for own in classes for code in own})


def _ways(codes: Sequence[str], counts: dict[str, int]) -> Iterator[Joined]:
    """Every way to join neighbours into two classes or more, the finest first."""
    parts: list[tuple[str, ...]] = [(code,) for code in codes]
    size = {part: counts[part[0]] for part in parts}
    while len(parts) > MOST_ANSWERS:
        place = min(range(len(parts) - 1), key=lambda at: size[parts[at]] + size[parts[at + 1]])
        both = parts[place] + parts[place + 1]
        size[both] = size[parts[place]] + size[parts[place + 1]]
        parts[place : place + 2] = [both]
    for number in range(len(parts), 1, -1):
        cuts = [(0, *inner, len(parts)) for inner in combinations(range(1, len(parts)), number - 1)]
        ways = [tuple(sum(parts[a:b], ()) for a, b in pairwise(own)) for own in cuts]
        yield from sorted(ways, key=lambda way: -min(sum(counts[code] for code in one) for one in way))


def _hidden(key: str, groups: Collection[Group]) -> dict[Group, set[str]]:
    """Answers to `key` that the tables withhold together with others: by the others."""
    found: dict[Group, set[str]] = {}
    for group in groups:
        own = {code for question, told in group if question == key for code in told.split("|")}
        if own:
            found.setdefault(frozenset(one for one in group if one[0] != key), set()).update(own)
    return found


def _sums_only(classes: Joined, hidden: dict[Group, set[str]]) -> bool:
    """Whether no class holds a single withheld answer, which its sum and the tables would tell."""
    return all(len(codes & set(one)) != 1 for codes in hidden.values() for one in classes)


def stays_open(answers: pd.DataFrame, key: str, classes: Joined, groups: Collection[Group], *, width: float) -> bool:
    """Whether the number of people in every withheld group stays as open as it must.

    Others being as they are, part of the people are enough to show it; all are asked where a part is too few.
    """
    narrow = [group for group in groups if any(question == key for question, _ in group)]
    there = answers[answers[key].isin({code for one in classes if len(one) > 1 for code in one})]
    there = there.fillna("").astype(str)
    others = [str(name) for name in answers if name != key]
    for start, step in PARTS:
        part = there.iloc[start::step]
        if narrow and len(part):
            unknown, equal, total = _possibilities(part, key, others, classes, groups)
            narrow = [group for group in narrow if _width(unknown, group, equal, total) < width - 1e-6]
    return not narrow


def _possibilities(
    there: pd.DataFrame, key: str, others: Sequence[str], classes: Joined, groups: Collection[Group]
) -> tuple[pd.DataFrame, npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    """Who the people of joined answers may be, with equations: what is known of their numbers.

    Rows of the first are kinds of people, one for each answer of the class; equations × kinds tells which count, and
    the last how many there are.
    """
    own = there[key].map({code: number for number, one in enumerate(classes) for code in one})
    alike = there.groupby([*others, own.rename("_class")], sort=False).size().rename("_count").reset_index()
    alike["_row"] = np.arange(len(alike))
    answers = pd.DataFrame(
        [(number, code) for number, one in enumerate(classes) for code in one], columns=["_class", key]
    )
    unknown = alike.merge(answers, on="_class", sort=False)
    row = unknown["_row"].to_numpy()
    equal, total = [row == number for number in range(len(alike))], [float(count) for count in alike["_count"]]
    withheld = [{question: set(told.split("|")) for question, told in group} for group in groups]
    for name in (None, *others):
        for values, kinds in unknown.groupby([key, *([name] if name else [])], sort=False):
            told = dict(zip([key, *([name] if name else [])], values, strict=True))
            if any(set(one) == set(told) and all(told[q] in codes for q, codes in one.items()) for one in withheld):
                continue
            equal.append(np.isin(np.arange(len(unknown)), kinds.index))
            total.append(float(np.logical_and.reduce([there[q] == code for q, code in told.items()]).sum()))
    return unknown, np.array(equal), np.array(total)


def _width(unknown: pd.DataFrame, group: Group, equal: npt.NDArray[np.bool_], total: npt.NDArray[np.float64]) -> float:
    """Between which numbers of people the group may have: the distance."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    aim = np.logical_and.reduce([unknown[question].isin(told.split("|")) for question, told in group]).astype(float)
    known = csr_array(equal.astype(float))
    least, most = (linprog(sign * aim, A_eq=known, b_eq=total, method="highs") for sign in (1.0, -1.0))
    return float(-most.fun - least.fun) if least.status == most.status == 0 else 0.0
