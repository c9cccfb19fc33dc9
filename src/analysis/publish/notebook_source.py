"""The page of a notebook as it was written: code and prose, and a place for the results that may go out."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from analysis.publish.book.policy import POLICY, policy_tag

if TYPE_CHECKING:
    from pathlib import Path

RESULTS = '<p id="published-results"></p>'
"""Where the results go."""


def source_page(notebook: Path) -> str:
    """The HTML page of a notebook without outputs, with `RESULTS` behind its last cell."""
    import nbformat

    content: Any = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    for cell in content.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    data = nbformat.v4.new_output("display_data", data={"text/html": RESULTS})  # type: ignore[no-untyped-call]
    content.cells[-1].outputs = [data]
    content.metadata["title"] = notebook.stem
    return _guarded(_exporter().from_notebook_node(content)[0]).replace(' id="cell-id=', ' id="cell-')


@lru_cache(maxsize=1)
def _exporter() -> Any:
    """nbconvert's page without any script or font from elsewhere."""
    from nbconvert import HTMLExporter

    nothing = dict.fromkeys(
        ("require_js_url", "jquery_url", "mathjax_url", "mermaid_js_url", "jupyter_widgets_base_url"), ""
    )
    return HTMLExporter(**nothing, embed_images=True)  # type: ignore[no-untyped-call]


def _guarded(html: str) -> str:
    """The page with the policy, and without the scripts of nbconvert, which it does not need."""
    html = re.sub(r"<script\b[^>]*>.*?</script>", "", html, flags=re.S)
    return re.sub(r"(<meta charset=[^>]*>)", lambda found: found[1] + policy_tag(POLICY), html, count=1)
