"""Which column of a file is which of ours: as the params map them, otherwise by our own name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from analysis.data.columns import Contract, Field, fold
from analysis.data.rawtable import RawTable, clean_name
from analysis.edition.sections.data import TableSource
from analysis.errors import ContractError, SourceError, did_you_mean, listing


def pick_columns(
    raw: RawTable,
    source: TableSource,
    contract: Contract,
    *,
    also: Sequence[str] = (),
    made: Collection[str] = (),
) -> dict[str, int]:
    """Position in the file of each of our columns, and of those of `also` that it has.

    Two of ours may be mapped to one of the file; those that are `made` of others are not looked for. Raises
    SourceError where the file has a name twice or nothing of the table, ContractError where it lacks a column or two
    rated items are one column.
    """
    picked = {name: _mapped_position(raw, contract, name, wanted) for name, wanted in source.columns.items()}
    _refuse_same_items(raw, contract, picked)
    claimed = set(picked.values())
    for wanted in (*contract.names, *also):
        if wanted in picked or wanted in made:
            continue
        found = [i for i, name in enumerate(raw.names) if name == wanted and i not in claimed]
        if len(found) > 1:
            raise _same_name(raw, contract, wanted, wanted, found)
        if found:
            picked[wanted] = found[0]
    if not picked and not made:
        raise _nothing_usable(raw, contract)
    lacking = [field for field in contract.fields if field.required and field.name not in {*picked, *made}]
    if lacking:
        raise _lacks_columns(raw, contract, lacking)
    return picked


def _mapped_position(raw: RawTable, contract: Contract, name: str, wanted: str | int) -> int:
    where = f"{raw.path}, data.tables.{contract.table}.columns.{name}"
    if isinstance(wanted, int):
        if 1 <= wanted <= len(raw.names):
            return wanted - 1
        raise ContractError(
            f"The file has no column number {wanted} for {name!r}.",
            where=where,
            expected=f"a position from 1 to {len(raw.names)}",
            got=str(wanted),
            hint="count the columns of the header from 1, or give the column's name",
        )
    found = raw.places_of(wanted)
    if len(found) == 1:
        return found[0]
    if found:
        raise _same_name(raw, contract, name, wanted, found)
    raise ContractError(
        f"The file has no column {wanted!r} for {name!r}.",
        where=where,
        expected="the name of a column in the file's header, or its position",
        got=shown_names(raw.names),
        hint=did_you_mean(clean_name(wanted), [column for column in raw.names if column]),
    )


def _refuse_same_items(raw: RawTable, contract: Contract, picked: Mapping[str, int]) -> None:
    """Two rated items that are one column agree in every answer, which no model of items can bear."""
    rated = {field.name for field in contract.fields if field.answer and field.kind == "number"}
    owner: dict[int, str] = {}
    for name, position in picked.items():
        if name in rated and owner.setdefault(position, name) != name:
            raise ContractError(
                f"The items {owner[position]!r} and {name!r} are mapped to the same column of the file.",
                where=f"{raw.path}, data.tables.{contract.table}.columns",
                expected="a column of its own for each rated item",
                got=f"column {position + 1}, {raw.names[position]!r}",
                hint="correct one of the two",
            )


def _same_name(raw: RawTable, contract: Contract, name: str, wanted: str, found: Iterable[int]) -> SourceError:
    positions = [i + 1 for i in found]
    asked = {position: raw.asks(position - 1) for position in positions}
    told = "; ".join(f"column {at}: {text!r}" for at, text in asked.items() if text)
    return SourceError(
        f"The file has {len(positions)} columns named {wanted!r}.",
        where=str(raw.path),
        expected="one column of that name",
        got=f"columns {', '.join(map(str, positions))}" + f" ({told})" * bool(told),
        hint=f"give the position instead: data.tables.{contract.table}.columns.{name}: {positions[0]}",
    )


def _nothing_usable(raw: RawTable, contract: Contract) -> SourceError:
    alone = len(raw.names) == 1
    return SourceError(
        f"The file has no usable column for the table {contract.table!r}.",
        where=str(raw.path),
        expected=listing(contract.names, most=8),
        got=shown_names(raw.names) + (" (one column only)" if alone else ""),
        hint="the header was not split: check `delimiter`, or a first line such as `sep=;` in the file"
        if alone
        else f"map the columns in data.tables.{contract.table}.columns, or check `header_row` and `header_rows`",
    )


def _lacks_columns(raw: RawTable, contract: Contract, lacking: list[Field]) -> ContractError:
    names = listing([field.name for field in lacking])
    hints = [hint for field in lacking[:3] if (hint := _likely_column(raw, field))]
    return ContractError(
        f"The table {contract.table!r} lacks {len(lacking)} column(s): {names}.",
        where=str(raw.path),
        expected="a column of that name, or one mapped to it",
        got=shown_names(raw.names),
        hint="; ".join([*hints, f"map each in data.tables.{contract.table}.columns"]),
    )


def _likely_column(raw: RawTable, field: Field) -> str:
    """A hint at the file's column that holds the question's wording, or whose name is close."""
    wordings = [fold(clean_name(wording)) for wording in field.wordings]
    for position, name in enumerate(raw.names, start=1):
        if name and any(wording in fold(name) for wording in wordings):
            return f"{field.name} may be column {position}, {name!r}"
    close = did_you_mean(field.name, [name for name in raw.names if name])
    return f"{field.name}: {close}" if close and close.startswith("did") else ""


def shown_names(names: Sequence[str]) -> str:
    """The first names of a header, and how many columns there are."""
    named = [name for name in names if name]
    shown = listing(named, most=12)
    return f"{shown.rpartition(' (')[0]} ({len(names)} columns)" if ", … (" in shown else shown
