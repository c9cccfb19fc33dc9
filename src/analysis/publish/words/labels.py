"""Reader-facing words in both languages: the words of all parts, and the names that the files of the edition give."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from analysis.edition import Edition
from analysis.edition.instrument import MultipleQuestion, ProfileQuestion
from analysis.edition.params import Text
from analysis.edition.scales import Scale
from analysis.edition.sections.publication import Noun
from analysis.errors import ResultsError, did_you_mean
from analysis.publish.words import formats
from analysis.publish.words.escape import plain
from analysis.publish.words.filling import filled
from analysis.publish.words.reading import read_words

PUBLISH = Path(__file__).resolve().parents[1]
FILES = ("words/*.yml", "parts/*/*.yml")
"""Where words lie: those of one part beside it, those that several parts use in this room."""


SENTENCES = ("findings.", "points.", "headlines.")
"""What the keys of whole sentences begin with."""


@lru_cache(maxsize=1)
def catalogue() -> dict[str, Text]:
    """Every wording by its dotted key; raises ResultsError for a key that two files give."""
    words: dict[str, Text] = {}
    for path in sorted(found for pattern in FILES for found in PUBLISH.glob(pattern)):
        own = read_words(path)
        twice = sorted(set(own) & set(words))
        if twice:
            raise ResultsError("A wording is given in two files.", where=str(path), got=", ".join(twice))
        words |= own
    return words


def _is_gap(value: object) -> bool:
    return isinstance(value, str) and value == formats.MISSING


@dataclass(frozen=True)
class Labels:
    """Words of one language for one edition."""

    edition: Edition
    lang: str

    def text(self, key: str, **values: object) -> str:
        """Wording of `key` with its {placeholders} filled; raises ResultsError for an unknown key or absent value.

        Beside `values`, those of `nouns` and `treatment` are filled. A sentence that lacks a number is not said: it is
        empty.
        """
        words = catalogue()
        if key not in words:
            raise ResultsError(
                f"There is no wording {key!r}.",
                where=str(PUBLISH),
                expected="zh and en",
                hint=did_you_mean(key, words),
            )
        template = words[key][self.lang]
        if "{" not in template:
            return template
        if key.startswith(SENTENCES) and any(
            _is_gap(one) and f"{{{name}}}" in template for name, one in values.items()
        ):
            return ""
        try:
            named = self.nouns | (self.treatment if "{treatment" in template else {})
            return filled(template, named | values, self.lang)
        except KeyError as error:
            raise ResultsError(
                f"The wording {key!r} needs a value that was not given.", where=str(PUBLISH), got=str(error)
            ) from None

    @cached_property
    def nouns(self) -> dict[str, object]:
        """What the edition calls those who are asked, those whom they rate and what of them, as wordings need it."""
        people, providers = self.edition.nouns
        matter = plain(self.edition.matter[self.lang])
        forms = _forms(people, "person", "people", self.lang) | _forms(providers, "provider", "providers", self.lang)
        return forms | {"matter": matter, "Matter": _capital(matter)}

    @cached_property
    def treatment(self) -> dict[str, str]:
        """What those have in common whose effect is estimated, by its name or by their answers, and what was asked."""
        effect = self.edition.drivers.effect
        asked = str(effect.treatment or "")
        answers = [f"“{self.category(asked, code)}”" for code in effect.treated]
        name = plain(effect.name[self.lang]) if effect.name else formats.either(answers, self.lang)
        return {"treatment": name, "treatment_question": formats.inside(self.question(asked), self.lang)}

    def known(self, group: str, code: str) -> str:
        """Wording of `group.code`, or the code itself when the catalogue has none."""
        words = catalogue()
        key = f"{group}.{code}"
        return self.text(key) if key in words else plain(code)

    def people(self, n: float) -> str:
        """A number of interviews or customers in a sentence: "fewer than 30" where disclosure would withhold it.

        In Chinese with the spaces that set off a number: the sentence has none around its placeholder.
        """
        rules = self.edition.disclosure
        if 0 < n < rules.min_base:
            return self.few()
        text = formats.count(round(n / rules.rounding.counts) * rules.rounding.counts)
        return f" {text} " if self.lang == "zh" else text

    def few(self) -> str:
        """A number that disclosure withholds."""
        return self.text("text.fewer_than", n=self.edition.disclosure.min_base)

    def share_of_people(self, n: float, total: float) -> str:
        """Which share of `total` they are, as far as `people` tells their number."""
        least = self.edition.disclosure.min_base
        return f"<{formats.percent(least / total)}" if 0 < n < least else formats.percent(n / total)

    def construct(self, key: str) -> str:
        """Name of a construct, or of what else a model relates; the key when the instrument does not know it.

        That is an item, a background question, one answer to it (`question.code`) or a product of such (`a:b`).
        """
        name = next((c.name[self.lang] for c in self.edition.instrument.constructs if c.key == key), None)
        if name is not None:
            return plain(name)
        return " × ".join(map(self._variable, key.split(":"))) if ":" in key else self._variable(key)

    def _variable(self, key: str) -> str:
        """Wording of an item, name of a question, or an answer in its question."""
        question, _, code = key.partition(".")
        if code and question != self.question(question):
            return f"{self.question(question)}{'：' if self.lang == 'zh' else ': '}{self.category(question, code)}"
        wording = self.item(key)
        return wording if wording != key else self.question(key)

    def item(self, key: str) -> str:
        """Wording of an item, or the key when the instrument does not know it."""
        constructs = self.edition.instrument.constructs
        return plain(next((item[self.lang] for c in constructs for item in c.items if item.key == key), key))

    def item_on_scale(self, key: str) -> str:
        """Wording of an item, with its scale behind it where the items have several."""
        instrument = self.edition.instrument
        if len(instrument.blocks) < 2 or key not in instrument.scales:
            return self.item(key)
        return self.text("text.scale", text=self.item(key), ends=self.ends(instrument.scales[key]))

    def ends(self, scale: Scale) -> str:
        """A scale as its lowest and highest answer."""
        return formats.interval(scale.min, scale.max, self.lang, decimals=0)

    @property
    def _chosen_from(self) -> tuple[ProfileQuestion | MultipleQuestion, ...]:
        """Questions that offer answers."""
        return (*self.edition.instrument.profile, *self.edition.instrument.multiple)

    def question(self, key: str) -> str:
        """Name of a question of one choice, of several or of a number, or the key where the instrument has none."""
        named = (*self._chosen_from, *self.edition.instrument.numeric)
        return plain(next((q.name[self.lang] for q in named if q.key == key), key))

    def category(self, question: str, code: str) -> str:
        """Label of an answer to a question of one choice or of several, or the code when the instrument gives none."""
        found = next((q for q in self._chosen_from if q.key == question), None)
        return plain(found.label(code, self.lang) if found else code)

    def group(self, question: str, code: str) -> str:
        """All who gave an answer to a profile question, inside a sentence: insurers rather than Insurer."""
        found = next((q for q in self.edition.instrument.profile if q.key == question), None)
        return plain(found.group(code, self.lang) if found else code if self.lang == "zh" else f"“{code}”")

    def channel(self, code: str) -> str:
        """Name of a channel of contact: as the question on the mode of answering words it, else the code."""
        question = self.edition.fieldwork.mode
        return self.category(question, code) if question else code

    def scenario(self, key: str) -> str:
        """Name of a service scenario, or the key when the standards do not know it."""
        scenarios = self.edition.standards.scenarios if self.edition.standards else ()
        return plain(next((s.name[self.lang] for s in scenarios if s.key == key), key))


def _forms(noun: Noun, one: str, many: str, lang: str) -> dict[str, object]:
    """A noun by the names that wordings have for it: a capital begins a sentence, `_s` makes an owner."""
    names = (one, many, one.title(), many.title(), f"{one}_s", f"{many}_s")
    if lang == "zh":
        return dict.fromkeys(names, plain(noun.zh))
    single, plural = plain(noun.en.one), plain(noun.en.many)
    owners = (f"{single}’s", f"{plural}’" if plural.endswith("s") else f"{plural}’s")
    return dict(zip(names, (single, plural, _capital(single), _capital(plural), *owners), strict=True))


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]
