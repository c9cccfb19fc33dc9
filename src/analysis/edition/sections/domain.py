"""An edition that is a part of another: whose interviews it takes over, which of them, and what it may not tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import BeforeValidator

from analysis.edition.instrument import Instrument
from analysis.edition.params import Codes, Params, as_tuple
from analysis.edition.sections import Section, unknown
from analysis.errors import EditionError


class Domain(Section):
    """Interviews that an edition takes over, cleaned and weighted, from the output of another one.

    of: output folder of the whole, from the project's root; empty: the edition has interviews of its own. where:
    answers (by background question) of those that belong to it; empty: all. without: tables of the whole that it does
    not take over. The part is a domain of the whole's design: it keeps the weights, strata and sampling units of the
    whole and is not weighted again.
    """

    of: str = ""
    where: dict[str, Codes] = {}
    without: Codes = ()

    @property
    def taken(self) -> bool:
        """Whether the interviews are those of another edition."""
        return bool(self.of)

    def faults(self, instrument: Instrument) -> Iterator[EditionError]:
        """Questions and answers that the instrument does not have, and answers without a whole."""
        yield from unknown("domain.where", self.where, instrument.profile_keys, "profile question")
        for key in set(self.where) & set(instrument.profile_keys):
            codes = [category.code for category in instrument.question(key).categories]
            if codes:
                yield from unknown(f"domain.where.{key}", self.where[key], codes, f"category of {key}")
        if self.where and not self.of:
            yield EditionError(
                "A part needs a whole that it is part of.",
                where="domain.of",
                expected="the output folder of the edition of all interviews",
                hint="make cells by `make grid`, which fills it in; a filter of one's own stands at the table",
            )


class WithheldGroup(Params):
    """A group of people by their answers, and what of theirs is withheld (empty: all)."""

    group: dict[str, str]
    measure: str = ""


class Withheld(Section):
    """What an edition may not tell since it would follow, with what other editions tell, for too few people.

    groups: found over all cells of a grid together (`analysis.grid.disclosure`), never typed.
    """

    groups: Annotated[tuple[WithheldGroup, ...], BeforeValidator(as_tuple)] = ()
