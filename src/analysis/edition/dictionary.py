"""The dictionary: words by which tickets are classed, and comments are given to dimensions and themes."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated

from pydantic import Field

from analysis.edition.instrument import Keyed
from analysis.edition.params import KeysOnce, Names, Params, Text, validate
from analysis.edition.reading import read_yaml
from analysis.project import ROOT

DEFAULT_DICTIONARY = ROOT.joinpath("params", "dictionaries", "service.yml")
"""The dictionary of an edition that names none. Its stamp tells when it changed: it is a prerequisite of no code."""


class Words(Params):
    """Words by language: … stands for a few characters of the same clause, * for the rest of an English word."""

    zh: Names = ()
    en: Names = ()


class TriageClass(Words, Keyed):
    """A class of tickets: its name, the indicator of the standards whose limit it has, and how much one weighs."""

    name: Text
    indicator: str | None = None
    severity: Annotated[float, Field(ge=0, le=1)] = 0.5


class Theme(Words, Keyed):
    """What people write about, and the construct of the instrument that it belongs to."""

    name: Text
    construct_key: Annotated[str | None, Field(alias="construct")] = None


class Dictionary(Params):
    """Classes of tickets in the order of their priority, words of each construct, and themes."""

    classes: Annotated[tuple[TriageClass, ...], Field(strict=False), KeysOnce] = ()
    aspects: dict[str, Words] = {}
    themes: Annotated[tuple[Theme, ...], Field(strict=False, min_length=1), KeysOnce]

    def within(self, constructs: Collection[str]) -> Dictionary:
        """The same with the themes that belong to no construct of a survey left without one: it did not ask for it."""
        strange = [one for one in self.themes if one.construct_key not in {None, *constructs}]
        if not strange:
            return self
        own = [one.model_copy(update={"construct_key": None}) if one in strange else one for one in self.themes]
        return self.model_copy(update={"themes": tuple(own)})


def load_dictionary(path: Path) -> Dictionary:
    """Read a dictionary file; raises EditionError or Problems that name the file and the key."""
    return validate(Dictionary, read_yaml(path, key="dictionary", holds=("themes",)), path=path)
