"""Reader-facing words in both languages: the catalogue, and the names that the edition's own files give."""

from __future__ import annotations

import string
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from analysis.edition import Edition
from analysis.edition.params import Text
from analysis.errors import ResultsError, did_you_mean
from analysis.publish.words.reading import read_words

CATALOGUE = Path(__file__).with_name("catalogue.yml")


@lru_cache(maxsize=1)
def catalogue() -> dict[str, Text]:
    """Every wording by its dotted key."""
    return read_words(CATALOGUE)


@dataclass(frozen=True)
class Labels:
    """Words of one language for one edition."""

    edition: Edition
    lang: str

    def text(self, key: str, **values: object) -> str:
        """Wording of `key` with its {placeholders} filled; raises ResultsError for an unknown key or absent value."""
        words = catalogue()
        if key not in words:
            raise ResultsError(
                f"The catalogue has no wording {key!r}.",
                where=str(CATALOGUE),
                expected="zh and en",
                hint=did_you_mean(key, words),
            )
        template = words[key][self.lang]
        if not values and "{" not in template:
            return template
        try:
            return string.Formatter().vformat(template, (), values)
        except KeyError as error:
            raise ResultsError(
                f"The wording {key!r} needs a value that was not given.", where=str(CATALOGUE), got=str(error)
            ) from None

    def known(self, group: str, code: str) -> str:
        """Wording of `group.code`, or the code itself when the catalogue has none."""
        words = catalogue()
        key = f"{group}.{code}"
        return words[key][self.lang] if key in words else code

    def construct(self, key: str) -> str:
        """Name of a construct, or the key when the instrument does not know it."""
        return next((c.name[self.lang] for c in self.edition.instrument.constructs if c.key == key), key)

    def item(self, key: str) -> str:
        """Wording of an item, or the key when the instrument does not know it."""
        constructs = self.edition.instrument.constructs
        return next((item[self.lang] for c in constructs for item in c.items if item.key == key), key)

    def question(self, key: str) -> str:
        """Name of a profile question, or the key when the instrument does not know it."""
        return next((q.name[self.lang] for q in self.edition.instrument.profile if q.key == key), key)

    def category(self, question: str, code: str) -> str:
        """Label of an answer to a profile question, or the code when the instrument gives none."""
        found = next((q for q in self.edition.instrument.profile if q.key == question), None)
        return found.label(code, self.lang) if found else code

    def channel(self, code: str) -> str:
        """Name of a channel of contact: as the question on the mode of answering words it, else the code."""
        question = self.edition.fieldwork.mode
        return self.category(question, code) if question else code

    def scenario(self, key: str) -> str:
        """Name of a service scenario, or the key when the standards do not know it."""
        scenarios = self.edition.standards.scenarios if self.edition.standards else ()
        return next((s.name[self.lang] for s in scenarios if s.key == key), key)
