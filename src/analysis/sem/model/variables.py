"""What a model may call observed: items of the instrument, background questions, their dummies, and products."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.edition.instrument import Instrument
from analysis.sem.model.completion import PRODUCT

DUMMY = "."
"""Joins a question and the answer that its dummy stands for."""


@dataclass(frozen=True)
class Variables:
    """Keys of the instrument: items, constructs, and background questions with the codes of their categories."""

    items: frozenset[str]
    constructs: frozenset[str]
    questions: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, instrument: Instrument) -> Variables:
        """Those of an instrument."""
        questions = {q.key: tuple(str(category.code) for category in q.categories) for q in instrument.profile}
        constructs = frozenset(construct.key for construct in instrument.constructs)
        return cls(frozenset(instrument.item_keys), constructs, questions)

    def dummies(self, name: str) -> tuple[str, ...]:
        """What a predictor stands for: itself, or the categories of a question but for the first."""
        codes = self.questions.get(name, ())
        return tuple(f"{name}{DUMMY}{code}" for code in codes[1:]) or (name,)

    def is_observed(self, name: str) -> bool:
        """Whether this is an item, a background question without categories, a dummy, or a product of such."""
        return all(self._is_variable(factor) for factor in name.split(PRODUCT))

    def _is_variable(self, name: str) -> bool:
        question, _, code = name.partition(DUMMY)
        codes = self.questions.get(question)
        return name in self.items or (codes is not None and (code in codes if code else not codes))

    @property
    def known(self) -> tuple[str, ...]:
        """Names for a hint: items, then questions."""
        return (*sorted(self.items), *self.questions)
