"""The page of a notebook as it was written: code and prose in both languages, and places for what an edition adds.

A cell of prose is in English, then, below a line that holds `IN_CHINESE` alone, in Chinese; whoever opens the notebook
reads both, a page shows one of them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

RESULTS = '<p id="published-results"></p>'
"""Where the results go."""
IN_CHINESE = "<!-- zh -->"
"""The line between the languages of a cell."""
_BOTH = re.compile(r"<!--both-->(?P<en>.*?)<!--zh-->(?P<zh>.*?)<!--end-->", re.DOTALL)
_TITLE = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)


def source_page(notebook: Path) -> str:
    """Prose and code of a notebook as HTML, in both languages, with `RESULTS` behind its last cell."""
    import nbformat

    content: Any = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    return "\n".join([*map(_cell, content.cells), RESULTS]) + "\n"


def in_language(source: str, lang: str) -> str:
    """A source page in one language."""
    return _BOTH.sub(lambda found: found[lang], source)


def page_title(source: str, lang: str) -> str:
    """The first heading of a page in one language, without markup; empty where it has none."""
    found = _TITLE.search(in_language(source, lang))
    return re.sub(r"<[^>]+>", "", found[1]).strip() if found else ""


def prose_of(markdown: str) -> dict[str, str]:
    """The text of a cell by language; without Chinese, English stands for both."""
    parts = re.split(rf"^{re.escape(IN_CHINESE)}[ \t]*$", markdown, maxsplit=1, flags=re.MULTILINE)
    return {"en": parts[0].strip(), "zh": parts[-1].strip()}


def _cell(cell: Any) -> str:
    if cell.cell_type == "code":
        return f'<div class="code" id="cell-{escape(cell.id)}" tabindex="0">{_filters()[1](cell.source)}</div>'
    if cell.cell_type != "markdown":
        return ""
    render = _filters()[0]
    prose = {lang: render(text) for lang, text in prose_of(cell.source).items()}
    return f'<div id="cell-{escape(cell.id)}"><!--both-->{prose["en"]}<!--zh-->{prose["zh"]}<!--end--></div>'


@lru_cache(maxsize=1)
def _filters() -> tuple[Any, Any]:
    """What nbconvert makes HTML with: of markdown, and of Python."""
    from nbconvert.filters.highlight import Highlight2HTML
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    markdown = MarkdownWithMath(renderer=IPythonRenderer(escape=False, exclude_anchor_links=True))
    return markdown, Highlight2HTML(pygments_lexer="ipython3")  # type: ignore[no-untyped-call]
