"""The public-use file: the answers without what could tell whose they are, and the account of what was done for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.edition.instrument import NOT_ASKED, UNANSWERED
from analysis.outgoing.anonymity import WITHHELD, class_sizes, classes, diversity, keys_kept, withhold
from analysis.outgoing.variables import Variable, absences, coded, describe

if TYPE_CHECKING:
    from analysis.edition import Edition
    from analysis.edition.sections.data_release import DataRelease

Group = frozenset[tuple[str, str]]
"""People by their answers: questions with the code of an answer, or with several of which they gave one (a|b)."""
FREQUENCIES = {"year": "Y", "quarter": "Q", "month": "M"}
MOST_TRIED = 16
"""Background questions of which every set is tried."""


@dataclass(frozen=True)
class LeftOut:
    """A column of the responses that does not go out; why, as a key of the words, and the share it would have cost."""

    key: str
    reason: str
    share: float | None = None


@dataclass(frozen=True)
class Safety:
    """What was done so that nobody is found, and how far it goes.

    keys: background questions in the file that k holds for; others: those that it does not. smallest: interviews in the
    smallest class. withheld: answers withheld of each question; touched: interviews that lost one; unpublished: those
    of them that are in a group which the tables withhold; routed: answers withheld to questions that only some were
    asked. averaged: interviews whose weight is the mean of their class; own_weights: whether weights came with the
    data. fewest: different answers to one rating in a class at least; alike: largest share of interviews in a class
    that gave but one answer to it.
    """

    k: int
    keys: tuple[str, ...]
    others: tuple[str, ...]
    smallest: int
    classes: int
    withheld: dict[str, int]
    touched: int
    unpublished: int
    routed: int
    averaged: int
    own_weights: bool
    fewest: int
    alike: float
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True)
class PublicFile:
    """The file: typed answers (`frame`, codes of the instrument), the same as `numbers`, and their variables.

    changes: weighted share of each answer, or mean of each rating, before and after.
    """

    frame: pd.DataFrame
    numbers: pd.DataFrame
    variables: tuple[Variable, ...]
    safety: Safety
    changes: pd.DataFrame

    @property
    def weighted(self) -> bool:
        """Whether some interviews weigh more than others."""
        weights = self.frame["weight"].to_numpy()
        return bool((weights != weights[0]).any())


def public_use_file(
    responses: pd.DataFrame, design: pd.DataFrame, edition: Edition, *, unpublished: Collection[Group] = ()
) -> PublicFile:
    """Make the public-use file of the interviews that the results rest on.

    responses: as cleaning left them; design: the same rows with weight, perhaps stratum, psu and replicates.
    unpublished: groups that the published tables withhold, which the file must not give back: who is in one by a single
    answer loses it, and of two questions of which the tables withhold groups the one wanted less is left out. The rows
    come in an order that follows from what the file shows, so that it tells nothing of when or where they came in.
    Raises MethodError for fewer interviews than have to be alike.
    """
    order = _by_content(responses.drop(columns="respondent_id"))
    responses, design = responses.iloc[order].reset_index(drop=True), design.iloc[order].reset_index(drop=True)
    background = _background(responses, edition, unpublished)
    frame, left_out = _frame(responses, design, edition, background.left_out)
    withheld = background.withheld.join(_routed(edition, frame, background.withheld))
    for key in withheld:
        frame[key] = frame[key].mask(withheld[key])
    averaged = _averaged_rows(edition, frame, background.withheld)
    items = frame[[key for key in edition.instrument.item_keys if key in frame]].to_numpy(dtype=float, na_value=np.nan)
    _average(frame, background.shown, averaged, items)
    variables = describe(frame, edition.instrument)
    fewest, alike = diversity(classes(background.shown), items)
    safety = Safety(
        k=edition.data_release.k,
        keys=background.keys,
        others=background.others,
        smallest=int(class_sizes(background.shown).min()),
        classes=int(classes(background.shown).max()) + 1,
        withheld={str(key): int(rows.sum()) for key, rows in background.withheld.items() if rows.any()},
        touched=int(background.withheld.any(axis=1).sum()),
        unpublished=background.unpublished,
        routed=int(withheld.drop(columns=list(background.withheld)).to_numpy().sum()),
        averaged=int(averaged.sum()),
        own_weights="weight" in responses,
        fewest=fewest,
        alike=alike,
        left_out=left_out,
    )
    changes = _changes(responses, design, frame, variables)
    return _ordered(PublicFile(frame, coded(frame, variables, withheld), variables, safety, changes))


@dataclass(frozen=True)
class _Background:
    """Background questions in the file: those that k holds for, and others; shown: codes of the former, row by row.

    withheld: rows × questions whose answer is withheld; unpublished: interviews that lost one for the sake of the
    tables. left_out: questions that would tell too much.
    """

    keys: tuple[str, ...]
    others: tuple[str, ...]
    shown: Any
    withheld: pd.DataFrame
    unpublished: int
    left_out: dict[str, LeftOut]


def _background(responses: pd.DataFrame, edition: Edition, unpublished: Collection[Group]) -> _Background:
    """First what the tables do not show is withheld, then what else it takes until k are alike."""
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
    left_out = {wanted[p]: LeftOut(wanted[p], "too_telling", share) for p, share in refused.items()}
    asked = [key for key in edition.instrument.profile_keys if key in responses and key not in rules.drop]
    left_out |= {key: LeftOut(key, "unpublished") for key in asked if key not in {*keys, *others, *left_out}}
    telling = _telling(responses[[*keys, *others]], unpublished)
    visible = np.where(telling[:, : len(keys)], WITHHELD, codes[:, kept])
    hidden = withhold(visible, k=rules.k) | (visible == WITHHELD)
    withheld = pd.DataFrame(np.hstack([hidden, telling[:, len(keys) :]]), columns=[*keys, *others])
    shown = np.where(hidden, WITHHELD, visible)
    return _Background(tuple(keys), tuple(others), shown, withheld, int(telling.any(axis=1).sum()), left_out)


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


def _routed(edition: Edition, frame: pd.DataFrame, withheld: pd.DataFrame) -> pd.DataFrame:
    """Where answers to routed items go: whether somebody was asked tells the answer that led to it."""
    items = [item for construct in edition.instrument.constructs for item in construct.items if item.key in frame]
    led = {item.key: [key for key in item.asked_if if key in withheld] for item in items}
    return pd.DataFrame({key: withheld[keys].any(axis=1) for key, keys in led.items() if keys}, index=frame.index)


def _frame(
    responses: pd.DataFrame, design: pd.DataFrame, edition: Edition, telling: Mapping[str, LeftOut]
) -> tuple[pd.DataFrame, tuple[LeftOut, ...]]:
    """What goes out of every interview, and each column that does not, with the reason."""
    rules, instrument = edition.data_release, edition.instrument
    columns: dict[str, Any] = {"respondent_id": np.arange(1, len(responses) + 1), "weight": design["weight"].to_numpy()}
    left = {name: LeftOut(name, "identifier") for name in ("respondent_id", "customer_id") if name in responses}
    if "submitted_at" in responses:
        if rules.dates != "none":
            columns["submitted"] = _coarse(responses["submitted_at"], rules)
        left["submitted_at"] = LeftOut("submitted_at", "day" if rules.dates != "none" else "time")
    columns |= _design(design, rules)
    texts = {question.key for question in instrument.open}
    asked = [
        *instrument.profile_keys,
        *instrument.item_keys,
        *([instrument.attention.key] if instrument.attention else []),
    ]
    several = {question.column(option): question.key for question in instrument.multiple for option in question.options}
    routes = {item.key: item.asked_if for construct in instrument.constructs for item in construct.items}
    for key in (*asked, *several, *texts):
        if key not in responses:
            continue
        if key in telling:
            left[key] = telling[key]
        elif set(routes.get(key, ())) & set(telling):
            left[key] = LeftOut(key, "routed")
        elif several.get(key, key) in rules.drop:
            left[several.get(key, key)] = LeftOut(several.get(key, key), "dropped")
        elif key in texts and rules.open_text == "none":
            left[key] = LeftOut(key, "open_text")
        else:
            columns[key] = _masked(responses[key]) if key in texts else responses[key].to_numpy()
    left |= {asked.key: LeftOut(asked.key, "amount") for asked in instrument.numeric if asked.key in responses}
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(responses)))
    for name in (NOT_ASKED, UNANSWERED):
        if name in responses:
            frame[name] = responses[name].to_numpy()
    known = {*columns, *left, *several, "weight", NOT_ASKED, UNANSWERED}
    other = {str(name): LeftOut(str(name), "of_the_survey") for name in responses if str(name) not in known}
    return frame, tuple((left | other).values())


def _coarse(moments: pd.Series, rules: DataRelease) -> Any:
    """Year, quarter or month of a time, as 2025, 2025Q3, 2025-09."""
    return moments.dt.to_period(FREQUENCIES[rules.dates]).astype("str").where(moments.notna(), "").to_numpy()


def _masked(texts: pd.Series) -> Any:
    from analysis.text.masking import masked

    return texts.map(masked, na_action="ignore").to_numpy()


def _design(design: pd.DataFrame, rules: DataRelease) -> dict[str, Any]:
    """Strata and sampling units, numbered in an order of the file's own, and replicate weights, where they go out."""
    columns: dict[str, Any] = {}
    for name in ("stratum", "psu"):
        if rules.design and name in design:
            digests = pd.util.hash_pandas_object(design[name].astype("str"), index=False)
            columns[name] = pd.factorize(digests, sort=True)[0] + 1
    if rules.replicates:
        columns |= {str(name): design[name].to_numpy(dtype=float) for name in design if str(name)[1:].isdigit()}
    return columns


def _averaged_rows(edition: Edition, frame: pd.DataFrame, withheld: pd.DataFrame) -> Any:
    """Interviews whose weight would tell what the file does not show: an answer that weights were made of."""
    rules, rule = edition.data_release, edition.weighting
    if rules.weights != "auto":
        return np.full(len(frame), rules.weights == "averaged")
    used = {
        *rule.margins,
        *(rule.nonresponse.variables if rule.nonresponse else ()),
        *([rule.stratum] if rule.stratum else []),
    }
    if used - set(frame):
        return np.ones(len(frame), dtype=bool)
    return withheld[[key for key in withheld if key in used]].any(axis=1).to_numpy()


def _average(frame: pd.DataFrame, shown: Any, rows: Any, ratings: Any) -> None:
    """Give `rows` the mean weight of those of them that are alike in what the file shows: totals stay as they are.

    ratings: rows × items, NaN where there is none. Weighted means of the ratings stay as well: the mean weight w is
    leaned by the ratings x to w(1 + (x − x̄)λ), x̄ those of the group, so that it tells no more than the file shows.
    Deville and Särndal (1992), Calibration estimators in survey sampling, JASA 87. Where that would leave somebody
    without a weight, the mean weights stand.
    """
    if not rows.any():
        return
    group = pd.Series(classes(shown)[rows])
    given = np.isfinite(ratings[rows])
    answered = np.hstack([given, np.where(given, ratings[rows], 0.0)])
    apart = answered - pd.DataFrame(answered).groupby(group).transform("mean").to_numpy()
    for name in ["weight", *(str(name) for name in frame if str(name)[:1] == "r" and str(name)[1:].isdigit())]:
        before = frame.loc[rows, name].to_numpy(dtype=float)
        mean = pd.Series(before).groupby(group).transform("mean").to_numpy()
        lean = np.linalg.lstsq(apart.T @ (mean[:, None] * apart), apart.T @ (before - mean), rcond=1e-10)[0]
        leaned = mean * (1 + apart @ lean)
        frame.loc[rows, name] = leaned if (leaned > 0).all() else mean


def _ordered(made: PublicFile) -> PublicFile:
    """The rows in the order of a digest of what they show, numbered anew."""
    order = _by_content(made.numbers.drop(columns="respondent_id"))
    number = np.arange(1, len(order) + 1)
    frame, numbers = (part.iloc[order].reset_index(drop=True) for part in (made.frame, made.numbers))
    frame["respondent_id"] = numbers["respondent_id"] = number
    return PublicFile(frame, numbers, made.variables, made.safety, made.changes)


def _by_content(rows: pd.DataFrame) -> Any:
    """Places of the rows in the order of a digest of each: the same whatever their order was."""
    return np.argsort(pd.util.hash_pandas_object(rows, index=False).to_numpy(), kind="stable")


def _changes(
    responses: pd.DataFrame, design: pd.DataFrame, frame: pd.DataFrame, variables: tuple[Variable, ...]
) -> pd.DataFrame:
    """Weighted share of every answer, and mean of every rating, in the answers as they were and in the file."""
    rows = []
    before, after = design["weight"].to_numpy(dtype=float), frame["weight"].to_numpy(dtype=float)
    for variable in (variable for variable in variables if variable.kind in {"rating", "category", "choice"}):
        old, new = responses[variable.key].reset_index(drop=True), frame[variable.key]
        if variable.kind == "category":
            for value in variable.answers:
                told = [_mean((one == value.means).where(one.notna()), w) for one, w in ((old, before), (new, after))]
                rows.append((variable.key, value.means, *told))
        else:
            rows.append((variable.key, "", _mean(old, before), _mean(new, after)))
    return pd.DataFrame(rows, columns=["key", "answer", "before", "after"])


def _mean(values: pd.Series, weights: Any) -> float:
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    given = np.isfinite(numbers)
    total = weights[given].sum()
    return float(numbers[given] @ weights[given] / total) if total else np.nan
