"""Before anything runs: validate the edition, make simulated data, and stamp what each step reads.

One small file per section of the params and per data file is written under `<output>/params/`, and only when
its content changed. The Makefile hangs every notebook on the stamps of what it reads, so that a changed
parameter runs the steps that read it and nothing else. The whole edition is kept in `<output>/edition.json`: every
stage reads it there, and so computes with the very params that its stamps were made from.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import time
from operator import attrgetter
from pathlib import Path

from analysis.data.contracts import contract_for
from analysis.edition import Edition, load_edition
from analysis.edition.load import PARTS, REFERENCES, Sections, snapshot
from analysis.edition.params import Params
from analysis.edition.sections import Section
from analysis.edition.sections.data import EARLIER, SIMULATED, TAKEN, TableSource
from analysis.errors import SourceError
from analysis.files import hash_of, hash_of_all
from analysis.pipeline import warm_client
from analysis.pipeline.command import Call, run, say
from analysis.pipeline.lock import claim, exclusive
from analysis.pipeline.part_of_whole import taken_files
from analysis.project import ROOT, from_root, shown
from analysis.publish.book.formats import DEFAULT_FORMATS, formats_of

SECTIONS = (*Sections.model_fields, *PARTS, *REFERENCES)
"""Sections of the params that have a stamp: all of them, and the parts that results depend on alone."""


def main(call: Call) -> None:
    """Validate, simulate where asked and this is no rehearsal (`make -n`), and write the stamps that changed."""
    options, edition = call.options, load_edition(call.params)
    formats = formats_of(options.formats)
    claim(call.output)
    if edition.simulated and not edition.domain.taken and options.dry != "yes":
        with exclusive(raw_folder(edition).with_name(f".{edition.name}.lock")):
            ensure_simulated(edition)
    write_if_changed(call.snapshot, snapshot(edition))
    written = [
        write_if_changed(call.output / "params" / f"{name}.json", content)
        for name, content in stamps(edition, renderer=options.renderer, langs=options.langs, formats=formats).items()
    ]
    if any(written):
        warm_client.start()


def stamps(
    edition: Edition, *, renderer: str, langs: str, formats: tuple[str, ...] = DEFAULT_FORMATS
) -> dict[str, object]:
    """Content of every stamp: the sections, how it is published, and for each table its file, layout and contract."""
    content: dict[str, object] = {name: [_section(edition, name), _stated(edition, name)] for name in SECTIONS}
    asked = {"renderer": {"renderer": renderer, "langs": sorted(langs.split())}, "formats": list(formats)}
    return content | asked | {f"table_{table}": _table(edition, table) for table in TAKEN}


def _table(edition: Edition, table: str) -> object:
    """Everything that decides what the intake makes of a table; None where the edition has no such table."""
    paths, layout = table_paths(edition, table), _layout(edition, table)
    if not paths:
        return None
    return {
        "file": None if edition.simulated and not paths[0].exists() else fingerprint(*paths),
        "layout": layout.model_dump(mode="json") if layout else None,
        "contract": repr(contract_for(edition, table)),
        "margins": list(edition.weighting.margins) if table == "population" else [],
    }


def table_paths(edition: Edition, table: str) -> list[Path]:
    """The raw files of `table`: several of earlier waves, none where the edition has no such table.

    Of an edition that is a part of another these are the results of the whole that the part takes over.
    """
    if edition.domain.taken:
        return taken_files(edition.domain, table)
    if edition.simulated:
        return [raw_folder(edition) / f"{table}.csv"] if table in SIMULATED else []
    source = _layout(edition, table)
    if source is None:
        return []
    if table != EARLIER:
        return [from_root(source.own.path)]
    files = [one.path for one in source.earlier.values()] if source.waves else [source.path] * source.of_waves
    return [from_root(path) for path in dict.fromkeys(files)]


def _layout(edition: Edition, table: str) -> TableSource | None:
    """How a table is described; earlier waves stand with the responses."""
    name = "responses" if table == EARLIER else table
    return next((source for known, source in edition.data.tables.items() if known == name), None)


def raw_folder(edition: Edition) -> Path:
    """Where the raw files of a simulated edition are written."""
    return ROOT / "data" / "raw" / edition.name


def fingerprint(*paths: Path) -> str:
    """SHA-256 of a raw file, or of several together; raises SourceError when one is not there."""
    return hash_of_all([hash_of(path) for path in paths])


def check_unchanged(call: Call, table: str, found: str, *, where: str) -> str:
    """The hash of a raw file in its stamp; raises SourceError unless it is `found`, the hash of the file as it is."""
    stamp = json.loads((call.output / "params" / f"table_{table}.json").read_text(encoding="utf-8"))
    if stamp["file"] != found:
        raise SourceError(
            f"The file of the table {table!r} changed while the report was being made.",
            where=where,
            expected="the file as it was when this run began",
            got="other bytes",
            hint="run `make report` again when the file is complete: what depends on it is made anew",
        )
    return found


def ensure_simulated(edition: Edition) -> None:
    """Write the simulated survey to data/raw/ unless the files there come from the same parameters and code."""
    folder = raw_folder(edition)
    record = folder / "manifest.json"
    wanted = {"made_from": _simulation_key(edition), "tables": {}}
    if record.exists():
        found = json.loads(record.read_text(encoding="utf-8"))
        complete = all((folder / f"{table}.csv").exists() for table in SIMULATED)
        if complete and found.get("made_from") == wanted["made_from"]:
            return
    from analysis.data.simulation import simulate

    warm_client.start()
    say(f"simulating the survey of edition {edition.name} into {shown(folder)}")
    fresh = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    files = simulate(edition, fresh)
    wanted["tables"] = {name: fingerprint(path) for name, path in sorted(files.items())}
    (fresh / "manifest.json").write_text(json.dumps(wanted, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    fresh.replace(folder)


def _simulation_key(edition: Edition) -> str:
    """Hash of all that decides the simulated files: seed, days of fieldwork, sections and the code that draws them."""
    digest = hashlib.sha256(f"{edition.seed} {edition.publication.fieldwork!r}".encode())
    for name in ("simulation", "instrument", "standards"):
        digest.update(json.dumps(_section(edition, name), sort_keys=True).encode())
    sources = sorted((ROOT / "src" / "analysis" / "data").glob("simulation*/**/*"))
    sources += sorted((ROOT / "params" / "simulation").glob("*"))
    for source in sources:
        if source.is_file() and source.suffix != ".pyc":
            digest.update(source.read_bytes())
    return digest.hexdigest()


def _section(edition: Edition, name: str) -> object:
    value = attrgetter(name)(edition)
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.model_dump(mode="json") if isinstance(value, Params) else value


def _stated(edition: Edition, name: str) -> list[str]:
    """Keys of a section that the params file itself gives: the report tells them, and no defaults."""
    value = attrgetter(name)(edition)
    return sorted(value.model_fields_set) if isinstance(value, Section) else []


def write_if_changed(path: Path, content: object) -> bool:
    """Write `content` as JSON unless the file holds it already, and say whether; its time is what make looks at.

    A stamp dated in the future is written again: nothing would ever be newer than it.
    """
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if path.exists() and path.read_text(encoding="utf-8") == text and path.stat().st_mtime <= time.time():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
    return True


if __name__ == "__main__":
    run(main, description=__doc__ or "", options=("renderer", "langs", "formats", "dry"))
