"""Labels and editions that note what they were asked for: what is made of the same answers is the same."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.edition import Edition
    from analysis.publish.words.labels import Labels

REPEATABLE = (str, int, float, bool, type(None))
"""Types of arguments with which a question can be asked again after a round through JSON."""


class NotedEdition:
    """An edition that notes which of its sections, or properties, were read, each with a digest."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self.read: dict[str, str] = {}

    def __getattr__(self, name: str) -> Any:
        if name not in self.read:
            self.read[name] = digest_of_section(self._edition, name)
        return getattr(self._edition, name)


class NotedLabels:
    """Labels that note every question with its answer; sections of the edition as digests."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        self.asked: list[list[Any]] = []
        self.edition = NotedEdition(labels.edition)
        self.repeatable = True

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._labels, name)
        return self._noting(name, found) if callable(found) else found

    def _noting(self, name: str, method: Any) -> Any:
        def ask(*places: Any, **values: Any) -> Any:
            answer = method(*places, **values)
            self.repeatable &= all(isinstance(value, REPEATABLE) for value in (*places, *values.values()))
            self.asked.append([name, list(places), values, answer])
            return answer

        return ask


def same_answers(asked: list[list[Any]], labels: Labels) -> bool:
    """Whether `labels` answer every question as it was answered when it was noted."""
    return all(getattr(labels, name)(*places, **values) == answer for name, places, values, answer in asked)


def same_sections(read: dict[str, str], edition: Edition) -> bool:
    """Whether the sections that were read when they were noted are the same in `edition`."""
    return all(digest_of_section(edition, name) == found for name, found in read.items())


def digest_of_section(edition: Edition, name: str) -> str:
    """SHA-256 of a section or a property of an edition, and of which keys of it the params give."""
    value = getattr(edition, name)
    stated = sorted(getattr(value, "model_fields_set", ()))
    return hashlib.sha256(f"{value!r} {stated}".encode()).hexdigest()
