"""Run one notebook of the method with papermill and keep it, with an HTML copy for reviewers."""

from __future__ import annotations

import re
import tempfile
import time
from pathlib import Path
from typing import Any

from analysis.errors import SurveyReportError
from analysis.pipeline.command import Call, progress, run
from analysis.project import ROOT, shown

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


class NotebookError(SurveyReportError):
    """A notebook stopped; its partial copy shows how far it came."""


def main(call: Call) -> None:
    """Execute notebooks/<step>.ipynb into <output>/notebooks/, atomically."""
    step = call.options.step
    target = call.output / "notebooks" / f"{step}.ipynb"
    started = time.monotonic()
    progress(step, f"{step} …")
    execute(ROOT / "notebooks" / f"{step}.ipynb", target, params=call.params, output=call.output)
    progress(step, f"{step}  {time.monotonic() - started:.1f} s")


def execute(notebook: Path, target: Path, *, params: Path, output: Path) -> None:
    """Run `notebook`; only a run without error ends at `target`, a failed one leaves `<name>.failed.ipynb`.

    The kernel is spoken to through sockets in a folder of its own: free TCP ports are looked for before the kernel
    takes them, and two kernels that start at once may find the same.
    """
    import papermill
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config

    failed = target.with_suffix(".failed.ipynb")
    partial = target.with_name(f".{target.name}")
    target.parent.mkdir(parents=True, exist_ok=True)
    parameters = {"params_file": shown(params), "output_dir": shown(output)}
    try:
        with tempfile.TemporaryDirectory(prefix="kernel-") as sockets:
            papermill.execute_notebook(
                notebook,
                partial,
                parameters=parameters,
                cwd=notebook.parent,
                kernel_name="python3",
                progress_bar=False,
                extra_arguments=["--IPKernelApp.log_level=50"],
                config=Config(KernelManager={"transport": "ipc", "connection_file": f"{sockets}/kernel.json"}),
            )
    except PapermillExecutionError as error:
        partial.replace(failed)
        raise NotebookError(
            f"{notebook.stem} stopped in cell {error.exec_count}.",
            where=f"{shown(notebook)}: {_first_line(error.source)}",
            got=_ANSI.sub("", f"{error.ename}: {error.evalue}"),
            hint=f"see {shown(failed)}; nothing that was published before has changed",
        ) from None
    failed.unlink(missing_ok=True)
    _write_html(partial, target.parent / "html" / f"{notebook.stem}.html")
    partial.replace(target)


def _write_html(executed: Path, target: Path) -> None:
    """Convert an executed notebook into one self-contained page: no script and no font from elsewhere."""
    import nbformat
    from nbconvert import HTMLExporter

    exporter: Any = HTMLExporter(  # type: ignore[no-untyped-call]
        require_js_url="",
        jquery_url="",
        mathjax_url="",
        mermaid_js_url="",
        jupyter_widgets_base_url="",
        embed_images=True,
    )
    notebook: Any = nbformat.read(executed, as_version=4)  # type: ignore[no-untyped-call]
    notebook.metadata["title"] = target.stem
    body, _ = exporter.from_notebook_node(notebook)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}")
    partial.write_text(_without_remote_scripts(body), encoding="utf-8")
    partial.replace(target)


def _without_remote_scripts(html: str) -> str:
    """Drop the scripts that nbconvert's template loads from outside (RequireJS, MathJax, Mermaid)."""
    html = re.sub(r"<script[^>]*\bsrc=\"(?:https?:)?//[^\"]*\"[^>]*>\s*</script>", "", html)
    html = re.sub(r"<script[^>]*\bsrc=\"\"[^>]*>\s*</script>", "", html)
    return re.sub(
        r"<script type=\"module\">(?:(?!</script>).)*mermaid(?:(?!</script>).)*</script>", "", html, flags=re.S
    )


def _first_line(source: str) -> str:
    lines = [line for line in source.splitlines() if line.strip()]
    return lines[0] if lines else ""


if __name__ == "__main__":
    run(main, description=__doc__ or "", options=("step",))
