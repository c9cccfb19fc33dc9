"""The copies of the notebooks that go out with the report: code and prose, and results as they passed disclosure.

An executed notebook shows whole frames, groups of six people among them, and stays with the institute.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from analysis.project import code_digest
from analysis.publish.book.policy import POLICY, policy_tag
from analysis.publish.parts import all_parts
from analysis.publish.preview import svg_image
from analysis.publish.tables.html import html_table
from analysis.publish.words.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from analysis.edition import Edition
    from analysis.publish.part import Part
    from analysis.publish.tables.printed import Printed
    from analysis.results import Store


def publish_notebooks(
    edition: Edition, store: Store, lang: str, *, printed: Mapping[str, Printed], source: Path
) -> None:
    """Write one page for every part that has a notebook in `source`; a page that would be the same is left alone.

    printed: the tables in this language, by name.
    """
    labels = Labels(edition, lang)
    for part in all_parts():
        path, target = source / f"{part.step}.ipynb", store.notebook_copy(part.step, lang)
        if not path.exists():
            continue
        mark = _mark(path, part, store, labels, printed)
        if not target.exists() or mark not in target.read_text(encoding="utf-8")[-len(mark) - 10 :]:
            results = _results(part, store, labels, printed)
            store.save_notebook_copy(part.step, lang, f"{_page(path, results)}<!--{mark}-->\n")


def _mark(path: Path, part: Part, store: Store, labels: Labels, printed: Mapping[str, Printed]) -> str:
    """SHA-256 of all that the page is made of: code and words, the notebook, tables as printed, figures as drawn."""
    tables = [[name, one.caption, one.note, one.headings, one.rows] for name, one in _tables(part, printed).items()]
    found = hashlib.sha256(json.dumps([code_digest(), labels.text("notes.lead", note=""), tables]).encode())
    found.update(path.read_bytes())
    for picture in _pictures(part, store, labels).values():
        found.update(picture.read_bytes())
    return found.hexdigest()


def _tables(part: Part, printed: Mapping[str, Printed]) -> dict[str, Printed]:
    return {spec.name: printed[spec.name] for spec in part.tables if spec.name in printed}


def _pictures(part: Part, store: Store, labels: Labels) -> dict[str, Path]:
    paths = {figure.name: store.figure(figure.name, labels.lang) for figure in part.figures}
    return {name: path for name, path in paths.items() if path.exists()}


def _results(part: Part, store: Store, labels: Labels, printed: Mapping[str, Printed]) -> str:
    """Tables and figures of a part as HTML."""
    shown = [html_table(table, labels) for table in _tables(part, printed).values()]
    drawn = _pictures(part, store, labels).items()
    return "".join([*shown, *(svg_image(name, path.read_text(encoding="utf-8")) for name, path in drawn)])


@lru_cache(maxsize=1)
def _exporter() -> Any:
    """nbconvert's page without any script or font from elsewhere."""
    from nbconvert import HTMLExporter

    nothing = dict.fromkeys(
        ("require_js_url", "jquery_url", "mathjax_url", "mermaid_js_url", "jupyter_widgets_base_url"), ""
    )
    return HTMLExporter(**nothing, embed_images=True)  # type: ignore[no-untyped-call]


def _page(path: Path, results: str) -> str:
    """The notebook as written, without outputs, and below it the published results."""
    import nbformat

    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    if results:
        data = nbformat.v4.new_output("display_data", data={"text/html": results})  # type: ignore[no-untyped-call]
        notebook.cells[-1].outputs = [data]
    notebook.metadata["title"] = path.stem
    return _guarded(_exporter().from_notebook_node(notebook)[0])


def _guarded(html: str) -> str:
    """The page with the policy, and without the scripts of nbconvert, which it does not need."""
    html = re.sub(r"<script\b[^>]*>.*?</script>", "", html, flags=re.S)
    return re.sub(r"(<meta charset=[^>]*>)", lambda found: found[1] + policy_tag(POLICY), html, count=1)
