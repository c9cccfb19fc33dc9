"""Labels and editions that note what they were asked for: what is made of the same answers is the same."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from analysis.edition.sections import Section

if TYPE_CHECKING:
    from analysis.edition import Edition
    from analysis.publish.words.labels import Labels

REPEATABLE = (str, int, float, bool, type(None))
"""Types of arguments with which a question can be asked again after a round through JSON."""


class NotedEdition:
    """An edition that notes which of its sections' keys, or properties, were read, each with a digest."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self.read: dict[str, str] = {}

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._edition, name)
        if isinstance(found, Section):
            return _NotedSection(found, name, self)
        self.note(name)
        return found

    def note(self, place: str) -> None:
        """Note a section, a property, or a key of a section (`publication.year`)."""
        if place not in self.read:
            self.read[place] = digest_of(self._edition, place)


class _NotedSection:
    """A section of an edition that notes which of its keys were read; asked for anything else, the whole of it."""

    def __init__(self, section: Section, name: str, edition: NotedEdition) -> None:
        self._section, self._name, self._noting = section, name, edition

    def __getattr__(self, key: str) -> Any:
        own = key in type(self._section).model_fields
        self._noting.note(f"{self._name}.{key}" if own else self._name)
        return getattr(self._section, key)


class NotedLabels:
    """Labels that note every question with its answer; of the edition, digests of what was read."""

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
    """Whether what was read when it was noted is the same in `edition`."""
    return all(digest_of(edition, place) == found for place, found in read.items())


def digest_of(edition: Edition, place: str) -> str:
    """SHA-256 of a section, a property or a key of a section, and of what of it the params give."""
    name, _, key = place.partition(".")
    value = getattr(edition, name)
    stated = sorted(getattr(value, "model_fields_set", ()))
    if key:
        value, stated = getattr(value, key, None), [one for one in stated if one == key]
    return hashlib.sha256(f"{value!r} {stated}".encode()).hexdigest()
