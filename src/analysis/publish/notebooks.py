"""The copies of the notebooks that go out with the report: code and prose, and results as they passed disclosure.

An executed notebook shows whole frames, groups of six people among them, and stays with the institute.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from analysis.project import code_digest
from analysis.publish.notebook_source import RESULTS
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


def publish_notebooks(edition: Edition, store: Store, lang: str, *, printed: Mapping[str, Printed]) -> None:
    """Write one page for every part whose notebook has a page in the store; one that would be the same is left alone.

    printed: the tables in this language, by name.
    """
    labels = Labels(edition, lang)
    for part in all_parts():
        page, target = store.page(part.step), store.notebook_copy(part.step, lang)
        if not page.exists():
            continue
        source = page.read_text(encoding="utf-8")
        mark = _mark(source, part, store, labels, printed)
        if not target.exists() or mark not in target.read_text(encoding="utf-8")[-len(mark) - 10 :]:
            shown = source.replace(RESULTS, _results(part, store, labels, printed))
            store.save_notebook_copy(part.step, lang, f"{shown}<!--{mark}-->\n")


def _mark(source: str, part: Part, store: Store, labels: Labels, printed: Mapping[str, Printed]) -> str:
    """SHA-256 of all that the page is made of: code, a wording, the notebook, tables as printed, figures as drawn."""
    tables = [[name, one.caption, one.note, one.headings, one.rows] for name, one in _tables(part, printed).items()]
    texts = [code_digest(), labels.text("notes.lead", note=""), source, tables]
    found = hashlib.sha256(json.dumps(texts).encode())
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
