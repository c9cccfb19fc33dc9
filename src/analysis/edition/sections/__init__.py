"""The sections of the params file, one module each, and what they have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analysis.edition.instrument import Instrument
from analysis.edition.params import Params
from analysis.edition.scales import MOST_ORDERED, Scale
from analysis.errors import EditionError, did_you_mean


class Section(Params):
    """One section of the params file."""

    def faults(self, instrument: Instrument) -> Iterator[EditionError]:  # noqa: ARG002 - sections without names
        """What does not fit the instrument, as one error each; `where` is the key inside the file."""
        yield from ()

    def states(self, *keys: str) -> bool:
        """Whether the params file itself gives these keys: what is only a default is no statement of the edition's."""
        return set(keys) <= self.model_fields_set


def not_ordered(where: str, key: str, scale: Scale) -> EditionError:
    """The error of an item whose answers can't be taken as ordered categories."""
    return EditionError(
        f"The answers to {key!r} are no ordered categories.",
        where=where,
        expected=f"whole numbers on a scale of at most {MOST_ORDERED} answers",
        got=f"{'decimals' if scale.continuous else 'whole numbers'} from {scale.min} to {scale.max}",
        hint="leave the item out, or take its answers as numbers",
    )


def unknown(where: str, names: Iterable[str], known: Iterable[str], kind: str) -> Iterator[EditionError]:
    """One error for each of `names` that is none of the `known`."""
    allowed = list(known)
    for name in names:
        if name not in allowed:
            yield EditionError(
                f"{name!r} is not a {kind} of the instrument.",
                where=f"{where}: {name}",
                expected=f"a {kind} of the instrument",
                hint=did_you_mean(name, allowed),
            )
