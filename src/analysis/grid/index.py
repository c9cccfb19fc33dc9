"""What of a grid goes out: the books of all published cells and the index of them, in one folder, in one move."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.edition import load_edition
from analysis.grid.build import link_or_copy
from analysis.grid.league import League, league
from analysis.grid.page import Shown, page
from analysis.grid.plan import Plan, cell_title, folder_of
from analysis.project import ROOT
from analysis.publish.book.render import replace_folder
from analysis.publish.words.labels import Labels
from analysis.results import Store

if TYPE_CHECKING:
    from analysis.edition import Edition
    from analysis.grid.cells import Cell, Grid

ASSETS = ROOT / "report" / "assets" / "grid"
WORKBOOK = "tables.xlsx"


def write_index(
    grid: Grid, cells: Sequence[Cell], plans: Plan, refused: Mapping[str, tuple[str, str]], languages: Sequence[str]
) -> Path:
    """Write output/grids/<grid>/report/ with an index per language, and faults.json beside it for who runs the grid.

    refused: reason and what was found, by cell. The report on the whole has to stand. Returns the index's path.
    """
    edition, folder = load_edition(grid.base), folder_of(grid)
    whole = Store(folder / grid.base.stem)
    out = [one.cell.name for one in plans.made if one.cell.name not in refused and (folder / one.cell.name).is_dir()]
    found = league([(name, Store(folder / name)) for name in out], whole, index=edition.index)
    left = {cell.name: ("left", "") for cell in cells if cell.name not in out and cell.name not in refused}
    told = {**refused, **left}
    target, scratch = folder / "report", folder / ".report.partial"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    published: dict[str, list[str]] = {lang: [] for lang in languages}
    for name in (grid.base.stem, *out):
        for lang in languages:
            book = folder / name / "report" / lang
            if book.is_dir():
                shutil.copytree(book, scratch / "cells" / name / lang, copy_function=link_or_copy)
                published[lang].append(name)
    for lang in languages:
        shown = _shown(grid, cells, edition, scratch, lang, languages, told)
        text = page(_only(found, published[lang]), shown, Labels(edition, lang))
        (scratch / f"{lang}.html").write_text(text, encoding="utf-8")
    shutil.copyfile(scratch / f"{languages[0]}.html", scratch / "index.html")
    numeric = found.table.select_dtypes("number").columns
    table = found.table.assign(**{name: found.table[name] + 0.0 for name in numeric})  # no −0
    table.to_csv(scratch / "league.csv", index=False, lineterminator="\n", float_format="%.6g")
    for asset in sorted(ASSETS.iterdir()):
        shutil.copyfile(asset, scratch / asset.name)
    replace_folder(scratch, target)
    faults = {name: {"reason": reason, "found": text} for name, (reason, text) in told.items()}
    (folder / "faults.json").write_text(json.dumps(faults, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return target / "index.html"


def _only(found: League, names: Sequence[str]) -> League:
    return League(found.table[found.table["cell"].isin(list(names))], found.whole, found.tests)


def _shown(
    grid: Grid,
    cells: Sequence[Cell],
    edition: Edition,
    scratch: Path,
    lang: str,
    languages: Sequence[str],
    told: Mapping[str, tuple[str, str]],
) -> Shown:
    links = {cell.name: _links(scratch, cell.name, lang) for cell in cells}
    return Shown(
        title=f"{edition.publication.title[lang]}{'：' if lang == 'zh' else ': '}{grid.file.title[lang]}",
        names={cell.name: cell_title(cell, edition, lang) for cell in cells},
        links=links,
        refused={cell.name: told[cell.name][0] for cell in cells if cell.name in told},
        whole=_links(scratch, grid.base.stem, lang).get("report", ""),
        languages=languages,
    )


def _links(scratch: Path, name: str, lang: str) -> dict[str, str]:
    book = scratch / "cells" / name / lang
    pdf = next(iter(sorted(book.glob("*.pdf"))), None)
    files = {"report": book / "index.html", "pdf": pdf, "tables": book / WORKBOOK}
    return {key: path.relative_to(scratch).as_posix() for key, path in files.items() if path and path.is_file()}
