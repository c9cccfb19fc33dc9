"""Whose verdict the index is: the customers, and beside them the groups that stand outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.survey.estimation.differences import adjust_p_values, compare_estimates, estimate_jointly
from analysis.survey.estimation.estimates import means

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from analysis.edition.instrument import Instrument
    from analysis.edition.sections.index import Index
    from analysis.survey.design.survey_design import SurveyDesign

OUTSIDE_COLUMNS = (
    *("segment", "category", "csi", "se", "ci_low", "ci_high", "n", "n_eff"),
    *("difference", "difference_low", "difference_high", "p_adjusted"),
)


def check_rows(responses: pd.DataFrame, scores: pd.DataFrame) -> None:
    """Raise MethodError unless `scores` are of the respondents of `responses`, in the same order."""
    left, right = responses["respondent_id"], scores["respondent_id"]
    same = left.array.equals(right.array)  # as text they are compared where one came as numbers
    if not (same or np.array_equal(left.astype(str).to_numpy(), right.astype(str).to_numpy())):
        raise MethodError(
            "Scores and responses are not of the same respondents.",
            expected=f"{len(responses)} rows in the same order",
            got=f"{len(scores)} rows",
            hint="score the cleaned responses again",
        )


def is_customer(responses: pd.DataFrame, *, index: Index) -> pd.Series[bool]:
    """Whether each respondent counts as a customer: gave none of the answers that `index.exclude` names."""
    inside = pd.Series(True, index=responses.index)
    for question, codes in index.exclude.items():
        if question in responses:
            inside &= ~is_one_of(responses[question], codes)
    return inside


def is_one_of(answers: pd.Series[Any], codes: Collection[str]) -> NDArray[np.bool_]:
    """Which of the answers are one of the codes; each different answer is looked at once."""
    place, values = pd.factorize(answers)
    return np.array([*(value in codes for value in values), False], dtype=bool)[place]


def answers_of_customers(responses: pd.DataFrame, *, index: Index) -> pd.DataFrame:
    """Responses with everything missing in the rows of those who are no customers.

    The rows stay, so that customers are estimated as a domain of the whole design.
    """
    return _only(responses, is_customer(responses, index=index))


def customers_only(responses: pd.DataFrame, scores: pd.DataFrame, *, index: Index) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Responses and scores as `answers_of_customers` leaves them.

    Raises MethodError when responses and scores do not belong together.
    """
    return answers_of_customers(responses, index=index), scores_of_customers(responses, scores, index=index)


def scores_of_customers(responses: pd.DataFrame, scores: pd.DataFrame, *, index: Index) -> pd.DataFrame:
    """Scores as `customers_only` leaves them."""
    check_rows(responses, scores)
    return _only(scores, is_customer(responses, index=index))


def without_items(responses: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Responses without the rated items, where background questions are all that is asked of them."""
    return responses.drop(columns=instrument.item_keys, errors="ignore")


def _only(frame: pd.DataFrame, inside: pd.Series[bool]) -> pd.DataFrame:
    if inside.all():
        return frame
    masked = frame.drop(columns="respondent_id").where(inside, axis=0)
    return pd.concat([frame["respondent_id"], masked], axis=1)


def outside_groups(
    responses: pd.DataFrame, scores: pd.DataFrame, *, index: Index, design: SurveyDesign | None = None
) -> pd.DataFrame:
    """The index of every group that `index.exclude` names, and its difference from the customers.

    Columns: segment (the question), category, csi, se, ci_low, ci_high, n, n_eff; difference (group − customers),
    difference_low, difference_high, p_adjusted over all groups by `index.adjustment`. A group that nobody belongs to
    is left out. Raises MethodError when rows of responses, scores and design do not belong together.
    """
    check_rows(responses, scores)
    inside, rows = is_customer(responses, index=index), []
    for question, codes in index.exclude.items():
        for code in codes:
            member = is_one_of(responses[question], [code]) if question in responses else np.zeros(0, dtype=bool)
            if member.any():
                rows.append(_against_customers(scores, inside, member, index, design, question, code))
    table = pd.DataFrame(rows, columns=[*OUTSIDE_COLUMNS[:-1], "p"])
    table["p_adjusted"] = adjust_p_values(table["p"].to_numpy(dtype=float), method=index.adjustment)
    return table[list(OUTSIDE_COLUMNS)]


def _against_customers(
    scores: pd.DataFrame,
    inside: pd.Series[bool],
    member: NDArray[np.bool_],
    index: Index,
    design: SurveyDesign | None,
    question: str,
    code: str,
) -> dict[str, object]:
    side = np.where(member, 0, np.where(inside, 1, -1))
    kinds = pd.CategoricalDtype(["group", "customers"])
    domain = pd.Series(pd.Categorical.from_codes(np.asarray(side, dtype=np.int64), dtype=kinds), index=scores.index)
    level = means(scores[["csi"]], domain=domain, design=design, confidence=index.confidence).iloc[0]
    joint = estimate_jointly(scores[["csi"]], domain=domain, design=design)
    found = compare_estimates(joint, adjustment="none", confidence=index.confidence).iloc[0]
    return {
        "segment": question,
        "category": code,
        "csi": level["estimate"],
        **{name: level[name] for name in ("se", "ci_low", "ci_high", "n", "n_eff")},
        "difference": found["difference"],
        "difference_low": found["ci_low"],
        "difference_high": found["ci_high"],
        "p": found["p"],
    }
