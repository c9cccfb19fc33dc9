"""The one gate: every table of every part, suppressed together, before anything is written or drawn from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from analysis.errors import ResultsError, did_you_mean
from analysis.publish.disclosure.rounding import rounded
from analysis.publish.disclosure.tables import suppress
from analysis.text.masking import masked

if TYPE_CHECKING:
    import pandas as pd

    from analysis.edition import Edition
    from analysis.edition.sections.disclosure import Disclosure
    from analysis.edition.sections.domain import WithheldGroup
    from analysis.publish.part import Part
    from analysis.publish.tables.spec import TableSpec


def release(
    tables: Mapping[str, pd.DataFrame],
    parts: Iterable[Part],
    *,
    rules: Disclosure,
    names: Mapping[str, str] | None = None,
    outside: Mapping[str, Iterable[str]] | None = None,
    withheld: bool = True,
    also: Iterable[WithheldGroup] = (),
) -> dict[str, pd.DataFrame]:
    """The tables as they may go out, in the order of the parts: suppressed all together, then rounded.

    `names`: what the steps call a question or a measure that has another name elsewhere (`names_of`). `outside`:
    answers (question: codes) of those whom all results but their own leave out (`index.exclude`). `withheld`:
    whether a table stays of which nothing is left but the names of its rows: a survey says that it was withheld, a book
    of records has nothing there. `also`: what other editions of a grid would give away (`Withheld`). Raises
    ResultsError for a table that no part knows, or that lacks columns of its spec.
    """
    specs = {spec.name: (part.step, spec) for part in parts for spec in part.tables}
    strange = [name for name in tables if name not in specs]
    if strange:
        raise ResultsError(
            f"No part of the report knows the table {strange[0]!r}.", hint=did_you_mean(strange[0], specs)
        )
    known = {name: spec for name, (_, spec) in specs.items() if name in tables}
    for name, spec in known.items():
        _complete(spec, tables[name], step=specs[name][0])
    groups = [frozenset({(question, code)}) for question, codes in (outside or {}).items() for code in codes]
    computed = {name: tables[name] for name in known}
    named = {(frozenset(one.group.items()), (names or {}).get(one.measure, one.measure)) for one in also}
    shown = suppress(computed, known, rules=rules, names=names, outside=groups, also=named)
    shown = {name: settle(frame) if (settle := known[name].settle) else frame for name, frame in shown.items()}
    told = {name: frame for name, frame in shown.items() if withheld or _tells(frame, known[name])}
    return {name: rounded(_without_contacts(frame), known[name], rules=rules.rounding) for name, frame in told.items()}


def names_of(edition: Edition) -> dict[str, str]:
    """The profile question behind a stratum and a channel, and the construct behind the satisfied share."""
    found = {"csat": f"high {edition.index.csat.construct_key}"}
    if edition.sampling.stratum:
        found["stratum"] = edition.sampling.stratum
    return found


def _without_contacts(frame: pd.DataFrame) -> pd.DataFrame:
    """The table without phone numbers, addresses and the like that somebody wrote where a category was asked for."""
    found = {}
    for name in frame.columns:
        numeric = frame[name].dtype.kind in "biufM"
        texts = [] if numeric else [value for value in frame[name].unique() if isinstance(value, str)]
        changed = {value: masked(value, said=False) for value in texts}
        if any(value != text for value, text in changed.items()):
            found[name] = frame[name].replace(changed)
    return frame.assign(**found) if found else frame


def _tells(frame: pd.DataFrame, spec: TableSpec) -> bool:
    """Whether anything is left of a table besides the names of its rows."""
    figures = [source for source in spec.sources if source not in spec.keys]
    return not figures or bool(frame[figures].notna().to_numpy().any())


def _complete(spec: TableSpec, frame: pd.DataFrame, *, step: str) -> None:
    absent = [source for source in spec.sources if source not in frame]
    if absent:
        raise ResultsError(
            f"The table {spec.name!r} lacks columns.",
            where=step,
            expected=", ".join(spec.sources),
            got=f"no {', '.join(absent)}",
        )
