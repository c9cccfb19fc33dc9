"""Write manifest.json: what the edition was made of, with what, and how long each step took."""

from __future__ import annotations

import hashlib
import json
import platform
from importlib.metadata import distributions
from pathlib import Path

from analysis.edition import Edition
from analysis.edition.sections.data import TAKEN
from analysis.pipeline.command import Call, progress, run
from analysis.pipeline.prepare import check_unchanged, fingerprint, table_paths
from analysis.project import ROOT, shown, steps, tree_digest

CODE = ("src", "notebooks", "report", "Makefile", "pyproject.toml", "requirements.lock")


def main(call: Call) -> None:
    """Collect hashes, versions, renderers and times into <output>/manifest.json."""
    edition = call.edition()
    manifest = {
        "edition": edition.name,
        "simulated": edition.simulated,
        "seed": edition.seed,
        "params": {name: _stamp_hash(call.output, name) for name in _stamp_names(call.output)},
        "data": data_hashes(call, edition),
        "code": tree_digest(*(ROOT / name for name in CODE)),
        "python": platform.python_version(),
        "packages": dict(sorted((d.metadata["Name"], d.version) for d in distributions() if d.metadata["Name"])),
        "renderer": {path.stem: json.loads(path.read_text()) for path in _render_records(call.output)},
        "steps": {step: _duration(call.output, step) for step in steps()},
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    partial = call.output / ".manifest.json"
    partial.write_text(text, encoding="utf-8")
    partial.replace(call.output / "manifest.json")
    progress("manifest", f"manifest.json  →  {shown(call.output / 'report')}")


def _stamp_names(output: Path) -> list[str]:
    return sorted(path.stem for path in (output / "params").glob("*.json"))


def _stamp_hash(output: Path, name: str) -> str:
    return hashlib.sha256((output / "params" / f"{name}.json").read_bytes()).hexdigest()


def data_hashes(call: Call, edition: Edition) -> dict[str, dict[str, str]]:
    """Hashes of the raw files, which must be what they were when this run began."""
    files = {table: paths for table in TAKEN if (paths := table_paths(edition, table))}
    return {
        table: {
            "file": ", ".join(path.name for path in paths),
            "sha256": check_unchanged(call, table, fingerprint(*paths), where=", ".join(map(shown, paths))),
        }
        for table, paths in files.items()
    }


def _render_records(output: Path) -> list[Path]:
    return sorted((output / "book").glob("*.json"))


def _duration(output: Path, step: str) -> float:
    return float(json.loads((output / "made" / f"{step}.json").read_text(encoding="utf-8"))["seconds"])


if __name__ == "__main__":
    run(main, description=__doc__ or "")
