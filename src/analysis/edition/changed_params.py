"""What the params of two editions say differently, as far as results depend on it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from analysis.edition.params import Params

if TYPE_CHECKING:
    from analysis.edition.load import Edition

PARAM_COLUMNS = ("section", "key", "before", "after")


def changed_params(before: Edition, now: Edition) -> list[dict[str, str | None]]:
    """Keys of `_methods` with other values in two editions: section, key, before and after as in a params file.

    None stands for a key that is not there.
    """
    rows: list[dict[str, str | None]] = []
    earlier, later = _methods(before), _methods(now)
    for section in later:
        then, since = (dict(_flat(_plain(sections[section]))) for sections in (earlier, later))
        for key in dict.fromkeys([*since, *then]):
            old, new = then.get(key), since.get(key)
            if old != new:
                rows.append({"section": section, "key": key, "before": old, "after": new})
    return rows


def _methods(edition: Edition) -> dict[str, Params]:
    """Sections that say how results are found; what only concerns the publication or its seed is no change of method.

    Each is read by its name: what a step depends on is told from that.
    """
    drivers = edition.drivers
    unnamed = drivers.effect.model_copy(update={"name": None})  # what the report calls a treatment is no method
    return {
        "fieldwork": edition.fieldwork,
        "cleaning": edition.cleaning,
        "weighting": edition.weighting,
        "index": edition.index,
        "measurement": edition.measurement,
        "structural": edition.structural,
        "drivers": drivers.model_copy(update={"effect": unnamed}),
        "disclosure": edition.disclosure,
    }


def _plain(section: Params) -> Mapping[str, Any]:
    return section.model_dump(mode="json", by_alias=True)


def _flat(content: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Keys with dots and values as text."""
    for key, value in content.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", json.dumps(value, ensure_ascii=False)
