"""Sets documents with typst, each in a process of its own.

A long volume takes half a gigabyte of memory, which typst keeps for the next document; with its process it goes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analysis.errors import SurveyReportError


class TypesettingError(SurveyReportError):
    """A document that typst refuses; the message is typst's own."""


def typeset(
    source: str,
    *,
    root: Path,
    fonts: Path,
    form: str = "pdf",
    standards: Sequence[str] = (),
    timestamp: int | None = None,
    ppi: float | None = None,
) -> tuple[list[bytes], list[str]]:
    """The files that typst makes of `source` (one PDF, or a PNG for each page), and what it warns of.

    root: folder that paths in the source begin from. fonts: folder with the only fonts there are. form: pdf or png.
    standards: of the PDF, as typst calls them. timestamp: seconds since 1970 that the PDF says it was made at. ppi:
    pixels per inch of a PNG. Raises TypesettingError.
    """
    options = {"format": form, "pdf_standards": list(standards), "timestamp": timestamp, "ppi": ppi}
    with tempfile.TemporaryDirectory() as scratch:
        task = {"source": source, "root": str(root), "font_paths": [str(fonts)], "options": options, "target": scratch}
        command = [sys.executable, "-I", __file__]
        done = subprocess.run(command, input=json.dumps(task).encode(), capture_output=True, check=False)
        told: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {"error": _last_words(done)}
        if "error" in told:
            raise TypesettingError(told["error"])
        return [(Path(scratch) / name).read_bytes() for name in told["files"]], told["warnings"]


def _last_words(done: subprocess.CompletedProcess[bytes]) -> str:
    said = done.stderr.decode(errors="replace").strip()
    return said or f"its process ended with {done.returncode}, as one does that is killed for want of memory"


def _typeset_here(task: dict[str, Any]) -> dict[str, Any]:
    """What the process of a document does: the names of the files that it wrote, or typst's error."""
    import typst

    options = {name: value for name, value in task["options"].items() if value not in (None, [])}
    options |= {"root": task["root"], "font_paths": task["font_paths"], "ignore_system_fonts": True}
    try:
        made, warnings = typst.compile_with_warnings(task["source"].encode(), **options)
    except typst.TypstError as error:
        return {"error": str(error)}
    files = made if isinstance(made, list) else [made]
    names = [str(number) for number in range(len(files))]
    for name, content in zip(names, files, strict=True):
        (Path(task["target"]) / name).write_bytes(content)
    return {"files": names, "warnings": [str(warning) for warning in warnings]}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_typeset_here(json.load(sys.stdin))))
