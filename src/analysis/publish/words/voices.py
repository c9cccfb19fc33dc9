"""What people wrote, as a page quotes it: in their own language, and marked with it where the page has another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.words.escape import as_markdown

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels


def other_language(text: str, labels: Labels) -> str:
    """zh or en where `text` is in a language that is not the page's; empty where it is, or can't be told."""
    import pandas as pd

    from analysis.text.reading import languages

    found = str(languages(pd.Series([text], dtype=object)).iloc[0])
    return "" if found == labels.lang else found


def voice(text: str, labels: Labels) -> str:
    """`text` for markdown, as a span with its language where that is not the page's, for a screen reader."""
    lang, written = other_language(text, labels), as_markdown(text)
    return f'[{written}]{{lang="{lang}"}}' if lang else written
