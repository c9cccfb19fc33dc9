"""A table as HTML, for the published copy of a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.words.escape import as_html
from analysis.publish.words.voices import other_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.publish.tables.printed import Printed
    from analysis.publish.tables.spec import Column
    from analysis.publish.words.labels import Labels

FOLDED = 40
"""Rows from which on a table is folded up: a page is read, a thousand rows are looked up."""


def html_table(table: Printed, labels: Labels) -> str:
    """The table with its title above and its note below; a long one opens at a click, a wide one scrolls by itself."""
    columns, title = table.spec.columns, as_html(table.caption)

    def cell(tag: str, text: str, column: Column) -> str:
        side = "number" if column.kind.numeric else "text"
        lang = other_language(text, labels) if column.kind.voice and tag == "td" else ""
        spoken = f' lang="{lang}"' if lang else ""
        scope = ' scope="col"' if tag == "th" else ""
        return f'<{tag}{scope} class="{side}"{spoken}>{as_html(text)}</{tag}>'

    def line(tag: str, texts: Sequence[str]) -> str:
        return "".join(cell(tag, text, column) for text, column in zip(texts, columns, strict=True))

    head = f"<tr>{line('th', table.headings)}</tr>"
    body = "".join(f"<tr>{line('td', row)}</tr>" for row in table.rows)
    foot = f'<p class="note">{as_html(labels.text("notes.lead", note=table.note))}</p>' if table.note else ""
    rows = f"<table><caption>{title}</caption><thead>{head}</thead><tbody>{body}</tbody></table>"
    shown = f'<div class="wide" role="region" aria-label="{title}" tabindex="0">{rows}</div>{foot}\n'
    if len(table.rows) < FOLDED:
        return shown
    told = as_html(labels.text("notebooks.folded", title=table.caption, n=len(table.rows)))
    return f"<details><summary>{told}</summary>{shown}</details>\n"
