"""A table as HTML, for the published copy of a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.words.escape import as_html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.publish.tables.printed import Printed
    from analysis.publish.words.labels import Labels


def html_table(table: Printed, labels: Labels) -> str:
    """The table with its title above and its note below."""
    sides = ["right" if column.kind.numeric else "left" for column in table.spec.columns]

    def line(tag: str, texts: Sequence[str]) -> str:
        styled = zip(sides, texts, strict=True)
        return "".join(f'<{tag} style="text-align:{side}">{as_html(text)}</{tag}>' for side, text in styled)

    head = f"<tr>{line('th', table.headings)}</tr>"
    body = "".join(f"<tr>{line('td', row)}</tr>" for row in table.rows)
    foot = f"<p><small>{as_html(labels.text('notes.lead', note=table.note))}</small></p>" if table.note else ""
    title = as_html(table.caption)
    return f"<table><caption><b>{title}</b></caption><thead>{head}</thead><tbody>{body}</tbody></table>{foot}"
