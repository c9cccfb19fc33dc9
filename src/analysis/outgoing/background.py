"""Which background questions go out, how coarse, and which of their answers are withheld."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.edition.instrument import Category
from analysis.outgoing.anonymity import WITHHELD, class_sizes, keys_kept, withhold
from analysis.outgoing.coarsening import Group, Joined, coarser, labelled, stays_open
from analysis.outgoing.variables import absences

if TYPE_CHECKING:
    from analysis.edition import Edition
    from analysis.edition.instrument import ProfileQuestion

MOST_TRIED = 16
"""Background questions of which every set is tried."""


@dataclass(frozen=True)
class LeftOut:
    """A column of the responses that does not go out; why, as a key of the words, and the share it would have cost."""

    key: str
    reason: str
    share: float | None = None


@dataclass(frozen=True)
class Background:
    """Background questions in the file: those that k holds for, and others; shown: codes of the former, row by row.

    withheld: rows × questions whose answer is withheld; unpublished: interviews that lost one for the sake of the
    tables. left_out: questions that would tell too much. joined: classes of the answers of questions that go out
    coarser.
    """

    keys: tuple[str, ...]
    others: tuple[str, ...]
    shown: Any
    withheld: pd.DataFrame
    unpublished: int
    left_out: dict[str, LeftOut]
    joined: dict[str, Joined] = field(default_factory=dict)

    def coarse(self, answers: pd.DataFrame) -> pd.DataFrame:
        """The answers with those that are joined under one code."""
        return answers.assign(**{key: labelled(answers[key], classes) for key, classes in self.joined.items()})

    def untold(self, answers: pd.DataFrame) -> pd.DataFrame:
        """Rows × questions whose answer the file does not tell: it is withheld, or joined with another."""
        joined = {
            key: {code for one in classes if len(one) > 1 for code in one} for key, classes in self.joined.items()
        }
        return self.withheld.assign(
            **{key: self.withheld[key] | answers[key].isin(codes) for key, codes in joined.items()}
        )


def background(responses: pd.DataFrame, edition: Edition, unpublished: Collection[Group]) -> Background:
    """First what the tables do not show is withheld, then what else it takes until k are alike.

    A question that cannot go out beside the others as it was answered goes out coarser, where that is enough.
    """
    rules, wanted = edition.data_release, _wanted_keys(edition, responses, unpublished)
    codes = _codes(responses[wanted], absences(responses))
    crossed = _crossed(unpublished)
    kept, refused = keys_kept(
        codes, k=rules.k, most=rules.max_withheld, allowed=lambda places: _is_free({wanted[p] for p in places}, crossed)
    )
    keys = [wanted[place] for place in kept]
    others: list[str] = []
    for key in edition.instrument.profile_keys:
        if key in responses and key not in {*wanted, *rules.drop} and _is_free({*keys, *others, key}, crossed):
            others.append(key)
    asked = [key for key in edition.instrument.profile_keys if key in responses and key not in rules.drop]
    joined = _joined(responses, edition, unpublished, keys=keys, others=others, wanted=wanted) if rules.coarsen else {}
    left_out = {
        wanted[p]: LeftOut(wanted[p], "too_telling", share) for p, share in refused.items() if wanted[p] not in joined
    }
    left_out |= {key: LeftOut(key, "unpublished") for key in asked if key not in {*keys, *others, *left_out}}
    telling = _telling(responses[[*keys, *others]], unpublished)
    shown_codes = _codes(_labelled(responses[keys], joined), absences(responses))
    visible = np.where(telling[:, : len(keys)], WITHHELD, shown_codes)
    hidden = withhold(visible, k=rules.k) | (visible == WITHHELD)
    withheld = pd.DataFrame(np.hstack([hidden, telling[:, len(keys) :]]), columns=[*keys, *others])
    shown = np.where(hidden, WITHHELD, visible)
    hurt = int(telling.any(axis=1).sum())
    return Background(tuple(keys), tuple(others), shown, withheld, hurt, left_out, joined)


def with_joined(edition: Edition, joined: Mapping[str, Joined]) -> Edition:
    """The edition whose instrument has the joined answers in place of the single ones."""
    profile = tuple(
        joined_question(one, joined[one.key]) if one.key in joined else one for one in edition.instrument.profile
    )
    return edition.model_copy(update={"instrument": edition.instrument.model_copy(update={"profile": profile})})


def joined_question(question: ProfileQuestion, classes: Joined) -> ProfileQuestion:
    """The question with its answers in classes, each called by the names of its answers."""
    categories = tuple(
        Category(
            code="|".join(own),
            zh=" / ".join(question.label(code, "zh") for code in own),
            en=" / ".join(question.label(code, "en") for code in own),
        )
        for own in classes
    )
    told = [category.code for category in question.categories]
    firsts = (
        tuple(question.classes[told.index(own[0])] for own in classes if own[0] in told) if question.classes else ()
    )
    asked: dict[str, Any] = {"categories": categories}
    if question.classes:
        asked["classes"] = firsts
    if question.option is not None:
        asked["option"] = None
    return question.model_copy(update=asked)


def _labelled(answers: pd.DataFrame, joined: Mapping[str, Joined]) -> pd.DataFrame:
    return answers.assign(**{key: labelled(answers[key], classes) for key, classes in joined.items() if key in answers})


def _joined(
    responses: pd.DataFrame,
    edition: Edition,
    unpublished: Collection[Group],
    *,
    keys: list[str],
    others: list[str],
    wanted: Sequence[str],
) -> dict[str, Joined]:
    """Classes of the questions that can go out coarser; each is added to the `keys`, or to the `others`.

    Questions that lead to others, or by which the index leaves somebody out, are not joined.
    """
    rules, instrument = edition.data_release, edition.instrument
    routes = {key for construct in instrument.constructs for item in construct.items for key in item.asked_if}
    never = {*rules.drop, *routes, *edition.index.exclude, *keys, *others}
    found: dict[str, Joined] = {}
    absent, width = absences(responses), edition.disclosure.width
    for key in dict.fromkeys([*wanted, *instrument.profile_keys]):
        if key not in responses or key in never:
            continue
        there = responses[[*keys, *others, key]]
        groups = _crossed_in(there, unpublished)

        def fits(classes: Joined, key: str = key) -> bool:
            tried = _labelled(responses[[*keys, key]], found | {key: classes})
            return bool((class_sizes(_codes(tried, absent)) < rules.k).mean() <= rules.max_withheld)

        limits = {"fits": fits} if key in wanted else {}
        classes = coarser(there, key, _answers(edition, responses, key), groups, width=width, **limits)
        if classes:
            found[key] = classes
            (keys if key in wanted else others).append(key)
    while not _all_open(responses[[*keys, *others]], found, unpublished, width=width):
        last, _ = found.popitem()
        (keys if last in keys else others).remove(last)
    return found


def _all_open(
    there: pd.DataFrame, joined: Mapping[str, Joined], unpublished: Collection[Group], *, width: float
) -> bool:
    """Whether every joined question is as open as it must beside all the others: each tells more of those before it."""
    groups = _crossed_in(there, unpublished)
    return all(stays_open(there, key, classes, groups, width=width) for key, classes in joined.items())


def _answers(edition: Edition, responses: pd.DataFrame, key: str) -> list[str]:
    """The answers to a question in the order of the instrument; where it names none, the most frequent first."""
    told = [category.code for category in edition.instrument.question(key).categories]
    given = [str(code) for code in responses[key].value_counts().index]
    return [code for code in told if code in given] + [code for code in given if code not in told]


def _crossed_in(there: pd.DataFrame, unpublished: Collection[Group]) -> list[Group]:
    """Groups by several of the questions that are there."""
    return [group for group in unpublished if len(group) > 1 and {question for question, _ in group} <= set(there)]


def _wanted_keys(edition: Edition, responses: pd.DataFrame, unpublished: Collection[Group]) -> list[str]:
    """Background questions that k is to hold for, the most wanted first: as given, else the most that can go together.

    Of sets as large, the one whose questions results rest on: those that the index leaves somebody out by, always.
    """
    rules, known = edition.data_release, edition.instrument.profile_keys
    first = rules.keys or (*edition.index.exclude, *edition.index.segments, *edition.weighting.margins, *known)
    named = [key for key in dict.fromkeys(first) if key in known and key in responses and key not in rules.drop]
    if rules.keys:
        return named
    best = _most_together(named, set(edition.index.exclude), _crossed(unpublished))
    return [*best, *(key for key in named if key not in best)]


def _most_together(named: Sequence[str], needed: Collection[str], crossed: Collection[frozenset[str]]) -> list[str]:
    """The largest set of the questions with the `needed` ones in which no crossed group is withheld.

    Of sets as large the first in the order given; the order itself where there are too many questions to try all.
    """
    if len(named) <= MOST_TRIED:
        for count in range(len(named), 0, -1):
            for chosen in combinations(named, count):
                if set(needed) & set(named) <= set(chosen) and _is_free(chosen, crossed):
                    return list(chosen)
    return []


def _crossed(unpublished: Collection[Group]) -> set[frozenset[str]]:
    """Questions by which the tables withhold a group together."""
    return {frozenset(question for question, _ in group) for group in unpublished if len(group) > 1}


def _is_free(questions: Collection[str], crossed: Collection[frozenset[str]]) -> bool:
    """Whether the questions can go out together: not where the tables withhold a group by several of them.

    Rows with answers to all would show that group. With one answer withheld from its rows, third answers and the
    margins of the tables could still tell how many it has, or who.
    """
    return not any(own <= set(questions) for own in crossed)


def _codes(answers: pd.DataFrame, absent: Mapping[str, Mapping[str, Any]]) -> Any:
    """Answers as numbers from 0, with those who declined to answer for a known reason; −1 where none was given."""
    columns = []
    for key in answers:
        codes, known = pd.factorize(answers[key], sort=True)
        for number, rows in enumerate(absent.get(str(key), {}).values(), start=len(known)):
            codes[rows[codes[rows] < 0]] = number
        columns.append(codes)
    return np.column_stack(columns).astype(np.int64) if columns else np.empty((len(answers), 0), dtype=np.int64)


def _telling(answers: pd.DataFrame, unpublished: Collection[Group]) -> Any:
    """Which answers are those of a group that is not published: rows × questions."""
    hidden = np.zeros(answers.shape, dtype=bool)
    for place, key in enumerate(answers):
        codes = {code for group in unpublished if len(group) == 1 for question, code in group if question == key}
        hidden[:, place] = answers[key].isin({one for code in codes for one in code.split("|")}).to_numpy()
    return hidden
