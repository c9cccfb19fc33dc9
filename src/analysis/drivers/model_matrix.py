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
class Terms:
    """What a regression is made of: names of scores, and of questions with their categories, the reference first."""

    scores: tuple[str, ...]
    categories: Mapping[str, tuple[str, ...]]
    interactions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ModelMatrix:
    """Columns of a regression (rows × k, the intercept first), and what each stands for.

    labels: term, category (None of a score), other_term, other_category (of an interaction, else None).
    """

    columns: Floats
    labels: pd.DataFrame

    def positions(self, term: str) -> NDArray[np.int64]:
        """Columns of the main effect of a term."""
        main = (self.labels["term"] == term) & self.labels["other_term"].isna()
        return np.asarray(np.flatnonzero(main.to_numpy()), dtype=np.int64)


def find_terms(
    frame: pd.DataFrame,
    *,
    scores: Sequence[str],
    questions: Sequence[str],
    reference: Mapping[str, str],
    interactions: Sequence[tuple[str, str]] = (),
) -> Terms:
    """Terms of the regression on these rows; an answer that nobody gave has no column.

    Categories come in the order of a categorical, else sorted; the reference is the one named, or the first. A question
    with one answer is left out, with its interactions. Raises MethodError for a reference that nobody gave.
    """
    categories = {}
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
            categories[question] = (first, *(name for name in found if name != first))
    known = {*scores, *categories}
    return Terms(tuple(scores), categories, tuple(pair for pair in interactions if set(pair) <= known))


def model_matrix(frame: pd.DataFrame, terms: Terms, *, fixed: Mapping[str, str] | None = None) -> ModelMatrix:
    """Columns of `terms` for the rows of `frame`, which have every answer; `fixed`: everybody gave this answer."""
    rows, given = len(frame), fixed or {}
    main: dict[str, list[tuple[str | None, Floats]]] = {
        name: [(None, frame[name].to_numpy(dtype=np.float64))] for name in terms.scores
    }
    for question, (_, *others) in terms.categories.items():
        answers = np.full(rows, given[question]) if question in given else frame[question].astype(str).to_numpy()
        main[question] = [(code, np.asarray(answers == code, dtype=np.float64)) for code in others]
    labels: list[tuple[Any, ...]] = [(INTERCEPT, None, None, None)]
    columns = [np.ones(rows)]
    for name, parts in main.items():
        labels += [(name, code, None, None) for code, _ in parts]
        columns += [column for _, column in parts]
    for one, other in terms.interactions:
        labels += [(one, code, other, second) for code, _ in main[one] for second, _ in main[other]]
        columns += [column * product for _, column in main[one] for _, product in main[other]]
    return ModelMatrix(np.column_stack(columns), pd.DataFrame(labels, columns=list(COLUMN_LABELS), dtype=object))
