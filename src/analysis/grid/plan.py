"""What is to be made: the params of every cell, and which cells can't be published at all."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import yaml

from analysis.edition import Edition, load_edition
from analysis.edition.load import REFERENCES, stated_content
from analysis.edition.params import merge
from analysis.errors import SurveyReportError
from analysis.grid.cells import Cell, Grid
from analysis.grid.disclosure import Across, Interviews, Where, across, families, whom
from analysis.grid.records import (
    RECORDS,
    across_records,
    figures_of,
    left_tables,
    load_note,
    save_note,
    whole_without,
    written,
)
from analysis.project import ROOT, from_root
from analysis.publish.words.labels import Labels
from analysis.results import Store
from analysis.satisfaction.customers import customers_only
from analysis.satisfaction.index import high_answers

if TYPE_CHECKING:
    from analysis.publish.disclosure.cells import Fate

OF_DRAW = ("sampling", "fieldwork")
"""Sections on how the whole was drawn and reached: a part has no plan of its own."""
BY_QUESTION = {"index": ("segments",), "drivers": ("background", "interactions"), "tabulation": ("banner",)}
"""Lists of background questions in the params, by section."""
INVALID = "invalid"
"""Why a cell is refused whose params are at fault."""


@dataclass(frozen=True)
class Planned:
    """A cell that is to be made: where its params stand, and in which languages it is published."""

    cell: Cell
    params: Path
    languages: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Cells to be made; those refused, with the reason and what was found; params of the whole."""

    made: tuple[Planned, ...]
    refused: dict[str, tuple[str, str]]
    whole: Path


def folder_of(grid: Grid) -> Path:
    """Where a grid is published."""
    return from_root("output") / "grids" / grid.name


def work_of(grid: Grid, name: str) -> Path:
    """Where an edition is made, before it is put beside the others; make goes on there where it was stopped."""
    return folder_of(grid) / "work" / name


def whole_of(grid: Grid) -> Path:
    """Where the edition of all interviews is made."""
    return work_of(grid, grid.base.stem)


def answers_given(grid: Grid) -> dict[str, list[str]]:
    """Codes that were given to each background question in the whole, sorted, once its interviews are cleaned."""
    kept = Store(whole_of(grid)).frame("03_cleaning", "responses")
    edition = load_edition(grid.base)
    there = [key for key in edition.instrument.profile_keys if key in kept]
    listed = {one.key: [category.code for category in one.categories] for one in edition.instrument.profile}
    found = {key: sorted(kept[key].dropna().astype("object").astype("str").unique()) for key in there}
    order = {key: {code: place for place, code in enumerate(codes)} for key, codes in listed.items()}
    return {key: sorted(codes, key=lambda c: (order[key].get(c, len(codes)), c)) for key, codes in found.items()}


def write_whole(grid: Grid, across_cells: Across | None = None) -> Path:
    """Write the params of the whole; with what it withholds for the sake of the cells, once that is known."""
    path = folder_of(grid) / "params" / f"{grid.base.stem}.yml"
    content: dict[str, Any] = {"extends": os.path.relpath(grid.base, path.parent)}
    if across_cells is not None:
        content |= _withheld((*across_cells.whole, *load_note(folder_of(grid)).get(grid.base.stem, ())))
    return _write(path, content)


def plan(grid: Grid, cells: Sequence[Cell]) -> Plan:
    """Decide what can be published beside what, and write the params of every cell that can.

    The whole must have run up to its index. A cell whose params are at fault is refused with the fault.
    """
    edition = load_edition(grid.base)
    interviews, asked_of = _interviews(grid, edition), [whom(cell.where) for cell in cells]
    found = across(interviews, asked_of, rules=edition.disclosure)
    left = _left(grid, edition, _shown_families(interviews, asked_of, found))
    told = load_note(folder_of(grid))
    made, refused = [], {}
    for cell in cells:
        reason = found.refused.get(whom(cell.where))
        if reason is not None:
            refused[cell.name] = (reason, "")
            continue
        content = cell_params(grid, cell, edition, found)
        if cell.where:
            content = _for_records(content, left.get(whom(cell.where), ()), told.get(cell.name, ()))
        path = _write(folder_of(grid) / "params" / f"{cell.name}.yml", content)
        try:
            own = load_edition(path)
        except SurveyReportError as error:
            refused[cell.name] = (INVALID, str(error).replace(f"{ROOT}/", ""))
            continue
        asked = grid.file.languages or own.languages
        languages = tuple(lang for lang in own.languages if lang in asked)
        made.append(Planned(cell, path, languages))
    return Plan(tuple(made), refused, write_whole(grid, found))


def note_records(grid: Grid, plans: Plan) -> bool:
    """Note what cells and whole must withhold of records, as the cells came out; whether that differs from before."""
    edition, folder = load_edition(grid.base), folder_of(grid)
    named = {whom(one.cell.where): one.cell.name for one in plans.made if one.cell.where}
    stores = {where: Store(folder / name) for where, name in named.items() if (folder / name).is_dir()}
    whole = figures_of(Store(folder / grid.base.stem), edition)
    own = {where: figures_of(store, edition) for where, store in stores.items()}
    shown = _shown_families(_interviews(grid, edition), list(stores), Across({}, {}, ()))
    fates: dict[str, dict[Fate, None]] = defaultdict(dict)
    for family in shown:
        found = across_records({one: own[one] for one in family}, whole, rules=edition.disclosure)
        for where, groups in found.items():
            fates[named[where] if where else grid.base.stem] |= dict.fromkeys(groups)
        fates[grid.base.stem] |= dict.fromkeys(whole_without(whole, list(_left(grid, edition, [family]))))
    told = {name: written(groups) for name, groups in fates.items() if groups}
    if told == load_note(folder):
        return False
    save_note(folder, told)
    return True


def _shown_families(interviews: Interviews, parts: Sequence[Where], found: Across) -> list[list[Where]]:
    """Parts that are published, those together that have nobody in common."""
    return families(interviews, [part for part in dict.fromkeys(parts) if part and part not in found.refused])


def _left(grid: Grid, edition: Edition, shown: Sequence[Sequence[Where]]) -> dict[Where, list[str]]:
    """Tables of records that cells must not take."""
    store = Store(whole_of(grid))
    there = [name for name in RECORDS if store.record("intake", name)["available"]]
    tables = {name: store.frame("intake", name) for name in there}
    return {part: names for one in shown for part, names in left_tables(tables, one, rules=edition.disclosure).items()}


def _for_records(content: dict[str, Any], left: Sequence[str], told: Sequence[Any]) -> dict[str, Any]:
    """The params of a cell with what it must not take or tell of records."""
    known = content.get("withheld", {}).get("groups", [])
    groups = [*known, *(group.model_dump() for group in told)]
    content = content | ({"withheld": {"groups": groups}} if groups else {})
    return content | ({"domain": content["domain"] | {"without": list(left)}} if left else {})


def _interviews(grid: Grid, edition: Edition) -> Interviews:
    """Those kept in the whole, as disclosure counts them: with shares of customers, as the tables have them."""
    store = Store(whole_of(grid))
    kept, scores = store.frame("03_cleaning", "responses"), store.frame("05_satisfaction", "scores")
    rated, scored = customers_only(kept, scores, index=edition.index)
    shares = high_answers(rated, scored, instrument=edition.instrument, index=edition.index).add_prefix("high ")
    own = f"high {edition.index.csat.construct_key}"
    shares[own] = scored["satisfied"]
    there = [key for key in edition.instrument.profile_keys if key in kept]
    tabulated = bool(edition.tabulation.model_fields_set) or bool(edition.instrument.multiple)
    outcomes = [f"high {one.key}" for one in edition.instrument.constructs if one.role != "dimension"]
    by_answers = tuple(map(str, shares)) if tabulated else tuple(dict.fromkeys([own, *outcomes]))
    return Interviews(kept[there], scored["csi"].notna().to_numpy(), shares, by_answers)


def cell_params(grid: Grid, cell: Cell, edition: Edition, found: Across) -> dict[str, Any]:
    """Params of a cell as one file that extends nothing: those of the base, what it changes, and whose it is.

    The edition before the base is not that before a cell: it has interviews of all, under other params.
    """
    target = folder_of(grid) / "params"
    content = merge(stated_content(grid.base), {})
    for key in REFERENCES:
        if isinstance(content.get(key), str):
            content[key] = os.path.relpath(grid.base.parent / content[key], target)
    content["publication"] = {key: said for key, said in content["publication"].items() if key != "predecessor"}
    content = merge(_of_part(content, cell.where) if cell.where else content, cell.changes)
    if "publication" not in cell.changes or "title" not in cell.changes["publication"]:
        content["publication"] = merge(content["publication"], {"title": _title(cell, edition)})
    if not cell.where:
        return content
    whole = whole_of(grid).relative_to(ROOT).as_posix()
    content["domain"] = {"of": whole, "where": {key: list(codes) for key, codes in cell.where.items()}}
    return content | _withheld(found.withheld.get(whom(cell.where), ()))


def _withheld(groups: Sequence[Any]) -> dict[str, Any]:
    return {"withheld": {"groups": [group.model_dump() for group in groups]}} if groups else {}


def _title(cell: Cell, edition: Edition) -> dict[str, str]:
    return {
        lang: f"{edition.publication.title[lang]}{'：' if lang == 'zh' else ': '}{cell_title(cell, edition, lang)}"
        for lang in edition.languages
    }


def cell_title(cell: Cell, edition: Edition, lang: str) -> str:
    """What a cell is called: as its file says, or by its answers."""
    if cell.title.get(lang):
        return cell.title[lang]
    labels = Labels(edition, lang)
    stop = "、" if lang == "zh" else ", "
    named = [labels.category(key, code) for key, codes in cell.where.items() for code in codes]
    return stop.join(named) or cell.name


def _of_part(content: dict[str, Any], where: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The base's params without what makes no sense in a part: its draw, and questions that all answered alike."""
    alike = {key for key, codes in where.items() if len(codes) == 1}
    content = {key: value for key, value in content.items() if key not in OF_DRAW}
    for section, keys in BY_QUESTION.items():
        own = content.get(section)
        if isinstance(own, dict):
            content[section] = own | {key: _several(own[key], alike) for key in keys if isinstance(own.get(key), list)}
    for section in ("measurement", "structural"):
        own = content.get(section)
        if isinstance(own, dict) and own.get("group") in alike:
            content[section] = {key: value for key, value in own.items() if key not in {"group", "group_equal"}}
    if isinstance(content.get("drivers"), dict):
        content["drivers"] = _drivers_of_part(content["drivers"], alike)
    tabulation = content.get("tabulation")
    if isinstance(tabulation, dict):
        single = [one for one in tabulation.get("banner", []) if isinstance(one, str)]
        content["tabulation"] = tabulation | ({"banner": single} if "banner" in tabulation else {})
    return content


def _several(named: Sequence[Any], alike: set[str]) -> list[Any]:
    return [one for one in named if not alike & ({one} if isinstance(one, str) else set(one))]


def _drivers_of_part(drivers: dict[str, Any], alike: set[str]) -> dict[str, Any]:
    """Comparisons by a question that all of the part answered alike are left out, and it is held constant nowhere."""
    own = dict(drivers)
    for key, about in (("fair", "unit"), ("effect", "treatment")):
        section = own.get(key)
        if not isinstance(section, dict):
            continue
        if section.get(about) in alike:
            del own[key]
            continue
        section = {name: value for name, value in section.items() if not (name == "by" and value in alike)}
        own[key] = section | ({"adjust": _several(section["adjust"], alike)} if "adjust" in section else {})
    if isinstance(own.get("reference"), dict):
        own["reference"] = {key: value for key, value in own["reference"].items() if key not in alike}
    return own


def _write(path: Path, content: Mapping[str, Any]) -> Path:
    """Write params unless they stand there already, so that their time tells when they changed."""
    text = yaml.safe_dump(dict(content), allow_unicode=True, sort_keys=False)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    return path


def sizes(grid: Grid, plans: Plan) -> pd.Series[int]:
    """Interviews of each cell that is made, for the order in which they are begun: the largest first."""
    from analysis.pipeline.part_of_whole import belongs

    kept = Store(whole_of(grid)).frame("03_cleaning", "responses")
    return pd.Series({one.cell.name: int(belongs(kept, one.cell.where).sum()) for one in plans.made}, dtype="int64")
