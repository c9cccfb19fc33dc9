"""Questionnaires that are others with some items changed, and what is different between two of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from analysis.edition.params import merge
from analysis.errors import EditionError, did_you_mean

if TYPE_CHECKING:
    from analysis.edition.instrument import Instrument

LANGS = ("zh", "en")


def with_other_items(asked: dict[str, Any], items: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """A questionnaire as read with items changed or, where the change is null, left out."""
    named = {str(item["key"]) for construct in asked["constructs"] for item in construct["items"]}
    unknown = sorted(set(items) - named)
    if unknown:
        raise EditionError(
            f"There is no item {unknown[0]!r} to be changed.",
            where=f"{path}: items.{unknown[0]}",
            hint=did_you_mean(unknown[0], named),
        )
    constructs = []
    for construct in asked["constructs"]:
        kept = [item for item in construct["items"] if items.get(item["key"], item) is not None]
        kept = [merge(item, items.get(item["key"], {})) for item in kept]
        constructs += [{**construct, "items": kept}] if kept else []
    gone = {key for key, change in items.items() if change is None}
    stages = [
        {**stage, "items": [key for key in stage["items"] if key not in gone]} for stage in asked.get("journey", ())
    ]
    journey = {"journey": [stage for stage in stages if stage["items"]]} if stages else {}
    return {**asked, "constructs": constructs, **journey}


Change = Literal["new", "dropped", "reworded", "rescaled"]
"""What may have become of an item: asked for the first time, asked no more, in other words, on another scale."""
ITEM_COLUMNS = ("construct", "item", "change", "before_zh", "before_en", "after_zh", "after_en")


def changed_items(before: Instrument, now: Instrument) -> list[dict[str, str | None]]:
    """Items that two questionnaires don't ask alike, in the order of the later one: the columns of ITEM_COLUMNS.

    An item keeps its key; one that has moved to another construct counts as dropped there and new here. Wordings are
    compared but for their blanks.
    """
    then, since = _items(before), _items(now)
    rows = []
    for place in dict.fromkeys([*since, *then]):
        old, new = then.get(place), since.get(place)
        change = _change(old, new)
        if change is not None:
            named = {"construct": place[0], "item": place[1], "change": change}
            rows.append(named | _worded("before", old) | _worded("after", new))
    return rows


@dataclass(frozen=True)
class _Asked:
    """An item as it was asked: its words by language, the ends of its scale, and whether a low answer is good."""

    words: Mapping[str, str | None]
    ends: tuple[int, int]
    reverse: bool


def _items(instrument: Instrument) -> dict[tuple[str, str], _Asked]:
    return {
        (construct.key, item.key): _Asked(
            {lang: getattr(item, lang, None) for lang in LANGS}, instrument.scales[item.key].ends, item.reverse
        )
        for construct in instrument.constructs
        for item in construct.items
    }


def _worded(side: str, item: _Asked | None) -> dict[str, str | None]:
    return {f"{side}_{lang}": item.words[lang] if item else None for lang in LANGS}


def _change(old: _Asked | None, new: _Asked | None) -> Change | None:
    """What became of an item; None where it is asked as before."""
    if old is None or new is None:
        return "new" if old is None else "dropped"
    if old.ends != new.ends:
        return "rescaled"
    plain = ({lang: "".join((text or "").split()) for lang, text in one.words.items()} for one in (old, new))
    return None if next(plain) == next(plain) and old.reverse == new.reverse else "reworded"
