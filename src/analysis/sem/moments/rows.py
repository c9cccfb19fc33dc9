"""The rows of a survey that a model can use, and what makes them unusable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import MethodError
from analysis.sem.model.completion import PRODUCT
from analysis.sem.model.syntax import ModelSyntax
from analysis.sem.model.variables import DUMMY
from analysis.sem.moments.sample import Sample
from analysis.survey.design.survey_design import design_of

if TYPE_CHECKING:
    import pandas as pd

    from analysis.survey.design.survey_design import SurveyDesign

MIN_ROWS = 50
"""A model of fewer rows than this is said to rest on few of them."""
MIN_ANSWERS = 10
"""An item with fewer answers than this is never fitted."""


def usable_rows(
    responses: pd.DataFrame, syntax: ModelSyntax, *, missing: str, design: SurveyDesign | None = None
) -> tuple[Sample, NDArray[np.bool_]]:
    """The rows that the structural model uses, their weights scaled to mean 1, and which of `responses` they are.

    `missing`: every row with an answer (fiml, pairwise) or complete rows only (listwise); one that lacks a covariate
    can't be used in either case, as in lavaan. `design` (none: a simple random sample) has the same rows. Raises
    MethodError when the rows can't carry the model.
    """
    sample = drawn_sample(answers_of(responses, syntax), design)
    answered = ~np.isnan(sample.answers)
    used = np.asarray(answered.all(axis=1) if missing == "listwise" else answered.any(axis=1))
    used &= answered[:, syntax.placed_covariates].all(axis=1)
    rows, sample = sample.n, sample.used(used) if used.any() else sample.chosen(used)
    _check(sample, syntax, rows=rows)
    return sample, used


def drawn_sample(values: NDArray[Any], design: SurveyDesign | None) -> Sample:
    """The answers (n × p, NaN = none) with the weights and the first stage of the `design` of their rows.

    Further stages add their spread to that between the units of the first; so that none of it is lost, units drawn in
    several stages count as drawn with replacement. Raises MethodError for other rows and for weights of zero.
    """
    drawn = design_of(design, len(values))
    if (drawn.weights <= 0).any():
        raise MethodError(
            "The structural model needs a positive weight for every row.",
            expected=f"{len(values)} positive numbers",
            got=f"{int((drawn.weights <= 0).sum())} of 0 or less",
            hint="set bounds in weighting.calibration, or structural.weighted: false",
        )
    first = drawn.stages[0]
    stratum, seen = _first_seen(drawn.stratum)
    fractions = first.fractions[seen] if len(drawn.stages) == 1 else np.zeros(len(seen))
    return Sample(
        values,
        drawn.weights,
        stratum if drawn.stratified else None,
        None if first.unit is None else _first_seen(first.unit)[0],
        fractions,
        drawn.singleton,
    )


def _first_seen(codes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The codes numbered in the order in which they come, and what each was."""
    import pandas as pd

    numbered, seen = pd.factorize(codes)
    return numbered.astype(np.int64), np.asarray(seen, dtype=np.int64)


def answers_of(responses: pd.DataFrame, syntax: ModelSyntax) -> NDArray[Any]:
    """What is observed of the model, n × p, NaN where there is nothing; MethodError for what has no column.

    In single precision where that is exact, as it is for answers on a scale.
    `question.code` is 1 for those who gave this answer to the question and 0 for the others, `a:b` the product of two.
    """
    items = list(syntax.items)
    factors = dict.fromkeys(factor for item in items for factor in item.split(PRODUCT))
    absent = [name for name in factors if name not in responses.columns and _question(name) not in responses.columns]
    if absent:
        raise MethodError(
            "Items of the model are not in the responses.", expected=", ".join(items), got=f"no {', '.join(absent)}"
        )
    answers: NDArray[Any] = np.zeros((len(responses), len(items)), dtype=np.float32)
    for place, item in enumerate(items):
        column = np.prod([_column(responses, one) for one in item.split(PRODUCT)], axis=0)
        if answers.dtype == np.float32 and not np.array_equal(column.astype(np.float32), column, equal_nan=True):
            answers = answers.astype(np.float64)
        answers[:, place] = column
    endless = [item for item, found in zip(items, np.isinf(answers).any(axis=0), strict=True) if found]
    if endless:
        raise MethodError("Items of the model hold an infinite answer.", got=", ".join(endless))
    return answers


def _question(name: str) -> str:
    """The question that a dummy is of."""
    return name.partition(DUMMY)[0]


def _column(responses: pd.DataFrame, name: str) -> NDArray[Any]:
    """The numbers of one variable of the model."""
    if name not in responses.columns:
        question, _, code = name.partition(DUMMY)
        given = responses[question]
        return np.where(given.isna(), np.nan, (given.astype(str) == code).to_numpy(dtype=float))
    try:
        return np.asarray(responses[name].to_numpy(dtype=float, na_value=np.nan))
    except (TypeError, ValueError):
        first = next(value for value in responses[name].dropna() if not _is_number(value))
        raise MethodError(
            "A variable of the model holds no numbers.",
            where=name,
            got=str(first),
            hint="give the question its categories in the instrument, so that the model takes it as dummies",
        ) from None


def _is_number(value: object) -> bool:
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return True


def check_varied(values: NDArray[Any], items: tuple[str, ...]) -> None:
    """Raise MethodError for items that have the same answer in every row."""
    pairs = zip(items, values.T, strict=True)
    constant = [item for item, column in pairs if np.nanmin(column) == np.nanmax(column)]
    if constant:
        raise MethodError(
            "Items of the model have the same answer in every row.",
            got=", ".join(constant),
            hint="remove them from the model",
        )


def _check(sample: Sample, syntax: ModelSyntax, *, rows: int) -> None:
    """Raise MethodError when the answers can't carry the model."""
    values = sample.answers
    needed = max(MIN_ANSWERS, len(syntax.items) + 1)
    if len(values) < needed:
        raise MethodError(
            "There are too few complete answers to fit the structural model.",
            expected=f"at least {needed} rows, more than the model has items ({len(syntax.items)})",
            got=f"{len(values)} of {rows} rows",
            hint="use a simpler model, collect more answers, or set structural.missing to fiml",
        )
    counts = (~np.isnan(values)).sum(axis=0)
    thin = [item for item, count in zip(syntax.items, counts, strict=True) if count < MIN_ANSWERS]
    if thin:
        raise MethodError(
            "Items of the structural model have too few answers.",
            where=", ".join(thin),
            expected=f"at least {MIN_ANSWERS} answers to every item",
            hint="remove them from the model",
        )
    check_varied(values, syntax.items)
    _check_distinct(sample, syntax.items)


def _check_distinct(sample: Sample, items: tuple[str, ...]) -> None:
    """Raise MethodError for items of which one follows from the others, gaps taken at the mean."""
    mean = np.array([np.nanmean(column, dtype=np.float64) for column in sample.answers.T])
    products = np.zeros((len(items), len(items)))
    for block in sample.blocks():
        away = np.nan_to_num(block.answers - mean)
        products += away.T @ away
    deviations = np.sqrt(np.diag(products))
    smallest, direction = (part[..., 0] for part in np.linalg.eigh(products / np.outer(deviations, deviations)))
    if smallest < 1e-10:
        repeated = [item for item, weight in zip(items, direction, strict=True) if abs(weight) > 0.1]
        raise MethodError(
            "Some items of the structural model repeat each other exactly.",
            got=", ".join(repeated),
            hint="remove one of them from the model",
        )
