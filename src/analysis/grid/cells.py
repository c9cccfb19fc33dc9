"""The cells of a grid: which editions are made of one base, how each is called and in what it differs."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from analysis.edition.params import Code, Codes, Params, Text, as_tuple, merge, validate
from analysis.edition.reading import read_yaml
from analysis.errors import EditionError, listing
from analysis.files import real_path

if TYPE_CHECKING:
    from analysis.edition import Edition

NAME = re.compile(r"[\w][\w.-]{0,79}")
"""What a cell may be called: its folder, and a part of the addresses of its pages."""
RESERVED = frozenset({"params", "work", "report"})
"""Names in the folder of a grid that are no cells."""


class Vary(Params):
    """One way in which the cells differ: by the answers to a background question, or by values of a key of the params.

    where: the question; only: its answers, in their order (empty: all that were given). key: any key of the params, by
    its path (trend.horizon); values: what it is in each cell, by a name for the cell.
    """

    where: str | None = None
    only: Codes = ()
    key: str | None = None
    values: dict[Code, Any] = {}

    @model_validator(mode="after")
    def _one_of_both(self) -> Vary:
        if (self.where is None) == (self.key is None):
            raise ValueError("cells differ either by `where`, a background question, or by `key`, a key of the params")
        if self.key is not None and not self.values:
            raise ValueError(f"`values` is empty: say what {self.key} is in each cell")
        return self


class Listed(Params):
    """One cell: its name, what it is called, whose interviews it takes, and what its params say otherwise."""

    name: str
    title: Text | None = None
    where: dict[str, Codes] = {}
    params: dict[str, Any] = {}


class GridFile(Params):
    """A grid: `base` edition, cells by `vary` (all combinations) and by `cells` (a list), at most `most` of them.

    languages: those that the cells are published in (empty: of the base). formats: what is made beside the pages.
    retries: how often a cell that failed is tried again. patience: minutes after which a cell counts
    as stuck. memory: GiB that a process of a cell may take (without it, on this machine its share among the workers).
    exchange: an address through which results travel to and from workers that share no disk with this machine.
    """

    base: str
    title: Text
    vary: Annotated[tuple[Vary, ...], BeforeValidator(as_tuple)] = ()
    cells: Annotated[tuple[Listed, ...], BeforeValidator(as_tuple)] = ()
    most: Annotated[int, Field(ge=1, le=100_000)] = 1000
    languages: Annotated[tuple[str, ...], BeforeValidator(as_tuple)] = ()
    formats: Annotated[tuple[str, ...], BeforeValidator(as_tuple)] = ("html", "pdf")
    retries: Annotated[int, Field(ge=0, le=10)] = 2
    patience: Annotated[int, Field(ge=1, le=1440)] = 60
    memory: Annotated[float, Field(gt=0.2)] | None = None
    exchange: str = ""

    @model_validator(mode="after")
    def _some(self) -> GridFile:
        if not self.vary and not self.cells:
            raise ValueError("a grid needs `vary` or `cells`")
        return self


@dataclass(frozen=True)
class Cell:
    """One edition of a grid.

    where: answers of those whom it is about, by background question; changes: what its params say otherwise; title: by
    language, "" where its answers name it.
    """

    name: str
    where: Mapping[str, tuple[str, ...]]
    changes: Mapping[str, Any]
    title: Mapping[str, str]


@dataclass(frozen=True)
class Grid:
    """A grid as its file says: `name`, the path of the base edition, and the file itself."""

    name: str
    path: Path
    base: Path
    file: GridFile


def load_grid(path: Path | str) -> Grid:
    """Read a grid file; raises EditionError, or Problems, for what is wrong in it and for names of no folder."""
    path = real_path(path)
    file = validate(GridFile, read_yaml(path), path=path)
    for listed in file.cells:
        check_name(listed.name, f"{path}: cells")
    return Grid(check_name(path.stem, str(path)), path, real_path(path.parent / file.base), file)


def check_name(name: str, where: str) -> str:
    """`name` itself; raises EditionError unless it can be the name of a folder and of a page."""
    if NAME.fullmatch(name) and ".." not in name and not name.endswith(".") and name not in RESERVED:
        return name
    raise EditionError(
        "A cell can't be called that.",
        where=where,
        expected="letters, digits, - and _, at most 80, and none of " + ", ".join(sorted(RESERVED)),
        got=repr(name),
        hint="the name is that of a folder: give the cell another `name`",
    )


def check_size(grid: Grid, answers: Mapping[str, Sequence[str]]) -> int:
    """Number of cells as far as it is known; raises EditionError when it is above `most`, before any is made."""
    sizes = [_size(one, answers) for one in grid.file.vary]
    count = (math.prod(sizes) if sizes else 0) + len(grid.file.cells)
    if count > grid.file.most:
        raise EditionError(
            "The grid has too many cells.",
            where=f"{grid.path}: vary",
            expected=f"at most {grid.file.most:,} (`most`)",
            got=f"{count:,}" + (f" = {' × '.join(map(str, sizes))}" if len(sizes) > 1 else ""),
            hint="vary by fewer questions, list the answers meant in `only`, or raise `most` if this is what you want",
        )
    return count


def _size(one: Vary, answers: Mapping[str, Sequence[str]]) -> int:
    return len(one.values) or len(one.only) or max(len(answers.get(str(one.where), ())), 1)


def stated_answers(edition: Edition) -> dict[str, list[str]]:
    """Codes of the answers that the instrument lists, by background question; questions without a list are left out."""
    listed = {one.key: [category.code for category in one.categories] for one in edition.instrument.profile}
    return {key: codes for key, codes in listed.items() if codes}


def check_against(grid: Grid, edition: Edition) -> None:
    """Raise EditionError for a question that the instrument lacks, and for an index that would differ by cell."""
    asked = [one.where for one in grid.file.vary if one.where] + [key for one in grid.file.cells for key in one.where]
    for key in asked:
        if key not in edition.instrument.profile_keys:
            raise EditionError(
                f"{key!r} is not a profile question of the instrument.",
                where=f"{grid.path}: where",
                expected=listing(edition.instrument.profile_keys),
                hint="cells take their interviews by answers to background questions",
            )
    if not edition.indexed:
        raise EditionError(
            "The cells of a grid are compared by their index, and the base has none.",
            where=f"{grid.path}: base",
            expected="an instrument that rates a dimension, and interviews",
            hint="publish its parts one by one, with filters at the table",
        )
    if asked and edition.index.estimated:
        raise EditionError(
            "Every cell would have an index of its own: its weights come from the sample.",
            where=f"{grid.base}: index.weights",
            expected="weights that hold for all cells",
            got=str(edition.index.weights),
            hint="give the weights of the dimensions in index.weights, those found for the whole, say",
        )


def cells_of(grid: Grid, answers: Mapping[str, Sequence[str]]) -> tuple[Cell, ...]:
    """Every cell in its order; `answers`: codes of each background question, as the instrument or the data have them.

    Raises EditionError for too many cells, for a name that is none, and for one that two cells have.
    """
    check_size(grid, answers)
    found = [*_combined(grid, answers), *map(_listed, grid.file.cells)]
    names: dict[str, Cell] = {}
    base = grid.base.stem
    for cell in found:
        check_name(cell.name, f"{grid.path}: cell of {_told(cell)}")
        twice = next((known for known in names if known.casefold() == cell.name.casefold()), None)
        if twice is not None or cell.name.casefold() == base.casefold():
            other = _told(names[twice]) if twice is not None else f"the base {base}"
            raise EditionError(
                "Two cells of the grid have one name.",
                where=f"{grid.path}: {cell.name}",
                expected="a folder for each",
                got=f"{other}, and {_told(cell)}",
                hint="list one of them in `cells` with a `name` of its own",
            )
        names[cell.name] = cell
    return tuple(found)


def _told(cell: Cell) -> str:
    said = [f"{key}: {', '.join(codes)}" for key, codes in cell.where.items()]
    return "; ".join(said) or str(dict(cell.changes)) or cell.name


def _combined(grid: Grid, answers: Mapping[str, Sequence[str]]) -> Iterator[Cell]:
    if not grid.file.vary:
        return
    for chosen in product(*(_choices(one, answers) for one in grid.file.vary)):
        where: dict[str, tuple[str, ...]] = {}
        changes: dict[str, Any] = {}
        for _, own, change in chosen:
            where |= own
            changes = merge(changes, change)
        yield Cell("-".join(name for name, _, _ in chosen), where, changes, {})


def _choices(
    one: Vary, answers: Mapping[str, Sequence[str]]
) -> list[tuple[str, dict[str, tuple[str, ...]], dict[str, Any]]]:
    if one.key is not None:
        return [(name, {}, _nested(one.key, value)) for name, value in one.values.items()]
    question = str(one.where)
    codes = one.only or answers.get(question, ())
    return [(_as_name(code), {question: (code,)}, {}) for code in codes]


def _as_name(code: str) -> str:
    """A code as the name of a cell; signs that no folder can have become hyphens, a path stays to be refused."""
    return code if "/" in code or ".." in code else re.sub(r"[^\w.-]+", "-", code).strip("-.") or code


def _nested(key: str, value: Any) -> dict[str, Any]:
    for part in reversed(key.split(".")):
        value = {part: value}
    return dict(value)


def _listed(one: Listed) -> Cell:
    title = {"zh": one.title.zh, "en": one.title.en} if one.title else {}
    return Cell(one.name, dict(one.where), dict(one.params), title)
