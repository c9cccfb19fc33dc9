"""Run one notebook of the method with papermill and keep it, inside the institute: it shows every group.

A notebook that lacks a table or an earlier step which it needs is left out of the edition.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

from analysis.edition.load import SCORING
from analysis.errors import SurveyReportError
from analysis.pipeline.command import Call, progress, run
from analysis.pipeline.receipts import save_receipt
from analysis.project import ROOT, shown
from analysis.results import Store

TAKEN_OVER = ("03_cleaning", "04_weighting")
"""Steps that a part of another edition takes over from it."""
_DISPLAY = "import pandas; pandas.set_option('display.max_columns', 20, 'display.width', 80)"
"""Frames are shown alike, whether pandas was loaded in a terminal, in a kernel or in the warm process."""
_KERNEL = ["--IPKernelApp.log_level=50", "--HistoryManager.enabled=False", f"--IPKernelApp.exec_lines={_DISPLAY}"]
"""Arguments of a kernel: the researcher's own history is none of its business."""
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


class NotebookError(SurveyReportError):
    """A notebook stopped; its partial copy shows how far it came."""


def main(call: Call) -> None:
    """Execute notebooks/<step>.ipynb into <output>/notebooks/, or leave the step out."""
    step, store = call.options.step, Store(call.output)
    target = call.output / "notebooks" / f"{step}.ipynb"
    started = time.monotonic()
    edition = call.edition()
    reason = lacking(step, store, indexed=edition.indexed)
    if edition.domain.taken and step in TAKEN_OVER and not reason:
        import_module("analysis.pipeline.taken_over").take_over(edition, store, step)
        _save_remark(target, f"This step was taken over from the whole: {edition.domain.of}.")
    elif reason:
        store.leave_out(step, reason)
        _save_remark(target, f"This step was left out: {reason}.")
    else:
        progress(step, f"{step} …")
        store.take_up(step)
        execute(ROOT / "notebooks" / f"{step}.ipynb", target, params=call.snapshot, output=call.output)
    seconds = time.monotonic() - started
    record = call.output / "made" / f"{step}.json"
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps({"seconds": round(seconds, 2)}) + "\n", encoding="utf-8")
    save_receipt(call, step, [record, target, call.output / "results" / step])
    progress(step, f"{step}  left out: {reason}" if reason else f"{step}  {seconds:.1f} s")


def lacking(step: str, store: Store, *, indexed: bool = True) -> str:
    """Why a step can't run: the first raw table or earlier step that it needs and that is not there, or the index.

    Empty where it can. What it needs follows from its source (`analysis.pipeline.deps`).
    """
    needs = store.steps().get(step, {}).get("needs", ())
    places = [need.rpartition("/") for need in needs if need != SCORING]
    reasons = (store.lacks(name) if folder else store.left_out(name) for folder, _, name in places)
    return next(filter(None, reasons), "no index in this edition" if SCORING in needs and not indexed else "")


def _save_remark(target: Path, remark: str) -> None:
    """A notebook that says why the step did not run, in place of one that ran."""
    cell = {"cell_type": "markdown", "id": "left-out", "metadata": {}, "source": remark}
    content = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    target.parent.mkdir(parents=True, exist_ok=True)
    target.with_suffix(".failed.ipynb").unlink(missing_ok=True)
    partial = target.with_name(f".{target.name}")
    partial.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    partial.replace(target)


def execute(notebook: Path, target: Path, *, params: Path, output: Path) -> None:
    """Run `notebook`; only a run without error ends at `target`, a failed one leaves `<name>.failed.ipynb`.

    The kernel is spoken to through sockets in a folder of its own: free TCP ports are looked for before the kernel
    takes them, and two kernels that start at once may find the same. The kernel comes from the warm process of this
    run of make, where there is one.
    """
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config

    failed = target.with_suffix(".failed.ipynb")
    partial = target.with_name(f".{target.name}")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix="kernel-") as folder:
            _describe_kernel(Path(folder))
            papermill.execute_notebook(
                notebook,
                partial,
                parameters={"params_file": shown(params), "output_dir": shown(output)},
                cwd=notebook.parent,
                kernel_name="python3",
                progress_bar=False,
                request_save_on_cell_execute=False,
                extra_arguments=_KERNEL,
                config=Config(KernelManager={"transport": "ipc", "connection_file": f"{folder}/kernel.json"}),
            )
    except PapermillExecutionError as error:
        partial.replace(failed)
        raise NotebookError(
            f"{notebook.stem} stopped in cell {error.exec_count}.",
            where=f"{shown(notebook)}: {_first_line(error.source)}",
            got=_ANSI.sub("", f"{error.ename}: {error.evalue}"),
            hint=f"see {shown(failed)}; nothing that was published before has changed",
        ) from None
    except DeadKernelError:
        raise NotebookError(
            f"The process that ran {notebook.stem} was ended.",
            where=shown(notebook),
            got="no answer from it",
            hint="memory or room on the disk may be short; run the same command again",
        ) from None
    failed.unlink(missing_ok=True)
    _leave_out_chance(partial)
    partial.replace(target)


def _leave_out_chance(notebook: Path) -> None:
    """Drop what differs between two runs of the same notebook: clock times, and the random id of papermill's cell."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    content["metadata"].pop("papermill", None)
    for cell in content["cells"]:
        for key in ("papermill", "execution"):
            cell["metadata"].pop(key, None)
        if "injected-parameters" in cell["metadata"].get("tags", ()):
            cell["id"] = "injected-parameters"
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    notebook.write_text(text, encoding="utf-8")


def _describe_kernel(folder: Path) -> None:
    """Make `python3` the kernel that is started as warm_client.py starts everything."""
    client = [sys.executable, "-I", "-S", "-E", str(Path(__file__).with_name("warm_client.py"))]
    spec = {
        "argv": [*client, "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "metadata": {"debugger": True},
    }
    target = folder / "kernels" / "python3" / "kernel.json"
    target.parent.mkdir(parents=True)
    target.write_text(json.dumps(spec), encoding="utf-8")
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, (str(folder), os.environ.get("JUPYTER_PATH"))))


def _first_line(source: str) -> str:
    lines = [line for line in source.splitlines() if line.strip()]
    return lines[0] if lines else ""


if __name__ == "__main__":
    run(main, description=__doc__ or "", options=("step",))
