"""The columns of a regression: scores as they are, categories against a reference, products of two of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

COLUMN_LABELS = ("term", "category", "other_term", "other_category")
INTERCEPT = "intercept"


@dataclass(frozen=True)
class ModelMatrix:
    """Columns of a regression (rows × k, the intercept first), and what they are made of.

    labels: term, category (None of a score), other_term, other_category (of an interaction, else None) of each column.
    parts: rows × columns of the main effect of each term. levels: categories of each question, the reference first.
    """

    columns: Floats
    labels: pd.DataFrame
    parts: Mapping[str, Floats]
    levels: Mapping[str, tuple[str, ...]]
    interactions: tuple[tuple[str, str], ...]

    @property
    def terms(self) -> tuple[str, ...]:
        """Scores and questions, without interactions."""
        return tuple(self.parts)

    def positions(self, term: str) -> NDArray[np.int64]:
        """Columns of the main effect of a term."""
        main = (self.labels["term"] == term) & self.labels["other_term"].isna()
        return np.asarray(np.flatnonzero(main.to_numpy()), dtype=np.int64)

    def had_all_said(self, question: str, category: str) -> tuple[NDArray[np.int64], Floats]:
        """Which columns would be others, had everybody given this answer to a question, and what they would be.

        The main effect of the question and its products: places of k columns, and rows × k.
        """
        own = np.array([level == category for level in self.levels[question][1:]], dtype=np.float64)
        given = np.broadcast_to(own, (len(self.columns), len(own)))
        places, values = [self.positions(question)], [given]
        for one, other in (pair for pair in self.interactions if question in pair):
            named = (self.labels["term"] == one) & (self.labels["other_term"] == other)
            places.append(np.flatnonzero(named.to_numpy()))
            values.append(_products(*(given if name == question else self.parts[name] for name in (one, other))))
        return np.concatenate(places), values[0] if len(values) == 1 else np.hstack(values)


def model_matrix(
    frame: pd.DataFrame,
    *,
    scores: Sequence[str],
    questions: Sequence[str],
    reference: Mapping[str, str],
    interactions: Sequence[tuple[str, str]] = (),
) -> ModelMatrix:
    """Columns of a regression on the rows of `frame`, which have every answer; one that nobody gave has no column.

    Categories come in the order of a categorical, else sorted; the reference is the one named, or the first. A question
    with one answer is left out, with its interactions. Raises MethodError for a reference that nobody gave.
    """
    parts = {name: frame[[name]].to_numpy(dtype=np.float64) for name in scores}
    levels = {}
    for question in questions:
        answers = pd.Series(pd.Categorical(frame[question])).cat.remove_unused_categories()
        found = [str(name) for name in answers.cat.categories]
        first = reference.get(question, found[0] if found else "")
        if found and first not in found:
            raise MethodError(
                "Nobody gave the answer that the others are compared with.",
                where=f"drivers.reference.{question}",
                expected=f"one of {', '.join(found)}",
                got=first,
            )
        if len(found) > 1:
            levels[question] = (first, *(name for name in found if name != first))
            place = np.array([levels[question].index(name) for name in found])
            parts[question] = np.eye(len(found))[place[answers.cat.codes.to_numpy()], 1:]
    pairs = tuple(pair for pair in interactions if set(pair) <= parts.keys())
    return ModelMatrix(_columns(parts, pairs), _labels(parts, levels, pairs), parts, levels, pairs)


def _columns(parts: Mapping[str, Floats], interactions: Sequence[tuple[str, str]]) -> Floats:
    rows = len(next(iter(parts.values()))) if parts else 0
    products = [_products(parts[one], parts[other]) for one, other in interactions]
    return np.hstack([np.ones((rows, 1)), *parts.values(), *products])


def _products(one: Floats, other: Floats) -> Floats:
    """Every column of `one` times every column of `other`."""
    return (one[:, :, None] * other[:, None, :]).reshape(len(one), -1)


def _labels(
    parts: Mapping[str, Floats], levels: Mapping[str, tuple[str, ...]], interactions: Sequence[tuple[str, str]]
) -> pd.DataFrame:
    named: dict[str, tuple[str | None, ...]] = {name: levels[name][1:] if name in levels else (None,) for name in parts}
    rows: list[tuple[Any, ...]] = [(INTERCEPT, None, None, None)]
    rows += [(name, code, None, None) for name, codes in named.items() for code in codes]
    rows += [(one, a, other, b) for one, other in interactions for a in named[one] for b in named[other]]
    return pd.DataFrame(rows, columns=list(COLUMN_LABELS), dtype=object)
