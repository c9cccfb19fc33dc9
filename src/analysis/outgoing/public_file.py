"""The public-use file: the answers without what could tell whose they are, and the account of what was done for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.edition.instrument import NOT_ASKED, UNANSWERED
from analysis.outgoing.anonymity import class_sizes, classes, diversity
from analysis.outgoing.background import LeftOut, background, with_joined
from analysis.outgoing.coarsening import Group, Joined
from analysis.outgoing.variables import Variable, coded, describe

if TYPE_CHECKING:
    from analysis.edition import Edition
    from analysis.edition.sections.data_release import DataRelease

FREQUENCIES = {"year": "Y", "quarter": "Q", "month": "M"}


@dataclass(frozen=True)
class Safety:
    """What was done so that nobody is found, and how far it goes.

    keys: background questions in the file that k holds for; others: those that it does not. smallest: interviews in the
    smallest class. withheld: answers withheld of each question; touched: interviews that lost one; unpublished: those
    of them that are in a group which the tables withhold; routed: answers withheld to questions that only some were
    asked. joined: classes of the answers of questions that are coarser.
    averaged: interviews whose weight is the mean of their class; own_weights: whether weights came with the
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
    joined: dict[str, Joined]


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
    known = background(responses, edition, unpublished)
    untold = known.untold(responses)
    edition, responses = with_joined(edition, known.joined), known.coarse(responses)
    frame, left_out = _frame(responses, design, edition, known.left_out)
    withheld = known.withheld.join(_routed(edition, frame, known.withheld))
    for key in withheld:
        frame[key] = frame[key].mask(withheld[key])
    averaged = _averaged_rows(edition, frame, untold)
    items = frame[[key for key in edition.instrument.item_keys if key in frame]].to_numpy(dtype=float, na_value=np.nan)
    _average(frame, known.shown, averaged, items)
    variables = describe(frame, edition.instrument)
    fewest, alike = diversity(classes(known.shown), items)
    safety = Safety(
        k=edition.data_release.k,
        keys=known.keys,
        others=known.others,
        smallest=int(class_sizes(known.shown).min()),
        classes=int(classes(known.shown).max()) + 1,
        withheld={str(key): int(rows.sum()) for key, rows in known.withheld.items() if rows.any()},
        touched=int(known.withheld.any(axis=1).sum()),
        unpublished=known.unpublished,
        routed=int(withheld.drop(columns=list(known.withheld)).to_numpy().sum()),
        averaged=int(averaged.sum()),
        own_weights="weight" in responses,
        fewest=fewest,
        alike=alike,
        left_out=left_out,
        joined=known.joined,
    )
    changes = _changes(responses, design, frame, variables)
    return _ordered(PublicFile(frame, coded(frame, variables, withheld), variables, safety, changes))


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


def _averaged_rows(edition: Edition, frame: pd.DataFrame, untold: pd.DataFrame) -> Any:
    """Interviews whose weight would tell what the file does not show: an answer that weights were made of.

    untold: rows × questions in the file whose answer is withheld, or joined with another.
    """
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
    return untold[[key for key in untold if key in used]].any(axis=1).to_numpy()


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
