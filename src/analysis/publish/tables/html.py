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


def html_table(table: Printed, labels: Labels) -> str:
    """The table with its title above and its note below."""
    columns = table.spec.columns

    def cell(tag: str, text: str, column: Column) -> str:
        side = "right" if column.kind.numeric else "left"
        lang = other_language(text, labels) if column.kind.voice and tag == "td" else ""
        spoken = f' lang="{lang}"' if lang else ""
        return f'<{tag} style="text-align:{side}"{spoken}>{as_html(text)}</{tag}>'

    def line(tag: str, texts: Sequence[str]) -> str:
        return "".join(cell(tag, text, column) for text, column in zip(texts, columns, strict=True))

    head = f"<tr>{line('th', table.headings)}</tr>"
    body = "".join(f"<tr>{line('td', row)}</tr>" for row in table.rows)
    foot = f"<p><small>{as_html(labels.text('notes.lead', note=table.note))}</small></p>" if table.note else ""
    title = as_html(table.caption)
    return f"<table><caption><b>{title}</b></caption><thead>{head}</thead><tbody>{body}</tbody></table>{foot}"
